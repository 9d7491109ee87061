using Billing.Storage.Sqlite;
using Dapper;

namespace Billing.Storage.Statistics;

/// <summary>
/// Sums the journal up, piece by piece, so that statistics need not read it, nor what is outstanding every account. Nothing waits for this: what is not summed yet is read from the journal. Any number of
/// hosts may do it at once; a piece is summed by one of them.
/// </summary>
public sealed class StatisticsSummary
{
    internal const string Progress = "SELECT position FROM statistics_progress";

    /// <summary>The last row that can be seen up to where everything is settled: unlike a position that was only given, it outlives a crash of the server.</summary>
    internal const string LastSettled = "SELECT coalesce(max(position), 0) FROM journal WHERE position <= @upTo";

    internal const string Move = "UPDATE statistics_progress SET position = @to WHERE position = @from";

    internal const string Add = """
        INSERT INTO statistics AS kept (quarter, kind, plan_slug, currency, happened, amount_billions, amount_rest)
        SELECT quarter, kind, plan_slug, currency, count(*), /* sums */ FROM statistic_facts
        WHERE position > @from AND position <= @to
        GROUP BY quarter, kind, plan_slug, currency
        ON CONFLICT (quarter, kind, plan_slug, currency) DO UPDATE SET happened = kept.happened + excluded.happened,
            amount_billions = kept.amount_billions + excluded.amount_billions, amount_rest = kept.amount_rest + excluded.amount_rest
        """;

    /// <summary>The accounts that changed in the piece; their documents are of then or later, and what is later is summed up again.</summary>
    internal const string Changed = "SELECT DISTINCT key FROM journal WHERE noun = 'account' AND position > @from AND position <= @to";

    // By their names, and not by a statement within: with that, a planner that expects many reads all accounts for each piece.
    internal const string ForgetCredits = "DELETE FROM account_credits WHERE account_id = ANY(@changed)";

    internal const string AddCredits = """
        INSERT INTO account_credits (account_id, origin, month, credit_billions, credit_rest)
        SELECT account_id, origin, month, /* sums */ FROM credit_buckets
        WHERE account_id = ANY(@changed)
        GROUP BY account_id, origin, month
        """;

    // So many positions at once: a few hundredths of a second, in which SQLite commits nothing else. PostgreSQL does, and an account that changes often is summed up once for each
    // piece.
    internal const int SqlitePiece = 2_000;
    internal const int PostgresPiece = 10_000;

    readonly Database database;
    readonly Reader reader;
    readonly int piece;

    internal StatisticsSummary(Database database) =>
        (this.database, reader, piece) = (database, new(database), database is SqliteDatabase ? SqlitePiece : PostgresPiece);

    /// <summary>How far the journal can be summed up now: every row up to there can be seen, or will never be.</summary>
    public async Task<long> Settled(CancellationToken cancellation)
    {
        var from = await reader.One<long>(Progress, new { }, cancellation);
        var (rows, _) = await database.ReadJournal<long>(LastSettled, from, upTo => new { upTo }, cancellation);
        return rows is [var last] ? last : from;
    }

    /// <summary>Sums the next piece up, no further than a settled position, and says whether there is more to do.</summary>
    public async Task<bool> Advance(long settled, CancellationToken cancellation)
    {
        var from = await reader.One<long>(Progress, new { }, cancellation);
        if (from >= settled) return false;
        var to = Math.Min(from + piece, settled);
        await database.Transact(
            async (connection, transaction) =>
            {
                // Who comes second finds the position moved on, and adds nothing.
                if (await connection.ExecuteAsync(new CommandDefinition(Move, new { from, to }, transaction, cancellationToken: cancellation)) == 0) return 0;
                string[] changed = [];
                var sums = database.Words(StatisticsReader.SumsPostgres, StatisticsReader.SumsSqlite);
                await Run(Add.Replace("/* sums */", sums, StringComparison.Ordinal));
                changed = (await connection.QueryAsync<string>(new CommandDefinition(Changed, new { from, to }, transaction, cancellationToken: cancellation))).ToArray();
                await Run(ForgetCredits);
                return await Run(AddCredits.Replace("/* sums */", sums.Replace("amount", "remaining_micro", StringComparison.Ordinal), StringComparison.Ordinal));

                Task<int> Run(string statement) =>
                    connection.ExecuteAsync(new CommandDefinition(database.Words(statement), new { from, to, changed }, transaction, cancellationToken: cancellation));
            },
            cancellation);
        return to < settled;
    }
}
