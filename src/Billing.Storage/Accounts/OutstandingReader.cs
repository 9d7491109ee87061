using System.Globalization;

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

/// <summary>Adds up the open credits of all accounts.</summary>
public sealed class OutstandingReader
{
    /// <summary>Every account that has credits is read. Buckets are named after what granted them; times in documents are UTC.</summary>
    internal const string Open = """
        SELECT origin, month, sum(remaining_micro / 1000000000) AS Billions, sum(remaining_micro % 1000000000) AS Rest, count(DISTINCT account_id) AS Accounts
        FROM (
            SELECT account_id, remaining_micro, substr(expires_at, 1, 7) AS month,
                CASE
                    WHEN source LIKE 'order:%' THEN 'PURCHASE' WHEN source LIKE 'code:%' THEN 'REDEMPTION' WHEN source = 'earlier' THEN 'EARLIER' ELSE 'ADJUSTMENT'
                END AS origin
            FROM credit_buckets
            WHERE expires_at IS NULL OR substr(expires_at, 1, 19) > @now
        ) AS open_credits
        GROUP BY origin, month
        ORDER BY month, origin
        """;

    const decimal Billion = 1_000_000_000m;

    readonly Reader reader;

    internal OutstandingReader(Database database) => reader = new(database);

    /// <summary>The open credits: those that lapse first, first.</summary>
    public async Task<IReadOnlyList<OutstandingCredits>> Sums(DateTimeOffset now, CancellationToken cancellation)
    {
        var rows = await reader.All<Row>(Open, new { now = now.UtcDateTime.ToString("s", CultureInfo.InvariantCulture) }, cancellation);
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
                    row.Month is { } month ? DateTimeOffset.ParseExact(month, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null,
                    (row.Billions * Billion) + row.Rest, row.Accounts))
                .OrderBy(sum => sum.Month ?? DateTimeOffset.MaxValue).ThenBy(sum => sum.Origin),
        ];
    }

    sealed class Row
    {
        public string Origin { get; init; } = "";

        public string? Month { get; init; }

        public decimal Billions { get; init; }

        public decimal Rest { get; init; }

        public long Accounts { get; init; }
    }
}
