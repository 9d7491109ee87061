using System.Diagnostics;
using System.Globalization;
using Billing.Benchmarks.Load;

namespace Billing.Benchmarks.Purchase;

/// <summary>A purchase from its order to its credit: place, the provider's callback, read until it is credited. One operation is all of it.</summary>
static class PurchaseBenchmark
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    public static async Task<int> Run(Options options)
    {
        var (target, workers, people) = (options.Text("--target"), options.Number("--connections", 32), options.Number("--accounts", 200));
        // Names that no other run has: an account keeps what it bought.
        var run = Guid.NewGuid().ToString("N")[..8];
        var accounts = Enumerable.Range(1, people).Select(n => $"{run}-{n}").ToArray();
        using var http = Client(options.Url, workers);
        IShop shop = target == "plain" ? new PlainShop(http, options.Text("--secret")) : new BillingShop(http, options.Text("--secret"), grantsTier: people == 1);
        await shop.Open(accounts);

        Latency place = new(), pay = new(), read = new();
        var (credited, looks) = (0L, 0L);
        var loop = new ClosedLoop(new(options.ServerPid, options.PostmasterPid));
        await loop.Run(workers, options, Buy, place, pay, read);

        var held = 0m;
        foreach (var account in accounts) held += await shop.Balance(account);
        var owed = credited * shop.BalanceEach;
        return Result.Print(
            people == 1 ? "purchase, all for one account" : "purchase", target, workers, loop,
            held == owed ? null : string.Create(CultureInfo.InvariantCulture, $"{credited} orders were credited, which is {owed}, and the accounts hold {held}."),
            string.Create(CultureInfo.InvariantCulture, $"p50 ms: place {place.Milliseconds(50)}, callback {pay.Milliseconds(50)}, read until credited {read.Milliseconds(50)} ({(double)looks / credited:0.0} looks)"));

        async Task Buy(int worker, int number)
        {
            // A worker has accounts of its own while there are enough of them.
            var account = accounts[(worker + (number * workers)) % people];
            var start = Stopwatch.GetTimestamp();
            var order = await shop.Place(account, string.Create(CultureInfo.InvariantCulture, $"{run}-{worker}-{number}"));
            place.Record(start);
            start = Stopwatch.GetTimestamp();
            await shop.Pay(order);
            pay.Record(start);
            start = Stopwatch.GetTimestamp();
            var tries = 1;
            for (; !await shop.IsCredited(account, order); tries++)
            {
                if (Stopwatch.GetElapsedTime(start) > Patience) throw new TimeoutException($"Order {order} was paid and is not credited.");
                if (tries > 2) await Task.Delay(Pause);
            }

            read.Record(start);
            Interlocked.Add(ref looks, tries);
            Interlocked.Increment(ref credited);
        }
    }

    public static HttpClient Client(Uri url, int connections) => new(new SocketsHttpHandler
    {
        MaxConnectionsPerServer = connections,
        PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        UseCookies = false,
        UseProxy = false,
        AllowAutoRedirect = false,
    })
    {
        BaseAddress = url,
        Timeout = TimeSpan.FromSeconds(60),
    };
}
