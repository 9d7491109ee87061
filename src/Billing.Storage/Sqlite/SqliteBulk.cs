using Billing.Storage.Documents;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Billing.Storage.Sqlite;

/// <summary>New documents and their journal rows, in one transaction on a connection of its own.</summary>
static class SqliteBulk
{
    /// <summary>Inserts them all or none; false when the condition does not hold.</summary>
    public static bool Insert(
        string connectionString, Lock writing, DocumentKind kind, IEnumerable<PendingDocument> writes, Condition condition, CancellationToken cancellation)
    {
        // Made before the lock is taken: the queue's commits wait for what is written only.
        var made = writes.ToList();
        var committing = false;
        try
        {
            return Write(connectionString, writing, kind, made, condition, () => committing = true, cancellation);
        }
        catch (SqliteException exception) when (committing)
        {
            throw new OutcomeUnknownException($"Whether {made.Count} {kind.Noun} documents were written together is unknown.", exception);
        }
        catch (SqliteException exception)
        {
            // What was not committed is gone with its transaction.
            throw new StoreBusyException("The database did not take them; nothing was written.", exception);
        }
    }

    static bool Write(
        string connectionString, Lock writing, DocumentKind kind, List<PendingDocument> made, Condition condition, Action commit, CancellationToken cancellation)
    {
        using var connection = new SqliteConnection(connectionString);
        connection.Open();
        using (var pragma = connection.CreateCommand())
        {
            pragma.CommandText = "PRAGMA synchronous = FULL";
            pragma.ExecuteNonQuery();
        }

        lock (writing)
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            using var documents = new SqliteDocumentCommands(connection, kind, transaction);
            using var journal = new SqliteJournalCommand(connection, transaction);
            try
            {
                foreach (var write in made)
                {
                    cancellation.ThrowIfCancellationRequested();
                    if (!documents.Write(write)) throw new UniqueTakenException($"{kind.Table}.key");
                    for (var ordinal = 0; ordinal < write.Entries.Count; ordinal++) journal.Write(write, ordinal);
                }
            }
            catch (SqliteException exception) when (SqliteUniqueIndexes.IsViolated(exception))
            {
                throw new UniqueTakenException(new SqliteUniqueIndexes(connection).NameOf(exception), exception);
            }

            if (connection.ExecuteScalar<bool?>(condition.Text, condition.Parameters(), transaction) == false) return false;
            commit();
            transaction.Commit();
            return true;
        }
    }
}
