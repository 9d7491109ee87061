using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Billing.EndToEnd.Hosts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Billing.EndToEnd.Webhooks;

/// <summary>What reached a receiver.</summary>
/// <param name="Id">The header webhook-id.</param>
/// <param name="Timestamp">The header webhook-timestamp.</param>
/// <param name="Signature">The header webhook-signature.</param>
/// <param name="Body">The body as it came.</param>
public sealed record Arrival(string Id, string Timestamp, string Signature, string Body)
{
    public JsonNode Json { get; } = JsonNode.Parse(Body)!;

    public string Type => (string)Json["type"]!;

    public JsonNode Data => Json["data"]!;
}

/// <summary>Somebody who listens on the loopback, and keeps what comes.</summary>
public sealed class Receiver : IAsyncDisposable
{
    readonly ConcurrentQueue<Arrival> arrivals = new();
    readonly WebApplication server;

    Receiver(WebApplication server) => this.server = server;

    /// <summary>What it answers; 204 when it is not told otherwise.</summary>
    public Func<Arrival, Task<int>> Answer { get; set; } = _ => Task.FromResult(204);

    public Uri Url => new(new Uri(server.Urls.Single()), "/billing");

    /// <summary>What came, in its order.</summary>
    public IReadOnlyList<Arrival> Arrivals => [.. arrivals];

    public static async Task<Receiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver.server.MapPost("/billing", receiver.Take);
        await receiver.server.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    /// <summary>Waits until something is among what came, and gives it.</summary>
    public async Task<Arrival> Got(Func<Arrival, bool> wanted, string what) =>
        (await Until.Is(() => Task.FromResult(Arrivals.FirstOrDefault(wanted)), found => found is not null, what))!;

    /// <summary>What the library of Standard Webhooks says of it: verified, or refused and why.</summary>
    public static async Task<string> Verify(Arrival arrival, string secret)
    {
        await Clients.OtherClients.Install();
        using var node = Process.Start(new ProcessStartInfo("node", ["webhooks.mjs"])
        {
            WorkingDirectory = HostProcess.Metadata("ClientsFolder"),
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        var headers = new Dictionary<string, string> { ["webhook-id"] = arrival.Id, ["webhook-timestamp"] = arrival.Timestamp, ["webhook-signature"] = arrival.Signature };
        await node.StandardInput.WriteLineAsync(JsonSerializer.Serialize(new { secret, headers, body = arrival.Body }));
        node.StandardInput.Close();
        var said = await node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        return said.Trim();
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();

    async Task Take(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var headers = context.Request.Headers;
        var arrival = new Arrival(headers["webhook-id"].ToString(), headers["webhook-timestamp"].ToString(), headers["webhook-signature"].ToString(), await reader.ReadToEndAsync());
        arrivals.Enqueue(arrival);
        context.Response.StatusCode = await Answer(arrival);
    }
}
