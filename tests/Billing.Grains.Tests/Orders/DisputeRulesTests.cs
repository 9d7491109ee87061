using Billing.Accounts;
using Billing.Channels;
using Billing.Orders;
using static Billing.Tests.Orders.OrderSamples;

namespace Billing.Tests.Orders;

public class DisputeRulesTests
{
    static readonly string First = OrderNumber.OfRefund(Number, 1);
    static readonly Money Half = new(995, "CNY");
    static readonly HeldGrants All = new([new($"order:{Number}", Credits.Whole(1_000), Credits.Whole(1_000), null)], [], Voided: false, Noon, 1990);
    static readonly OrderEvent[] Credited = [Ordered, Started(), Prepared(), Received(), new OrderFulfilled(Noon)];

    static readonly DisputeOpened Opened = new(
        Noon, First, "D1", 1, "txn-1", Price, true, "19.90 CNY is disputed at the provider, as D1. Answer it there: what goes with it is held until it is decided.");

    static readonly DisputeWon WonIt = new(Noon, First, "The dispute was won: nothing went back.");

    [Fact]
    public void A_dispute_holds_what_goes_with_it_and_asks_a_person() =>
        Given(Credited).When(Says(DisputeStage.Opened)).Then(Opened).And(order =>
        {
            Assert.Equal((RefundStatus.Disputed, HoldStatus.Wanted), (order.Refunds.Single().Status, order.Refunds.Single().Hold));
            Assert.Equal((WorkItemKind.Dispute, First), (order.WorkItems.Single().Kind, order.WorkItems.Single().RefundNumber));
            Assert.IsType<HoldForRefund>(Order.Next(order, Noon));
            // What is disputed is not given back beside that, and is still what was paid.
            Assert.Equal((0, OrderStatus.Completed), (order.Refundable.MinorUnits, order.Status));
        });

    [Fact]
    public void What_is_held_for_a_dispute_is_not_sent_back_from_here() =>
        Given([.. Credited, Opened, new RefundHeld(Noon, First, All)]).When(Says(DisputeStage.Opened)).ThenNothing().And(order => Assert.Null(Order.Next(order, Noon.AddYears(1))));

    [Fact]
    public void Won_it_gives_back_what_was_held_and_closes_its_work_item() =>
        Given([.. Credited, Opened, new RefundHeld(Noon, First, All)]).When(Says(DisputeStage.Won)).Then(WonIt).And(order =>
        {
            Assert.IsType<ReleaseHeld>(Order.Next(order, Noon));
            var item = order.WorkItems.Single();
            Assert.Equal((Noon, (WorkItemResolution?)null, "The dispute was won: nothing went back."), (item.ResolvedAt, item.Resolution, item.Note));
            Assert.Equal(1990, order.Refundable.MinorUnits);
        });

    [Fact]
    public void Lost_it_is_a_refund_and_what_was_held_stays_taken() =>
        Given([.. Credited, Opened, new RefundHeld(Noon, First, All)]).When(Says(DisputeStage.Lost)).Then(new DisputeLost(Noon, First, Price)).And(order =>
        {
            Assert.Equal((OrderStatus.Refunded, FulfilmentStatus.Reversed, HoldStatus.Held), (order.Status, order.Fulfilment, order.Refunds.Single().Hold));
            Assert.Null(order.WorkItems.Single().ResolvedAt);
            Assert.Null(Order.Next(order, Noon.AddYears(1)));
        });

    [Fact]
    public void Lost_in_part_the_rest_of_what_was_held_goes_back() =>
        Given([.. Credited, Opened, new RefundHeld(Noon, First, All)]).When(Says(DisputeStage.Lost, Half)).Then(new DisputeLost(Noon, First, Half)).And(order =>
        {
            Assert.Equal(Credits.Whole(500), Assert.IsType<ReleaseHeld>(Order.Next(order, Noon)).Back.Credits);
            Assert.Equal(OrderStatus.PartiallyRefunded, order.Status);
        });

    [Fact]
    public void More_lost_than_was_announced_is_a_refund_beside_it() =>
        Given([.. Credited, Opened with { Amount = Half }]).When(Says(DisputeStage.Lost)).And(order =>
        {
            Assert.Equal([(Half, "D1"), (Half, "D1/more")], order.Refunds.Select(refund => (refund.Amount, refund.ProviderNumber!)));
            Assert.Equal(OrderStatus.Refunded, order.Status);
        }).When(Says(DisputeStage.Lost)).ThenNothing();

    [Fact]
    public void Lost_without_an_announcement_it_is_a_refund_made_elsewhere() =>
        Given(Credited).When(Says(DisputeStage.Lost)).And(order => Assert.Equal((RefundStatus.Succeeded, "D1"), (order.Refunds.Single().Status, order.Refunds.Single().ProviderNumber)))
            .When(Says(DisputeStage.Opened)).ThenNothing().When(Says(DisputeStage.Won)).ThenNothing();

    [Fact]
    public void Won_before_it_was_announced_it_is_over_and_the_late_announcement_opens_nothing() =>
        Given(Credited).When(Says(DisputeStage.Won)).Then(Opened with { NeedsHold = false }, WonIt).When(Says(DisputeStage.Opened)).ThenNothing().And(order =>
        {
            Assert.Equal(0, order.OpenWorkItems);
            Assert.Null(Order.Next(order, Noon.AddYears(1)));
        });

    [Fact]
    public void The_end_of_a_dispute_may_come_as_the_news_of_a_refund() =>
        Given([.. Credited, Opened]).When(new RecordRefundElsewhere(1, "D1", new RefundState.Succeeded(Price, Noon))).Then(new DisputeLost(Noon, First, Price))
            .When(new RecordRefundElsewhere(1, "D1", new RefundState.Succeeded(Price, Noon))).ThenNothing();

    [Fact]
    public void What_was_won_may_be_lost_after_all() =>
        Given([.. Credited, Opened, WonIt]).When(Says(DisputeStage.Lost)).And(order => Assert.Equal(RefundStatus.Succeeded, order.RefundStatus)).When(Says(DisputeStage.Lost)).ThenNothing();

    [Fact]
    public void A_dispute_of_what_was_never_paid_is_refused() => Given(Ordered, Started()).When(Says(DisputeStage.Opened)).Then(new OrderNotFound());

    static RecordDispute Says(DisputeStage stage, Money? amount = null) => new(1, new("D1", stage, amount ?? Price, Noon));
}
