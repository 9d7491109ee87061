using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Support;

/// <summary>What administrators find, export and look back on.</summary>
public abstract class Finding(SharedHosts hosts, Engine engine)
{
    const string Hit = """
        __typename ... on Order { number } ... on Account { accountId } ... on RedemptionCode { masked } ... on CodeBatch { name } ... on WorkItem { detail }
        """;

    [Fact]
    public async Task One_box_finds_what_people_name_things_by()
    {
        var host = await hosts.Codes(engine);
        var (alice, carol) = (await host.NewBuyer(), host.SomeAdministrator());
        var number = (string)(await alice.Place("starter"))["number"]!;
        var news = new SandboxNews { Number = number + "01", AmountMinor = 500 };
        Assert.Equal(200, (await news.DeliverTo(host)).Status);
        await alice.OrderIs(number, "ON_HOLD");
        var name = "Batch-" + Guid.NewGuid().ToString("N");
        var (batch, codes) = await carol.Issue(new { name, count = 2 });

        foreach (var text in (string[])[number, number.ToLowerInvariant(), number + "01", number + "R01", number[..10], news.TransactionId])
            Assert.Contains(("Order", number), await Found(carol, text));
        Assert.Contains(("Account", alice.Subject), await Found(carol, alice.Subject));
        Assert.Contains(("CodeBatch", name), await Found(carol, name[..20].ToUpperInvariant()));
        Assert.Equal([("CodeBatch", name)], await Found(carol, batch));
        var masked = (string)(await carol.Code(codes[0]))!["masked"]!;
        Assert.Contains(("RedemptionCode", masked), await Found(carol, codes[0]));
        Assert.Contains(("RedemptionCode", masked), await Found(carol, codes[0][^4..].ToLowerInvariant()));
        var items = await Found(carol, $"{number}-1");
        Assert.Equal("WorkItem", Assert.Single(items).Kind);
        Assert.Empty(await Found(carol, "nothing is named so"));
        Assert.Empty(await Found(carol, "%"));

        // It takes codes: never in an address, never in the log, never for others.
        using var get = new HttpRequestMessage(HttpMethod.Get, "graphql?query=" + Uri.EscapeDataString("{ adminSearch(text: \"x\") { __typename } }"));
        get.Headers.Authorization = new("Bearer", carol.Token);
        using var answer = await host.Http.SendAsync(get, TestContext.Current.CancellationToken);
        Assert.Contains("SECRET_IN_ADDRESS", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.DoesNotContain(codes[0], host.Log, StringComparison.Ordinal);
        Assert.Contains("AUTH_NOT_AUTHORIZED", (await alice.Send("{ adminSearch(text: \"x\") { __typename } }")).Text, StringComparison.Ordinal);

        // And so do lists, by their filters.
        foreach (var where in (object[])
        [
            new { providerReference = news.TransactionId }, new { number = number[..8], accountId = alice.Subject },
            new { accountId = alice.Subject, minimumAmount = new { minorUnits = 990, currency = "CNY" }, maximumAmount = new { minorUnits = 990, currency = "CNY" }, methodId = "sandbox" },
        ])
        {
            var found = (await carol.Ask("query($where: OrderFilter) { orders(first: 5, where: $where) { nodes { number } } }", new { where }))["orders"]!["nodes"]!.AsArray();
            Assert.Equal(number, (string?)Assert.Single(found)!["number"]);
        }
    }

    [Fact]
    public async Task Orders_leave_as_a_file_that_no_spreadsheet_runs()
    {
        var host = await hosts.Codes(engine);
        var carol = host.SomeAdministrator();
        var plan = "export-" + Guid.NewGuid().ToString("N")[..12];
        Assert.Null((await carol.Do("createPlan", "CreatePlanInput", new
        {
            slug = plan,
            plan = new { name = new { en = "=1+1" }, price = new { minorUnits = 1990, currency = "CNY" }, grants = new[] { new { credits = new { credits = "1" } } }, onSale = true },
        }, "plan { slug }"))["errors"]);
        string[] buyers = ["=cmd|' /C calc'!A0", "a,\"b\"", "+49", "-1", "@sum", "\tx", " leading", "春节", "plain"];
        var numbers = new List<string>();
        // Names that somebody else in this run may have: the key is this run's own.
        foreach (var buyer in buyers.Where(name => !name.Any(char.IsControl))) numbers.Add((string)(await host.Forged(buyer).Place(plan, key: plan))["number"]!);

        var link = (string)(await carol.Ask("query($where: OrderFilter) { ordersExportUrl(where: $where) }", new { where = new { planSlug = plan } }))["ordersExportUrl"]!;
        using var answer = await host.Http.GetAsync(link, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, "text/csv", "attachment"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType, answer.Content.Headers.ContentDisposition!.DispositionType));
        var bytes = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
        var rows = Csv.Read(Encoding.UTF8.GetString(bytes[3..]));
        Assert.Equal(["number", "account", "plan", "status"], rows[0][..4]);
        Assert.Equal(numbers, rows.Skip(1).Select(row => row[0]));
        foreach (var (name, row) in buyers.Where(name => !name.Any(char.IsControl)).Zip(rows.Skip(1)))
        {
            Assert.Equal("=+-@".Contains(name[0], StringComparison.Ordinal) ? "'" + name : name, row[1]);
            Assert.Equal([plan, "AWAITING_PAYMENT", "PENDING", "NotStarted", "19.90", "CNY", "sandbox"], row[2..9]);
            Assert.True(DateTimeOffset.TryParse(row[10], CultureInfo.InvariantCulture, out _), row[10]);
        }

        foreach (var forged in (string[])[link[..^1] + (link[^1] == '0' ? '1' : '0'), link.Replace("where=", "where=e30", StringComparison.Ordinal), link.Replace(carol.Subject, "mallory", StringComparison.Ordinal), "exports/orders"])
        {
            using var refused = await host.Http.GetAsync(forged, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        }

        // Its use is in the audit, and so is the plan, each once.
        var acts = (await carol.Ask(
            "query($actor: String!) { audit(first: 10, where: { actor: $actor }) { nodes { what data subject { id } changes { field } } } }", new { actor = carol.Subject }))["audit"]!["nodes"]!.AsArray();
        Assert.Equal(["OrdersExported", "PlanCreated"], acts.Select(act => (string?)act!["what"]));
        Assert.Contains(plan, (string)acts[0]!["data"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_audit_tells_what_was_changed_and_shows_no_code()
    {
        var host = await hosts.Codes(engine);
        var carol = host.SomeAdministrator();
        var plan = "audit-" + Guid.NewGuid().ToString("N")[..12];
        var grants = new[] { new { credits = new { credits = "1" } } };
        await carol.Do("createPlan", "CreatePlanInput", new { slug = plan, plan = new { name = new { en = "A" }, price = new { minorUnits = 100, currency = "CNY" }, grants, onSale = true } }, "plan { slug }");
        await carol.Do("updatePlan", "UpdatePlanInput", new { slug = plan, plan = new { price = new { minorUnits = 200, currency = "CNY" } }, note = "Dearer." }, "plan { slug }");
        var vanity = "VAN" + Random.Shared.Next(100_000, 999_999).ToString(CultureInfo.InvariantCulture);
        await carol.Issue(new { vanityCode = vanity, note = "A campaign." });
        await carol.Do("adjustCredits", "AdjustCreditsInput", new { accountId = plan, credits = "5", note = "Sorry.", idempotencyKey = plan }, "account { credits }");

        var nodes = (await carol.Ask(
            "query($actor: String!) { audit(first: 20, where: { actor: $actor }) { nodes { what note data subject { __typename } changes { field before after } } } }",
            new { actor = carol.Subject }))["audit"]!["nodes"]!.AsArray();
        var acts = nodes.ToLookup(act => (string)act!["what"]!);
        var update = Assert.Single(acts["PlanUpdated"])!;
        Assert.Equal(("Dearer.", "Plan"), ((string?)update["note"], (string?)update["subject"]!["__typename"]));
        var change = Assert.Single(update["changes"]!.AsArray())!;
        Assert.Equal("price", (string?)change["field"]);
        Assert.Contains("100", (string)change["before"]!, StringComparison.Ordinal);
        Assert.Contains("200", (string)change["after"]!, StringComparison.Ordinal);
        var balance = Assert.Single(Assert.Single(acts["GrantsApplied"])!["changes"]!.AsArray())!;
        Assert.Equal(("balance", "0", "5"), ((string?)balance["field"], (string?)balance["before"], (string?)balance["after"]));
        Assert.Equal("CodeBatch", (string?)Assert.Single(acts["BatchOrdered"])!["subject"]!["__typename"]);
        // Neither the code nor what holds it, encrypted.
        Assert.DoesNotContain(vanity, nodes.ToJsonString(), StringComparison.Ordinal);
        Assert.DoesNotContain("k1.", nodes.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("AUTH_NOT_AUTHORIZED", (await (await host.NewBuyer()).Send("{ audit { nodes { what } } }")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statistics_count_what_was_bought_and_redeemed_up_to_the_last_commit()
    {
        using var database = await hosts.NewDatabase(engine);
        await using var host = await HostProcess.Start(database);
        var (alice, carol) = (await host.NewBuyer(), host.SomeAdministrator());
        var number = (string)(await alice.Place("starter"))["number"]!;
        await alice.Place("starter");
        await new SandboxNews { Number = number + "01" }.DeliverTo(host);
        await alice.OrderIs(number, "COMPLETED");
        var (_, codes) = await carol.Issue();
        Assert.Null((await alice.Redeem(codes[0])).Error());

        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        foreach (var zone in (string[])["UTC", "Asia/Kathmandu"])
        {
            var statistics = await Ask(new { from, to, interval = "DAY", zone });
            var buckets = statistics["buckets"]!.AsArray();
            Assert.InRange(buckets.Count, 3, 4);
            Assert.Equal(
                (2, 1, 1, 105m),
                (buckets.Sum(bucket => (int)bucket!["ordersPlaced"]!), buckets.Sum(bucket => (int)bucket!["ordersPaid"]!), buckets.Sum(bucket => (int)bucket!["codesRedeemed"]!),
                    buckets.Sum(bucket => decimal.Parse((string)bucket!["creditsGranted"]!, CultureInfo.InvariantCulture))));
            Assert.Equal(990, (int)Assert.Single(buckets.SelectMany(bucket => bucket!["revenue"]!.AsArray()))!["minorUnits"]!);
            var plan = Assert.Single(statistics["byPlan"]!.AsArray())!;
            Assert.Equal(("starter", 1), ((string?)plan["slug"], (int)plan["ordersPaid"]!));
        }

        var open = (await carol.Ask("{ outstanding { origin month credits accounts } }"))["outstanding"]!.AsArray();
        Assert.Equal(
            [("PURCHASE", "100", 1), ("REDEMPTION", "5", 1)],
            open.Select(owed => ((string)owed!["origin"]!, (string)owed["credits"]!, (int)owed["accounts"]!)).Order());
        Assert.Contains("BAD_REQUEST", (await carol.Send(Query, new { from, to = from.AddYears(1), interval = "HOUR", zone = "UTC" })).Text, StringComparison.Ordinal);
        Assert.Contains("BAD_REQUEST", (await carol.Send(Query, new { from, to, interval = "DAY", zone = "Mars/Olympus" })).Text, StringComparison.Ordinal);
        Assert.Contains("AUTH_NOT_AUTHORIZED", (await alice.Send(Query, new { from, to, interval = "DAY", zone = "UTC" })).Text, StringComparison.Ordinal);
        // What was summed up meanwhile says the same.
        await Until.Is(() => database.Number("SELECT COUNT(*) FROM statistics"), rows => rows > 0, "the journal is summed up");
        Assert.Equal(2, (await Ask(new { from, to, interval = "MONTH", zone = "UTC" }))["buckets"]!.AsArray().Sum(bucket => (int)bucket!["ordersPlaced"]!));

        async Task<JsonNode> Ask(object variables) => (await carol.Ask(Query, variables))["statistics"]!;
    }

    const string Query = """
        query($from: DateTime!, $to: DateTime!, $interval: StatisticsInterval!, $zone: String!) {
          statistics(from: $from, to: $to, interval: $interval, timeZone: $zone) {
            buckets { from to ordersPlaced ordersPaid revenue { minorUnits currency } refunded { minorUnits } codesRedeemed creditsGranted }
            byPlan { slug ordersPaid revenue { minorUnits } }
          }
        }
        """;

    static async Task<List<(string Kind, string Name)>> Found(Caller caller, string text)
    {
        var hits = (await caller.Ask($"query($text: String!) {{ adminSearch(text: $text) {{ {Hit} }} }}", new { text }))["adminSearch"]!.AsArray();
        return [.. hits.Select(hit => ((string)hit!["__typename"]!, hit.AsObject().Where(field => field.Key != "__typename").Select(field => (string)field.Value!).Single()))];
    }
}

public sealed class FindingOnSqlite(SharedHosts hosts) : Finding(hosts, Engine.Sqlite);

public sealed class FindingOnPostgres(SharedHosts hosts) : Finding(hosts, Engine.Postgres);
