using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Billing.EndToEnd.Attacks;

/// <summary>Requests to the API that cannot be granted: each is told why, and changes nothing.</summary>
public abstract class Requests(SharedHosts hosts, Engine engine)
{
    const string PlaceStarter = """mutation { placeOrder(input: { planSlug: "starter", methodId: "sandbox", idempotencyKey: "never" }) { order { number } errors { ... on Error { code } } } }""";

    [Theory]
    [InlineData("no-such-plan", null, 0, "", "PLAN_NOT_FOUND")]
    [InlineData("Starter'; DROP TABLE orders; --", null, 0, "", "PLAN_NOT_FOUND")]
    [InlineData("", null, 0, "", "PLAN_NOT_FOUND")]
    [InlineData("(not on sale)", null, 0, "", "PLAN_NOT_ON_SALE")]
    [InlineData("top-up", null, 0, "", "AMOUNT_OUT_OF_RANGE")]
    [InlineData("top-up", null, 999, "CNY", "AMOUNT_OUT_OF_RANGE")]
    [InlineData("top-up", null, 500_001, "CNY", "AMOUNT_OUT_OF_RANGE")]
    [InlineData("top-up", null, -5_000, "CNY", "AMOUNT_OUT_OF_RANGE")]
    [InlineData("top-up", null, long.MaxValue, "CNY", "AMOUNT_OUT_OF_RANGE")]
    [InlineData("top-up", null, 5_000, "USD", "AMOUNT_OUT_OF_RANGE")]
    [InlineData("starter", null, 1, "CNY", "AMOUNT_OUT_OF_RANGE")]
    [InlineData("starter", "no-such-method", 0, "", "PAYMENT_METHOD_UNAVAILABLE")]
    [InlineData("(sold out)", null, 0, "", "PLAN_SOLD_OUT")]
    public async Task A_wish_that_cannot_be_granted_is_refused_by_its_name(string plan, string? method, long minor, string currency, string code)
    {
        var host = await hosts.Counted(engine);
        var alice = await host.NewBuyer();
        var carol = await host.Administrator();
        plan = plan switch { "(not on sale)" => await carol.NewPlan(new { onSale = false }), "(sold out)" => await carol.NewPlan(new { stock = 0 }), _ => plan };
        var before = await host.Database.Contents();
        var amount = minor == 0 ? null : new { minorUnits = minor, currency };
        for (var times = 0; times < 2; times++)
        {
            var payload = await alice.TryToPlace(plan, "a wish", method ?? "sandbox", amount);
            Assert.Null(payload["order"]);
            Assert.Equal(code, (string?)Assert.Single(payload["errors"]!.AsArray())!["code"]);
        }

        Assert.Equal(before, await host.Database.Contents());
        Assert.Null((await alice.Ask("""{ orderByKey(idempotencyKey: "a wish") { number } }"""))["orderByKey"]);
    }

    [Fact]
    public async Task A_price_that_the_buyer_did_not_see_is_not_charged()
    {
        var host = await hosts.Counted(engine);
        var before = await host.Database.Contents();
        var payload = await (await host.NewBuyer()).TryToPlace("starter", "a wish", expectedPrice: new { minorUnits = 1, currency = "CNY" });
        Assert.Equal("PRICE_CHANGED", (string?)Assert.Single(payload["errors"]!.AsArray())!["code"]);
        Assert.Equal(before, await host.Database.Contents());
    }

    [Fact]
    public async Task A_key_with_other_input_is_told_what_differs_and_the_order_stays()
    {
        var host = await hosts.Counted(engine);
        var alice = await host.NewBuyer();
        var order = await alice.Place("starter", key: "a wish");
        var before = await host.Database.Contents();
        var reused = await alice.Ask(
            """mutation { placeOrder(input: { planSlug: "monthly", methodId: "sandbox-qr", idempotencyKey: "a wish" }) { order { number } errors { ... on IdempotencyKeyReused { code differs } } } }""");
        var error = Assert.Single(reused["placeOrder"]!["errors"]!.AsArray())!;
        Assert.Equal("IDEMPOTENCY_KEY_REUSED", (string?)error["code"]);
        Assert.Contains("planSlug", error["differs"]!.AsArray().Select(name => (string?)name));
        Assert.Equal(before, await host.Database.Contents());
        Assert.Equal((long)order["version"]!, (long)(await alice.Order((string)order["number"]!))!["version"]!);
    }

    [Theory]
    [InlineData("""{ me { orders(first: 10, after: "bm90IGEgY3Vyc29y") { nodes { number } } } }""", "BAD_CURSOR", 200)]
    [InlineData("""{ me { orders(first: 10, after: "%%%") { nodes { number } } } }""", "BAD_CURSOR", 200)]
    [InlineData("""{ me { orders(first: 10000) { nodes { number } } } }""", "PAGE_TOO_LARGE")]
    [InlineData("""{ me { orders(first: -1) { nodes { number } } } }""", "BAD_PAGE")]
    [InlineData("""{ nothing }""", null)]
    [InlineData("""{ me { """, null)]
    [InlineData("(depth)", "TOO_DEEP")]
    [InlineData("(aliases)", "TOO_MANY_MUTATIONS")]
    [InlineData("(wide)", "TOO_MANY_SELECTIONS")]
    public async Task A_query_that_asks_too_much_or_nonsense_is_refused(string query, string? code, int status = 400)
    {
        var host = await hosts.Counted(engine);
        var alice = await host.NewBuyer();
        query = query switch
        {
            "(depth)" => "{ me { " + string.Concat(Enumerable.Repeat("orders { nodes { account { ", 16)) + "accountId" + string.Concat(Enumerable.Repeat(" } } }", 16)) + " } }",
            "(aliases)" => "mutation {" + string.Concat(Enumerable.Range(0, 100).Select(n =>
                $$""" m{{n}}: placeOrder(input: { planSlug: "starter", idempotencyKey: "k{{n}}" }) { replayed }""")) + "}",
            "(wide)" => "{" + string.Concat(Enumerable.Range(0, 1_200).Select(n => $" p{n}: plans {{ slug }}")) + "}",
            _ => query,
        };
        var before = await host.Database.Contents();
        var answer = await alice.Send(query);
        // What was refused before it ran has a status that says so; what a field refused stands beside the other fields' data.
        Assert.Equal(status, answer.Status);
        Assert.NotEmpty(answer.Codes);
        if (code is not null) Assert.Contains(code, answer.Codes);
        if (status == 400) Assert.Null(answer.Json!["data"]);
        if (status == 200) Assert.Null(answer.Json!["data"]!["me"]);
        Assert.Equal(before, await host.Database.Contents());
    }

    [Fact]
    public async Task A_body_of_two_megabytes_is_not_read()
    {
        var host = await hosts.Counted(engine);
        var alice = await host.NewBuyer();
        var before = await host.Database.Contents();
        Assert.Equal(413, (await alice.Send(PlaceStarter + new string(' ', 2 * 1024 * 1024))).Status);
        Assert.Equal(before, await host.Database.Contents());
    }

    [Theory]
    [InlineData("""{"query": """, "application/json", 400)]
    [InlineData("""[]""", "application/json", 400)]
    [InlineData("""null""", "application/json", 400)]
    [InlineData("", "application/json", 400)]
    [InlineData("""{"query": "{ __typename }", "query": "mutation"}""", "application/json", 400)]
    [InlineData("""{"query": "(place)", "variables": {"a": 1, "a": 2}}""", "application/json", 400)]
    [InlineData("""{"query": "(place)"}""", "text/plain", 415)]
    [InlineData("""{"query": "(place)"}""", "application/x-www-form-urlencoded", 415)]
    [InlineData("""{"query": "(place)"}""", "application/json; charset=utf-16", 415)]
    [InlineData("query=(place)", "application/x-www-form-urlencoded", 415)]
    public async Task A_body_that_is_no_request_is_refused(string body, string type, int status)
    {
        var host = await hosts.Counted(engine);
        var alice = await host.NewBuyer();
        var before = await host.Database.Contents();
        // As a page of another site would send it, with whatever the browser adds.
        var place = new JsonObject { ["query"] = PlaceStarter }["query"]!.ToJsonString()[1..^1];
        using var content = new StringContent(body.Replace("(place)", place, StringComparison.Ordinal), Encoding.UTF8);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        content.Headers.Add("Origin", "https://elsewhere.example");
        var answer = await alice.Send(content);
        Assert.Equal(status, answer.Status);
        Assert.NotEmpty(answer.Codes);
        Assert.Equal(before, await host.Database.Contents());
    }

    [Fact]
    public async Task A_mutation_does_not_come_by_GET()
    {
        var host = await hosts.Counted(engine);
        var alice = await host.NewBuyer();
        var before = await host.Database.Contents();
        using var request = new HttpRequestMessage(HttpMethod.Get, "graphql?query=" + Uri.EscapeDataString(PlaceStarter));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", alice.Token);
        using var answer = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(before, await host.Database.Contents());
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("not yet valid")]
    [InlineData("another key")]
    [InlineData("no signature")]
    [InlineData("another issuer")]
    [InlineData("another audience")]
    [InlineData("no expiry")]
    [InlineData("a changed byte")]
    [InlineData("nonsense")]
    public async Task A_token_that_is_not_good_signs_nobody_in(string fault)
    {
        var host = await hosts.Counted(engine);
        var mallory = new Caller(host, Forge(fault, (await host.SignIn("mallory", "billing:admin")).Token!));
        var before = await host.Database.Contents();
        foreach (var query in (string[])[PlaceStarter, "{ orders(first: 1) { nodes { number } } }"])
        {
            var answer = await mallory.Send(query);
            Assert.Equal(401, answer.Status);
            Assert.Equal(["AUTH_NOT_AUTHENTICATED"], answer.Codes.Distinct());
        }

        Assert.Equal(before, await host.Database.Contents());
        // The same token without the fault does sign in: it is the fault that was refused.
        Assert.Equal(200, (await new Caller(host, Forge("", "")).Send("{ orders(first: 1) { nodes { number } } }")).Status);
    }

    static string Forge(string fault, string good)
    {
        if (fault == "nonsense") return "a.b.c";
        if (fault == "a changed byte")
        {
            var parts = good.Split('.');
            var claims = JsonNode.Parse(Base64UrlEncoder.Decode(parts[1]))!;
            claims["sub"] = "alice";
            return $"{parts[0]}.{Base64UrlEncoder.Encode(claims.ToJsonString())}.{parts[2]}";
        }

        var now = DateTime.UtcNow;
        var key = fault == "another key" ? new string('x', 64) : HostProcess.SigningKey;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = fault == "another issuer" ? "somebody" : "billing-development",
            Audience = fault == "another audience" ? "somebody" : "billing",
            NotBefore = fault == "not yet valid" ? now.AddHours(1) : now.AddHours(-2),
            Expires = fault switch { "expired" => now.AddMinutes(-5), "no expiry" => null, _ => now.AddHours(2) },
            Claims = new Dictionary<string, object> { ["sub"] = "mallory", ["roles"] = (string[])["billing:admin"] },
            SigningCredentials = fault == "no signature"
                ? null
                : new(new SymmetricSecurityKey(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(key))), SecurityAlgorithms.HmacSha256),
        });
    }
}

[Collection("Counted on SQLite")]
public sealed class RequestsOnSqlite(SharedHosts hosts) : Requests(hosts, Engine.Sqlite);

[Collection("Counted on PostgreSQL")]
public sealed class RequestsOnPostgres(SharedHosts hosts) : Requests(hosts, Engine.Postgres);
