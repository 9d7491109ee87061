using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Crashes;

/// <summary>
/// The host is killed before and after each single write of a purchase, first to last, and started again. Whoever had no answer repeats the wish with its key, the
/// callback with its words. A startup hook puts the crash around the host's own store; the host knows nothing of it.
/// </summary>
public abstract class KilledAtAWrite(SharedHosts hosts, Engine engine)
{
    // More writes than a purchase has: a loop that gets here does not end.
    const int TooMany = 30;

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task A_purchase_is_credited_once_whichever_write_the_host_dies_at(string moment)
    {
        var plan = Path.Combine(Directory.CreateTempSubdirectory("billing-crash-").FullName, "plan");
        await using var host = await HostProcess.Start(await hosts.NewDatabase(engine), new Dictionary<string, string?>
        {
            ["DOTNET_STARTUP_HOOKS"] = Path.Combine(HostProcess.Metadata("CrashesFolder"), "Billing.EndToEnd.Crashes.dll"),
            ["BILLING_TEST_CRASH_PLAN"] = plan,
        });
        // A plan whose pieces are counted: the order, the plan and the account are all written.
        var slug = await (await host.Administrator()).NewPlan(new { stock = 1000 });
        var (crashes, died) = (0, false);
        while (await Dies(crashes + 1)) crashes++;

        // Placed, piece taken, piece noted, payment started, payment prepared, money received, credited, fulfilled: fewer would mean that the crash missed its moments.
        Assert.InRange(crashes, 7, TooMany - 1);
        Assert.Equal(1000 - crashes - 1, (int)(await host.Anybody.Ask("query($slug: String!) { plan(slug: $slug) { remainingStock } }", new { slug }))["plan"]!["remainingStock"]!);
        await host.Verify();

        async Task<bool> Dies(int write)
        {
            Assert.True(write < TooMany);
            died = false;
            var alice = await host.NewBuyer();
            await File.WriteAllTextAsync(plan, $"{moment} {write}", TestContext.Current.CancellationToken);
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
            File.Delete(plan);
            // Once more, for luck: nothing changes any more.
            Assert.Equal((200, "success"), await news.DeliverTo(host));
            Assert.Equal(100m, await alice.Credits());
            Assert.Equal(1, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE noun = 'account' AND key = '{alice.Subject}'"));
            Assert.True((bool)(await alice.TryToPlace(slug, "a wish"))["replayed"]!);
            return died;
        }

        async Task<T> Insist<T>(Func<Task<T>> ask)
        {
            while (true)
            {
                try
                {
                    return await ask();
                }
                catch (Exception lost) when (lost is HttpRequestException or OperationCanceledException && !TestContext.Current.CancellationToken.IsCancellationRequested)
                {
                    // A host that lives and does not answer as it must is a fault; one that is dead is started again.
                    if (!await IsDead()) throw;
                    File.Delete(plan);
                    died = true;
                    await host.Start();
                }
            }
        }

        async Task<bool> IsDead()
        {
            try
            {
                await host.Ended(TimeSpan.FromSeconds(10));
                return true;
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }
}

public sealed class KilledAtAWriteOnSqlite(SharedHosts hosts) : KilledAtAWrite(hosts, Engine.Sqlite);

public sealed class KilledAtAWriteOnPostgres(SharedHosts hosts) : KilledAtAWrite(hosts, Engine.Postgres);
