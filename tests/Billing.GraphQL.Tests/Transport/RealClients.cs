using System.Diagnostics;
using System.Reflection;
using System.Text.Json;

namespace Billing.GraphQL.Tests.Transport;

/// <summary>Clients that nobody here wrote.</summary>
public sealed class RealClients
{
    static readonly string Folder = typeof(RealClients).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == "ClientsFolder").Value!;
    static readonly string[] BothClients = ["graphql-ws", "graphql-sse"];
    static readonly SemaphoreSlim Installing = new(1, 1);

    [Fact]
    public async Task All_audits_of_GraphQL_over_HTTP_pass()
    {
        await using var host = await TestHost.Start();
        var (code, output) = await Node("audits.mjs", host.Url.ToString());
        Assert.EndsWith("61 passed, 0 failed", output.Trim(), StringComparison.Ordinal);
        Assert.Equal(0, code);
    }

    [Fact]
    public async Task The_audits_fail_where_there_is_no_API()
    {
        await using var host = await TestHost.Start();
        var (code, _) = await Node("audits.mjs", new Uri(host.Address, "/elsewhere").ToString());
        Assert.Equal(1, code);
    }

    [Fact]
    public async Task Subscriptions_reach_graphql_ws_and_graphql_sse()
    {
        await using var host = await TestHost.Start();
        var request = JsonSerializer.Serialize(new { query = "subscription($to: Int!) { count(to: $to) }", variables = new { to = 5 } });
        var (code, output) = await Node("subscriptions.mjs", host.Url.ToString(), "", request, "3");
        string[] expected =
        [
            .. BothClients.SelectMany(client =>
                Enumerable.Range(1, 3).Select(n => JsonSerializer.Serialize(new { client, result = new { data = new { count = n } } }))),
        ];
        Assert.Equal(expected, output.Trim().Split('\n'));
        Assert.Equal(0, code);
    }

    [Fact]
    public async Task A_token_signs_in_through_both_clients()
    {
        await using var host = await TestHost.Start();
        var request = JsonSerializer.Serialize(new { query = "subscription { whispers }" });
        var (code, output) = await Node("subscriptions.mjs", host.Url.ToString(), "alice", request, "1");
        Assert.Equal(2, output.Split("\"whispers\":\"alice\"").Length - 1);
        Assert.Equal(0, code);
    }

    static async Task<(int Code, string Output)> Node(params string[] arguments)
    {
        await Installing.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (!Directory.Exists(Path.Combine(Folder, "node_modules")))
            {
                var (installed, output) = await Start("npm", ["ci", "--no-audit", "--no-fund"]);
                Assert.True(installed == 0, output);
            }
        }
        finally
        {
            Installing.Release();
        }

        return await Start("node", arguments);
    }

    static async Task<(int Code, string Output)> Start(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            TestContext.Current.TestOutputHelper?.WriteLine(output + await errors);
            return (process.ExitCode, output);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
