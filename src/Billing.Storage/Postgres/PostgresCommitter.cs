using Billing.Storage.Documents;
using Npgsql;

namespace Billing.Storage.Postgres;

/// <summary>
/// Commits to PostgreSQL: a statement for each noun, all in one batch, which is one round trip and one transaction. When the whole is refused for what one
/// document did, halves are tried, and their halves, until only the guilty one is left. Documents that are written together or not at all stay together.
/// </summary>
sealed class PostgresCommitter(NpgsqlDataSource source, StorageOptions options, StorageMetrics metrics) : ICommitter
{
    /// <summary>Our own: a document that does not begin with version 1.</summary>
    const string NoSuchVersion = "BL002";

    /// <summary>Our own: not every document of a joint write was as it was expected.</summary>
    const string NotAllWritten = "BL003";

    readonly int timeoutSeconds = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds);

    public bool IsSynchronous => false;

    public async ValueTask Commit(IReadOnlyList<PendingWrite> writes)
    {
        NpgsqlConnection connection;
        try
        {
            connection = await source.OpenConnectionAsync();
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or InvalidOperationException)
        {
            foreach (var write in writes) write.NotBegun(exception, metrics);
            return;
        }

        await using (connection) await Commit(connection, writes.ToArray());
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
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            // Somebody else's lock: it was rolled back, and may be tried again.
            writes.Span[0].NotBegun(exception, metrics);
        }
        catch (PostgresException exception) when (exception.SqlState is NoSuchVersion or NotAllWritten)
        {
            var write = writes.Span[0];
            if (exception.TableName == write.Own.Kind.Table) write.Outdated(metrics);
            else write.CompanionOutdated(metrics);
        }
        catch (Exception exception)
        {
            // No answer, or one that leaves it open. Whatever it was, the callers wait for an end.
            foreach (var write in writes.Span) write.Unknown(exception, metrics);
        }
    }

    async Task Execute(NpgsqlConnection connection, ReadOnlyMemory<PendingWrite> writes)
    {
        var places = Places(writes.Span);
        await using var batch = new NpgsqlBatch(connection) { Timeout = timeoutSeconds };
        for (var start = 0; start < places.Length;)
        {
            var (end, isJoint) = (start, false);
            for (; end < places.Length && places[end].Document.Kind == places[start].Document.Kind; end++) isJoint |= places[end].Write.IsJoint;
            batch.BatchCommands.Add(PostgresStatements.Of(places[start].Document.Kind).Command([.. places[start..end].Select(place => place.Document)], isJoint));
            start = end;
        }

        var written = new bool[places.Length];
        await using (var reader = await batch.ExecuteReaderAsync())
        {
            var noun = 0;
            do
            {
                var kind = places[noun].Document.Kind;
                while (await reader.ReadAsync()) written[Find(places, noun, reader.GetString(0))] = true;
                while (noun < places.Length && places[noun].Document.Kind == kind) noun++;
            }
            while (await reader.NextResultAsync());
        }

        // Only here: the reader's end is the server's word that the transaction is committed. Joint writes were written whole, or it would not be.
        for (var i = 0; i < places.Length; i++)
        {
            if (places[i].Document != places[i].Write.Own) continue;
            if (written[i]) places[i].Write.Written();
            else places[i].Write.Outdated(metrics);
        }
    }

    /// <summary>The documents in the order in which their rows are locked: the same order everywhere, so that two commits wait for each other in one direction only.</summary>
    static (PendingDocument Document, PendingWrite Write)[] Places(ReadOnlySpan<PendingWrite> writes)
    {
        var count = 0;
        foreach (var write in writes) count += write.Documents.Count;
        var places = new (PendingDocument Document, PendingWrite Write)[count];
        var next = 0;
        foreach (var write in writes)
        {
            for (var i = 0; i < write.Documents.Count; i++) places[next++] = (write.Documents[i], write);
        }

        Array.Sort(places, static (a, b) =>
        {
            var noun = string.CompareOrdinal(a.Document.Kind.Noun, b.Document.Kind.Noun);
            return noun != 0 ? noun : string.CompareOrdinal(a.Document.Key, b.Document.Key);
        });
        return places;
    }

    static int Find((PendingDocument Document, PendingWrite Write)[] places, int from, string key)
    {
        var to = places.Length - 1;
        var kind = places[from].Document.Kind;
        while (from <= to)
        {
            var middle = (from + to) / 2;
            var compared = places[middle].Document.Kind != kind ? 1 : string.CompareOrdinal(places[middle].Document.Key, key);
            if (compared == 0) return middle;
            if (compared < 0) from = middle + 1;
            else to = middle - 1;
        }

        throw new InvalidOperationException("The database named a key that was not written.");
    }

    /// <summary>
    /// Whether what was refused may be a single document's doing: its data (22), a constraint (23), a deadlock or a serialization failure (40), a row that somebody holds locked
    /// (55P03), or its version.
    /// In all of them the server has rolled back.
    /// </summary>
    static bool IsOnesFault(PostgresException exception) =>
        exception.SqlState is NoSuchVersion or NotAllWritten or PostgresErrorCodes.LockNotAvailable
        || exception.SqlState.StartsWith("22", StringComparison.Ordinal)
        || exception.SqlState.StartsWith("23", StringComparison.Ordinal)
        || exception.SqlState.StartsWith("40", StringComparison.Ordinal);
}
