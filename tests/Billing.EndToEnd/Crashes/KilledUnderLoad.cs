using System.Collections.Concurrent;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Crashes;

/// <summary>Hosts are killed at any moment while hundreds of purchases are under way. Buyers and the provider repeat what had no answer, as they do.</summary>
public abstract class KilledUnderLoad(SharedHosts hosts)
{
    const int Purchases = 200;

    protected SharedHosts Hosts => hosts;

    /// <summary>Makes all purchases while something happens to the hosts; whom to ask next is asked each time.</summary>
    protected static async Task BuyWhile(HostProcess first, Func<HostProcess> someone, Func<Func<int>, Task> meanwhile)
    {
        var acknowledged = new ConcurrentDictionary<string, Caller>();
        var buyers = await Task.WhenAll(Enumerable.Range(0, Purchases).Select(_ => first.NewBuyer()));
        var buying = buyers.Select(Buy).ToList();
        await meanwhile(() => acknowledged.Count);
        await Task.WhenAll(buying);

        Assert.Equal(Purchases, acknowledged.Count);
        foreach (var (number, buyer) in acknowledged)
        {
            if (await Until.Answered(() => Now(buyer).Order(number)) is null)
            {
                var rows = await first.Database.Number($"SELECT COUNT(*) FROM orders WHERE key = '{number}'");
                var events = await first.Database.Number($"SELECT COUNT(*) FROM journal WHERE key = '{number}'");
                var again = await Now(buyer).Order(number);
                Assert.Fail($"The acknowledged order {number} is not there; the database has {rows} rows and {events} events of it; asked again: {again}.\n{someone().Log}");
            }

            await Until.Answered(() => Now(buyer).OrderIs(number, "COMPLETED"));
        }

        foreach (var buyer in buyers) Assert.Equal(100m, await Until.Answered(() => Now(buyer).Credits()));
        await someone().Verify();

        Caller Now(Caller buyer) => new(someone(), buyer.Token) { Subject = buyer.Subject };

        async Task Buy(Caller buyer)
        {
            var number = await Insist(async () =>
            {
                var answer = await Now(buyer).Send(
                    """mutation { placeOrder(input: { planSlug: "starter", methodId: "sandbox", idempotencyKey: "a wish" }) { order { number } } }""");
                return (string?)answer.Json?["data"]?["placeOrder"]?["order"]?["number"];
            });
            var news = new SandboxNews { Number = number + "01" };
            await Insist(async () => await news.DeliverTo(someone()) is (200, "success") ? "" : null);
            acknowledged[number] = buyer;
        }

        static async Task<string> Insist(Func<Task<string?>> ask)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
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

/// <summary>One host, killed again and again.</summary>
public abstract class KilledAgainAndAgain(SharedHosts hosts, Engine engine) : KilledUnderLoad(hosts)
{
    [Fact]
    public async Task Every_acknowledged_callback_ends_as_credit()
    {
        await using var host = await HostProcess.Start(await Hosts.NewDatabase(engine));
        await BuyWhile(host, () => host, async acknowledged =>
        {
            for (var kills = 1; kills <= 5; kills++)
            {
                // In the midst of the work each time: when some more have been acknowledged, and not all.
                var enough = Math.Min(kills * 20, 180);
                await Until.Is(() => Task.FromResult(acknowledged()), count => count >= enough, $"{enough} callbacks are acknowledged", TimeSpan.FromSeconds(120));
                await host.Kill();
                await host.Start();
            }
        });
    }
}

public sealed class KilledAgainAndAgainOnSqlite(SharedHosts hosts) : KilledAgainAndAgain(hosts, Engine.Sqlite);

public sealed class KilledAgainAndAgainOnPostgres(SharedHosts hosts) : KilledAgainAndAgain(hosts, Engine.Postgres);

/// <summary>Two hosts, one killed for good.</summary>
public sealed class OneOfTwoKilled(SharedHosts hosts, TwoSilos silos) : KilledUnderLoad(hosts), IClassFixture<TwoSilos>
{
    [Fact]
    public async Task The_other_host_finishes_everything()
    {
        var next = 0;
        var (first, second) = (silos.All[0], silos.All[1]);
        await BuyWhile(first, () => first.Runs && Interlocked.Increment(ref next) % 2 == 0 ? first : second, async acknowledged =>
        {
            await Until.Is(() => Task.FromResult(acknowledged()), count => count >= 40, "forty callbacks are acknowledged", TimeSpan.FromSeconds(120));
            await first.Kill();
        });
    }
}
