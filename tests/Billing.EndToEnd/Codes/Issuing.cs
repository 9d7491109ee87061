using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Codes;

/// <summary>What administrators do with codes.</summary>
public abstract class Issuing(SharedHosts hosts, Engine engine)
{
    [Fact]
    public async Task The_same_wish_is_the_same_batch_with_the_same_codes()
    {
        var host = await hosts.Codes(engine);
        var carol = host.SomeAdministrator();
        var terms = new { count = 100, prefix = "SPRING", maxRedemptionsPerAccount = 2, note = "Ticket 4711", idempotencyKey = "spring" };
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => carol.TryToIssue(terms)));
        Assert.Single(answers, answer => !(bool)answer["replayed"]!);
        Assert.Single(answers.Select(answer => (string)answer["batch"]!["id"]!).Distinct());
        var again = await carol.TryToIssue(terms);
        Assert.Equal(100, again["codes"]!.AsArray().Count);
        Assert.Equal(again["codes"]!.ToJsonString(), (await carol.TryToIssue(terms))["codes"]!.ToJsonString());
        Assert.Equal(("ISSUED", 100), ((string?)again["batch"]!["status"], (int)again["batch"]!["issued"]!));
        Assert.Equal((100, "500", 75), ((int)again["estimate"]!["codes"]!, (string?)again["estimate"]!["maximumCredits"], (int)again["estimate"]!["entropyBits"]!));
        Assert.True((double)again["estimate"]!["yearsToGuessOne"]! > 1_000_000);

        var other = await carol.TryToIssue(new { count = 101, prefix = "SPRING", maxRedemptionsPerAccount = 2, note = "Ticket 4711", idempotencyKey = "spring" });
        Assert.Equal("IDEMPOTENCY_KEY_REUSED", other.Error());
        // Another administrator's key is another wish.
        Assert.Equal("DAVE", (await host.SomeAdministrator().Issue(new { prefix = "DAVE", idempotencyKey = "spring" })).Codes[0][..4]);
        // Whoever was shown codes in plain text stands in the journal.
        Assert.True(await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE type = 'CodesRevealed' AND actor = 'admin:{carol.Subject}'") >= 3);
    }

    [Fact]
    public async Task A_dry_run_prices_and_stores_nothing()
    {
        var host = await hosts.Codes(engine);
        var carol = host.SomeAdministrator();
        var dry = await carol.TryToIssue(new { count = 1_000_000, maxRedemptionsPerCode = 10, creditBudget = "123.5", dryRun = true });
        Assert.Null(dry["errors"]);
        Assert.Null(dry["batch"]);
        Assert.Null(dry["codes"]);
        // A budget is spent in whole redemptions: 24 of five credits.
        Assert.Equal((1_000_000, "120"), ((int)dry["estimate"]!["codes"]!, (string?)dry["estimate"]!["maximumCredits"]));
        Assert.Equal("INVALID_GRANT", (await carol.TryToIssue(new { grants = Array.Empty<object>(), dryRun = true })).Error());
        await NothingBy(host, carol);
    }

    public static TheoryData<string, string, string, string?> Bad { get; } = new()
    {
        { "count", "0", "COUNT_OUT_OF_RANGE", null },
        { "count", "-1", "COUNT_OUT_OF_RANGE", null },
        { "count", "1000001", "COUNT_OUT_OF_RANGE", null },
        { "name", "\"\"", "INVALID_CODE_BATCH", "name" },
        { "name", "\"   \"", "INVALID_CODE_BATCH", "name" },
        { "name", "\"a\\u0000b\"", "INVALID_CODE_BATCH", "name" },
        { "name", "\"line\\nbreak\"", "INVALID_CODE_BATCH", "name" },
        { "prefix", "\"THIRTEENCHARS\"", "INVALID_CODE_BATCH", "prefix" },
        { "prefix", "\"A-B\"", "INVALID_CODE_BATCH", "prefix" },
        { "prefix", "\"ПРИВЕТ\"", "INVALID_CODE_BATCH", "prefix" },
        { "prefix", "\"=1+1\"", "INVALID_CODE_BATCH", "prefix" },
        { "grants", "[]", "INVALID_GRANT", null },
        { "grants", "[{\"credits\":{\"credits\":\"0\"}}]", "INVALID_GRANT", null },
        { "grants", "[{\"credits\":{\"credits\":\"-5\"}}]", "INVALID_GRANT", null },
        { "grants", "[{\"credits\":{\"credits\":\"1000000000001\"}}]", "INVALID_GRANT", null },
        { "grants", "[{\"credits\":{\"credits\":\"5\",\"validDays\":0}}]", "INVALID_GRANT", null },
        { "grants", "[{\"subscription\":{\"tier\":\"\",\"days\":1}}]", "INVALID_GRANT", null },
        { "grants", "[{\"subscription\":{\"tier\":\"pro\",\"days\":-1}}]", "INVALID_GRANT", null },
        { "maxRedemptionsPerCode", "0", "INVALID_CODE_BATCH", "maxRedemptionsPerCode" },
        { "maxRedemptionsPerCode", "10000001", "INVALID_CODE_BATCH", "maxRedemptionsPerCode" },
        { "maxRedemptionsPerAccount", "-1", "INVALID_CODE_BATCH", "maxRedemptionsPerAccount" },
        { "maxRedemptions", "0", "INVALID_CODE_BATCH", "maxRedemptions" },
        { "creditBudget", "\"0\"", "INVALID_CODE_BATCH", "creditBudget" },
        { "creditBudget", "\"4.999999\"", "INVALID_CODE_BATCH", "creditBudget" },
        { "creditBudget", "\"9999999999999\"", "INVALID_CODE_BATCH", "creditBudget" },
        { "validUntil", "\"2020-01-01T00:00:00Z\"", "INVALID_VALIDITY", null },
        { "vanityCode", "\"\"", "INVALID_CODE_BATCH", "vanityCode" },
        { "vanityCode", "\"SHORT\"", "INVALID_CODE_BATCH", "vanityCode" },
        { "vanityCode", "\"THIRTEENCHARS\"", "INVALID_CODE_BATCH", "vanityCode" },
        { "vanityCode", "\"WЕLСОМЕ\"", "INVALID_CODE_BATCH", "vanityCode" },
        { "vanityCode", "\"WELCOME-26\"", "VANITY_CODE_TAKEN", null },
        { "eligibility", "[{\"newAccountsOnly\":{\"registeredWithinDays\":0}}]", "INVALID_CODE_BATCH", "eligibility" },
        { "eligibility", "[{\"accountGroups\":{\"anyOf\":[]}}]", "INVALID_CODE_BATCH", "eligibility" },
        { "eligibility", "[{\"namedAccounts\":{\"accountIds\":[\"\"]}}]", "INVALID_CODE_BATCH", "eligibility" },
        { "eligibility", "[{\"firstPurchaseOnly\":false}]", "INVALID_CODE_BATCH", "eligibility" },
        { "eligibility", "[{\"firstPurchaseOnly\":true},{\"firstPurchaseOnly\":true}]", "INVALID_CODE_BATCH", "eligibility" },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public async Task What_cannot_be_issued_is_refused_by_type_and_nothing_is_stored(string field, string json, string error, string? named)
    {
        var host = await hosts.Codes(engine);
        var carol = host.SomeAdministrator();
        var input = new JsonObject
        {
            ["name"] = "A batch",
            ["count"] = 1,
            ["grants"] = JsonNode.Parse("""[{"credits":{"credits":"5"}}]"""),
            ["idempotencyKey"] = "wish",
            [field] = JsonNode.Parse(json),
        };
        var refused = await carol.Do(
            "issueRedemptionCodes", "IssueRedemptionCodesInput", input, "codes batch { id } estimate { codes } errors { ... on InvalidCodeBatch { field } }");
        Assert.Equal((error, named), (refused.Error(), (string?)refused["errors"]![0]!["field"]));
        Assert.Null(refused["batch"]);
        Assert.Null(refused["codes"]);
        Assert.DoesNotContain("�", (string)refused["errors"]![0]!["message"]!, StringComparison.Ordinal);
        await NothingBy(host, carol);
    }

    [Fact]
    public async Task What_no_single_field_is_guilty_of_is_refused_too()
    {
        var host = await hosts.Codes(engine);
        var carol = host.SomeAdministrator();
        var trillion = new[] { new { credits = new { credits = "1000000000000" } } };
        Assert.Equal("INVALID_GRANT", (await carol.TryToIssue(new { count = 1_000_000, maxRedemptionsPerCode = 10_000_000, grants = trillion })).Error());
        Assert.Equal("INVALID_GRANT", (await carol.TryToIssue(new { count = 2, grants = trillion })).Error());
        Assert.Equal("INVALID_VALIDITY", (await carol.TryToIssue(new { validFrom = "2030-01-02T00:00:00Z", validUntil = "2030-01-01T00:00:00Z" })).Error());
        Assert.Equal("COUNT_OUT_OF_RANGE", (await carol.TryToIssue(new { count = 2, vanityCode = "SUMMER27" })).Error());
        Assert.Equal("INVALID_CODE_BATCH", (await carol.TryToIssue(new { prefix = "XM", vanityCode = "SUMMER27" })).Error());
        Assert.Equal("INVALID_CODE_BATCH", (await carol.TryToIssue(new { name = new string('x', 10_000) })).Error());
        await NothingBy(host, carol);
    }

    [Theory]
    [InlineData("Robert'); DROP TABLE code_batches; --")]
    [InlineData("=cmd|' /C calc'!A0,\"quoted\"")]
    [InlineData("100% _literally_ \\ 春节")]
    public async Task A_name_may_be_any_text_and_is_found_by_it(string name)
    {
        var host = await hosts.Codes(engine);
        var carol = host.SomeAdministrator();
        var (batch, _) = await carol.Issue(new { name });
        var found = await carol.Ask("query($search: String) { codeBatches(first: 100, search: $search) { nodes { id name } } }", new { search = name });
        Assert.Contains(found["codeBatches"]!["nodes"]!.AsArray(), one => (string?)one!["id"] == batch && (string?)one["name"] == name);
        Assert.All(found["codeBatches"]!["nodes"]!.AsArray(), one => Assert.Contains(name, (string)one!["name"]!, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_code_that_people_can_remember_is_there_once()
    {
        var host = await hosts.Codes(engine);
        var text = "V" + Random.Shared.Next(1_000_000, 9_999_999);
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => host.SomeAdministrator().TryToIssue(new { vanityCode = text, maxRedemptionsPerCode = 100 })));
        var issued = Assert.Single(answers, answer => answer["errors"] is null);
        Assert.All(answers.Where(answer => answer != issued), answer => Assert.Equal("VANITY_CODE_TAKEN", answer.Error()));
        Assert.Equal(text.Length, (string?)issued["codes"]![0] is { } code ? code.Length : 0);
        Assert.Null((await host.SomeBuyer().Redeem(text.ToLowerInvariant())).Error());
    }

    [Fact]
    public async Task A_code_that_people_can_remember_is_shown_as_it_was_written()
    {
        var host = await hosts.Codes(engine);
        var carol = host.SomeAdministrator();
        var number = Random.Shared.Next(1_000, 9_999);
        var written = $"Soul-{number}-io";
        var (batch, codes) = await carol.Issue(new { vanityCode = $" {written}  ", maxRedemptionsPerCode = 9, idempotencyKey = "soul" });
        Assert.Equal([written], codes);
        foreach (var typed in (string[])[written, $"s0v1{number}1O", $"SOUL {number} IO"]) Assert.Null((await host.SomeBuyer().Redeem(typed)).Error());

        // The same wish, however it is spelt this time, is what it was; another's is refused.
        var again = await carol.TryToIssue(new { vanityCode = $"SOVL{number}1O", maxRedemptionsPerCode = 9, idempotencyKey = "soul" });
        Assert.Equal((true, batch, written), ((bool)again["replayed"]!, (string?)again["batch"]!["id"], (string?)Assert.Single(again["codes"]!.AsArray())));
        Assert.Equal("VANITY_CODE_TAKEN", (await host.SomeAdministrator().TryToIssue(new { vanityCode = $"soul{number}10" })).Error());

        var masked = $"••••-{number % 100:00}IO";
        Assert.Equal(masked, (string?)(await carol.Code(written))!["masked"]);
        var found = await carol.Ask("query($text: String!) { adminSearch(text: $text, first: 100) { ... on RedemptionCode { masked batch { id } } } }", new { text = masked[^4..].ToLowerInvariant() });
        Assert.Contains(found["adminSearch"]!.AsArray(), hit => (string?)hit!["batch"]?["id"] == batch && (string?)hit["masked"] == masked);
        using var answer = await host.Http.GetAsync((string)(await carol.Batch(batch))!["exportUrl"]!, TestContext.Current.CancellationToken);
        Assert.Contains($"\n{written},ACTIVE,3,", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_is_given_to_an_account_once_for_what_it_is_given_for()
    {
        var host = await hosts.Codes(engine);
        var (carol, alice, bob) = (host.SomeAdministrator(), host.SomeBuyer(), host.SomeBuyer());
        var (batch, codes) = await carol.Issue(new { count = 3 });
        var given = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => carol.Assign(batch, alice.Subject, "order 1")));
        var code = Assert.Single(given.Select(answer => (string)answer["code"]!).Distinct());
        Assert.Single(given, answer => !(bool)answer["replayed"]!);
        Assert.Contains(code, codes);
        Assert.Equal("IDEMPOTENCY_KEY_REUSED", (await carol.Assign(batch, bob.Subject, "order 1")).Error());
        Assert.Equal("CODE_BATCH_NOT_FOUND", (await carol.Assign("0123456789ABCDEF", bob.Subject, "order 1")).Error());
        Assert.Equal(alice.Subject, (string?)(await carol.Code(code))!["assignedTo"]!["accountId"]);

        var refused = await bob.Redeem(code);
        Assert.Equal("CODE_NOT_ELIGIBLE", refused.Error());
        Assert.Empty(refused["errors"]![0]!["unmet"]![0]!["accountIds"]!.AsArray());
        Assert.Null((await alice.Redeem(code)).Error());
        // One is used by somebody, two remain to be given.
        Assert.Null((await carol.Assign(batch, bob.Subject, "order 2")).Error());
        Assert.Null((await carol.Assign(batch, bob.Subject, "order 3")).Error());
        Assert.Equal("NO_CODE_LEFT", (await carol.Assign(batch, bob.Subject, "order 4")).Error());
        Assert.Equal(code, (string?)(await carol.Assign(batch, alice.Subject, "order 1"))["code"]);

        // Another administrator who asks for the same is shown the code too, and stands in the journal for it; who asked in vain does not.
        var dave = host.SomeAdministrator();
        Assert.Equal("IDEMPOTENCY_KEY_REUSED", (await dave.Assign(batch, bob.Subject, "order 1")).Error());
        Assert.Equal(0, await Seen());
        Assert.Equal(code, (string?)(await dave.Assign(batch, alice.Subject, "order 1"))["code"]);
        Assert.Equal(1, await Seen());

        Task<long> Seen() => host.Database.Number($"SELECT COUNT(*) FROM journal WHERE type = 'CodesRevealed' AND actor = 'admin:{dave.Subject}'");
    }

    [Fact]
    public async Task A_disabled_batch_gives_nothing_more_and_its_progress_is_pushed()
    {
        var host = await hosts.Codes(engine);
        var (carol, alice) = (host.SomeAdministrator(), host.SomeBuyer());
        var (batch, codes) = await carol.Issue(new { count = 300 });
        Assert.Null((await alice.Redeem(codes[0])).Error());
        Assert.Equal("CODE_ALREADY_REDEEMED", (await carol.DisableCode(codes[0])).Error());
        Assert.Equal("CODE_NOT_FOUND", (await carol.DisableCode("NOSUCHCODE")).Error());
        Assert.Equal("CODE_BATCH_NOT_FOUND", (await carol.DisableBatch("0123456789ABCDEF")).Error());

        using var request = new HttpRequestMessage(HttpMethod.Post, "graphql")
        {
            Content = JsonContent.Create(new { query = "subscription($id: ID!) { codeBatchChanged(id: $id) { status disabled progress { done total } } }", variables = new { id = batch } }),
        };
        request.Headers.Accept.ParseAdd("text/event-stream");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", carol.Token);
        using var response = await host.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var events = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal("ISSUED", (string?)(await Next(events))["status"]);
        Assert.Null((await carol.DisableBatch(batch)).Error());
        Assert.Equal("CODE_NOT_FOUND", (await host.SomeBuyer().Redeem(codes[1])).Error());
        var pushed = await Next(events);
        while ((string?)pushed["status"] != "DISABLED") pushed = await Next(events);
        Assert.Equal((300, 300, 299), ((int)pushed["progress"]!["done"]!, (int)pushed["progress"]!["total"]!, (int)pushed["disabled"]!));
        Assert.Equal("5", (string?)(await alice.Redeem(codes[0]))["account"]!["credits"]);
        Assert.Equal("NO_CODE_LEFT", (await carol.Assign(batch, alice.Subject, "order 1")).Error());

        static async Task<JsonNode> Next(StreamReader events)
        {
            while (await events.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
                if (line.StartsWith("data: {", StringComparison.Ordinal)) return JsonNode.Parse(line["data: ".Length..])!["data"]!["codeBatchChanged"]!;
            throw new JsonException("The stream ended.");
        }
    }

    [Fact]
    public async Task A_batch_is_listed_page_by_page_and_filtered_by_status()
    {
        var host = await hosts.Codes(engine);
        var (carol, alice) = (host.SomeAdministrator(), host.SomeBuyer());
        var (batch, codes) = await carol.Issue(new { count = 45, maxRedemptionsPerAccount = 10 });
        foreach (var code in codes.Take(3)) Assert.Null((await alice.Redeem(code)).Error());
        Assert.Null((await carol.DisableCode(codes[3])).Error());
        Assert.Equal(45, (await All(null)).Count);
        Assert.Equal(codes.Select(code => "••••-" + code[^4..]), await All(null));
        Assert.Equal((3, 1, 41, 0), ((await All("REDEEMED")).Count, (await All("DISABLED")).Count, (await All("ACTIVE")).Count, (await All("EXPIRED")).Count));

        // By whom they were redeemed, and to whom they were given.
        var bob = host.SomeBuyer();
        var given = (string)(await carol.Assign(batch, bob.Subject, "order 1"))["code"]!;
        Assert.Null((await bob.Redeem(codes[44])).Error());
        Assert.Equal(codes.Take(3).Select(code => "••••-" + code[^4..]), await All(null, alice.Subject));
        Assert.Equal([.. new[] { given, codes[44] }.Select(code => "••••-" + code[^4..])], await All(null, bob.Subject));
        Assert.Equal(["••••-" + given[^4..]], await All("ACTIVE", bob.Subject));
        Assert.Empty(await All(null, host.SomeBuyer().Subject));

        // And back from what an account redeemed; the account itself sees its redemption, and not the code.
        const string back = "redemptions(first: 5) { nodes { masked code { masked status batch { id } } batch { id name } } }";
        var redeemed = (await carol.Ask($"query($id: ID!) {{ account(id: $id) {{ {back} }} }}", new { id = bob.Subject }))["account"]!["redemptions"]!["nodes"]!.AsArray();
        var one = Assert.Single(redeemed)!;
        Assert.Equal(("••••-" + codes[44][^4..], "REDEEMED"), ((string?)one["code"]!["masked"], (string?)one["code"]!["status"]));
        Assert.Equal((batch, batch), ((string?)one["batch"]!["id"], (string?)one["code"]!["batch"]!["id"]));
        Assert.Contains("AUTH_NOT_AUTHORIZED", (await bob.Send($"{{ me {{ {back} }} }}")).Codes);

        async Task<List<string>> All(string? status, string? account = null)
        {
            var masked = new List<string>();
            string? after = null;
            do
            {
                var page = (await carol.Ask(
                    "query($id: ID!, $after: String, $status: CodeStatus, $account: ID) { codeBatch(id: $id) { codes(first: 20, after: $after, status: $status, account: $account) { nodes { masked } pageInfo { hasNextPage endCursor } } } }",
                    new { id = batch, after, status, account }))["codeBatch"]!["codes"]!;
                masked.AddRange(page["nodes"]!.AsArray().Select(code => (string)code!["masked"]!));
                after = (bool)page["pageInfo"]!["hasNextPage"]! ? (string)page["pageInfo"]!["endCursor"]! : null;
            }
            while (after is not null);
            return masked;
        }
    }

    static async Task NothingBy(HostProcess host, Caller administrator) =>
        Assert.Equal(0, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE actor = 'admin:{administrator.Subject}'"));
}

public sealed class IssuingOnSqlite(SharedHosts hosts) : Issuing(hosts, Engine.Sqlite);

public sealed class IssuingOnPostgres(SharedHosts hosts) : Issuing(hosts, Engine.Postgres);
