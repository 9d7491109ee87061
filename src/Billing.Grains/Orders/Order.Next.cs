using Billing.Accounts;

namespace Billing.Orders;

/// <summary>A call to a provider, about a payment or about one of its refunds. There is one of each at a time.</summary>
/// <param name="Ordinal">Of which payment.</param>
/// <param name="IsOfRefund">Whether it is about a refund of it.</param>
public readonly record struct Errand(int Ordinal, bool IsOfRefund);

/// <summary>One thing that an order owes.</summary>
public abstract record OrderStep
{
    /// <summary>The call to a provider that it is; null when no provider is called. A provider may be slow, and keeps nothing else waiting.</summary>
    public virtual Errand? Errand => null;
}

/// <summary>Take a piece of the plan's stock.</summary>
public sealed record TakeStock(string PlanSlug, string Reference) : OrderStep;

/// <summary>Give the piece back.</summary>
public sealed record ReturnStock(string PlanSlug, string Reference) : OrderStep;

/// <summary>Credit the account.</summary>
public sealed record CreditAccount(string Account, string Reference) : OrderStep;

/// <summary>Make the payment known to the provider.</summary>
public sealed record PreparePayment(Payment Payment) : OrderStep
{
    /// <inheritdoc/>
    public override Errand? Errand => new(Payment.Ordinal, IsOfRefund: false);
}

/// <summary>Ask the provider what became of the payment.</summary>
public sealed record AskProvider(Payment Payment) : OrderStep
{
    /// <inheritdoc/>
    public override Errand? Errand => new(Payment.Ordinal, IsOfRefund: false);
}

/// <summary>Ask the provider what became of the payment, and close it there when it is unpaid.</summary>
public sealed record EndPayment(Payment Payment) : OrderStep
{
    /// <inheritdoc/>
    public override Errand? Errand => new(Payment.Ordinal, IsOfRefund: false);
}

/// <summary>Have the account hold what the refund takes back.</summary>
public sealed record HoldForRefund(Refund Refund, WantedHold Wanted) : OrderStep;

/// <summary>Give the account back what the refund does not need.</summary>
public sealed record ReleaseHeld(Refund Refund, HeldGrants Back, HeldGrants? Kept) : OrderStep;

/// <summary>Have the provider give the money back.</summary>
public sealed record SendRefund(Refund Refund) : OrderStep
{
    /// <inheritdoc/>
    public override Errand? Errand => new(Refund.Ordinal, IsOfRefund: true);
}

/// <summary>Ask the provider what became of the refund.</summary>
public sealed record AskRefund(Refund Refund) : OrderStep
{
    /// <inheritdoc/>
    public override Errand? Errand => new(Refund.Ordinal, IsOfRefund: true);
}

/// <summary>Let the order expire.</summary>
public sealed record Expire : OrderStep;

public sealed partial record Order
{
    // Work in memory comes first; the sweep looks after this long, in case the process is gone.
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    /// <summary>What the order still owes. Asked after every write and at every deadline, so a crash delays it and no more.</summary>
    public static OrderStep? Next(Order order, DateTimeOffset now) => Next(order, now, []);

    /// <summary>What the order still owes beside the calls to its providers that are under way.</summary>
    public static OrderStep? Next(Order order, DateTimeOffset now, IReadOnlyCollection<Errand> underWay) => order switch
    {
        { Refusal: not null } => null,
        { Stock: StockStatus.Wanted } => new TakeStock(order.Plan!.Slug, $"taken:{order.Number}:{order.StockTakes}"),
        { Stock: StockStatus.Returning } => new ReturnStock(order.Plan!.Slug, $"returned:{order.Number}:{order.StockTakes}"),
        { AllRefunds: not null } when order.NextOfRefunds(now, underWay) is { } step => step,
        { Payment: PaymentStatus.Paid, Fulfilment: FulfilmentStatus.InProgress, IsBeingUndone: false } when now >= order.CreditAt =>
            new CreditAccount(order.Account, $"order:{order.Number}"),
        _ when order.NextOfPayments(now, underWay) is { } step => step,
        { Payment: PaymentStatus.Unpaid } when now >= order.ExpiresAt => new Expire(),
        _ => null,
    };

    /// <summary>When something is owed next, if ever.</summary>
    public static DateTimeOffset? NextDeadline(Order order) => NextDeadline(order, []);

    /// <summary>When something is owed next, if ever, beside the calls to its providers that are under way.</summary>
    public static DateTimeOffset? NextDeadline(Order order, IReadOnlyCollection<Errand> underWay) => order switch
    {
        { Refusal: not null } => null,
        { Stock: StockStatus.Wanted or StockStatus.Returning } => (order.PaidAt ?? order.CreatedAt) + Lease,
        _ => Earliest(
            order.Payment == PaymentStatus.Paid && order.Fulfilment == FulfilmentStatus.InProgress && !order.IsBeingUndone ? order.CreditAt + Lease : null,
            order.AllRefunds is null ? null : order.DeadlineOfRefunds(underWay),
            order.Payment == PaymentStatus.Unpaid ? order.ExpiresAt : null,
            order.DeadlineOfPayments(underWay)),
    };

    /// <summary>Whether the payment may not be left open at the provider: replaced, overtaken, or out of time.</summary>
    public bool MustEnd(Payment payment, DateTimeOffset now) => payment.Superseded || !IsPayable || now >= payment.ExpiresAt;

    /// <summary>Whether a refund is about to void what would be credited.</summary>
    bool IsBeingUndone => AllRefunds?.Any(refund => refund.Hold == HoldStatus.Wanted && Voids(refund)) == true;

    // All of what is not credited yet goes back: then it never is.
    bool Voids(Refund refund) => Fulfilment == FulfilmentStatus.InProgress && refund.Amount.MinorUnits >= Settling?.Amount.MinorUnits;

    // Part of what is not credited yet can be taken back once it is.
    bool CanHold(Refund refund) => refund.Hold == HoldStatus.Wanted && (Fulfilment != FulfilmentStatus.InProgress || Voids(refund));

    OrderStep? NextOfRefunds(DateTimeOffset now, IReadOnlyCollection<Errand> underWay)
    {
        // What one refund gives back another may have to hold.
        if (DueRefund(now, refund => refund.Hold == HoldStatus.Excess) is { } excess) return Release(excess);
        if (DueRefund(now, CanHold) is { } wanting) return new HoldForRefund(wanting, WantedFor(wanting));
        if (DueRefund(now, refund => refund.IsReady && !refund.IsWithProvider(underWay)) is not { } ready) return null;
        return ready.Sent ? new AskRefund(ready) : new SendRefund(ready);
    }

    DateTimeOffset? DeadlineOfRefunds(IReadOnlyCollection<Errand> underWay) => Earliest(
        AllRefunds?.Where(refund => refund.Hold == HoldStatus.Excess || CanHold(refund)).Min(refund => (DateTimeOffset?)refund.LookAt + Lease),
        AllRefunds?.Where(refund => refund.IsReady && !refund.IsWithProvider(underWay)).Min(refund => (DateTimeOffset?)refund.LookAt));

    Refund? DueRefund(DateTimeOffset now, Func<Refund, bool> which) => AllRefunds?.FirstOrDefault(refund => refund.LookAt <= now && which(refund));

    static ReleaseHeld Release(Refund refund)
    {
        var (kept, back) = refund.Held!.Split(refund.Keeps);
        return new(refund, back, refund.Keeps == 0 ? null : kept);
    }

    // First what must end, then what its provider does not know yet. Asked several times for each purchase: loops, for once.
    OrderStep? NextOfPayments(DateTimeOffset now, IReadOnlyCollection<Errand> underWay)
    {
        Payment? unprepared = null, open = null;
        foreach (var payment in Payments)
        {
            if (!payment.IsOpen || payment.LookAt > now || payment.IsWithProvider(underWay)) continue;
            if (MustEnd(payment, now)) return new EndPayment(payment);
            if (payment.Checkout is null) unprepared ??= payment;
            open ??= payment;
        }

        return unprepared is not null ? new PreparePayment(unprepared) : open is not null ? new AskProvider(open) : null;
    }

    DateTimeOffset? DeadlineOfPayments(IReadOnlyCollection<Errand> underWay)
    {
        DateTimeOffset? earliest = null;
        foreach (var payment in Payments)
        {
            if (payment.IsOpen && !payment.IsWithProvider(underWay)) earliest = Earliest(earliest, payment.LookAt);
        }

        return earliest;
    }

    static DateTimeOffset? Earliest(params ReadOnlySpan<DateTimeOffset?> moments)
    {
        DateTimeOffset? earliest = null;
        foreach (var moment in moments)
        {
            if (moment is not null && (earliest is null || moment < earliest)) earliest = moment;
        }

        return earliest;
    }
}
