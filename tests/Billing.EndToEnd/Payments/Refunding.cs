using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Payments;

/// <summary>Money that goes back, as buyers, administrators and the provider see it.</summary>
public abstract class Refunding(SharedHosts hosts, Engine engine)
{
    [Fact]
    public async Task A_buyer_asks_the_credits_are_held_and_the_money_goes_back_once()
    {
        var (host, alice, number) = await Bought();
        var key = Guid.NewGuid().ToString("N");
        var asked = await alice.RequestRefund(number, key: key);
        Assert.Null(asked.Error());
        Assert.Equal(("REQUESTED", "REFUND_IN_PROGRESS", "COMPLETED"), Shown(asked["order"]!));
        Assert.Equal(0m, await alice.Credits());
        Assert.Equal("INSUFFICIENT_CREDITS", (await host.Forged("gateway", "billing:service").Spend(alice.Subject, "1")).Error());
        // The answer was lost, and it is asked again.
        var again = await alice.RequestRefund(number, key: key);
        var refund = Assert.Single(again["order"]!["refunds"]!.AsArray())!;
        Assert.Equal((number + "R01", "100"), ((string?)refund["number"], (string?)refund["heldCredits"]));
        Assert.Equal("IDEMPOTENCY_KEY_REUSED", (await alice.RequestRefund(number, key: key, reason: "Another.")).Error());
        Assert.Equal("REFUND_ALREADY_OPEN", (await alice.RequestRefund(number)).Error());

        var carol = host.SomeAdministrator();
        var queue = await carol.Ask("query { refundRequests(first: 100, status: REQUESTED) { nodes { id number requestedBy order { number } } } }");
        Assert.Contains(queue["refundRequests"]!["nodes"]!.AsArray(), one => (string?)one!["number"] == number + "R01" && (string?)one["order"]!["number"] == number);
        var approved = await carol.ApproveRefund((string)refund["id"]!, (long)refund["version"]!);
        Assert.Null(approved.Error());
        var order = await Until.Is(() => alice.Refunds(number), now => (string?)now["refundStatus"] == "SUCCEEDED", "the money went back");
        Assert.Equal(("SUCCEEDED", "REFUNDED", "REFUNDED"), Shown(order));
        Assert.Equal(("REVERSED", 0), ((string?)order["fulfilmentStatus"], (int)order["refundableAmount"]!["minorUnits"]!));
        Assert.Equal(0m, await alice.Credits());
        Assert.Equal(["REFUND_REQUESTED", "REFUND_APPROVED", "REFUND_SUCCEEDED"], (await alice.Timeline(number)).Where(kind => kind.StartsWith("REFUND", StringComparison.Ordinal)));
        const string listed = "query($account: ID!, $status: [RefundStatus!]) { orders(first: 5, where: { accountId: $account, refundStatus: $status }) { nodes { number } } }";
        foreach (var (status, count) in new[] { ("SUCCEEDED", 1), ("NONE", 0) })
            Assert.Equal(count, (await carol.Ask(listed, new { account = alice.Subject, status = (string[])[status] }))["orders"]!["nodes"]!.AsArray().Count);
        Assert.Equal("REFUND_ALREADY_DECIDED", (await carol.ApproveRefund((string)refund["id"]!, (long)refund["version"]!)).Error());
        Assert.Equal("ORDER_NOT_REFUNDABLE", (await alice.RequestRefund(number)).Error());
        var entries = (await alice.Ask("{ me { ledger(first: 10) { nodes { kind credits reference } } } }"))["me"]!["ledger"]!["nodes"]!.AsArray();
        Assert.Equal([("REFUND", "-100", $"refund:{number}R01"), ("PURCHASE", "100", $"order:{number}")],
            entries.Select(entry => ((string)entry!["kind"]!, (string)entry["credits"]!, (string)entry["reference"]!)));
        const string node = "query($id: ID!) { node(id: $id) { __typename ... on Refund { decidedBy } } }";
        Assert.Equal("Refund", (string?)(await carol.Ask(node, new { id = (string)refund["id"]! }))["node"]!["__typename"]);
        Assert.Null((await host.SomeBuyer().Ask("query($id: ID!) { node(id: $id) { __typename } }", new { id = (string)refund["id"]! }))["node"]);
    }

    /// <summary>One grain decides in order, from what is stored: the guard is the refund's status. Without it (<c>RefundRules.Approve</c> and <c>Reject</c>), both win.</summary>
    [Fact]
    public async Task Of_two_administrators_who_approve_and_reject_at_the_same_moment_one_wins_and_the_other_is_told()
    {
        for (var round = 0; round < 5; round++)
        {
            var (host, alice, number) = await Bought();
            var refund = (await alice.RequestRefund(number))["order"]!["refunds"]![0]!;
            var (id, version) = ((string)refund["id"]!, (long)refund["version"]!);
            var answers = await Task.WhenAll(host.SomeAdministrator().ApproveRefund(id, version), host.SomeAdministrator().RejectRefund(id, version));
            var lost = Assert.Single(answers, answer => answer["errors"] is not null);
            Assert.True(lost.Error() is "REFUND_ALREADY_DECIDED" or "CHANGED_MEANWHILE", lost.ToJsonString());
            var approved = answers[0]["errors"] is null;
            var order = await Until.Is(() => alice.Refunds(number), now => (string?)now["refundStatus"] == (approved ? "SUCCEEDED" : "REJECTED"), "it is decided");
            Assert.Equal(approved ? "REFUNDED" : "CREDITED", (string?)order["result"]!["code"]);
            await Until.Is(alice.Credits, credits => credits == (approved ? 0 : 100), "the credits are where they belong");
            if (!approved) Assert.Equal("It was used.", (string?)order["refunds"]![0]!["decisionNote"]);
        }
    }

    [Fact]
    public async Task Part_is_approved_and_the_rest_of_what_was_held_is_the_buyers_again()
    {
        var (host, alice, number) = await Bought();
        var refund = (await alice.RequestRefund(number, 660))["order"]!["refunds"]![0]!;
        Assert.Equal(33.333333m, await alice.Credits());
        var carol = host.SomeAdministrator();
        Assert.Equal("REFUND_AMOUNT_OUT_OF_RANGE", (await carol.ApproveRefund((string)refund["id"]!, (long)refund["version"]!, 661)).Error());
        Assert.Equal("CHANGED_MEANWHILE", (await carol.ApproveRefund((string)refund["id"]!, (long)refund["version"]! - 1)).Error());
        Assert.Null((await carol.ApproveRefund((string)refund["id"]!, (long)refund["version"]!, 330)).Error());
        var order = await Until.Is(() => alice.Refunds(number), now => (string?)now["refundStatus"] == "SUCCEEDED", "part went back");
        Assert.Equal(("PARTIALLY_REFUNDED", 660), ((string?)order["status"], (int)order["refundableAmount"]!["minorUnits"]!));
        Assert.Equal((330, 660), ((int)order["refunds"]![0]!["amount"]!["minorUnits"]!, (int)order["refunds"]![0]!["requestedAmount"]!["minorUnits"]!));
        Assert.Equal(66.666666m, await Until.Is(alice.Credits, credits => credits > 33.333333m, "the rest is given back"));

        // The rest, in two more parts: after the last one nothing of the credits is left.
        foreach (var part in new[] { 329, 331 })
        {
            Assert.Null((await carol.RefundOrder(number, part)).Error());
            await Until.Is(() => alice.Refunds(number), now => now["refunds"]!.AsArray().All(one => (string?)one!["status"] == "SUCCEEDED"), "another part went back");
        }

        Assert.Equal("REFUNDED", (string?)(await alice.Refunds(number))["status"]);
        Assert.Equal(0m, await alice.Credits());
        Assert.Equal("ORDER_NOT_REFUNDABLE", (await carol.RefundOrder(number, 1)).Error());
    }

    [Fact]
    public async Task What_is_spent_is_not_paid_back_unless_somebody_says_so()
    {
        var (host, alice, number) = await Bought();
        Assert.Null((await host.Forged("gateway", "billing:service").Spend(alice.Subject, "40")).Error());
        var refused = await alice.RequestRefund(number);
        Assert.Equal(("CREDITS_ALREADY_SPENT", 594), (refused.Error(), (int)refused["errors"]![0]!["refundable"]!["minorUnits"]!));
        Assert.Equal(60m, await alice.Credits());
        var carol = host.SomeAdministrator();
        Assert.Equal("CREDITS_ALREADY_SPENT", (await carol.RefundOrder(number, 990)).Error());
        Assert.Empty((await alice.Refunds(number))["refunds"]!.AsArray());

        var part = await alice.RequestRefund(number, 594);
        Assert.Equal("60", (string?)part["order"]!["refunds"]![0]!["heldCredits"]);
        Assert.Null((await alice.WithdrawRefund(number)).Error());
        Assert.Null((await alice.WithdrawRefund(number)).Error());
        Assert.Equal(60m, await Until.Is(alice.Credits, credits => credits > 0, "what was held is given back"));
        Assert.Equal("CREDITED", (string?)(await alice.Refunds(number))["result"]!["code"]);

        Assert.Null((await carol.RefundOrder(number, 990, evenIfSpent: true)).Error());
        await Until.Is(() => alice.Refunds(number), now => (string?)now["status"] == "REFUNDED", "all went back");
        Assert.Equal(0m, await alice.Credits());
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_and_changes_nothing()
    {
        var (host, alice, number) = await Bought();
        var (bob, carol) = (host.SomeBuyer(), host.SomeAdministrator());
        foreach (var (minor, currency) in new[] { (991L, "CNY"), (0L, "CNY"), (-1L, "CNY"), (990L, "USD"), (long.MaxValue, "CNY") })
        {
            var refused = await alice.RequestRefund(number, minor, currency: currency);
            Assert.Equal(("REFUND_AMOUNT_OUT_OF_RANGE", 990), (refused.Error(), (int)refused["errors"]![0]!["refundable"]!["minorUnits"]!));
        }

        Assert.Equal("ORDER_NOT_FOUND", (await bob.RequestRefund(number)).Error());
        Assert.Equal("ORDER_NOT_FOUND", (await bob.WithdrawRefund(number)).Error());
        Assert.Equal("NO_OPEN_REFUND_REQUEST", (await alice.WithdrawRefund(number)).Error());
        Assert.Equal("REFUND_NOT_FOUND", (await carol.ApproveRefund(number + "R01", 1)).Error());
        Assert.Equal("REFUND_NOT_FOUND", (await carol.RejectRefund("no such", 1)).Error());
        Assert.Equal("REFUND_NOT_FOUND", (await carol.ApproveRefund("0000000000000000R01", 1)).Error());
        Assert.Equal("WORK_ITEM_NOT_FOUND", (await carol.Resolve(number + "-1", "DISMISS")).Error());
        Assert.Contains("AUTH_NOT_AUTHORIZED", (await alice.Send("query { refundRequests(first: 1) { nodes { id } } }")).Codes);
        Assert.Contains("AUTH_NOT_AUTHORIZED", (await alice.Send("mutation { refundOrder(input: { orderNumber: \"x\", amount: { minorUnits: 1, currency: \"CNY\" }, note: \"n\", idempotencyKey: \"k\" }) { refund { id } } }")).Codes);
        var unpaid = await alice.Place("starter");
        Assert.Equal("ORDER_NOT_REFUNDABLE", (await alice.RequestRefund((string)unpaid["number"]!)).Error());
        Assert.Equal(["PLACED", "PAYMENT_STARTED", "PAYMENT_RECEIVED", "FULFILLED"], await alice.Timeline(number));
        Assert.Equal(100m, await alice.Credits());

        // Twice at once: one is asked for.
        var both = await Task.WhenAll(alice.RequestRefund(number), alice.RequestRefund(number));
        Assert.Equal("REFUND_ALREADY_OPEN", Assert.Single(both, answer => answer["errors"] is not null).Error());
        Assert.Single((await alice.Refunds(number))["refunds"]!.AsArray());
    }

    [Fact]
    public async Task Above_the_limit_two_administrators_must_approve_the_same_amount()
    {
        var host = await hosts.Refunds(engine);
        var (ada, bea) = (host.SomeAdministrator(), host.SomeAdministrator());
        var dear = await ada.NewPlan(new { price = new { minorUnits = 99_000, currency = "CNY" } });
        var (_, alice, number) = await Bought(dear);
        var refund = (await alice.RequestRefund(number))["order"]!["refunds"]![0]!;
        var id = (string)refund["id"]!;
        var first = (await ada.ApproveRefund(id, (long)refund["version"]!))["refund"]!;
        Assert.Equal("REQUESTED", (string?)first["status"]);
        Assert.Equal("SECOND_PERSON_REQUIRED", (await ada.ApproveRefund(id, (long)first["version"]!)).Error());
        // Of another amount it is a first approval anew; below the limit one would do, but it is not this one's.
        var other = (await bea.ApproveRefund(id, (long)first["version"]!, 90_000))["refund"]!;
        Assert.Equal("REQUESTED", (string?)other["status"]);
        Assert.Null((await ada.ApproveRefund(id, (long)other["version"]!, 90_000)).Error());
        var order = await Until.Is(() => alice.Refunds(number), now => (string?)now["refundStatus"] == "SUCCEEDED", "the money went back");
        Assert.Equal(90_000, (int)order["refunds"]![0]!["amount"]!["minorUnits"]!);
        var decided = await ada.Ask("query($number: ID!) { order(number: $number) { refunds { decidedBy } } }", new { number });
        Assert.Equal([$"admin:{bea.Subject}", $"admin:{ada.Subject}"], decided["order"]!["refunds"]![0]!["decidedBy"]!.AsArray().Select(by => (string?)by));
    }

    [Fact]
    public async Task A_small_request_for_what_is_unused_is_approved_by_itself()
    {
        var host = await hosts.Refunds(engine);
        var (_, alice, number) = await Bought(await host.SomeAdministrator().NewPlan(new { price = new { minorUnits = 100, currency = "CNY" } }));
        Assert.Null((await alice.RequestRefund(number)).Error());
        await Until.Is(() => alice.Refunds(number), now => (string?)now["refundStatus"] == "SUCCEEDED", "the money went back");
        var (_, bob, used) = await Bought(await host.SomeAdministrator().NewPlan(new { price = new { minorUnits = 100, currency = "CNY" } }));
        Assert.Null((await host.Forged("gateway", "billing:service").Spend(bob.Subject, "1")).Error());
        Assert.Equal("REQUESTED", (string?)(await bob.RequestRefund(used, 50))["order"]!["refundStatus"]);
    }

    [Fact]
    public async Task A_provider_that_refuses_makes_a_work_item_and_a_person_tries_again_under_the_same_number()
    {
        var (host, alice, number) = await Bought("starter", ("refunds", "fail"));
        var carol = host.SomeAdministrator();
        Assert.Null((await carol.RefundOrder(number, 990)).Error());
        var item = Assert.Single(await Until.Is(() => carol.OpenWorkItems(number), items => items.Length > 0, "a person is asked"));
        Assert.Equal(("REFUND_FAILED", number + "R01"), ((string?)item["kind"], (string?)item["refund"]!["number"]));
        Assert.Equal(["RETRY", "DISMISS"], item["possibleResolutions"]!.AsArray().Select(one => (string?)one));
        Assert.Equal(("FAILED", "REFUND_IN_PROGRESS", "COMPLETED"), Shown(await alice.Refunds(number)));
        Assert.Equal(0m, await alice.Credits());
        Assert.Equal("RESOLUTION_NOT_POSSIBLE", (await carol.Resolve((string)item["id"]!, "ACCEPT_AS_PAID")).Error());

        // It fails again, and is asked about again.
        Assert.Equal("RETRY", (string?)(await carol.Resolve((string)item["id"]!, "RETRY"))["workItem"]!["resolution"]);
        Assert.Equal("WORK_ITEM_ALREADY_RESOLVED", (await host.SomeAdministrator().Resolve((string)item["id"]!, "DISMISS")).Error());
        var second = Assert.Single(await Until.Is(() => carol.OpenWorkItems(number), items => items.Length > 0, "a person is asked again"));
        Assert.NotEqual((string?)item["id"], (string?)second["id"]);
        Assert.Single((await alice.Refunds(number))["refunds"]!.AsArray());

        // A person gives it up: what was held is the buyer's again, and can be asked back again.
        Assert.Null((await carol.Resolve((string)second["id"]!, "DISMISS")).Error());
        Assert.Equal(100m, await Until.Is(alice.Credits, credits => credits > 0, "what was held is given back"));
        Assert.Equal(("CREDITED", 990), ((string?)(await alice.Refunds(number))["result"]!["code"], (int)(await alice.Refunds(number))["refundableAmount"]!["minorUnits"]!));
    }

    [Fact]
    public async Task A_second_payment_goes_back_by_itself()
    {
        var host = await hosts.Refunds(engine);
        var (alice, carol) = (host.SomeBuyer(), host.SomeAdministrator());
        var order = await alice.Place("starter");
        var number = (string)order["number"]!;
        await host.Pay(order, ("do", "twice"), ("news", "now"));
        var refunded = await Until.Is(() => alice.Refunds(number), now => now["refunds"]!.AsArray() is [{ } one] && (string?)one["status"] == "SUCCEEDED", "the second payment went back");
        Assert.Equal(("COMPLETED", 990), ((string?)refunded["status"], (int)refunded["refundableAmount"]!["minorUnits"]!));
        Assert.Equal(100m, await alice.Credits());
        Assert.Contains("PAYMENT_DUPLICATED", await alice.Timeline(number));
        Assert.Equal(["DUPLICATE_PAYMENT"], await carol.WorkItems(number));
        Assert.Empty(await carol.OpenWorkItems(number));
    }

    [Theory]
    [InlineData("ACCEPT_AS_PAID", "COMPLETED", 100)]
    [InlineData("CREDIT_IN_PROPORTION", "COMPLETED", 50)]
    [InlineData("REFUND", "REFUNDED", 0)]
    [InlineData("DISMISS", "CANCELLED", 0)]
    public async Task Money_that_does_not_fit_ends_as_a_person_decides(string resolution, string status, int credits)
    {
        var host = await hosts.Refunds(engine);
        var (alice, carol) = (host.SomeBuyer(), host.SomeAdministrator());
        var order = await alice.Place("starter");
        var number = (string)order["number"]!;
        await host.Pay(order, ("do", "pay"), ("news", "now"), ("amount", "4.95"));
        await alice.OrderIs(number, "ON_HOLD");
        var item = Assert.Single(await carol.OpenWorkItems(number));
        Assert.Equal("AMOUNT_MISMATCH", (string?)item["kind"]);
        Assert.Equal(["ACCEPT_AS_PAID", "CREDIT_IN_PROPORTION", "REFUND", "DISMISS"], item["possibleResolutions"]!.AsArray().Select(one => (string?)one));

        var counts = (await carol.Ask("{ openWorkItems { kind open oldestOpenedAt } }"))["openWorkItems"]!.AsArray();
        Assert.True((int)Assert.Single(counts, one => (string?)one!["kind"] == "AMOUNT_MISMATCH")!["open"]! > 0);
        await Until.Is(() => Task.FromResult(host.Log), log => log.Contains("money needs a person", StringComparison.Ordinal), "somebody is called");

        var resolved = await carol.Resolve((string)item["id"]!, resolution);
        Assert.Equal((resolution, $"admin:{carol.Subject}", "For the test."),
            ((string?)resolved["workItem"]!["resolution"], (string?)resolved["workItem"]!["resolvedBy"], (string?)resolved["workItem"]!["note"]));
        await alice.OrderIs(number, status);
        Assert.Equal(credits, await Until.Is(alice.Credits, now => now == credits, "it is credited as decided"));
        Assert.Empty(await carol.OpenWorkItems(number));
        Assert.Contains("RESOLVED", await alice.Timeline(number));
        // Half of the price came, so half of the price can be given back.
        if (credits > 0) Assert.Equal(495, (int)(await alice.Refunds(number))["refundableAmount"]!["minorUnits"]!);
    }

    [Fact]
    public async Task A_refund_that_was_made_at_the_provider_takes_the_credits_back_and_asks_a_person()
    {
        var (host, alice, number) = await Bought();
        var carol = host.SomeAdministrator();
        var news = new SandboxRefundNews { Number = number + "01", RefundNumber = "BYHAND1", TransactionId = (string)(await alice.Order(number))!["payment"]!["providerReference"]! };
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => news.DeliverTo(host))), answer => Assert.Equal((200, "success"), answer));
        var order = await Until.Is(() => alice.Refunds(number), now => (string?)now["status"] == "REFUNDED", "it is known here");
        Assert.Equal("REFUNDED", (string?)order["result"]!["code"]);
        Assert.Equal(0m, await Until.Is(alice.Credits, credits => credits == 0, "the credits are taken back"));
        var item = Assert.Single(await carol.OpenWorkItems(number));
        Assert.Equal("DISPUTE", (string?)item["kind"]);
        Assert.Null((await carol.Resolve((string)item["id"]!, "DISMISS")).Error());

        // Of a payment that there is not, of another method's, and of one that nobody paid: not acknowledged, nothing changed.
        Assert.Equal(400, (await (news with { Number = "000000000000000001" }).DeliverTo(host)).Status);
        Assert.Equal(400, (await (news with { RefundNumber = "BYHAND2" }).DeliverTo(host, "sandbox-qr")).Status);
        var unpaid = await alice.Place("starter");
        Assert.Equal(400, (await (news with { Number = (string)unpaid["number"]! + "01", RefundNumber = "BYHAND3" }).DeliverTo(host)).Status);
        Assert.Single((await alice.Refunds(number))["refunds"]!.AsArray());
    }

    async Task<(HostProcess Host, Caller Buyer, string Number)> Bought(string plan = "starter", params (string Name, string Value)[] choices)
    {
        var host = await hosts.Refunds(engine);
        var alice = host.SomeBuyer();
        var order = await alice.Place(plan);
        await host.Pay(order, [("do", "pay"), ("news", "now"), .. choices]);
        await alice.OrderIs((string)order["number"]!, "COMPLETED");
        return (host, alice, (string)order["number"]!);
    }

    static (string? Refund, string? Result, string? Status) Shown(JsonNode order) => ((string?)order["refundStatus"], (string?)order["result"]!["code"], (string?)order["status"]);
}

public sealed class RefundingOnSqlite(SharedHosts hosts) : Refunding(hosts, Engine.Sqlite);

public sealed class RefundingOnPostgres(SharedHosts hosts) : Refunding(hosts, Engine.Postgres);
