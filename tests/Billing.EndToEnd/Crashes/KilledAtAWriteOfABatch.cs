using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Crashes;

/// <summary>The host is killed before and after each single write of an issue, first to last, and started again. The batch is issued once. (Codes are stored between two of its writes.)</summary>
public abstract class KilledAtAWriteOfABatch(SharedHosts hosts, Engine engine) : KilledAtSomeWrite(hosts, engine)
{
    static readonly IReadOnlyDictionary<string, string?> Settings = new Dictionary<string, string?>
    {
        ["Billing__Codes__IssueAtOnce"] = "30",
        ["Billing__Codes__BatchPatience"] = "00:00:10",
    };

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task A_batch_is_issued_once_whichever_write_the_host_dies_at(string moment)
    {
        await using var host = await Start(Settings);
        var carol = host.SomeAdministrator();
        var issued = 0;
        while (await Dies(issued + 1)) issued++;
        // Ordered, and noted that its codes are stored: four times, since they are stored in four steps.
        Assert.InRange(issued, 4, TooMany - 1);
        await host.Verify();

        async Task<bool> Dies(int write)
        {
            await Arm(moment, write);
            var terms = new { count = 100, idempotencyKey = $"wish {write}" };
            await Insist(() => carol.TryToIssue(terms));
            var batch = await Until.Is(() => Insist(() => carol.TryToIssue(terms)), answer => (string?)answer["batch"]!["status"] == "ISSUED", $"the batch is issued after a crash {moment} write {write}");
            Disarm();
            Assert.Equal(100, batch["codes"]!.AsArray().Select(code => (string)code!).Distinct().Count());
            Assert.Equal(100 * write, await host.Database.Number("SELECT COUNT(*) FROM redemption_codes WHERE batch_id IN (SELECT key FROM code_batches WHERE name = 'A batch')"));
            Assert.Null((await Insist(() => host.SomeBuyer().Redeem((string)batch["codes"]![99]!))).Error());
            return Died;
        }
    }
}

public sealed class KilledAtAWriteOfABatchOnSqlite(SharedHosts hosts) : KilledAtAWriteOfABatch(hosts, Engine.Sqlite);

public sealed class KilledAtAWriteOfABatchOnPostgres(SharedHosts hosts) : KilledAtAWriteOfABatch(hosts, Engine.Postgres);
