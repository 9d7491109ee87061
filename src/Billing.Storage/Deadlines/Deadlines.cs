using Billing.Deadlines;

namespace Billing.Storage.Deadlines;

/// <summary>What is due, over all nouns.</summary>
sealed class Deadlines(Database database, IEnumerable<DocumentKind> kinds) : IDeadlines
{
    /// <summary>Oldest first; the cursor is the last row's (at, noun, key).</summary>
    internal const string Due = """
        SELECT noun, key, at FROM (
            /* nouns */
        ) AS due
        ORDER BY at, noun, key LIMIT @limit
        """;

    /// <summary>
    /// A noun's part: an index over (next_deadline, key, shard) holds all that it asks, and is read from the cursor on. The stored shards are listed, because
    /// PostgreSQL knows how many rows have them and would guess badly at a remainder.
    /// </summary>
    internal const string OfNoun = """
        SELECT * FROM (
                SELECT '/* noun */' AS noun, key, next_deadline AS at FROM /* table */
                WHERE next_deadline IS NOT NULL AND next_deadline >= @at AND next_deadline <= @now AND shard = ANY(@shards)
                    AND (next_deadline, '/* noun */', key) > (@at, @noun, @key)
                ORDER BY next_deadline, key LIMIT @limit
            ) AS part
        """;

    readonly Reader reader = new(database);
    readonly string statement = Statement(kinds);

    async Task<IReadOnlyList<DueDocument>> IDeadlines.Due(
        int shard, int shards, DateTimeOffset now, DueDocument? after, int limit, CancellationToken cancellation)
    {
        var from = after ?? new("", "", DateTimeOffset.MinValue);
        var rows = await reader.All<Row>(
            statement,
            new { shards = StoredShards(shard, shards), now, at = from.At, noun = from.Noun, key = from.Key, limit },
            cancellation);
        return [.. rows.Select(row => new DueDocument(row.Noun, row.Key, row.At))];
    }

    /// <summary>The stored shards that fall to one of the sweeping ones.</summary>
    internal static long[] StoredShards(int shard, int shards) =>
        [.. Enumerable.Range(0, IDeadlines.StoredShards).Where(stored => stored % shards == shard).Select(stored => (long)stored)];

    internal static string Statement(IEnumerable<DocumentKind> kinds) => Due.Replace(
        "/* nouns */",
        string.Join(
            "\n    UNION ALL\n    ",
            kinds.Select(kind => OfNoun
                .Replace("/* noun */", kind.Noun, StringComparison.Ordinal)
                .Replace("/* table */", kind.Table, StringComparison.Ordinal))),
        StringComparison.Ordinal);

    sealed class Row
    {
        public string Noun { get; init; } = "";

        public string Key { get; init; } = "";

        public DateTimeOffset At { get; init; }
    }
}
