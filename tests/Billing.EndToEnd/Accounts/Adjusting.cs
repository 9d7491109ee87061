using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Accounts;

/// <summary>Credits that the gateway uses up and administrators adjust: once for a key, never more than there are.</summary>
public abstract class Adjusting(SharedHosts hosts, Engine engine)
{
    const string Fields = "entry { id credits note } account { credits } replayed errors { ... on IdempotencyKeyReused { differs } ... on InsufficientCredits { available } ... on CreditsOutOfRange { maximum } }";

    [Fact]
    public async Task The_same_adjustment_again_is_the_first_one_and_another_under_its_key_is_told_what_differs()
    {
        var (host, carol, _) = await People();
        var account = (await host.NewBuyer()).Subject;
        var first = await Adjust(carol, account, "5", "key", "Sorry.", 30);
        Assert.Equal(("5", false), (Number(first["entry"]!["credits"]), (bool)first["replayed"]!));
        var again = await Adjust(carol, account, "5.000", "key", "Sorry.", 30);
        Assert.Equal(((string)first["entry"]!["id"]!, true, "5"), ((string)again["entry"]!["id"]!, (bool)again["replayed"]!, Number(again["account"]!["credits"])));

        Assert.Equal(["credits"], Differs(await Adjust(carol, account, "6", "key", "Sorry.", 30)));
        Assert.Equal(["validDays"], Differs(await Adjust(carol, account, "5", "key", "Sorry.", 31)));
        Assert.Equal(["validDays"], Differs(await Adjust(carol, account, "5", "key", "Sorry.", null)));
        Assert.Equal(["note"], Differs(await Adjust(carol, account, "5", "key", "Very sorry.", 30)));
        Assert.Equal(["credits"], Differs(await Adjust(carol, account, "-5", "key", "Sorry.", null)));
        Assert.Equal("5", await Balance(carol, account));
    }

    [Fact]
    public async Task The_same_spend_again_is_the_first_one_and_another_under_its_key_is_told_what_differs()
    {
        var (host, carol, gateway) = await People();
        var account = (await host.NewBuyer()).Subject;
        await Adjust(carol, account, "5", "credits", "Sorry.", null);
        var first = await Spend(gateway, account, "1.25", "key", "For tea.");
        Assert.Equal(("-1.25", false), (Number(first["entry"]!["credits"]), (bool)first["replayed"]!));
        var again = await Spend(gateway, account, "1.25", "key", "For tea.");
        Assert.Equal(((string)first["entry"]!["id"]!, true, "3.75"), ((string)again["entry"]!["id"]!, (bool)again["replayed"]!, Number(again["account"]!["credits"])));

        Assert.Equal(["credits"], Differs(await Spend(gateway, account, "1.26", "key", "For tea.")));
        Assert.Equal(["note"], Differs(await Spend(gateway, account, "1.25", "key", null)));
        Assert.Equal("3.75", await Balance(carol, account));
    }

    [Fact]
    public async Task Nobody_spends_or_loses_more_than_there_is()
    {
        var (host, carol, gateway) = await People();
        var account = (await host.NewBuyer()).Subject;
        Assert.Equal("0", Number(Refusal(await Spend(gateway, account, "1", "before", null), "INSUFFICIENT_CREDITS")["available"]));
        await Adjust(carol, account, "5", "credits", "Sorry.", null);
        Assert.Equal("5", Number(Refusal(await Spend(gateway, account, "5.000001", "much", null), "INSUFFICIENT_CREDITS")["available"]));
        Assert.Equal("5", Number(Refusal(await Adjust(carol, account, "-6", "more", "Back.", null), "INSUFFICIENT_CREDITS")["available"]));
        // What was refused took no key.
        Assert.Null((await Spend(gateway, account, "5", "much", null))["errors"]);
        Assert.Equal("0", await Balance(carol, account));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("0")]
    public async Task No_less_than_something_is_spent(string credits)
    {
        var (host, carol, gateway) = await People();
        var account = (await host.NewBuyer()).Subject;
        await Adjust(carol, account, "5", "credits", "Sorry.", null);
        Refusal(await Spend(gateway, account, credits, "key", null), "CREDITS_OUT_OF_RANGE");
        Assert.Equal("5", await Balance(carol, account));
    }

    /// <summary>Less than a millionth, and more than an account may hold, in each form in which a program may write it.</summary>
    [Theory]
    [InlineData("\"0.0000001\"", "INVALID_VALUE")]
    [InlineData("1e30", "INVALID_VALUE")]
    [InlineData("\"1000000000000000000000000000000\"", "INVALID_VALUE")]
    [InlineData("\"-1000000000001\"", "BAD_REQUEST")]
    public async Task What_no_account_can_hold_is_no_amount(string credits, string code)
    {
        var (host, carol, gateway) = await People();
        var account = (await host.NewBuyer()).Subject;
        await Adjust(carol, account, "5", "credits", "Sorry.", null);
        foreach (var (caller, mutation, input) in new[]
        {
            (gateway, "spendCredits", $$"""{ "accountId": "{{account}}", "credits": {{credits}}, "idempotencyKey": "odd" }"""),
            (carol, "adjustCredits", $$"""{ "accountId": "{{account}}", "credits": {{credits}}, "idempotencyKey": "odd", "note": "Why." }"""),
        })
        {
            var type = char.ToUpperInvariant(mutation[0]) + mutation[1..] + "Input";
            var answer = await caller.Send($"mutation($input: {type}!) {{ {mutation}(input: $input) {{ entry {{ credits }} errors {{ __typename }} }} }}", new { input = JsonNode.Parse(input) });
            Assert.Equal([code], answer.Codes);
        }

        Assert.Equal("5", await Balance(carol, account));
    }

    async Task<(HostProcess Host, Caller Carol, Caller Gateway)> People()
    {
        var host = await hosts.Shop(engine);
        return (host, await host.Administrator(), await host.SignIn("gateway", "billing:service"));
    }

    static Task<JsonNode> Adjust(Caller carol, string accountId, string credits, string idempotencyKey, string note, int? validDays) =>
        carol.Do("adjustCredits", "AdjustCreditsInput", new { accountId, credits, validDays, note, idempotencyKey }, Fields);

    static Task<JsonNode> Spend(Caller gateway, string accountId, string credits, string idempotencyKey, string? note) =>
        gateway.Do("spendCredits", "SpendCreditsInput", new { accountId, credits, note, idempotencyKey }, Fields);

    static JsonNode Refusal(JsonNode payload, string code)
    {
        var error = Assert.Single(payload["errors"]!.AsArray())!;
        Assert.Equal(code, (string?)error["code"]);
        Assert.Null(payload["entry"]);
        return error;
    }

    static string[] Differs(JsonNode payload) => [.. Refusal(payload, "IDEMPOTENCY_KEY_REUSED")["differs"]!.AsArray().Select(name => (string)name!)];

    static async Task<string> Balance(Caller carol, string id) => Number((await carol.Ask("query($id: ID!) { account(id: $id) { credits } }", new { id }))["account"]!["credits"]);

    static string Number(JsonNode? credits) => decimal.Parse((string)credits!, System.Globalization.CultureInfo.InvariantCulture).ToString("0.######", System.Globalization.CultureInfo.InvariantCulture);
}

public sealed class AdjustingOnSqlite(SharedHosts hosts) : Adjusting(hosts, Engine.Sqlite);

public sealed class AdjustingOnPostgres(SharedHosts hosts) : Adjusting(hosts, Engine.Postgres);
