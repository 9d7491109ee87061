using System.Globalization;
using System.Runtime.CompilerServices;
using Billing.Storage.Documents;
using Billing.Storage.Sqlite;

namespace Billing.Storage.Verify;

/// <summary>A typed column that does not say what its document says.</summary>
/// <param name="Key">Whose.</param>
/// <param name="Column">Which column.</param>
/// <param name="Stored">What it holds.</param>
/// <param name="Expected">What the document says.</param>
public sealed record ColumnDifference(string Key, string Column, string? Stored, string? Expected);

/// <summary>Compares the typed columns with the documents: a wrong deadline is an order that nobody looks at again.</summary>
public sealed class ColumnReader
{
    readonly Reader reader;

    internal ColumnReader(Database database) => reader = new(database);

    /// <summary>Every difference of a noun, row by row.</summary>
    public async IAsyncEnumerable<ColumnDifference> Differences(DocumentKind kind, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(kind);
        DocumentColumn[] columns =
        [
            new("next_deadline", ColumnType.Time, state => kind.NextDeadline(state)),
            .. kind.Columns,
        ];
        var statement = $"SELECT key, document, shard, {string.Join(", ", columns.Select(column => column.Name))} FROM {kind.Table} ORDER BY key";
        await foreach (var row in reader.Rows(statement, cancellation))
        {
            var key = (string)row["key"]!;
            var state = kind.ReadState((string)row["document"]!);
            var shard = Shard.Of(key);
            if (Convert.ToInt64(row["shard"], CultureInfo.InvariantCulture) != shard) yield return new(key, "shard", Text(row["shard"]), Text((long)shard));
            foreach (var column in columns)
            {
                var (stored, expected) = (Text(row[column.Name]), Text(column.Value(state)));
                if (stored != expected) yield return new(key, column.Name, stored, expected);
            }
        }
    }

    // As SQLite keeps it, whichever database it comes from.
    static string? Text(object? value) => value switch
    {
        null or DBNull => null,
        DateTimeOffset time => SqliteTime.Text(time),
        DateTime time => SqliteTime.Text(new(DateTime.SpecifyKind(time, DateTimeKind.Utc))),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture),
    };
}
