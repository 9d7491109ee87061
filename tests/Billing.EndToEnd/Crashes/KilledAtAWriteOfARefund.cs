using Billing.EndToEnd.Api;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Crashes;

/// <summary>The host is killed before and after each single write of a refund, first to last, and started again; its provider lives elsewhere and does not forget. The money goes back once.</summary>
public abstract class KilledAtAWriteOfARefund(SharedHosts hosts, Engine engine) : KilledAtSomeWrite(hosts, engine)
{
    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task A_refund_is_made_once_whichever_write_the_host_dies_at(string moment)
    {
        await using var provider = await HostProcess.Start(await Hosts.NewDatabase(Engine.Sqlite));
        await using var host = await Start(new Dictionary<string, string?> { ["Billing__PaymentMethods__sandbox__ProviderUrl"] = new Uri(provider.Url, "sandbox").AbsoluteUri });
        var carol = host.SomeAdministrator();
        var writes = 0;
        while (await Dies(writes + 1)) writes++;

        // Asked for, held by the account, held, approved, done: fewer would mean that the crash missed its moments.
        Assert.InRange(writes, 5, TooMany - 1);
        await host.Verify();

        async Task<bool> Dies(int write)
        {
            var alice = host.SomeBuyer();
            var order = await alice.Place("starter");
            var number = (string)order["number"]!;
            await provider.PayFor(host, order, ("do", "pay"), ("news", "now"));
            await alice.OrderIs(number, "COMPLETED");

            await Arm(moment, write);
            var key = Guid.NewGuid().ToString("N");
            Assert.Null((await Insist(() => alice.RequestRefund(number, key: key))).Error());
            await Until.Is(
                async () =>
                {
                    var refund = (await Insist(() => alice.Refunds(number)))["refunds"]![0]!;
                    if ((string?)refund["status"] == "REQUESTED") await Insist(() => carol.ApproveRefund((string)refund["id"]!, (long)refund["version"]!));
                    return (string?)(await Insist(() => alice.Refunds(number)))["refundStatus"];
                },
                status => status == "SUCCEEDED", $"the money goes back after a crash {moment} write {write}");
            Disarm();
            Assert.Equal("REFUNDED", (string?)(await Insist(() => alice.Refunds(number)))["status"]);
            Assert.Equal(0m, await Insist(alice.Credits));
            Assert.Equal(1, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE noun = 'order' AND key = '{number}' AND type = 'RefundSucceeded'"));
            Assert.Equal(2, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE noun = 'account' AND key = '{alice.Subject}'"));
            Assert.Empty(await Insist(() => carol.OpenWorkItems(number)));
            return Died;
        }
    }
}

public sealed class KilledAtAWriteOfARefundOnSqlite(SharedHosts hosts) : KilledAtAWriteOfARefund(hosts, Engine.Sqlite);

public sealed class KilledAtAWriteOfARefundOnPostgres(SharedHosts hosts) : KilledAtAWriteOfARefund(hosts, Engine.Postgres);
