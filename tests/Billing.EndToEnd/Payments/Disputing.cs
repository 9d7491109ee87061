using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Payments;

/// <summary>Payers who dispute at the provider, as buyers and administrators see it.</summary>
public abstract class Disputing(SharedHosts hosts, Engine engine)
{
    [Fact]
    public async Task A_dispute_holds_the_credits_and_gives_them_back_when_it_is_won()
    {
        var (host, alice, number, page) = await Bought();
        var carol = host.SomeAdministrator();
        await host.Submit(page, ("do", "dispute"), ("amount", "4.95"), ("news", "repeated"));
        var order = await Until.Is(() => alice.Refunds(number), now => (string?)now["refundStatus"] == "DISPUTED", "the dispute is known here");
        Assert.Equal(("DISPUTED", "CONTACT_SUPPORT", "COMPLETED"), ((string?)order["result"]!["code"], (string?)order["result"]!["nextStep"], (string?)order["status"]));
        Assert.Equal(50m, await Until.Is(alice.Credits, credits => credits == 50, "half is held"));
        Assert.Equal(495, (int)order["refundableAmount"]!["minorUnits"]!);
        var item = Assert.Single(await carol.OpenWorkItems(number));
        Assert.Equal(("DISPUTE", number + "R01"), ((string?)item["kind"], (string?)item["refund"]!["number"]));
        Assert.Equal("REFUND_AMOUNT_OUT_OF_RANGE", (await carol.RefundOrder(number, 990)).Error());

        await host.Submit(page, ("do", "dispute-won"), ("news", "repeated"));
        order = await Until.Is(() => alice.Refunds(number), now => (string?)now["refundStatus"] == "DISPUTE_WON", "it was won");
        Assert.Equal(("CREDITED", 990), ((string?)order["result"]!["code"], (int)order["refundableAmount"]!["minorUnits"]!));
        Assert.Equal(100m, await Until.Is(alice.Credits, credits => credits == 100, "what was held is the buyer's again"));
        Assert.Empty(await carol.OpenWorkItems(number));
        Assert.Equal(["DISPUTE_OPENED", "DISPUTE_WON"], (await alice.Timeline(number)).Where(kind => kind.StartsWith("DISPUTE", StringComparison.Ordinal)));
        var note = (await carol.Ask("query($id: ID!) { node(id: $id) { ... on WorkItem { note resolvedAt resolution } } }", new { id = (string)item["id"]! }))["node"]!;
        Assert.Equal(("The dispute was won: nothing went back.", null), ((string?)note["note"], (string?)note["resolution"]));
    }

    [Fact]
    public async Task A_dispute_that_is_lost_is_a_refund_whether_it_was_announced_or_not()
    {
        foreach (var news in new[] { "now", "lost" })
        {
            var (host, alice, number, page) = await Bought();
            var carol = host.SomeAdministrator();
            await host.Submit(page, ("do", "dispute"), ("news", news));
            if (news == "now") await Until.Is(alice.Credits, credits => credits == 0, "what was granted is held");
            await host.Submit(page, ("do", "dispute-lost"), ("news", "now"));
            var order = await Until.Is(() => alice.Refunds(number), now => (string?)now["status"] == "REFUNDED", "it was lost");
            Assert.Equal(("REFUNDED", "SUCCEEDED", "REVERSED"), ((string?)order["result"]!["code"], (string?)order["refundStatus"], (string?)order["fulfilmentStatus"]));
            Assert.Equal(0m, await Until.Is(alice.Credits, credits => credits == 0, "the credits are gone"));
            Assert.Equal(["DISPUTE"], (await carol.OpenWorkItems(number)).Select(item => (string?)item["kind"]));
            Assert.Single(order["refunds"]!.AsArray());
        }
    }

    [Fact]
    public async Task News_in_any_order_and_of_what_is_not_here_are_safe()
    {
        var (host, alice, number, _) = await Bought();
        Assert.Equal((200, "success"), await Tell(host, number, "won"));
        Assert.Equal((200, "success"), await Tell(host, number, "opened"));
        Assert.Equal((200, "success"), await Tell(host, number, "opened"));
        Assert.Equal(100m, await alice.Credits());
        Assert.Equal("DISPUTE_WON", (string?)(await alice.Refunds(number))["refundStatus"]);
        Assert.Empty(await host.SomeAdministrator().OpenWorkItems(number));
        Assert.Equal(400, (await Tell(host, "0000000000000000", "opened")).Status);
        Assert.Equal(400, (await Tell(host, number, "opened", "sandbox-qr")).Status);
        var unpaid = await alice.Place("starter");
        Assert.Equal(400, (await Tell(host, (string)unpaid["number"]!, "lost")).Status);
        Assert.Equal(400, (await Tell(host, number, "won over")).Status);

        // Handed on again from the inbox, it changes nothing.
        var carol = host.SomeAdministrator();
        var kept = await Until.Is(
            async () => (await carol.Ask("query($number: ID!) { order(number: $number) { callbacks(first: 10) { nodes { id state amount { minorUnits } } } } }", new { number }))["order"]!["callbacks"]!["nodes"]!.AsArray(),
            callbacks => callbacks.Any(one => (string?)one!["state"] == "DISPUTE_WON"), "the inbox has it");
        var replayed = await carol.Do(
            "replayCallback", "ReplayCallbackInput", new { callbackId = (string)kept.First(one => (string?)one!["state"] == "DISPUTE_WON")!["id"]!, note = "For the test." }, "outcome");
        Assert.Equal("CALLBACK_ALREADY_APPLIED", replayed.Error());
    }

    static Task<(int Status, string Text)> Tell(HostProcess host, string number, string state, string methodId = "sandbox") => SandboxNews.Deliver(host, methodId, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new
    {
        @event = "dispute",
        number = number + "01",
        merchant = "sandbox-shop",
        disputeId = "D" + number,
        state,
        amountMinor = 990,
        currency = "CNY",
        at = "2026-01-31T08:30:00Z",
    })));

    async Task<(HostProcess Host, Caller Buyer, string Number, Uri Page)> Bought()
    {
        var host = await hosts.Shop(engine);
        var alice = host.SomeBuyer();
        JsonNode order = await alice.Place("starter");
        var page = await host.Open(order);
        await host.Submit(page, ("do", "pay"), ("news", "now"));
        await alice.OrderIs((string)order["number"]!, "COMPLETED");
        return (host, alice, (string)order["number"]!, page);
    }
}

public sealed class DisputingOnSqlite(SharedHosts hosts) : Disputing(hosts, Engine.Sqlite);

public sealed class DisputingOnPostgres(SharedHosts hosts) : Disputing(hosts, Engine.Postgres);
