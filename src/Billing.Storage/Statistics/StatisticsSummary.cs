using Dapper;

namespace Billing.Storage.Statistics;

/// <summary>
/// Sums the journal up, piece by piece, so that statistics need not read it, nor what is outstanding every account. Nothing waits for this: what is not summed yet is read from the journal. Any number of
/// hosts may do it at once; a piece is summed by one of them.
/// </summary>
public sealed class StatisticsSummary
{
    internal const string Progress = "SELECT position FROM statistics_progress";

    /// <summary>
    /// How far the journal reaches, and who may still be writing before that: positions are given before they are committed. Whoever may hold one of these has
    /// had the journal's lock since before the positions were read.
    /// </summary>
    internal const string ReachPostgres = """
        SELECT coalesce(max(position), 0) AS Position, (
            SELECT coalesce(string_agg(DISTINCT virtualtransaction, ' '), '') FROM pg_locks
            WHERE locktype = 'relation' AND relation = 'journal'::regclass AND mode = 'RowExclusiveLock'
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        ) AS Writers
        FROM journal
        """;

    /// <summary>SQLite has one writer at a time: what is seen is all there is.</summary>
    internal const string ReachSqlite = "SELECT coalesce(max(position), 0) AS Position, '' AS Writers FROM journal";

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
    const string Changed = "SELECT key FROM journal WHERE noun = 'account' AND position > @from AND position <= @to";

    internal const string ForgetCredits = $"DELETE FROM account_credits WHERE account_id IN ({Changed})";

    internal const string AddCredits = $"""
        INSERT INTO account_credits (account_id, origin, month, credit_billions, credit_rest)
        SELECT account_id, origin, month, /* sums */ FROM credit_buckets
        WHERE account_id IN ({Changed})
        GROUP BY account_id, origin, month
        """;

    // So many positions at once: a few hundredths of a second, in which SQLite commits nothing else.
    internal const int Piece = 2_000;

    readonly Database database;
    readonly Reader reader;

    internal StatisticsSummary(Database database) => (this.database, reader) = (database, new(database));

    /// <summary>A position of the journal up to which everything is committed once none of these writers is at work any more.</summary>
    /// <param name="Position">The position.</param>
    /// <param name="Writers">Who was writing; empty when it holds already.</param>
    public sealed record Reach(long Position, IReadOnlySet<string> Writers);

    /// <summary>How far the journal reaches now.</summary>
    public async Task<Reach> Look(CancellationToken cancellation)
    {
        var row = (await reader.One<Row>(database.Words(ReachPostgres, ReachSqlite), new { }, cancellation))!;
        return new(row.Position, row.Writers.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>Whether everything up to there is committed, as far as is seen now.</summary>
    public async Task<bool> IsSettled(Reach reach, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(reach);
        return reach.Writers.Count == 0 || !(await Look(cancellation)).Writers.Overlaps(reach.Writers);
    }

    /// <summary>Sums the next piece up, no further than a settled position, and says whether there is more to do.</summary>
    public async Task<bool> Advance(long settled, CancellationToken cancellation)
    {
        var from = await reader.One<long>(Progress, new { }, cancellation);
        if (from >= settled) return false;
        var to = Math.Min(from + Piece, settled);
        await database.Transact(
            async (connection, transaction) =>
            {
                // Who comes second finds the position moved on, and adds nothing.
                if (await connection.ExecuteAsync(new CommandDefinition(Move, new { from, to }, transaction, cancellationToken: cancellation)) == 0) return 0;
                var sums = database.Words(StatisticsReader.SumsPostgres, StatisticsReader.SumsSqlite);
                await Run(Add.Replace("/* sums */", sums, StringComparison.Ordinal));
                await Run(ForgetCredits);
                return await Run(AddCredits.Replace("/* sums */", sums.Replace("amount", "remaining_micro", StringComparison.Ordinal), StringComparison.Ordinal));

                Task<int> Run(string statement) => connection.ExecuteAsync(new CommandDefinition(statement, new { from, to }, transaction, cancellationToken: cancellation));
            },
            cancellation);
        return to < settled;
    }

    sealed class Row
    {
        public long Position { get; init; }

        public string Writers { get; init; } = "";
    }
}
