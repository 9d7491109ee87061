using System.Data;
using System.Data.Common;
using Billing.Storage.Documents;
using DbUp;
using DbUp.Postgresql;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Billing.Storage.Postgres;

/// <summary>PostgreSQL: any number of silos over one database.</summary>
sealed class PostgresDatabase : Database, IAsyncDisposable
{
    /// <summary>The advisory lock that is held while the schema is applied: "billing" in ASCII.</summary>
    const long SchemaLock = 0x62696c6c696e67;

    // PostgreSQL takes a hundred connections unless it is told otherwise, which is three hosts of this. A burst of grains that are read for the first time would
    // open as many as the driver allows, and be refused; who waits for one of these waits for a moment.
    const int MostConnections = 30;

    readonly StorageOptions options;
    readonly ILogger<SchemaScripts> logger;

    public PostgresDatabase(StorageOptions options, ILoggerFactory loggers)
    {
        this.options = options;
        logger = loggers.CreateLogger<SchemaScripts>();
        var settings = new NpgsqlConnectionStringBuilder(options.PostgresConnectionString);
        // The same few statements are repeated for ever; preparing them halves what they cost.
        if (settings.MaxAutoPrepare == 0) settings.MaxAutoPrepare = 64;
        settings.AutoPrepareMinUsages = Math.Min(settings.AutoPrepareMinUsages, 2);
        // No session keeps any state but the schema's lock, which is given back by hand: the six statements that reset a session cost more than a read does.
        settings.NoResetOnClose = true;
        settings.ApplicationName ??= "billing";
        if (!settings.ShouldSerialize("Maximum Pool Size")) settings.MaxPoolSize = MostConnections;
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UseLoggerFactory(loggers);
        Source = builder.Build();
    }

    /// <summary>The one pool, shared with Orleans' providers.</summary>
    public NpgsqlDataSource Source { get; }

    public override async ValueTask<DbConnection> Open(CancellationToken cancellation) => await Source.OpenConnectionAsync(cancellation);

    public override string Words(string postgres, string sqlite) => postgres;

    public override async Task<T> Transact<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellation)
    {
        await using var connection = await Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var result = await work(connection, transaction);
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    public override ValueTask<DbTransaction> Snapshot(DbConnection connection, CancellationToken cancellation) =>
        connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);

    public override async ValueTask<StoredDocument?> Read(DocumentKind kind, string key, CancellationToken cancellation)
    {
        await using var command = Source.CreateCommand(PostgresStatements.Of(kind).Read);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, cancellation);
        return await reader.ReadAsync(cancellation) ? new(reader.GetString(0), reader.GetInt64(1)) : null;
    }

    public override IReadOnlyList<ICommitter> Committers(StorageMetrics metrics) =>
        [.. Enumerable.Range(0, options.Committers).Select(_ => new PostgresCommitter(Source, options, metrics))];

    public override Task Insert(DocumentKind kind, IEnumerable<PendingWrite> writes, CancellationToken cancellation) =>
        PostgresBulk.Insert(Source, kind, writes, cancellation);

    public override async Task ApplySchema(CancellationToken cancellation)
    {
        await using var connection = await Source.OpenConnectionAsync(cancellation);
        // A session's lock: it goes with the connection, whatever becomes of this process.
        await using (var locking = new NpgsqlCommand("SELECT pg_advisory_lock($1)", connection) { CommandTimeout = (int)options.SchemaTimeout.TotalSeconds })
        {
            locking.Parameters.Add(new NpgsqlParameter<long> { TypedValue = SchemaLock });
            await locking.ExecuteNonQueryAsync(cancellation);
        }

        try
        {
            SchemaScripts.Run(DeployChanges.To.PostgresqlDatabase(new PostgresqlConnectionManager(Source)), "Postgres", logger);
            await SchemaScripts.CheckOrleansQueries(connection, SchemaScripts.PostgresQueryKeys, cancellation);
        }
        finally
        {
            await using var unlocking = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", connection);
            unlocking.Parameters.Add(new NpgsqlParameter<long> { TypedValue = SchemaLock });
            await unlocking.ExecuteNonQueryAsync(CancellationToken.None);
        }
    }

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
