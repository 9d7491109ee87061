using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Crashes;

/// <summary>
/// The host is killed after each single write of a redemption and of its reversal, first to last, and started again. Each is done once. (Between two writes nobody else is asked for
/// anything: before the next one is the same moment.)
/// </summary>
public abstract class KilledAtAWriteOfACode(SharedHosts hosts, Engine engine) : KilledAtSomeWrite(hosts, engine)
{
    [Theory]
    [InlineData(null, false, 2)]
    [InlineData(null, true, 3)]
    [InlineData(1_000, false, 5)]
    public async Task A_redemption_and_its_reversal_happen_once_whichever_write_the_host_dies_at(int? maxRedemptions, bool apart, int writes)
    {
        await using var host = await Start(new Dictionary<string, string?> { ["Billing__Codes__BatchPatience"] = "00:00:10" }, apart);
        // Its batch counts what is redeemed of it, or does not: with a limit of its own, the batch writes too.
        var carol = host.SomeAdministrator();
        var (batch, codes) = await carol.Issue(new { maxRedemptionsPerCode = 2_000, maxRedemptions });
        var (redeeming, reversing) = (0, 0);
        while (await DiesWhileRedeeming(redeeming + 1)) redeeming++;
        // Writes are counted from a process's first one on.
        await host.Kill();
        await host.Start();
        while (await DiesWhileReversing(reversing + 1)) reversing++;
        // Redeemed, placed by the batch, placed, credited, noted, or all of that together; begun, taken back, noted. Fewer would mean that the crash missed its moments.
        Assert.InRange(redeeming, writes - 1, TooMany - 1);
        Assert.InRange(reversing, 2, TooMany - 1);
        Assert.Equal(redeeming + 1 + reversing + 1, (long)(await carol.Batch(batch))!["redeemed"]!);
        await host.Verify();

        async Task<bool> DiesWhileRedeeming(int write)
        {
            var alice = host.SomeBuyer();
            await Arm("after", write);
            var redeemed = await Insist(() => alice.Redeem(codes[0]));
            Assert.True(redeemed["errors"] is null, redeemed.ToJsonString());
            await Until.Is(() => Insist(alice.Credits), credits => credits == 5m, $"the account is credited after a crash after write {write}");
            await Until.Is(() => Insist(async () => { await alice.Credits(); return await Owed(); }), owed => owed == 0, "nothing is owed");
            Disarm();
            // What the last write says is seen before the host dies of it.
            Assert.True((bool)(await Insist(() => alice.Redeem(codes[0])))["replayed"]!);
            Assert.Equal(5m, await Insist(alice.Credits));
            Assert.Equal(1, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE noun = 'account' AND key = '{alice.Subject}'"));
            Assert.Equal(1, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE noun = 'code' AND type = 'CodeRedeemed' AND actor = 'account:{alice.Subject}'"));
            return Died;
        }

        async Task<bool> DiesWhileReversing(int write)
        {
            var alice = host.SomeBuyer();
            var id = (string)(await alice.Redeem(codes[0]))["redemption"]!["id"]!;
            await Until.Is(alice.Credits, credits => credits == 5m, "the account is credited");
            await Until.Is(Owed, owed => owed == 0, "nothing is owed");
            await Arm("after", write);
            var key = Guid.NewGuid().ToString("N");
            var reversed = await Until.Is(() => Insist(() => carol.Reverse(id, key)), answer => answer["errors"] is not null || answer["takenBack"] is not null, "it is taken back");
            Assert.True(reversed["errors"] is null, reversed.ToJsonString());
            Assert.Equal(("5", "0"), ((string?)reversed["takenBack"], (string?)reversed["alreadySpent"]));
            await Until.Is(() => Insist(async () => { await alice.Credits(); return await Owed(); }), owed => owed == 0, "nothing is owed");
            Disarm();
            Assert.Equal(0m, await Insist(alice.Credits));
            Assert.Equal(2, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE noun = 'account' AND key = '{alice.Subject}'"));
            Assert.Equal("ALREADY_REVERSED", (await Insist(() => carol.Reverse(id, "another", 2))).Error());
            return Died;
        }

        Task<long> Owed() => host.Database.Number("SELECT COUNT(*) FROM redemption_codes WHERE next_deadline IS NOT NULL");
    }
}

public sealed class KilledAtAWriteOfACodeOnSqlite(SharedHosts hosts) : KilledAtAWriteOfACode(hosts, Engine.Sqlite);

public sealed class KilledAtAWriteOfACodeOnPostgres(SharedHosts hosts) : KilledAtAWriteOfACode(hosts, Engine.Postgres);
