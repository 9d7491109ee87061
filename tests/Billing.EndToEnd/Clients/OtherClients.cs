using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Clients;

/// <summary>Clients that nobody here wrote, against the real host: they come from npm, as tests/clients pins them.</summary>
public abstract class OtherClients(SharedHosts hosts, Engine engine)
{
    static readonly string Folder = HostProcess.Metadata("ClientsFolder");
    static readonly SemaphoreSlim Installing = new(1, 1);

    [Fact]
    public async Task All_audits_of_GraphQL_over_HTTP_pass()
    {
        var host = await hosts.Shop(engine);
        await Install();
        using var node = Start("node", "audits.mjs", new Uri(host.Url, "graphql").AbsoluteUri);
        var output = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith("61 passed, 0 failed", output.Trim(), StringComparison.Ordinal);
        Assert.Equal(0, node.ExitCode);
    }

    [Theory]
    [InlineData("graphql-ws")]
    [InlineData("graphql-sse")]
    public async Task A_payment_reaches_a_client_as_it_is_made(string client)
    {
        var host = await hosts.Shop(engine);
        await Install();
        var alice = await host.NewBuyer();
        var order = await alice.Place("starter");
        var request = JsonSerializer.Serialize(new
        {
            query = "subscription($number: ID!) { orderChanged(number: $number) { status version } }",
            variables = new { number = (string)order["number"]! },
        });
        // The present state; and the money's arrival, with which its credit comes.
        using var node = Start("node", "subscriptions.mjs", new Uri(host.Url, "graphql").AbsoluteUri, alice.Token!, request, "2", client);
        Assert.Equal((client, "AWAITING_PAYMENT"), await Seen());
        await host.Pay(order, ("do", "pay"), ("news", "now"));
        Assert.Equal((client, "COMPLETED"), await Seen());
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, node.ExitCode);

        async Task<(string?, string?)> Seen()
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(Until.Patience);
            var line = await node.StandardOutput.ReadLineAsync(limit.Token);
            if (line is null) Assert.Fail(await node.StandardError.ReadToEndAsync(limit.Token));
            var seen = JsonNode.Parse(line)!;
            return ((string?)seen["client"], (string?)seen["result"]!["data"]!["orderChanged"]!["status"]);
        }
    }

    /// <summary>Installs them, once.</summary>
    internal static async Task Install()
    {
        await Installing.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            // npm writes this file when it is done.
            if (File.GetLastWriteTimeUtc(Path.Combine(Folder, "node_modules", ".package-lock.json")) >= File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json"))) return;
            using var npm = Start("npm", "ci", "--no-audit", "--no-fund");
            var output = npm.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = npm.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await npm.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(npm.ExitCode == 0, await output + await errors);
        }
        finally
        {
            Installing.Release();
        }
    }

    static Process Start(string program, params string[] arguments) =>
        Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
}

public sealed class OtherClientsOnSqlite(SharedHosts hosts) : OtherClients(hosts, Engine.Sqlite);

public sealed class OtherClientsOnPostgres(SharedHosts hosts) : OtherClients(hosts, Engine.Postgres);
