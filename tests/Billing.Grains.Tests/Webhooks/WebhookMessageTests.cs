using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Billing.Webhooks;
using static Billing.Tests.Webhooks.WebhookSamples;

namespace Billing.Tests.Webhooks;

/// <summary>What endpoints are told, read from whatever was ever stored.</summary>
public sealed partial class WebhookMessageTests
{
    const string Number = "25RNSV565JMH3GHM";
    const string CodeKey = "KEYKEYKEYKEYKEYKEYKEYKEYKE";

    static readonly JournalFact Paid = Sample("order", Number, 3, "order.PaymentReceived", "order.OrderPlaced");
    static readonly JournalFact Fulfilled = Sample("order", Number, 3, "order.OrderFulfilled", "order.OrderPlaced") with { Ordinal = 1 };
    static readonly JournalFact Refunded = Paid with
    {
        Version = 9,
        Type = "RefundSucceeded",
        Data = """{"at":"2026-03-01T12:00:00+00:00","number":"25RNSV565JMH3GHMR1","amount":{"minorUnits":1990,"currency":"CNY"}}""",
    };

    static readonly JournalFact Redeemed = Sample("code", CodeKey, 2, "code.CodeRedeemed", "code.CodeIssued");
    static readonly JournalFact Granted = Sample("account", "alice", 7, "account.GrantsApplied", "account.GrantsApplied");
    static readonly JournalFact Test = Sample("webhook", Endpoint, 2, "webhook.TestRequested", "webhook.EndpointCreated");

    [Fact]
    public void The_page_shows_what_is_sent()
    {
        var page = File.ReadAllText(Snapshot.PathOf("docs/webhooks.md"));
        var examples = JsonBlock().Matches(page).Select(match => JsonNode.Parse(match.Groups[1].Value)!).ToDictionary(example => (string)example["type"]!);
        Assert.Equal(WebhookEventType.All.Append(WebhookEventType.Test).Order(), examples.Keys.Order());
        Assert.All(new[] { Paid, Fulfilled, Refunded, Redeemed, Granted, Test }, row =>
        {
            var message = WebhookMessage.Of(row, Endpoint)!;
            Assert.True(JsonNode.DeepEquals(examples[message.Type], JsonNode.Parse(message.Body)), $"docs/webhooks.md shows {message.Type} otherwise. It is {message.Body}");
        });
    }

    [Theory]
    [InlineData("account.CreditsSpent", "SPEND", "-1", "14")]
    [InlineData("account.CreditsLapsed", "EXPIRY", "-1", "14")]
    [InlineData("account.GrantsTakenBack", "REDEMPTION", "-5", "10")]
    public void Each_line_of_a_ledger_is_told(string sample, string kind, string credits, string after)
    {
        var data = JsonNode.Parse(WebhookMessage.Of(Sample("account", "alice", 8, sample, "account.GrantsApplied"), Endpoint)!.Body)!["data"]!;
        Assert.Equal(("alice", 8, kind, credits, after), ((string)data["id"]!, (long)data["version"]!, (string)data["kind"]!, (string)data["credits"]!, (string)data["balanceAfter"]!));
    }

    [Fact]
    public void Money_that_was_held_and_accepted_by_a_person_pays_the_order_too()
    {
        var accepted = WebhookMessage.Of(Paid with { Type = "HeldPaymentAccepted", Data = """{"at":"2026-03-01T12:00:00+00:00","ordinal":2,"transactionId":"txn-2"}""" }, Endpoint)!;
        Assert.Equal(WebhookEventType.OrderPaid, accepted.Type);
        Assert.Equal($$"""{"number":"{{Number}}02","accepted":true}""", JsonNode.Parse(accepted.Body)!["data"]!["payment"]!.ToJsonString());
        Assert.Contains("order.HeldPaymentAccepted", WebhookMessage.RowsOf([WebhookEventType.OrderPaid]));
    }

    [Theory]
    [InlineData("GrantsHeld", "-5")]
    [InlineData("HoldReleased", "5")]
    public void What_a_refund_holds_and_lets_go_changes_credits(string type, string credits)
    {
        var micro = credits + "000000";
        var row = Granted with { Type = type, Data = $$"""{"reference":"refund:1","kind":"Refund","credits":{{micro}},"balanceAfter":10000000,"entitlements":[]}""" };
        Assert.Equal(("REFUND", credits), Kind(WebhookMessage.Of(row, Endpoint)!));

        static (string, string) Kind(WebhookMessage message) => JsonNode.Parse(message.Body)!["data"] is { } data ? ((string)data["kind"]!, (string)data["credits"]!) : default;
    }

    [Fact]
    public void A_redemption_that_waits_for_its_place_is_told_when_it_has_it()
    {
        Assert.Null(WebhookMessage.Of(Sample("code", CodeKey, 2, "code.CodeRedeemed.to-be-placed", "code.CodeIssued"), Endpoint));
        var placed = WebhookMessage.Of(Sample("code", CodeKey, 3, "code.RedemptionPlaced", "code.CodeIssued"), Endpoint)!;
        var data = JsonNode.Parse(placed.Body)!["data"]!;
        Assert.Equal((WebhookEventType.CodeRedeemed, "alice", "BATCHBATCHBATCHB"), (placed.Type, (string)data["accountId"]!, (string)data["batchId"]!));
    }

    [Fact]
    public void Nothing_of_a_code_is_told_but_its_end()
    {
        var body = WebhookMessage.Of(Redeemed, Endpoint)!.Body;
        Assert.DoesNotContain("sealed", body, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VhbGVk", body, StringComparison.Ordinal);
        Assert.Equal("••••-TAIL", (string)JsonNode.Parse(body)!["data"]!["masked"]!);
    }

    [Fact]
    public void A_test_is_told_to_its_own_endpoint_only()
    {
        Assert.NotNull(WebhookMessage.Of(Test, Endpoint));
        Assert.Null(WebhookMessage.Of(Test, "ANOTHERANOTHERAN"));
    }

    [Fact]
    public void A_message_is_the_same_whenever_it_is_asked_and_no_two_have_one_id()
    {
        Assert.Equal(WebhookMessage.Of(Paid, Endpoint), WebhookMessage.Of(Paid with { Position = 99 }, Endpoint));
        JournalFact[] others = [Paid, Paid with { Version = 4 }, Paid with { Ordinal = 1 }, Paid with { Key = Number[1..] }, Paid with { Noun = "code", Key = $"order/{Number}" }];
        Assert.Equal(others.Length, others.Select(row => WebhookMessage.IdOf(row.Noun, row.Key, row.Version, row.Ordinal)).Distinct().Count());
        Assert.Matches("^evt_[0-9A-Z]{26}$", WebhookMessage.Of(Paid, Endpoint)!.Id);
    }

    [Fact]
    public void A_row_of_a_newer_version_is_not_guessed_at()
    {
        Assert.False(WebhookMessage.TryOf(Paid with { Data = """{"at":"2026-03-01T12:00:00+00:00"}""" }, Endpoint, out _, out var fault));
        Assert.Contains("ordinal", fault.Message, StringComparison.Ordinal);
        Assert.False(WebhookMessage.TryOf(Refunded with { Data = """{"number":"1","amount":5,""" }, Endpoint, out _, out _));
    }

    [Fact]
    public void Every_type_that_can_be_chosen_has_rows() =>
        Assert.All(WebhookEventType.All, type => Assert.True(WebhookMessage.RowsOf([type]).Count > WebhookMessage.RowsOf([]).Count, type));

    /// <summary>The key, id, time and body of the specification's own example.</summary>
    [Fact]
    public void A_signature_is_what_the_specification_computes()
    {
        var secret = Convert.FromBase64String("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        var body = "{\"test\": 2432232314}"u8.ToArray();
        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", WebhookSignature.Sign([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body));
        var other = RandomNumberGenerator.GetBytes(WebhookSignature.SecretLength);
        var both = WebhookSignature.Sign([other, secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body).Split(' ');
        Assert.Equal("v1," + Convert.ToBase64String(HMACSHA256.HashData(other, Encoding.ASCII.GetBytes("msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{\"test\": 2432232314}"))), both[0]);
        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", both[1]);
        Assert.StartsWith("whsec_", WebhookSignature.Show(other), StringComparison.Ordinal);
    }

    [GeneratedRegex("```json\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex JsonBlock();
}
