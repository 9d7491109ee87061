using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Billing.Accounts;
using Billing.Orders;
using Billing.Storage.Postgres;
using Billing.Storage.Statistics;
using Billing.Testing;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Billing.Storage.Tests;

/// <summary>What only a server can do to a store: end, drop connections, and answer too late.</summary>
public sealed class PostgresFaultTests(PostgresFixture postgres)
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("LATIN1")]
    [InlineData("SQL_ASCII")]
    public async Task A_database_that_cannot_hold_every_name_is_refused_at_start(string encoding)
    {
        await using var store = new TestStore(new StorageOptions { PostgresConnectionString = await postgres.Server.NewDatabase(encoding: encoding) });
        var refused = await Assert.ThrowsAsync<SetupException>(() => store.Database.ApplySchema(Cancellation));
        Assert.Contains($"has the encoding {encoding}", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(140_017, "The database server is PostgreSQL 14; 15 or later is needed.")]
    [InlineData(150_000, null)]
    [InlineData(180_001, null)]
    public void A_server_that_is_too_old_is_refused_at_start(int version, string? why) => Assert.Equal(why, PostgresDatabase.Unfit(version, "UTF8", "billing"));

    [Fact]
    public void Of_a_connection_string_that_cannot_be_read_nothing_is_repeated()
    {
        var options = new StorageOptions { PostgresConnectionString = "Host=db;Password=first half;second half=x" };
        var refused = Assert.Throws<SetupException>(() => new PostgresDatabase(options, NullLoggerFactory.Instance));
        Assert.DoesNotContain("half", refused.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A reply that came before its commit would be of a version that is not there, and a document without its events would be half a commit.</summary>
    [Fact]
    public async Task A_server_that_dies_in_the_middle_of_commits_makes_no_reply_a_lie()
    {
        await using var server = await PostgresServer.StartOwn();
        var options = new StorageOptions { PostgresConnectionString = await server.NewDatabase() };
        var ends = new ConcurrentDictionary<string, Exception?>();
        await using (var store = new TestStore(options))
        {
            await store.Database.ApplySchema(Cancellation);
            using var stop = new CancellationTokenSource();
            var written = new SemaphoreSlim(0);
            var writers = Enumerable.Range(0, 32).Select(writer => Task.Run(
                async () =>
                {
                    for (var i = 0; !stop.IsCancellationRequested; i++)
                    {
                        var key = $"{writer}-{i}";
                        try
                        {
                            await store.Write(AccountDocument.Kind, key, 0, Some.Account(key, 0).With(Some.Spent("a")));
                            ends[key] = null;
                            written.Release();
                        }
                        catch (Exception exception) when (exception is OutcomeUnknownException or StoreBusyException)
                        {
                            ends[key] = exception;
                            return;
                        }
                    }
                },
                Cancellation)).ToArray();
            for (var i = 0; i < 1_000; i++) await written.WaitAsync(Cancellation);
            await server.Crash();
            await stop.CancelAsync();
            await Task.WhenAll(writers);
            Assert.Contains(ends.Values, end => end is not null);
            // Who reads is told so in the store's words, by a reader and by a grain's storage.
            await Assert.ThrowsAsync<OutcomeUnknownException>(() => store.Get<Catalog.PlanReader>().All(Cancellation));
            await Assert.ThrowsAsync<OutcomeUnknownException>(() => store.Read(AccountDocument.Kind, "none"));

            await server.Up();
            NpgsqlConnection.ClearAllPools();
            // Its connections are new: the store's own find out one by one that theirs are gone.
            await using var after = new TestStore(options);
            foreach (var (key, end) in ends)
            {
                var version = await after.Version(AccountDocument.Kind, key);
                if (end is null) Assert.Equal(1, version);
                if (end is StoreBusyException) Assert.Equal(0, version);
                Assert.Equal(version, await after.Count("SELECT count(*) FROM journal WHERE key = @key", new { key }));
            }

            await store.Write(AccountDocument.Kind, "after", 0, Some.Account("after", 0).With());
        }
    }

    /// <summary>Without the limit on waiting for a lock all sixteen wait until the statement is given up, and none of their outcomes is known.</summary>
    [Fact]
    public async Task A_row_that_a_stranger_holds_locked_stops_its_own_document_alone()
    {
        // A server of its own: a transaction that is open holds up whoever reads the journal, in every database of a server.
        await using var server = await PostgresServer.StartOwn();
        await using var store = new TestStore(new() { PostgresConnectionString = await server.NewDatabase() });
        await store.Database.ApplySchema(Cancellation);
        foreach (var i in Enumerable.Range(0, 16)) await store.Write(AccountDocument.Kind, "account-" + i, 0, Some.Account("account-" + i, 0).With());
        await using (var stranger = await store.Database.Open(Cancellation))
        await using (var transaction = await stranger.BeginTransactionAsync(Cancellation))
        {
            await stranger.ExecuteAsync("SELECT 1 FROM accounts WHERE key = 'account-5' FOR UPDATE", transaction: transaction);
            var ends = await Task.WhenAll(Enumerable.Range(0, 16).Select(async i =>
                await Record.ExceptionAsync(() => store.Write(AccountDocument.Kind, "account-" + i, 1, Some.Account("account-" + i, 1).With(Some.Spent("a"))))));
            Assert.IsType<StoreBusyException>(ends[5]);
            Assert.All(ends.Where((_, i) => i != 5), Assert.Null);
        }

        await store.Write(AccountDocument.Kind, "account-5", 1, Some.Account("account-5", 1).With(Some.Spent("a")));
    }

    /// <summary>Otherwise whoever reads, or downloads slowly, keeps what is paid from being stored.</summary>
    [Fact]
    public async Task Readers_who_hold_every_connection_keep_nobody_from_writing()
    {
        var connection = new NpgsqlConnectionStringBuilder(await postgres.Server.NewDatabase()) { MaxPoolSize = 3 }.ConnectionString;
        await using var store = new TestStore(new() { PostgresConnectionString = connection });
        await store.Database.ApplySchema(Cancellation);
        var readers = new List<System.Data.Common.DbConnection>();
        for (var i = 0; i < 3; i++) readers.Add(await store.Database.Open(Cancellation));
        await store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 0).With());
        foreach (var reader in readers) await reader.DisposeAsync();
        Assert.Equal(1, await store.Version(AccountDocument.Kind, "ada"));
    }

    /// <summary>If a lost connection were taken for "not begun", the caller would be told that nothing happened, and it has.</summary>
    [Fact]
    public async Task An_answer_that_the_network_swallows_leaves_the_outcome_unknown_and_the_write_done()
    {
        var direct = new NpgsqlConnectionStringBuilder(await postgres.Server.NewDatabase());
        await using var proxy = new CuttingProxy(direct.Host!, direct.Port);
        var through = new NpgsqlConnectionStringBuilder(direct.ConnectionString) { Host = "127.0.0.1", Port = proxy.Port, SslMode = SslMode.Disable };
        await using var observer = new TestStore(new() { PostgresConnectionString = direct.ConnectionString });
        await observer.Database.ApplySchema(Cancellation);
        await using var store = new TestStore(new() { PostgresConnectionString = through.ConnectionString, Committers = 1 });
        await store.Write(AccountDocument.Kind, "before", 0, Some.Account("before", 0).With());

        proxy.SwallowsAnswers = true;
        var write = store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 0).With(Some.Spent("a")));
        // The server has it; only then does the connection break.
        while (await observer.Version(AccountDocument.Kind, "ada") == 0) await Task.Yield();
        proxy.Cut();
        await Assert.ThrowsAsync<OutcomeUnknownException>(() => write);
        Assert.Equal(1, await observer.Version(AccountDocument.Kind, "ada"));

        proxy.SwallowsAnswers = false;
        await store.Write(AccountDocument.Kind, "ada", 1, Some.Account("ada", 0).With(Some.Spent("b")));
    }

    [Fact]
    public async Task A_backend_that_is_killed_while_it_waits_leaves_the_outcome_unknown()
    {
        var options = new StorageOptions { PostgresConnectionString = await postgres.Server.NewDatabase(), Committers = 1 };
        await using var store = new TestStore(options);
        await store.Database.ApplySchema(Cancellation);
        await store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 0).With());
        await using var holder = new NpgsqlConnection(options.PostgresConnectionString);
        await holder.OpenAsync(Cancellation);
        await using var transaction = await holder.BeginTransactionAsync(Cancellation);
        await using (var holding = new NpgsqlCommand("SELECT 1 FROM accounts WHERE key = 'ada' FOR UPDATE", holder)) await holding.ExecuteNonQueryAsync(Cancellation);

        var write = store.Write(AccountDocument.Kind, "ada", 1, Some.Account("ada", 1).With());
        await using var killing = new NpgsqlCommand(
            """
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
            """,
            holder);
        while ((long)(await killing.ExecuteScalarAsync(Cancellation))! == 0) await Task.Yield();
        await Assert.ThrowsAsync<OutcomeUnknownException>(() => write);
        await transaction.RollbackAsync(Cancellation);
        await store.Write(AccountDocument.Kind, "ada", 1, Some.Account("ada", 1).With());
    }

    [Fact]
    public async Task A_server_that_cannot_be_reached_leaves_nothing_begun()
    {
        await using var store = new TestStore(new() { PostgresConnectionString = "Host=127.0.0.1;Port=1;Username=nobody;Timeout=2" });
        await Assert.ThrowsAsync<StoreBusyException>(() => store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 1).With()));
    }

    [Fact]
    public async Task The_journal_cannot_be_truncated()
    {
        await using var store = new TestStore(new() { PostgresConnectionString = await postgres.Server.NewDatabase() });
        await store.Database.ApplySchema(Cancellation);
        await Assert.ThrowsAsync<PostgresException>(() => store.Execute("TRUNCATE journal"));
    }

    /// <summary>Passes bytes on between a client and the server, and keeps the server's answers to itself when told to.</summary>
    sealed class CuttingProxy : IAsyncDisposable
    {
        readonly TcpListener listener = new(IPAddress.Loopback, 0);
        readonly ConcurrentBag<TcpClient> sockets = [];
        readonly Task accepting;
        volatile bool swallowing;

        public CuttingProxy(string host, int port)
        {
            listener.Start();
            accepting = Accept(host, port);
        }

        public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public bool SwallowsAnswers
        {
            get => swallowing;
            set => swallowing = value;
        }

        public void Cut()
        {
            while (sockets.TryTake(out var socket)) socket.Dispose();
        }

        public async ValueTask DisposeAsync()
        {
            listener.Stop();
            Cut();
            await accepting;
        }

        async Task Accept(string host, int port)
        {
            var pumps = new List<Task>();
            try
            {
                while (true)
                {
                    var client = await listener.AcceptTcpClientAsync();
                    var server = new TcpClient();
                    await server.ConnectAsync(host, port);
                    sockets.Add(client);
                    sockets.Add(server);
                    pumps.Add(Pump(client.GetStream(), server.GetStream(), () => false));
                    pumps.Add(Pump(server.GetStream(), client.GetStream(), () => swallowing));
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                await Task.WhenAll(pumps);
            }
        }

        static async Task Pump(NetworkStream from, NetworkStream to, Func<bool> swallow)
        {
            var bytes = new byte[16 * 1024];
            try
            {
                while (await from.ReadAsync(bytes) is > 0 and var count)
                {
                    if (!swallow()) await to.WriteAsync(bytes.AsMemory(0, count));
                }
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                // It was cut.
            }
        }
    }

    /// <summary>
    /// Positions are given before they are committed. Without the wait for who was writing, the sums pass over the earlier position, and what is committed there later
    /// is never counted.
    /// </summary>
    [Fact]
    public async Task Statistics_are_summed_up_no_further_than_everything_is_committed()
    {
        var options = new StorageOptions { PostgresConnectionString = await postgres.Server.NewDatabase() };
        await using var store = new TestStore(options);
        await store.Database.ApplySchema(Cancellation);
        await using var slow = new NpgsqlConnection(options.PostgresConnectionString);
        await slow.OpenAsync(Cancellation);
        await using var transaction = await slow.BeginTransactionAsync(Cancellation);
        await using (var insert = new NpgsqlCommand(
            """
            INSERT INTO journal (noun, key, version, ordinal, type, at, actor, data)
            VALUES ('order', 'SLOW', 1, 0, 'PaymentReceived', '2026-03-01Z', 'system', '{"amount":{"minorUnits":1,"currency":"CNY"}}')
            """,
            slow,
            transaction))
        {
            await insert.ExecuteNonQueryAsync(Cancellation);
        }

        await store.Write(OrderDocument.Kind, "FAST", 0, Some.Order("FAST").With(new PaymentReceived(Some.Noon, 1, "t", new(1, "CNY"), false)));
        var summary = store.Get<StatisticsSummary>();
        Assert.Equal(0, await summary.Settled(Cancellation));
        await transaction.CommitAsync(Cancellation);
        Assert.Equal(2, await store.SettledWhole(Cancellation));
        await summary.Advance(2, Cancellation);
        Assert.Equal(2, await store.Count("SELECT sum(happened) FROM statistics"));
    }
}
