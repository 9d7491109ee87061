using Billing.GraphQL.Orders;
using Billing.Storage.Accounts;
using Billing.Storage.Orders;
using Domain = Billing.Accounts;
using OrderFilter = Billing.GraphQL.Orders.OrderFilter;

namespace Billing.GraphQL.Accounts;

/// <summary>What an account holds now. One that was never credited holds nothing.</summary>
/// <param name="AccountId">The subject of its owner's sign-in.</param>
/// <param name="Version">Rises with every change; 0 when it was never credited.</param>
/// <param name="Credits">What can be spent now.</param>
/// <param name="CreditBuckets">Credits of one origin that lapse together, in the order in which they are spent.</param>
/// <param name="Entitlements">The subscription tiers.</param>
public sealed record Account(
    [property: Id] string AccountId, long Version, decimal Credits, IReadOnlyList<CreditBucket> CreditBuckets, IReadOnlyList<Entitlement> Entitlements) : INode, Search.ISearchHit
{
    /// <inheritdoc/>
    [Id]
    public string Id => GlobalId.Write(nameof(Account), AccountId);

    internal static Account Of(string account, Versioned<Domain.Account>? stored, DateTimeOffset now) => stored is null
        ? new(account, 0, 0, [], [])
        : new(
            account, stored.Version, stored.State.Spendable(now).Amount,
            // What has lapsed and was not yet swept is not there any more.
            [
                .. stored.State.Buckets.Where(bucket => bucket.ExpiresAt is not { } until || until > now)
                    .Select(bucket => new CreditBucket(bucket.Remaining.Amount, bucket.Granted.Amount, bucket.ExpiresAt, bucket.Source)),
            ],
            [.. stored.State.Entitlements.Select(tier => new Entitlement(tier.Tier, tier.StartedAt, tier.ExpiresAt, tier.ExpiresAt > now))]);
}

/// <summary>Credits of one origin that lapse together.</summary>
/// <param name="Remaining">What is left.</param>
/// <param name="Granted">What there was.</param>
/// <param name="ExpiresAt">When the rest lapses; never when null.</param>
/// <param name="Source">What granted them; `earlier` for old credits that never lapse and are not told apart any more.</param>
public sealed record CreditBucket(decimal Remaining, decimal Granted, DateTimeOffset? ExpiresAt, string Source);

/// <summary>A subscription tier for a time.</summary>
/// <param name="Tier">Which.</param>
/// <param name="StartedAt">From when.</param>
/// <param name="ExpiresAt">Until when.</param>
/// <param name="Active">Whether it runs now.</param>
public sealed record Entitlement(string Tier, DateTimeOffset StartedAt, DateTimeOffset ExpiresAt, bool Active);

/// <summary>A line of an account's ledger: one for each change.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">What kind of cause.</param>
/// <param name="Credits">Signed change in credits.</param>
/// <param name="BalanceAfter">The balance after it.</param>
/// <param name="Reference">What caused it: an order number, a redemption, a caller's own key.</param>
/// <param name="Note">What for.</param>
public sealed record LedgerEntry(DateTimeOffset At, Domain.LedgerKind Kind, decimal Credits, decimal BalanceAfter, string Reference, string? Note) : INode
{
    /// <inheritdoc/>
    [Id]
    public string Id => GlobalId.Write(nameof(LedgerEntry), $"{Account.Length}:{Account}{Reference}");

    internal string Account { get; private init; } = "";

    internal static LedgerEntry Of(Domain.LedgerEntry entry) =>
        new(entry.At, entry.Kind, entry.Credits.Amount, entry.BalanceAfter.Amount, entry.Reference, entry.Note) { Account = entry.Account };
}

/// <summary>An account's further fields.</summary>
[ObjectType<Account>]
public static class AccountFields
{
    // A write carries at most 128 commands of at most a thousand events each.
    const long EventsInAVersion = 1_000_000;

    /// <summary>Its orders, newest first.</summary>
    public static Task<Connection<Order>> GetOrders(
        [Parent] Account account, int? first, string? after, int? last, string? before, OrderFilter? where, OrderReader orders, TimeProvider time,
        ClientInfo client, CancellationToken cancel) =>
        OrderPages.Read(orders, account.AccountId, first, after, last, before, where, null, time, client, cancel);

    /// <summary>Its ledger, newest first.</summary>
    public static async Task<Connection<LedgerEntry>> GetLedger([Parent] Account account, int? first, string? after, LedgerReader ledger, CancellationToken cancel)
    {
        var page = Page.From(first, after);
        var rows = await ledger.NewestFirst(account.AccountId, page.Cursor is { } cursor ? Position(cursor) : null, page.Rows, cancel);
        return page.Connect(rows, row => LedgerEntry.Of(row.Entry), row => Cursor.Write((row.Cursor.Version * EventsInAVersion) + row.Cursor.Ordinal));

        static LedgerCursor Position(string cursor)
        {
            var position = Cursor.ReadPosition(cursor);
            return new(position / EventsInAVersion, position % EventsInAVersion);
        }
    }
}

/// <summary>Loads the accounts of a list at once.</summary>
public sealed class AccountLoader(AccountReader accounts, TimeProvider time) : BatchLoader<string, Account>
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyDictionary<string, Account>> LoadBatch(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        var found = await accounts.Find(keys, cancel);
        return keys.ToDictionary(key => key, key => Account.Of(key, found.GetValueOrDefault(key), time.GetUtcNow()), StringComparer.Ordinal);
    }
}
