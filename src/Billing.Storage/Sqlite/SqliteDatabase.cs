using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.RegularExpressions;
using Billing.Storage.Documents;
using Dapper;
using DbUp;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using static SQLitePCL.raw;

namespace Billing.Storage.Sqlite;

/// <summary>SQLite: one silo, nothing to install.</summary>
sealed partial class SqliteDatabase : Database, IDisposable
{
    static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(50);

    readonly ConcurrentDictionary<string, string> statements = new(StringComparer.Ordinal);
    // SQLite has one writer at a time. Who waits here is woken at once; who waits for SQLite's own lock sleeps and tries again.
    readonly Lock writing = new();
    readonly StorageOptions options;
    readonly TimeProvider clock;
    readonly ILogger<SchemaScripts> logger;
    readonly string path;

    public SqliteDatabase(StorageOptions options, TimeProvider clock, ILoggerFactory loggers)
    {
        this.options = options;
        this.clock = clock;
        logger = loggers.CreateLogger<SchemaScripts>();
        path = Path.GetFullPath(options.SqlitePath);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        ConnectionString = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = true,
            DefaultTimeout = (int)Math.Ceiling(options.CommandTimeout.TotalSeconds),
        }.ConnectionString;
    }

    /// <summary>For Orleans' providers, which open their own.</summary>
    public string ConnectionString { get; }

    // This driver calls none of its faults transient.
    public override bool IsAway(DbException fault) => fault is SqliteException { SqliteErrorCode: SQLITE_BUSY or SQLITE_LOCKED or SQLITE_IOERR or SQLITE_FULL or SQLITE_CANTOPEN };

    public override async ValueTask<DbConnection> Open(CancellationToken cancellation)
    {
        var connection = new SqliteConnection(ConnectionString);
        try
        {
            await connection.OpenAsync(cancellation);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    public override string Words(string statement) => statements.GetOrAdd(statement, static statement => AnyOfList.Replace(statement, "IN $1"));

    public override T Own<T>(T postgres, T sqlite) => sqlite;

    protected override Task<T> TransactCore<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellation) => Task.Run(
        () =>
        {
            using var connection = new SqliteConnection(ConnectionString);
            connection.Open();
            lock (writing)
            {
                using var transaction = connection.BeginTransaction(deferred: false);
                // This driver's statements end before they return, so nothing leaves the thread that holds the lock.
                var result = work(connection, transaction).GetAwaiter().GetResult();
                transaction.Commit();
                return result;
            }
        },
        cancellation);

    // Deferred: it takes no lock that a writer would wait for.
    public override ValueTask<DbTransaction> Snapshot(DbConnection connection, CancellationToken cancellation) =>
        ValueTask.FromResult<DbTransaction>(((SqliteConnection)connection).BeginTransaction(deferred: true));

    protected override async Task<StoredDocument?> ReadCore(DocumentKind kind, string key, CancellationToken cancellation)
    {
        await using var connection = await Open(cancellation);
        await using var command = connection.CreateCommand();
        command.CommandText = $"SELECT document, version FROM {kind.Table} WHERE key = @key";
        command.Parameters.Add(new SqliteParameter("@key", key));
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? new(reader.GetString(0), reader.GetInt64(1)) : null;
    }

    /// <summary>One: SQLite has one writer at a time, and a queue is a better place to wait than its lock.</summary>
    public override IReadOnlyList<ICommitter> Committers(StorageMetrics metrics)
    {
        // Not from the pool: this connection lives as long as the writer.
        var own = new SqliteConnectionStringBuilder(ConnectionString) { Pooling = false };
        return [new SqliteCommitter(own.ConnectionString, writing, metrics)];
    }

    /// <summary>On a connection of its own, beside the queue: a commit waits for these, and the caller bounds how many they are.</summary>
    public override Task<bool> Insert(DocumentKind kind, IEnumerable<PendingDocument> writes, Condition condition, CancellationToken cancellation) =>
        Task.Run(() => SqliteBulk.Insert(ConnectionString, writing, kind, writes, condition, cancellation), cancellation);

    protected override Task<bool> ExecuteCore(IReadOnlyList<Statement> statements, CancellationToken cancellation) => Task.Run(
        () =>
        {
            using var connection = new SqliteConnection(ConnectionString);
            connection.Open();
            lock (writing)
            {
                using var transaction = connection.BeginTransaction(deferred: false);
                foreach (var statement in statements)
                {
                    if (connection.Execute(Words(statement.Text), statement.Parameters, transaction) == 0 && statement.MustChange) return false;
                }

                transaction.Commit();
                return true;
            }
        },
        cancellation);

    /// <remarks>One transaction writes at a time, and takes its positions while it does: rows can be seen in their order.</remarks>
    protected override async Task<(IReadOnlyList<T> Rows, long UpTo)> ReadJournalCore<T>(
        string statement, long after, Func<long, object> parameters, CancellationToken cancellation)
    {
        var last = await JournalEnd(cancellation);
        if (last <= after) return ([], after);
        await using var connection = await Open(cancellation);
        var rows = await connection.QueryAsync<T>(new CommandDefinition(Words(statement), parameters(last), cancellationToken: cancellation));
        return (rows.AsList(), last);
    }

    protected override async Task<long> JournalEndCore(CancellationToken cancellation)
    {
        await using var connection = await Open(cancellation);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition("SELECT coalesce(max(position), 0) FROM journal", cancellationToken: cancellation));
    }

    public override async Task ApplySchema(CancellationToken cancellation)
    {
        await using var alone = await Lock(cancellation);
        await using var connection = await Open(cancellation);
        await using (var command = connection.CreateCommand())
        {
            // Readers and the writer do not wait for each other.
            command.CommandText = "PRAGMA journal_mode = WAL";
            await command.ExecuteNonQueryAsync(cancellation);
        }

        SchemaScripts.Run(DeployChanges.To.SqliteDatabase(ConnectionString), "Sqlite", logger);
        await SchemaScripts.CheckOrleansQueries(connection, SchemaScripts.SqliteQueryKeys, cancellation);
    }

    public void Dispose()
    {
        using var pooled = new SqliteConnection(ConnectionString);
        SqliteConnection.ClearPool(pooled);
    }

    // There are no arrays here; Dapper writes a list's members out.
    [GeneratedRegex(@"= ANY\((@\w+)\)")]
    static partial Regex AnyOfList { get; }

    /// <summary>Hosts that start together take turns: a file beside the database, held open by whoever applies the schema.</summary>
    async Task<FileStream> Lock(CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(path + ".schema-lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (clock.GetElapsedTime(started) < options.SchemaTimeout)
            {
                await Task.Delay(LockRetry, clock, cancellation);
            }
        }
    }
}
