using System.Data;
using System.Data.Common;
using Billing.Storage.Documents;
using Dapper;
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

    /// <summary>The oldest server that has what the statements need, as <c>server_version_num</c> has it.</summary>
    const int OldestServer = 150_000;

    /// <summary>The last position given to a row of the journal; the sequence is no part of any transaction, so that those of rows nobody sees yet count.</summary>
    const string LastPosition = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM journal_position_seq";

    // What is written takes milliseconds. Who waits longer than this for a transaction to end is better off asking again later, without a connection.
    static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(5);
    static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(160);

    // Our own transactions hold a row for the milliseconds of a commit.
    static readonly TimeSpan LongestLock = TimeSpan.FromSeconds(1);

    readonly StorageOptions options;
    readonly ILogger<SchemaScripts> logger;
    readonly NpgsqlDataSource commits;

    public PostgresDatabase(StorageOptions options, ILoggerFactory loggers)
    {
        this.options = options;
        logger = loggers.CreateLogger<SchemaScripts>();
        var settings = Read(options.PostgresConnectionString);
        // The same few statements are repeated for ever; preparing them halves what they cost.
        if (settings.MaxAutoPrepare == 0) settings.MaxAutoPrepare = 64;
        settings.AutoPrepareMinUsages = Math.Min(settings.AutoPrepareMinUsages, 2);
        // No session keeps any state but the schema's lock, which is given back by hand: the six statements that reset a session cost more than a read does.
        settings.NoResetOnClose = true;
        settings.ApplicationName ??= "billing";
        if (!settings.ShouldSerialize("Maximum Pool Size")) settings.MaxPoolSize = MostConnections;
        Source = Build(settings, loggers);
        // Whoever reads much, or slowly, takes no connection from what is paid. And a row that a stranger holds locked stops one commit for a moment, not all for as long as
        // a statement may take: the halves that do without it go on.
        settings.MaxPoolSize = options.Committers + 1;
        settings.MinPoolSize = Math.Min(settings.MinPoolSize, settings.MaxPoolSize);
        settings.Options = $"{settings.Options} -c lock_timeout={(int)LongestLock.TotalMilliseconds}".TrimStart();
        commits = Build(settings, loggers);
    }

    /// <summary>The pool of whoever reads, shared with Orleans' providers.</summary>
    public NpgsqlDataSource Source { get; }

    public override bool IsAway(DbException fault) => fault.IsTransient;

    public override async ValueTask<DbConnection> Open(CancellationToken cancellation) => await Source.OpenConnectionAsync(cancellation);

    public override T Own<T>(T postgres, T sqlite) => postgres;

    protected override async Task<T> TransactCore<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellation)
    {
        await using var connection = await Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var result = await work(connection, transaction);
        await transaction.CommitAsync(CancellationToken.None);
        return result;
    }

    public override ValueTask<DbTransaction> Snapshot(DbConnection connection, CancellationToken cancellation) =>
        connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);

    protected override async Task<StoredDocument?> ReadCore(DocumentKind kind, string key, CancellationToken cancellation)
    {
        await using var command = Source.CreateCommand(PostgresStatements.Of(kind).Read);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SingleRow, cancellation);
        return await reader.ReadAsync(cancellation) ? new(reader.GetString(0), reader.GetInt64(1)) : null;
    }

    public override IReadOnlyList<ICommitter> Committers(StorageMetrics metrics) =>
        [.. Enumerable.Range(0, options.Committers).Select(_ => new PostgresCommitter(commits, options, metrics))];

    public override Task<bool> Insert(DocumentKind kind, IEnumerable<PendingDocument> writes, Condition condition, CancellationToken cancellation) =>
        PostgresBulk.Insert(Source, kind, writes, condition, cancellation);

    protected override async Task<bool> ExecuteCore(IReadOnlyList<Statement> statements, CancellationToken cancellation)
    {
        await using var connection = await Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        foreach (var statement in statements)
        {
            var changed = await connection.ExecuteAsync(new CommandDefinition(Words(statement.Text), statement.Parameters, transaction, cancellationToken: cancellation));
            if (changed == 0 && statement.MustChange) return false;
        }

        await transaction.CommitAsync(cancellation);
        return true;
    }

    /// <remarks>
    /// A position is given to a row before its transaction commits, and transactions commit in any order. So: first the last position that was given is read, then a
    /// transaction id is taken. Whoever had a position by then had an id before (the schema sees to it), hence a lower one. When all lower ones have ended, every row
    /// up to that position can be seen or never will be. Both are remembered within this call only, and on one connection: a server that crashes meanwhile may give
    /// the same numbers again.
    /// </remarks>
    protected override async Task<(IReadOnlyList<T> Rows, long UpTo)> ReadJournalCore<T>(
        string statement, long after, Func<long, object> parameters, CancellationToken cancellation)
    {
        await using var connection = await Source.OpenConnectionAsync(cancellation);
        var last = await connection.ExecuteScalarAsync<long>(new CommandDefinition(LastPosition, cancellationToken: cancellation));
        if (last <= after) return ([], after);
        var mine = await connection.ExecuteScalarAsync<long>(new CommandDefinition("SELECT pg_current_xact_id()::text::bigint", cancellationToken: cancellation));
        for (var wait = FirstWait; !await AllHaveEnded(connection, mine, cancellation); wait *= 2)
        {
            if (wait > LongestWait) return ([], after);
            await Task.Delay(wait, TimeProvider.System, cancellation);
        }

        var rows = await connection.QueryAsync<T>(new CommandDefinition(Words(statement), parameters(last), cancellationToken: cancellation));
        return (rows.AsList(), last);
    }

    protected override async Task<long> JournalEndCore(CancellationToken cancellation)
    {
        await using var connection = await Source.OpenConnectionAsync(cancellation);
        return await connection.ExecuteScalarAsync<long>(new CommandDefinition(LastPosition, cancellationToken: cancellation));
    }

    /// <summary>Whether every transaction with a lower id than this has ended. Once it is so, it stays so.</summary>
    static Task<bool> AllHaveEnded(NpgsqlConnection connection, long id, CancellationToken cancellation) => connection.ExecuteScalarAsync<bool>(
        new CommandDefinition("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint >= @id", new { id }, cancellationToken: cancellation));

    public override async Task ApplySchema(CancellationToken cancellation)
    {
        await using var connection = await Source.OpenConnectionAsync(cancellation);
        await CheckServer(connection, cancellation);
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

    static async Task CheckServer(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var (version, encoding, database) = await connection.QuerySingleAsync<(int, string, string)>(new CommandDefinition(
            "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), current_database()", cancellationToken: cancellation));
        if (Unfit(version, encoding, database) is { } why) throw new SetupException(why);
    }

    /// <summary>Why a database cannot be used, and what to do; null when it can. In another encoding than UTF8 a name in another script, some day, is a write that fails or a list that cannot be read.</summary>
    internal static string? Unfit(int version, string encoding, string database) =>
        version < OldestServer ? $"The database server is PostgreSQL {version / 10_000}; {OldestServer / 10_000} or later is needed."
        : encoding != "UTF8" ? $"The database {database} has the encoding {encoding}, which cannot hold every name. Make another: CREATE DATABASE billing_utf8 TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
        : null;

    public async ValueTask DisposeAsync()
    {
        await commits.DisposeAsync();
        await Source.DisposeAsync();
    }

    static NpgsqlConnectionStringBuilder Read(string? connectionString)
    {
        try
        {
            return new(connectionString);
        }
        catch (ArgumentException)
        {
            // What it says of a word that it does not know may be the end of a password.
            throw new SetupException("ConnectionStrings:Billing cannot be read. It is like Host=db;Username=billing;Password=...;Database=billing, and a value with ; or = in it stands in quotes.");
        }
    }

    static NpgsqlDataSource Build(NpgsqlConnectionStringBuilder settings, ILoggerFactory loggers)
    {
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UseLoggerFactory(loggers);
        return builder.Build();
    }
}
