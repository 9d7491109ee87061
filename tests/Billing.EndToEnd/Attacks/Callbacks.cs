using System.Net;
using System.Text;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Attacks;

/// <summary>Callbacks as the provider, and others, may send them.</summary>
public abstract class Callbacks(SharedHosts hosts, Engine engine)
{
    [Fact]
    public async Task The_same_callback_a_hundred_times_at_once_changes_the_balance_once()
    {
        var (host, alice, number) = await Bought();
        var news = new SandboxNews { Number = number + "01" };
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => news.DeliverTo(host)));
        Assert.All(answers, answer => Assert.Equal((200, "success"), answer));
        await alice.OrderIs(number, "COMPLETED");
        Assert.Equal(100m, await alice.Credits());
        Assert.Equal(1, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE key = '{number}' AND type = 'PaymentReceived'"));
        Assert.Equal(1, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE key = '{alice.Subject}'"));
        await host.Verify();
    }

    [Fact]
    public async Task What_is_stored_is_acknowledged_and_what_is_acknowledged_is_stored()
    {
        var (host, alice, number) = await Bought();
        Assert.Equal((200, "success"), await new SandboxNews { Number = number + "01" }.DeliverTo(host));
        // At once, without waiting: the money is there, whether it is credited yet or not.
        Assert.Equal("PAID", (string?)(await alice.Order(number))!["paymentStatus"]);
        await alice.OrderIs(number, "COMPLETED");
    }

    [Theory]
    [InlineData("a changed byte")]
    [InlineData("a changed signature")]
    [InlineData("another secret")]
    [InlineData("no signature")]
    [InlineData("an old timestamp")]
    [InlineData("a timestamp to come")]
    [InlineData("a negative amount")]
    [InlineData("a huge amount")]
    [InlineData("an amount beyond any number")]
    [InlineData("a fraction")]
    [InlineData("an unknown currency")]
    [InlineData("duplicate keys")]
    [InlineData("no JSON")]
    [InlineData("an empty body")]
    [InlineData("a list")]
    [InlineData("no number")]
    public async Task A_callback_that_is_not_as_it_must_be_is_refused_and_changes_nothing(string fault)
    {
        var (host, alice, number) = await Bought();
        var good = new SandboxNews { Number = number + "01" };
        var json = fault switch
        {
            "a negative amount" => (good with { AmountMinor = -990 }).Json,
            "a huge amount" => (good with { AmountMinor = long.MaxValue }).Json,
            "an amount beyond any number" => good.Json.Replace("990", "99000000000000000000", StringComparison.Ordinal),
            "a fraction" => good.Json.Replace("990", "990.5", StringComparison.Ordinal),
            "an unknown currency" => (good with { Currency = "XXQ" }).Json,
            "duplicate keys" => good.Json.Replace("\"amountMinor\":990", "\"amountMinor\":1,\"amountMinor\":990", StringComparison.Ordinal),
            "no JSON" => "pay me",
            "an empty body" => "",
            "a list" => $"[{good.Json}]",
            "no number" => good.Json.Replace("\"number\"", "\"numero\"", StringComparison.Ordinal),
            _ => good.Json,
        };
        var body = Encoding.UTF8.GetBytes(json);
        var now = DateTimeOffset.UtcNow;
        var at = fault switch { "an old timestamp" => now.AddMinutes(-6), "a timestamp to come" => now.AddMinutes(6), _ => now };
        var timestamp = $"{at.ToUnixTimeSeconds()}";
        var signature = fault switch
        {
            "no signature" => "",
            "a changed signature" => Flip(SandboxNews.Sign(body, timestamp)),
            "another secret" => SandboxNews.Sign(body, timestamp, "another-secret-0123456789abcdef0123456789abcdef"),
            _ => SandboxNews.Sign(body, timestamp),
        };
        if (fault == "a changed byte") body[json.IndexOf("990", StringComparison.Ordinal)] = (byte)'1';

        var before = await host.Database.Contents();
        var (status, text) = await SandboxNews.Deliver(host, "sandbox", body, at, signature);
        Assert.Equal((400, "fail"), (status, text));
        Assert.Equal(before, await host.Database.Contents());
        Assert.Equal("AWAITING_PAYMENT", (string?)(await alice.Order(number))!["status"]);
        // The order is none the worse for it.
        Assert.Equal((200, "success"), await good.DeliverTo(host));
        await alice.OrderIs(number, "COMPLETED");
    }

    [Theory]
    [InlineData("an unknown order")]
    [InlineData("an unknown payment")]
    [InlineData("no number of ours")]
    [InlineData("another method")]
    [InlineData("another merchant")]
    public async Task Money_that_is_nobodys_is_kept_for_a_person_once_and_not_acknowledged(string whose)
    {
        var (host, alice, number) = await Bought();
        var news = new SandboxNews
        {
            Number = whose switch { "an unknown order" => Unknown, "an unknown payment" => number + "02", "no number of ours" => "INVOICE-7", _ => number + "01" },
            Merchant = whose == "another merchant" ? "another-shop" : "sandbox-shop",
        };
        var before = await host.Database.Contents();
        for (var times = 0; times < 3; times++)
        {
            var (status, text) = await news.DeliverTo(host, whose == "another method" ? "sandbox-qr" : "sandbox");
            Assert.Equal((400, "fail"), (status, text));
        }

        Assert.Equal(before with { Unclaimed = before.Unclaimed + 1, Events = before.Events + 1 }, await host.Database.Contents());
        Assert.Equal("AWAITING_PAYMENT", (string?)(await alice.Order(number))!["status"]);
        var items = (await (await host.Administrator()).Ask("{ workItems(first: 100, where: { open: true, kind: [UNKNOWN_ORDER] }) { nodes { detail } } }"))["workItems"]!["nodes"]!.AsArray();
        Assert.Single(items, item => ((string)item!["detail"]!).Contains(news.Number, StringComparison.Ordinal));
        await host.Verify();
    }

    [Fact]
    public async Task A_body_larger_than_any_callback_is_not_read()
    {
        var (host, _, _) = await Bought();
        var before = await host.Database.Contents();
        var (status, _) = await SandboxNews.Deliver(host, "sandbox", new byte[65 * 1024]);
        Assert.Equal(413, status);
        Assert.Equal(before, await host.Database.Contents());
    }

    [Fact]
    public async Task A_method_that_does_not_exist_has_no_callbacks()
    {
        var (host, alice, number) = await Bought();
        var before = await host.Database.Contents();
        Assert.Equal(404, (await new SandboxNews { Number = number + "01" }.DeliverTo(host, "no-such-method")).Status);
        Assert.Equal(before, await host.Database.Contents());
        Assert.Equal("AWAITING_PAYMENT", (string?)(await alice.Order(number))!["status"]);
    }

    [Fact]
    public async Task A_GET_is_no_callback()
    {
        var (host, _, number) = await Bought();
        var before = await host.Database.Contents();
        using var answer = await host.Http.GetAsync($"payments/sandbox/callback?number={number}01&state=paid", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(before, await host.Database.Contents());
    }

    static string Flip(string signature) => (signature[0] == '0' ? '1' : '0') + signature[1..];

    // Sixteen zeros have the right check character, and are the number of no order.
    const string Unknown = "000000000000000001";

    async Task<(HostProcess Host, Caller Buyer, string Number)> Bought()
    {
        var host = await hosts.Counted(engine);
        var alice = await host.NewBuyer();
        return (host, alice, (string)(await alice.Place("starter"))["number"]!);
    }
}

[Collection("Counted on SQLite")]
public sealed class CallbacksOnSqlite(SharedHosts hosts) : Callbacks(hosts, Engine.Sqlite);

[Collection("Counted on PostgreSQL")]
public sealed class CallbacksOnPostgres(SharedHosts hosts) : Callbacks(hosts, Engine.Postgres);
