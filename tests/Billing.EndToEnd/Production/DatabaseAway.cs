using Billing.EndToEnd.Api;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;
using Billing.Testing;

namespace Billing.EndToEnd.Production;

/// <summary>Two hosts whose database goes away, and what providers and clients are told meanwhile.</summary>
public sealed class DatabaseAway
{
    static readonly string[] ToRepeat = ["TRY_AGAIN", "OUTCOME_UNKNOWN"];

    /// <summary>
    /// Orders that are not in memory are asked for, at the host that has their grain and at the other one: a driver's exception is nothing that one host could tell another.
    /// </summary>
    [Fact]
    public async Task While_it_is_away_everybody_is_told_to_come_again_and_afterwards_nothing_is_lost()
    {
        await using var server = await PostgresServer.StartOwn();
        using var database = await TestDatabase.New(Engine.Postgres, server);
        await using var first = await HostProcess.Start(database);
        await using var second = await HostProcess.Start(database, new Dictionary<string, string?> { ["Billing__PublicUrl"] = first.Url.AbsoluteUri });
        var buyers = new List<(Caller Buyer, string Number)>();
        for (var i = 0; i < 6; i++)
        {
            var buyer = first.SomeBuyer();
            buyers.Add((buyer, (string)(await buyer.Place("starter"))["number"]!));
        }

        // What was in memory is gone.
        await second.Kill();
        await first.Kill();
        await first.Start();
        await second.Start();

        await server.Crash();
        var news = buyers.ConvertAll(bought => new SandboxNews { Number = bought.Number + "01" });
        foreach (var one in news)
        {
            foreach (var host in (HostProcess[])[first, second]) Assert.Equal((500, "fail"), await one.DeliverTo(host));
        }

        foreach (var (buyer, number) in buyers)
        {
            var answer = await buyer.Send("query($number: ID!) { order(number: $number) { status } }", new { number });
            Assert.Equal(["TRY_AGAIN"], answer.Codes);
        }

        const string place = "mutation($input: PlaceOrderInput!) { placeOrder(input: $input) { order { number } } }";
        var wish = new { input = new { planSlug = "starter", methodId = "sandbox", idempotencyKey = "while-it-was-away" } };
        var placing = await buyers[0].Buyer.Send(place, wish);
        Assert.Contains(Assert.Single(placing.Codes), ToRepeat);

        await server.Up();
        for (var i = 0; i < news.Count; i++)
        {
            await Until.Is(() => news[i].DeliverTo(i % 2 == 0 ? first : second), answer => answer == (200, "success"), "the callback is taken");
            await Until.Answered(() => buyers[i].Buyer.OrderIs(buyers[i].Number, "COMPLETED"));
            Assert.Equal(100m, await Until.Answered(buyers[i].Buyer.Credits));
        }

        await Until.Is(() => buyers[0].Buyer.Send(place, wish), answer => !answer.Codes.Any(), "the wish is granted in the end");
        await first.Verify();
    }
}
