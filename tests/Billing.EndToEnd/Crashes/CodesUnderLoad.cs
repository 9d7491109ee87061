using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Crashes;

/// <summary>
/// Many accounts redeem many codes at once, each code tried by two of them, while batches are disabled and hosts are killed. Whatever became of a single answer,
/// afterwards what was granted is what was redeemed. BILLING_STAMPEDE_CODES sets how many codes there are.
/// </summary>
public abstract class CodesUnderLoad(SharedHosts hosts)
{
    const int Batches = 4;
    const int AtOnce = 64;
    const long MicroEach = 5_000_000;

    static readonly int Codes = int.TryParse(Environment.GetEnvironmentVariable("BILLING_STAMPEDE_CODES"), CultureInfo.InvariantCulture, out var codes) ? codes : 2_000;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(30);

    // Those who are told of a disabled code try on: how often they may is another test's affair.
    protected static IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>
    {
        ["Billing__Codes__AttemptsOfAccount"] = "10000",
        ["Billing__Codes__AttemptsOfAddress"] = "1000000",
        ["Billing__Codes__NotFoundTime"] = "00:00:00",
    };

    protected SharedHosts Hosts => hosts;

    protected static async Task RedeemWhileHostsDie(IReadOnlyList<HostProcess> silos)
    {
        var carol = silos[0].SomeAdministrator();
        var batches = new List<string>();
        var codes = new List<string>();
        for (var n = 0; n < Batches; n++)
        {
            var (batch, _) = await carol.Issue(new { count = Codes / Batches, maxRedemptionsPerAccount = 1_000 });
            var issued = (await Until.Is(() => carol.Batch(batch), now => (string?)now!["status"] == "ISSUED", "the batch is issued", Patience))!;
            batches.Add(batch);
            codes.AddRange((await silos[0].Http.GetStringAsync((string)issued["exportUrl"]!, TestContext.Current.CancellationToken))
                .Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(row => row[..row.IndexOf(',', StringComparison.Ordinal)]));
        }

        Assert.Equal(Codes, codes.Count);
        var accounts = Enumerable.Range(0, Math.Max(2, Codes / 100)).Select(n => $"redeemer-{n}").ToArray();
        // Twice each, in an order that mixes the batches, by two accounts.
        var wishes = new ConcurrentQueue<(string Code, string Account)>(
            Enumerable.Range(0, 2 * Codes).Select(n => (Code: codes[(int)(n * 7_919L % Codes)], Account: accounts[(n + (n / Codes)) * 31 % accounts.Length])));
        var answered = 0;
        var granted = new ConcurrentDictionary<string, string>();
        var redeeming = Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ => Task.Run(Redeem)));
        // In the midst of the work each time.
        for (var step = 1; step <= 6; step++)
        {
            var enough = 2 * Codes * step / 8;
            await Until.Is(() => Task.FromResult(Volatile.Read(ref answered)), count => count >= enough, $"{enough} wishes are answered", Patience);
            if (step is 1 or 4)
            {
                await Insist(someone => someone.SomeAdministrator().DisableBatch(batches[(step / 4) + 1]));
            }
            else
            {
                var victim = silos[step % silos.Count];
                await victim.Kill();
                await victim.Start();
            }
        }

        await redeeming;
        var database = silos[0].Database;
        await Until.Is(() => database.Number("SELECT COUNT(*) FROM redemption_codes WHERE next_deadline IS NOT NULL"), owing => owing == 0, "no code owes anything", Patience);
        await Until.Is(() => database.Number("SELECT COUNT(*) FROM code_batches WHERE next_deadline IS NOT NULL"), owing => owing == 0, "no batch owes anything", Patience);

        var redeemed = await database.Number("SELECT SUM(redemptions) FROM redemption_codes WHERE redeemed_by LIKE 'redeemer-%'");
        Assert.Equal(redeemed * MicroEach, await database.Number("SELECT SUM(balance_micro) FROM accounts WHERE key LIKE 'redeemer-%'"));
        Assert.Equal(redeemed, await database.Number("SELECT COUNT(*) FROM journal WHERE noun = 'code' AND type = 'CodeRedeemed'"));
        Assert.Equal(0, await database.Number($"SELECT COUNT(*) FROM redemption_codes WHERE status = 'ACTIVE' AND redemptions > 0"));
        // Nobody was told that they have what somebody else got; and whoever was told, has it.
        Assert.Equal(granted.Count, granted.Keys.Distinct().Count());
        Assert.InRange(granted.Count, 1, redeemed);
        Assert.InRange(redeemed, Codes / 2, Codes - 1);
        await silos[0].Verify();

        async Task Redeem()
        {
            while (wishes.TryDequeue(out var wish))
            {
                var answer = await Insist(someone => someone.Forged(wish.Account).Redeem(wish.Code));
                if (answer["redemption"] is not null)
                    Assert.True(granted.TryAdd(wish.Code, wish.Account) || granted[wish.Code] == wish.Account, "A code was granted to two.");
                else
                    Assert.True(answer.Error() is "CODE_ALREADY_REDEEMED" or "CODE_NOT_FOUND", answer.ToJsonString());
                Interlocked.Increment(ref answered);
            }
        }

        // As clients do: what had no answer, or the advice to repeat it, is repeated, elsewhere if there is another host.
        async Task<JsonNode> Insist(Func<HostProcess, Task<JsonNode>> ask)
        {
            using var limit = new CancellationTokenSource(Patience);
            for (var tries = 0; ; tries++)
            {
                limit.Token.ThrowIfCancellationRequested();
                try
                {
                    return await ask(silos[tries % silos.Count]);
                }
                catch (Exception lost) when (lost is HttpRequestException or TaskCanceledException
                    || (lost is Xunit.Sdk.XunitException refused && Until.IsToRepeat(refused)))
                {
                    await Task.Delay(100, limit.Token);
                }
            }
        }
    }
}

/// <summary>One host on the embedded database, killed again and again.</summary>
public sealed class CodesUnderLoadOnSqlite(SharedHosts hosts) : CodesUnderLoad(hosts)
{
    [Fact]
    public async Task What_is_granted_is_what_is_redeemed()
    {
        await using var host = await HostProcess.Start(await Hosts.NewDatabase(Engine.Sqlite), Settings);
        await RedeemWhileHostsDie([host]);
    }
}

/// <summary>Two hosts on PostgreSQL, killed in turn.</summary>
public sealed class CodesUnderLoadOnTwoSilos(SharedHosts hosts) : CodesUnderLoad(hosts)
{
    [Fact]
    public async Task What_is_granted_is_what_is_redeemed()
    {
        var database = await Hosts.NewDatabase(Engine.Postgres);
        await using var first = await HostProcess.Start(database, Settings);
        await using var second = await HostProcess.Start(database, new Dictionary<string, string?>(Settings) { ["Billing__PublicUrl"] = first.Url.AbsoluteUri });
        await RedeemWhileHostsDie([first, second]);
    }
}
