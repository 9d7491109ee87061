using Billing.EndToEnd.Hosts;
using Microsoft.Data.Sqlite;

namespace Billing.EndToEnd.Verification;

/// <summary>What <c>verify</c> is for: it finds what was changed behind the service's back. Otherwise its silence after every other test would mean nothing.</summary>
public sealed class Tampering(SharedHosts hosts)
{
    [Theory]
    [InlineData("a balance", "UPDATE accounts SET document = replace(document, '100000000', '900000000')", "account")]
    [InlineData("an order that was never credited", "DELETE FROM accounts", "account")]
    [InlineData("a document without its events", "UPDATE orders SET version = version + 1", "order")]
    [InlineData("a missing event", "DROP TRIGGER journal_is_not_deleted_from; DELETE FROM journal WHERE type = 'PaymentReceived'", "order")]
    [InlineData("a changed event", "DROP TRIGGER journal_is_not_updated; UPDATE journal SET data = replace(data, '100000000', '900000000') WHERE noun = 'account'", "account")]
    public async Task Verification_finds(string what, string sql, string noun)
    {
        using var database = await hosts.NewDatabase(Engine.Sqlite);
        await using (var host = await HostProcess.Start(database))
        {
            var alice = await host.NewBuyer();
            var order = await alice.Place("starter");
            await new Api.SandboxNews { Number = (string)order["number"]! + "01" }.DeliverTo(host);
            await alice.OrderIs((string)order["number"]!, "COMPLETED");
            await host.Verify();
        }

        await using var connection = new SqliteConnection($"{new SqliteConnectionStringBuilder { DataSource = database.SqlitePath, Pooling = false }}");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own text.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        await using var stopped = new HostProcess(database);
        var (code, output) = await stopped.RunVerification();
        Assert.True(code == 1, $"{what}: {code}\n{output}");
        Assert.Contains($"DIFFERS {noun}", output, StringComparison.Ordinal);
    }
}
