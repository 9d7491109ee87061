using Billing.EndToEnd.Api;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Payments;

/// <summary>How often an account may do what calls a provider.</summary>
public sealed class PurchaseRates(SharedHosts hosts)
{
    [Fact]
    public async Task Who_places_too_many_orders_waits_and_can_pay_for_those_that_there_are()
    {
        await using var host = await HostProcess.Start(
            await hosts.NewDatabase(Engine.Sqlite), new Dictionary<string, string?> { ["Billing__Api__PurchasesAtOnce"] = "3", ["Billing__Api__PurchaseRecovery"] = "00:10:00" });
        var (alice, carol) = (host.SomeBuyer(), host.SomeAdministrator());
        var first = (string)(await alice.Place("starter"))["number"]!;
        const string two = """
            mutation { a: placeOrder(input: { planSlug: "starter", idempotencyKey: "second" }) { order { number } } b: placeOrder(input: { planSlug: "starter", idempotencyKey: "third" }) { order { number } } }
            """;
        Assert.NotNull((await alice.Ask(two))["b"]!["order"]);
        var before = await host.Database.Contents();
        var answer = await alice.Send("""mutation { placeOrder(input: { planSlug: "starter", idempotencyKey: "fourth" }) { order { number } } }""");
        Assert.Equal((429, "RATE_LIMITED"), (answer.Status, Assert.Single(answer.Codes)));
        Assert.InRange((int)answer.Json!["errors"]![0]!["extensions"]!["retryAfterSeconds"]!, 1, 600);
        Assert.Equal(before, await host.Database.Contents());

        // Nothing hinders paying, and nobody else is held up.
        Assert.Null((await alice.StartPayment(first, "sandbox"))["errors"]);
        Assert.Equal(200, (await new SandboxNews { Number = first + "01" }.DeliverTo(host)).Status);
        await alice.OrderIs(first, "COMPLETED");
        await host.SomeBuyer().Place("starter");
        for (var n = 0; n < 5; n++) await carol.Place("starter");
    }
}
