using System.Text;
using Billing.Storage.Documents;
using Microsoft.Data.Sqlite;

namespace Billing.Storage.Sqlite;

/// <summary>
/// Commits to SQLite, on the one thread that writes: a transaction with a savepoint for each document, so that a loser is undone alone. The connection and its
/// prepared statements are this thread's own.
/// </summary>
sealed class SqliteCommitter(string connectionString, StorageMetrics metrics) : ICommitter
{
    const int UniqueViolated = 2067;
    const int Constraint = 19;

    readonly Dictionary<DocumentKind, DocumentCommands> commands = [];
    readonly List<IDisposable> prepared = [];
    SqliteConnection? connection;
    SqliteCommand begin = null!;
    SqliteCommand commit = null!;
    SqliteCommand savepoint = null!;
    SqliteCommand release = null!;
    SqliteCommand undo = null!;
    JournalCommand journal = null!;
    Dictionary<string, string> uniqueIndexes = [];

    public bool IsSynchronous => true;

    public ValueTask Commit(IReadOnlyList<PendingWrite> writes)
    {
        try
        {
            Connect();
            begin.ExecuteNonQuery();
        }
        catch (SqliteException exception)
        {
            foreach (var write in writes) write.NotBegun(exception, metrics);
            Disconnect();
            return ValueTask.CompletedTask;
        }

        // What a write will end with, once the whole is committed.
        var ends = new Action<PendingWrite>[writes.Count];
        try
        {
            for (var i = 0; i < ends.Length; i++) ends[i] = Write(writes[i]);
            commit.ExecuteNonQuery();
        }
        catch (Exception exception)
        {
            // The disk is full, the file is locked or broken, or we are wrong: nobody knows what is in the file until it is read again.
            foreach (var write in writes) write.Unknown(exception, metrics);
            Disconnect();
            return ValueTask.CompletedTask;
        }

        for (var i = 0; i < ends.Length; i++) ends[i](writes[i]);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        Disconnect();
        return ValueTask.CompletedTask;
    }

    Action<PendingWrite> Write(PendingWrite write)
    {
        savepoint.ExecuteNonQuery();
        try
        {
            if (!Commands(write.Kind).Write(write))
            {
                release.ExecuteNonQuery();
                return write => write.Outdated(metrics);
            }

            for (var ordinal = 0; ordinal < write.Entries.Length; ordinal++) journal.Write(write, ordinal);
            release.ExecuteNonQuery();
            return static write => write.Written();
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == Constraint)
        {
            undo.ExecuteNonQuery();
            release.ExecuteNonQuery();
            return exception.SqliteExtendedErrorCode == UniqueViolated
                ? write => write.Taken(Index(exception.Message), exception, metrics)
                : write => write.Unknown(exception, metrics);
        }
    }

    DocumentCommands Commands(DocumentKind kind)
    {
        if (commands.TryGetValue(kind, out var known)) return known;
        commands[kind] = known = new(connection!, kind);
        prepared.Add(known);
        return known;
    }

    /// <summary>SQLite names the columns of a broken index, and we its name: "UNIQUE constraint failed: orders.account_id, orders.open_slot".</summary>
    string Index(string message)
    {
        const string lead = "UNIQUE constraint failed: ";
        var start = message.IndexOf(lead, StringComparison.Ordinal);
        if (start < 0) return "";
        var columns = message[(start + lead.Length)..].TrimEnd('.', '\'', ' ');
        return uniqueIndexes.GetValueOrDefault(columns, columns);
    }

    void Connect()
    {
        if (connection is not null) return;
        connection = new(connectionString);
        connection.Open();
        // FULL: a commit is on the disk before it is answered.
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;");
        uniqueIndexes = UniqueIndexes(connection);
        begin = Prepared("BEGIN IMMEDIATE");
        commit = Prepared("COMMIT");
        savepoint = Prepared("SAVEPOINT document");
        release = Prepared("RELEASE document");
        undo = Prepared("ROLLBACK TO document");
        journal = new(connection);
        prepared.Add(journal);
    }

    /// <summary>Ends an open transaction with the connection; the next commit opens another.</summary>
    void Disconnect()
    {
        foreach (var command in prepared) command.Dispose();
        prepared.Clear();
        commands.Clear();
        connection?.Dispose();
        connection = null;
    }

    SqliteCommand Prepared(string text)
    {
        var command = connection!.CreateCommand();
        prepared.Add(command);
        command.CommandText = text;
        command.Prepare();
        return command;
    }

    static Dictionary<string, string> UniqueIndexes(SqliteConnection connection)
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

        return columns.ToDictionary(pair => string.Join(", ", pair.Value), pair => pair.Key, StringComparer.Ordinal);
    }

    static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    /// <summary>A noun's two statements: the first version of a document, and every later one.</summary>
    sealed class DocumentCommands : IDisposable
    {
        readonly SqliteCommand insert;
        readonly SqliteCommand update;

        public DocumentCommands(SqliteConnection connection, DocumentKind kind)
        {
            var names = new StringBuilder("key, version, document, next_deadline, shard");
            var values = new StringBuilder("@key, @version, @document, @nextDeadline, @shard");
            var replaced = new StringBuilder("version = @version, document = @document, next_deadline = @nextDeadline");
            for (var i = 0; i < kind.Columns.Count; i++)
            {
                names.Append(", ").Append(kind.Columns[i].Name);
                values.Append(", @column").Append(i);
                replaced.Append(", ").Append(kind.Columns[i].Name).Append(" = @column").Append(i);
            }

            insert = Command(connection, kind, $"INSERT INTO {kind.Table} ({names}) VALUES ({values}) ON CONFLICT (key) DO NOTHING");
            insert.Parameters.Add("@shard", SqliteType.Integer);
            insert.Prepare();
            update = Command(connection, kind, $"UPDATE {kind.Table} SET {replaced} WHERE key = @key AND version = @version - 1");
            update.Prepare();
        }

        /// <summary>Whether it was written: there was the version before it, or nothing before the first.</summary>
        public bool Write(PendingWrite write)
        {
            var command = write.Version == 1 ? insert : update;
            var parameters = command.Parameters;
            parameters[0].Value = write.Key;
            parameters[1].Value = write.Version;
            parameters[2].Value = write.Json;
            parameters[3].Value = Value(write.NextDeadline);
            for (var i = 0; i < write.Columns.Length; i++) parameters[4 + i].Value = Value(write.Columns[i]);
            if (command == insert) parameters[^1].Value = write.Shard;
            return command.ExecuteNonQuery() == 1;
        }

        public void Dispose()
        {
            insert.Dispose();
            update.Dispose();
        }

        static SqliteCommand Command(SqliteConnection connection, DocumentKind kind, string text)
        {
            var command = connection.CreateCommand();
            command.CommandText = text;
            command.Parameters.Add("@key", SqliteType.Text);
            command.Parameters.Add("@version", SqliteType.Integer);
            command.Parameters.Add("@document", SqliteType.Text);
            command.Parameters.Add("@nextDeadline", SqliteType.Text);
            for (var i = 0; i < kind.Columns.Count; i++)
            {
                command.Parameters.Add("@column" + i, kind.Columns[i].Type == ColumnType.Long ? SqliteType.Integer : SqliteType.Text);
            }

            return command;
        }

        static object Value(object? value) => value switch
        {
            null => DBNull.Value,
            DateTimeOffset time => SqliteTime.Text(time),
            _ => value,
        };
    }

    /// <summary>The statement that adds a row to the journal.</summary>
    sealed class JournalCommand : IDisposable
    {
        const string Text = """
            INSERT INTO journal (noun, key, version, ordinal, type, at, actor, reference, claim, data)
            VALUES (@noun, @key, @version, @ordinal, @type, @at, @actor, @reference, @claim, @data)
            """;

        readonly SqliteCommand command;

        public JournalCommand(SqliteConnection connection)
        {
            command = connection.CreateCommand();
            command.CommandText = Text;
            foreach (var name in new[] { "@noun", "@key", "@version", "@ordinal", "@type", "@at", "@actor", "@reference", "@claim", "@data" })
            {
                command.Parameters.Add(name, name is "@version" or "@ordinal" ? SqliteType.Integer : SqliteType.Text);
            }

            command.Prepare();
        }

        public void Write(PendingWrite write, int ordinal)
        {
            var entry = write.Entries[ordinal];
            var parameters = command.Parameters;
            parameters[0].Value = write.Kind.Noun;
            parameters[1].Value = write.Key;
            parameters[2].Value = write.Version;
            parameters[3].Value = ordinal;
            parameters[4].Value = entry.Type;
            parameters[5].Value = SqliteTime.Text(entry.At);
            parameters[6].Value = entry.Actor;
            parameters[7].Value = (object?)entry.Reference ?? DBNull.Value;
            parameters[8].Value = (object?)entry.Claim ?? DBNull.Value;
            parameters[9].Value = entry.Data;
            command.ExecuteNonQuery();
        }

        public void Dispose() => command.Dispose();
    }
}
