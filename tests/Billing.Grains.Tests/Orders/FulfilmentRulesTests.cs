using Billing.Orders;
using static Billing.Tests.Orders.OrderSamples;

namespace Billing.Tests.Orders;

public class FulfilmentRulesTests
{
    static readonly RecordStock Got = new(true);
    static readonly RecordStock SoldOut = new(false);
    static readonly RecordCredit Done = new(Failure: null);
    static readonly RecordCredit Failed = new("TimeoutException");

    [Fact]
    public void A_piece_is_taken_before_the_order_can_be_paid() =>
        Given(OrderedLimited).When(Start()).Then(new OrderNotPayable(OrderStatus.AwaitingPayment))
            .When(Got).Then(Secured)
            .When(Start()).Then(Started());

    [Fact]
    public void The_last_piece_went_to_another_and_the_order_is_refused() =>
        Given(OrderedLimited).When(SoldOut).Then(new OrderRefused(Noon, Number, Wish, new PlanSoldOut())).And(order => Assert.Null(order.PurchaseSlot));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_ended_order_gives_its_piece_back(bool cancelled) =>
        Given(OrderedLimited, Secured, cancelled ? Cancelled : Expired)
            .And(order => Assert.Equal(new ReturnStock("starter", $"returned:{Number}:1"), Order.Next(order, Ends)))
            .When(new RecordStockReturned()).Then(new StockGivenBack(Noon))
            .When(new RecordStockReturned()).ThenNothing()
            .And(order => Assert.Null(Order.Next(order, Ends)));

    [Fact]
    public void A_piece_that_was_taken_while_the_order_was_cancelled_goes_back() =>
        Given(OrderedLimited, Cancelled).And(order => Assert.IsType<TakeStock>(Order.Next(order, Noon)))
            .When(Got).Then(Secured)
            .And(order => Assert.Equal(new ReturnStock("starter", $"returned:{Number}:1"), Order.Next(order, Noon)));

    [Fact]
    public void A_cancelled_order_that_got_no_piece_stays_cancelled() =>
        Given(OrderedLimited, Cancelled).When(SoldOut).Then(new StockGivenBack(Noon))
            .And(order => Assert.Equal((OrderStatus.Cancelled, null, null), (order.Status, order.Refusal, Order.Next(order, Noon))));

    [Fact]
    public void Late_money_takes_a_piece_anew() =>
        Given(OrderedLimited, Secured, Started(), Closed(), Expired, new StockGivenBack(Ends), Received(late: true))
            .And(order => Assert.Equal(new TakeStock("starter", $"taken:{Number}:2"), Order.Next(order, Ends)))
            .When(Got).Then(Secured)
            .And(order => Assert.Equal(new CreditAccount("alice", $"order:{Number}"), Order.Next(order, Ends)));

    [Fact]
    public void Late_money_that_comes_while_the_piece_goes_back_takes_one_anew() =>
        Given(OrderedLimited, Secured, Started(), Cancelled, Received(late: true)).When(new RecordStockReturned()).Then(new StockGivenBack(Noon))
            .And(order => Assert.Equal(new TakeStock("starter", $"taken:{Number}:2"), Order.Next(order, Noon)));

    [Fact]
    public void Late_money_for_a_plan_that_has_sold_out_waits_for_a_person() =>
        Given(OrderedLimited, Secured, Started(), Cancelled, new StockGivenBack(Noon), Received(late: true)).When(SoldOut)
            .Then(new LatePaymentUnhonoured(Noon, "19.90 CNY came after the order had ended, and its plan has sold out meanwhile."))
            .And(order =>
            {
                Assert.Equal((OrderStatus.OnHold, FulfilmentStatus.NotStarted, 1), (order.Status, order.Fulfilment, order.OpenWorkItems));
                Assert.Equal(WorkItemKind.LatePayment, order.WorkItems[0].Kind);
            });

    [Fact]
    public void An_answer_about_stock_that_nobody_waits_for_changes_nothing()
    {
        Given(Ordered).When(Got).ThenNothing();
        Given(OrderedLimited, Secured).When(SoldOut).ThenNothing();
        Given(OrderedLimited).When(new RecordStockReturned()).ThenNothing();
    }

    [Fact]
    public void A_paid_order_is_fulfilled_once_its_account_was_credited() =>
        Given(Ordered, Started(), Received()).When(Done).Then(new OrderFulfilled(Noon)).When(Done).ThenNothing()
            .And(order => Assert.Equal((OrderStatus.Completed, Noon), (order.Status, order.FulfilledAt)));

    [Fact]
    public void Crediting_is_tried_again_later_and_later()
    {
        var story = Given(Ordered, Started(), Received());
        foreach (var seconds in new[] { 1, 2, 4, 8 }) story = story.When(Failed).Then(new CreditDelayed(Noon, "TimeoutException", Noon.AddSeconds(seconds)));
        story.And(order => Assert.Null(Order.Next(order, Noon.AddSeconds(7))))
            .And(order => Assert.IsType<CreditAccount>(Order.Next(order, Noon.AddSeconds(8))));
    }

    [Fact]
    public void Crediting_that_keeps_failing_is_shown_to_a_person_and_still_tried()
    {
        var story = Given(Ordered, Started(), Received()).When(Failed).When(Failed).When(Failed).When(Failed).When(Failed)
            .Then(new CreditDelayed(Noon, "TimeoutException", Noon.AddSeconds(16)),
                new FulfilmentStuck(Noon, "The account could not be credited in 5 tries: TimeoutException."))
            .When(Failed).Then(new CreditDelayed(Noon, "TimeoutException", Noon.AddSeconds(32)));
        for (var more = 0; more < 20; more++) story = story.When(Failed);
        story.Then(new CreditDelayed(Noon, "TimeoutException", Noon.AddMinutes(10)))
            .And(order => Assert.Equal(1, order.OpenWorkItems))
            .When(Done).Then(new OrderFulfilled(Noon))
            .And(order => Assert.Equal(0, order.OpenWorkItems));
    }

    [Fact]
    public void An_order_that_is_not_paid_is_not_credited()
    {
        Given(Ordered).When(Done).ThenNothing();
        Given(Ordered, Started(), Closed(), Expired).When(Done).ThenNothing();
    }
}
