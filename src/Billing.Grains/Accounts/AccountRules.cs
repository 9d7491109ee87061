using System.Collections.Immutable;
using Billing.Catalog;

namespace Billing.Accounts;

/// <summary>What can be asked of an account.</summary>
public abstract record AccountCommand;

/// <summary>Apply grants under a reference, once.</summary>
/// <param name="Account">Whose account it is.</param>
/// <param name="Reference">What causes it.</param>
/// <param name="Kind">What kind of cause that is.</param>
/// <param name="Grants">What to apply.</param>
/// <param name="Note">An administrator's note.</param>
public sealed record ApplyGrants(string Account, string Reference, LedgerKind Kind, ImmutableArray<Grant> Grants, string? Note) : AccountCommand;

/// <summary>Use credits up, once for a reference.</summary>
/// <param name="Reference">The caller's own key.</param>
/// <param name="Kind">Spend or adjustment.</param>
/// <param name="Credits">How many, positive.</param>
/// <param name="Note">What for.</param>
public sealed record TakeCredits(string Reference, LedgerKind Kind, Credits Credits, string? Note) : AccountCommand;

/// <summary>Take back what is unspent of earlier grants, once for the reference. What is spent stays spent.</summary>
/// <param name="Account">Whose account it is.</param>
/// <param name="Reference">What causes it.</param>
/// <param name="Kind">What kind of cause that is.</param>
/// <param name="Source">The reference under which it was granted.</param>
/// <param name="Grants">What was granted.</param>
/// <param name="GrantedAt">When it was granted; null when the ledger does not have it.</param>
/// <param name="Note">An administrator's note.</param>
public sealed record TakeBackGrants(
    string Account, string Reference, LedgerKind Kind, string Source, ImmutableArray<Grant> Grants, DateTimeOffset? GrantedAt, string? Note) : AccountCommand;

/// <summary>Hold what a refund takes back, once for the reference, so that it cannot be spent meanwhile.</summary>
/// <param name="Account">Whose account it is.</param>
/// <param name="Reference">The refund.</param>
/// <param name="Source">The reference under which it was granted.</param>
/// <param name="Grants">What was granted.</param>
/// <param name="GrantedAt">When it was granted; null when the ledger does not have it.</param>
/// <param name="Wanted">What to hold.</param>
public sealed record HoldGrants(
    string Account, string Reference, string Source, ImmutableArray<Grant> Grants, DateTimeOffset? GrantedAt, WantedHold Wanted) : AccountCommand;

/// <summary>What a refund wants held.</summary>
/// <param name="Credits">How many credits.</param>
/// <param name="Time">How much sooner subscriptions end; what has run is used up.</param>
/// <param name="EvenIfSpent">Whether what is left will do; else all of the credits or none.</param>
/// <param name="MayVoid">Whether grants that were never applied are voided instead.</param>
/// <param name="For">For how much money, in minor units.</param>
[GenerateSerializer, Immutable, Alias("billing.account.wanted-hold")]
public sealed record WantedHold(Credits Credits, ImmutableArray<SubscriptionTime> Time, bool EvenIfSpent, bool MayVoid, long For);

/// <summary>Give back what was held, once for the reference.</summary>
/// <param name="Reference">The refund that lets it go.</param>
/// <param name="Source">The reference under which it was granted.</param>
/// <param name="Grants">What was granted, for what was voided.</param>
/// <param name="Held">What to give back.</param>
/// <param name="FirstNumber">The number of the first bucket that it makes: no name may come twice.</param>
public sealed record ReleaseHold(string Reference, string Source, ImmutableArray<Grant> Grants, HeldGrants Held, int FirstNumber) : AccountCommand;

/// <summary>Let lapse what is due.</summary>
public sealed record LapseCredits : AccountCommand;

/// <summary>Why an account refused; nothing changed.</summary>
[GenerateSerializer, Immutable, Alias("billing.account.error")]
public abstract record AccountError;

/// <summary>Less is left than was asked for.</summary>
/// <param name="Available">What can be spent.</param>
[GenerateSerializer, Immutable, Alias("billing.account.insufficient")]
public sealed record InsufficientCredits(Credits Available) : AccountError;

/// <summary>The amount is zero, negative, or more than an account may hold.</summary>
/// <param name="Maximum">The most that an account may hold.</param>
[GenerateSerializer, Immutable, Alias("billing.account.out-of-range")]
public sealed record CreditsOutOfRange(Credits Maximum) : AccountError;

/// <summary>The account holds as many buckets as it may.</summary>
/// <param name="Limit">How many.</param>
[GenerateSerializer, Immutable, Alias("billing.account.too-many-buckets")]
public sealed record TooManyBuckets(int Limit) : AccountError;

/// <summary>The key came before with other input.</summary>
/// <param name="Differs">The names of what differs.</param>
[GenerateSerializer, Immutable, Alias("billing.account.key-reused")]
public sealed record AccountKeyReused(ImmutableArray<string> Differs) : AccountError;

/// <summary>How an account answers. Pure.</summary>
public static class AccountRules
{
    /// <summary>What follows from the command. What has lapsed by then, lapses first.</summary>
    public static Decision<AccountEvent, AccountError> Decide(Account? account, AccountCommand command, DateTimeOffset now) => (account, command) switch
    {
        (_, ApplyGrants grant) when account?.Latest.Contains(grant.Reference) == true => [],
        (_, ApplyGrants grant) when grant.Grants.IsEmpty || grant.Grants.Any(one => !one.IsValid) => new CreditsOutOfRange(Credits.Max),
        (_, ApplyGrants grant) => Apply(account, grant, now),

        (_, TakeCredits take) when account?.Latest.Contains(take.Reference) == true => [],
        (_, TakeCredits take) when !take.Credits.IsGrantable => new CreditsOutOfRange(Credits.Max),
        (null, TakeCredits) => new InsufficientCredits(Credits.Zero),
        ({ } a, TakeCredits take) when a.Spendable(now) < take.Credits => new InsufficientCredits(a.Spendable(now)),
        ({ } a, TakeCredits take) => [.. Lapsed(a, now), new CreditsSpent(take.Reference, take.Kind, -take.Credits, a.Spendable(now) - take.Credits, take.Note)],

        (_, TakeBackGrants back) when account?.Latest.Contains(back.Reference) == true => [],
        (null, TakeBackGrants) or (_, TakeBackGrants { GrantedAt: null }) => new InsufficientCredits(Credits.Zero),
        ({ } a, TakeBackGrants back) => TakeBack(a, back, now),

        (_, HoldGrants hold) when account?.Latest.Contains(hold.Reference) == true => [],
        (_, HoldGrants { GrantedAt: null, Wanted.MayVoid: false }) => new InsufficientCredits(Credits.Zero),
        (_, HoldGrants { GrantedAt: null } hold) => [.. Void(account, hold, now)],
        (null, HoldGrants) => throw new InvalidOperationException("An account that was credited has a document."),
        ({ } a, HoldGrants hold) => Hold(a, hold, now),

        (_, ReleaseHold release) when account?.Latest.Contains(release.Reference) == true => [],
        (null, ReleaseHold) => throw new InvalidOperationException("An account that something was taken from has a document."),
        ({ } a, ReleaseHold release) => Release(a, release, now),

        (null, LapseCredits) => [],
        ({ } a, LapseCredits) => [.. Lapsed(a, now)],

        _ => throw new InvalidOperationException($"No rule for {command.GetType().Name}."),
    };

    static Decision<AccountEvent, AccountError> Apply(Account? account, ApplyGrants grant, DateTimeOffset now)
    {
        var credits = grant.Grants.OfType<CreditGrant>().ToImmutableArray();
        // Three grants of the maximum fit a long, and more than that are refused before they are added up.
        var granted = credits.Aggregate(0m, (sum, one) => sum + one.Credits.Micro);
        var before = account?.Spendable(now) ?? Credits.Zero;
        if (before.Micro + granted > Credits.Max.Micro) return new CreditsOutOfRange(Credits.Max);
        var steady = (account?.Buckets.Count(bucket => bucket.ExpiresAt is null) ?? 0) + credits.Count(one => one.ValidDays is null);
        var poured = steady > Account.MaxSteadyBuckets ? steady - Account.MaxSteadyBuckets + 1 : 0;
        if ((account?.Buckets.Length ?? 0) + credits.Length - Math.Max(0, poured - 1) > Account.MaxBuckets) return new TooManyBuckets(Account.MaxBuckets);

        var buckets = credits.Select((one, n) => new CreditBucket(
            Source(grant.Reference, n + 1), one.Credits, one.Credits, one.ValidDays is { } days ? now.AddDays(days) : null));
        var entitlements = grant.Grants.OfType<SubscriptionGrant>()
            .GroupBy(one => one.Tier, StringComparer.Ordinal)
            .Select(tier => Extended(account?.Entitlements.FirstOrDefault(known => known.Tier == tier.Key), tier.Key, tier.Sum(one => (long)one.Days), now));
        return
        [
            .. account is null ? [] : Lapsed(account, now),
            new GrantsApplied(
                grant.Reference, grant.Kind, new((long)granted), before + new Credits((long)granted), grant.Account, grant.Grants, [.. buckets], [.. entitlements],
                grant.Note, now, poured),
        ];
    }

    static Decision<AccountEvent, AccountError> TakeBack(Account account, TakeBackGrants back, DateTimeOffset now)
    {
        var unspent = account.Buckets.Where(bucket => Account.IsOf(bucket, back.Source) && !(bucket.ExpiresAt <= now)).Aggregate(Credits.Zero, (sum, bucket) => sum + bucket.Remaining);
        var entitlements = back.Grants.OfType<SubscriptionGrant>()
            .GroupBy(one => one.Tier, StringComparer.Ordinal)
            .Select(tier => (Before: account.Entitlements.FirstOrDefault(known => known.Tier == tier.Key), Days: tier.Sum(one => (long)one.Days)))
            // A run that began later is made of other grants: what this one gave is over.
            .Where(tier => tier.Before is { } running && running.ExpiresAt > now && running.StartedAt <= back.GrantedAt)
            .Select(tier => (Before: tier.Before!, After: tier.Before! with { ExpiresAt = Earlier(tier.Before!.ExpiresAt, tier.Days, now) }))
            .ToList();
        var days = entitlements.Sum(tier => (int)Math.Ceiling((tier.Before.ExpiresAt - tier.After.ExpiresAt).TotalDays));
        return
        [
            .. Lapsed(account, now),
            new GrantsTakenBack(
                back.Reference, back.Kind, -unspent, account.Spendable(now) - unspent, back.Source, [.. entitlements.Select(tier => tier.After)], days, back.Note),
        ];
    }

    // The order may be fulfilled by somebody who does not know yet: then the reference is taken.
    static IEnumerable<AccountEvent> Void(Account? account, HoldGrants hold, DateTimeOffset now)
    {
        foreach (var lapsed in account is null ? [] : Lapsed(account, now)) yield return lapsed;
        var balance = account?.Spendable(now) ?? Credits.Zero;
        yield return new GrantsVoided(hold.Source, LedgerKind.Refund, Credits.Zero, balance, hold.Account, now);
        yield return new GrantsHeld(hold.Reference, LedgerKind.Refund, Credits.Zero, balance, hold.Source, new([], [], Voided: true, now, hold.Wanted.For), []);
    }

    static Decision<AccountEvent, AccountError> Hold(Account account, HoldGrants hold, DateTimeOffset now)
    {
        var left = hold.Wanted.Credits;
        var taken = ImmutableArray.CreateBuilder<CreditBucket>();
        foreach (var bucket in account.Returnable(hold.Source, hold.Grants, now))
        {
            var some = left < bucket.Remaining ? left : bucket.Remaining;
            left -= some;
            if (some > Credits.Zero) taken.Add(bucket with { Remaining = some });
        }

        if (left > Credits.Zero && !hold.Wanted.EvenIfSpent) return new InsufficientCredits(hold.Wanted.Credits - left);
        var ending = hold.Wanted.Time
            .Select(time => (Before: account.Entitlements.FirstOrDefault(known => known.Tier == time.Tier), time.Length))
            .Where(tier => tier.Before is { } running && running.ExpiresAt > now && running.StartedAt <= hold.GrantedAt)
            .Select(tier => (Before: tier.Before!, After: tier.Before! with { ExpiresAt = tier.Length < tier.Before!.ExpiresAt - now ? tier.Before.ExpiresAt - tier.Length : now }))
            .ToList();
        var held = new HeldGrants(
            taken.ToImmutable(), [.. ending.Select(tier => new SubscriptionTime(tier.Before.Tier, tier.Before.ExpiresAt - tier.After.ExpiresAt))], Voided: false, now,
            hold.Wanted.For);
        return
        [
            .. Lapsed(account, now),
            new GrantsHeld(
                hold.Reference, LedgerKind.Refund, -held.Credits, account.Spendable(now) - held.Credits, hold.Source, held, [.. ending.Select(tier => tier.After)]),
        ];
    }

    static Decision<AccountEvent, AccountError> Release(Account account, ReleaseHold release, DateTimeOffset now)
    {
        var heldFor = now - release.Held.At;
        var number = release.FirstNumber;
        // What was voided is granted after all, as if it were bought now.
        var buckets = release.Held.Voided
            ? release.Grants.OfType<CreditGrant>().Select(one => Bucket(one.Credits, one.ValidDays is { } days ? now.AddDays(days) : null)).ToImmutableArray()
            : [.. release.Held.Buckets.Select(one => Bucket(one.Remaining, one.ExpiresAt + heldFor))];
        var times = release.Held.Voided
            ? release.Grants.OfType<SubscriptionGrant>().GroupBy(one => one.Tier, StringComparer.Ordinal)
                .Select(tier => new SubscriptionTime(tier.Key, TimeSpan.FromDays(tier.Sum(one => (double)one.Days))))
            : release.Held.Time;
        var entitlements = times.Select(time =>
            account.Entitlements.FirstOrDefault(known => known.Tier == time.Tier) is { } known && known.ExpiresAt > now
                ? known with { ExpiresAt = known.ExpiresAt + time.Length }
                : new Entitlement(time.Tier, now, now + time.Length));
        var credits = buckets.Aggregate(Credits.Zero, (sum, bucket) => sum + bucket.Remaining);
        return
        [
            .. Lapsed(account, now),
            new HoldReleased(release.Reference, LedgerKind.Refund, credits, account.Spendable(now) + credits, release.Source, buckets, [.. entitlements]),
        ];

        CreditBucket Bucket(Credits some, DateTimeOffset? until) => new($"{release.Source}/{number++}", some, some, until);
    }

    // What has run is used up: a subscription ends now at the earliest.
    static DateTimeOffset Earlier(DateTimeOffset from, long days, DateTimeOffset now) => days < (from - now).TotalDays ? from.AddDays(-days) : now;

    // A bucket's lapse is named after its source, and no name may come twice: an account could never lapse again. So the number is left out only where
    // the reference can not be taken for one with a number.
    static string Source(string reference, int number) => number == 1 && !Account.IsNumbered(reference) ? reference : $"{reference}/{number}";

    // Time is added to the end of what runs; after a break it starts anew.
    static Entitlement Extended(Entitlement? known, string tier, long days, DateTimeOffset now) =>
        known is { } running && running.ExpiresAt > now
            ? running with { ExpiresAt = Later(running.ExpiresAt, days) }
            : new(tier, now, Later(now, days));

    // The calendar ends with the year 9999, and so does what was stacked beyond it.
    static DateTimeOffset Later(DateTimeOffset from, long days) => days < (DateTimeOffset.MaxValue - from).Days ? from.AddDays(days) : Eternity;

    // To the microsecond that the databases keep.
    static readonly DateTimeOffset Eternity = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    static IEnumerable<AccountEvent> Lapsed(Account account, DateTimeOffset now)
    {
        var balance = account.Balance;
        foreach (var bucket in account.Buckets.TakeWhile(bucket => bucket.ExpiresAt <= now))
        {
            balance -= bucket.Remaining;
            yield return new CreditsLapsed($"lapse:{bucket.Source}", LedgerKind.Expiry, -bucket.Remaining, balance);
        }
    }
}
