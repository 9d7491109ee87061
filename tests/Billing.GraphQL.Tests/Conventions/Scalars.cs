using System.Text.Json;

namespace Billing.GraphQL.Tests.Conventions;

public sealed class Scalars
{
    [Theory]
    [InlineData("at", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z")]
    [InlineData("at", "2026-01-02T03:04:05.25+08:00", "2026-01-01T19:04:05.25Z")]
    [InlineData("amount", "12.500000", "12.5")]
    [InlineData("amount", "-0.000001", "-0.000001")]
    [InlineData("amount", "1.5000000", "1.5")]
    [InlineData("link", "https://pay.example/a?b=c", "https://pay.example/a?b=c")]
    [InlineData("currency", "CNY", "CNY")]
    public async Task A_text_is_read_and_printed(string name, string given, string printed)
    {
        await using var host = await TestHost.Start();
        foreach (var answer in await Both(host, name, JsonSerializer.Serialize(given)))
            Assert.Equal(printed, answer.Data.GetProperty("values").GetProperty(name).GetString());
    }

    [Theory]
    [InlineData("amount", "12", "\"12\"")]
    [InlineData("amount", "-3000000000", "\"-3000000000\"")]
    [InlineData("big", "9007199254740993", "9007199254740993")]
    [InlineData("at", "null", "null")]
    public async Task Other_literals_are_read_and_printed(string name, string given, string printed)
    {
        await using var host = await TestHost.Start();
        foreach (var answer in await Both(host, name, given))
            Assert.Equal(printed, answer.Data.GetProperty("values").GetProperty(name).GetRawText());
    }

    [Theory]
    [InlineData("at", "\"2026-01-02T03:04:05\"", "offset")]
    [InlineData("at", "\"2026-01-02\"", "offset")]
    [InlineData("at", "\"2026-02-30T00:00:00Z\"", "RFC 3339")]
    [InlineData("amount", "\"1.0000001\"", "at most 6 decimals")]
    [InlineData("amount", "\"1e3\"", "digits")]
    [InlineData("amount", "\" 1\"", "digits")]
    [InlineData("amount", "1.5", "as a text")]
    [InlineData("amount", "\"99999999999999999999999999999999999999\"", "digits")]
    [InlineData("link", "\"javascript:alert(1)\"", "http")]
    [InlineData("link", "\"/relative\"", "http")]
    [InlineData("currency", "\"cny\"", "upper case")]
    [InlineData("currency", "\"XXX\"", "ISO 4217")]
    public async Task What_cannot_be_read_is_refused_with_the_reason(string name, string given, string reason)
    {
        await using var host = await TestHost.Start();
        foreach (var answer in await Both(host, name, given))
        {
            Assert.Equal(400, answer.Status);
            Assert.Contains(reason, answer.Message, StringComparison.Ordinal);
        }
    }

    static async Task<Answer[]> Both(TestHost host, string name, string json)
    {
        var type = name switch { "at" => "DateTime", "amount" => "Decimal", "link" => "URL", "currency" => "CurrencyCode", _ => "Long" };
        return
        [
            await host.Ask($"{{ values({name}: {json}) {{ {name} }} }}"),
            await host.Ask($"query($v: {type}) {{ values({name}: $v) {{ {name} }} }}", new { v = JsonDocument.Parse(json).RootElement }),
        ];
    }
}
