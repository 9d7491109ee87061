using System.Globalization;
using Billing.Benchmarks.Load;
using Billing.Benchmarks.Purchase;

namespace Billing.Benchmarks.Redeem;

/// <summary>
/// Redeeming over HTTP. <c>different</c>: every code another one. <c>hot</c>: one code that many may redeem, each time by another account. <c>stampede</c>: as many
/// accounts as there are connections at once for a code that can be redeemed once; an operation is one such code.
/// </summary>
static class RedeemBenchmark
{
    // So many redemptions of one account, each another bucket of its credits, that its document stays what a person's is.
    const int MostOfAccount = 1_000;

    public static async Task<int> Run(Options options)
    {
        var (target, which, connections) = (options.Text("--target"), options.Text("--which"), options.Number("--connections", 32));
        var (people, count) = (which == "stampede" ? connections : options.Number("--accounts", 2_000), which == "hot" ? 1 : options.Number("--codes", 100_000));
        var run = Guid.NewGuid().ToString("N")[..8];
        var accounts = Enumerable.Range(1, people).Select(n => $"{run}-{n}").ToArray();
        using var http = PurchaseBenchmark.Client(options.Url, connections);
        IRedeemer redeemer = target == "plain" ? new PlainRedeemer(http) : new BillingRedeemer(http);
        await redeemer.Open(accounts);
        var codes = await redeemer.Issue(count, which == "hot" ? 10_000_000 : 1, which == "hot" ? 1 : MostOfAccount);

        var (next, redeemed) = (-1, 0L);
        var loop = new ClosedLoop(new(options.ServerPid, options.PostmasterPid));
        await loop.Run(which == "stampede" ? 1 : connections, options, which switch
        {
            "different" => async (_, _) => await Once(accounts, Interlocked.Increment(ref next)),
            "hot" => async (_, _) => await ByAnother(Interlocked.Increment(ref next)),
            "stampede" => async (_, _) => await AllAtOnce(Interlocked.Increment(ref next)),
            _ => throw new ArgumentException($"There is no '{which}'."),
        });

        var held = 0m;
        await Parallel.ForEachAsync(accounts.Take(next + 1).ToArray(), new ParallelOptions { MaxDegreeOfParallelism = connections }, async (account, _) =>
        {
            var balance = await redeemer.Balance(account);
            lock (accounts) held += balance;
        });
        return Result.Print(
            which switch { "hot" => "redeem one code, another account each time", "stampede" => "32 accounts at once for one code", _ => "redeem, every code another" },
            target, which == "stampede" ? 1 : connections, loop,
            held == redeemed ? null : string.Create(CultureInfo.InvariantCulture, $"{redeemed} redemptions were answered, and the accounts hold {held}."));

        async Task Once(string[] people, int number)
        {
            if (!await redeemer.Redeem(people[number % people.Length], Code(number))) throw new InvalidOperationException("A fresh code was used up.");
            Interlocked.Increment(ref redeemed);
        }

        async Task ByAnother(int number)
        {
            if (number >= people) throw new InvalidOperationException($"{people} accounts are too few.");
            if (!await redeemer.Redeem(accounts[number], codes[0])) throw new InvalidOperationException("The code was used up.");
            Interlocked.Increment(ref redeemed);
        }

        async Task AllAtOnce(int number)
        {
            var code = Code(number);
            var won = (await Task.WhenAll(accounts.Select(account => redeemer.Redeem(account, code)))).Count(one => one);
            Interlocked.Add(ref redeemed, won);
            if (won != 1) throw new InvalidOperationException($"{won} accounts redeemed a code that can be redeemed once.");
        }

        string Code(int number) => number < codes.Count ? codes[number] : throw new InvalidOperationException($"{codes.Count} codes are too few.");
    }
}
