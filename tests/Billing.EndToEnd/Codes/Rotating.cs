using System.Net;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Codes;

/// <summary>The secret that codes are kept under is replaced.</summary>
public abstract class Rotating(SharedHosts hosts, Engine engine)
{
    const string NewSecret = "ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=";

    [Fact]
    public async Task Codes_that_were_issued_under_the_secret_before_are_redeemed_shown_and_repeated_as_ever()
    {
        await using var host = await HostProcess.Start(await hosts.NewDatabase(engine));
        var (carol, alice, bob) = (host.SomeAdministrator(), host.SomeBuyer(), host.SomeBuyer());
        var wish = new { count = 4, prefix = "XM", maxRedemptionsPerAccount = 9, idempotencyKey = "batch" };
        var (batch, codes) = await carol.Issue(wish);
        var campaign = new { vanityCode = "Spring-Soul", maxRedemptionsPerCode = 9, idempotencyKey = "campaign" };
        var (vanity, _) = await carol.Issue(campaign);
        var first = (await alice.Redeem(codes[0]))["redemption"]!.ToJsonString();
        var given = (string?)(await carol.Assign(batch, bob.Subject, "order 1"))["code"];
        var link = (string)(await carol.Batch(batch))!["exportUrl"]!;

        await host.Restart(new Dictionary<string, string?>
        {
            ["Billing__Codes__Keys__0__Id"] = "k2",
            ["Billing__Codes__Keys__0__Secret"] = NewSecret,
            ["Billing__Codes__Keys__1__Id"] = "k1",
            ["Billing__Codes__Keys__1__Secret"] = HostProcess.CodeSecret,
        });

        var again = await alice.Redeem(codes[0]);
        Assert.Equal((true, first), ((bool)again["replayed"]!, again["redemption"]!.ToJsonString()));
        Assert.Equal((string?)again["redemption"]!["id"], (string?)(await alice.Preview(codes[0]))["earlier"]!["id"]);
        Assert.Null((await bob.Redeem(given!)).Error());
        Assert.Null((await bob.Redeem(codes[3])).Error());
        Assert.Equal((5m, 10m), (await alice.Credits(), await bob.Credits()));

        // The same wishes are the same batches, and show the same codes.
        var repeated = await carol.TryToIssue(wish);
        Assert.Equal((true, batch), ((bool)repeated["replayed"]!, (string?)repeated["batch"]!["id"]));
        Assert.Equal(codes, repeated["codes"]!.AsArray().Select(code => (string)code!));
        Assert.Equal(given, (string?)(await carol.Assign(batch, bob.Subject, "order 1"))["code"]);
        repeated = await carol.TryToIssue(campaign);
        Assert.Equal((true, vanity, "Spring-Soul"), ((bool)repeated["replayed"]!, (string?)repeated["batch"]!["id"], (string?)Assert.Single(repeated["codes"]!.AsArray())));
        Assert.Equal("VANITY_CODE_TAKEN", (await carol.TryToIssue(new { vanityCode = "SPRING SOUL" })).Error());
        Assert.Null((await bob.Redeem("spr1ng s0v1")).Error());

        // A link that was given before is good for its ten minutes, and so is a new one.
        foreach (var address in (string[])[link, (string)(await carol.Batch(batch))!["exportUrl"]!])
        {
            using var answer = await host.Http.GetAsync(address, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Equal(codes, Csv.Read(text).Skip(1).Select(row => row[0]));
        }

        // What is issued now is kept under the new secret, beside what was.
        var (_, fresh) = await carol.Issue(new { prefix = "YN" });
        Assert.Null((await alice.Redeem(fresh[0])).Error());
        Assert.Equal(1, await host.Database.Number("SELECT COUNT(*) FROM redemption_codes WHERE CAST(document AS text) LIKE '%\"k2.%'"));
        await host.Verify();
    }
}

public sealed class RotatingOnSqlite(SharedHosts hosts) : Rotating(hosts, Engine.Sqlite);

public sealed class RotatingOnPostgres(SharedHosts hosts) : Rotating(hosts, Engine.Postgres);
