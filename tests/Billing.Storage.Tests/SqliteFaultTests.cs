using Billing.Accounts;
using Billing.Storage.Sqlite;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Billing.Storage.Tests;

/// <summary>What can befall a file.</summary>
public sealed class SqliteFaultTests : IAsyncLifetime
{
    readonly StorageOptions options = new()
    {
        SqlitePath = Path.Combine(Directory.CreateTempSubdirectory("billing-sqlite-").FullName, "deep", "billing.db"),
        CommandTimeout = TimeSpan.FromSeconds(1),
    };

    TestStore store = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        store = new(options);
        await store.Database.ApplySchema(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        Directory.Delete(Path.GetDirectoryName(Path.GetDirectoryName(options.SqlitePath))!, recursive: true);
    }

    [Fact]
    public async Task A_file_that_somebody_else_locks_leaves_nothing_begun_and_reads_go_on()
    {
        await store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 1).With());
        await using (var other = await store.Database.Open(Cancellation))
        {
            await other.ExecuteAsync("BEGIN IMMEDIATE");
            await Assert.ThrowsAsync<StoreBusyException>(() => store.Write(AccountDocument.Kind, "ada", 1, Some.Account("ada", 2).With()));
            Assert.Equal(1, await store.Version(AccountDocument.Kind, "ada"));
            await other.ExecuteAsync("ROLLBACK");
        }

        await store.Write(AccountDocument.Kind, "ada", 1, Some.Account("ada", 2).With());
    }

    [Fact]
    public async Task A_file_that_cannot_be_opened_is_told_in_the_stores_words()
    {
        var other = new StorageOptions { SqlitePath = Path.Combine(Path.GetDirectoryName(options.SqlitePath)!, "gone", "billing.db") };
        await using var gone = new TestStore(other);
        _ = gone.Database;
        Directory.Delete(Path.GetDirectoryName(other.SqlitePath)!);
        await Assert.ThrowsAsync<OutcomeUnknownException>(() => gone.Get<Catalog.PlanReader>().All(Cancellation));
        await Assert.ThrowsAsync<OutcomeUnknownException>(() => gone.Read(AccountDocument.Kind, "ada"));
    }

    [Fact]
    public async Task A_file_that_can_grow_no_more_leaves_the_outcome_unknown_and_nothing_half_written()
    {
        // A trigger that fails the whole transaction, as a full disk would.
        await store.Execute("CREATE TRIGGER full BEFORE INSERT ON journal WHEN NEW.reference = 'last' BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END");
        var writes = Enumerable.Range(0, 8)
            .Select(i => store.Write(AccountDocument.Kind, "k" + i, 0, Some.Account("k", 0).With(Some.Spent(i == 4 ? "last" : "fine"))))
            .ToArray();
        var ends = await Task.WhenAll(writes.Select(async write =>
        {
            try
            {
                await write;
                return true;
            }
            catch (OutcomeUnknownException)
            {
                return false;
            }
        }));
        Assert.False(ends[4]);
        for (var i = 0; i < ends.Length; i++)
        {
            Assert.Equal(ends[i] ? 1 : 0, await store.Version(AccountDocument.Kind, "k" + i));
            Assert.Equal(ends[i] ? 1 : 0, await store.Count("SELECT count(*) FROM journal WHERE key = @key", new { key = "k" + i }));
        }

        await store.Execute("DROP TRIGGER full");
        await store.Write(AccountDocument.Kind, "k4", 0, Some.Account("k", 0).With(Some.Spent("last")));
    }

    /// <summary>Without the lock the schema is there although another host is at work on it.</summary>
    [Fact]
    public async Task A_host_waits_while_another_one_applies_the_schema()
    {
        var clock = new FakeTimeProvider();
        var empty = new StorageOptions { SqlitePath = Path.Combine(Path.GetDirectoryName(options.SqlitePath)!, "empty.db") };
        using var database = new SqliteDatabase(empty, clock, NullLoggerFactory.Instance);
        Task applying;
        await File.WriteAllBytesAsync(empty.SqlitePath + ".schema-lock", [], Cancellation);
        // Held for reading only: whoever waits for this wants the file for itself alone.
        await using (File.OpenRead(empty.SqlitePath + ".schema-lock"))
        {
            applying = database.ApplySchema(Cancellation);
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.False(applying.IsCompleted);
            Assert.False(File.Exists(empty.SqlitePath));
            var patient = database.ApplySchema(Cancellation);
            clock.Advance(empty.SchemaTimeout + TimeSpan.FromSeconds(1));
            await Assert.ThrowsAsync<IOException>(() => patient);
        }

        await Assert.ThrowsAsync<IOException>(() => applying);
        await database.ApplySchema(Cancellation);
        Assert.True(File.Exists(empty.SqlitePath));
    }
}
