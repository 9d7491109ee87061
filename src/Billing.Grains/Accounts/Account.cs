using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Billing.Catalog;

namespace Billing.Accounts;

/// <summary>Credits of one origin that lapse together.</summary>
/// <param name="Source">The reference that granted them; <see cref="Earlier"/> for those of old that never lapse.</param>
/// <param name="Granted">How many there were.</param>
/// <param name="Remaining">How many are left.</param>
/// <param name="ExpiresAt">When the rest lapses; null when it never does.</param>
[GenerateSerializer, Immutable, Alias("billing.account.bucket")]
public sealed record CreditBucket(string Source, Credits Granted, Credits Remaining, DateTimeOffset? ExpiresAt)
{
    /// <summary>What is left of the oldest grants that never lapse. Which of it came from where is not told apart any more.</summary>
    public const string Earlier = "earlier";
}

/// <summary>A subscription tier for a time. Time that is granted while one runs is added to its end.</summary>
/// <param name="Tier">The tier.</param>
/// <param name="StartedAt">From when.</param>
/// <param name="ExpiresAt">Until when, exclusive.</param>
[GenerateSerializer, Immutable, Alias("billing.account.entitlement")]
public sealed record Entitlement(string Tier, DateTimeOffset StartedAt, DateTimeOffset ExpiresAt);

/// <summary>What caused a ledger entry. The stored names are pinned.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LedgerKind>))]
public enum LedgerKind
{
    /// <summary>A paid order.</summary>
    Purchase,

    /// <summary>A redeemed code; negative when what was unspent of it was taken back.</summary>
    Redemption,

    /// <summary>The gateway used credits up.</summary>
    Spend,

    /// <summary>A refund took credits back.</summary>
    Refund,

    /// <summary>An administrator changed the balance.</summary>
    Adjustment,

    /// <summary>Credits lapsed.</summary>
    Expiry,
}

/// <summary>An account: what it holds now. Its history is the journal.</summary>
/// <param name="Id">The subject that the issuer of the sign-in vouches for.</param>
/// <param name="Balance">The sum of the buckets.</param>
/// <param name="Buckets">In the order in which they are spent: those that lapse first, first.</param>
/// <param name="Entitlements">One for each tier it ever had.</param>
/// <param name="Latest">The references applied lately, so that a repeat is seen without a look at the journal.</param>
/// <param name="CreatedAt">When it was first credited.</param>
[GenerateSerializer, Immutable, Alias("billing.account")]
public sealed record Account(
    string Id, Credits Balance, ImmutableArray<CreditBucket> Buckets, ImmutableArray<Entitlement> Entitlements, ImmutableArray<string> Latest, DateTimeOffset CreatedAt)
{
    /// <summary>How many references the document remembers; the journal's unique index remembers all.</summary>
    public const int RememberedReferences = 16;

    /// <summary>The most buckets that an account holds at a time; a grant that would make more is refused.</summary>
    public const int MaxBuckets = 1_000;

    /// <summary>
    /// How many buckets that never lapse are kept apart; the oldest are poured together. An account lives for years and is written with every change: its document
    /// stays within a page of the database, where it would otherwise grow with every purchase that is not spent.
    /// </summary>
    public const int MaxSteadyBuckets = 12;

    /// <summary>When the first bucket lapses.</summary>
    public DateTimeOffset? NextLapse() => Buckets.IsEmpty ? null : Buckets[0].ExpiresAt;

    /// <summary>What can be spent at that moment: what has lapsed and was not yet swept is left out.</summary>
    public Credits Spendable(DateTimeOffset now) =>
        Buckets.Aggregate(Credits.Zero, (sum, bucket) => bucket.ExpiresAt is { } until && until <= now ? sum : sum + bucket.Remaining);

    /// <summary>
    /// What can still be taken back of what this reference granted, bucket by bucket. Where a bucket was poured together with older ones, what is left of those counts
    /// up to what was granted: credits that never lapse are spent oldest first, so this one's are among them.
    /// </summary>
    /// <param name="source">The reference under which it was granted.</param>
    /// <param name="grants">What was granted.</param>
    /// <param name="now">What has lapsed by then is gone.</param>
    public ImmutableArray<CreditBucket> Returnable(string source, ImmutableArray<Grant> grants, DateTimeOffset now)
    {
        var own = Buckets.Where(bucket => IsOf(bucket, source) && !(bucket.ExpiresAt <= now)).ToImmutableArray();
        var steady = grants.OfType<CreditGrant>().Where(grant => grant.ValidDays is null).Aggregate(Credits.Zero, (sum, grant) => sum + grant.Credits);
        var poured = steady - own.Where(bucket => bucket.ExpiresAt is null).Aggregate(Credits.Zero, (sum, bucket) => sum + bucket.Remaining);
        return poured > Credits.Zero && Buckets.FirstOrDefault(bucket => bucket.Source == CreditBucket.Earlier) is { } earlier
            ? own.Add(earlier with { Remaining = earlier.Remaining < poured ? earlier.Remaining : poured })
            : own;
    }

    /// <summary>The account after one more event.</summary>
    public static Account After(Account? account, AccountEvent happened) => (account, happened) switch
    {
        (null, GrantsApplied first) => After(new(first.Account, Credits.Zero, [], [], [], first.At), first),
        ({ } a, GrantsApplied granted) => a with
        {
            Balance = granted.BalanceAfter,
            Buckets = Pour(granted.Buckets.Aggregate(a.Buckets, Insert), granted.Poured),
            Entitlements = granted.Entitlements.Aggregate(a.Entitlements, Extend),
            Latest = Remember(a.Latest, granted.Reference),
        },
        ({ } a, CreditsSpent spent) => a with
        {
            Balance = spent.BalanceAfter,
            Buckets = Take(a.Buckets, -spent.Credits),
            Latest = Remember(a.Latest, spent.Reference),
        },
        ({ } a, GrantsTakenBack taken) => a with
        {
            Balance = taken.BalanceAfter,
            Buckets = a.Buckets.RemoveAll(bucket => IsOf(bucket, taken.Source)),
            Entitlements = taken.Entitlements.Aggregate(a.Entitlements, Extend),
            Latest = Remember(a.Latest, taken.Reference),
        },
        (null, GrantsVoided first) => After(new(first.Account, Credits.Zero, [], [], [], first.At), first),
        ({ } a, GrantsVoided voided) => a with { Latest = Remember(a.Latest, voided.Reference) },
        ({ } a, GrantsHeld held) => a with
        {
            Balance = held.BalanceAfter,
            Buckets = held.Held.Buckets.Aggregate(a.Buckets, TakeFrom),
            Entitlements = held.Entitlements.Aggregate(a.Entitlements, Extend),
            Latest = Remember(a.Latest, held.Reference),
        },
        ({ } a, HoldReleased released) => a with
        {
            Balance = released.BalanceAfter,
            Buckets = released.Buckets.Aggregate(a.Buckets, Insert),
            Entitlements = released.Entitlements.Aggregate(a.Entitlements, Extend),
            Latest = Remember(a.Latest, released.Reference),
        },
        ({ } a, CreditsLapsed lapsed) => a with { Balance = lapsed.BalanceAfter, Buckets = a.Buckets.RemoveAt(0) },
        _ => throw new InvalidOperationException($"{happened.GetType().Name} cannot happen to an account that was never credited."),
    };

    /// <summary>Whether the bucket was granted under this reference: it is named after it, and after its number where it needs one.</summary>
    public static bool IsOf(CreditBucket bucket, string reference) => bucket.Source == reference
        // "a/2" is the second bucket of "a"; the first of a reference "a/2" is "a/2/1".
        ? !IsNumbered(reference)
        : IsNumbered(bucket.Source) && bucket.Source.LastIndexOf('/') == reference.Length && bucket.Source.StartsWith(reference, StringComparison.Ordinal);

    /// <summary>Whether it ends with a slash and a number.</summary>
    internal static bool IsNumbered(string reference)
    {
        var number = reference.AsSpan(reference.LastIndexOf('/') + 1);
        return number.Length is > 0 && number.Length < reference.Length && number.IndexOfAnyExceptInRange('0', '9') < 0;
    }

    // Buckets stay sorted by their lapse, those that never do last, and among equals the older first.
    static ImmutableArray<CreditBucket> Insert(ImmutableArray<CreditBucket> buckets, CreditBucket added)
    {
        var at = buckets.Length;
        while (at > 0 && added.ExpiresAt is { } until && (buckets[at - 1].ExpiresAt is not { } other || other > until)) at--;
        return buckets.Insert(at, added);
    }

    // Those that never lapse stand last, the oldest of them first.
    static ImmutableArray<CreditBucket> Pour(ImmutableArray<CreditBucket> buckets, int oldest)
    {
        if (oldest == 0) return buckets;
        var first = buckets.Length - buckets.Count(bucket => bucket.ExpiresAt is null);
        var left = buckets.AsSpan(first, oldest).ToArray().Aggregate(Credits.Zero, (sum, bucket) => sum + bucket.Remaining);
        return buckets.RemoveRange(first, oldest).Insert(first, new(CreditBucket.Earlier, left, left, null));
    }

    static ImmutableArray<CreditBucket> Take(ImmutableArray<CreditBucket> buckets, Credits credits)
    {
        var left = credits;
        var kept = ImmutableArray.CreateBuilder<CreditBucket>(buckets.Length);
        foreach (var bucket in buckets)
        {
            var taken = left < bucket.Remaining ? left : bucket.Remaining;
            left -= taken;
            if (bucket.Remaining > taken) kept.Add(bucket with { Remaining = bucket.Remaining - taken });
        }

        return left == Credits.Zero ? kept.ToImmutable() : throw new InvalidOperationException("More was taken than the buckets hold.");
    }

    static ImmutableArray<CreditBucket> TakeFrom(ImmutableArray<CreditBucket> buckets, CreditBucket taken)
    {
        var bucket = buckets.First(one => one.Source == taken.Source);
        return bucket.Remaining == taken.Remaining ? buckets.Remove(bucket) : buckets.Replace(bucket, bucket with { Remaining = bucket.Remaining - taken.Remaining });
    }

    static ImmutableArray<Entitlement> Extend(ImmutableArray<Entitlement> entitlements, Entitlement granted)
    {
        var others = entitlements.RemoveAll(known => known.Tier == granted.Tier);
        return others.Add(granted);
    }

    static ImmutableArray<string> Remember(ImmutableArray<string> known, string reference) =>
        (known.Length < RememberedReferences ? known : known.RemoveAt(0)).Add(reference);
}

/// <summary>What can happen to an account. Each is a line of its ledger.</summary>
/// <param name="Reference">What caused it; unique in the account.</param>
/// <param name="Kind">What kind of cause that was.</param>
/// <param name="Credits">The signed change in credits.</param>
/// <param name="BalanceAfter">The balance after it.</param>
public abstract record AccountEvent(string Reference, LedgerKind Kind, Credits Credits, Credits BalanceAfter);

/// <summary>Grants were applied: a purchase, a redemption or an administrator's gift.</summary>
/// <param name="Reference">What caused it.</param>
/// <param name="Kind">What kind of cause that was.</param>
/// <param name="Credits">The credits in all.</param>
/// <param name="BalanceAfter">The balance after it.</param>
/// <param name="Account">Whose.</param>
/// <param name="Grants">What was granted.</param>
/// <param name="Buckets">The buckets that it made.</param>
/// <param name="Entitlements">The tiers as they are after it.</param>
/// <param name="Note">An administrator's note.</param>
/// <param name="At">When.</param>
/// <param name="Poured">How many of the oldest buckets that never lapse are one bucket after it.</param>
public sealed record GrantsApplied(
    string Reference, LedgerKind Kind, Credits Credits, Credits BalanceAfter, string Account, ImmutableArray<Grant> Grants, ImmutableArray<CreditBucket> Buckets,
    ImmutableArray<Entitlement> Entitlements, string? Note, DateTimeOffset At,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Poured = 0) : AccountEvent(Reference, Kind, Credits, BalanceAfter);

/// <summary>Credits were used up, or taken away by an administrator.</summary>
/// <param name="Reference">The caller's own key.</param>
/// <param name="Kind">Spend or adjustment.</param>
/// <param name="Credits">How many, negative.</param>
/// <param name="BalanceAfter">The balance after it.</param>
/// <param name="Note">What for.</param>
public sealed record CreditsSpent(string Reference, LedgerKind Kind, Credits Credits, Credits BalanceAfter, string? Note)
    : AccountEvent(Reference, Kind, Credits, BalanceAfter);

/// <summary>What was unspent of earlier grants was taken back.</summary>
/// <param name="Reference">What caused it.</param>
/// <param name="Kind">What kind of cause that was.</param>
/// <param name="Credits">How many, negative; zero when all was spent.</param>
/// <param name="BalanceAfter">The balance after it.</param>
/// <param name="Source">The reference under which it was granted; its buckets end.</param>
/// <param name="Entitlements">The tiers that end sooner, as they are after it.</param>
/// <param name="Days">How many days of subscriptions that were, begun ones counted whole.</param>
/// <param name="Note">What for.</param>
public sealed record GrantsTakenBack(
    string Reference, LedgerKind Kind, Credits Credits, Credits BalanceAfter, string Source, ImmutableArray<Entitlement> Entitlements, int Days, string? Note)
    : AccountEvent(Reference, Kind, Credits, BalanceAfter);

/// <summary>Grants that were paid for and never applied are given back as money: should they still be applied under this reference, nothing comes of it.</summary>
/// <param name="Reference">The reference under which they would have been granted.</param>
/// <param name="Kind">Refund.</param>
/// <param name="Credits">Zero.</param>
/// <param name="BalanceAfter">The balance, as it was.</param>
/// <param name="Account">Whose.</param>
/// <param name="At">When.</param>
public sealed record GrantsVoided(string Reference, LedgerKind Kind, Credits Credits, Credits BalanceAfter, string Account, DateTimeOffset At)
    : AccountEvent(Reference, Kind, Credits, BalanceAfter);

/// <summary>What is to be given back as money cannot be spent any more.</summary>
/// <param name="Reference">The refund that holds it.</param>
/// <param name="Kind">Refund.</param>
/// <param name="Credits">How many, negative.</param>
/// <param name="BalanceAfter">The balance after it.</param>
/// <param name="Source">The reference under which it was granted.</param>
/// <param name="Held">What was taken, so that it can be given back.</param>
/// <param name="Entitlements">The tiers that end sooner, as they are after it.</param>
public sealed record GrantsHeld(
    string Reference, LedgerKind Kind, Credits Credits, Credits BalanceAfter, string Source, HeldGrants Held, ImmutableArray<Entitlement> Entitlements)
    : AccountEvent(Reference, Kind, Credits, BalanceAfter);

/// <summary>What was held is the account's again: its refund was rejected, withdrawn, given up, or approved in part.</summary>
/// <param name="Reference">The refund that lets it go.</param>
/// <param name="Kind">Refund.</param>
/// <param name="Credits">How many.</param>
/// <param name="BalanceAfter">The balance after it.</param>
/// <param name="Source">The reference under which it was granted.</param>
/// <param name="Buckets">The buckets that it makes. They lapse later by as long as they were held.</param>
/// <param name="Entitlements">The tiers as they are after it.</param>
public sealed record HoldReleased(
    string Reference, LedgerKind Kind, Credits Credits, Credits BalanceAfter, string Source, ImmutableArray<CreditBucket> Buckets, ImmutableArray<Entitlement> Entitlements)
    : AccountEvent(Reference, Kind, Credits, BalanceAfter);

/// <summary>The rest of the first bucket lapsed.</summary>
/// <param name="Reference"><c>lapse:</c>, the bucket's source and a number.</param>
/// <param name="Kind">Expiry.</param>
/// <param name="Credits">How many, negative.</param>
/// <param name="BalanceAfter">The balance after it.</param>
public sealed record CreditsLapsed(string Reference, LedgerKind Kind, Credits Credits, Credits BalanceAfter) : AccountEvent(Reference, Kind, Credits, BalanceAfter);

/// <summary>The pinned storage of accounts.</summary>
public static class AccountDocument
{
    /// <summary>The noun, which is the grain type's name.</summary>
    public const string Noun = "account";

    /// <summary>Its storage. Every event's reference is unique in the account: nothing is counted twice.</summary>
    public static readonly DocumentKind<Account, AccountEvent> Kind = new(
        Noun,
        "accounts",
        AccountJson.Default.Account,
        Account.After,
        nextDeadline: account => account.NextLapse(),
        reference: happened => happened.Reference,
        columns:
        [
            DocumentKind<Account, AccountEvent>.Column("created_at", ColumnType.Time, account => account.CreatedAt),
            DocumentKind<Account, AccountEvent>.Column("balance_micro", ColumnType.Long, account => account.Balance.Micro),
        ],
        events: new Dictionary<string, System.Text.Json.Serialization.Metadata.JsonTypeInfo>
        {
            ["GrantsApplied"] = AccountJson.Default.GrantsApplied,
            ["CreditsSpent"] = AccountJson.Default.CreditsSpent,
            ["GrantsTakenBack"] = AccountJson.Default.GrantsTakenBack,
            ["GrantsVoided"] = AccountJson.Default.GrantsVoided,
            ["GrantsHeld"] = AccountJson.Default.GrantsHeld,
            ["HoldReleased"] = AccountJson.Default.HoldReleased,
            ["CreditsLapsed"] = AccountJson.Default.CreditsLapsed,
        });
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowOutOfOrderMetadataProperties = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Account))]
[JsonSerializable(typeof(GrantsApplied))]
[JsonSerializable(typeof(CreditsSpent))]
[JsonSerializable(typeof(GrantsTakenBack))]
[JsonSerializable(typeof(GrantsVoided))]
[JsonSerializable(typeof(GrantsHeld))]
[JsonSerializable(typeof(HoldReleased))]
[JsonSerializable(typeof(CreditsLapsed))]
sealed partial class AccountJson : JsonSerializerContext;
