using System.Globalization;
using Billing.Storage.Statistics;
using Dapper;

namespace Billing.Storage.Accounts;

/// <summary>Where open credits come from.</summary>
public enum CreditOrigin
{
    /// <summary>Paid orders.</summary>
    Purchase,

    /// <summary>Redeemed codes.</summary>
    Redemption,

    /// <summary>Administrators.</summary>
    Adjustment,

    /// <summary>Old credits that never lapse and are not told apart any more.</summary>
    Earlier,
}

/// <summary>What is owed to accounts, of one origin and one month.</summary>
/// <param name="Origin">What granted them.</param>
/// <param name="Month">The first moment, in UTC, of the month in which they lapse; null when they never do.</param>
/// <param name="MicroCredits">How many, in micro-credits.</param>
/// <param name="Accounts">Of how many accounts.</param>
public sealed record OutstandingCredits(CreditOrigin Origin, DateTimeOffset? Month, decimal MicroCredits, long Accounts);

/// <summary>Adds up the open credits of all accounts: those that have changed lately from their documents, the others from their sums.</summary>
public sealed class OutstandingReader
{
    /// <summary>The position is a parameter, as in <see cref="StatisticsReader"/>.</summary>
    internal const string Open = """
        SELECT origin, month, sum(billions) AS Billions, sum(rest) AS Rest, count(*) AS Accounts FROM (
            SELECT origin, month, credit_billions AS billions, credit_rest AS rest FROM account_credits
            WHERE account_id NOT IN (SELECT key FROM journal WHERE noun = 'account' AND position > @position)
            UNION ALL
            SELECT origin, month, sum(remaining_micro / 1000000000) AS billions, sum(remaining_micro % 1000000000) AS rest FROM credit_buckets
            WHERE account_id IN (SELECT key FROM journal WHERE noun = 'account' AND position > @position)
            GROUP BY account_id, origin, month
        ) AS open_credits
        GROUP BY origin, month
        """;

    const decimal Billion = 1_000_000_000m;

    readonly Reader reader;

    internal OutstandingReader(Database database) => reader = new(database);

    /// <summary>The open credits: those that lapse first, first. What has lapsed is among them until it is swept, some seconds later.</summary>
    public async Task<IReadOnlyList<OutstandingCredits>> Sums(CancellationToken cancellation)
    {
        IReadOnlyList<Row> rows = [];
        await reader.Together(
            async (connection, snapshot) =>
            {
                var position = await connection.ExecuteScalarAsync<long>(new CommandDefinition(StatisticsSummary.Progress, transaction: snapshot, cancellationToken: cancellation));
                rows = (await connection.QueryAsync<Row>(new CommandDefinition(Open, new { position }, snapshot, cancellationToken: cancellation))).AsList();
            },
            cancellation);
        return
        [
            .. rows
                .Select(row => new OutstandingCredits(
                    row.Origin switch
                    {
                        "PURCHASE" => CreditOrigin.Purchase,
                        "REDEMPTION" => CreditOrigin.Redemption,
                        "EARLIER" => CreditOrigin.Earlier,
                        _ => CreditOrigin.Adjustment,
                    },
                    row.Month.Length > 0 ? DateTimeOffset.ParseExact(row.Month, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null,
                    (row.Billions * Billion) + row.Rest, row.Accounts))
                .OrderBy(sum => sum.Month ?? DateTimeOffset.MaxValue).ThenBy(sum => sum.Origin),
        ];
    }

    sealed class Row
    {
        public string Origin { get; init; } = "";

        public string Month { get; init; } = "";

        public decimal Billions { get; init; }

        public decimal Rest { get; init; }

        public long Accounts { get; init; }
    }
}
