using Billing.Accounts;
using Billing.Catalog;
using Billing.Channels;
using Billing.Codes;
using Billing.Orders;
using Billing.Storage.Accounts;
using Billing.Storage.Audit;
using Billing.Storage.Callbacks;
using Billing.Storage.Methods;
using Billing.Storage.Orders;
using Billing.Storage.Search;
using Billing.Storage.Statistics;
using Billing.Unclaimed;
using CsCheck;

namespace Billing.Storage.Tests;

public abstract partial class StorageConformance
{
    [Fact]
    public async Task A_callback_is_found_as_it_was_kept()
    {
        var inbox = store.Get<CallbackStore>();
        CallbackReading[] readings =
        [
            new CallbackReading.PaymentNews("A01", new("shop"), new PaymentState.Paid(new(990, "CNY"), "t\0-1", Some.Noon)),
            new CallbackReading.PaymentNews("A01", new("shop"), new PaymentState.Paid(new(990, "CNY"), "t-2", null)),
            new CallbackReading.PaymentNews("A01", new("shop"), new PaymentState.Pending()),
            new CallbackReading.PaymentNews("A01", new("shop"), new PaymentState.Closed()),
            new CallbackReading.PaymentNews("A01", new("shop"), new PaymentState.NotFound()),
            new CallbackReading.RefundNews("A01", "AR01", new("shop"), new RefundState.Succeeded(new(5, "EUR"), Some.Noon)),
            new CallbackReading.RefundNews("A01", "AR01", new("shop"), new RefundState.Failed("NO_FUNDS")),
            new CallbackReading.RefundNews("A01", "AR01", new("shop"), new RefundState.Pending()),
            new CallbackReading.RefundNews("A01", "AR01", new("shop"), new RefundState.NotFound()),
            .. Enum.GetValues<DisputeStage>().Select(stage => new CallbackReading.DisputeNews("A01", new("shop"), new("D1", stage, new(990, "CNY"), Some.Noon))),
            new CallbackReading.NotOurBusiness("payout"),
        ];
        var kept = readings.Select((reading, i) => Kept("m", Some.Noon.AddSeconds(i), news: CallbackNews.Of(reading), order: "A")).ToList();
        await inbox.Add(kept, Cancellation);
        var found = await inbox.NewestFirst(new(), null, 100, Cancellation);
        Assert.Equal(readings.Length, found.Count);
        foreach (var (reading, stored) in readings.Zip(found.Reverse()))
        {
            // What no database can keep is replaced, because nobody can refuse it any more.
            var expected = reading is CallbackReading.PaymentNews { State: PaymentState.Paid { TransactionId: "t\0-1" } paid } odd
                ? odd with { State = paid with { TransactionId = "t\uFFFD-1" } }
                : reading;
            Assert.Equal(expected is CallbackReading.NotOurBusiness ? null : expected, stored.Record.News?.ToReading());
            Assert.Equal(new Dictionary<string, string?> { ["Content-Type"] = "text/plain", ["X-Signature"] = null }, stored.Record.Content.Headers);
            Assert.Equal(("a=***", "{\"a\":\"b\uFFFD\"}", "POST", "A"), (stored.Record.Content.Query, stored.Record.Content.Body, stored.Record.HttpMethod, stored.Record.OrderNumber));
        }
    }

    [Fact]
    public async Task Callbacks_are_paged_newest_first_and_found_by_what_the_filter_says()
    {
        var inbox = store.Get<CallbackStore>();
        await inbox.Add(
            [
                // Three at a moment: their places decide between them.
                .. Enumerable.Range(0, 9).Select(i => Kept(i % 2 == 0 ? "a" : "b", Some.Noon.AddMinutes(i / 3), (CallbackOutcome)(i % 3), order: i < 6 ? "X" : null)),
            ],
            Cancellation);
        var whole = await inbox.NewestFirst(new(), null, 100, Cancellation);
        foreach (var size in new[] { 1, 2, 4 })
        {
            var positions = new List<long>();
            CallbackCursor? after = null;
            while (await inbox.NewestFirst(new(), after, size, Cancellation) is { Count: > 0 } page)
            {
                positions.AddRange(page.Select(callback => callback.Position));
                after = new(page[^1].Record.ReceivedAt, page[^1].Position);
            }

            Assert.Equal(whole.Select(callback => callback.Position), positions);
        }

        Assert.Equal(9, whole.Count);
        Assert.Equal(6, await Count(new(OrderNumber: "X")));
        Assert.Equal(5, await Count(new(MethodId: "a")));
        Assert.Equal(3, await Count(new(Outcome: CallbackOutcome.Known)));
        Assert.Equal(3, await Count(new(From: Some.Noon.AddMinutes(1), To: Some.Noon.AddMinutes(2))));
        Assert.Equal(1, await Count(new("X", "b", CallbackOutcome.Stored, Some.Noon.AddMinutes(1), Some.Noon.AddMinutes(9))));

        async Task<int> Count(CallbackFilter filter) => (await inbox.NewestFirst(filter, null, 100, Cancellation)).Count;
    }

    [Fact]
    public async Task A_replay_is_found_beside_what_it_repeats_and_old_ones_are_forgotten_piece_by_piece()
    {
        var inbox = store.Get<CallbackStore>();
        await inbox.Add([.. Enumerable.Range(0, 5).Select(i => Kept("m", Some.Noon.AddMinutes(i)))], Cancellation);
        var original = (await inbox.NewestFirst(new(), null, 1, Cancellation))[0];
        var replay = await inbox.Add(original.Record with { ReceivedAt = Some.Noon.AddHours(1), Replay = new(original.Position, "admin:carol", "Lost.") }, Cancellation);
        var replays = (await inbox.ReplaysOf([original.Position, 999], Cancellation))[original.Position];
        Assert.Equal((replay, new CallbackReplay(original.Position, "admin:carol", "Lost.")), (Assert.Single(replays).Position, replays.Single().Record.Replay));
        Assert.Equal([original.Position], (await inbox.Find([original.Position, 999], Cancellation)).Select(callback => callback.Position));

        Assert.Equal(2, await inbox.Forget(Some.Noon.AddMinutes(3), 2, Cancellation));
        Assert.Equal(1, await inbox.Forget(Some.Noon.AddMinutes(3), 2, Cancellation));
        Assert.Equal(0, await inbox.Forget(Some.Noon.AddMinutes(3), 2, Cancellation));
        Assert.Equal(3, await store.Count("SELECT count(*) FROM callbacks"));
    }

    [Fact]
    public async Task Orders_are_found_by_number_reference_and_price()
    {
        await Write("AAAA1", 990, "EUR", new PaymentReceived(Some.Noon, 1, "txn-1", new(990, "EUR"), false));
        await Write("AAAB1", 1990, "EUR", new PaymentHeld(Some.Noon, 1, "txn-2", new(5, "EUR"), WorkItemKind.AmountMismatch, "Why."));
        await Write("BBBB1", 990, "CNY", new PaymentDuplicated(Some.Noon, 1, "txn-3", new(990, "CNY"), "Why."));
        await Write("BBBB2", 2990, "EUR", new PaymentPrepared(Some.Noon, 1, new("https://pay.example", null, "intent-4"), Some.Noon));
        await Place(Some.Order("AAAA2", refusal: new PlanNotFound()));

        Assert.Equal(["AAAA1", "AAAB1"], await Numbers(new(NumberPrefix: "AAA")));
        Assert.Equal(["AAAA1"], await Numbers(new(NumberPrefix: "AAAA")));
        Assert.Equal([], await Numbers(new(NumberPrefix: "%")));
        foreach (var (reference, number) in new[] { ("txn-1", "AAAA1"), ("txn-2", "AAAB1"), ("txn-3", "BBBB1"), ("intent-4", "BBBB2") })
        {
            Assert.Equal([number], await Numbers(new(ProviderReference: reference)));
            Assert.Equal([number], await store.Get<SearchReader>().OrdersOfReference(reference, 10, Cancellation));
        }

        Assert.Equal([], await Numbers(new(ProviderReference: "txn")));
        Assert.Equal([], await Numbers(new(Account: "bob", ProviderReference: "txn-1")));
        Assert.Equal(["AAAB1", "BBBB2"], await Numbers(new(MinimumAmount: new(991, "EUR"))));
        Assert.Equal(["AAAA1", "AAAB1"], await Numbers(new(MaximumAmount: new(1990, "EUR"))));
        Assert.Equal(["AAAB1"], await Numbers(new(MinimumAmount: new(991, "EUR"), MaximumAmount: new(2989, "EUR"))));
        Assert.Equal([], await Numbers(new(MinimumAmount: new(1, "EUR"), MaximumAmount: new(9999, "CNY"))));
        Assert.Equal(["AAAA1", "AAAB1"], await store.Get<SearchReader>().OrdersBeginning("AAA", 10, Cancellation));
        Assert.Equal(["AAAA1"], await store.Get<SearchReader>().OrdersBeginning("AAA", 1, Cancellation));

        var streamed = new List<string>();
        await foreach (var order in store.Get<OrderReader>().Stream(new(MinimumAmount: new(1, "EUR")), Cancellation)) streamed.Add(order.Number);
        Assert.Equal(["AAAA1", "AAAB1", "BBBB2"], streamed);

        Task Write(string number, long price, string currency, OrderEvent happened) =>
            store.Write(OrderDocument.Kind, number, 0, (Some.Order(number) with { Amount = new(price, currency) }).With(happened));

        async Task<IEnumerable<string>> Numbers(OrderFilter filter) =>
            (await store.Get<OrderReader>().OldestFirst(filter, null, 10, Cancellation)).Select(order => order.State.Number);
    }

    [Fact]
    public async Task Codes_are_found_by_their_end_and_batches_by_the_beginning_of_their_name()
    {
        await store.Write(CodeBatchDocument.Kind, "BATCH", 0, Some.Batch("BATCH", "Spring 2026"));
        await store.Write(CodeBatchDocument.Kind, "OTHER", 0, Some.Batch("OTHER", "春节 Ä"));
        await store.Write(CodeBatchDocument.Kind, "REFUSED", 0, Some.Batch("REFUSED", "Spring too", refusal: new VanityCodeTaken()));
        for (var i = 1; i <= 3; i++) await store.Write(CodeDocument.Kind, $"KEY{i}", 0, Some.Code(Some.Issued($"KEY{i}", i)));
        var search = store.Get<SearchReader>();
        Assert.Equal(["KEY2"], (await search.CodesEnding("TA02", 10, Cancellation)).Select(code => code.Key));
        Assert.Empty(await search.CodesEnding("TA0", 10, Cancellation));
        Assert.Equal(["BATCH"], await Batches("sPRING"));
        Assert.Equal(["OTHER"], await Batches("春"));
        Assert.Empty(await Batches("2026"));
        Assert.Empty(await Batches("_"));

        async Task<IEnumerable<string>> Batches(string name) => (await search.BatchesNamed(name, 10, Cancellation)).Select(batch => batch.State.Id);
    }

    [Fact]
    public async Task The_audit_has_what_administrators_did_newest_first_and_nothing_else()
    {
        for (var i = 0; i < 4; i++)
        {
            await store.Write(AccountDocument.Kind, $"a{i}", 0, new()
            {
                State = Some.Account($"a{i}", 0),
                Entries = [new(Some.Spent("x"), Some.Noon.AddMinutes(i / 2), Actor.Administrator("carol")), new(Some.Spent("y"), Some.Noon.AddMinutes(i / 2), Actor.Service("gateway"))],
            });
            await store.Get<ActStore>().Write(
                Some.Noon.AddMinutes(i / 2), Actor.Administrator("dave"), "order", "", "OrdersExported", new Dictionary<string, string?> { ["where"] = "{}" }, Cancellation);
        }

        // A code bears its issuer's name, and is not an act of its own.
        await store.Write(CodeDocument.Kind, "KEY1", 0, new() { State = Code.After(null, Some.Issued("KEY1", 1)), Entries = [new(Some.Issued("KEY1", 1), Some.Noon, Actor.Administrator("carol"))] });
        await store.Write(PlanDocument.Kind, "pro", 0, new() { State = Some.Plan("pro", 1), Entries = [new(new PlanCreated("pro", Some.Plan("pro", 1).Terms, null, null, Some.Noon), Some.Noon.AddHours(1), Actor.Administrator("carol"))] });
        await store.Write(PlanDocument.Kind, "pro", 1, new() { State = Some.Plan("pro", 2), Entries = [new(new PlanUpdated(Some.Plan("pro", 2).Terms, null, "Why."), Some.Noon.AddHours(2), Actor.Administrator("carol"))] });

        var audit = store.Get<AuditReader>();
        var whole = await audit.NewestFirst(new(), null, 100, Cancellation);
        Assert.Equal(10, whole.Count);
        Assert.Equal(whole.OrderByDescending(row => row.At).ThenByDescending(row => row.Source, StringComparer.Ordinal).ThenByDescending(row => row.Position), whole);
        foreach (var size in new[] { 1, 3 })
        {
            var paged = new List<AuditRow>();
            AuditCursor? after = null;
            while (await audit.NewestFirst(new(), after, size, Cancellation) is { Count: > 0 } page)
            {
                paged.AddRange(page);
                after = new(page[^1].At, page[^1].Source, page[^1].Position);
            }

            Assert.Equal(whole, paged);
        }

        Assert.Equal(4, await Count(new(Actor: "admin:dave")));
        Assert.Equal(["PlanUpdated", "PlanCreated"], (await audit.NewestFirst(new(Noun: "plan", Key: "pro"), null, 10, Cancellation)).Select(row => row.Type));
        Assert.Equal(4, await Count(new(From: Some.Noon.AddMinutes(1), To: Some.Noon.AddMinutes(2))));
        Assert.Equal("PlanCreated", (await audit.Previous(whole[0], ["PlanCreated", "PlanUpdated"], Cancellation))?.Type);
        Assert.Null(await audit.Previous(whole[1], ["PlanCreated", "PlanUpdated"], Cancellation));
        Assert.ThrowsAny<Exception>(() => store.Execute("DELETE FROM acts").GetAwaiter().GetResult());

        async Task<int> Count(AuditFilter filter) => (await audit.NewestFirst(filter, null, 100, Cancellation)).Count;
    }

    [Fact]
    public async Task Open_credits_are_added_up_by_origin_and_month()
    {
        var march = Some.Noon.AddDays(1);
        await Account("a", new("order:1", new(5), new(5_000_000), march), new("code:K:1", new(5), new(1), march.AddMonths(1)), new("earlier", new(5), new(7), null));
        await Account("b", new("order:2", new(5), new(2_500_000), march.AddDays(2)), new("adjust:x", new(5), new(3), null));
        await Account("c", new CreditBucket("order:3", new(Credits.Max.Micro), new(Credits.Max.Micro), march));
        OutstandingCredits[] expected =
        [
            new(CreditOrigin.Purchase, new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), 1_000_000_000_007_500_000m, 3),
            new(CreditOrigin.Redemption, new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero), 1, 1),
            new(CreditOrigin.Adjustment, null, 3, 1),
            new(CreditOrigin.Earlier, null, 7, 1),
        ];
        Assert.Equal(expected, await store.Get<OutstandingReader>().Sums(Cancellation));
        await SumUp();
        Assert.Equal(3, await store.Count("SELECT count(*) FROM account_credits WHERE account_id = 'a'"));
        Assert.Equal(expected, await store.Get<OutstandingReader>().Sums(Cancellation));

        // An account that has changed since counts as it is now, and so it does once it is summed up again; one that spent all is gone.
        await Account("a", new CreditBucket("order:1", new(5), new(1_000_000), march));
        await Account("b");
        expected = [expected[0] with { MicroCredits = 1_000_000_000_001_000_000m, Accounts = 2 }];
        Assert.Equal(expected, await store.Get<OutstandingReader>().Sums(Cancellation));
        await SumUp();
        Assert.Equal(expected, await store.Get<OutstandingReader>().Sums(Cancellation));
        Assert.Equal(2, await store.Count("SELECT count(*) FROM account_credits"));

        async Task SumUp() => await store.Get<StatisticsSummary>().Advance(await store.SettledWhole(Cancellation), Cancellation);

        async Task Account(string id, params CreditBucket[] buckets)
        {
            var account = new Account(id, buckets.Aggregate(Credits.Zero, (sum, bucket) => sum + bucket.Remaining), [.. buckets], [], [], Some.Noon);
            var version = await store.Version(AccountDocument.Kind, id);
            await store.Write(AccountDocument.Kind, id, version, account.With(Some.Spent($"r{version}")));
        }
    }

    /// <summary>
    /// Statistics are what a fold over the journal counts, however much of it is summed up already. Without the position in the question, what was summed up counts twice.
    /// </summary>
    [Fact]
    public async Task Statistics_are_a_fold_over_the_journal_however_much_is_summed_up()
    {
        string[] plans = ["starter", "pro"];
        var number = 0;
        var history = new List<(DateTimeOffset At, StatisticKind Kind, string Plan, string Currency, long Amount)>();
        var events = Gen.Select(Gen.Int[0, 4], Gen.Int[0, 6 * 24 * 60], Gen.Int[0, 1], Gen.OneOfConst("CNY", "EUR", "JPY"), Gen.Long[0, 3_000_000_000]).Array[1, 40];
        await events.SampleAsync(
            async some =>
            {
                foreach (var (kind, minute, plan, currency, amount) in some)
                {
                    var (key, at) = ($"S{Interlocked.Increment(ref number):D6}", Some.Noon.AddMinutes(minute).AddSeconds(minute % 60));
                    switch (kind)
                    {
                        case 0:
                            var placed = new OrderPlaced(at, key, new("ada", key, plans[plan], null, null, null), new(plans[plan], new("P"), [], false), new(amount, currency), at, 1, null);
                            await Happen(OrderDocument.Kind, key, Some.Order(key, plan: plans[plan]), placed, at);
                            history.Add((at, StatisticKind.OrdersPlaced, "", "", 0));
                            break;
                        case 1:
                            await Happen(OrderDocument.Kind, key, Some.Order(key, plan: plans[plan]), new PaymentReceived(at, 1, key, new(amount, currency), false), at);
                            history.Add((at, StatisticKind.OrdersPaid, plans[plan], currency, amount));
                            break;
                        case 2:
                            await Refunded(key, at, new(amount, currency));
                            history.Add((at, StatisticKind.Refunds, "", currency, amount));
                            break;
                        case 3:
                            var code = Code.After(null, Some.Issued(key, number, batch: key));
                            await Happen(CodeDocument.Kind, key, code, new RedemptionCredited(at, key), at);
                            history.Add((at, StatisticKind.CodesRedeemed, "", "", 0));
                            break;
                        default:
                            await Happen(AccountDocument.Kind, key, Some.Account(key, 0), new GrantsApplied("r", LedgerKind.Adjustment, new(amount * 1_000), new(amount), key, [], [], [], null, at), at);
                            history.Add((at, StatisticKind.CreditsGranted, "", "", amount * 1_000));
                            break;
                    }
                }

                // Sometimes all of it, sometimes half.
                var summary = store.Get<StatisticsSummary>();
                var settled = await store.SettledWhole(Cancellation);
                if (some.Length % 3 > 0) await summary.Advance(some.Length % 3 == 1 ? settled : settled - (some.Length / 2), Cancellation);
                var boundaries = Enumerable.Range(0, 8).Select(day => Some.Noon.AddDays(day - 1).AddMinutes(15 * (some.Length % 7))).ToList();
                var sums = await store.Get<StatisticsReader>().Sums(boundaries, Cancellation);
                Assert.Equal(7, sums.Count);
                for (var i = 0; i < sums.Count; i++)
                {
                    var expected = history.Where(happened => happened.At >= boundaries[i] && happened.At < boundaries[i + 1])
                        .GroupBy(happened => (happened.Kind, happened.Plan, happened.Currency))
                        .Select(same => new StatisticSum(same.Key.Kind, same.Key.Plan, same.Key.Currency, same.Count(), same.Sum(happened => (decimal)happened.Amount)));
                    Assert.Equal(expected.OrderBy(sum => sum.ToString(), StringComparer.Ordinal), sums[i].OrderBy(sum => sum.ToString(), StringComparer.Ordinal));
                }
            },
            iter: 12, threads: 1);

        Task Happen(DocumentKind kind, string key, object state, object happened, DateTimeOffset at) =>
            store.Write(kind, key, 0, new() { State = state, Entries = [new(happened, at, Actor.System)] });

        // By its stored name: what matters here is how it stands in the journal.
        Task Refunded(string key, DateTimeOffset at, Money amount) => store.Execute(
            $$"""
            INSERT INTO journal (noun, key, version, ordinal, type, at, actor, data)
            VALUES ('order', '{{key}}', 1, 0, 'RefundSucceeded', '{{Sqlite.SqliteTime.Text(at)}}', 'system', '{"number":"{{key}}R01","amount":{"minorUnits":{{amount.MinorUnits}},"currency":"{{amount.Currency}}"} }')
            """);
    }

    /// <summary>Without the condition on the position, both add the same piece, and everything in it counts twice.</summary>
    [Fact]
    public async Task A_piece_of_the_journal_is_summed_up_once_however_many_hosts_try()
    {
        for (var i = 0; i < 40; i++) await store.Write(OrderDocument.Kind, $"P{i:D2}", 0, Some.Order($"P{i:D2}").With(new PaymentReceived(Some.Noon, 1, $"t{i}", new(100, "CNY"), false)));
        var summary = store.Get<StatisticsSummary>();
        var settled = await store.SettledWhole(Cancellation);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => summary.Advance(settled, Cancellation)));
        Assert.Equal((40, 4_000), (await store.Count("SELECT sum(happened) FROM statistics"), await store.Count("SELECT sum(amount_rest) FROM statistics")));
        Assert.Equal(settled, await store.Count("SELECT position FROM statistics_progress"));
    }

    [Fact]
    public async Task How_payment_methods_go_is_told_by_what_is_stored()
    {
        var now = Some.Noon.AddDays(3);
        await Paid("P1", "a", PaymentStatus.Paid, now.AddMinutes(-10));
        await Paid("P2", "a", PaymentStatus.Expired, now.AddHours(-2));
        await Paid("P3", "a", PaymentStatus.Paid, now.AddDays(-2));
        await Paid("P4", "a", PaymentStatus.Pending, now.AddMinutes(-7), new WorkItem("P4-1", WorkItemKind.ProviderSilent, "Why.", now, null));
        await Paid("P5", "a", PaymentStatus.Pending, now.AddMinutes(-3), new WorkItem("P5-1", WorkItemKind.ProviderSilent, "Why.", now, now));
        await Paid("P6", "b", PaymentStatus.Pending, now.AddMinutes(-1));
        await Place(Some.Order("P7", createdAt: now));
        await store.Write(UnclaimedPaymentDocument.Kind, "b:t-1", 0, new UnclaimedPayment(
            "b:t-1", "b", "P1", "t-1", new(5, "EUR"), [new("b:t-1-1", WorkItemKind.UnknownOrder, "Why.", now, null)], now).With());
        var inbox = store.Get<CallbackStore>();
        await inbox.Add(
            [
                Kept("a", now.AddMinutes(-1), CallbackOutcome.Rejected), Kept("a", now.AddMinutes(-5)), Kept("a", now.AddHours(-5), CallbackOutcome.Rejected),
                Kept("a", now.AddDays(-2)), Kept("b", now.AddMinutes(-1), CallbackOutcome.Rejected),
            ],
            Cancellation);
        // What an administrator handed on again is no sign of the provider's.
        var original = (await inbox.NewestFirst(new(MethodId: "a", Outcome: CallbackOutcome.Stored), null, 1, Cancellation))[0];
        await inbox.Add(original.Record with { ReceivedAt = now, Replay = new(original.Position, "admin:carol", "Lost.") }, Cancellation);

        Assert.Equal(
            [
                new(now.AddMinutes(-5), new(2, 1, 3, 1), new(3, 2, 4, 1), 2, now.AddMinutes(-7), 1),
                new(null, new(1, 1, 1, 0), new(1, 1, 1, 0), 1, now.AddMinutes(-1), 1),
                new MethodActivity(null, new(0, 0, 0, 0), new(0, 0, 0, 0), 0, null, 0),
            ],
            await store.Get<MethodActivityReader>().Of(["a", "b", "c"], now, Cancellation));

        Task Paid(string number, string method, PaymentStatus status, DateTimeOffset at, params WorkItem[] items) => store.Write(
            OrderDocument.Kind, number, 0,
            (Some.Order(number, payment: status, createdAt: at, workItems: items) with
            {
                Payments = [new(1, method, new("shop"), new(990, "EUR"), status, null, at, at.AddHours(1), at, 0, false, null)],
            }).With());
    }

    static CallbackRecord Kept(string method, DateTimeOffset at, CallbackOutcome outcome = CallbackOutcome.Stored, CallbackNews? news = null, string? order = null) => new(
        at, method, "POST", new(new Dictionary<string, string?> { ["Content-Type"] = "text/plain", ["X-Signature"] = null }, "a=***", "{\"a\":\"b\ud800\"}"), outcome, null, news, order);
}
