using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Verification;

/// <summary>What <c>verify</c> is for: it finds what was changed behind the service's back. Otherwise its silence after every other test would mean nothing.</summary>
public sealed class Tampering(SharedHosts hosts)
{
    // The journal defends itself; somebody who may change tables may do so to its triggers.
    const string Undefended = "DROP TRIGGER journal_is_append_only ON journal; ";

    static readonly Change[] OnSqlite =
    [
        new("a balance", "UPDATE accounts SET document = replace(document, '100000000', '900000000')", "account"),
        new("an order that was never credited", "DELETE FROM accounts", "account"),
        new("a document without its events", "UPDATE orders SET version = version + 1", "order"),
        new("a missing event", "DROP TRIGGER journal_is_not_deleted_from; DELETE FROM journal WHERE type = 'PaymentReceived'", "order"),
        new("a changed event", "DROP TRIGGER journal_is_not_updated; UPDATE journal SET data = replace(data, '100000000', '900000000') WHERE noun = 'account'", "account"),
    ];

    static readonly Change[] OnPostgres =
    [
        new("a balance", "UPDATE accounts SET document = replace(document::text, '100000000', '900000000')::json", "account"),
        new("an order that was never credited", "DELETE FROM accounts", "account"),
        new("a document without its events", "UPDATE orders SET version = version + 1", "order"),
        new("a missing event", Undefended + "DELETE FROM journal WHERE type = 'PaymentReceived'", "order"),
        new("a changed event", Undefended + "UPDATE journal SET data = replace(data::text, '100000000', '900000000')::json WHERE noun = 'account'", "account"),
    ];

    [Theory]
    [InlineData(Engine.Sqlite)]
    [InlineData(Engine.Postgres)]
    public async Task Verification_finds_what_was_changed(Engine engine)
    {
        using var untouched = await hosts.NewDatabase(engine);
        await using (var host = await HostProcess.Start(untouched))
        {
            var alice = await host.NewBuyer();
            var order = await alice.Place("starter");
            await new Api.SandboxNews { Number = (string)order["number"]! + "01" }.DeliverTo(host);
            await alice.OrderIs((string)order["number"]!, "COMPLETED");
        }

        await using var unchanged = new HostProcess(untouched);
        await unchanged.Verify();
        foreach (var (what, sql, noun) in engine == Engine.Sqlite ? OnSqlite : OnPostgres)
        {
            using var database = await hosts.Copy(untouched);
            await database.Execute(sql);
            await using var stopped = new HostProcess(database);
            var (code, output) = await stopped.RunVerification();
            Assert.True(code == 1, $"{what}: {code}\n{output}");
            Assert.Contains($"DIFFERS {noun}", output, StringComparison.Ordinal);
        }
    }

    sealed record Change(string What, string Sql, string Noun);
}
