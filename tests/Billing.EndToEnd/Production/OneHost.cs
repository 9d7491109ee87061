using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Production;

/// <summary>Hosts on the embedded database.</summary>
public sealed class OneHost(SharedHosts hosts)
{
    [Fact]
    public async Task An_embedded_database_has_one_host_and_another_one_says_so_until_the_first_is_gone()
    {
        var database = await hosts.NewDatabase(Engine.Sqlite);
        await using var first = await HostProcess.Start(database);
        await using var second = new HostProcess(database);
        await second.RefusesInALine("has one host");
        await first.Verify();
        await first.Kill();
        await second.Start();
    }
}
