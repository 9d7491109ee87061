using Billing.Orders;
using Billing.Storage.Callbacks;
using Billing.Storage.Methods;
using Billing.Storage.Orders;
using Billing.Storage.WorkItems;
using Dapper;

namespace Billing.Storage.Tests;

public abstract partial class StorageConformance
{
    /// <summary>
    /// Without the lock around the scripts all but one host fail on tables that exist: on PostgreSQL. On SQLite the waits for the file mostly hide it, and
    /// <see cref="SqliteFaultTests.A_host_waits_while_another_one_applies_the_schema"/> asks for the lock itself.
    /// </summary>
    [Fact]
    public async Task Hosts_that_start_together_apply_the_schema_once()
    {
        for (var round = 0; round < 5; round++)
        {
            var empty = await NewDatabase();
            var hosts = Enumerable.Range(0, 4).Select(_ => new TestStore(empty)).ToArray();
            using var start = new Barrier(hosts.Length);
            await Task.WhenAll(hosts.Select(host => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait(Cancellation);
                    return host.Database.ApplySchema(Cancellation);
                },
                Cancellation,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default).Unwrap()));
            var scripts = typeof(Database).Assembly.GetManifestResourceNames().Count(name => name.Contains($".Schema.{(empty.UsesPostgres ? "Postgres" : "Sqlite")}.", StringComparison.Ordinal));
            Assert.Equal(scripts, await hosts[0].Count("SELECT count(*) FROM schemaversions"));
            foreach (var host in hosts) await host.DisposeAsync();
            await Drop(empty);
        }
    }

    [Fact]
    public async Task A_statement_that_Orleans_would_miss_is_named_at_start()
    {
        await store.Execute("DELETE FROM OrleansQuery WHERE QueryKey IN ('UpsertReminderRowKey', 'WriteToStorageKey')");
        var missing = await Assert.ThrowsAsync<SetupException>(() => store.Database.ApplySchema(Cancellation));
        Assert.Contains("UpsertReminderRowKey, WriteToStorageKey", missing.Message, StringComparison.Ordinal);
    }

    /// <summary>Orders from before they were counted have their work counted.</summary>
    [Fact]
    public async Task An_upgrade_finds_the_work_that_is_there()
    {
        WorkItem Item(string id, DateTimeOffset? resolvedAt) => new(id, WorkItemKind.LatePayment, "Somebody has to look.", Some.Noon, resolvedAt);
        foreach (var order in (Order[])[Some.Order("A", workItems: [Item("A-1", Some.Noon), Item("A-2", null)]), Some.Order("B", workItems: [Item("B-1", Some.Noon)]), Some.Order("C")])
            await Place(order);
        foreach (var undo in (string[])["DROP VIEW work_items", "CREATE VIEW work_items AS SELECT 1 AS one", "DROP INDEX orders_with_work", "ALTER TABLE orders DROP COLUMN all_work_items",
            "CREATE INDEX orders_with_work ON orders (key) WHERE open_work_items > 0",
            "DELETE FROM schemaversions WHERE scriptname LIKE '%.0015-work-and-refunds.sql'"]) await store.Execute(undo);

        await store.Database.ApplySchema(Cancellation);
        Assert.Equal(["A-1", "A-2", "B-1"], (await store.Get<WorkItemReader>().OldestFirst(null, null, null, 9, Cancellation)).Select(found => found.Item.Id));
        // A host of the version before does not count them: what it opens is open all the same.
        await store.Execute("UPDATE orders SET all_work_items = 0 WHERE key = 'A'");
        Assert.Equal(["A-2"], (await store.Get<WorkItemReader>().OldestFirst(true, null, null, 9, Cancellation)).Select(found => found.Item.Id));
        await store.Execute("UPDATE orders SET all_work_items = 2 WHERE key = 'A'");
        foreach (var (key, items) in ((string, int)[])[("A", 2), ("B", 1), ("C", 0)])
            Assert.Equal(items, await store.Count($"SELECT all_work_items FROM orders WHERE key = '{key}'"));
    }

    /// <summary>The columns that a noun declares are those of its table, in their types.</summary>
    [Fact]
    public async Task Tables_have_the_columns_that_their_nouns_declare()
    {
        foreach (var kind in TestStore.Kinds)
        {
            string[] declared =
            [
                "key text", "version integer", "document text", "next_deadline time", "shard integer",
                .. kind.Columns.Select(column => $"{column.Name} {column.Type switch { ColumnType.Text => "text", ColumnType.Long => "integer", _ => "time" }}"),
            ];
            var stored = (await Columns(store, kind.Table)).Select(column => $"{column.Name} {Type(column.Type, column.Name)}");
            Assert.Equal(declared.Order(), stored.Order());
        }

        // SQLite keeps times as text, so that there the name has to tell.
        static string Type(string type, string name) => type.ToUpperInvariant() switch
        {
            "TIMESTAMP WITH TIME ZONE" => "time",
            "TEXT" when name is "next_deadline" || name.EndsWith("_at", StringComparison.Ordinal) => "time",
            "TEXT" or "JSON" => "text",
            "BIGINT" or "INTEGER" => "integer",
            _ => type,
        };
    }

    private protected abstract Task<IReadOnlyList<(string Name, string Type)>> Columns(TestStore store, string table);

    private protected abstract string Explain { get; }

    private protected abstract string PlanLine(IDictionary<string, object> row);

    /// <summary>Without the index on what it asks for, a page reads the whole table.</summary>
    [Fact]
    public async Task Lists_and_deadlines_are_read_from_their_indexes()
    {
        await Fill(4_000);
        // PostgreSQL reads the index alone where it knows the rows to be visible to everybody.
        await store.Execute(options.UsesPostgres ? "VACUUM (ANALYZE) orders" : "ANALYZE orders");
        await Uses("orders_due", Storage.Deadlines.Deadlines.Statement([OrderDocument.Kind]), new Dictionary<string, object>
        {
            ["shards"] = Storage.Deadlines.Deadlines.StoredShards(1, 8),
            ["now"] = Some.Noon.AddMinutes(90),
            ["at"] = Some.Noon.AddMinutes(65),
            ["noun"] = "order",
            ["key"] = "ORDER-000001",
            ["limit"] = 50,
        });
        await Page("orders_of_account", OrderReader.Newest, new(Account: "account-7"));
        await Page("orders_newest", OrderReader.Newest, new());
        await Page("orders_newest", OrderReader.Oldest, new());
        await Page("orders_by_status", OrderReader.Newest, new(Statuses: [OrderStatus.OnHold]));
        await Page("orders_newest", OrderReader.Newest, new(PlanSlug: "starter", MethodId: "m", MinimumAmount: new(1, "EUR"), MaximumAmount: new(9, "EUR")));
        await Page("orders_newest", OrderReader.Newest, new(PlanSlug: "starter", RefundStatuses: [RefundStatus.Failed, RefundStatus.None]), indexAlone: true);
        await Uses("orders_with_work", WorkItemReader.Oldest, new() { ["openedAt"] = DateTimeOffset.MinValue, ["id"] = "", ["limit"] = 20 });
        await store.Execute("ANALYZE journal");
        await Uses("journal_transactions", Storage.Search.SearchReader.OrdersByReference, new() { ["reference"] = "t", ["limit"] = 10 });
        await Uses("journal_provider_references", Storage.Search.SearchReader.OrdersByReference, new() { ["reference"] = "t", ["limit"] = 10 });
        await Uses("journal_of_administrators", AuditStatement(), Storage.Audit.AuditReader.Clauses(new(), null, 10).Parameters);

        // How payment methods go: their newest orders, those that wait, their callbacks, and what needs a person.
        var times = new Dictionary<string, object> { ["hourAgo"] = Some.Noon.AddMinutes(55), ["dayAgo"] = Some.Noon.AddMinutes(50), ["most"] = MethodActivityReader.Most, ["methodId"] = "m" };
        await Uses("orders_newest", MethodActivityReader.Placed, times);
        await Uses("orders_with_work", MethodActivityReader.Work, times);
        // As in life, few of all orders wait for their payment.
        await store.Execute("UPDATE orders SET status = 'COMPLETED' WHERE key >= 'ORDER-000100'");
        await store.Execute(options.UsesPostgres ? "VACUUM (ANALYZE) orders" : "ANALYZE orders");
        await Uses("orders_by_status", MethodActivityReader.Waiting, times);
        await store.Get<CallbackStore>().Add([.. Enumerable.Range(0, 4_000).Select(i => Kept(
            i % 100 == 0 ? "m" : "other", Some.Noon.AddSeconds(i), i % 100 == 50 ? CallbackOutcome.Rejected : CallbackOutcome.Stored))], Cancellation);
        await store.Execute(options.UsesPostgres ? "VACUUM (ANALYZE) callbacks" : "ANALYZE callbacks");
        await Uses("callbacks_of_method", MethodActivityReader.Callbacks, times);
        await Uses("callbacks_of_method", MethodActivityReader.LastBelieved, times);
        await Inbox("callbacks_newest", new(), 4_000);
        await Inbox("callbacks_newest", new(Outcome: CallbackOutcome.Stored), 3_960);
        await Inbox("callbacks_by_outcome", new(Outcome: CallbackOutcome.Rejected), 40);

        async Task Inbox(string index, CallbackFilter filter, int many)
        {
            var (clauses, parameters) = CallbackStore.Clauses(filter, null, 50);
            await Uses(index, CallbackStore.Newest.Replace("/* filter */", clauses, StringComparison.Ordinal), parameters);
            Assert.Equal(many, (await store.Get<CallbackStore>().NewestFirst(filter, null, 5_000, Cancellation)).Count);
        }

        // With the words of both for "nothing else was read".
        Task Page(string index, string statement, OrderFilter filter, bool indexAlone = false)
        {
            var (clauses, parameters) = OrderReader.Clauses(filter);
            parameters["createdAt"] = Some.Noon.AddMinutes(30);
            parameters["key"] = "ORDER-002000";
            parameters["limit"] = 50;
            return Uses(!indexAlone ? index : options.UsesPostgres ? $"Index Only Scan using {index}" : $"COVERING INDEX {index}", statement.Replace("/* filter */", clauses, StringComparison.Ordinal), parameters);
        }
    }

    static string AuditStatement() => Storage.Audit.AuditReader.Newest.Replace("/* filter */", "", StringComparison.Ordinal);

    async Task Uses(string index, string statement, Dictionary<string, object> parameters)
    {
        var plan = string.Join('\n', await Plan(statement, parameters));
        Assert.True(plan.Contains(index, StringComparison.Ordinal), $"{index} is not in the plan:\n{plan}");
    }

    async Task<IEnumerable<string>> Plan(string statement, Dictionary<string, object> parameters)
    {
        _ = new Reader(store.Database);
        await using var connection = await store.Database.Open(Cancellation);
        var rows = await connection.QueryAsync(Explain + store.Database.Words(statement), parameters);
        return rows.Select(row => PlanLine((IDictionary<string, object>)row));
    }

    /// <summary>Orders of a hundred accounts, a second apart; every hundredth waits for a person.</summary>
    async Task Fill(int count)
    {
        await Task.WhenAll(Enumerable.Range(0, count).Select(i =>
        {
            var number = $"ORDER-{i:D6}";
            var payment = i % 100 == 0 ? PaymentStatus.Held : PaymentStatus.Unpaid;
            var order = Some.Order(number, $"account-{i % 100}", payment, createdAt: Some.Noon.AddSeconds(i), expiresAt: Some.Noon.AddHours(1).AddSeconds(i));
            return store.Write(OrderDocument.Kind, number, 0, order.With(new PaymentReceived(Some.Noon, 1, $"t{i}", new(990, "EUR"), false)));
        }));
    }
}
