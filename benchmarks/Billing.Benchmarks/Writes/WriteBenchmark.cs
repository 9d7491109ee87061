using System.Collections.Immutable;
using System.Globalization;
using Billing.Accounts;
using Billing.Benchmarks.Load;
using Billing.Catalog;
using Billing.Storage.Documents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Storage;

namespace Billing.Benchmarks.Writes;

/// <summary>
/// What writing costs alone: many callers, each with an account of its own, spend a micro-credit again and again. Each write is a document and one journal row,
/// committed. Through the grains of a silo in this process, or straight into their store.
/// </summary>
static class WriteBenchmark
{
    static readonly Actor Spender = Actor.Service("benchmark");

    public static async Task<int> Run(Options options)
    {
        var (through, database, callers) = (options.Text("--through"), options.Text("--database"), options.Number("--callers", 64));
        using var host = await InProcessSilo.Start(options);
        var loop = new ClosedLoop(new(0, options.PostmasterPid));
        try
        {
            var broken = through == "grains"
                ? await ThroughGrains(host.Services.GetRequiredService<IGrainFactory>(), loop, callers, options)
                : await ThroughStore(host.Services.GetRequiredKeyedService<IGrainStorage>(DocumentStorage.Name), loop, callers, options);
            return Result.Print($"writes, {database}", through, callers, loop, broken);
        }
        finally
        {
            await host.StopAsync();
        }
    }

    static async Task<string?> ThroughGrains(IGrainFactory grains, ClosedLoop loop, int callers, Options options)
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        var accounts = Enumerable.Range(0, callers).Select(n => grains.GetGrain<IAccountGrain>($"{run}-{n}")).ToArray();
        var gift = ImmutableArray.Create<Grant>(new CreditGrant(Credits.Whole(1_000_000), null));
        foreach (var account in accounts) await account.Apply("gift", LedgerKind.Adjustment, gift, null, Spender);

        var done = new long[callers];
        await loop.Run(callers, options, async (caller, number) =>
        {
            var reply = await accounts[caller].Take(string.Create(CultureInfo.InvariantCulture, $"spend-{number}"), LedgerKind.Spend, new(1), null, Spender);
            if (reply.Refusal is not null) throw new InvalidOperationException(reply.Refusal.ToString());
            done[caller]++;
        });

        for (var caller = 0; caller < callers; caller++)
        {
            var held = (await accounts[caller].Get())!.State.Balance;
            if (held != Credits.Whole(1_000_000) - new Credits(done[caller])) return $"Account {caller} was charged {done[caller]} times and holds {held.Micro} micro-credits.";
        }

        return null;
    }

    static async Task<string?> ThroughStore(IGrainStorage store, ClosedLoop loop, int callers, Options options)
    {
        var run = Guid.NewGuid().ToString("N")[..8];
        var states = new GrainState<Document>[callers];
        var ids = Enumerable.Range(0, callers).Select(n => GrainId.Create(AccountDocument.Noun, $"{run}-{n}")).ToArray();
        for (var caller = 0; caller < callers; caller++)
        {
            states[caller] = new(new Document());
            var gift = new GrantsApplied(
                "gift", LedgerKind.Adjustment, Credits.Whole(1_000_000), Credits.Whole(1_000_000), $"{run}-{caller}", [new CreditGrant(Credits.Whole(1_000_000), null)],
                [new("gift", Credits.Whole(1_000_000), Credits.Whole(1_000_000), null)], [], null, Now());
            await Write(caller, gift);
        }

        await loop.Run(callers, options, (caller, number) =>
        {
            var balance = ((Account)states[caller].State!.State!).Balance - new Credits(1);
            return Write(caller, new CreditsSpent(string.Create(CultureInfo.InvariantCulture, $"spend-{number}"), LedgerKind.Spend, new(-1), balance, null));
        });

        for (var caller = 0; caller < callers; caller++)
        {
            var stored = new GrainState<Document>(new Document());
            await store.ReadStateAsync(AccountDocument.Noun, ids[caller], stored);
            if (stored.ETag != states[caller].ETag) return $"Account {caller} was written as version {states[caller].ETag} and is stored as {stored.ETag}.";
        }

        return null;

        async Task Write(int caller, AccountEvent happened)
        {
            var now = Now();
            var known = states[caller];
            var written = new GrainState<Document>(
                new() { State = AccountDocument.Kind.After(known.State!.State, happened), Entries = [new(happened, now, Spender)] }, known.ETag)
            { RecordExists = known.RecordExists };
            await store.WriteStateAsync(AccountDocument.Noun, ids[caller], written);
            states[caller] = written;
        }
    }

    // To the microsecond that the databases keep.
    static DateTimeOffset Now()
    {
        var now = DateTimeOffset.UtcNow;
        return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
    }
}
