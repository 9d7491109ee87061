using Billing.Storage.Documents;
using Microsoft.Data.Sqlite;

namespace Billing.Storage.Sqlite;

/// <summary>
/// Commits to SQLite, on the one thread that writes: a transaction with a savepoint for each write, so that a loser is undone alone. The connection and its
/// prepared statements are this thread's own.
/// </summary>
sealed class SqliteCommitter(string connectionString, Lock writing, StorageMetrics metrics) : ICommitter
{
    const int Constraint = 19;

    readonly Dictionary<DocumentKind, SqliteDocumentCommands> commands = [];
    readonly List<IDisposable> prepared = [];
    SqliteConnection? connection;
    SqliteCommand begin = null!;
    SqliteCommand commit = null!;
    SqliteCommand savepoint = null!;
    SqliteCommand release = null!;
    SqliteCommand undo = null!;
    SqliteJournalCommand journal = null!;
    SqliteUniqueIndexes uniqueIndexes = null!;

    public bool IsSynchronous => true;

    public ValueTask Commit(IReadOnlyList<PendingWrite> writes)
    {
        lock (writing) return CommitAll(writes);
    }

    ValueTask CommitAll(IReadOnlyList<PendingWrite> writes)
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
            for (var i = 0; i < write.Documents.Count; i++)
            {
                if (Write(write.Documents[i])) continue;
                Undo();
                return i == 0 ? write => write.Outdated(metrics) : write => write.CompanionOutdated(metrics);
            }

            release.ExecuteNonQuery();
            return static write => write.Written();
        }
        catch (SqliteException exception) when (exception.SqliteErrorCode == Constraint)
        {
            Undo();
            return SqliteUniqueIndexes.IsViolated(exception)
                ? write => write.Taken(uniqueIndexes.NameOf(exception), exception, metrics)
                : write => write.Unknown(exception, metrics);
        }
    }

    bool Write(PendingDocument document)
    {
        if (!Commands(document.Kind).Write(document)) return false;
        for (var ordinal = 0; ordinal < document.Entries.Count; ordinal++) journal.Write(document, ordinal);
        return true;
    }

    void Undo()
    {
        undo.ExecuteNonQuery();
        release.ExecuteNonQuery();
    }

    SqliteDocumentCommands Commands(DocumentKind kind)
    {
        if (commands.TryGetValue(kind, out var known)) return known;
        commands[kind] = known = new(connection!, kind);
        prepared.Add(known);
        return known;
    }

    void Connect()
    {
        if (connection is not null) return;
        connection = new(connectionString);
        connection.Open();
        // FULL: a commit is on the disk before it is answered.
        Execute(connection, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;");
        uniqueIndexes = new(connection);
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

    static void Execute(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }
}
