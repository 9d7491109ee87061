using Dapper;
using Npgsql;

namespace Billing.Storage.Tests;

public sealed class PostgresTests(PostgresFixture postgres) : StorageConformance
{
    protected override async Task<StorageOptions> NewDatabase() => new() { PostgresConnectionString = await postgres.Server.NewDatabase() };

    protected override async Task Drop(StorageOptions database)
    {
        var name = new NpgsqlConnectionStringBuilder(database.PostgresConnectionString).Database;
        await using var connection = new NpgsqlConnection(postgres.Server.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = new NpgsqlCommand($"DROP DATABASE {name} WITH (FORCE)", connection);
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    private protected override async Task<IReadOnlyList<(string Name, string Type)>> Columns(TestStore store, string table)
    {
        await using var connection = await store.Database.Open(TestContext.Current.CancellationToken);
        var columns = await connection.QueryAsync<(string, string)>(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = @table", new { table });
        return columns.AsList();
    }

    private protected override string Explain => "EXPLAIN ";

    private protected override string PlanLine(IDictionary<string, object> row) => (string)row["QUERY PLAN"];
}

public sealed class SqliteTests : StorageConformance
{
    protected override Task<StorageOptions> NewDatabase() =>
        Task.FromResult(new StorageOptions { SqlitePath = Path.Combine(Directory.CreateTempSubdirectory("billing-sqlite-").FullName, "billing.db") });

    protected override Task Drop(StorageOptions database)
    {
        Directory.Delete(Path.GetDirectoryName(database.SqlitePath)!, recursive: true);
        return Task.CompletedTask;
    }

    private protected override async Task<IReadOnlyList<(string Name, string Type)>> Columns(TestStore store, string table)
    {
        await using var connection = await store.Database.Open(TestContext.Current.CancellationToken);
        var columns = await connection.QueryAsync<(string, string)>("SELECT name, type FROM pragma_table_info(@table)", new { table });
        return columns.AsList();
    }

    private protected override string Explain => "EXPLAIN QUERY PLAN ";

    private protected override string PlanLine(IDictionary<string, object> row) => (string)row["detail"];
}
