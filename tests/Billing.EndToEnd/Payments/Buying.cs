using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Payments;

/// <summary>What buyers do and what they see.</summary>
public abstract class Buying(SharedHosts hosts, Engine engine)
{
    [Theory]
    [InlineData("sandbox")]
    [InlineData("sandbox-qr")]
    public async Task A_buyer_sees_a_plan_pays_and_is_credited_and_it_is_pushed(string methodId)
    {
        var host = await hosts.Shop(engine);
        var alice = await host.NewBuyer();
        var shop = await host.Anybody.Ask("{ plans { slug price { minorUnits currency } } paymentMethods(planSlug: \"starter\") { id } }");
        Assert.Contains(shop["plans"]!.AsArray(), plan => (string?)plan!["slug"] == "starter" && (long)plan["price"]!["minorUnits"]! == 990);
        Assert.Contains(shop["paymentMethods"]!.AsArray(), method => (string?)method!["id"] == methodId);

        var order = await alice.Place("starter", methodId);
        Assert.Equal("AWAITING_PAYMENT", (string?)order["status"]);
        Assert.Equal("WAITING_FOR_PAYMENT", (string?)order["result"]!["code"]);
        if (methodId == "sandbox-qr") Assert.StartsWith("<svg", (string?)order["payment"]!["qrCodeSvg"], StringComparison.Ordinal);
        var number = (string)order["number"]!;

        await using var live = await LiveOrder.Watch(host, alice, number);
        Assert.Equal("WAITING_FOR_PAYMENT", (string?)(await live.Next())["result"]!["code"]);
        await host.Pay(order, ("do", "pay"), ("news", "now"));
        // Nobody asked meanwhile: it was pushed, and what was pushed is stored.
        var pushed = await live.Until("CREDITED");
        var read = (await alice.Order(number))!;
        Assert.Equal((long)pushed["version"]!, (long)read["version"]!);
        Assert.Equal(("COMPLETED", "PAID", "FULFILLED"), ((string?)read["status"], (string?)read["paymentStatus"], (string?)read["fulfilmentStatus"]));
        Assert.Equal(100m, await alice.Credits());

        var me = (await alice.Ask("{ me { accountId ledger(first: 10) { nodes { kind credits balanceAfter reference } } orders(first: 10) { nodes { number } } } }"))["me"]!;
        var entry = Assert.Single(me["ledger"]!["nodes"]!.AsArray())!;
        Assert.Equal(("PURCHASE", "100", "100", $"order:{number}"), ((string?)entry["kind"], (string?)entry["credits"], (string?)entry["balanceAfter"], (string?)entry["reference"]));
        Assert.Equal(number, (string?)Assert.Single(me["orders"]!["nodes"]!.AsArray())!["number"]);
        Assert.Equal(["PLACED", "PAYMENT_STARTED", "PAYMENT_RECEIVED", "FULFILLED"], await alice.Timeline(number));
    }

    [Fact]
    public async Task An_order_is_there_for_its_buyer_and_administrators_and_for_nobody_else()
    {
        var host = await hosts.Shop(engine);
        var (alice, bob, carol) = (await host.NewBuyer(), await host.NewBuyer(), await host.Administrator());
        var order = await alice.Place("starter");
        var number = (string)order["number"]!;

        const string query = "query($number: ID!) { order(number: $number) { number } }";
        // Another's order and no order at all: the same answer, letter by letter. Well-formed but unknown: bob's own next number.
        var unknown = await bob.Send(query, new { number = "0000000000000000" });
        var others = await bob.Send(query, new { number });
        Assert.Equal(unknown, others);
        Assert.Equal("""{"data":{"order":null}}""", others.Text);
        Assert.Equal("ORDER_NOT_FOUND", (string?)(await bob.Cancel(number))["errors"]![0]!["code"]);
        Assert.Equal("ORDER_NOT_FOUND", (string?)(await bob.StartPayment(number, "sandbox"))["errors"]![0]!["code"]);
        Assert.Equal("ORDER_NOT_FOUND", (string?)(await bob.RefreshPayment(number))["errors"]![0]!["code"]);
        Assert.Contains("AUTH_NOT_AUTHENTICATED", (await host.Anybody.Send("{ me { orders { nodes { number } } } orders { nodes { number } } }")).Codes);
        Assert.Contains("AUTH_NOT_AUTHORIZED", (await bob.Send("{ orders(first: 5) { nodes { number } } }")).Codes);

        Assert.Equal(number, (string?)(await carol.Order(number))!["number"]);
        var found = await carol.Ask("query($account: ID!) { orders(first: 5, where: { accountId: $account }) { totalCount nodes { number } } }", new { account = alice.Subject });
        Assert.Equal(number, (string?)Assert.Single(found["orders"]!["nodes"]!.AsArray())!["number"]);
        Assert.Equal("AWAITING_PAYMENT", (string?)(await alice.Order(number))!["status"]);
    }

    [Fact]
    public async Task An_order_whose_number_reads_as_base64_is_found_by_it_all_the_same()
    {
        var host = await hosts.Shop(engine);
        var erin = await host.SignIn("erin");
        // This wish's number, WF86JCAGDXRZRHQD, decodes to a text with a colon in it, as a global id does.
        var order = await erin.Place("starter", key: "wish 7155");
        Assert.Equal("WF86JCAGDXRZRHQD", (string?)order["number"]);
        Assert.NotNull(await erin.Order("WF86JCAGDXRZRHQD"));
        Assert.Null((await erin.Cancel("WF86JCAGDXRZRHQD"))["errors"]);
    }

    [Fact]
    public async Task The_same_wish_is_the_same_order_and_its_payment_the_same_payment()
    {
        var host = await hosts.Shop(engine);
        var alice = await host.NewBuyer();
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => alice.TryToPlace("starter", "one-wish")));
        Assert.Single(answers.Select(answer => (string)answer["order"]!["number"]!).Distinct());
        Assert.Single(answers, answer => !(bool)answer["replayed"]!);
        Assert.Single(answers.Select(answer => (string)answer["order"]!["payment"]!["redirectUrl"]!).Distinct());
        var asked = await alice.Ask("""{ orderByKey(idempotencyKey: "one-wish") { number } nothing: orderByKey(idempotencyKey: "no wish") { number } }""");
        Assert.Equal((string?)answers[0]["order"]!["number"], (string?)asked["orderByKey"]!["number"]);
        Assert.Null(asked["nothing"]);
    }

    [Theory]
    [InlineData("repeated", "COMPLETED", 100, null)]
    [InlineData("reordered", "COMPLETED", 100, null)]
    [InlineData("delayed", "COMPLETED", 100, null)]
    public async Task However_the_news_comes_it_is_credited_once(string news, string status, int credits, string? workItem)
    {
        var (host, alice, number, order) = await Bought();
        await host.Pay(order, ("do", "pay"), ("news", news), ("times", "20"), ("seconds", "2"));
        await alice.OrderIs(number, status);
        await Quiet(host, number);
        await Ends(host, alice, number, status, credits, workItem);
    }

    [Fact]
    public async Task Money_that_comes_twice_is_credited_once_and_the_second_is_a_work_item()
    {
        var (host, alice, number, order) = await Bought();
        await host.Pay(order, ("do", "twice"), ("news", "now"));
        var carol = await host.Administrator();
        await Until.Is(() => carol.WorkItems(number), items => items.Length > 0, "the duplicate is a work item");
        await alice.OrderIs(number, "COMPLETED");
        await Ends(host, alice, number, "COMPLETED", 100, "DUPLICATE_PAYMENT");
    }

    [Theory]
    [InlineData("1.00", "CNY")]
    [InlineData("9.90", "USD")]
    [InlineData("99999.00", "CNY")]
    public async Task Money_of_another_amount_or_currency_waits_for_a_person(string amount, string currency)
    {
        var (host, alice, number, order) = await Bought();
        await host.Pay(order, ("do", "pay"), ("news", "now"), ("amount", amount), ("currency", currency));
        await alice.OrderIs(number, "ON_HOLD");
        Assert.Equal("UNDER_REVIEW", (string?)(await alice.Order(number))!["result"]!["code"]);
        await Ends(host, alice, number, "ON_HOLD", 0, "AMOUNT_MISMATCH");
    }

    [Fact]
    public async Task News_that_is_lost_is_found_by_asking_the_provider()
    {
        var (host, alice, number, order) = await Bought();
        await host.Pay(order, ("do", "pay"), ("news", "lost"));
        Assert.Equal("AWAITING_PAYMENT", (string?)(await alice.Order(number))!["status"]);
        Assert.Null((await alice.RefreshPayment(number))["errors"]);
        await alice.OrderIs(number, "COMPLETED");
        await Ends(host, alice, number, "COMPLETED", 100, null);
    }

    [Fact]
    public async Task A_declined_payment_leaves_the_order_to_be_paid_in_another_way()
    {
        var (host, alice, number, order) = await Bought();
        await host.Pay(order, ("do", "decline"), ("news", "now"));
        await Until.Is(() => alice.Order(number), now => (string?)now!["payment"]!["status"] == "CANCELLED", "the payment is closed");
        var second = await alice.StartPayment(number, "sandbox-qr");
        Assert.True(second["errors"] is null, second.ToJsonString());
        await host.Pay(second["order"]!, ("do", "pay"), ("news", "now"));
        var paid = await alice.OrderIs(number, "COMPLETED");
        Assert.Equal(["CANCELLED", "PAID"], paid["payments"]!.AsArray().Select(payment => (string?)payment!["status"]));
        await Ends(host, alice, number, "COMPLETED", 100, null);
    }

    [Fact]
    public async Task Money_for_a_cancelled_order_is_credited_all_the_same()
    {
        var (host, alice, number, order) = await Bought();
        var page = await host.Open(order);
        Assert.Null((await alice.Cancel(number))["errors"]);
        await alice.OrderIs(number, "CANCELLED");
        await host.Submit(page, ("do", "late"), ("news", "now"));
        await alice.OrderIs(number, "COMPLETED");
        await Ends(host, alice, number, "COMPLETED", 100, null);
    }

    async Task<(HostProcess Host, Caller Buyer, string Number, JsonNode Order)> Bought()
    {
        var host = await hosts.Shop(engine);
        var alice = await host.NewBuyer();
        var order = await alice.Place("starter");
        return (host, alice, (string)order["number"]!, order);
    }

    /// <summary>A callback that changes nothing is answered after all that came before it.</summary>
    static async Task Quiet(HostProcess host, string number) =>
        await Until.Is(() => new SandboxNews { Number = number + "01", State = "pending" }.DeliverTo(host), answer => answer.Status == 200, "the callbacks are heard");

    static async Task Ends(HostProcess host, Caller buyer, string number, string status, int credits, string? workItem)
    {
        Assert.Equal(status, (string?)(await buyer.Order(number))!["status"]);
        Assert.Equal(credits, await buyer.Credits());
        Assert.Equal(workItem is null ? [] : [workItem], await (await host.Administrator()).WorkItems(number));
    }
}

public sealed class BuyingOnSqlite(SharedHosts hosts) : Buying(hosts, Engine.Sqlite);

public sealed class BuyingOnPostgres(SharedHosts hosts) : Buying(hosts, Engine.Postgres);
