using System.Text;
using Billing.Storage.Documents;
using Dapper;
using Npgsql;
using NpgsqlTypes;

namespace Billing.Storage.Postgres;

/// <summary>New documents and their journal rows by <c>COPY</c>, in one transaction.</summary>
static class PostgresBulk
{
    /// <summary>Inserts them all or none; false when the condition does not hold.</summary>
    public static async Task<bool> Insert(
        NpgsqlDataSource source, DocumentKind kind, IEnumerable<PendingDocument> writes, Condition condition, CancellationToken cancellation)
    {
        var committing = false;
        try
        {
            return await Copy(source, kind, writes, condition, () => committing = true, cancellation);
        }
        catch (PostgresException exception) when (exception.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw new UniqueTakenException(exception.ConstraintName ?? "", exception);
        }
        catch (Exception exception) when (committing && exception is (NpgsqlException or TimeoutException))
        {
            throw new OutcomeUnknownException($"Whether many {kind.Noun} documents were written together is unknown.", exception);
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            // What was not committed is gone with its transaction.
            throw new StoreBusyException("The database did not take them; nothing was written.", exception);
        }
    }

    static async Task<bool> Copy(
        NpgsqlDataSource source, DocumentKind kind, IEnumerable<PendingDocument> writes, Condition condition, Action commit, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // The documents are made while they are sent; their entries wait for the second COPY, because a connection has one at a time.
        var entries = new List<(string Key, IReadOnlyList<EntryWrite> Entries)>();
        await using (var documents = await connection.BeginBinaryImportAsync(DocumentCopy(kind), cancellation))
        {
            documents.Timeout = TimeSpan.Zero;
            foreach (var write in writes)
            {
                await WriteDocument(documents, kind, write, cancellation);
                entries.Add((write.Key, write.Entries));
            }

            await documents.CompleteAsync(cancellation);
        }

        await using (var journal = await connection.BeginBinaryImportAsync(
            "COPY journal (noun, key, version, ordinal, type, at, actor, reference, claim, data) FROM STDIN (FORMAT binary)", cancellation))
        {
            journal.Timeout = TimeSpan.Zero;
            foreach (var (key, of) in entries)
            {
                for (var ordinal = 0; ordinal < of.Count; ordinal++) await WriteEntry(journal, kind.Noun, key, ordinal, of[ordinal], cancellation);
            }

            await journal.CompleteAsync(cancellation);
        }

        // After the copying, so that who wants to write the row waits for no more than the commit.
        if (await connection.ExecuteScalarAsync<bool?>(new CommandDefinition(condition.Text, condition.Parameters(), transaction, cancellationToken: cancellation)) == false) return false;
        commit();
        // From here on it ends as it ends.
        await transaction.CommitAsync(CancellationToken.None);
        return true;
    }

    static string DocumentCopy(DocumentKind kind)
    {
        var columns = new StringBuilder("key, version, document, next_deadline, shard");
        foreach (var column in kind.Columns) columns.Append(", ").Append(column.Name);
        return $"COPY {kind.Table} ({columns}) FROM STDIN (FORMAT binary)";
    }

    static async Task WriteDocument(NpgsqlBinaryImporter copy, DocumentKind kind, PendingDocument write, CancellationToken cancellation)
    {
        await copy.StartRowAsync(cancellation);
        await copy.WriteAsync(write.Key, NpgsqlDbType.Text, cancellation);
        await copy.WriteAsync(write.Version, NpgsqlDbType.Bigint, cancellation);
        await copy.WriteAsync(PostgresStatements.Bytes(write.Json), NpgsqlDbType.Json, cancellation);
        await Time(copy, write.NextDeadline, cancellation);
        await copy.WriteAsync((long)write.Shard, NpgsqlDbType.Bigint, cancellation);
        for (var i = 0; i < kind.Columns.Count; i++)
        {
            switch (write.Columns[i])
            {
                case string text: await copy.WriteAsync(text, NpgsqlDbType.Text, cancellation); break;
                case long number: await copy.WriteAsync(number, NpgsqlDbType.Bigint, cancellation); break;
                case DateTimeOffset time: await Time(copy, time, cancellation); break;
                default: await copy.WriteNullAsync(cancellation); break;
            }
        }
    }

    static async Task WriteEntry(NpgsqlBinaryImporter copy, string noun, string key, long ordinal, EntryWrite entry, CancellationToken cancellation)
    {
        await copy.StartRowAsync(cancellation);
        await copy.WriteAsync(noun, NpgsqlDbType.Text, cancellation);
        await copy.WriteAsync(key, NpgsqlDbType.Text, cancellation);
        await copy.WriteAsync(1L, NpgsqlDbType.Bigint, cancellation);
        await copy.WriteAsync(ordinal, NpgsqlDbType.Bigint, cancellation);
        await copy.WriteAsync(entry.Type, NpgsqlDbType.Text, cancellation);
        await Time(copy, entry.At, cancellation);
        await copy.WriteAsync(entry.Actor, NpgsqlDbType.Text, cancellation);
        await Text(copy, entry.Reference, cancellation);
        await Text(copy, entry.Claim, cancellation);
        await copy.WriteAsync(PostgresStatements.Bytes(entry.Data), NpgsqlDbType.Json, cancellation);
    }

    static Task Text(NpgsqlBinaryImporter copy, string? text, CancellationToken cancellation) =>
        text is null ? copy.WriteNullAsync(cancellation) : copy.WriteAsync(text, NpgsqlDbType.Text, cancellation);

    static Task Time(NpgsqlBinaryImporter copy, DateTimeOffset? time, CancellationToken cancellation) =>
        time is { } at ? copy.WriteAsync(at.UtcDateTime, NpgsqlDbType.TimestampTz, cancellation) : copy.WriteNullAsync(cancellation);
}
