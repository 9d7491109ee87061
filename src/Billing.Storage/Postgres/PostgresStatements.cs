using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Billing.Storage.Documents;
using Npgsql;
using NpgsqlTypes;

namespace Billing.Storage.Postgres;

/// <summary>The one statement that writes any number of a noun's documents and their journal rows, and answers which keys it wrote.</summary>
/// <remarks>
/// Rows go in as arrays, a column each, so that the text is the same for any number of them and stays prepared. <c>ON CONFLICT</c> looks rows up by the primary
/// key whatever the planner believes about the table's size.
/// </remarks>
sealed class PostgresStatements
{
    static readonly ConcurrentDictionary<DocumentKind, PostgresStatements> All = new();

    readonly DocumentKind kind;

    PostgresStatements(DocumentKind kind)
    {
        this.kind = kind;
        Read = $"SELECT document, version FROM {kind.Table} WHERE key = $1";
        Write = WriteText(kind, "");
        // The parameters are the same.
        WriteAll = WriteText(kind, $" UNION ALL SELECT not_all_written('{kind.Table}') WHERE (SELECT count(*) FROM written) < cardinality($1)");
    }

    public string Read { get; }

    public string Write { get; }

    /// <summary>The same, and an error when there is a document that it did not write.</summary>
    public string WriteAll { get; }

    public static PostgresStatements Of(DocumentKind kind) => All.GetOrAdd(kind, static kind => new(kind));

    /// <summary>The statement for these documents, all of this kind.</summary>
    public NpgsqlBatchCommand Command(PendingDocument[] writes, bool allOrNone)
    {
        var count = writes.Length;
        var keys = new string[count];
        var versions = new long[count];
        var documents = new byte[count][];
        var deadlines = new DateTime?[count];
        var shards = new long[count];
        var entries = 0;
        for (var i = 0; i < count; i++)
        {
            var write = writes[i];
            keys[i] = write.Key;
            versions[i] = write.Version;
            documents[i] = Bytes(write.Json);
            deadlines[i] = write.NextDeadline?.UtcDateTime;
            shards[i] = write.Shard;
            entries += write.Entries.Count;
        }

        var command = new NpgsqlBatchCommand(allOrNone ? WriteAll : Write);
        Add(command, keys, NpgsqlDbType.Text);
        Add(command, versions, NpgsqlDbType.Bigint);
        Add(command, documents, NpgsqlDbType.Json);
        Add(command, deadlines, NpgsqlDbType.TimestampTz);
        Add(command, shards, NpgsqlDbType.Bigint);
        for (var column = 0; column < kind.Columns.Count; column++) AddColumn(command, writes, column);
        AddEntries(command, writes, entries);
        return command;
    }

    // The whole of it, as it was written; from another host it may be a part of something.
    public static byte[] Bytes(ReadOnlyMemory<byte> json) =>
        MemoryMarshal.TryGetArray(json, out var part) && part.Array is { } whole && whole.Length == part.Count ? whole : json.ToArray();

    static void Add<T>(NpgsqlBatchCommand command, T[] values, NpgsqlDbType type) =>
        command.Parameters.Add(new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | type });

    static void AddEntries(NpgsqlBatchCommand command, PendingDocument[] writes, int count)
    {
        var keys = new string[count];
        var ordinals = new long[count];
        var types = new string[count];
        var times = new DateTime[count];
        var actors = new string[count];
        var references = new string?[count];
        var claims = new string?[count];
        var data = new byte[count][];
        var next = 0;
        foreach (var write in writes)
        {
            for (var ordinal = 0; ordinal < write.Entries.Count; ordinal++, next++)
            {
                var entry = write.Entries[ordinal];
                keys[next] = write.Key;
                ordinals[next] = ordinal;
                types[next] = entry.Type;
                times[next] = entry.At.UtcDateTime;
                actors[next] = entry.Actor;
                references[next] = entry.Reference;
                claims[next] = entry.Claim;
                data[next] = Bytes(entry.Data);
            }
        }

        Add(command, keys, NpgsqlDbType.Text);
        Add(command, ordinals, NpgsqlDbType.Bigint);
        Add(command, types, NpgsqlDbType.Text);
        Add(command, times, NpgsqlDbType.TimestampTz);
        Add(command, actors, NpgsqlDbType.Text);
        Add(command, references, NpgsqlDbType.Text);
        Add(command, claims, NpgsqlDbType.Text);
        Add(command, data, NpgsqlDbType.Json);
    }

    void AddColumn(NpgsqlBatchCommand command, PendingDocument[] writes, int column)
    {
        switch (kind.Columns[column].Type)
        {
            case ColumnType.Text:
                var texts = new string?[writes.Length];
                for (var i = 0; i < texts.Length; i++) texts[i] = (string?)writes[i].Columns[column];
                Add(command, texts, NpgsqlDbType.Text);
                break;
            case ColumnType.Long:
                var numbers = new long?[writes.Length];
                for (var i = 0; i < numbers.Length; i++) numbers[i] = (long?)writes[i].Columns[column];
                Add(command, numbers, NpgsqlDbType.Bigint);
                break;
            case ColumnType.Time:
                var times = new DateTime?[writes.Length];
                for (var i = 0; i < times.Length; i++) times[i] = ((DateTimeOffset?)writes[i].Columns[column])?.UtcDateTime;
                Add(command, times, NpgsqlDbType.TimestampTz);
                break;
        }
    }

    static string WriteText(DocumentKind kind, string ending)
    {
        var columns = new StringBuilder("key, version, document, next_deadline, shard");
        var arrays = new StringBuilder("$1::text[], $2::bigint[], $3::json[], $4::timestamptz[], $5::bigint[]");
        var replaced = new StringBuilder("version = excluded.version, document = excluded.document, next_deadline = excluded.next_deadline");
        var parameter = 5;
        foreach (var column in kind.Columns)
        {
            var type = column.Type switch { ColumnType.Text => "text", ColumnType.Long => "bigint", _ => "timestamptz" };
            columns.Append(", ").Append(column.Name);
            arrays.Append(", $").Append(++parameter).Append("::").Append(type).Append("[]");
            replaced.Append(", ").Append(column.Name).Append(" = excluded.").Append(column.Name);
        }

        var p = parameter;
        return $"""
            WITH written AS (
                INSERT INTO {kind.Table} AS stored ({columns})
                SELECT * FROM unnest({arrays})
                ON CONFLICT (key) DO UPDATE SET {replaced}
                WHERE stored.version = excluded.version - 1
                RETURNING key, version
            ), told AS (
                INSERT INTO journal (noun, key, version, ordinal, type, at, actor, reference, claim, data)
                SELECT '{kind.Noun}', written.key, written.version, entry.ordinal, entry.type, entry.at, entry.actor, entry.reference, entry.claim, entry.data
                FROM unnest(${p + 1}::text[], ${p + 2}::bigint[], ${p + 3}::text[], ${p + 4}::timestamptz[], ${p + 5}::text[], ${p + 6}::text[], ${p + 7}::text[], ${p + 8}::json[])
                    WITH ORDINALITY AS entry (key, ordinal, type, at, actor, reference, claim, data, place)
                JOIN written ON written.key = entry.key
                ORDER BY entry.place
            )
            SELECT key FROM written{ending}
            """;
    }
}
