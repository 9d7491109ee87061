using System.Runtime.CompilerServices;

namespace Billing.Storage.Verify;

/// <summary>A row of a noun's history: the stored document of a key, or one of the events that led to it.</summary>
/// <param name="Key">Whose.</param>
/// <param name="Version">The document's version, or the one that the event was stored with.</param>
public abstract record HistoryRow(string Key, long Version);

/// <summary>A key's document, before its events.</summary>
/// <param name="Key">Whose.</param>
/// <param name="Version">Its version.</param>
/// <param name="Json">It.</param>
public sealed record StoredRow(string Key, long Version, string Json) : HistoryRow(Key, Version);

/// <summary>One of a key's events, in their order.</summary>
/// <param name="Key">Whose.</param>
/// <param name="Version">With which version of the document it was stored.</param>
/// <param name="Ordinal">Its place among the events of that version.</param>
/// <param name="Type">Its stored name.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who asked.</param>
/// <param name="Reference">What its noun may hold only once for each key.</param>
/// <param name="Claim">What its noun may hold only once over all keys.</param>
/// <param name="Data">It.</param>
public sealed record EventRow(
    string Key, long Version, long Ordinal, string Type, DateTimeOffset At, string Actor, string? Reference, string? Claim, string Data) : HistoryRow(Key, Version);

/// <summary>Reads whole histories, to compare what is stored with what led to it.</summary>
public sealed class JournalReader
{
    /// <summary>Each key's document, then its events. One statement, hence one moment: writes meanwhile do not show.</summary>
    internal const string History = """
        SELECT key, 0 AS turn, version, -1 AS ordinal, '' AS type, NULL AS at, '' AS actor, NULL AS reference, NULL AS claim, document AS data FROM /* table */
        UNION ALL
        SELECT key, 1 AS turn, version, ordinal, type, at, actor, reference, claim, data FROM journal WHERE noun = @noun
        ORDER BY key, turn, version, ordinal
        """;

    readonly Reader reader;

    internal JournalReader(Database database) => reader = new(database);

    /// <summary>All keys of a noun, in the order of their bytes, row by row. An event whose key has no document comes all the same.</summary>
    public async IAsyncEnumerable<HistoryRow> Read(DocumentKind kind, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(kind);
        var statement = History.Replace("/* table */", kind.Table, StringComparison.Ordinal);
        await foreach (var row in reader.Stream<Row>(statement, new { noun = kind.Noun }, cancellation))
        {
            yield return row.At is { } at
                ? new EventRow(row.Key, row.Version, row.Ordinal, row.Type, at, row.Actor, row.Reference, row.Claim, row.Data)
                : new StoredRow(row.Key, row.Version, row.Data);
        }
    }

    sealed class Row
    {
        public string Key { get; init; } = "";

        public long Version { get; init; }

        public long Ordinal { get; init; }

        public string Type { get; init; } = "";

        public DateTimeOffset? At { get; init; }

        public string Actor { get; init; } = "";

        public string? Reference { get; init; }

        public string? Claim { get; init; }

        public string Data { get; init; } = "";
    }
}
