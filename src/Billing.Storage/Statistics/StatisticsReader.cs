using Dapper;

namespace Billing.Storage.Statistics;

/// <summary>What statistics count.</summary>
public enum StatisticKind
{
    /// <summary>Orders that were placed.</summary>
    OrdersPlaced,

    /// <summary>Orders whose price was received; the amount is that money.</summary>
    OrdersPaid,

    /// <summary>Refunds that succeeded; the amount is what was given back.</summary>
    Refunds,

    /// <summary>Redemptions whose account was credited.</summary>
    CodesRedeemed,

    /// <summary>Grants to accounts; the amount is their credits, in micro-credits.</summary>
    CreditsGranted,
}

/// <summary>A sum of statistics.</summary>
/// <param name="Kind">Of what.</param>
/// <param name="PlanSlug">Of which plan; empty for what no plan is told apart of.</param>
/// <param name="Currency">In which currency; empty for what is no money.</param>
/// <param name="Happened">How often.</param>
/// <param name="Amount">How much: minor units or micro-credits.</param>
public sealed record StatisticSum(StatisticKind Kind, string PlanSlug, string Currency, long Happened, decimal Amount);

/// <summary>Sums by time: from the sums by quarter of an hour, and from the journal what those do not hold yet. Exactly as fresh as the last commit.</summary>
public sealed class StatisticsReader
{
    /// <summary>
    /// The position is a parameter and no subquery: PostgreSQL would take a third of the journal to lie behind a position that it does not know, and read all of it.
    /// </summary>
    internal const string Between = """
        SELECT quarter, kind, plan_slug AS PlanSlug, currency, happened, amount_billions AS Billions, amount_rest AS Rest FROM statistics
        WHERE quarter >= @from AND quarter < @to
        UNION ALL
        SELECT quarter, kind, plan_slug, currency, count(*), /* sums */ FROM statistic_facts
        WHERE position > @position AND quarter >= @from AND quarter < @to
        GROUP BY quarter, kind, plan_slug, currency
        """;

    // A sum of integers is a decimal to PostgreSQL.
    internal const string SumsPostgres = "sum(amount / 1000000000)::bigint, sum(amount % 1000000000)::bigint";
    internal const string SumsSqlite = "sum(amount / 1000000000), sum(amount % 1000000000)";

    const decimal Billion = 1_000_000_000m;

    readonly Database database;
    readonly Reader reader;

    internal StatisticsReader(Database database) => (this.database, reader) = (database, new(database));

    /// <summary>
    /// The sums between each two neighbouring boundaries, which are ascending and whole quarters of an hour; a list fewer than there are boundaries.
    /// </summary>
    public async Task<IReadOnlyList<IReadOnlyList<StatisticSum>>> Sums(IReadOnlyList<DateTimeOffset> boundaries, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(boundaries);
        if (boundaries.Count < 2) return [];
        var starts = boundaries.Select(boundary => boundary.UtcDateTime).ToArray();
        var sums = Enumerable.Range(0, starts.Length - 1).Select(_ => new Dictionary<(string Kind, string Plan, string Currency), (long Happened, decimal Amount)>()).ToArray();
        var statement = Between.Replace("/* sums */", database.Words(SumsPostgres, SumsSqlite), StringComparison.Ordinal);
        // The sums, their position and the journal behind it are of one moment.
        await reader.Together(
            async (connection, snapshot) =>
            {
                var position = await connection.ExecuteScalarAsync<long>(new CommandDefinition(StatisticsSummary.Progress, transaction: snapshot, cancellationToken: cancellation));
                await using var rows = await connection.ExecuteReaderAsync(
                    new CommandDefinition(statement, new { position, from = boundaries[0], to = boundaries[^1] }, snapshot, cancellationToken: cancellation));
                var map = rows.GetRowParser<Row>();
                while (await rows.ReadAsync(cancellation)) Count(map(rows));
            },
            cancellation);

        return [.. sums.Select(bucket => (IReadOnlyList<StatisticSum>)
        [
            .. bucket.Select(sum => new StatisticSum(Read(sum.Key.Kind), sum.Key.Plan, sum.Key.Currency, sum.Value.Happened, sum.Value.Amount)),
        ])];

        void Count(Row row)
        {
            var found = Array.BinarySearch(starts, row.Quarter.UtcDateTime);
            var bucket = sums[found >= 0 ? found : ~found - 1];
            var key = (row.Kind, row.PlanSlug, row.Currency);
            var (happened, amount) = bucket.GetValueOrDefault(key);
            bucket[key] = (happened + row.Happened, amount + (row.Billions * Billion) + row.Rest);
        }
    }

    // Pinned by the view.
    static StatisticKind Read(string kind) => kind switch
    {
        "ORDERS_PLACED" => StatisticKind.OrdersPlaced,
        "ORDERS_PAID" => StatisticKind.OrdersPaid,
        "REFUNDS" => StatisticKind.Refunds,
        "CODES_REDEEMED" => StatisticKind.CodesRedeemed,
        "CREDITS_GRANTED" => StatisticKind.CreditsGranted,
        _ => throw new InvalidOperationException($"No statistic is named {kind}."),
    };

    sealed class Row
    {
        public DateTimeOffset Quarter { get; init; }

        public string Kind { get; init; } = "";

        public string PlanSlug { get; init; } = "";

        public string Currency { get; init; } = "";

        public long Happened { get; init; }

        public long Billions { get; init; }

        public long Rest { get; init; }
    }
}
