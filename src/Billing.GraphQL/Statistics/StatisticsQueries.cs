using Billing.Storage.Accounts;
using Billing.Storage.Statistics;

namespace Billing.GraphQL.Statistics;

/// <summary>How business goes. Only administrators see it.</summary>
[QueryType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class StatisticsQueries
{
    /// <summary>
    /// Administrators: what happened, hour by hour or day by day, up to the last commit. The buckets are whole: the first is the one that `from` is in, the last the one
    /// that the moment before `to` is in. Days, weeks and months are those of the time zone, an IANA name such as `Asia/Shanghai`.
    /// </summary>
    [Cost(50)]
    public static async Task<Statistics> GetStatistics(
        DateTimeOffset from, DateTimeOffset to, StatisticsInterval interval, StatisticsReader statistics, CancellationToken cancel, string timeZone = "UTC")
    {
        var zone = Buckets.Zone(timeZone) ?? throw new BadRequestFault("A timeZone is an IANA name, such as Asia/Shanghai or Europe/Berlin.");
        if (from > to) throw new BadRequestFault("'from' comes after 'to'.");
        var boundaries = Buckets.Between(from, to, interval, zone)
            ?? throw new BadRequestFault($"That would be more than {Buckets.Most} buckets. Ask for a shorter range, or a longer interval.");
        var sums = await statistics.Sums(boundaries, cancel);
        return new(
            [.. sums.Select((bucket, i) => StatisticsBucket.Of(boundaries[i], boundaries[i + 1], bucket))],
            [
                .. sums.SelectMany(bucket => bucket).Where(sum => sum.Kind == StatisticKind.OrdersPaid).GroupBy(sum => sum.PlanSlug)
                    .Select(plan => new PlanStatistics(plan.Key, plan.Sum(sum => sum.Happened), Amounts.Of(plan)))
                    .OrderByDescending(plan => plan.OrdersPaid).ThenBy(plan => plan.Slug, StringComparer.Ordinal),
            ]);
    }

    /// <summary>
    /// Administrators: what is owed to accounts: open credits by origin and by the month in which they lapse, those that lapse first first. It is found out once a minute
    /// at most.
    /// </summary>
    [Cost(200)]
    public static Task<IReadOnlyList<OutstandingCredits>> GetOutstanding(Outstanding outstanding, CancellationToken cancel) => outstanding.Now(cancel);
}

/// <summary>What happened in a range of time.</summary>
/// <param name="Buckets">By time, ascending, none left out.</param>
/// <param name="ByPlan">By plan, over the whole range, those that were paid most often first.</param>
public sealed record Statistics(IReadOnlyList<StatisticsBucket> Buckets, IReadOnlyList<PlanStatistics> ByPlan);

/// <summary>What happened in an hour, a day, a week or a month.</summary>
/// <param name="From">When it begins.</param>
/// <param name="To">When it ends, exclusive.</param>
/// <param name="OrdersPlaced">Orders that were placed.</param>
/// <param name="OrdersPaid">Orders whose price was received, whenever they were placed.</param>
/// <param name="Revenue">What those paid, by currency; refunds are not taken off.</param>
/// <param name="Refunded">What was given back, by currency.</param>
/// <param name="CodesRedeemed">Redemptions whose account was credited.</param>
/// <param name="CreditsGranted">The credits that accounts got: of orders, codes and administrators.</param>
public sealed record StatisticsBucket(
    DateTimeOffset From, DateTimeOffset To, long OrdersPlaced, long OrdersPaid, IReadOnlyList<Money> Revenue, IReadOnlyList<Money> Refunded, long CodesRedeemed,
    decimal CreditsGranted)
{
    internal static StatisticsBucket Of(DateTimeOffset from, DateTimeOffset to, IReadOnlyList<StatisticSum> sums)
    {
        var by = sums.ToLookup(sum => sum.Kind);
        return new(
            from, to, Count(StatisticKind.OrdersPlaced), Count(StatisticKind.OrdersPaid), Amounts.Of(by[StatisticKind.OrdersPaid]), Amounts.Of(by[StatisticKind.Refunds]),
            Count(StatisticKind.CodesRedeemed), by[StatisticKind.CreditsGranted].Sum(sum => sum.Amount) / Credits.MicroPerCredit);

        long Count(StatisticKind kind) => by[kind].Sum(sum => sum.Happened);
    }
}

/// <summary>What was paid for a plan.</summary>
/// <param name="Slug">Its name in addresses.</param>
/// <param name="OrdersPaid">How many orders.</param>
/// <param name="Revenue">How much, by currency.</param>
public sealed record PlanStatistics(string Slug, long OrdersPaid, IReadOnlyList<Money> Revenue);

/// <summary>What is owed to accounts, of one origin and one month.</summary>
/// <param name="Origin">What granted them.</param>
/// <param name="Month">The beginning, in UTC, of the month in which they lapse; null when they never do.</param>
/// <param name="Credits">How many.</param>
/// <param name="Accounts">Of how many accounts.</param>
public sealed record OutstandingCredits(CreditOrigin Origin, DateTimeOffset? Month, decimal Credits, long Accounts);

/// <summary>Finds out what is owed to accounts, and remembers it for a minute: however many ask, one looks.</summary>
public sealed class Outstanding(OutstandingReader reader, TimeProvider time) : IDisposable
{
    /// <summary>How long an answer is good.</summary>
    public static readonly TimeSpan GoodFor = TimeSpan.FromMinutes(1);

    readonly SemaphoreSlim looking = new(1);
    IReadOnlyList<OutstandingCredits> known = [];
    DateTimeOffset? at;

    /// <inheritdoc/>
    public void Dispose() => looking.Dispose();

    internal async Task<IReadOnlyList<OutstandingCredits>> Now(CancellationToken cancel)
    {
        await looking.WaitAsync(cancel);
        try
        {
            var now = time.GetUtcNow();
            if (at is { } then && now - then < GoodFor) return known;
            var sums = await reader.Sums(cancel);
            known = [.. sums.Select(sum => new OutstandingCredits(sum.Origin, sum.Month, sum.MicroCredits / Credits.MicroPerCredit, sum.Accounts))];
            at = now;
            return known;
        }
        finally
        {
            looking.Release();
        }
    }
}

static class Amounts
{
    /// <summary>The sums by currency, in the order of their codes.</summary>
    public static IReadOnlyList<Money> Of(IEnumerable<StatisticSum> sums) =>
    [
        .. sums.GroupBy(sum => sum.Currency).OrderBy(currency => currency.Key, StringComparer.Ordinal)
            .Select(currency => Money.Of(new Billing.Money((long)currency.Sum(sum => sum.Amount), currency.Key))),
    ];
}
