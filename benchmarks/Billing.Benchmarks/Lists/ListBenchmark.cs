using System.Globalization;
using Billing.Benchmarks.Load;
using Billing.Benchmarks.Purchase;

namespace Billing.Benchmarks.Lists;

/// <summary>The list pages: twenty of one account's orders, or the newest twenty of all for an administrator.</summary>
static class ListBenchmark
{
    const int PageLength = 20;

    const string Fields = "nodes { number status createdAt paidAt amount { minorUnits currency formatted } plan { slug name } result { code message } } pageInfo { hasNextPage endCursor }";

    const string OfAccount = $$"""query Mine { me { orders(first: 20) { {{Fields}} } } }""";

    const string Newest = $$"""query Newest { orders(first: 20) { {{Fields}} } }""";

    public static async Task<int> Run(Options options)
    {
        var (which, orders, people, workers) = (options.Text("--which"), options.Number("--orders", 0), options.Number("--accounts", Seed.UsualAccounts), options.Number("--connections", 8));
        using var http = PurchaseBenchmark.Client(options.Url, workers);
        var api = new GraphQLClient(http);
        var administrator = await api.SignIn("benchmark-admin", "billing:admin");
        // A few of the accounts, spread over all: signing everyone in would take longer than listing.
        var buyers = new List<System.Net.Http.Headers.AuthenticationHeaderValue>();
        foreach (var n in Enumerable.Range(0, Math.Min(people, 200))) buyers.Add(await api.SignIn(Seed.Account(n * people / Math.Min(people, 200))));
        var expected = which == "account" ? Math.Min(PageLength, orders / people) : PageLength;

        var loop = new ClosedLoop(new(options.ServerPid, options.PostmasterPid));
        await loop.Run(workers, options, async (worker, number) =>
        {
            using var answer = which == "account"
                ? await api.Run(buyers[(worker + (number * workers)) % buyers.Count], OfAccount)
                : await api.Run(administrator, Newest);
            var data = answer.RootElement.GetProperty("data");
            var nodes = (which == "account" ? data.GetProperty("me") : data).GetProperty("orders").GetProperty("nodes");
            if (nodes.GetArrayLength() != expected) throw new InvalidOperationException($"A page holds {nodes.GetArrayLength()} orders and not {expected}.");
            var last = DateTimeOffset.MaxValue;
            foreach (var order in nodes.EnumerateArray())
            {
                var at = order.GetProperty("createdAt").GetDateTimeOffset();
                if (at > last) throw new InvalidOperationException("The newest is not first.");
                last = at;
            }
        });
        return Result.Print(
            which == "account" ? "list 20 of one account's orders" : "list the newest 20 of all orders",
            string.Create(CultureInfo.InvariantCulture, $"{orders:N0} stored"), workers, loop);
    }
}
