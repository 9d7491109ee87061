using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Codes;

/// <summary>Stampedes on codes: a code is redeemed as often as it says, and never once more. What guards it is the version of its document, on any number of silos.</summary>
public abstract class Races(SharedHosts hosts)
{
    /// <summary>The hosts that share one database; accounts go to any of them.</summary>
    protected abstract Task<IReadOnlyList<HostProcess>> Silos();

    protected SharedHosts Hosts => hosts;

    [Theory]
    [InlineData(2_000, 1)]
    [InlineData(5_000, 1_000)]
    public async Task Of_many_accounts_as_many_win_as_the_code_says(int accounts, int redemptions)
    {
        var silos = await Silos();
        var carol = silos[0].SomeAdministrator();
        var (batch, codes) = await carol.Issue(new { maxRedemptionsPerCode = redemptions });
        var run = Guid.NewGuid().ToString("N");
        var answers = await Task.WhenAll(Enumerable.Range(0, accounts).Select(n => Insist(At(silos, n).Forged($"racer-{run}-{n}"), codes[0])));
        Assert.Equal(redemptions, answers.Count(answer => answer["redemption"] is not null));
        Assert.All(answers.Where(answer => answer["redemption"] is null), answer => Assert.Equal("CODE_ALREADY_REDEEMED", answer.Error()));
        Assert.Equal(redemptions, (long)(await carol.Batch(batch))!["redeemed"]!);

        // Each who won was credited once, and nobody else.
        var database = silos[0].Database;
        await Until.Is(
            () => database.Number($"SELECT COUNT(*) FROM accounts WHERE key LIKE 'racer-{run}-%'"), credited => credited == redemptions, "all who won are credited");
        Assert.Equal(redemptions * 5_000_000L, await database.Number($"SELECT SUM(balance_micro) FROM accounts WHERE key LIKE 'racer-{run}-%'"));
        await silos[^1].Verify();
    }

    [Fact]
    public async Task An_account_that_redeems_a_code_a_hundred_times_at_once_redeems_it_once()
    {
        var silos = await Silos();
        var (_, codes) = await silos[0].SomeAdministrator().Issue(new { maxRedemptionsPerCode = 50 });
        var subject = "stutterer-" + Guid.NewGuid().ToString("N");
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(n => Insist(At(silos, n).Forged(subject), codes[0])));
        Assert.Single(answers.Select(answer => answer["redemption"]!.ToJsonString()).Distinct());
        Assert.Single(answers, answer => !(bool)answer["replayed"]!);
        var alice = silos[0].Forged(subject);
        Assert.Equal(5m, await Until.Is(alice.Credits, credits => credits > 0, "it is credited"));
        Assert.Single((await alice.Ask("{ me { redemptions(first: 5) { nodes { id } } } }"))["me"]!["redemptions"]!["nodes"]!.AsArray());
    }

    [Fact]
    public async Task An_accounts_limit_over_a_batch_holds_when_all_of_its_codes_are_redeemed_at_once()
    {
        var silos = await Silos();
        var (batch, codes) = await silos[0].SomeAdministrator().Issue(new { count = 40, maxRedemptionsPerAccount = 3 });
        var subject = "collector-" + Guid.NewGuid().ToString("N");
        var answers = await Task.WhenAll(codes.Select((code, n) => Insist(At(silos, n).Forged(subject), code)));
        Assert.Equal(3, answers.Count(answer => answer["redemption"] is not null));
        Assert.All(answers.Where(answer => answer["redemption"] is null), answer => Assert.Equal("REDEMPTION_LIMIT_REACHED", answer.Error()));
        Assert.Equal(15m, await Until.Is(silos[0].Forged(subject).Credits, credits => credits == 15m, "all three are credited"));
        Assert.Equal(3, (long)(await silos[0].SomeAdministrator().Batch(batch))!["redeemed"]!);
    }

    /// <summary>The account's only place in a batch is a claim under a unique index: without it, some of these accounts would redeem both codes.</summary>
    [Fact]
    public async Task Two_codes_of_a_batch_at_the_same_instant_are_one_redemption_of_an_account_a_hundred_times()
    {
        const int accounts = 50;
        var silos = await Silos();
        var carol = silos[0].SomeAdministrator();
        for (var half = 0; half < 2; half++)
        {
            var (batch, codes) = await carol.Issue(new { count = 2 * accounts });
            var answers = await Task.WhenAll(codes.Chunk(2).Select((two, n) => RedeemBoth(two, n)));
            Assert.All(answers, both =>
            {
                Assert.Single(both, answer => answer["redemption"] is not null);
                Assert.Equal("REDEMPTION_LIMIT_REACHED", Assert.Single(both, answer => answer["redemption"] is null).Error());
            });
            Assert.Equal(accounts, (long)(await carol.Batch(batch))!["redeemed"]!);
        }

        await silos[^1].Verify();

        Task<JsonNode[]> RedeemBoth(string[] codes, int n)
        {
            var subject = "twice-" + Guid.NewGuid().ToString("N");
            return Task.WhenAll(codes.Select((code, i) => Insist(At(silos, n + i).Forged(subject), code)));
        }
    }

    [Fact]
    public async Task A_batchs_own_limit_holds_when_its_codes_are_redeemed_at_once()
    {
        var silos = await Silos();
        var (batch, codes) = await silos[0].SomeAdministrator().Issue(new { count = 60, maxRedemptions = 10 });
        var answers = await Task.WhenAll(codes.Select((code, n) => Insist(At(silos, n).SomeBuyer(), code)));
        Assert.Equal(10, answers.Count(answer => answer["redemption"] is not null));
        Assert.All(answers.Where(answer => answer["redemption"] is null), answer => Assert.Equal("REDEMPTION_LIMIT_REACHED", answer.Error()));
        Assert.Equal(10, (long)(await silos[0].SomeAdministrator().Batch(batch))!["redeemed"]!);
    }

    [Fact]
    public async Task A_code_that_is_disabled_while_it_is_redeemed_is_one_or_the_other()
    {
        var silos = await Silos();
        var carol = silos[0].SomeAdministrator();
        var (batch, codes) = await carol.Issue(new { count = 60 });
        var redeeming = codes.Select((code, n) => Insist(At(silos, n).SomeBuyer(), code)).ToList();
        var disabling = Insist(carol, c => c.DisableBatch(batch));
        var answers = await Task.WhenAll(redeeming);
        Assert.Null((await disabling).Error());
        Assert.All(answers.Where(answer => answer["redemption"] is null), answer => Assert.Equal("CODE_NOT_FOUND", answer.Error()));
        var after = await Until.Is(() => carol.Batch(batch), now => (string?)now!["status"] == "DISABLED", "the batch is disabled");
        var redeemed = answers.Count(answer => answer["redemption"] is not null);
        Assert.Equal((redeemed, 60 - redeemed), ((long)after!["redeemed"]!, (int)after["disabled"]!));
    }

    static HostProcess At(IReadOnlyList<HostProcess> silos, int n) => silos[n % silos.Count];

    static Task<JsonNode> Insist(Caller caller, string code) => Insist(caller, c => c.Redeem(code));

    static Task<JsonNode> Insist(Caller caller, Func<Caller, Task<JsonNode>> ask) => Until.Answered(() => ask(caller));
}

public sealed class RacesOnSqlite(SharedHosts hosts) : Races(hosts)
{
    protected override async Task<IReadOnlyList<HostProcess>> Silos() => [await Hosts.Codes(Engine.Sqlite)];
}

public sealed class RacesOnTwoSilos(SharedHosts hosts, TwoSilos silos) : Races(hosts), IClassFixture<TwoSilos>
{
    protected override Task<IReadOnlyList<HostProcess>> Silos() => Task.FromResult(silos.All);
}
