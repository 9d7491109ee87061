using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Payments;

/// <summary>What the clock brings: an order here can be paid for twenty seconds. Each story is a class, so that they wait side by side.</summary>
public abstract class Ending(SharedHosts hosts, Engine engine)
{
    protected async Task<(HostProcess Host, Caller Buyer, string Number, Uri? Page)> Bought(string methodId, bool open)
    {
        var host = await hosts.Brief(engine);
        var alice = await host.NewBuyer();
        var order = await alice.Place("starter", methodId);
        return (host, alice, (string)order["number"]!, open ? await host.Open(order) : null);
    }
}

public abstract class LostNews(SharedHosts hosts, Engine engine) : Ending(hosts, engine)
{
    [Fact]
    public async Task News_that_is_lost_is_asked_for_at_the_deadline()
    {
        var (host, alice, number, page) = await Bought("sandbox-qr", open: true);
        await host.Submit(page!, ("do", "pay"), ("news", "lost"));
        Assert.Equal("AWAITING_PAYMENT", (string?)(await alice.Order(number))!["status"]);
        await alice.OrderIs(number, "COMPLETED");
        Assert.Equal(100m, await alice.Credits());
        await host.Verify();
    }
}

public abstract class LateMoney(SharedHosts hosts, Engine engine) : Ending(hosts, engine)
{
    [Fact]
    public async Task Money_that_comes_after_the_order_expired_is_credited()
    {
        var (host, alice, number, page) = await Bought("sandbox", open: true);
        var expired = await alice.OrderIs(number, "EXPIRED");
        Assert.Equal(("EXPIRED_UNPAID", "BUY_AGAIN"), ((string?)expired["result"]!["code"], (string?)expired["result"]!["nextStep"]));
        Assert.Equal("ORDER_NOT_PAYABLE", (string?)(await alice.StartPayment(number, "sandbox"))["errors"]![0]!["code"]);
        await host.Submit(page!, ("do", "late"), ("news", "now"));
        await alice.OrderIs(number, "COMPLETED");
        Assert.Equal(100m, await alice.Credits());
        Assert.Empty(await (await host.Administrator()).WorkItems(number));
        await host.Verify();
    }
}

public abstract class NobodyPays(SharedHosts hosts, Engine engine) : Ending(hosts, engine)
{
    [Theory]
    [InlineData("sandbox")]
    [InlineData("sandbox-qr")]
    public async Task An_order_that_nobody_pays_expires(string methodId)
    {
        var (host, alice, number, _) = await Bought(methodId, open: false);
        await using var live = await LiveOrder.Watch(host, alice, number);
        await live.Until("EXPIRED_UNPAID");
        Assert.Equal("EXPIRED", (string?)(await alice.Order(number))!["status"]);
        Assert.Equal(0m, await alice.Credits());
        Assert.Equal("ORDER_NOT_CANCELLABLE", (string?)(await alice.Cancel(number))["errors"]![0]!["code"]);
    }
}

public sealed class LostNewsOnSqlite(SharedHosts hosts) : LostNews(hosts, Engine.Sqlite);

public sealed class LostNewsOnPostgres(SharedHosts hosts) : LostNews(hosts, Engine.Postgres);

public sealed class LateMoneyOnSqlite(SharedHosts hosts) : LateMoney(hosts, Engine.Sqlite);

public sealed class LateMoneyOnPostgres(SharedHosts hosts) : LateMoney(hosts, Engine.Postgres);

public sealed class NobodyPaysOnSqlite(SharedHosts hosts) : NobodyPays(hosts, Engine.Sqlite);

public sealed class NobodyPaysOnPostgres(SharedHosts hosts) : NobodyPays(hosts, Engine.Postgres);
