using System.Collections.Concurrent;
using Billing.Testing;

[assembly: AssemblyFixture(typeof(Billing.EndToEnd.Hosts.SharedHosts))]

namespace Billing.EndToEnd.Hosts;

/// <summary>The PostgreSQL server, and hosts that several test classes use, each started when it is first asked for and verified at the end.</summary>
public sealed class SharedHosts : IAsyncLifetime
{
    readonly ConcurrentDictionary<(Engine, string), Lazy<Task<HostProcess>>> hosts = new();
    readonly ConcurrentBag<TestDatabase> databases = [];
    PostgresServer server = null!;

    public async ValueTask InitializeAsync() => server = await PostgresServer.Start();

    /// <summary>A database of the caller's own.</summary>
    public async Task<TestDatabase> NewDatabase(Engine engine)
    {
        var database = await TestDatabase.New(engine, server);
        databases.Add(database);
        return database;
    }

    /// <summary>Another database that holds the same. Nobody may be connected to the first one.</summary>
    public async Task<TestDatabase> Copy(TestDatabase original)
    {
        var database = await original.Copy(server);
        databases.Add(database);
        return database;
    }

    /// <summary>A host that everybody may buy from at the same time.</summary>
    public Task<HostProcess> Shop(Engine engine) => Get(engine, "shop", []);

    /// <summary>A host that the tests of one collection use one after the other, so that what it holds can be counted: nothing expires meanwhile.</summary>
    public Task<HostProcess> Counted(Engine engine) => Get(engine, "counted", new() { ["Billing__Orders__TimeToPay"] = "12:00:00" });

    /// <summary>A host whose orders can be paid for twenty seconds: time enough to begin to.</summary>
    public Task<HostProcess> Brief(Engine engine) => Get(engine, "brief", new() { ["Billing__Orders__TimeToPay"] = "00:00:20" });

    /// <summary>A host on which large refunds need two administrators and small ones none.</summary>
    public Task<HostProcess> Refunds(Engine engine) => Get(engine, "refunds", new()
    {
        ["Billing__Orders__Refunds__SecondPersonAbove__CNY"] = "50000",
        ["Billing__Orders__Refunds__AutomaticUpTo__CNY"] = "100",
        ["Billing__WorkItems__AlertAfter"] = "00:00:01",
        ["Billing__WorkItems__Rest"] = "00:00:01",
    });

    /// <summary>A host on which wrong codes can be tried without an end, and where issuing takes small steps.</summary>
    public Task<HostProcess> Codes(Engine engine) => Get(engine, "codes", new()
    {
        ["Billing__Codes__AttemptsOfAccount"] = "10000",
        ["Billing__Codes__AttemptsOfAddress"] = "1000000",
        ["Billing__Codes__IssueAtOnce"] = "40",
        ["Billing__Codes__BatchPatience"] = "00:00:10",
    });

    /// <summary>With these a host looks around by itself so seldom that what its database counts is what was asked for.</summary>
    public static IReadOnlyDictionary<string, string?> QuietSettings { get; } = new Dictionary<string, string?>
    {
        ["Billing__Deadlines__Rest"] = "00:01:00",
        ["Billing__Webhooks__Rest"] = "01:00:00",
        ["Billing__Reconciliation__Rest"] = "00:10:00",
    };

    /// <summary>What a host needs to tell a receiver on the loopback, soon, and to go on soon after it was killed.</summary>
    public static IReadOnlyDictionary<string, string?> TellingSettings { get; } = new Dictionary<string, string?>
    {
        ["Billing__Webhooks__AllowHttp"] = "true",
        ["Billing__Webhooks__AllowPrivateAddresses"] = "true",
        ["Billing__Webhooks__Rest"] = "00:00:00.2",
        ["Billing__Webhooks__AttemptTimeout"] = "00:00:01",
        ["Billing__Webhooks__Lease"] = "00:00:03",
    };

    /// <summary>A host that tells whoever listens on the loopback.</summary>
    public Task<HostProcess> Telling(Engine engine) => Get(engine, "telling", new(TellingSettings));

    /// <summary>The same for one class alone, which counts what its endpoint is told.</summary>
    public Task<HostProcess> TellingOne(Engine engine) => Get(engine, "telling one", new(TellingSettings));

    public async ValueTask DisposeAsync()
    {
        try
        {
            foreach (var host in hosts.Values)
            {
                await using var running = await host.Value;
                await running.Verify();
            }
        }
        finally
        {
            foreach (var database in databases) database.Dispose();
            await server.DisposeAsync();
        }
    }

    Task<HostProcess> Get(Engine engine, string name, Dictionary<string, string?> settings) =>
        hosts.GetOrAdd((engine, name), _ => new(async () => await HostProcess.Start(await NewDatabase(engine), settings))).Value;
}
