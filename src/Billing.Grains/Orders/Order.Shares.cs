using Billing.Accounts;
using Billing.Catalog;

namespace Billing.Orders;

public sealed partial record Order
{
    /// <summary>The credits that go with so much of the price: rounded up to the micro-credit, and all that are left with the last of it.</summary>
    /// <param name="amount">Part of what settles the order.</param>
    /// <param name="except">A refund that is not counted as another.</param>
    public Credits CreditsFor(Money amount, Refund? except)
    {
        if (Settling is not { } settling) return Credits.Zero;
        var others = Of(settling).Where(other => other.Counts && other.Number != except?.Number).ToList();
        var left = new Credits(GrantedMicro - others.Sum(other => other.Held?.Split(other.Keeps).Kept.Credits.Micro ?? Share(other.Amount.MinorUnits)));
        var isLast = others.Sum(other => other.Amount.MinorUnits) + amount.MinorUnits >= settling.Amount.MinorUnits;
        var share = new Credits(Share(amount.MinorUnits));
        return left < Credits.Zero ? Credits.Zero : isLast || share > left ? left : share;

        long Share(long minor) => (long)decimal.Ceiling((decimal)GrantedMicro * minor / settling.Amount.MinorUnits);
    }

    /// <summary>The largest part of the price that so many credits stand for.</summary>
    public Money RefundableFor(Credits credits)
    {
        var most = Refundable;
        if (Settling is not { } settling || GrantedMicro == 0) return most;
        var part = (long)decimal.Floor((decimal)credits.Micro * settling.Amount.MinorUnits / GrantedMicro);
        return part < most.MinorUnits ? most with { MinorUnits = part } : most;
    }

    /// <summary>Whether nothing of what was granted is used up: time always is.</summary>
    public bool IsUnspent(Credits returnable) => returnable.Micro >= GrantedMicro && !Grants.OfType<SubscriptionGrant>().Any();

    /// <summary>What the account is to hold for a refund.</summary>
    WantedHold WantedFor(Refund refund)
    {
        var whole = Settling?.Amount.MinorUnits ?? refund.Amount.MinorUnits;
        var time = Grants.OfType<SubscriptionGrant>().GroupBy(one => one.Tier, StringComparer.Ordinal)
            .Select(tier => new SubscriptionTime(tier.Key, Part(tier.Sum(one => (long)one.Days))));
        return new(
            CreditsFor(refund.Amount, refund), [.. time], refund.EvenIfSpent, MayVoid: Voids(refund), refund.Amount.MinorUnits);

        // To the microsecond that the databases keep.
        TimeSpan Part(long days) => TimeSpan.FromMicroseconds((long)decimal.Floor((decimal)days * TimeSpan.MicrosecondsPerDay * refund.Amount.MinorUnits / whole));
    }

    long GrantedMicro => Grants.OfType<CreditGrant>().Sum(grant => grant.Credits.Micro);
}
