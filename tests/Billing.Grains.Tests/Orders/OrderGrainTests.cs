using System.Reflection;
using System.Threading.Channels;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Channels;
using Billing.Deadlines;
using Billing.Orders;
using Billing.Tests.Cluster;

namespace Billing.Tests.Orders;

[Collection(nameof(BillingCluster))]
public class OrderGrainTests(BillingCluster cluster)
{
    static readonly Money Price = BillingCluster.Price;

    // Of real time; what is waited for does not end in it, however long that is.
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task An_order_is_placed_prepared_paid_and_credited()
    {
        var (method, channel) = cluster.Method();
        var (wish, order) = cluster.Wish(await cluster.Plan(), methodId: method);
        var placed = (await order.Place(wish)).Value!;
        Assert.False(placed.Replayed);
        Assert.Equal($"https://pay.example/{placed.Order.State.Number}01", placed.Order.State.CurrentPayment!.Checkout!.RedirectUrl);
        Assert.Equal(NewsVerdict.Stored, await Hear(order, method));
        await Completed(order);
        Assert.Equal(Credits.Whole(1_000), await Balance(wish.Account));
        Assert.Equal(["create 01"], channel.Calls);
        Assert.Equal(NewsVerdict.Known, await Hear(order, method));
    }

    [Fact]
    public async Task The_same_key_is_the_same_order_and_another_wish_under_it_is_refused()
    {
        var (wish, order) = cluster.Wish(await cluster.Plan());
        var first = (await order.Place(wish)).Value!;
        var again = (await order.Place(wish)).Value!;
        Assert.True(again.Replayed);
        Assert.Equal((first.Order.State.Number, first.Order.Version), (again.Order.State.Number, again.Order.Version));
        Assert.Equal(["planSlug"], Assert.IsType<IdempotencyKeyReused>((await order.Place(wish with { PlanSlug = "other" })).Refusal).Differs);
    }

    /// <summary>In one silo, the grain itself is the guard: it decides one after the other.</summary>
    [Fact]
    public async Task The_same_wish_many_times_at_once_is_one_order()
    {
        var (wish, order) = cluster.Wish(await cluster.Plan());
        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => order.Place(wish)));
        Assert.Single(replies, reply => !reply.Value!.Replayed);
        Assert.Single(cluster.Store.Journal(OrderDocument.Noun, Number(wish)));
    }

    [Fact]
    public async Task The_same_wish_in_two_silos_that_do_not_know_of_each_other_is_one_order()
    {
        var twin = await cluster.Twin();
        for (var round = 0; round < 10; round++) Assert.Equal(1, await TimesPlaced(twin));
    }

    /// <summary>Between silos, the document's version is the guard, and nothing else is.</summary>
    [Fact]
    public async Task Without_the_version_it_would_be_placed_twice()
    {
        var twin = await cluster.Twin();
        using (cluster.Store.Without(Guards.Versions)) Assert.Equal(2, await TimesPlaced(twin));
    }

    async Task<int> TimesPlaced(BillingCluster twin)
    {
        var (wish, _) = cluster.Wish(await cluster.Plan());
        await cluster.Meeting(OrderDocument.Noun, Number(wish), () => Task.WhenAll(Enumerable.Range(0, 20)
            .Select(n => BillingCluster.Repeated(() => In(n % 2 == 0 ? cluster : twin, wish).Place(wish)))));
        return cluster.Store.Journal(OrderDocument.Noun, Number(wish)).Count(happened => happened is OrderPlaced);
    }

    /// <summary>An order is begun without having been read: what was there before must not be taken for nothing.</summary>
    [Fact]
    public async Task A_wish_that_comes_again_when_its_order_has_left_memory_is_the_same_order()
    {
        var (wish, order) = cluster.Wish(await cluster.Plan());
        var first = (await order.Place(wish)).Value!;
        for (var round = 0; round < 5; round++)
        {
            await cluster.Deactivate(order);
            var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => order.Place(wish)));
            Assert.All(replies, reply => Assert.Equal((true, first.Order.Version), (reply.Value!.Replayed, reply.Value.Order.Version)));
        }

        await cluster.Deactivate(order);
        Assert.Equal(["planSlug"], Assert.IsType<IdempotencyKeyReused>((await order.Place(wish with { PlanSlug = "other" })).Refusal).Differs);
        Assert.Single(cluster.Store.Journal(OrderDocument.Noun, Number(wish)));
    }

    [Fact]
    public async Task Whatever_is_asked_first_of_an_order_that_left_memory_is_answered_from_the_store()
    {
        var (method, _) = cluster.Method();
        var (wish, order) = cluster.Wish(await cluster.Plan());
        await order.Place(wish);
        var account = Actor.Account(wish.Account);
        foreach (var ask in new Func<Task<bool>>[]
        {
            async () => await order.Get() is not null,
            async () => (await order.Refresh(account)).Value is not null,
            async () => (await order.StartPayment(method, account)).Value is not null,
            async () => await Hear(order, method) == NewsVerdict.Stored,
            async () => (await order.Cancel(account)).Refusal is OrderNotCancellable,
            async () => (await order.Place(wish)).Value!.Replayed,
        })
        {
            await cluster.Deactivate(order);
            Assert.True(await ask());
        }

        await Completed(order);
    }

    [Fact]
    public async Task A_reader_beside_a_wish_that_comes_again_sees_the_order_and_disturbs_nobody()
    {
        var (wish, order) = cluster.Wish(await cluster.Plan());
        await order.Place(wish);
        for (var round = 0; round < 10; round++)
        {
            await cluster.Deactivate(order);
            using (var hold = cluster.Faults.Holding(OrderDocument.Noun, Number(wish)))
            {
                var again = order.Place(wish);
                await hold.Arrival();
                Assert.NotNull(await order.Get());
                hold.Dispose();
                Assert.True((await again).Value!.Replayed);
            }
        }
    }

    [Fact]
    public async Task A_wish_under_a_foreign_number_is_a_bug()
    {
        var (wish, _) = cluster.Wish(await cluster.Plan());
        var (_, other) = cluster.Wish("any");
        await Assert.ThrowsAsync<ArgumentException>(() => other.Place(wish));
    }

    [Fact]
    public async Task A_chosen_amount_of_an_unknown_plan_is_answered_and_so_is_its_repeat()
    {
        var (method, channel) = cluster.Method();
        channel.Traits = channel.Traits with { CreatesWithoutCall = true };
        var (wish, _) = cluster.Wish("no-such-plan", methodId: method);
        wish = wish with { Amount = Price };
        var order = cluster.Grains.GetGrain<IOrderGrain>(Number(wish));
        Assert.IsType<PlanNotFound>((await order.Place(wish)).Refusal);
        Assert.IsType<PlanNotFound>((await order.Place(wish)).Refusal);
        Assert.Null(await order.Get());
        Assert.IsType<OrderNotFound>((await order.Cancel(Actor.System)).Refusal);
        Assert.Empty(channel.Calls);
    }

    [Fact]
    public async Task Of_fifty_orders_at_once_no_more_are_open_than_the_limit()
    {
        var replies = await PlaceFifty();
        Assert.Equal(10, replies.Count(reply => reply.Value is not null));
        Assert.All(replies.Where(reply => reply.Value is null), reply => Assert.Equal(10, Assert.IsType<TooManyOpenOrders>(reply.Refusal).Limit));
    }

    /// <summary>The limit rests on the unique index and on nothing else: without it, more orders are open.</summary>
    [Fact]
    public async Task Without_the_unique_index_the_limit_would_not_hold()
    {
        using (cluster.Store.Without(Guards.SlotIndexes)) Assert.All(await PlaceFifty(), reply => Assert.NotNull(reply.Value));
    }

    [Fact]
    public async Task A_cancelled_order_makes_room_for_another()
    {
        var account = cluster.Name("account");
        var plan = await cluster.Plan();
        var orders = Enumerable.Range(0, 10).Select(_ => cluster.Wish(plan, account)).ToList();
        foreach (var (wish, order) in orders) Assert.NotNull((await order.Place(wish)).Value);
        var (refused, another) = cluster.Wish(plan, account);
        Assert.Equal(orders.Select(order => Number(order.Wish)).Order(),
            Assert.IsType<TooManyOpenOrders>((await another.Place(refused)).Refusal).OpenOrders.Order());
        await orders[3].Order.Cancel(Actor.Account(account));
        var (wanted, last) = cluster.Wish(plan, account);
        Assert.NotNull((await last.Place(wanted)).Value);
    }

    /// <summary>In one silo, the plan's grain is the guard: it counts one after the other.</summary>
    [Fact]
    public async Task Of_twenty_orders_for_five_pieces_five_are_placed()
    {
        var plan = await cluster.Plan(stock: 5);
        var replies = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => cluster.Wish(plan)).Select(pair => pair.Order.Place(pair.Wish)));
        Assert.Equal((5, 15), (replies.Count(reply => reply.Value is not null), replies.Count(reply => reply.Refusal is PlanSoldOut)));
        Assert.Equal(0, Plan(plan).Stock);
    }

    [Fact]
    public async Task Of_twenty_orders_in_two_silos_that_do_not_know_of_each_other_five_are_placed()
    {
        var twin = await cluster.Twin();
        for (var round = 0; round < 5; round++) Assert.Equal(5, await PiecesSold(twin));
    }

    /// <summary>Between silos, the plan's version is the guard, and nothing else is.</summary>
    [Fact]
    public async Task Without_the_version_more_pieces_would_be_sold_than_there_are()
    {
        var twin = await cluster.Twin();
        using (cluster.Store.Without(Guards.Versions)) Assert.Equal(10, await PiecesSold(twin));
    }

    async Task<int> PiecesSold(BillingCluster twin)
    {
        var plan = await cluster.Plan(stock: 5);
        var replies = await cluster.Meeting(PlanDocument.Noun, plan, () => Task.WhenAll(Enumerable.Range(0, 20).Select(async n =>
        {
            var (wish, _) = cluster.Wish(plan);
            return await BillingCluster.Repeated(() => In(n % 2 == 0 ? cluster : twin, wish).Place(wish));
        })));
        return replies.Count(reply => reply.Value is not null);
    }

    [Fact]
    public async Task An_account_buys_a_limited_plan_as_often_as_it_may()
    {
        var plan = await cluster.Plan(purchaseLimit: 2);
        var account = cluster.Name("account");
        var replies = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => cluster.Wish(plan, account)).Select(pair => pair.Order.Place(pair.Wish)));
        Assert.Equal((2, 8), (replies.Count(reply => reply.Value is not null), replies.Count(reply => reply.Refusal is PurchaseLimitReached)));
    }

    [Fact]
    public async Task A_piece_that_is_taken_while_the_order_is_cancelled_goes_back()
    {
        var plan = await cluster.Plan(stock: 1);
        var (wish, order) = cluster.Wish(plan);
        Task<Reply<Placed, OrderError>> placing;
        using (var hold = cluster.Faults.Holding(PlanDocument.Noun, plan))
        {
            placing = order.Place(wish);
            await hold.Arrival();
            Assert.Null((await order.Cancel(Actor.Account(wish.Account))).Refusal);
        }

        await placing;
        await BillingCluster.Eventually(() => Task.FromResult(Plan(plan).Stock == 1), "the piece is back");
        Assert.Equal(StockStatus.Without, Stored(wish).Stock);
    }

    /// <summary>In one silo, the order is the guard, which knows the provider's number for the money; the account's reference stands behind it.</summary>
    [Fact]
    public async Task A_callback_a_hundred_times_at_once_credits_once()
    {
        var (method, wish, order, _) = await Placed();
        var verdicts = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Hear(order, method)));
        Assert.Single(verdicts, verdict => verdict == NewsVerdict.Stored);
        await Completed(order);
        Assert.Equal(Credits.Whole(1_000), await Balance(wish.Account));
        Assert.Single(cluster.Store.Journal(AccountDocument.Noun, wish.Account));
    }

    [Fact]
    public async Task What_was_paid_is_stored_and_credited_in_one_write()
    {
        var (method, wish, order, _) = await Placed();
        var version = (await order.Get())!.Version;
        Assert.Equal(NewsVerdict.Stored, await Hear(order, method));
        var paid = (await order.Get())!;
        Assert.Equal((version + 1, OrderStatus.Completed), (paid.Version, paid.State.Status));
        Assert.Equal((1, Credits.Whole(1_000)), (cluster.Store.Writes(AccountDocument.Noun, wish.Account), await Balance(wish.Account)));
        Assert.Equal(NewsVerdict.Known, await Hear(order, method));
    }

    /// <summary>Its document may be written by the account later, and must not be: without the comparison of its version the order's later words would be lost.</summary>
    [Fact]
    public async Task What_was_paid_is_stored_though_its_account_is_slow_and_credited_once_when_it_is_not()
    {
        var (method, wish, order, _) = await Placed();
        using (var hold = cluster.Faults.Holding(AccountDocument.Noun, wish.Account))
        {
            var hearing = Hear(order, method);
            await hold.Arrival();
            Assert.Equal(NewsVerdict.Stored, await hearing);
            Assert.Equal((OrderStatus.Processing, Credits.Zero), (Stored(wish).Status, await Balance(wish.Account)));
        }

        await Completed(order);
        Assert.Equal(Credits.Whole(1_000), await Balance(wish.Account));
        Assert.Single(cluster.Store.Journal(AccountDocument.Noun, wish.Account));
        Assert.Single(cluster.Store.Journal(OrderDocument.Noun, Number(wish)).OfType<PaymentReceived>());
    }

    /// <summary>A hot account writes what many orders owe it at once; the one whose document has moved on is left out alone.</summary>
    [Fact]
    public async Task Of_many_orders_that_are_credited_together_one_that_has_moved_on_fails_alone()
    {
        var account = cluster.Name("account");
        var (method, _) = cluster.Method();
        var plan = await cluster.Plan();
        var orders = Enumerable.Range(0, 8).Select(_ => cluster.Wish(plan, account, method)).ToList();
        foreach (var (wish, order) in orders) Assert.NotNull((await order.Place(wish)).Value);
        cluster.Faults.Next(OrderDocument.Noun, Number(orders[3].Wish), Fault.Apart);
        var verdicts = await Task.WhenAll(orders.Select(pair => Hear(pair.Order, method)));
        Assert.All(verdicts, verdict => Assert.Equal(NewsVerdict.Stored, verdict));
        foreach (var (_, order) in orders) await Completed(order);
        Assert.Equal(Credits.Whole(8_000), await Balance(account));
        Assert.Equal(8, cluster.Store.Journal(AccountDocument.Noun, account).Count);
    }

    [Fact]
    public async Task A_callback_to_two_silos_that_do_not_know_of_each_other_is_one_receipt_and_credits_once()
    {
        var twin = await cluster.Twin();
        for (var round = 0; round < 5; round++) Assert.Equal(1, await TimesReceived(twin));
    }

    /// <summary>Between silos, the order's version is the guard of its receipts. Of the credit it is one of two: the account's reference is never taken twice.</summary>
    [Fact]
    public async Task Without_the_version_a_callback_would_be_received_twice_and_yet_be_credited_once()
    {
        var twin = await cluster.Twin();
        using (cluster.Store.Without(Guards.Versions)) Assert.Equal(2, await TimesReceived(twin));
    }

    async Task<int> TimesReceived(BillingCluster twin)
    {
        var (method, wish, _, _) = await Placed();
        await cluster.Meeting(OrderDocument.Noun, Number(wish), () => Task.WhenAll(Enumerable.Range(0, 20)
            .Select(n => BillingCluster.Repeated(() => Hear(In(n % 2 == 0 ? cluster : twin, wish), method)))));
        await BillingCluster.Eventually(
            () => Task.FromResult(cluster.Store.Journal(OrderDocument.Noun, Number(wish)).Any(happened => happened is OrderFulfilled)), "the order is credited");
        Assert.Single(cluster.Store.Journal(AccountDocument.Noun, wish.Account));
        return cluster.Store.Journal(OrderDocument.Noun, Number(wish)).Count(happened => happened is PaymentReceived);
    }

    /// <summary>The guard is the order, as above: the query's answer is decided after the callback, or before it.</summary>
    [Fact]
    public async Task A_callback_and_a_query_that_find_the_same_money_credit_once()
    {
        var (method, wish, order, channel) = await Placed();
        channel.OnQuery = _ => Done(new PaymentState.Paid(Price, "txn-1", null));
        await Task.WhenAll(order.Refresh(Actor.System), Hear(order, method), Hear(order, method));
        await Completed(order);
        Assert.Single(Stored(wish).Receipts);
        Assert.Equal(Credits.Whole(1_000), await Balance(wish.Account));
    }

    [Fact]
    public async Task Money_by_two_methods_is_credited_once_and_leaves_a_work_item()
    {
        var (method, wish, order, _) = await Placed();
        var (other, _) = cluster.Method();
        Assert.Null((await order.StartPayment(other, Actor.Account(wish.Account))).Refusal);
        await Task.WhenAll(Hear(order, method), Hear(order, other, 2));
        await Completed(order);
        Assert.Equal(WorkItemKind.DuplicatePayment, Assert.Single(Stored(wish).WorkItems).Kind);
        Assert.Equal(Credits.Whole(1_000), await Balance(wish.Account));
    }

    [Fact]
    public async Task News_of_another_methods_or_merchants_payment_are_a_strangers()
    {
        var (method, wish, order, _) = await Placed();
        var (other, _) = cluster.Method();
        Assert.Equal(NewsVerdict.Stranger, await Hear(order, other));
        Assert.Equal(NewsVerdict.Stranger, await Hear(order, method, ordinal: 2));
        Assert.Equal(NewsVerdict.Stranger, await order.Hear(1, method, new("someone else"), new PaymentState.Paid(Price, "txn-1", null)));
        Assert.Equal(NewsVerdict.Stranger, await Hear(cluster.Wish("any").Order, method));
        Assert.Equal(OrderStatus.AwaitingPayment, Stored(wish).Status);
    }

    [Fact]
    public async Task Two_payments_started_at_once_have_addresses_of_their_own()
    {
        var (wish, order) = cluster.Wish(await cluster.Plan());
        await order.Place(wish);
        var methods = Enumerable.Range(0, 4).Select(_ => cluster.Method()).ToList();
        foreach (var (_, channel) in methods) channel.Traits = channel.Traits with { CreatesWithoutCall = true, CanClose = false };
        await Task.WhenAll(methods.Select(method => order.StartPayment(method.Id, Actor.Account(wish.Account))));
        Assert.Equal(4, Stored(wish).Payments.Length);
        Assert.All(Stored(wish).Payments.Where(payment => payment.Checkout is not null), payment =>
            Assert.Equal(OrderNumber.OfPayment(Number(wish), payment.Ordinal), payment.Checkout!.ProviderReference));
    }

    [Fact]
    public async Task A_method_that_is_refused_for_good_leaves_the_order_to_another()
    {
        var (method, channel) = cluster.Method();
        channel.OnCreate = _ => new ChannelAnswer<Checkout>.Refused(RefusalKind.BadCredentials, "E1");
        var (wish, order) = cluster.Wish(await cluster.Plan());
        await order.Place(wish);
        Assert.IsType<PaymentProviderUnavailable>((await order.StartPayment(method, Actor.Account(wish.Account))).Refusal);
        Assert.NotNull((await order.StartPayment(cluster.Method().Id, Actor.Account(wish.Account))).Value);
        Assert.IsType<PaymentMethodUnavailable>((await order.StartPayment("no-such-method", Actor.Account(wish.Account))).Refusal);
    }

    [Fact]
    public async Task A_create_without_an_answer_is_repeated_by_the_grains_timer()
    {
        var (method, channel) = cluster.Method();
        channel.OnCreate = _ => new ChannelAnswer<Checkout>.Unknown(UnknownKind.NoAnswer);
        var (wish, order) = cluster.Wish(await cluster.Plan(), methodId: method);
        Assert.Null((await order.Place(wish)).Value!.Order.State.CurrentPayment!.Checkout);
        channel.OnCreate = payment => new ChannelAnswer<Checkout>.Done(new("https://pay.example", null, null));
        await cluster.Passing(TimeSpan.FromSeconds(1), async () => (await order.Get())!.State.CurrentPayment!.Checkout is not null, "the payment is prepared");
        Assert.Equal(["create 01", "create 01"], channel.Calls);
    }

    [Fact]
    public async Task The_provider_is_asked_at_its_deadline_by_the_grains_timer()
    {
        var (_, wish, order, channel) = await Placed();
        channel.OnQuery = _ => Done(new PaymentState.Paid(Price, "txn-1", null));
        await cluster.Passing(TimeSpan.FromMinutes(1), async () => (await order.Get())!.State.Status == OrderStatus.Completed, "the query found the money");
        Assert.Equal(Credits.Whole(1_000), await Balance(wish.Account));
    }

    [Fact]
    public async Task The_provider_is_asked_at_its_deadline_by_the_sweep()
    {
        var (_, wish, order, channel) = await Placed();
        await cluster.Deactivate(order);
        channel.OnQuery = _ => Done(new PaymentState.Paid(Price, "txn-1", null));
        cluster.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, channel.Count("query"));
        await cluster.Sweep();
        Assert.Equal(OrderStatus.Completed, Stored(wish).Status);
        Assert.Equal(Credits.Whole(1_000), await Balance(wish.Account));
    }

    /// <summary>When a sweep waits for each document to the end, it never comes to the order that was placed last.</summary>
    [Fact]
    public async Task A_silent_provider_keeps_nobody_elses_order_waiting()
    {
        // More of them than all shards have places.
        var (method, _, _, silent) = await Placed();
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        silent.Answering = again.Task;
        silent.OnQuery = _ => Done(new PaymentState.Paid(Price, "txn-1", null));
        var plan = await cluster.Plan();
        var waiting = new List<OrderWish>();
        for (var n = 0; n < new DeadlineSettings().Shards * new DeadlineSettings().AtOnce * 2; n++)
        {
            var (wish, order) = cluster.Wish(plan, methodId: method);
            Assert.Null((await order.Place(wish)).Refusal);
            waiting.Add(wish);
        }

        cluster.Time.Advance(TimeSpan.FromSeconds(1));
        var (_, other, _, channel) = await Placed();
        channel.OnQuery = _ => Done(new PaymentState.Paid(Price, "txn-2", null));
        cluster.Time.Advance(TimeSpan.FromMinutes(1));
        await cluster.Sweep();
        Assert.Equal(OrderStatus.Completed, Stored(other).Status);
        Assert.All(waiting, wish => Assert.Equal(OrderStatus.AwaitingPayment, Stored(wish).Status));
        again.SetResult();
        await BillingCluster.Eventually(() => Task.FromResult(waiting.All(wish => Stored(wish).Status == OrderStatus.Completed)), "the others are credited as well");
    }

    /// <summary>When a provider is called by the loop that credits, the buyer waits for the slow one's time-out and more.</summary>
    [Fact]
    public async Task A_silent_provider_does_not_keep_the_orders_own_credit_waiting()
    {
        var (_, wish, order, silent) = await Placed();
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        silent.Answering = again.Task;
        cluster.Time.Advance(TimeSpan.FromMinutes(1));
        await BillingCluster.Eventually(() => Task.FromResult(silent.Count("query") == 1), "the first provider is asked");

        var (other, _) = cluster.Method();
        var started = (await order.StartPayment(other, Actor.Account(wish.Account)).WaitAsync(Soon, TestContext.Current.CancellationToken)).Value!.State;
        Assert.NotNull(started.CurrentPayment!.Checkout);
        Assert.Equal(NewsVerdict.Stored, await Hear(order, other, 2).WaitAsync(Soon, TestContext.Current.CancellationToken));
        Assert.Equal((OrderStatus.Completed, Credits.Whole(1_000)), (Stored(wish).Status, await Balance(wish.Account)));

        // The slow one is asked once at a time, and ended when it answers.
        cluster.Time.Advance(TimeSpan.FromMinutes(1));
        await order.Get();
        Assert.Equal(1, silent.Count("query"));
        again.SetResult();
        await cluster.Passing(TimeSpan.FromSeconds(1), () => Task.FromResult(Stored(wish).Payments.All(payment => !payment.IsOpen)), "the first payment is closed");
        Assert.Equal(1, silent.Count("close"));
    }

    [Fact]
    public async Task A_sweep_waits_for_the_providers_that_it_had_asked()
    {
        var (_, wish, order, silent) = await Placed();
        await cluster.Deactivate(order);
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        silent.Answering = again.Task;
        silent.OnQuery = _ => Done(new PaymentState.Paid(Price, "txn-1", null));
        cluster.Time.Advance(TimeSpan.FromMinutes(1));
        var waking = order.Wake();
        await BillingCluster.Eventually(() => Task.FromResult(silent.Count("query") == 1), "the provider is asked");
        await order.Get();
        Assert.False(waking.IsCompleted);
        again.SetResult();
        await waking;
        Assert.Equal((OrderStatus.Completed, 1), (Stored(wish).Status, silent.Count("query")));
    }

    [Fact]
    public async Task Buyers_who_have_a_provider_asked_that_is_being_asked_wait_for_that_answer()
    {
        var (_, wish, order, silent) = await Placed();
        var again = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        silent.Answering = again.Task;
        silent.OnQuery = _ => Done(new PaymentState.Paid(Price, "txn-1", null));
        cluster.Time.Advance(TimeSpan.FromMinutes(1));
        await BillingCluster.Eventually(() => Task.FromResult(silent.Count("query") == 1), "the provider is asked");
        var refreshing = order.Refresh(Actor.Account(wish.Account));
        await order.Get();
        again.SetResult();
        Assert.Equal(OrderStatus.Completed, (await refreshing).Value!.State.Status);
        Assert.Equal(1, silent.Count("query"));
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_never_lets_an_order_expire()
    {
        var (_, wish, _, channel) = await Placed();
        channel.OnQuery = _ => new ChannelAnswer<PaymentState>.Unknown(UnknownKind.NoAnswer);
        for (var hours = 0; hours < 30; hours++)
        {
            cluster.Time.Advance(TimeSpan.FromHours(1));
            await cluster.Sweep();
        }

        Assert.Equal((PaymentStatus.Pending, 1), (Stored(wish).Payment, Stored(wish).OpenWorkItems));
        channel.OnQuery = _ => Done(new PaymentState.Pending());
        cluster.Time.Advance(TimeSpan.FromHours(1));
        await cluster.Sweep();
        Assert.Equal((PaymentStatus.Expired, 0), (Stored(wish).Payment, Stored(wish).OpenWorkItems));
        Assert.Equal(1, channel.Count("close"));
    }

    [Fact]
    public async Task A_method_that_was_taken_away_ends_nothing_until_it_is_back()
    {
        var (method, wish, _, _) = await Placed();
        var kept = cluster.PaymentMethods.Find(method)!;
        cluster.PaymentMethods.Remove(method);
        cluster.Time.Advance(TimeSpan.FromHours(1));
        await cluster.Sweep();
        Assert.Equal(PaymentStatus.Pending, Stored(wish).Payment);
        cluster.PaymentMethods.Add(kept);
        cluster.Time.Advance(TimeSpan.FromHours(1));
        await cluster.Sweep();
        Assert.Equal(PaymentStatus.Expired, Stored(wish).Payment);
    }

    [Fact]
    public async Task A_payment_that_is_paid_while_it_is_closed_is_settled()
    {
        var (_, wish, order, channel) = await Placed();
        channel.OnClose = _ =>
        {
            channel.OnQuery = _ => Done(new PaymentState.Paid(Price, "txn-1", null));
            return new ChannelAnswer<PaymentState>.Refused(RefusalKind.AlreadyPaid, "PAID");
        };
        await order.Cancel(Actor.Account(wish.Account));
        await BillingCluster.Eventually(() => Task.FromResult(channel.Count("close") == 1), "closing was tried");
        await cluster.Passing(TimeSpan.FromSeconds(1), async () => (await order.Get())!.State.Status == OrderStatus.Completed, "the money was found");
        Assert.Equal(["create 01", "query 01", "close 01", "query 01"], channel.Calls);
    }

    [Fact]
    public async Task An_account_that_cannot_be_credited_makes_a_work_item_and_is_credited_in_the_end()
    {
        var (method, wish, order, _) = await Placed();
        cluster.Faults.Next(AccountDocument.Noun, wish.Account, [Fault.Apart, .. Enumerable.Repeat(Fault.BeforeCommit, FulfilmentRules.StuckAfter)]);
        await Hear(order, method);
        await cluster.Passing(TimeSpan.FromMinutes(1), () =>
            Task.FromResult(Stored(wish).WorkItems.Any(item => item.Kind == WorkItemKind.FulfilmentStuck)), "a person is told");
        await cluster.Passing(TimeSpan.FromMinutes(1), async () => (await order.Get())!.State.Status == OrderStatus.Completed, "the account was credited");
        Assert.Equal((0, Credits.Whole(1_000)), (Stored(wish).OpenWorkItems, await Balance(wish.Account)));
    }

    public static TheoryData<string, int, int, bool> Crashes
    {
        get
        {
            var crashes = new TheoryData<string, int, int, bool>();
            foreach (var apart in new[] { false, true })
            {
                foreach (var noun in new[] { OrderDocument.Noun, AccountDocument.Noun, PlanDocument.Noun })
                {
                    for (var writes = 0; writes < (noun != OrderDocument.Noun ? 1 : apart ? 6 : 5); writes++)
                    {
                        crashes.Add(noun, writes, (int)Fault.BeforeCommit, apart);
                        crashes.Add(noun, writes, (int)Fault.AfterCommit, apart);
                        crashes.Add(noun, writes, (int)Fault.Conflict, apart);
                    }
                }
            }

            return crashes;
        }
    }

    /// <summary>
    /// Placed, piece taken, payment started, prepared, paid and credited, together or one after the other: each of these writes is lost, or its answer is, and all ends
    /// as without.
    /// </summary>
    [Theory]
    [MemberData(nameof(Crashes))]
    public async Task A_crash_at_any_write_delays_and_no_more(string noun, int writes, int fault, bool apart)
    {
        var (method, _) = cluster.Method();
        var plan = await cluster.Plan(stock: 3);
        var (wish, order) = cluster.Wish(plan, methodId: method);
        var key = noun == OrderDocument.Noun ? Number(wish) : noun == AccountDocument.Noun ? wish.Account : plan;
        if (apart) cluster.Faults.Next(AccountDocument.Noun, wish.Account, Fault.Apart);
        cluster.Faults.Next(noun, key, [.. Enumerable.Repeat(Fault.None, writes), (Fault)fault]);
        await BillingCluster.Repeated(() => order.Place(wish));
        await BillingCluster.Repeated(async () =>
        {
            await order.Wake();
            if (Stored(wish).Payments.IsEmpty) await order.StartPayment(method, Actor.Account(wish.Account));
            return Stored(wish);
        });
        await BillingCluster.Repeated(() => Hear(order, method));
        await BillingCluster.Repeated(() => Hear(order, method));
        await cluster.Passing(TimeSpan.FromSeconds(10), () => Task.FromResult(Stored(wish).Status == OrderStatus.Completed), "the order is completed");
        Assert.Equal(Credits.Whole(1_000), await Balance(wish.Account));
        Assert.Equal(2, Plan(plan).Stock);
        Assert.Equal(
            OrderDocument.Kind.WriteState(Stored(wish)).Text(),
            OrderDocument.Kind.WriteState(cluster.Store.Journal(OrderDocument.Noun, Number(wish))
                .Aggregate((Order?)null, (state, happened) => Order.After(state, (OrderEvent)happened))!).Text());
    }

    [Fact]
    public async Task An_order_that_leaves_memory_after_each_step_comes_to_its_end()
    {
        var (method, wish, order, _) = await Placed();
        await cluster.Deactivate(order);
        cluster.Faults.Next(AccountDocument.Noun, wish.Account, Fault.Apart, Fault.AfterCommit);
        await Hear(order, method);
        await BillingCluster.Eventually(() => Task.FromResult(Stored(wish).CreditAttempts == 1), "crediting was tried");
        await cluster.Deactivate(order);
        cluster.Time.Advance(TimeSpan.FromSeconds(10));
        await cluster.Sweep();
        Assert.Equal((OrderStatus.Completed, Credits.Whole(1_000)), (Stored(wish).Status, await Balance(wish.Account)));
    }

    [Fact]
    public async Task Buyers_cannot_have_a_provider_asked_all_the_time()
    {
        var (_, wish, order, channel) = await Placed();
        Assert.NotNull((await order.Refresh(Actor.Account(wish.Account))).Value);
        Assert.Equal(new AskedLately(3), (await order.Refresh(Actor.Account(wish.Account))).Refusal);
        Assert.IsType<OrderNotFound>((await order.Refresh(Actor.Account("bob"))).Refusal);
        Assert.Equal(1, channel.Count("query"));
        channel.OnQuery = _ => new ChannelAnswer<PaymentState>.Unknown(UnknownKind.ProviderError);
        cluster.Time.Advance(TimeSpan.FromSeconds(3));
        Assert.IsType<PaymentProviderUnavailable>((await order.Refresh(Actor.Account(wish.Account))).Refusal);
    }

    [Fact]
    public async Task Watchers_see_the_present_state_first_and_then_each_change()
    {
        var (method, wish, order, _) = await Placed();
        var watcher = new Watcher();
        await order.Watch(cluster.Reference<IOrderWatcher>(watcher));
        Assert.Equal(OrderStatus.AwaitingPayment, (await watcher.Next()).State.Status);
        cluster.Faults.Next(AccountDocument.Noun, wish.Account, Fault.Apart);
        await Hear(order, method);
        // News are sent one way and may overtake each other: their version says which is newer.
        Versioned<Order>[] changes = [await watcher.Next(), await watcher.Next()];
        var (paid, credited) = (changes.MinBy(change => change.Version)!, changes.MaxBy(change => change.Version)!);
        Assert.Equal((OrderStatus.Processing, OrderStatus.Completed), (paid.State.Status, credited.State.Status));
        Assert.Equal(paid.Version + 1, credited.Version);
        Assert.Equal(OrderStatus.Completed, Stored(wish).Status);
    }

    [Fact]
    public async Task A_watcher_is_told_when_its_order_leaves_memory_and_sees_on_when_it_watches_anew()
    {
        var (method, wish, order, _) = await Placed();
        var watcher = new Watcher();
        var reference = cluster.Reference<IOrderWatcher>(watcher);
        await order.Watch(reference);
        await watcher.Next();
        await cluster.Deactivate(order);
        Assert.True(await watcher.Forgotten.WaitAsync(Soon, TestContext.Current.CancellationToken));
        await order.Watch(reference);
        await watcher.Next();

        // So it is when a write failed, and the activation is thrown away.
        cluster.Faults.Next(OrderDocument.Noun, Number(wish), Fault.BeforeCommit, Fault.BeforeCommit);
        await Assert.ThrowsAnyAsync<Exception>(() => Hear(order, method));
        Assert.True(await watcher.Forgotten.WaitAsync(Soon, TestContext.Current.CancellationToken));
        await BillingCluster.Repeated(async () =>
        {
            await order.Watch(reference);
            return 0;
        });
        Assert.Equal(OrderStatus.AwaitingPayment, (await watcher.Next()).State.Status);
        await Hear(order, method);
        Assert.NotEqual(OrderStatus.AwaitingPayment, (await watcher.Next()).State.Status);
    }

    [Fact]
    public async Task An_order_that_does_not_exist_leaves_memory_soon_and_one_that_is_placed_meanwhile_stays()
    {
        var (_, missing) = cluster.Wish("any");
        var (wish, order) = cluster.Wish(await cluster.Plan());
        Assert.Null(await missing.Get());
        Assert.Null(await order.Get());
        await order.Place(wish);
        Assert.True(await cluster.IsActive(missing));
        cluster.Time.Advance(TimeSpan.FromSeconds(5));
        await BillingCluster.Eventually(async () => !await cluster.IsActive(missing), "nothing is in memory");
        Assert.True(await cluster.IsActive(order));
    }

    /// <summary>A watch is a use: it is renewed four times in a lease, and a grain that is kept longer would keep more orders than are looked at.</summary>
    [Theory]
    [InlineData(OrderDocument.Noun)]
    [InlineData(Billing.Codes.CodeDocument.Noun)]
    [InlineData(Billing.Unclaimed.UnclaimedPaymentDocument.Noun)]
    public void Grains_of_which_there_are_millions_leave_memory_when_nobody_watches_them_any_more(string noun)
    {
        var type = typeof(OrderDocument).Assembly.GetTypes().Single(type => type.GetCustomAttributesData().Any(
            attribute => attribute.AttributeType == typeof(GrainTypeAttribute) && (string?)attribute.ConstructorArguments[0].Value == noun));
        Assert.Equal(Watchers.Lease, type.GetCustomAttribute<CollectionAgeLimitAttribute>()?.AgeLimit);
    }

    async Task<(string Method, OrderWish Wish, IOrderGrain Order, ScriptedChannel Channel)> Placed()
    {
        var (method, channel) = cluster.Method();
        var (wish, order) = cluster.Wish(await cluster.Plan(), methodId: method);
        Assert.NotNull((await order.Place(wish)).Value);
        return (method, wish, order, channel);
    }

    async Task<Reply<Placed, OrderError>[]> PlaceFifty()
    {
        var plan = await cluster.Plan();
        var account = cluster.Name("account");
        var orders = Enumerable.Range(0, 50).Select(_ => cluster.Wish(plan, account)).ToList();
        return await cluster.Meeting([.. orders.Select(pair => (OrderDocument.Noun, Number(pair.Wish)))], () => Task.WhenAll(orders.Select(pair => pair.Order.Place(pair.Wish))));
    }

    static IOrderGrain In(BillingCluster silo, OrderWish wish) => silo.Grains.GetGrain<IOrderGrain>(Number(wish));

    static Task<NewsVerdict> Hear(IOrderGrain order, string method, int ordinal = 1) =>
        order.Hear(ordinal, method, BillingCluster.Merchant(method), new PaymentState.Paid(Price, $"txn-{ordinal}", null));

    static ChannelAnswer<PaymentState> Done(PaymentState state) => new ChannelAnswer<PaymentState>.Done(state);

    static Task Completed(IOrderGrain order) =>
        BillingCluster.Eventually(async () => (await order.Get())!.State.Status == OrderStatus.Completed, "the order is completed");

    Order Stored(OrderWish wish) => cluster.Store.State<Order>(OrderDocument.Noun, Number(wish))!;

    Plan Plan(string slug) => cluster.Store.State<Plan>(PlanDocument.Noun, slug)!;

    async Task<Credits> Balance(string account) => (await cluster.Grains.GetGrain<IAccountGrain>(account).Get())?.State.Balance ?? Credits.Zero;

    static string Number(OrderWish wish) => OrderNumber.Of(wish.Account, wish.IdempotencyKey);

    sealed class Watcher : IOrderWatcher
    {
        /// <summary>The grain has said that it leaves memory.</summary>
        public SemaphoreSlim Forgotten { get; } = new(0);

        readonly Channel<Versioned<Order>> changes = Channel.CreateUnbounded<Versioned<Order>>();

        public Task Changed(Versioned<Order> order)
        {
            changes.Writer.TryWrite(order);
            return Task.CompletedTask;
        }

        public Task Renew()
        {
            Forgotten.Release();
            return Task.CompletedTask;
        }

        public async Task<Versioned<Order>> Next()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            return await changes.Reader.ReadAsync(patience.Token);
        }
    }
}
