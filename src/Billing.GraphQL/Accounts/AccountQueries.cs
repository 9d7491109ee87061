using System.Runtime.CompilerServices;
using Billing.Accounts;
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
sealed class AccountNodes(IGrainFactory grains, TimeProvider time) : INodeSource
{
    public string Noun => nameof(Account);

    public async ValueTask<INode?> Find(string key, Viewer viewer, CancellationToken cancel) =>
        Checked.IsAccount(key) && (viewer.MaySee(key) || viewer.IsService)
            ? Account.Of(key, await grains.GetGrain<IAccountGrain>(key).Get(), time.GetUtcNow())
            : null;
}

/// <summary>Finds lines of ledgers by their global id.</summary>
sealed class LedgerEntryNodes(ILedger ledger) : INodeSource
{
    public string Noun => nameof(LedgerEntry);

    public async ValueTask<INode?> Find(string key, Viewer viewer, CancellationToken cancel)
    {
        var colon = key.IndexOf(':', StringComparison.Ordinal);
        if (colon < 1 || !int.TryParse(key.AsSpan(0, colon), out var length) || length < 1 || key.Length <= colon + 1 + length) return null;
        var (account, reference) = (key.Substring(colon + 1, length), key[(colon + 1 + length)..]);
        return viewer.MaySee(account) && await ledger.Find(account, reference, cancel) is { } entry ? LedgerEntry.Of(entry) : null;
    }
}
