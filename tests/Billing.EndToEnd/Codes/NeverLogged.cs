using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Codes;

/// <summary>Whatever is logged, no code is: neither one that was issued, nor what somebody typed.</summary>
public abstract class NeverLogged(SharedHosts hosts, Engine engine)
{
    static readonly string[] Categories =
    [
        "Default", "Microsoft", "Microsoft.Hosting.Lifetime", "Orleans", "Orleans.Runtime.Watchdog", "Polly", "Npgsql", "Billing.Storage.SchemaScripts", "System.Net.Http.HttpClient",
    ];

    [Fact]
    public async Task No_code_is_in_the_log_at_any_level()
    {
        var settings = Categories.ToDictionary(category => $"Logging__LogLevel__{category}", _ => (string?)"Trace");
        await using var host = await HostProcess.Start(await hosts.NewDatabase(engine), settings);
        var (carol, alice) = (host.SomeAdministrator(), host.SomeBuyer());
        var (batch, codes) = await carol.Issue(new { count = 5, prefix = "XM" });
        var mistyped = codes[1][..^1] + (codes[1][^1] == '0' ? '1' : '0');
        const string guess = "GUESSWORK77";
        Assert.Null((await alice.Redeem(codes[0])).Error());
        foreach (var wrong in (string[])[mistyped, guess, codes[0]]) await host.SomeBuyer().Redeem(wrong);
        await alice.Preview(codes[1]);
        await carol.Code(codes[1]);
        Assert.Null((await carol.DisableCode(codes[2])).Error());
        var given = (string)(await carol.Assign(batch, alice.Subject, "a source"))["code"]!;
        // As a literal; under a name of its own; where no text is asked for; and what cannot be read at all.
        foreach (var query in (string[])
        [
            $"mutation {{ redeemCode(input: {{ code: \"{codes[1]}\" }}) {{ replayed }} }}",
            $"mutation {guess} {{ {guess}: redeemCode(input: {{ code: \"{guess}\" }}) {{ replayed }} }}",
            $"{{ redemptionPreview(code: \"{codes[1]}\") {{ nothing }} }}",
            $"{{ redemptionPreview(code: {guess}) {{ redeemable }} }}",
            $"{{ redemptionPreview(code: \"{codes[1]}\" {{ redeemable }} }}",
            $"{{ node(id: \"{codes[1]}\") {{ id }} order(number: \"{codes[1]}\") {{ id }} }}",
        ])
        {
            await alice.Send(query);
        }

        const string variable = "mutation($input: RedeemCodeInput!) { redeemCode(input: $input) { replayed errors { __typename } } }";
        await alice.Send(variable, new { input = new { code = new { nested = codes[1] } } });
        await alice.Send(variable, new { input = new { code = codes[1], other = codes[1] } });
        await alice.Send(variable, new { input = codes[1] });
        using var file = await host.Http.GetAsync((string)(await carol.Batch(batch))!["exportUrl"]!, TestContext.Current.CancellationToken);
        Assert.Contains(codes[4], await file.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await host.Kill();
        Assert.Contains("dbug:", host.Log, StringComparison.Ordinal);
        foreach (var code in (string[])[.. codes, mistyped, guess, given])
        {
            foreach (var written in (string[])[code, code.Replace("-", "", StringComparison.Ordinal), code.Replace("XM-", "", StringComparison.Ordinal)])
                Assert.DoesNotContain(written, host.Log, StringComparison.OrdinalIgnoreCase);
        }
    }
}

public sealed class NeverLoggedOnSqlite(SharedHosts hosts) : NeverLogged(hosts, Engine.Sqlite);

public sealed class NeverLoggedOnPostgres(SharedHosts hosts) : NeverLogged(hosts, Engine.Postgres);
