using Billing.Storage.Documents;
using Npgsql;

namespace Billing.Storage.Postgres;

/// <summary>
/// Commits to PostgreSQL: a statement for each noun, all in one batch, which is one round trip and one transaction. When the whole is refused for what one
/// document did, halves are tried, and their halves, until only the guilty one is left.
/// </summary>
sealed class PostgresCommitter(NpgsqlDataSource source, StorageOptions options, StorageMetrics metrics) : ICommitter
{
    /// <summary>Our own: a document that does not begin with version 1.</summary>
    const string NoSuchVersion = "BL002";

    readonly int timeoutSeconds = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds);

    public bool IsSynchronous => false;

    public async ValueTask Commit(IReadOnlyList<PendingWrite> writes)
    {
        // Rows are locked in the order in which they are named: the same order everywhere, so that two commits wait for each other in one direction only.
        var ordered = writes.ToArray();
        Array.Sort(ordered, static (a, b) =>
        {
            var noun = string.CompareOrdinal(a.Kind.Noun, b.Kind.Noun);
            return noun != 0 ? noun : string.CompareOrdinal(a.Key, b.Key);
        });

        NpgsqlConnection connection;
        try
        {
            connection = await source.OpenConnectionAsync();
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            foreach (var write in ordered) write.NotBegun(exception, metrics);
            return;
        }

        await using (connection) await Commit(connection, ordered);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    async Task Commit(NpgsqlConnection connection, ReadOnlyMemory<PendingWrite> writes)
    {
        try
        {
            await Execute(connection, writes);
        }
        catch (PostgresException exception) when (IsOnesFault(exception) && writes.Length > 1)
        {
            // The server has answered: all of it was rolled back, and nothing is unknown.
            await Commit(connection, writes[..(writes.Length / 2)]);
            await Commit(connection, writes[(writes.Length / 2)..]);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            writes.Span[0].Taken(exception.ConstraintName ?? "", exception, metrics);
        }
        catch (PostgresException exception) when (exception.SqlState == NoSuchVersion)
        {
            writes.Span[0].Outdated(metrics);
        }
        catch (Exception exception)
        {
            // No answer, or one that leaves it open. Whatever it was, the callers wait for an end.
            foreach (var write in writes.Span) write.Unknown(exception, metrics);
        }
    }

    async Task Execute(NpgsqlConnection connection, ReadOnlyMemory<PendingWrite> writes)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = timeoutSeconds };
        for (var start = 0; start < writes.Length;)
        {
            var end = start + 1;
            while (end < writes.Length && writes.Span[end].Kind == writes.Span[start].Kind) end++;
            batch.BatchCommands.Add(PostgresStatements.Of(writes.Span[start].Kind).Command(writes.Span[start..end]));
            start = end;
        }

        var written = new bool[writes.Length];
        await using (var reader = await batch.ExecuteReaderAsync())
        {
            var noun = 0;
            do
            {
                var kind = writes.Span[noun].Kind;
                while (await reader.ReadAsync()) written[Find(writes.Span, noun, reader.GetString(0))] = true;
                while (noun < writes.Length && writes.Span[noun].Kind == kind) noun++;
            }
            while (await reader.NextResultAsync());
        }

        // Only here: the reader's end is the server's word that the transaction is committed.
        for (var i = 0; i < writes.Length; i++)
        {
            if (written[i]) writes.Span[i].Written();
            else writes.Span[i].Outdated(metrics);
        }
    }

    static int Find(ReadOnlySpan<PendingWrite> writes, int from, string key)
    {
        var to = writes.Length - 1;
        var kind = writes[from].Kind;
        while (from <= to)
        {
            var middle = (from + to) / 2;
            var compared = writes[middle].Kind != kind ? 1 : string.CompareOrdinal(writes[middle].Key, key);
            if (compared == 0) return middle;
            if (compared < 0) from = middle + 1;
            else to = middle - 1;
        }

        throw new InvalidOperationException("The database named a key that was not written.");
    }

    /// <summary>
    /// Whether what was refused may be a single document's doing: its data (22), a constraint (23), a deadlock or a serialization failure (40), or its version.
    /// In all of them the server has rolled back.
    /// </summary>
    static bool IsOnesFault(PostgresException exception) =>
        exception.SqlState is NoSuchVersion
        || exception.SqlState.StartsWith("22", StringComparison.Ordinal)
        || exception.SqlState.StartsWith("23", StringComparison.Ordinal)
        || exception.SqlState.StartsWith("40", StringComparison.Ordinal);
}
