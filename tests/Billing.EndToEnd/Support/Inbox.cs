using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Support;

/// <summary>What providers called with, as support sees it.</summary>
public abstract class Inbox(SharedHosts hosts, Engine engine)
{
    const string Fields = """
        id receivedAt methodId httpMethod headers { name value } queryString body outcome rejection paymentNumber state amount { minorUnits currency } transactionId
        order { number } replayedBy note replayOf { id } replays { id outcome replayedBy note }
        """;

    [Fact]
    public async Task A_callback_is_kept_with_what_it_said_and_what_became_of_it_and_without_personal_data()
    {
        var (host, carol, number) = await Bought();
        var news = new SandboxNews { Number = number + "01" };
        var body = news.Json[..^1] + """,  "buyer":"Ada Lovelace", "card":{"number":"4111111111111111","state":"CA"}, "mails":["ada@example.com"] }""";
        Assert.Equal((200, "success"), await SandboxNews.Deliver(host, "sandbox", Encoding.UTF8.GetBytes(body)));
        var kept = Assert.Single(await Callbacks(carol, number, 1))!;
        Assert.Equal(
            ("sandbox", "POST", "STORED", number + "01", "PAID", 990, "CNY", news.TransactionId, number),
            ((string?)kept["methodId"], (string?)kept["httpMethod"], (string?)kept["outcome"], (string?)kept["paymentNumber"], (string?)kept["state"],
                (int)kept["amount"]!["minorUnits"]!, (string?)kept["amount"]!["currency"], (string?)kept["transactionId"], (string?)kept["order"]!["number"]));
        Assert.Equal(
            [("Content-Type", "application/json"), ("Sandbox-Signature", null), ("Sandbox-Timestamp", null)],
            kept["headers"]!.AsArray().Select(header => ((string)header!["name"]!, (string?)header["value"])));
        var masked = JsonNode.Parse((string)kept["body"]!)!;
        Assert.Equal((number + "01", 990, "***"), ((string?)masked["number"], (int)masked["amountMinor"]!, (string?)masked["buyer"]));
        // A field that is harmless at the top is not so everywhere.
        Assert.Equal(("***", "***", "***"), ((string?)masked["card"]!["number"], (string?)masked["card"]!["state"], (string?)masked["mails"]![0]));
        foreach (var secret in (string[])["Ada Lovelace", "4111111111111111", "ada@example.com"])
            Assert.Equal(0, await host.Database.Number($"SELECT COUNT(*) FROM callbacks WHERE body LIKE '%{secret}%' OR query LIKE '%{secret}%' OR headers LIKE '%{secret}%'"));
        Assert.DoesNotContain("Ada Lovelace", host.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Late_repeated_and_foreign_callbacks_are_seen_for_what_they_were()
    {
        var (host, carol, number) = await Bought();
        var alice = await host.NewBuyer();
        var cancelled = await alice.Place("starter");
        var late = (string)cancelled["number"]!;
        Assert.Null((await alice.Cancel(late))["errors"]);
        var news = new SandboxNews { Number = number + "01" };
        await news.DeliverTo(host);
        await news.DeliverTo(host);
        await new SandboxNews { Number = number + "02" }.DeliverTo(host);
        await new SandboxNews { Number = late + "01" }.DeliverTo(host);
        var foreign = new SandboxNews { Number = "INVOICE-7" };
        await foreign.DeliverTo(host);

        Assert.Equal(["STRANGER", "KNOWN", "STORED"], (await Callbacks(carol, number, 3)).Select(callback => (string?)callback!["outcome"]));
        Assert.Equal(["STORED"], (await Callbacks(carol, late, 1)).Select(callback => (string?)callback!["outcome"]));
        // What names no order of ours stands alone.
        var alone = await Until.Is(
            async () => (await List(carol, new { outcome = "STRANGER", methodId = "sandbox" })).SingleOrDefault(callback => (string?)callback!["transactionId"] == foreign.TransactionId),
            found => found is not null, "the foreign callback is in the inbox");
        Assert.Null(alone!["order"]);
        // The order shows its own, to administrators alone.
        var ask = $"query($number: ID!) {{ order(number: $number) {{ callbacks(first: 2) {{ nodes {{ outcome }} pageInfo {{ hasNextPage }} }} }} }}";
        var seen = (await carol.Ask(ask, new { number }))["order"]!["callbacks"]!;
        Assert.Equal((2, true), (seen["nodes"]!.AsArray().Count, (bool)seen["pageInfo"]!["hasNextPage"]!));
        Assert.Contains("AUTH_NOT_AUTHORIZED", (await alice.Send(ask, new { number = late })).Text, StringComparison.Ordinal);
        Assert.Contains("AUTH_NOT_AUTHORIZED", (await alice.Send("{ callbacks { nodes { id } } }")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_callback_that_is_lost_leaves_no_line_and_one_that_is_forged_a_sample_without_its_body()
    {
        var (host, carol, _) = await Bought();
        var alice = await host.NewBuyer();
        var order = await alice.Place("starter");
        var number = (string)order["number"]!;
        await host.Pay(order, ("do", "pay"), ("news", "lost"));
        Assert.Null((await alice.RefreshPayment(number))["errors"]);
        await alice.OrderIs(number, "COMPLETED");

        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        for (var i = 0; i < 5; i++)
            Assert.Equal(400, (await SandboxNews.Deliver(host, "sandbox", Encoding.UTF8.GetBytes(new SandboxNews { Number = number + "01" }.Json), signature: new('0', 64))).Status);
        await new SandboxNews { Number = number + "01", State = "pending" }.DeliverTo(host);
        // The last one is written after all that came before it.
        Assert.Equal(["KNOWN"], (await Callbacks(carol, number, 1)).Select(callback => (string?)callback!["outcome"]));
        var samples = await List(carol, new { outcome = "REJECTED", methodId = "sandbox", from = before.ToString("O", CultureInfo.InvariantCulture) });
        var sample = Assert.Single(samples, sample => (string?)sample!["rejection"] == "BadSignature")!;
        Assert.Equal((null, null, null), ((string?)sample["body"], (string?)sample["paymentNumber"], sample["order"]));
    }

    [Fact]
    public async Task What_was_applied_is_not_applied_by_a_replay_and_what_was_not_is()
    {
        var host = await hosts.Shop(engine);
        var (alice, carol) = (await host.NewBuyer(), host.Forged("carol-" + Guid.NewGuid().ToString("N"), "billing:admin"));
        var number = (string)(await alice.Place("starter"))["number"]!;
        // The provider is faster than we are: the second payment is not known here yet.
        Assert.Equal(400, (await new SandboxNews { Number = number + "02" }.DeliverTo(host, "sandbox-qr")).Status);
        var id = (string)(await Callbacks(carol, number, 1))[0]!["id"]!;
        Assert.Equal(("CALLBACK_HAS_NO_ORDER", "STRANGER"), Read(await Replay(carol, id)));
        Assert.Null((await alice.StartPayment(number, "sandbox-qr"))["errors"]);
        var applied = await Replay(carol, id);
        Assert.Equal((null, "STORED"), Read(applied));
        await alice.OrderIs(number, "COMPLETED");
        Assert.Equal(100m, await alice.Credits());

        // The provider is asked about the first payment meanwhile.
        var happened = $"SELECT COUNT(*) FROM journal WHERE key IN ('{number}', '{alice.Subject}') AND type NOT IN ('PaymentAsked', 'PaymentClosed')";
        var events = await host.Database.Number(happened);
        foreach (var again in (string[])[id, (string)applied["callback"]!["id"]!]) Assert.Equal(("CALLBACK_ALREADY_APPLIED", "KNOWN"), Read(await Replay(carol, again)));
        Assert.Equal(events, await host.Database.Number(happened));
        Assert.Equal(100m, await alice.Credits());

        var kept = (await carol.Ask($"query($id: ID!) {{ node(id: $id) {{ ... on Callback {{ {Fields} }} }} }}", new { id }))["node"]!;
        Assert.Equal(["STRANGER", "STORED", "KNOWN", "KNOWN"], kept["replays"]!.AsArray().Select(replay => (string?)replay!["outcome"]));
        Assert.All(kept["replays"]!.AsArray(), replay => Assert.Equal(("admin:" + carol.Subject, "It was lost."), ((string?)replay!["replayedBy"], (string?)replay["note"])));

        var acts = (await carol.Ask(
            "query($actor: String!) { audit(first: 10, where: { actor: $actor }) { nodes { what noun note subject { id } } } }", new { actor = carol.Subject }))["audit"]!["nodes"]!.AsArray();
        Assert.Equal(4, acts.Count);
        Assert.All(acts, act => Assert.Equal(("CallbackReplayed", "callback", "It was lost."), ((string?)act!["what"], (string?)act["noun"], (string?)act["note"])));
        Assert.Contains(acts, act => (string?)act!["subject"]!["id"] == id);

        Assert.Equal("CALLBACK_NOT_FOUND", Read(await Replay(carol, Convert.ToBase64String("Callback:999999999"u8))).Error);
        Assert.Contains("AUTH_NOT_AUTHORIZED", (await alice.Send($"mutation {{ replayCallback(input: {{ callbackId: \"{id}\", note: \"x\" }}) {{ outcome }} }}")).Text, StringComparison.Ordinal);
        await host.Verify();
    }

    static Task<JsonNode> Replay(Caller caller, string callbackId) =>
        caller.Do("replayCallback", "ReplayCallbackInput", new { callbackId, note = "It was lost." }, "outcome callback { id }");

    static (string? Error, string? Outcome) Read(JsonNode payload) => ((string?)payload["errors"]?[0]!["code"], (string?)payload["outcome"]);

    static async Task<JsonArray> List(Caller administrator, object where) => (await administrator.Ask(
        $"query($where: CallbackFilter) {{ callbacks(first: 100, where: $where) {{ nodes {{ {Fields} }} }} }}", new { where }))["callbacks"]!["nodes"]!.AsArray();

    // They are written beside the answers, a moment later.
    static Task<JsonArray> Callbacks(Caller administrator, string orderNumber, int count) =>
        Until.Is(() => List(administrator, new { orderNumber }), found => found.Count >= count, $"{count} callbacks of {orderNumber} are in the inbox");

    async Task<(HostProcess Host, Caller Administrator, string Number)> Bought()
    {
        var host = await hosts.Shop(engine);
        return (host, await host.Administrator(), (string)(await (await host.NewBuyer()).Place("starter"))["number"]!);
    }
}

public sealed class InboxOnSqlite(SharedHosts hosts) : Inbox(hosts, Engine.Sqlite);

public sealed class InboxOnPostgres(SharedHosts hosts) : Inbox(hosts, Engine.Postgres);
