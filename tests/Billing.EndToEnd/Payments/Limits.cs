using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Payments;

/// <summary>What may be had so often and no more often, under a stampede.</summary>
public abstract class Limits(SharedHosts hosts)
{
    /// <summary>The hosts that share one database; buyers go to any of them.</summary>
    protected abstract Task<IReadOnlyList<HostProcess>> Silos();

    protected SharedHosts Hosts => hosts;

    [Fact]
    public async Task Of_fifty_orders_at_once_an_account_opens_as_many_as_it_may()
    {
        var silos = await Silos();
        var alice = await silos[0].NewBuyer();
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => At(silos, n, alice).TryToPlace("starter", $"wish {n}")));
        Assert.Equal(10, answers.Count(answer => answer["order"] is not null));
        Assert.All(answers.Where(answer => answer["order"] is null), answer => Assert.Equal("TOO_MANY_OPEN_ORDERS", Code(answer)));
        var open = (await alice.Ask("{ me { orders(first: 50, where: { status: [AWAITING_PAYMENT] }) { nodes { number } } } }"))["me"]!["orders"]!["nodes"]!.AsArray();
        Assert.Equal(10, open.Count);

        // A place that is given back can be taken again.
        Assert.Null((await alice.Cancel((string)open[0]!["number"]!))["errors"]);
        Assert.NotNull((await alice.TryToPlace("starter", "after it"))["order"]);
        Assert.Equal("TOO_MANY_OPEN_ORDERS", Code(await alice.TryToPlace("starter", "one more")));
    }

    [Fact]
    public async Task Of_twenty_purchases_at_once_an_account_makes_as_many_as_the_plan_allows()
    {
        var silos = await Silos();
        var plan = await (await silos[0].Administrator()).NewPlan(new { purchaseLimitPerAccount = 3 });
        var alice = await silos[0].NewBuyer();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => At(silos, n, alice).TryToPlace(plan, $"wish {n}")));
        Assert.Equal(3, answers.Count(answer => answer["order"] is not null));
        Assert.All(answers.Where(answer => answer["order"] is null), answer => Assert.Equal("PURCHASE_LIMIT_REACHED", Code(answer)));
        // Another account has its own.
        Assert.NotNull((await (await silos[0].NewBuyer()).TryToPlace(plan, "wish"))["order"]);
    }

    [Fact]
    public async Task Of_five_pieces_forty_buyers_get_five_and_a_piece_that_comes_back_is_sold_again()
    {
        var silos = await Silos();
        var carol = await silos[0].Administrator();
        var plan = await carol.NewPlan(new { stock = 5 });
        var buyers = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => silos[0].NewBuyer()));
        var answers = await Task.WhenAll(buyers.Select((buyer, n) => At(silos, n, buyer).TryToPlace(plan, "wish")));
        Assert.Equal(5, answers.Count(answer => answer["order"] is not null));
        Assert.All(answers.Where(answer => answer["order"] is null), answer => Assert.Equal("PLAN_SOLD_OUT", Code(answer)));
        Assert.Equal(0, await Stock());

        var winner = Array.FindIndex(answers, answer => answer["order"] is not null);
        Assert.Null((await buyers[winner].Cancel((string)answers[winner]["order"]!["number"]!))["errors"]);
        await Until.Is(Stock, left => left == 1, "the piece has come back");
        var late = await Task.WhenAll(Enumerable.Range(0, 5).Select(async n => await At(silos, n, await silos[0].NewBuyer()).TryToPlace(plan, "wish")));
        Assert.Single(late, answer => answer["order"] is not null);
        Assert.Equal(0, await Stock());

        // All five that were sold can be paid, and all are credited.
        foreach (var (order, buyer) in answers.Zip(buyers).Where(pair => pair.First["order"] is not null && pair.Second != buyers[winner]).Select(pair => (pair.First["order"]!, pair.Second)))
        {
            var number = (string)order["number"]!;
            Assert.Equal(200, (await new SandboxNews { Number = number + "01" }.DeliverTo(silos[^1])).Status);
            await buyer.OrderIs(number, "COMPLETED");
        }

        async Task<int> Stock() => (int)(await carol.Ask("query($slug: String!) { plan(slug: $slug) { remainingStock } }", new { slug = plan }))["plan"]!["remainingStock"]!;
    }

    static Caller At(IReadOnlyList<HostProcess> silos, int n, Caller caller) => new(silos[n % silos.Count], caller.Token) { Subject = caller.Subject };

    static string? Code(JsonNode payload) => (string?)Assert.Single(payload["errors"]!.AsArray())!["code"];
}

public sealed class LimitsOnSqlite(SharedHosts hosts) : Limits(hosts)
{
    protected override async Task<IReadOnlyList<HostProcess>> Silos() => [await Hosts.Shop(Engine.Sqlite)];
}

public sealed class LimitsOnTwoSilos(SharedHosts hosts, TwoSilos silos) : Limits(hosts), IClassFixture<TwoSilos>
{
    protected override Task<IReadOnlyList<HostProcess>> Silos() => Task.FromResult(silos.All);
}
