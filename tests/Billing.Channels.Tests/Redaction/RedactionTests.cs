using System.Text;
using System.Text.Json.Nodes;
using Billing.Channels.Sandbox;
using Billing.Channels.Tests.Sandbox;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.Channels.Tests.Redaction;

/// <summary>What may be kept of a callback.</summary>
public sealed class RedactionTests
{
    static readonly HashSet<string> Clear = ["number", "resource.id", "list"];
    static readonly DateTimeOffset Noon = SandboxWorld.Noon;

    [Theory]
    [InlineData("""{"number":"P1","name":"Ada"}""", """{"number":"P1","name":"***"}""")]
    [InlineData("""{"number":{"number":"P1"}}""", """{"number":{"number":"***"}}""")]
    [InlineData("""{"resource":{"id":7,"mail":"a@b"},"id":7}""", """{"resource":{"id":7,"mail":"***"},"id":"***"}""")]
    [InlineData("""{"list":[1,"a",{"x":1}],"other":[1]}""", """{"list":[1,"a",{"x":"***"}],"other":["***"]}""")]
    [InlineData("""{"number":null,"name":null,"paid":true}""", """{"number":null,"name":null,"paid":"***"}""")]
    [InlineData("\"Ada\"", "\"***\"")]
    public void Only_what_is_known_to_be_harmless_is_kept(string body, string expected) => Assert.Equal(expected, CallbackRedaction.Json(Encoding.UTF8.GetBytes(body), Clear));

    [Theory]
    [InlineData("Ada")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{\"a\":\"\\ud800\"}")]
    public void What_is_no_JSON_is_not_kept_or_kept_without_its_values(string body) =>
        Assert.DoesNotContain("Ada", CallbackRedaction.Json(Encoding.UTF8.GetBytes(body), Clear) ?? "", StringComparison.Ordinal);

    [Theory]
    [InlineData("", "")]
    [InlineData("number=P1&name=Ada", "number=P1&name=***")]
    [InlineData("Ada", "***=***")]
    [InlineData("number=P1=2&&=x", "number=P1=2&***=***&***=***")]
    public void A_form_keeps_names_and_harmless_values(string form, string expected) => Assert.Equal(expected, CallbackRedaction.Form(form, Clear));

    [Fact]
    public void However_large_a_body_is_little_is_kept_of_it()
    {
        var huge = "{" + string.Join(',', Enumerable.Range(0, 5_000).Select(i => $"\"{new string('n', 200)}{i}\":\"{new string('v', 500)}\"")) + "}";
        Assert.InRange(CallbackRedaction.Json(Encoding.UTF8.GetBytes(huge), Clear)!.Length, 1, CallbackRedaction.MaxLength);
        Assert.InRange(CallbackRedaction.Form(string.Join('&', Enumerable.Repeat("number=" + new string('v', 200), 9_000)), Clear).Length, 1, CallbackRedaction.MaxLength);
        Assert.Equal("""{"number":"***"}""", CallbackRedaction.Json(Encoding.UTF8.GetBytes($$"""{"number":"{{new string('7', 300)}}"}"""), Clear));
    }

    [Fact]
    public void A_channel_that_says_nothing_keeps_the_content_type_and_no_body()
    {
        var message = SignedCallback.Of("""{"name":"Ada"}""", SandboxWorld.Secret, Noon).With("Content-Type", "application/json") with { Query = "name=Ada" };
        var kept = CallbackRedaction.Nothing(message);
        Assert.Equal(new Dictionary<string, string?> { ["Content-Type"] = "application/json" }, kept.Headers);
        Assert.Equal(("name=***", null), (kept.Query, kept.Body));
    }

    [Fact]
    public void Of_the_sandboxs_news_the_money_is_kept_and_of_its_headers_the_names()
    {
        using var clients = SandboxWorld.Clients();
        var channel = new SandboxChannel(
            new() { BaseUrl = new("http://localhost:1/sandbox"), MerchantId = SandboxWorld.MerchantId, Secret = SandboxWorld.Secret },
            clients.GetRequiredService<IHttpClientFactory>(), TimeProvider.System);
        const string body = """{"event":"payment","number":"P1","merchant":"shop-1","state":"paid","amountMinor":1990,"currency":"CNY","transactionId":"T1","at":"2026-03-01T12:00:00+00:00","payer":"Ada"}""";
        var kept = channel.Redact(SignedCallback.Of(body, SandboxWorld.Secret, Noon).With("Cookie", "session=1"));
        Assert.Equal([KeyValuePair.Create("Sandbox-Signature", (string?)null), KeyValuePair.Create("Sandbox-Timestamp", (string?)null)], kept.Headers);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(body.Replace("Ada", "***", StringComparison.Ordinal)), JsonNode.Parse(kept.Body!)), kept.Body);
    }
}
