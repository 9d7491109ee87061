using System.Data.Common;
using System.Globalization;
using Billing.Testing;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Billing.EndToEnd.Hosts;

/// <summary>A database of a test's own: how a host is told of it, and what it holds.</summary>
public sealed class TestDatabase : IDisposable
{
    readonly string? folder;
    readonly string? postgres;

    TestDatabase(string? folder, string? postgres)
    {
        this.folder = folder;
        this.postgres = postgres;
    }

    public static async Task<TestDatabase> New(Engine engine, PostgresServer server) => engine == Engine.Sqlite
        ? new(Directory.CreateTempSubdirectory("billing-end-to-end-").FullName, null)
        : new(null, await server.NewDatabase());

    /// <summary>Another one that holds the same. Nobody may be connected to this one.</summary>
    public async Task<TestDatabase> Copy(PostgresServer server)
    {
        if (postgres is not null) return new(null, await server.NewDatabase(postgres));
        var copy = Directory.CreateTempSubdirectory("billing-end-to-end-").FullName;
        // With what is not yet in the file itself.
        foreach (var file in Directory.GetFiles(folder!)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return new(copy, null);
    }

    /// <summary>The host's settings for it.</summary>
    public IEnumerable<KeyValuePair<string, string>> Settings =>
        postgres is not null ? [new("ConnectionStrings__Billing", postgres)] : [new("Billing__Storage__SqlitePath", SqlitePath)];

    /// <summary>The file of an embedded database.</summary>
    public string SqlitePath => Path.Combine(folder!, "billing.db");

    /// <summary>The one number that a query gives.</summary>
    public async Task<long> Number(string sql)
    {
        await using DbConnection connection = postgres is not null
            ? new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres) { Pooling = false }.ConnectionString)
            : new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = SqlitePath, Mode = SqliteOpenMode.ReadOnly, Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own text.
        command.CommandText = sql;
#pragma warning restore CA2100
        return Convert.ToInt64(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken), CultureInfo.InvariantCulture);
    }

    /// <summary>Changes what is stored behind the service's back.</summary>
    public async Task Execute(string sql)
    {
        await using DbConnection connection = postgres is not null
            ? new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres) { Pooling = false }.ConnectionString)
            : new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = SqlitePath, Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own text.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Has the server count statements from now on; PostgreSQL only, with its own extension for it.</summary>
    public async Task CountStatements()
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(postgres) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand("CREATE EXTENSION pg_stat_statements", connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>How many statements that have these words this database was asked so far, but for those that ask for this number.</summary>
    public Task<long> Statements(string words = "") => Number(
        $"""
        SELECT COALESCE(SUM(calls), 0) FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid
        WHERE datname = current_database() AND query NOT LIKE '%pg_stat_statements%' AND query LIKE '%{words}%'
        """);

    /// <summary>What must stay the same when something was refused without a trace: all documents and their versions, what was refused by a rule left out.</summary>
    public async Task<Contents> Contents() => new(
        await Number("SELECT COUNT(*) FROM orders WHERE status <> 'REFUSED'"),
        await Number("SELECT COALESCE(SUM(version), 0) FROM accounts"),
        await Number("SELECT COALESCE(SUM(balance_micro), 0) FROM accounts"),
        await Number("SELECT COUNT(*) FROM unclaimed_payments"),
        await Number("SELECT COUNT(*) FROM journal WHERE type NOT IN ('OrderRefused', 'PaymentAsked')"));

    public void Dispose()
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
    }
}

/// <summary>How much a database holds.</summary>
public sealed record Contents(long Orders, long AccountVersions, long Balances, long Unclaimed, long Events);
