using Microsoft.Data.Sqlite;

namespace Billing.Storage.Sqlite;

/// <summary>SQLite names the columns of a broken index, and we its name: "UNIQUE constraint failed: orders.account_id, orders.open_slot".</summary>
sealed class SqliteUniqueIndexes
{
    const int UniqueViolated = 2067;
    const int PrimaryKeyViolated = 1555;
    const string Lead = "UNIQUE constraint failed: ";

    readonly Dictionary<string, string> names;

    public SqliteUniqueIndexes(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT tables.name || '.' || columns.name, indexes.name
            FROM sqlite_master AS tables, pragma_index_list(tables.name) AS indexes, pragma_index_info(indexes.name) AS columns
            WHERE tables.type = 'table' AND indexes."unique" AND indexes.origin = 'c'
            ORDER BY indexes.name, columns.seqno
            """;
        using var reader = command.ExecuteReader();
        var columns = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        while (reader.Read())
        {
            var index = reader.GetString(1);
            if (!columns.TryGetValue(index, out var known)) columns[index] = known = [];
            known.Add(reader.GetString(0));
        }

        names = columns.ToDictionary(pair => string.Join(", ", pair.Value), pair => pair.Key, StringComparer.Ordinal);
    }

    /// <summary>Whether a unique index was to be broken, or a primary key.</summary>
    public static bool IsViolated(SqliteException exception) => exception.SqliteExtendedErrorCode is UniqueViolated or PrimaryKeyViolated;

    /// <summary>The index; its columns where it has no name of its own, as a primary key's has not.</summary>
    public string NameOf(SqliteException exception)
    {
        var start = exception.Message.IndexOf(Lead, StringComparison.Ordinal);
        if (start < 0) return "";
        var columns = exception.Message[(start + Lead.Length)..].TrimEnd('.', '\'', ' ');
        return names.GetValueOrDefault(columns, columns);
    }
}
