namespace Billing.EndToEnd.Hosts;

/// <summary>Two hosts that are one cluster on one PostgreSQL database.</summary>
public sealed class TwoSilos(SharedHosts hosts) : IAsyncLifetime
{
    public IReadOnlyList<HostProcess> All { get; private set; } = [];

    public async ValueTask InitializeAsync()
    {
        var database = await hosts.NewDatabase(Engine.Postgres);
        // One account's stampede on one code is no guessing.
        var settings = new Dictionary<string, string?> { ["Billing__Codes__AttemptsOfAccount"] = "10000" };
        var first = await HostProcess.Start(database, settings);
        // The second one makes links as the first one does: the cluster has one public address, and the sandbox behind it is the first one's.
        settings["Billing__PublicUrl"] = first.Url.AbsoluteUri;
        All = [first, await HostProcess.Start(database, settings)];
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (All.FirstOrDefault(host => host.Runs) is { } running) await running.Verify();
        }
        finally
        {
            foreach (var host in All) await host.DisposeAsync();
        }
    }
}
