using Billing.Channels;
using Billing.Orders;
using static Billing.Tests.Orders.OrderSamples;

namespace Billing.Tests.Orders;

/// <summary>An order that is to be paid, and its money.</summary>
public class PaymentRulesTests
{
    static readonly Money Other = new(1989, "CNY");

    [Fact]
    public void A_payment_is_stored_before_its_provider_is_called() =>
        Given(Ordered).When(Start()).Then(Started())
            .And(order => Assert.IsType<PreparePayment>(Order.Next(order, Noon)));

    [Fact]
    public void A_method_that_needs_no_call_gives_its_address_at_once() =>
        Given(Ordered).When(Start("epay") with { Checkout = Address, CheckoutOrdinal = 1 }).Then(Started(method: "epay", checkout: Address));

    [Fact]
    public void An_address_that_was_made_for_another_attempt_is_not_used() =>
        Given(Ordered, Started()).When(Start("epay") with { Checkout = Address, CheckoutOrdinal = 1 }).Then(Started(2, "epay"))
            .And(order => Assert.Null(order.Attempt(2)!.Checkout));

    [Fact]
    public void The_same_method_again_is_the_same_payment() => Given(Ordered, Started()).When(Start()).ThenNothing();

    [Fact]
    public void Another_method_takes_its_place_and_the_first_is_closed() =>
        Given(Ordered, Started(), Prepared()).When(Start("wechat")).Then(Started(2, "wechat"))
            .And(order => Assert.Equal(1, Assert.IsType<EndPayment>(Order.Next(order, Noon)).Payment.Ordinal))
            .When(Says(new PaymentState.Closed())).Then(Closed())
            .And(order => Assert.Equal(PaymentStatus.Pending, order.Payment))
            .And(order => Assert.Equal(2, Assert.IsType<PreparePayment>(Order.Next(order, Noon)).Payment.Ordinal));

    [Fact]
    public void Back_to_the_first_method_is_a_third_payment() => Given(Ordered, Started(), Started(2, "wechat")).When(Start()).Then(Started(3));

    [Fact]
    public void A_stranger_finds_no_order()
    {
        Given(Ordered).When(Start(by: Bob)).Then(new OrderNotFound());
        Given(Ordered, Started()).When(Start(by: Bob)).Then(new OrderNotFound());
        Given(Ordered).When(new CancelOrder(Bob)).Then(new OrderNotFound());
        Given(Ordered, Cancelled).When(new CancelOrder(Bob)).Then(new OrderNotFound());
    }

    [Fact]
    public void Those_who_are_no_account_may_act_for_all() => Given(Ordered).When(new CancelOrder(Actor.Administrator("ada"))).Then(Cancelled);

    [Fact]
    public void A_method_that_cannot_be_used_is_refused() => Given(Ordered).When(Start() with { Merchant = null }).Then(new PaymentMethodUnavailable());

    [Fact]
    public void An_order_is_not_payable_when_its_time_is_over()
    {
        Given(Ordered).At(Ends.AddTicks(-1)).When(Start() with { Merchant = null }).Then(new PaymentMethodUnavailable());
        Given(Ordered).At(Ends).When(Start() with { Merchant = null }).Then(new OrderNotPayable(OrderStatus.AwaitingPayment));
    }

    [Fact]
    public void An_order_is_not_payable_when_it_was_tried_too_often() =>
        Given([Ordered, .. Enumerable.Range(1, PaymentRules.MaxPayments).Select(ordinal => Started(ordinal, $"m{ordinal}"))])
            .When(Start("one-more")).Then(new OrderNotPayable(OrderStatus.AwaitingPayment));

    [Fact]
    public void An_order_that_is_over_is_not_payable()
    {
        Given(Ordered, Started(), Received()).When(Start()).Then(new OrderNotPayable(OrderStatus.Processing));
        Given(Ordered, Started(), Received(), new OrderFulfilled(Noon)).When(Start()).Then(new OrderNotPayable(OrderStatus.Completed));
        Given(Ordered, Cancelled).When(Start()).Then(new OrderNotPayable(OrderStatus.Cancelled));
        Given(Ordered, Expired).When(Start()).Then(new OrderNotPayable(OrderStatus.Expired));
        Given(Ordered, Started()).When(Paid(amount: Other)).When(Start()).Then(new OrderNotPayable(OrderStatus.OnHold));
    }

    [Fact]
    public void The_providers_address_is_stored_and_its_provider_asked_in_a_minute() => Given(Ordered, Started()).When(Created()).Then(Prepared())
        .When(Created()).ThenNothing();

    [Fact]
    public void The_last_look_is_at_the_end_of_the_time_to_pay() =>
        Given(Ordered, Started()).At(Ends.AddSeconds(-30)).When(Created()).Then(new PaymentPrepared(Ends.AddSeconds(-30), 1, Address, Ends));

    [Fact]
    public void A_create_without_an_answer_is_repeated_soon_and_then_less_soon()
    {
        var story = Given(Ordered, Started());
        foreach (var seconds in new[] { 1, 3, 10, 10, 20, 40 })
            story = story.When(new RecordCheckout(1, new ChannelAnswer<Checkout>.Unknown(UnknownKind.NoAnswer)))
                .Then(new PaymentAsked(Noon, 1, "NoAnswer", Noon.AddSeconds(seconds)));
        story.And(order => Assert.True(order.Attempt(1)!.IsOpen));
    }

    [Fact]
    public void A_create_that_is_refused_ends_the_payment_and_not_the_order() =>
        Given(Ordered, Started()).When(new RecordCheckout(1, new ChannelAnswer<Checkout>.Refused(RefusalKind.BadRequest, "E1")))
            .Then(Closed(reason: "refused: E1"))
            .And(order => Assert.Equal((PaymentStatus.Unpaid, OrderStatus.AwaitingPayment), (order.Payment, order.Status)));

    [Theory]
    [InlineData(RefusalKind.AlreadyPaid)]
    [InlineData(RefusalKind.AlreadyClosed)]
    public void A_create_that_the_provider_knows_from_before_is_asked_about(RefusalKind kind) =>
        Given(Ordered, Started()).When(new RecordCheckout(1, new ChannelAnswer<Checkout>.Refused(kind, "E2")))
            .Then(new PaymentPrepared(Noon, 1, new(null, null, null), Noon))
            .And(order => Assert.IsType<AskProvider>(Order.Next(order, Noon)));

    [Fact]
    public void A_payment_that_was_overtaken_while_it_was_made_is_closed_at_once()
    {
        Given(Ordered, Started(), Cancelled).When(Created()).Then(Prepared() with { LookAt = Noon })
            .And(order => Assert.IsType<EndPayment>(Order.Next(order, Noon)));
        Given(Ordered, Started(), Started(2, "wechat")).When(Created()).Then(Prepared() with { LookAt = Noon });
    }

    [Fact]
    public void The_price_settles_the_order() =>
        Given(Ordered, Started(), Prepared()).When(Paid()).Then(Received())
            .And(order => Assert.Equal((PaymentStatus.Paid, FulfilmentStatus.InProgress, OrderStatus.Processing), (order.Payment, order.Fulfilment,
                order.Status)));

    [Fact]
    public void Money_is_heard_before_the_providers_address_is_known() => Given(Ordered, Started()).When(Paid()).Then(Received());

    [Fact]
    public void The_same_money_reported_again_changes_nothing()
    {
        Given(Ordered, Started(), Received()).When(Paid()).ThenNothing();
        Given(Ordered, Started()).When(Paid(amount: Other)).When(Paid(amount: Other)).ThenNothing();
        Given(Ordered, Started(), Received(), new OrderFulfilled(Noon)).When(Paid()).ThenNothing();
    }

    [Fact]
    public void The_same_number_at_another_method_is_other_money() =>
        Given(Ordered, Started(), Started(2, "wechat"), Received()).When(Paid(ordinal: 2))
            .Then(new PaymentDuplicated(Noon, 2, "txn-1", Price, "19.90 CNY came again for an order of 19.90 CNY that is paid."));

    [Theory]
    [InlineData(1989, "CNY", "19.89 CNY came for a price of 19.90 CNY.")]
    [InlineData(1991, "CNY", "19.91 CNY came for a price of 19.90 CNY.")]
    [InlineData(1990, "USD", "19.90 USD came for a price of 19.90 CNY.")]
    [InlineData(0, "CNY", "0.00 CNY came for a price of 19.90 CNY.")]
    public void Too_little_too_much_and_another_currency_wait_for_a_person(long minor, string currency, string detail)
    {
        Money amount = new(minor, currency);
        Given(Ordered, Started()).When(Paid(amount: amount)).Then(new PaymentHeld(Noon, 1, "txn-1", amount, WorkItemKind.AmountMismatch, detail))
            .And(order => Assert.Equal((OrderStatus.OnHold, 1), (order.Status, order.OpenWorkItems)));
    }

    [Fact]
    public void The_right_money_settles_an_order_that_holds_the_wrong() =>
        Given(Ordered, Started()).When(Paid(amount: Other)).When(Paid("txn-2")).Then(Received("txn-2"))
            .And(order => Assert.Equal((OrderStatus.Processing, 1), (order.Status, order.OpenWorkItems)));

    [Fact]
    public void Money_for_a_paid_order_waits_for_a_person_and_the_order_stays_paid() =>
        Given(Ordered, Started(), Received()).When(Paid("txn-2"))
            .Then(new PaymentDuplicated(Noon, 1, "txn-2", Price, "19.90 CNY came again for an order of 19.90 CNY that is paid."))
            .And(order => Assert.Equal((OrderStatus.Processing, 1), (order.Status, order.OpenWorkItems)));

    [Fact]
    public void Money_that_comes_twice_and_does_not_fit_is_a_duplicate_first() =>
        Given(Ordered, Started(), Received()).When(Paid("txn-2", Other))
            .And(order => Assert.Equal(WorkItemKind.DuplicatePayment, order.WorkItems.Single().Kind));

    [Fact]
    public void Money_that_arrives_after_expiry_is_credited() =>
        Given(Ordered, Started(), Closed(), Expired).At(Ends).When(Paid()).Then(Received(late: true, at: Ends));

    [Fact]
    public void Money_that_arrives_after_cancellation_is_credited() => Given(Ordered, Started(), Cancelled).When(Paid()).Then(Received(late: true));

    [Fact]
    public void Late_money_waits_for_a_person_where_that_is_wanted() =>
        Given(Ordered, Started(), Cancelled).When(Paid(holdLate: true))
            .Then(new PaymentHeld(Noon, 1, "txn-1", Price, WorkItemKind.LatePayment, "19.90 CNY came after the order had ended as Cancelled."));

    [Fact]
    public void More_late_money_waits_too() =>
        Given(Ordered, Started(), Closed(), Expired).At(Ends).When(Paid(holdLate: true)).When(Paid("txn-2", holdLate: true))
            .Then(new PaymentHeld(Ends, 1, "txn-2", Price, WorkItemKind.LatePayment, "19.90 CNY came after the order had ended."))
            .And(order => Assert.Equal(2, order.OpenWorkItems));

    [Fact]
    public void Late_money_that_does_not_fit_is_a_mismatch_first() =>
        Given(Ordered, Started(), Cancelled).When(Paid(amount: Other, holdLate: true))
            .And(order => Assert.Equal(WorkItemKind.AmountMismatch, order.WorkItems.Single().Kind));

    [Fact]
    public void Money_for_a_payment_that_was_replaced_settles_the_order_and_the_new_one_is_closed() =>
        Given(Ordered, Started(), Prepared(), Started(2, "wechat"), Prepared(2)).When(Paid()).Then(Received())
            .And(order => Assert.IsType<CreditAccount>(Order.Next(order, Noon)))
            .When(new RecordCredit(null))
            .And(order => Assert.Equal(2, Assert.IsType<EndPayment>(Order.Next(order, Noon)).Payment.Ordinal));

    [Fact]
    public void Closing_that_finds_the_payment_paid_asks_how_much() =>
        Given(Ordered, Started(), Prepared()).At(Ends).When(Refuses(RefusalKind.AlreadyPaid))
            .Then(new PaymentAsked(Ends, 1, "already paid", Ends.AddSeconds(1)))
            .At(Ends.AddSeconds(1)).When(Paid()).Then(Received(at: Ends.AddSeconds(1)));

    [Fact]
    public void Money_after_a_provider_said_closed_is_not_dropped() => Given(Ordered, Started(), Closed()).When(Paid()).Then(Received());

    [Fact]
    public void News_of_an_attempt_that_never_was_is_refused() => Given(Ordered, Started()).When(Paid(ordinal: 2)).Then(new OrderNotFound());

    [Fact]
    public void News_of_a_payment_that_is_over_changes_nothing()
    {
        Given(Ordered, Started(), Received()).When(Says(new PaymentState.Closed())).ThenNothing();
        Given(Ordered, Started(), Closed()).When(Says(new PaymentState.Pending())).ThenNothing();
        Given(Ordered, Started(), Closed()).When(Unknown()).ThenNothing();
    }

    [Fact]
    public void A_payment_closed_by_its_provider_leaves_the_order_to_be_paid_anew() =>
        Given(Ordered, Started(), Prepared()).When(Says(new PaymentState.Closed())).Then(Closed()).When(Start()).Then(Started(2));

    [Fact]
    public void A_payment_that_is_closed_after_its_time_has_expired() =>
        Given(Ordered, Started(), Prepared()).At(Ends).When(Says(new PaymentState.Closed())).Then(Closed(status: PaymentStatus.Expired, at: Ends))
            .And(order => Assert.IsType<Expire>(Order.Next(order, Ends)))
            .When(new ExpireOrder()).Then(Expired).When(new ExpireOrder()).ThenNothing();

    [Fact]
    public void The_provider_is_asked_after_one_minute_then_three_then_every_ten() =>
        Given(Ordered, Started(), Prepared())
            .When(Says(new PaymentState.Pending())).Then(new PaymentAsked(Noon, 1, "pending", Noon.AddMinutes(3)))
            .When(Says(new PaymentState.Pending())).Then(new PaymentAsked(Noon, 1, "pending", Noon.AddMinutes(10)))
            .When(Says(new PaymentState.Pending())).Then(new PaymentAsked(Noon, 1, "pending", Noon.AddMinutes(10)));

    [Fact]
    public void An_unknown_answer_never_ends_anything()
    {
        foreach (var kind in Enum.GetValues<UnknownKind>())
        {
            var story = Given(Ordered, Started(), Prepared()).At(Ends.AddDays(300));
            for (var again = 0; again < 30; again++) story = story.When(Unknown(kind));
            story.When(new ExpireOrder()).ThenNothing().And(order => Assert.Equal(PaymentStatus.Pending, order.Payment));
        }
    }

    [Theory]
    [InlineData(RefusalKind.BadRequest)]
    [InlineData(RefusalKind.BadCredentials)]
    [InlineData(RefusalKind.NotAllowed)]
    [InlineData(RefusalKind.Conflict)]
    public void A_refusal_that_says_nothing_about_the_money_ends_nothing(RefusalKind kind) =>
        Given(Ordered, Started(), Prepared()).At(Ends).When(Refuses(kind)).Then(new PaymentAsked(Ends, 1, $"refused: {kind}", Ends.AddSeconds(10)));

    [Fact]
    public void A_provider_that_says_when_to_ask_again_is_asked_then() =>
        Given(Ordered, Started(), Prepared()).When(Unknown(UnknownKind.RateLimited, TimeSpan.FromSeconds(77)))
            .Then(new PaymentAsked(Noon, 1, "RateLimited", Noon.AddSeconds(77)));

    [Fact]
    public void A_provider_that_says_to_ask_in_years_is_asked_in_ten_minutes()
    {
        foreach (var wish in new[] { TimeSpan.FromDays(25_000), TimeSpan.MaxValue })
        {
            Given(Ordered, Started(), Prepared()).When(Unknown(UnknownKind.RateLimited, wish)).Then(new PaymentAsked(Noon, 1, "RateLimited", Noon.AddMinutes(10)));
            Given(Ordered, Started()).When(new RecordCheckout(1, new ChannelAnswer<Checkout>.Unknown(UnknownKind.RateLimited, wish)))
                .Then(new PaymentAsked(Noon, 1, "RateLimited", Noon.AddMinutes(10)));
        }
    }

    [Fact]
    public void A_payment_that_is_said_to_be_paid_and_not_how_much_is_shown_to_a_person_and_is_not_asked_about_every_second_for_ever()
    {
        var story = Given(Ordered, Started(), Prepared()).At(Ends);
        for (var again = 0; again < 30; again++) story = story.When(Refuses(RefusalKind.AlreadyPaid)).Then(new PaymentAsked(Ends, 1, "already paid", Ends.AddSeconds(1)));
        story.When(Refuses(RefusalKind.AlreadyPaid)).Then(new PaymentAsked(Ends, 1, "already paid", Ends.AddMinutes(10)));
        story.At(Ends + PaymentRules.SilentAfter).When(Refuses(RefusalKind.AlreadyPaid)).And(order => Assert.Equal(WorkItemKind.ProviderSilent, order.WorkItems.Single().Kind));
    }

    [Fact]
    public void A_payment_that_stays_pending_whatever_closes_it_is_shown_to_a_person_after_a_day() =>
        Given(Ordered, Started(), Prepared()).At(Ends + PaymentRules.SilentAfter).When(Says(new PaymentState.Pending()))
            .And(order => Assert.Equal(WorkItemKind.ProviderSilent, order.WorkItems.Single().Kind))
            .When(Says(new PaymentState.Pending())).And(order => Assert.Single(order.WorkItems));

    [Fact]
    public void Asking_backs_off_to_ten_minutes()
    {
        var story = Given(Ordered, Started(), Prepared());
        foreach (var seconds in new[] { 10, 20, 40, 80, 160, 320, 600, 600 }) story = story.When(Unknown())
            .Then(new PaymentAsked(Noon, 1, "NoAnswer", Noon.AddSeconds(seconds)));
    }

    [Fact]
    public void A_day_of_silence_is_shown_to_a_person_once_until_the_provider_speaks()
    {
        var late = Ends + PaymentRules.SilentAfter;
        Given(Ordered, Started(), Prepared()).At(late.AddTicks(-1)).When(Unknown())
            .Then(new PaymentAsked(late.AddTicks(-1), 1, "NoAnswer", late.AddTicks(-1).AddSeconds(10)));
        var silent = Given(Ordered, Started(), Prepared()).At(late).When(Unknown())
            .Then(new PaymentAsked(late, 1, "unknown", late.AddMinutes(10)),
                new ProviderFellSilent(late, 1, "Payment 1 through alipay has had no final answer since it ended."))
            .When(Unknown()).Then(new PaymentAsked(late, 1, "NoAnswer", late.AddSeconds(20)))
            .And(order => Assert.Equal(1, order.OpenWorkItems));
        silent.When(Says(new PaymentState.Closed())).And(order => Assert.Equal(0, order.OpenWorkItems));
        silent.When(Paid()).And(order => Assert.Equal(0, order.OpenWorkItems));
        silent.When(Paid(amount: Other)).And(order => Assert.Equal(WorkItemKind.AmountMismatch, order.WorkItems.Single(item => item.ResolvedAt is null).Kind));
    }

    [Fact]
    public void Not_found_at_a_provider_that_knows_all_means_that_nothing_can_be_paid() =>
        Given(Ordered, Started(), Prepared()).When(Says(new PaymentState.NotFound())).Then(Closed(reason: "never created"));

    [Fact]
    public void Not_found_before_the_create_was_answered_proves_nothing_yet() =>
        Given(Ordered, Started()).When(Says(new PaymentState.NotFound())).Then(new PaymentAsked(Noon, 1, "not found", Noon.AddMinutes(3)));

    [Fact]
    public void An_address_that_was_never_opened_can_be_paid_until_its_providers_grace_is_over()
    {
        var story = Given(Ordered, Started(), Prepared());
        story.When(Says(new PaymentState.NotFound(), Opens)).Then(new PaymentAsked(Noon, 1, "not found", Noon.AddMinutes(3)));
        var grace = Ends.AddMinutes(5);
        story.At(grace.AddTicks(-1)).When(Refuses(RefusalKind.NotFound, Opens))
            .Then(new PaymentAsked(grace.AddTicks(-1), 1, "not found", grace.AddTicks(-1).AddSeconds(10)));
        story.At(grace).When(Refuses(RefusalKind.NotFound, Opens)).Then(Closed(reason: "never opened", status: PaymentStatus.Expired, at: grace));
    }

    [Fact]
    public void An_answer_counts_from_when_it_was_asked_for()
    {
        var grace = Ends.AddMinutes(5);
        var story = Given(Ordered, Started(), Prepared()).At(grace.AddSeconds(2));
        story.When(Says(new PaymentState.NotFound(), Opens) with { AskedAt = grace.AddSeconds(-1) })
            .Then(new PaymentAsked(grace.AddSeconds(2), 1, "not found", grace.AddSeconds(12)));
        story.When(Says(new PaymentState.Pending(), Opens) with { AskedAt = grace.AddSeconds(-1) })
            .Then(new PaymentAsked(grace.AddSeconds(2), 1, "pending", grace.AddSeconds(12)));
    }

    [Fact]
    public void A_forgotten_payment_is_closed_only_when_it_must_end()
    {
        Given(Ordered, Started(), Prepared()).When(Says(new PaymentState.NotFound(), Forgets)).Then(new PaymentAsked(Noon, 1, "not found", Noon.AddMinutes(3)));
        Given(Ordered, Started(), Prepared()).At(Ends).When(Says(new PaymentState.NotFound(), Forgets))
            .Then(Closed(reason: "forgotten", status: PaymentStatus.Expired, at: Ends));
    }

    [Fact]
    public void A_pending_payment_that_cannot_be_closed_ends_with_its_providers_grace()
    {
        var grace = Ends.AddMinutes(5);
        var story = Given(Ordered, Started(), Prepared());
        story.At(grace.AddTicks(-1)).When(Says(new PaymentState.Pending(), Opens))
            .Then(new PaymentAsked(grace.AddTicks(-1), 1, "pending", grace.AddTicks(-1).AddSeconds(10)));
        story.At(grace).When(Says(new PaymentState.Pending(), Opens)).Then(Closed(reason: "out of time", status: PaymentStatus.Expired, at: grace));
        story.At(grace).When(Says(new PaymentState.Pending())).Then(new PaymentAsked(grace, 1, "pending", grace.AddSeconds(10)));
    }

    [Fact]
    public void Cancelling_closes_what_is_open_and_is_asked_once() =>
        Given(Ordered, Started(), Prepared()).When(new CancelOrder(Alice)).Then(Cancelled)
            .And(order => Assert.IsType<EndPayment>(Order.Next(order, Noon)))
            .When(new CancelOrder(Alice)).ThenNothing();

    [Fact]
    public void What_is_over_is_not_cancelled()
    {
        Given(Ordered, Started(), Received()).When(new CancelOrder(Alice)).Then(new OrderNotCancellable(OrderStatus.Processing));
        Given(Ordered, Started(), Received(), new OrderFulfilled(Noon)).When(new CancelOrder(Alice)).Then(new OrderNotCancellable(OrderStatus.Completed));
        Given(Ordered, Expired).When(new CancelOrder(Alice)).Then(new OrderNotCancellable(OrderStatus.Expired));
        Given(Ordered, Started()).When(Paid(amount: Other)).When(new CancelOrder(Alice)).Then(new OrderNotCancellable(OrderStatus.OnHold));
    }

    [Fact]
    public void An_order_expires_at_its_end_and_not_before_and_never_with_a_payment_open()
    {
        Given(Ordered).At(Ends.AddTicks(-1)).When(new ExpireOrder()).ThenNothing();
        Given(Ordered).At(Ends).When(new ExpireOrder()).Then(Expired);
        Given(Ordered, Started()).At(Ends.AddDays(1)).When(new ExpireOrder()).ThenNothing();
    }

    [Fact]
    public void Places_are_free_when_the_order_is_over()
    {
        static (object? Open, object? Purchase) Places(Order order) => (Column(order, "open_slot"), Column(order, "purchase_slot"));
        Given(OrderedLimited).And(order => Assert.Equal((3L, 1L), Places(order)));
        Given(OrderedLimited, Secured, Started(), Received()).And(order => Assert.Equal((null, 1L), Places(order)));
        Given(OrderedLimited, Secured, Cancelled).And(order => Assert.Equal((null, null), Places(order)));
        Given(OrderedLimited, Secured, Expired).And(order => Assert.Equal((null, null), Places(order)));
        Given(OrderedLimited).When(new RecordStock(false)).And(order => Assert.Equal((null, null), Places(order)));
    }

    [Fact]
    public void The_buyer_sees_the_payment_that_settled_else_the_newest()
    {
        Given(Ordered).And(order => Assert.Null(order.CurrentPayment));
        Given(Ordered, Started(), Started(2, "wechat")).And(order => Assert.Equal(2, order.CurrentPayment!.Ordinal));
        Given(Ordered, Started(), Started(2, "wechat"), Received()).And(order => Assert.Equal(1, order.CurrentPayment!.Ordinal));
    }

    static object? Column(Order order, string name) => OrderDocument.Kind.Columns.First(column => column.Name == name).Value(order);
}
