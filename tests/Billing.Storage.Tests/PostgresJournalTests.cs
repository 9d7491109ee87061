using Billing.Accounts;
using Billing.Webhooks;
using Npgsql;

namespace Billing.Storage.Tests;

/// <summary>Reading the journal in its order, when rows can be seen in another one.</summary>
public sealed class PostgresJournalTests(PostgresFixture postgres) : IAsyncLifetime
{
    static readonly IReadOnlyList<string> Spends = ["account.CreditsSpent"];

    StorageOptions options = null!;
    TestStore store = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    IWebhookDeliveries Deliveries => store.Get<IWebhookDeliveries>();

    public async ValueTask InitializeAsync()
    {
        options = new() { PostgresConnectionString = await postgres.Server.NewDatabase() };
        store = new(options);
        await store.Database.ApplySchema(Cancellation);
    }

    public ValueTask DisposeAsync() => store.DisposeAsync();

    /// <summary>
    /// A transaction takes a position and stays open; another one takes the next and commits. Without waiting for the first (that is, without
    /// <c>AllHaveEnded</c> in <c>PostgresDatabase</c>), the second row is read, the reader is past the first, and that one is lost.
    /// </summary>
    [Fact]
    public async Task A_row_that_commits_late_is_not_skipped()
    {
        await using var late = await Open();
        await using var transaction = await late.BeginTransactionAsync(Cancellation);
        await Insert(late, "late");
        await store.Write(AccountDocument.Kind, "soon", 0, Some.Account("soon", 0).With(Some.Spent("a")));
        var early = await Deliveries.Read(0, Spends, 10, Cancellation);
        Assert.Empty(early.Rows);
        Assert.Equal(0, early.UpTo);
        await transaction.CommitAsync(Cancellation);
        var all = await Deliveries.ReadSettled(early.UpTo, Spends, 10, Cancellation);
        Assert.Equal(["late", "soon"], all.Rows.Select(row => row.Key));
    }

    [Fact]
    public async Task A_row_that_is_rolled_back_holds_nobody_up()
    {
        await using var late = await Open();
        await using (var transaction = await late.BeginTransactionAsync(Cancellation))
        {
            await Insert(late, "never");
            await store.Write(AccountDocument.Kind, "soon", 0, Some.Account("soon", 0).With(Some.Spent("a")));
            await transaction.RollbackAsync(Cancellation);
        }

        Assert.Equal(["soon"], (await Deliveries.ReadSettled(0, Spends, 10, Cancellation)).Rows.Select(row => row.Key));
    }

    /// <summary>
    /// A position can be taken by a transaction that has no id yet, and could then not be waited for. Without the trigger <c>journal_needs_a_transaction_id</c> this
    /// statement works on its rows, here held up by a lock, and its transaction has no id.
    /// </summary>
    [Fact]
    public async Task Who_adds_a_row_has_a_transaction_id_before_its_position()
    {
        await store.Write(AccountDocument.Kind, "first", 0, Some.Account("first", 0).With(Some.Spent("a")));
        var position = (await Deliveries.ReadSettled(0, Spends, 10, Cancellation)).UpTo;
        await using var late = await Open();
        await using var transaction = await late.BeginTransactionAsync(Cancellation);
        // The row is made only once this key is known: a lock keeps it waiting.
        await using var keeper = await Open();
        await Execute(keeper, "SELECT pg_advisory_lock(42)");
        var inserting = Execute(late, """
            INSERT INTO journal (noun, key, version, ordinal, type, at, actor, data)
            SELECT 'account', CASE WHEN pg_advisory_xact_lock(42) IS NULL THEN '' ELSE 'late' END, 1, 0, 'CreditsSpent', now(), 'system', '{}'
            """);
        await Until("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())", 1);
        var withId = await store.Count(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND backend_xid IS NOT NULL");
        await Execute(keeper, "SELECT pg_advisory_unlock(42)");
        await inserting;
        await transaction.CommitAsync(Cancellation);
        Assert.Equal(1, withId);
        Assert.Equal(["late"], (await Deliveries.ReadSettled(position, Spends, 10, Cancellation)).Rows.Select(row => row.Key));
    }

    async Task Until(string statement, long expected)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (await store.Count(statement) != expected) await Task.Delay(10, limit.Token);
    }

    async Task<NpgsqlConnection> Open()
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(options.PostgresConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync(Cancellation);
        return connection;
    }

    static Task Insert(NpgsqlConnection connection, string key) => Execute(
        connection, $"INSERT INTO journal (noun, key, version, ordinal, type, at, actor, data) VALUES ('account', '{key}', 1, 0, 'CreditsSpent', now(), 'system', '{{}}')");

    static async Task Execute(NpgsqlConnection connection, string statement)
    {
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own text.
        command.CommandText = statement;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(Cancellation);
    }
}
