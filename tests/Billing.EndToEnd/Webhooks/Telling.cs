using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Webhooks;

/// <summary>The real host tells a real server what happened.</summary>
public abstract class Telling(SharedHosts hosts, Engine engine)
{
    [Fact]
    public async Task A_purchase_is_told_in_its_order_and_signed_as_the_standards_own_library_verifies()
    {
        var host = await hosts.Telling(engine);
        await using var gateway = await Receiver.Start();
        var (_, secret) = await host.SomeAdministrator().Listen(gateway.Url);
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        var alice = host.SomeBuyer();
        var order = await alice.Place("starter");
        var number = (string)order["number"]!;
        await host.Pay(order, ("do", "pay"), ("news", "now"));
        await alice.OrderIs(number, "COMPLETED");

        var fulfilled = await gateway.Got(arrival => arrival.Type == "order.fulfilled" && (string?)arrival.Data["id"] == number, "the gateway is told of the fulfilment");
        var paid = gateway.Arrivals.First(arrival => (string?)arrival.Data["id"] == number);
        Assert.Equal("order.paid", paid.Type);
        Assert.Equal((alice.Subject, "starter"), ((string)paid.Data["accountId"]!, (string)paid.Data["planSlug"]!));
        Assert.True(Newness(paid).CompareTo(Newness(fulfilled)) < 0);
        var credited = await gateway.Got(arrival => arrival.Type == "credits.changed" && (string?)arrival.Data["id"] == alice.Subject, "the gateway is told of the credits");
        Assert.Equal(("PURCHASE", $"order:{number}", "100", "100"), (
            (string)credited.Data["kind"]!, (string)credited.Data["reference"]!, (string)credited.Data["credits"]!, (string)credited.Data["balanceAfter"]!));

        foreach (var arrival in (Arrival[])[paid, fulfilled, credited]) Assert.Equal("verified", await Receiver.Verify(arrival, secret));
        Assert.StartsWith("refused", await Receiver.Verify(paid with { Body = paid.Body.Replace("990", "991", StringComparison.Ordinal) }, secret), StringComparison.Ordinal);
        Assert.StartsWith("refused", await Receiver.Verify(paid with { Id = fulfilled.Id }, secret), StringComparison.Ordinal);

        static (long Version, long Ordinal) Newness(Arrival arrival) => ((long)arrival.Data["version"]!, (long)arrival.Data["ordinal"]!);
    }

    [Fact]
    public async Task A_redemption_is_told_without_the_code()
    {
        var host = await hosts.Telling(engine);
        await using var gateway = await Receiver.Start();
        var carol = host.SomeAdministrator();
        await carol.Listen(gateway.Url, "code.redeemed");
        var (batch, codes) = await carol.Issue();
        var bob = host.SomeBuyer();
        var redemption = (await bob.Redeem(codes[0]))["redemption"]!;
        var told = await gateway.Got(arrival => (string?)arrival.Data["accountId"] == bob.Subject, "the gateway is told of the redemption");
        Assert.Equal((string?)redemption["masked"], (string?)told.Data["masked"]);
        Assert.DoesNotContain(codes[0].Replace("-", "", StringComparison.Ordinal), told.Body.Replace("-", "", StringComparison.Ordinal), StringComparison.Ordinal);
        // Its id is the redemption's, as the API takes it; and its batch's.
        Assert.NotNull(await carol.Batch((string)told.Data["batchId"]!));
        Assert.Equal(batch, (string)(await carol.Batch((string)told.Data["batchId"]!))!["id"]!);
        Assert.Null((await carol.Reverse((string)told.Data["id"]!, "a reversal")).Error());
        Assert.All(gateway.Arrivals, arrival => Assert.Equal("code.redeemed", arrival.Type));
    }

    [Fact]
    public async Task While_a_secret_is_rotated_both_verify()
    {
        var host = await hosts.Telling(engine);
        await using var gateway = await Receiver.Start();
        var carol = host.SomeAdministrator();
        var (id, first) = await carol.Listen(gateway.Url, "order.paid");
        var second = (string)(await carol.Rotate(id))["secret"]!;
        Assert.NotEqual(first, second);
        Assert.NotNull((await carol.Endpoint(id))!["oldSecretUntil"]);
        await carol.SendTest(id);
        var test = await gateway.Got(arrival => arrival.Type == "webhook.test", "the test arrives");
        Assert.Equal(2, test.Signature.Split(' ').Length);
        Assert.Equal("verified", await Receiver.Verify(test, first));
        Assert.Equal("verified", await Receiver.Verify(test, second));
        var third = (string)(await carol.Rotate(id))["secret"]!;
        await carol.SendTest(id);
        var later = await gateway.Got(arrival => arrival.Type == "webhook.test" && arrival.Id != test.Id, "the next test arrives");
        Assert.StartsWith("refused", await Receiver.Verify(later, first), StringComparison.Ordinal);
        Assert.Equal("verified", await Receiver.Verify(later, second));
        Assert.Equal("verified", await Receiver.Verify(later, third));
    }

    [Fact]
    public async Task A_failure_is_tried_again_and_shown_and_what_was_delivered_can_be_replayed_under_its_id()
    {
        var host = await hosts.Telling(engine);
        await using var gateway = await Receiver.Start();
        var carol = host.SomeAdministrator();
        var works = false;
        gateway.Answer = _ => Task.FromResult(works ? 200 : 500);
        var (id, _) = await carol.Listen(gateway.Url, "order.refunded");
        await carol.SendTest(id);
        var waits = (await Until.Is(() => carol.Deliveries(id, "PENDING"), found => found is [{ } one] && (int?)one["lastStatusCode"] == 500, "the failure is shown"))[0];
        Assert.Equal("webhook.test", (string)waits["eventType"]!);
        Assert.NotNull(waits["nextAttemptAt"]);
        works = true;
        var done = (await Until.Is(() => carol.Deliveries(id, "DELIVERED"), found => found.Length == 1, "it is delivered in the end"))[0];
        Assert.Equal((200, (string)waits["eventId"]!), ((int)done["lastStatusCode"]!, (string)done["eventId"]!));
        Assert.Equal(gateway.Arrivals[0].Body, (string)done["payload"]!);

        var before = gateway.Arrivals.Count;
        Assert.Equal(1, (int)(await carol.Replay(id, new { deliveryIds = (string[])[(string)done["id"]!] }))["deliveries"]!);
        await Until.Is(() => Task.FromResult(gateway.Arrivals.Count), count => count > before, "it arrives again");
        await carol.Replay(id, new { since = DateTimeOffset.UtcNow.AddHours(-1) });
        await Until.Is(() => Task.FromResult(gateway.Arrivals.Count), count => count > before + 1, "and again");
        Assert.Single(gateway.Arrivals.Select(arrival => arrival.Id).Distinct());
        Assert.Equal((string)done["id"]!, (string)(await carol.Ask("query($id: ID!) { node(id: $id) { id ... on WebhookDelivery { eventId } } }", new { id = (string)done["id"]! }))["node"]!["id"]!);
    }

    [Fact]
    public async Task Who_answers_410_is_asked_no_more()
    {
        var host = await hosts.Telling(engine);
        await using var gateway = await Receiver.Start();
        gateway.Answer = _ => Task.FromResult(410);
        var carol = host.SomeAdministrator();
        var (id, _) = await carol.Listen(gateway.Url, "order.paid");
        await carol.SendTest(id);
        var endpoint = await Until.Is(() => carol.Endpoint(id), found => (string?)found!["status"] == "DISABLED", "it is disabled");
        Assert.Equal("GONE", (string)endpoint!["disabledFor"]!);
        Assert.Equal("WEBHOOK_ENDPOINT_DISABLED", (await carol.SendTest(id)).Error());
    }

    [Fact]
    public async Task What_cannot_be_an_endpoint_is_refused_with_its_reason()
    {
        var host = await hosts.Telling(engine);
        var carol = host.SomeAdministrator();
        foreach (var url in (string[])["", "gateway.example", "ftp://gateway.example/", "http://user:secret@gateway.example/", "http://gateway.example/#x", "http://gateway.example/" + new string('a', 2_048)])
            Refused(await carol.TryToListen(url), "INVALID_WEBHOOK_ENDPOINT", "field", "url");
        Refused(await carol.TryToListen("http://127.0.0.1/", ["order.teleported"]), "INVALID_WEBHOOK_ENDPOINT", "field", "eventTypes");
        Refused(await carol.TryToListen("http://127.0.0.1/", []), "INVALID_WEBHOOK_ENDPOINT", "field", "eventTypes");
        Refused(await carol.TryToListen("http://127.0.0.1/", description: new('x', 201)), "INVALID_WEBHOOK_ENDPOINT", "field", "description");
        var made = await carol.TryToListen("http://127.0.0.1:1/", key: "one");
        Assert.Null(made.Error());
        var again = await carol.TryToListen("http://127.0.0.1:1/", key: "one");
        Assert.Equal((true, null), ((bool)again["replayed"]!, (string?)again["secret"]));
        Assert.Equal("IDEMPOTENCY_KEY_REUSED", (await carol.TryToListen("http://127.0.0.1:2/", key: "one")).Error());
        var id = (string)made["endpoint"]!["id"]!;
        Assert.Equal("INVALID_WEBHOOK_ENDPOINT", (await carol.UpdateEndpoint(id, url: "nowhere")).Error());
        Assert.Equal("WEBHOOK_DELIVERY_NOT_FOUND", (await carol.Replay(id, new { deliveryIds = (string[])["nothing"] })).Error());
        foreach (var nobody in (string[])["nobody", "0000000000000000"])
        {
            Assert.Equal("WEBHOOK_ENDPOINT_NOT_FOUND", (await carol.SendTest(nobody)).Error());
            Assert.Equal("WEBHOOK_ENDPOINT_NOT_FOUND", (await carol.Rotate(nobody)).Error());
            Assert.Null(await carol.Endpoint(nobody));
            Assert.Empty(await carol.Deliveries(nobody));
        }

        Assert.Null((await carol.DeleteEndpoint(id)).Error());
        Assert.Null(await carol.Endpoint(id));
        Assert.Equal("WEBHOOK_ENDPOINT_NOT_FOUND", (await carol.DeleteEndpoint(id)).Error());

        static void Refused(JsonNode payload, string code, string fact, string value)
        {
            Assert.Equal((code, value), (payload.Error(), (string?)payload["errors"]![0]![fact]));
            Assert.Null(payload["endpoint"]);
            Assert.Null(payload["secret"]);
        }
    }

    [Fact]
    public async Task Without_the_settings_nothing_private_is_told_anything()
    {
        await using var host = await HostProcess.Start(await hosts.NewDatabase(engine));
        var carol = host.SomeAdministrator();
        Assert.Equal("INVALID_WEBHOOK_ENDPOINT", (await carol.TryToListen("http://1.1.1.1/")).Error());
        foreach (var hostName in (string[])
        [
            "127.0.0.1", "2130706433", "0177.0.0.1", "0x7f000001", "127.1", "localhost", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "0xa9fea9fe", "[::1]", "[::ffff:127.0.0.1]",
            "[::ffff:a9fe:a9fe]", "[fe80::1]", "[fd00::1]", "0.0.0.0", "[::]",
        ])
        {
            var payload = await carol.TryToListen($"https://{hostName}/");
            Assert.Equal(("WEBHOOK_ADDRESS_REFUSED", "NOT_PUBLIC"), (payload.Error(), (string?)payload["errors"]![0]!["reason"]));
        }

        Assert.Equal(0, await host.Database.Number("SELECT COUNT(*) FROM webhook_endpoints"));
        await host.Verify();
    }

    [Fact]
    public async Task Only_administrators_see_and_change_endpoints()
    {
        var host = await hosts.Telling(engine);
        var (id, _) = await host.SomeAdministrator().Listen(new("http://127.0.0.1:1/"), "order.paid");
        foreach (var query in (string[])
        [
            "{ webhookEndpoints { nodes { id } } }",
            $"{{ webhookEndpoint(id: \"{id}\") {{ id }} }}",
            $"{{ webhookDeliveries(endpointId: \"{id}\") {{ nodes {{ id }} }} }}",
            $"mutation {{ sendTestEvent(input: {{ endpointId: \"{id}\" }}) {{ endpoint {{ id }} }} }}",
            $"mutation {{ rotateWebhookSecret(input: {{ endpointId: \"{id}\", note: \"x\" }}) {{ secret }} }}",
            $"mutation {{ deleteWebhookEndpoint(input: {{ endpointId: \"{id}\", note: \"x\" }}) {{ endpoint {{ id }} }} }}",
        ])
        {
            Assert.Equal(["AUTH_NOT_AUTHORIZED"], (await host.SomeBuyer().Send(query)).Codes);
            Assert.Equal(["AUTH_NOT_AUTHENTICATED"], (await host.Anybody.Send(query)).Codes);
        }

        Assert.Null((await host.SomeBuyer().Ask("query($id: ID!) { node(id: $id) { id } }", new { id }))["node"]);
    }

    /// <summary>At any level: what is signed with is shown to the administrator and to nobody else.</summary>
    [Fact]
    public async Task No_secret_is_in_the_log_nor_in_the_database()
    {
        var settings = new Dictionary<string, string?>(SharedHosts.TellingSettings);
        foreach (var category in (string[])["Default", "Microsoft", "Orleans", "Npgsql", "System.Net.Http.HttpClient"]) settings[$"Logging__LogLevel__{category}"] = "Trace";
        await using var host = await HostProcess.Start(await hosts.NewDatabase(engine), settings);
        await using var gateway = await Receiver.Start();
        var carol = host.SomeAdministrator();
        var (id, first) = await carol.Listen(gateway.Url, "order.paid");
        var second = (string)(await carol.Rotate(id))["secret"]!;
        await carol.SendTest(id);
        await gateway.Got(arrival => arrival.Type == "webhook.test", "the test arrives");
        await host.Kill();
        Assert.Contains("dbug:", host.Log, StringComparison.Ordinal);
        foreach (var secret in (string[])[first["whsec_".Length..], second["whsec_".Length..]])
        {
            Assert.DoesNotContain(secret, host.Log, StringComparison.Ordinal);
            Assert.Equal(0, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE CAST(data AS text) LIKE '%{secret}%'"));
            Assert.Equal(0, await host.Database.Number($"SELECT COUNT(*) FROM webhook_endpoints WHERE CAST(document AS text) LIKE '%{secret}%'"));
        }
    }
}

public sealed class TellingOnSqlite(SharedHosts hosts) : Telling(hosts, Engine.Sqlite);

public sealed class TellingOnPostgres(SharedHosts hosts) : Telling(hosts, Engine.Postgres);
