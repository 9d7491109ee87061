using Billing.EndToEnd.Api;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;
using Billing.EndToEnd.Webhooks;

namespace Billing.EndToEnd.Crashes;

/// <summary>
/// The host is killed again and again while it tells a receiver of purchases. Afterwards everything that happened has arrived, and of each order in its order.
/// </summary>
public abstract class KilledWhileTelling(SharedHosts hosts, Engine engine)
{
    const int Purchases = 40;
    const int Kills = 4;

    [Fact]
    public async Task Everything_that_happened_arrives_and_each_orders_events_in_their_order()
    {
        await using var gateway = await Receiver.Start();
        // Slow enough that a kill meets some that are under way.
        gateway.Answer = async _ =>
        {
            await Task.Delay(15);
            return 204;
        };
        await using var host = await HostProcess.Start(await hosts.NewDatabase(engine), SharedHosts.TellingSettings);
        var (id, _) = await host.SomeAdministrator().Listen(gateway.Url, "order.paid", "order.fulfilled", "credits.changed");
        var plan = await host.SomeAdministrator().NewPlan();
        var buying = Task.WhenAll(Enumerable.Range(0, Purchases).Select(n => Buy($"buyer-{n}")));
        for (var kill = 1; kill <= Kills; kill++)
        {
            // In the midst of the telling each time.
            var enough = 3 * Purchases * kill / (Kills + 2);
            await Until.Is(() => Task.FromResult(gateway.Arrivals.Count), count => count >= enough, $"{enough} events have arrived", TimeSpan.FromSeconds(120));
            await host.Kill();
            await host.Start();
        }

        await buying;
        var database = host.Database;
        await Until.Is(
            () => database.Number("SELECT COUNT(*) FROM journal WHERE noun = 'order' AND type = 'OrderFulfilled'"), count => count == Purchases, "all are fulfilled", TimeSpan.FromSeconds(120));
        await Until.Is(
            () => Task.FromResult(gateway.Arrivals.Select(arrival => arrival.Id).Distinct().Count()), count => count == 3 * Purchases, "all have arrived", TimeSpan.FromSeconds(120));
        foreach (var ofObject in gateway.Arrivals.GroupBy(arrival => (string)arrival.Data["id"]!))
        {
            // What was sent and not written down comes again, at once: it is the last one that arrived, never an earlier one.
            var versions = ofObject.Select(arrival => ((long)arrival.Data["version"]!, (long)arrival.Data["ordinal"]!)).ToList();
            Assert.Equal(versions.Order(), versions);
        }

        await Until.Is(() => host.SomeAdministrator().Deliveries(id, "PENDING"), waiting => waiting.Length == 0, "nothing waits");
        Assert.Empty(await host.SomeAdministrator().Deliveries(id, "DEAD"));
        await host.Verify();

        async Task Buy(string subject)
        {
            var number = await Insist(async () =>
            {
                var answer = await host.Forged(subject).Send($"mutation {{ placeOrder(input: {{ planSlug: \"{plan}\", methodId: \"sandbox\", idempotencyKey: \"a wish\" }}) {{ order {{ number }} }} }}");
                return (string?)answer.Json?["data"]?["placeOrder"]?["order"]?["number"];
            });
            var news = new SandboxNews { Number = number + "01" };
            await Insist(async () => await news.DeliverTo(host) is (200, "success") ? "" : null);
        }

        static async Task<string> Insist(Func<Task<string?>> ask)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(180));
            while (true)
            {
                limit.Token.ThrowIfCancellationRequested();
                try
                {
                    if (await ask() is { } answer) return answer;
                }
                catch (HttpRequestException)
                {
                    // Dead, or not up yet: again.
                }

                await Task.Delay(100, limit.Token);
            }
        }
    }
}

public sealed class KilledWhileTellingOnSqlite(SharedHosts hosts) : KilledWhileTelling(hosts, Engine.Sqlite);

public sealed class KilledWhileTellingOnPostgres(SharedHosts hosts) : KilledWhileTelling(hosts, Engine.Postgres);
