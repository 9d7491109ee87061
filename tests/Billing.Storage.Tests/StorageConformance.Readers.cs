using Billing.Accounts;
using Billing.Catalog;
using Billing.Deadlines;
using Billing.Orders;
using Billing.Storage.Accounts;
using Billing.Storage.Catalog;
using Billing.Storage.Orders;
using Billing.Storage.Verify;
using Billing.Storage.WorkItems;
using Billing.Unclaimed;

namespace Billing.Storage.Tests;

public abstract partial class StorageConformance
{
    [Fact]
    public async Task Pages_of_orders_leave_none_out_and_show_none_twice_either_way()
    {
        // Three at each moment: the number decides between them.
        for (var i = 0; i < 12; i++)
        {
            await Place(Some.Order($"N{i:D2}", createdAt: Some.Noon.AddMinutes(i / 3)));
        }

        await Place(Some.Order("OTHER", "bob"));
        await Place(Some.Order("REFUSED", refusal: new PlanSoldOut()));
        var reader = store.Get<OrderReader>();
        foreach (var size in new[] { 1, 2, 5, 100 })
        {
            var newest = await Pages(after => reader.NewestFirst(new(Account: "ada"), after, size, Cancellation));
            Assert.Equal(Enumerable.Range(0, 12).Reverse().Select(i => $"N{i:D2}"), newest);
            var oldest = await Pages(after => reader.OldestFirst(new(Account: "ada"), after, size, Cancellation));
            Assert.Equal(Enumerable.Range(0, 12).Select(i => $"N{i:D2}"), oldest);
        }

        Assert.Equal(13, (await Pages(after => reader.NewestFirst(new(), after, 4, Cancellation))).Count);
        Assert.Equal((13, 12, 5), (
            await reader.Count(new(), 100, Cancellation), await reader.Count(new(Account: "ada"), 100, Cancellation), await reader.Count(new(), 5, Cancellation)));

        static async Task<List<string>> Pages(Func<OrderCursor?, Task<IReadOnlyList<Versioned<Order>>>> page)
        {
            var numbers = new List<string>();
            OrderCursor? after = null;
            while (await page(after) is { Count: > 0 } orders)
            {
                numbers.AddRange(orders.Select(order => order.State.Number));
                after = new(orders[^1].State.CreatedAt, orders[^1].State.Number);
            }

            return numbers;
        }
    }

    [Fact]
    public async Task Orders_are_found_by_what_the_filter_says()
    {
        await Place(Some.Order("A1", payment: PaymentStatus.Expired, plan: "pro"));
        await Place(Some.Order("A2", payment: PaymentStatus.Unpaid, createdAt: Some.Noon.AddMinutes(1)));
        await Place(Some.Order("B1", "bob", PaymentStatus.Held, createdAt: Some.Noon.AddMinutes(2)) with { Payments = [Attempt("alipay-main")] });
        await Place(Some.Order("B2", "bob", PaymentStatus.Unpaid, createdAt: Some.Noon.AddMinutes(3), refusal: new PlanNotFound()));

        Assert.Equal(["A1"], await Numbers(new(Statuses: [OrderStatus.Expired])));
        Assert.Equal(["B1", "A1"], await Numbers(new(Statuses: [OrderStatus.Expired, OrderStatus.OnHold])));
        Assert.Equal([], await Numbers(new(Statuses: [])));
        Assert.Equal(["A2"], await Numbers(new(PaymentStatuses: [PaymentStatus.Unpaid])));
        Assert.Equal(["A1"], await Numbers(new(PlanSlug: "pro")));
        Assert.Equal(["B1"], await Numbers(new(MethodId: "alipay-main")));
        Assert.Equal(["B1", "A2"], await Numbers(new(CreatedFrom: Some.Noon.AddMinutes(1))));
        Assert.Equal(["A1"], await Numbers(new(CreatedTo: Some.Noon.AddMinutes(1))));
        Assert.Equal(["A2", "A1"], await Numbers(new(Search: "A")));
        Assert.Equal(["A1"], await Numbers(new(Search: "A1")));
        Assert.Equal(["B1"], await Numbers(new(Search: "bob")));
        Assert.Equal([], await Numbers(new(Search: "%")));

        var found = await store.Get<OrderReader>().Find(["A1", "B2", "missing"], Cancellation);
        Assert.Equal(["A1"], found.Keys);
        Assert.Equal(("A1", 1L), (found["A1"].State.Number, found["A1"].Version));
        Assert.Empty(await store.Get<OrderReader>().Find([], Cancellation));

        static Payment Attempt(string method) => new(
            1, method, new("merchant"), new(990, "EUR"), PaymentStatus.Held, null, Some.Noon, Some.Noon, Some.Noon, 0, false, null);

        async Task<IEnumerable<string>> Numbers(OrderFilter filter) =>
            (await store.Get<OrderReader>().NewestFirst(filter, null, 10, Cancellation)).Select(order => order.State.Number);
    }

    [Fact]
    public async Task A_timeline_is_in_the_order_in_which_it_happened()
    {
        await store.Write(OrderDocument.Kind, "A", 0, Some.Order("A").With(new StockSecured(Some.Noon), new OrderExpired(Some.Noon)));
        await store.Write(OrderDocument.Kind, "B", 0, Some.Order("B").With(new OrderCancelled(Some.Noon)));
        await store.Write(OrderDocument.Kind, "A", 1, Some.Order("A").With(new OrderFulfilled(Some.Noon)));
        var timelines = await store.Get<OrderReader>().Timeline(["B", "A", "missing"], Cancellation);
        Assert.Equal([typeof(StockSecured), typeof(OrderExpired), typeof(OrderFulfilled)], timelines["A"].Select(entry => entry.Event.GetType()));
        Assert.Equal([(1, 0), (1, 1), (2, 0)], timelines["A"].Select(entry => (entry.Version, entry.Ordinal)));
        Assert.IsType<OrderCancelled>(Assert.Single(timelines["B"]).Event);
        Assert.Empty(timelines["missing"]);
    }

    [Fact]
    public async Task A_ledger_is_paged_newest_first_and_found_by_reference()
    {
        await store.Write(AccountDocument.Kind, "bob", 0, Some.Account("bob", 0).With(Some.Spent("bobs")));
        for (var version = 0; version < 4; version++)
        {
            await store.Write(
                AccountDocument.Kind, "ada", version,
                Some.Account("ada", 0).With(Some.Spent($"{version}a", -5, 9, "for tea"), Some.Spent($"{version}b"), Some.Spent($"{version}c")));
        }

        var ledger = store.Get<LedgerReader>();
        var references = new List<string>();
        LedgerCursor? after = null;
        while (await ledger.NewestFirst("ada", after, 5, Cancellation) is { Count: > 0 } page)
        {
            references.AddRange(page.Select(line => line.Entry.Reference));
            after = page[^1].Cursor;
        }

        Assert.Equal(["3c", "3b", "3a", "2c", "2b", "2a", "1c", "1b", "1a", "0c", "0b", "0a"], references);
        var entry = await store.Get<ILedger>().Find("ada", "1a", Cancellation);
        Assert.Equal(new LedgerEntry("ada", "1a", LedgerKind.Spend, new(-5), new(9), "for tea", Some.Noon), entry);
        Assert.Null(await store.Get<ILedger>().Find("ada", "bobs", Cancellation));
        var lines = await ledger.Find([("ada", "1a"), ("ada", "bobs"), ("bob", "bobs"), ("bob", "1a"), ("eve", "1a")], Cancellation);
        Assert.Equal([("ada", "1a"), ("bob", "bobs")], lines.Keys.Order());
        Assert.Equal(entry, lines[("ada", "1a")]);
        Assert.Equal(12 * 1, await store.Count("SELECT count(*) FROM ledger WHERE account_id = 'ada' AND credits_micro < 0"));
    }

    [Fact]
    public async Task A_plans_journal_knows_what_was_taken_of_it()
    {
        await store.Write(PlanDocument.Kind, "a", 0, Some.Plan("a", 1).With(new StockTaken("taken:1:1")));
        await store.Write(PlanDocument.Kind, "b", 0, Some.Plan("b", 2).With(new StockTaken("taken:2:1")));
        var reservations = store.Get<IReservations>();
        Assert.True(await reservations.Has("a", "taken:1:1", Cancellation));
        Assert.False(await reservations.Has("a", "taken:2:1", Cancellation));
        Assert.False(await reservations.Has("c", "taken:1:1", Cancellation));
    }

    [Fact]
    public async Task Plans_come_in_the_shops_order()
    {
        await store.Write(PlanDocument.Kind, "c", 0, Some.Plan("c", 1).With());
        await store.Write(PlanDocument.Kind, "b", 0, Some.Plan("b", 2).With());
        await store.Write(PlanDocument.Kind, "a", 0, Some.Plan("a", 2).With());
        Assert.Equal(["c", "a", "b"], (await store.Get<PlanReader>().All(Cancellation)).Select(plan => plan.State.Slug));
        Assert.Equal(["a", "c"], (await store.Get<PlanReader>().Find(["c", "none", "a"], Cancellation)).Keys.Order());
    }

    [Fact]
    public async Task Work_items_are_paged_oldest_first_over_all_nouns()
    {
        WorkItem Item(string id, int minute, WorkItemKind kind, bool resolved = false) =>
            new(id, kind, "Somebody has to look.", Some.Noon.AddMinutes(minute).AddMicroseconds(minute * 10), resolved ? Some.Noon.AddHours(1) : null);
        await Place(Some.Order("A", workItems: [Item("A-1", 3, WorkItemKind.AmountMismatch), Item("A-2", 1, WorkItemKind.LatePayment, resolved: true)]));
        await Place(Some.Order("B", workItems: [Item("B-1", 2, WorkItemKind.LatePayment, resolved: true)]));
        await Place(Some.Order("C"));
        await store.Write(UnclaimedPaymentDocument.Kind, "m:t-1", 0, new UnclaimedPayment(
            "m:t-1", "m", "P1", "t-1", new(5, "EUR"), [Item("m:t-1-1", 2, WorkItemKind.UnknownOrder)], Some.Noon).With());

        Assert.Equal(["m:t-1-1", "A-1"], await Ids(true, null));
        Assert.Equal(["A-2", "B-1"], await Ids(false, null));
        Assert.Equal(["A-2", "B-1", "m:t-1-1", "A-1"], await Ids(null, null));
        Assert.Equal(["A-1"], await Ids(true, [WorkItemKind.AmountMismatch, WorkItemKind.LatePayment]));
        Assert.Equal(
            [new OpenWorkItems(WorkItemKind.AmountMismatch, 1, Item("A-1", 3, WorkItemKind.AmountMismatch).OpenedAt), new(WorkItemKind.UnknownOrder, 1, Item("m:t-1-1", 2, WorkItemKind.UnknownOrder).OpenedAt)],
            await store.Get<WorkItemReader>().CountOpen(Cancellation));
        var found = await store.Get<WorkItemReader>().Find(["A-1", "m:t-1-1", "A-9", "nonsense"], Cancellation);
        Assert.Equal(
            [("order", "A", Item("A-1", 3, WorkItemKind.AmountMismatch)), ("unclaimed-payment", "m:t-1", Item("m:t-1-1", 2, WorkItemKind.UnknownOrder))],
            found.OrderBy(item => item.Noun).Select(item => (item.Noun, item.Key, item.Item)));

        async Task<List<string>> Ids(bool? open, WorkItemKind[]? kinds)
        {
            var ids = new List<string>();
            WorkItemCursor? after = null;
            while (await store.Get<WorkItemReader>().OldestFirst(open, kinds, after, 1, Cancellation) is { Count: > 0 } page)
            {
                ids.AddRange(page.Select(found => found.Item.Id));
                after = new(page[^1].Item.OpenedAt, page[^1].Item.Id);
            }

            return ids;
        }
    }

    [Fact]
    public async Task What_is_due_falls_to_one_shard_each_oldest_first_over_all_nouns()
    {
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => i % 2 == 0
            ? Place(Some.Order($"O{i:D2}", expiresAt: Some.Noon.AddSeconds(i / 6)))
            : store.Write(AccountDocument.Kind, $"a{i:D2}", 0, Some.Account($"a{i:D2}", 5, Some.Noon.AddSeconds(i / 6)).With())));
        await Place(Some.Order("LATER", expiresAt: Some.Noon.AddHours(1)));
        await store.Write(AccountDocument.Kind, "never", 0, Some.Account("never", 5).With());

        var deadlines = store.Get<IDeadlines>();
        var all = new List<DueDocument>();
        for (var shard = 0; shard < 4; shard++)
        {
            var ofShard = new List<DueDocument>();
            while (await deadlines.Due(shard, 4, Some.Noon.AddMinutes(1), ofShard.LastOrDefault(), 3, Cancellation) is { Count: > 0 } page) ofShard.AddRange(page);
            Assert.Equal(ofShard.OrderBy(due => due.At).ThenBy(due => due.Noun, StringComparer.Ordinal).ThenBy(due => due.Key, StringComparer.Ordinal), ofShard);
            all.AddRange(ofShard);
        }

        Assert.Equal(
            Enumerable.Range(0, 60).Select(i => (i % 2 == 0 ? "order" : "account", i % 2 == 0 ? $"O{i:D2}" : $"a{i:D2}", Some.Noon.AddSeconds(i / 6))).Order(),
            all.Select(due => (due.Noun, due.Key, due.At)).Order());
    }

    [Fact]
    public async Task A_history_is_each_document_and_then_its_events()
    {
        await store.Write(AccountDocument.Kind, "b", 0, Some.Account("b", 1).With(Some.Spent("b1"), Some.Spent("b2")));
        await store.Write(AccountDocument.Kind, "a", 0, Some.Account("a", 1).With(Some.Spent("a1")));
        await store.Write(AccountDocument.Kind, "b", 1, Some.Account("b", 0).With(Some.Spent("b3")));
        await store.Write(AccountDocument.Kind, "Ä", 0, Some.Account("Ä", 0).With());
        await Place(Some.Order("A"));
        var rows = new List<string>();
        await foreach (var row in store.Get<JournalReader>().Read(AccountDocument.Kind, Cancellation))
        {
            rows.Add(row switch
            {
                StoredRow stored => $"{stored.Key} {stored.Version} {((Account)AccountDocument.Kind.ReadState(stored.Json)).Balance.Micro}",
                EventRow happened => $"{happened.Key} {happened.Version}.{happened.Ordinal} {((AccountEvent)AccountDocument.Kind.ReadEvent(happened.Type, happened.Data)).Reference}",
                _ => "",
            });
        }

        Assert.Equal(["a 1 1", "a 1.0 a1", "b 2 0", "b 1.0 b1", "b 1.1 b2", "b 2.0 b3", "Ä 1 0"], rows);
    }

    Task Place(Order order) => store.Write(OrderDocument.Kind, order.Number, 0, order.With());
}
