using System.Diagnostics;
using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Codes;

/// <summary>What accounts do with codes and what they see.</summary>
public abstract class Redeeming(SharedHosts hosts, Engine engine)
{
    [Fact]
    public async Task A_code_is_redeemed_credited_once_and_listed()
    {
        var host = await hosts.Codes(engine);
        var (carol, alice, bob) = (host.SomeAdministrator(), host.SomeBuyer(), host.SomeBuyer());
        var (batch, codes) = await carol.Issue(new { count = 3, prefix = "XM" });
        Assert.Equal(3, codes.Distinct().Count());
        Assert.All(codes, code => Assert.Matches("^XM(-[0-9A-HJKMNP-TV-Z]{4}){4}$", code));

        var first = await alice.Redeem(codes[0].ToLowerInvariant().Replace('-', ' '));
        Assert.Null(first["errors"]);
        Assert.False((bool)first["replayed"]!);
        Assert.Equal(("5", alice.Subject), ((string?)first["account"]!["credits"], (string?)first["redemption"]!["account"]!["accountId"]));
        Assert.Equal(("••••-" + codes[0][^4..], 1), ((string?)first["redemption"]!["masked"], (long)first["redemption"]!["version"]!));

        // The answer was lost, and it is asked again.
        var again = await alice.Redeem(codes[0]);
        Assert.True((bool)again["replayed"]!);
        Assert.Equal(first["redemption"]!.ToJsonString(), again["redemption"]!.ToJsonString());
        Assert.Equal(5m, await alice.Credits());
        Assert.Equal("CODE_ALREADY_REDEEMED", (await bob.Redeem(codes[0])).Error());

        const string list = "{ me { redemptions(first: 5) { nodes { id masked } } ledger(first: 5) { nodes { kind credits } } } }";
        var id = (string)first["redemption"]!["id"]!;
        var mine = (await alice.Ask(list))["me"]!;
        Assert.Equal(id, (string?)Assert.Single(mine["redemptions"]!["nodes"]!.AsArray())!["id"]);
        Assert.Equal(("REDEMPTION", "5"), ((string?)mine["ledger"]!["nodes"]![0]!["kind"], (string?)mine["ledger"]!["nodes"]![0]!["credits"]));
        Assert.Empty((await bob.Ask(list))["me"]!["redemptions"]!["nodes"]!.AsArray());
        const string node = "query($id: ID!) { node(id: $id) { __typename } }";
        Assert.Null((await bob.Ask(node, new { id }))["node"]);
        Assert.Equal("Redemption", (string?)(await alice.Ask(node, new { id }))["node"]!["__typename"]);
        Assert.Equal("Redemption", (string?)(await carol.Ask(node, new { id }))["node"]!["__typename"]);

        var code = (await carol.Code(codes[0]))!;
        Assert.Equal(("REDEEMED", 0), ((string?)code["status"], (int)code["remainingRedemptions"]!));
        Assert.Equal(alice.Subject, (string?)Assert.Single(code["redemptions"]!["nodes"]!.AsArray())!["account"]!["accountId"]);
        Assert.Equal(code.ToJsonString(), (await carol.Code((string)code["id"]!))!.ToJsonString());
        var now = (await carol.Batch(batch))!;
        Assert.Equal((1L, 0, 3), ((long)now["redeemed"]!, (int)now["disabled"]!, (int)now["issued"]!));
    }

    [Fact]
    public async Task Whether_it_is_unknown_mistyped_or_disabled_the_answer_is_the_same_and_takes_as_long()
    {
        var host = await hosts.Codes(engine);
        var (carol, alice) = (host.SomeAdministrator(), host.SomeBuyer());
        var (batch, codes) = await carol.Issue(new { count = 3, prefix = "XM" });
        var (_, others) = await carol.Issue(new { prefix = "YN" });
        Assert.Equal(1, (int)(await carol.DisableCode(codes[0]))["disabled"]!);
        Assert.Null((await carol.DisableBatch(batch))["errors"]);
        var answers = new List<string>();
        foreach (var typed in (string[])
        [
            codes[0], codes[1], codes[2][..^1] + (codes[2][^1] == '0' ? '1' : '0'), others[0].Replace("YN", "XM", StringComparison.Ordinal), others[0].Replace("YN-", "", StringComparison.Ordinal),
            "NOSUCHCODE", "", new('A', 10_000), "ХМ-АВСЕ-НКМР-ТХ01-2345", "' OR 1=1; DROP TABLE redemption_codes; --", "=cmd|' /C calc'!A0", "\0", "💥💥💥💥💥💥💥💥",
        ])
        {
            var start = Stopwatch.GetTimestamp();
            var answer = await alice.Send(
                "mutation($code: String!) { redeemCode(input: { code: $code }) { replayed redemption { id } account { credits } errors { __typename ... on Error { code message } } } }", new { code = typed });
            var took = Stopwatch.GetElapsedTime(start);
            Assert.True(took >= TimeSpan.FromMilliseconds(99), $"{typed}: {took}");
            answers.Add(answer.Text);
            var preview = await alice.Preview(typed);
            Assert.Equal("""{"redeemable":false,"grants":[],"errors":[{"__typename":"CodeNotFound","code":"CODE_NOT_FOUND"}],"earlier":null}""", preview.ToJsonString());
        }

        Assert.Contains("CODE_NOT_FOUND", Assert.Single(answers.Distinct()), StringComparison.Ordinal);
        Assert.Equal(0, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE actor = 'account:{alice.Subject}'"));
        Assert.Equal("5", (string?)(await alice.Redeem(others[0]))["account"]!["credits"]);
    }

    [Fact]
    public async Task What_a_code_asks_for_is_said_when_it_is_not_met()
    {
        var host = await hosts.Codes(engine);
        var (carol, alice) = (host.SomeAdministrator(), host.SomeBuyer());
        foreach (var (rule, kind) in new (object Rule, string Kind)[]
        {
            (new { newAccountsOnly = new { registeredWithinDays = 1 } }, "NewAccountsOnly"),
            (new { accountGroups = new { anyOf = Names("staff") } }, "AccountGroups"),
            (new { namedAccounts = new { accountIds = Names("bob", "carol") } }, "NamedAccounts"),
            (new { subscribersOf = new { anyTierOf = Names("pro") } }, "SubscribersOf"),
        })
        {
            var (batch, codes) = await carol.Issue(new { eligibility = new[] { rule } });
            var refused = await alice.Redeem(codes[0]);
            Assert.Equal("CODE_NOT_ELIGIBLE", refused.Error());
            var unmet = Assert.Single(refused["errors"]![0]!["unmet"]!.AsArray())!;
            Assert.Equal(kind, (string?)unmet["__typename"]);
            // Who else may is nobody's business but the administrators'.
            if (kind != "NamedAccounts") continue;
            Assert.Empty(unmet["accountIds"]!.AsArray());
            var seen = await carol.Ask("query($id: ID!) { codeBatch(id: $id) { eligibility { ... on NamedAccounts { accountIds } } } }", new { id = batch });
            Assert.Equal(2, seen["codeBatch"]!["eligibility"]![0]!["accountIds"]!.AsArray().Count);
        }

        var later = await carol.Issue(new { validFrom = DateTimeOffset.UtcNow.AddHours(1) });
        Assert.Equal("CODE_NOT_YET_VALID", (await alice.Redeem(later.Codes[0])).Error());
        var soon = await carol.Issue(new { count = 2, validUntil = DateTimeOffset.UtcNow.AddSeconds(10) });
        await Until.Is(() => alice.Preview(soon.Codes[0]), preview => (string?)preview["errors"]!.AsArray().FirstOrDefault()?["code"] == "CODE_EXPIRED", "it has expired");
        Assert.Equal("CODE_EXPIRED", (await alice.Redeem(soon.Codes[0])).Error());
        var listed = await carol.Ask(
            "query($id: ID!) { codeBatch(id: $id) { expired: codes(status: EXPIRED) { nodes { status remainingRedemptions } } active: codes(status: ACTIVE) { nodes { id } } } }", new { id = soon.Batch });
        Assert.NotEmpty(listed["codeBatch"]!["expired"]!["nodes"]!.AsArray());
        Assert.All(listed["codeBatch"]!["expired"]!["nodes"]!.AsArray(), code => Assert.Equal(("EXPIRED", 0), ((string?)code!["status"], (int)code["remainingRedemptions"]!)));
        Assert.Empty(listed["codeBatch"]!["active"]!["nodes"]!.AsArray());

        var twice = await carol.Issue(new { count = 2 });
        Assert.Null((await alice.Redeem(twice.Codes[0])).Error());
        await Limited(alice, twice.Codes[1], "ACCOUNT_IN_BATCH");
        var bounded = await carol.Issue(new { count = 3, maxRedemptions = 1 });
        Assert.Null((await alice.Redeem(bounded.Codes[0])).Error());
        await Limited(host.SomeBuyer(), bounded.Codes[1], "BATCH");
        var budget = await carol.Issue(new { count = 3, creditBudget = "9.5" });
        Assert.Null((await alice.Redeem(budget.Codes[0])).Error());
        await Limited(host.SomeBuyer(), budget.Codes[1], "BUDGET");

        static async Task Limited(Caller caller, string code, string scope)
        {
            var refused = await caller.Redeem(code);
            Assert.Equal(("REDEMPTION_LIMIT_REACHED", scope), (refused.Error(), (string?)refused["errors"]![0]!["scope"]));
        }
    }

    [Fact]
    public async Task A_code_for_many_is_redeemed_by_each_as_often_as_it_says()
    {
        var host = await hosts.Codes(engine);
        var (carol, alice, bob) = (host.SomeAdministrator(), host.SomeBuyer(), host.SomeBuyer());
        var (_, codes) = await carol.Issue(new { maxRedemptionsPerCode = 4, maxRedemptionsPerAccount = 2 });
        Assert.Null((await alice.Redeem(codes[0], "one")).Error());
        Assert.True((bool)(await alice.Redeem(codes[0], "one"))["replayed"]!);
        Assert.Null((await alice.Redeem(codes[0], "two")).Error());
        Assert.Equal("REDEMPTION_LIMIT_REACHED", (await alice.Redeem(codes[0], "three")).Error());
        Assert.Null((await bob.Redeem(codes[0], "one")).Error());
        Assert.Null((await host.SomeBuyer().Redeem(codes[0])).Error());
        Assert.Equal("CODE_ALREADY_REDEEMED", (await host.SomeBuyer().Redeem(codes[0])).Error());
        Assert.Equal((10m, 5m), (await alice.Credits(), await bob.Credits()));
    }

    [Fact]
    public async Task A_preview_says_what_would_be_and_changes_nothing()
    {
        var host = await hosts.Codes(engine);
        var (carol, alice) = (host.SomeAdministrator(), host.SomeBuyer());
        var (_, codes) = await carol.Issue();
        const string good = """{"redeemable":true,"grants":[{"__typename":"CreditGrant"}],"errors":[],"earlier":null}""";
        Assert.Equal(good, (await alice.Preview(codes[0])).ToJsonString());
        Assert.Equal(good, (await alice.Preview(codes[0])).ToJsonString());
        Assert.Equal(0m, await alice.Credits());
        Assert.Null((await alice.Redeem(codes[0])).Error());
        var used = await host.SomeBuyer().Preview(codes[0]);
        Assert.Equal((false, "CODE_ALREADY_REDEEMED"), ((bool)used["redeemable"]!, (string?)used["errors"]![0]!["code"]));
        Assert.Null(used["earlier"]);
    }

    [Fact]
    public async Task Who_redeemed_a_code_is_told_so_by_a_preview_and_nobody_else_is()
    {
        var host = await hosts.Codes(engine);
        var (carol, alice, bob) = (host.SomeAdministrator(), host.SomeBuyer(), host.SomeBuyer());
        var (batch, codes) = await carol.Issue(new { maxRedemptionsPerCode = 3, maxRedemptionsPerAccount = 2 });
        var first = (string?)(await alice.Redeem(codes[0]))["redemption"]!["id"];
        Assert.Equal((true, first), Told(await alice.Preview(codes[0])));
        // Once more, named by what came before it: however often it is sent it is one.
        var second = (string?)(await alice.Redeem(codes[0], "after:" + first))["redemption"]!["id"];
        Assert.Equal(second, (string?)(await alice.Redeem(codes[0], "after:" + first))["redemption"]!["id"]);
        Assert.Equal((false, second), Told(await alice.Preview(codes[0])));
        Assert.Equal((true, null), Told(await bob.Preview(codes[0])));

        Assert.Null((await carol.DisableBatch(batch)).Error());
        var over = await alice.Preview(codes[0]);
        Assert.Equal((false, second), Told(over));
        Assert.Equal("CODE_NOT_FOUND", (string?)over["errors"]![0]!["code"]);
        Assert.Equal("""{"redeemable":false,"grants":[],"errors":[{"__typename":"CodeNotFound","code":"CODE_NOT_FOUND"}],"earlier":null}""", (await bob.Preview(codes[0])).ToJsonString());

        static (bool Redeemable, string? Earlier) Told(JsonNode preview) => ((bool)preview["redeemable"]!, (string?)preview["earlier"]?["id"]);
    }

    [Fact]
    public async Task What_is_unspent_is_taken_back_once_and_the_code_stays_used()
    {
        var host = await hosts.Codes(engine);
        var (carol, alice) = (host.SomeAdministrator(), host.SomeBuyer());
        var (_, codes) = await carol.Issue();
        var redemption = (await alice.Redeem(codes[0]))["redemption"]!;
        var id = (string)redemption["id"]!;
        var spent = await host.Forged("gateway", "billing:service").Do(
            "spendCredits", "SpendCreditsInput", new { accountId = alice.Subject, credits = "1.25", idempotencyKey = "x" }, "entry { credits }");
        Assert.Null(spent["errors"]);

        var stale = await carol.Reverse(id, "r1", expectedVersion: 7);
        Assert.Equal(("CHANGED_MEANWHILE", 1), (stale.Error(), (int)stale["errors"]![0]!["currentVersion"]!));
        var reversed = await carol.Reverse(id, "r1");
        Assert.Equal(("3.75", "1.25", 0), ((string?)reversed["takenBack"], (string?)reversed["alreadySpent"], (int)reversed["takenBackDays"]!));
        Assert.Equal(2, (long)reversed["redemption"]!["version"]!);
        Assert.NotNull(reversed["redemption"]!["reversedAt"]);
        Assert.Equal(reversed.ToJsonString(), (await carol.Reverse(id, "r1")).ToJsonString());
        Assert.Equal("ALREADY_REVERSED", (await carol.Reverse(id, "r2", 2)).Error());
        Assert.Equal("REDEMPTION_NOT_FOUND", (await carol.Reverse("UmVkZW1wdGlvbjp4", "r3")).Error());
        Assert.Equal(0m, await alice.Credits());
        Assert.Equal("CODE_ALREADY_REDEEMED", (await host.SomeBuyer().Redeem(codes[0])).Error());
        // The wish was granted once: it is answered as before, and credits nothing.
        Assert.True((bool)(await alice.Redeem(codes[0]))["replayed"]!);
        Assert.Equal(0m, await alice.Credits());
    }

    [Fact]
    public async Task Who_is_no_administrator_sees_and_does_nothing_with_codes_but_redeem()
    {
        var host = await hosts.Codes(engine);
        var alice = host.SomeBuyer();
        foreach (var query in (string[])
        [
            "{ codeBatches(first: 1) { nodes { id } } }", "{ codeBatch(id: \"0123456789ABCDEF\") { id } }", "{ redemptionCode(code: \"WELCOME-26\") { id } }",
            "mutation { issueRedemptionCodes(input: { name: \"x\", count: 1, grants: [], idempotencyKey: \"k\" }) { codes } }",
            "mutation { assignRedemptionCode(input: { batchId: \"0123456789ABCDEF\", accountId: \"a\", source: \"s\" }) { code } }",
            "mutation { disableRedemptionCodes(input: { code: { code: \"WELCOME-26\", note: \"n\" } }) { disabled } }",
            "mutation { reverseRedemption(input: { redemptionId: \"x\", expectedVersion: 1, note: \"n\", idempotencyKey: \"k\" }) { takenBack } }",
        ])
        {
            Assert.Equal(["AUTH_NOT_AUTHORIZED"], (await alice.Send(query)).Codes);
            Assert.Equal(["AUTH_NOT_AUTHORIZED"], (await host.Forged("gateway", "billing:service").Send(query)).Codes);
            Assert.Equal(["AUTH_NOT_AUTHENTICATED"], (await host.Anybody.Send(query)).Codes);
        }

        Assert.Equal(["AUTH_NOT_AUTHENTICATED"], (await host.Anybody.Send("mutation { redeemCode(input: { code: \"WELCOME-26\" }) { replayed } }")).Codes);
        var (batch, codes) = await host.SomeAdministrator().Issue();
        const string node = "query($id: ID!) { node(id: $id) { __typename } }";
        Assert.Null((await alice.Ask(node, new { id = batch }))["node"]);
        var code = (string)(await host.SomeAdministrator().Code(codes[0]))!["id"]!;
        Assert.Null((await alice.Ask(node, new { id = code }))["node"]);
        Assert.Equal("RedemptionCode", (string?)(await host.SomeAdministrator().Ask(node, new { id = code }))["node"]!["__typename"]);
    }

    [Fact]
    public async Task Who_guesses_is_told_to_wait_and_buys_all_the_same()
    {
        await using var host = await HostProcess.Start(await hosts.NewDatabase(engine), new Dictionary<string, string?>
        {
            ["Billing__Codes__AttemptsOfAccount"] = "3",
            ["Billing__Codes__AccountRecovery"] = "01:00:00",
            ["Billing__Codes__AttemptsOfAddress"] = "6",
            ["Billing__Codes__AddressRecovery"] = "01:00:00",
        });
        var (carol, alice, bob) = (host.SomeAdministrator(), host.SomeBuyer(), host.SomeBuyer());
        var (_, codes) = await carol.Issue(new { count = 100 });
        // Whoever redeems what is a code comes nowhere near a limit, however often.
        for (var i = 0; i < 10; i++) Assert.Null((await alice.Redeem(codes[0])).Error());

        // A hundred aliases are a hundred attempts.
        var aliases = string.Join(' ', Enumerable.Range(0, 100).Select(i => $"a{i}: redemptionPreview(code: \"GUESS{i:000}\") {{ errors {{ ... on Error {{ code }} }} }}"));
        var preview = await alice.Ask($"{{ {aliases} }}");
        var told = preview.AsObject().Select(one => (string?)one.Value!["errors"]![0]!["code"]).GroupBy(code => code).ToDictionary(same => same.Key!, same => same.Count());
        Assert.Equal((3, 97), (told["CODE_NOT_FOUND"], told["RATE_LIMITED"]));
        var refused = await alice.Redeem(codes[1]);
        Assert.Equal("RATE_LIMITED", refused.Error());
        Assert.InRange((int)refused["errors"]![0]!["retryAfterSeconds"]!, 3_500, 3_600);

        for (var i = 0; i < 3; i++) Assert.Equal("CODE_NOT_FOUND", (await bob.Redeem("NOSUCHCODE")).Error());
        // Six failures came from this address: nobody at it guesses on.
        Assert.Equal("RATE_LIMITED", (await host.SomeBuyer().Redeem("NOSUCHCODE")).Error());
        foreach (var buyer in (Caller[])[alice, bob, host.SomeBuyer()]) Assert.Equal("AWAITING_PAYMENT", (string?)(await buyer.Place("starter"))["status"]);
    }

    static string[] Names(params string[] names) => names;
}

public sealed class RedeemingOnSqlite(SharedHosts hosts) : Redeeming(hosts, Engine.Sqlite);

public sealed class RedeemingOnPostgres(SharedHosts hosts) : Redeeming(hosts, Engine.Postgres);
