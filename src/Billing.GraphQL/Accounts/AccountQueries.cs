using System.Runtime.CompilerServices;
using Billing.Accounts;
using Billing.Storage.Accounts;
using Domain = Billing.Accounts;

namespace Billing.GraphQL.Accounts;

/// <summary>Accounts to read.</summary>
[QueryType]
public static class AccountQueries
{
    /// <summary>The signed-in account; null for who is not signed in, and for a service.</summary>
    public static async Task<Account?> GetMe(Viewer viewer, IGrainFactory grains, TimeProvider time) =>
        viewer.AccountId is { } account && Checked.IsAccount(account)
            ? Account.Of(account, await grains.GetGrain<IAccountGrain>(account).Get(), time.GetUtcNow())
            : null;

    /// <summary>Administrators and services: any account. One that was never credited holds nothing.</summary>
    [Authorize(Roles = Viewer.AdministratorRole + "," + Viewer.ServiceRole)]
    public static async Task<Account?> GetAccount([Id] string id, IGrainFactory grains, TimeProvider time)
    {
        var account = Checked.Account(id);
        return Account.Of(account, await grains.GetGrain<IAccountGrain>(account).Get(), time.GetUtcNow());
    }
}

/// <summary>Accounts as they change.</summary>
[SubscriptionType]
[Authorize]
public static class AccountSubscriptions
{
    /// <summary>The signed-in account after each change, its present state first.</summary>
    public static IAsyncEnumerable<Account> AccountChanged(Viewer viewer, IGrainFactory grains, TimeProvider time, CancellationToken cancel)
    {
        var account = Checked.AccountOf(viewer);
        return Watch(cancel);

        async IAsyncEnumerable<Account> Watch([EnumeratorCancellation] CancellationToken token)
        {
            var grain = grains.GetGrain<IAccountGrain>(account);
            var first = await grain.Get();
            // An account that was never credited has a present state too.
            if (first is null) yield return Account.Of(account, null, time.GetUtcNow());
            using var watcher = new AccountWatcher();
            await foreach (var changed in Watching.Of(
                watcher.Watched, -1, first, grains.CreateObjectReference<IAccountWatcher>(watcher),
                grain.Watch, grain.Unwatch, grains.DeleteObjectReference<IAccountWatcher>, time, token))
            {
                yield return Account.Of(account, changed, time.GetUtcNow());
            }
        }
    }

    sealed class AccountWatcher : IAccountWatcher, IDisposable
    {
        public Watched<Domain.Account> Watched { get; } = new();

        public Task Changed(Domain.Account account, long version)
        {
            Watched.Changed(new(account, version));
            return Task.CompletedTask;
        }

        public Task Renew()
        {
            Watched.Renew();
            return Task.CompletedTask;
        }

        public void Dispose() => Watched.Dispose();
    }
}

/// <summary>Finds accounts by their global id.</summary>
sealed class AccountNodes(AccountReader accounts, TimeProvider time) : INodeSource
{
    public string Noun => nameof(Account);

    public NodeReaders Readers => NodeReaders.SignedIn;

    public async Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel)
    {
        string[] seen = [.. keys.Where(key => Checked.IsAccount(key) && (request.Viewer.MaySee(key) || request.Viewer.IsService))];
        if (seen.Length == 0) return NodeSource.None;
        var (found, now) = (await accounts.Find(seen, cancel), time.GetUtcNow());
        return seen.ToDictionary(key => key, INode (key) => Account.Of(key, found.GetValueOrDefault(key), now), StringComparer.Ordinal);
    }
}

/// <summary>Finds lines of ledgers by their global id.</summary>
sealed class LedgerEntryNodes(LedgerReader ledger) : INodeSource
{
    public string Noun => nameof(LedgerEntry);

    public NodeReaders Readers => NodeReaders.SignedIn;

    public async Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel)
    {
        var named = NodeSource.Read(keys, key => Read(key) is { } line && request.Viewer.MaySee(line.Account) ? line : default((string Account, string Reference)?));
        var found = await ledger.Find([.. named.Values], cancel);
        return NodeSource.Show(named, line => found.TryGetValue(line, out var entry) ? LedgerEntry.Of(entry) : null);
    }

    static (string Account, string Reference)? Read(string key)
    {
        var colon = key.IndexOf(':', StringComparison.Ordinal);
        return colon < 1 || !int.TryParse(key.AsSpan(0, colon), out var length) || length < 1 || key.Length <= colon + 1 + length || !key.IsStorable()
            ? null
            : (key.Substring(colon + 1, length), key[(colon + 1 + length)..]);
    }
}
