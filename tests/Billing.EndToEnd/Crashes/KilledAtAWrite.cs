using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Crashes;

/// <summary>
/// The host is killed before and after each single write of a purchase, first to last, and started again. Whoever had no answer repeats the wish with its key, the
/// callback with its words.
/// </summary>
public abstract class KilledAtAWrite(SharedHosts hosts, Engine engine) : KilledAtSomeWrite(hosts, engine)
{
    protected override int TooMany => 30;

    [Theory]
    [InlineData("before", false)]
    [InlineData("after", false)]
    [InlineData("after", true)]
    public async Task A_purchase_is_credited_once_whichever_write_the_host_dies_at(string moment, bool apart)
    {
        await using var host = await Start(new Dictionary<string, string?>(), apart);
        // A plan whose pieces are counted: the order, the plan and the account are all written.
        var slug = await (await host.Administrator()).NewPlan(new { stock = 1000 });
        var crashes = 0;
        while (await Dies(crashes + 1)) crashes++;

        // Placed, piece taken, piece noted, payment started, payment prepared; money received, credited and fulfilled, together or one after the other. Fewer would mean that
        // the crash missed its moments.
        Assert.InRange(crashes, apart ? 7 : 5, TooMany - 1);
        Assert.Equal(1000 - crashes - 1, (int)(await host.Anybody.Ask("query($slug: String!) { plan(slug: $slug) { remainingStock } }", new { slug }))["plan"]!["remainingStock"]!);
        await host.Verify();

        async Task<bool> Dies(int write)
        {
            var alice = await host.NewBuyer();
            await Arm(moment, write);
            var order = await Insist(() => alice.TryToPlace(slug, "a wish"));
            var number = (string)order["order"]!["number"]!;
            var news = new SandboxNews { Number = number + "01" };
            // Its payment may not have been started when the host died, and its buyer was told nothing: asking for it again gives the same one.
            var payment = await Insist(() => alice.StartPayment(number, "sandbox"));
            Assert.True(payment["errors"] is null, payment.ToJsonString());
            Assert.Single(payment["order"]!["payments"]!.AsArray());
            await Insist(async () =>
            {
                var (status, text) = await news.DeliverTo(host);
                if ((status, text) != (200, "success")) throw new HttpRequestException($"{status} {text}");
                return text;
            });
            await Until.Is(
                () => Insist(() => alice.Order(number)), order => (string?)order!["status"] == "COMPLETED", $"the order is credited after a crash {moment} write {write}");
            Disarm();
            // Once more, for luck: nothing changes any more.
            Assert.Equal((200, "success"), await news.DeliverTo(host));
            Assert.Equal(100m, await alice.Credits());
            Assert.Equal(1, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE noun = 'account' AND key = '{alice.Subject}'"));
            Assert.True((bool)(await alice.TryToPlace(slug, "a wish"))["replayed"]!);
            return Died;
        }
    }
}

public sealed class KilledAtAWriteOnSqlite(SharedHosts hosts) : KilledAtAWrite(hosts, Engine.Sqlite);

public sealed class KilledAtAWriteOnPostgres(SharedHosts hosts) : KilledAtAWrite(hosts, Engine.Postgres);
