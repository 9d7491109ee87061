using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Crashes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Reconciliations;

/// <summary>
/// A day's orders against the records of a provider that lives elsewhere. The day ends while the test looks on: where a day begins is a setting, and payments fall
/// on the day before it.
/// </summary>
public abstract class Reconciling(SharedHosts hosts, Engine engine) : KilledAtSomeWrite(hosts, engine)
{
    const string Fields = """
        id day phase source round requestedBy orders agreed healed differing notCompared finishedAt differencesTotal
        sums { receivedHere { minorUnits } receivedThere { minorUnits } refundedHere { minorUnits } refundedThere { minorUnits } }
        differences { kind end paymentNumber refundNumber transactionId here { minorUnits } there { minorUnits } order { number } }
        """;

    // Buying must be done by then, on a machine that does much else.
    static readonly TimeSpan UntilTheDayEnds = TimeSpan.FromSeconds(110);

    protected override int TooMany => 40;

    [Fact]
    public async Task What_the_provider_knows_better_is_healed_and_the_rest_is_a_persons_even_when_the_host_dies_in_the_midst_of_it()
    {
        await using var provider = await HostProcess.Start(await Hosts.NewDatabase(Engine.Sqlite));
        var end = DateTimeOffset.UtcNow + UntilTheDayEnds;
        var day = DateOnly.FromDateTime(end.UtcDateTime).AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var host = await Start(new Dictionary<string, string?>
        {
            ["Billing__PaymentMethods__sandbox__ProviderUrl"] = new Uri(provider.Url, "sandbox").AbsoluteUri,
            ["Billing__Reconciliation__DayStartsAt"] = end.UtcDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture),
            ["Billing__Reconciliation__Daily"] = "false",
            ["Billing__Reconciliation__Lease"] = "00:00:03",
            ["Billing__Reconciliation__Rest"] = "00:00:00.5",
            ["Billing__Reconciliation__RestFor"] = "00:00:00.5",
            ["Billing__Reconciliation__GiveUpAfter"] = "00:00:20",
            ["Billing__Reconciliation__Tries"] = "3",
        });
        await using var running = host;
        var carol = host.SomeAdministrator();
        Assert.Equal("DAY_NOT_OVER", (await Reconcile(carol, day)).Error());
        Assert.Equal("PAYMENT_METHOD_NOT_FOUND", (await Reconcile(carol, day, "no-such-method")).Error());
        Assert.Contains("AUTH_NOT_AUTHORIZED", (await host.SomeBuyer().Send("{ reconciliations(first: 1) { nodes { id } } }")).Codes);

        var (alice, agreed) = await Bought("now");
        // Bought and thought better of, and paid all the same; and the news of it are lost.
        var lost = new List<(Caller Buyer, string Number)>();
        for (var i = 0; i < 4; i++)
        {
            var buyer = host.SomeBuyer();
            var order = await buyer.Place("starter");
            var page = await provider.Open(order);
            await buyer.Cancel((string)order["number"]!);
            await Until.Is(() => buyer.Timeline((string)order["number"]!), kinds => kinds.Contains("PAYMENT_CLOSED"), "it is closed at the provider");
            await provider.SubmitFor(host, page, ("do", "late"), ("news", "lost"));
            lost.Add((buyer, (string)order["number"]!));
        }

        // Given back at the provider, by somebody who used its own pages there.
        var (bob, back) = await Bought("now", ("refunds", "unsaid"));
        await Call(provider, HttpMethod.Post, $"api/payments/{back}01/refunds", new { refundNumber = "BYHAND1", transactionId = await TransactionOf(provider, back), amountMinor = 990, currency = "CNY" });

        // Somebody who knows the secret has told of the price where less was paid.
        var (dave, tampered) = await Bought("lost", ("amount", "4.95"));
        Assert.Equal((200, "success"), await new SandboxNews { Number = tampered + "01", TransactionId = await TransactionOf(provider, tampered) }.DeliverTo(host));
        await dave.OrderIs(tampered, "COMPLETED");

        // And money that the provider never saw.
        var made = host.SomeBuyer();
        var madeUp = (string)(await made.Place("starter"))["number"]!;
        Assert.Equal((200, "success"), await new SandboxNews { Number = madeUp + "01" }.DeliverTo(host));
        await made.OrderIs(madeUp, "COMPLETED");

        // Money for a payment that does not exist here.
        var strange = await Call(provider, HttpMethod.Post, "api/payments", new
        {
            number = "STRANGE01",
            amountMinor = 990,
            currency = "CNY",
            subject = "?",
            expiresAt = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds(),
            returnUrl = new Uri(host.Url, "orders/x").AbsoluteUri,
            notifyUrl = new Uri(host.Url, "payments/sandbox/callback").AbsoluteUri,
        });
        await provider.SubmitFor(host, new Uri((string)strange["payUrl"]!), ("do", "pay"), ("news", "lost"));
        Assert.True(DateTimeOffset.UtcNow < end, "The day was over before everything of it had happened.");

        // In the midst of healing the host dies; it is started again, and goes on when the lease of the dead one has run out.
        await Arm("after", 2);
        await Until.Is(() => Insist(() => Reconcile(carol, day)), answer => answer["errors"] is null, "the day is over", TimeSpan.FromMinutes(3));
        var report = await Finished(1);
        Disarm();
        Assert.True(Died);
        Assert.Equal(("BILL", $"admin:{carol.Subject}", 8, 4, 0), (
            (string?)report["source"], (string?)report["requestedBy"], (int)report["orders"]!, (int)report["differing"]!, (int)report["notCompared"]!));
        Assert.InRange((int)report["healed"]!, 2, 4);
        Assert.Equal(
            ["AMOUNT_DIFFERS WORK_ITEM", "PAID_HERE_NOT_THERE WORK_ITEM", "REFUNDED_THERE_NOT_HERE WORK_ITEM", "UNKNOWN_PAYMENT WORK_ITEM"],
            report["differences"]!.AsArray().Select(one => $"{one!["kind"]} {one["end"]}").Where(one => !one.StartsWith("PAID_THERE", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.All(report["differences"]!.AsArray().Where(one => (string?)one!["kind"] == "PAID_THERE_NOT_HERE"), one => Assert.Equal("HEALED", (string?)one!["end"]));

        foreach (var (buyer, number) in lost)
        {
            Assert.Equal("COMPLETED", (string?)(await buyer.Order(number))!["status"]);
            Assert.Equal(100m, await buyer.Credits());
            Assert.Equal(1, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE noun = 'order' AND key = '{number}' AND type = 'PaymentReceived'"));
        }

        Assert.Equal("REFUNDED", (string?)(await bob.Refunds(back))["status"]);
        Assert.Equal(0m, await Until.Is(bob.Credits, credits => credits == 0, "the credits are taken back"));
        Assert.Equal(["DISPUTE"], (await carol.OpenWorkItems(back)).Select(item => (string?)item["kind"]));
        Assert.Equal(100m, await alice.Credits());
        Assert.Empty(await carol.WorkItems(agreed));

        // Compared again: what was healed agrees, and nobody is asked twice.
        Assert.True((bool)(await Reconcile(carol, day))["begun"]!);
        report = await Finished(2);
        Assert.Equal((7, 0, 3, 0), ((int)report["agreed"]!, (int)report["healed"]!, (int)report["differing"]!, (int)report["notCompared"]!));
        var sums = report["sums"]![0]!;
        Assert.Equal((7_920, 7_425, 990, 990), (Minor("receivedHere"), Minor("receivedThere"), Minor("refundedHere"), Minor("refundedThere")));
        foreach (var number in new[] { tampered, madeUp }) Assert.Equal(["RECORDS_DIFFER"], (await carol.OpenWorkItems(number)).Select(item => (string?)item["kind"]));
        Assert.Equal(1, await host.Database.Number("SELECT COUNT(*) FROM unclaimed_payments"));
        var one = (await carol.Ask($"query($id: ID!) {{ reconciliation(id: $id) {{ {Fields} }} node(id: $id) {{ __typename }} }}", new { id = (string)report["id"]! }));
        Assert.Equal((day, "Reconciliation"), ((string?)one["reconciliation"]!["day"], (string?)one["node"]!["__typename"]));

        // A provider that is gone says nothing, and that is no difference.
        await provider.Kill();
        Assert.True((bool)(await Reconcile(carol, day))["begun"]!);
        report = await Finished(3);
        Assert.Equal(("QUERIES", 0, 0, 0), ((string?)report["source"], (int)report["agreed"]!, (int)report["healed"]!, (int)report["differing"]!));
        Assert.InRange((int)report["notCompared"]!, 8, 20);
        await host.Verify();

        int Minor(string sum) => (int)sums[sum]!["minorUnits"]!;

        async Task<JsonNode> Finished(int round) => await Until.Is(
            () => Insist(() => Report(carol, day)), now => (int?)now["round"] == round && (string?)now["phase"] == "DONE", $"round {round} is done");

        async Task<(Caller Buyer, string Number)> Bought(string news, params (string, string)[] choices)
        {
            var buyer = host.SomeBuyer();
            var order = await buyer.Place("starter");
            await provider.PayFor(host, order, [("do", "pay"), ("news", news), .. choices]);
            if (news == "now") await buyer.OrderIs((string)order["number"]!, "COMPLETED");
            return (buyer, (string)order["number"]!);
        }
    }

    static Task<JsonNode> Reconcile(Caller administrator, string day, string methodId = "sandbox") =>
        administrator.Do("reconcile", "ReconcileInput", new { methodId, day }, $"begun reconciliation {{ {Fields} }}");

    static async Task<JsonNode> Report(Caller administrator, string day) =>
        (await administrator.Ask($"query {{ reconciliations(methodId: \"sandbox\", first: 1) {{ nodes {{ {Fields} }} }} }}"))["reconciliations"]!["nodes"]!.AsArray().Single(one => (string?)one!["day"] == day)!;

    static async Task<string> TransactionOf(HostProcess provider, string order) => (string)(await Call(provider, HttpMethod.Get, $"api/payments/{order}01", null))["transactionId"]!;

    /// <summary>Calls the provider as the merchant, signed as its documentation says; written apart from the code under test.</summary>
    static async Task<JsonNode> Call(HostProcess provider, HttpMethod method, string path, object? body)
    {
        var bytes = body is null ? [] : JsonSerializer.SerializeToUtf8Bytes(body);
        var timestamp = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(method, "sandbox/" + path);
        if (body is not null) request.Content = new ByteArrayContent(bytes) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        request.Headers.Add("Sandbox-Merchant", "sandbox-shop");
        request.Headers.Add("Sandbox-Timestamp", timestamp);
        byte[] signed = [.. Encoding.UTF8.GetBytes($"{method}\n/sandbox/{path}\n{timestamp}\n"), .. bytes];
        request.Headers.Add("Sandbox-Signature", Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(HostProcess.SandboxSecret), signed)));
        using var response = await provider.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }
}

public sealed class ReconcilingOnSqlite(SharedHosts hosts) : Reconciling(hosts, Engine.Sqlite);

public sealed class ReconcilingOnPostgres(SharedHosts hosts) : Reconciling(hosts, Engine.Postgres);
