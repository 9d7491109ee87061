using Billing.Channels;
using Billing.Orders;
using Billing.Reconciliations;
using CsCheck;
using static Billing.Tests.Orders.OrderSamples;

namespace Billing.Tests.Reconciliations;

public class ReconciliationRulesTests
{
    static readonly DateTimeOffset Later = Noon.AddDays(1);
    static readonly string PaymentNumber = OrderNumber.OfPayment(Number, 1);
    static readonly Money Other = Price with { MinorUnits = 1989 };

    [Fact]
    public void Money_there_and_not_here_is_told_to_the_order() =>
        Assert.Equal(
            new Finding.Differs(DifferenceKind.PaidThereNotHere, 1, null, "txn-1", null, Price) { News = new PaymentState.Paid(Price, "txn-1", null) },
            Assert.Single(Compared(History(Ordered, Started()), new PaymentState.Paid(Price, "txn-1", null))));

    [Fact]
    public void Money_here_and_not_there_is_a_persons()
    {
        var paid = History(Ordered, Started(), Received());
        foreach (var state in new PaymentState[] { new PaymentState.Pending(), new PaymentState.Closed(), new PaymentState.NotFound() })
            Assert.Equal(new Finding.Differs(DifferenceKind.PaidHereNotThere, 1, null, "txn-1", Price, null), Assert.Single(Compared(paid, state)));
        // A provider may call closed what went back whole.
        var back = History(Ordered, Started(), Received(), new OrderFulfilled(Noon), new RefundMadeElsewhere(Noon, Number + "R01", "X", 1, "txn-1", Price, true, "Why."));
        Assert.Equal(new Finding.Agreed(1, null, null, null, null), Assert.Single(Compared(back, new PaymentState.Closed())));
    }

    [Fact]
    public void An_answer_names_one_movement_and_says_nothing_of_others()
    {
        var twice = History(Ordered, Started(), Received(), new PaymentDuplicated(Noon, 1, "txn-2", Price, "Why."));
        Assert.Equal([new Finding.Agreed(1, null, "txn-1", Price, Price), new Finding.Unanswered(1, null)], Compared(twice, new PaymentState.Paid(Price, "txn-1", null)));
    }

    [Fact]
    public void What_is_open_there_and_closed_here_matters_where_it_could_have_been_closed()
    {
        var closed = History(Ordered, Started(), Closed());
        Assert.IsType<Finding.Agreed>(Assert.Single(Compared(closed, new PaymentState.Pending(), Opens)));
        Assert.Equal(DifferenceKind.OpenThereClosedHere, Assert.IsType<Finding.Differs>(Assert.Single(Compared(closed, new PaymentState.Pending(), Knows))).Kind);
        // Until its own end it may be on its way to being closed.
        var soon = ReconciliationRules.OfPayment(closed, closed.Payments[0], Done(new PaymentState.Pending()), Knows, Noon);
        Assert.IsType<Finding.Agreed>(Assert.Single(soon));
        Assert.Equal(DifferenceKind.ClosedThereOpenHere, Assert.IsType<Finding.Differs>(Assert.Single(Compared(History(Ordered, Started()), new PaymentState.Closed()))).Kind);
    }

    [Fact]
    public void An_unknown_answer_is_no_difference()
    {
        var paid = History(Ordered, Started(), Received());
        foreach (var answer in new ChannelAnswer<PaymentState>[]
        {
            new ChannelAnswer<PaymentState>.Unknown(UnknownKind.NoAnswer), new ChannelAnswer<PaymentState>.Refused(RefusalKind.BadCredentials, "X"),
            new ChannelAnswer<PaymentState>.Refused(RefusalKind.AlreadyPaid, "X"),
        })
            Assert.Equal(new Finding.Unanswered(1, null), Assert.Single(ReconciliationRules.OfPayment(paid, paid.Payments[0], answer, Knows, Later)));
    }

    [Fact]
    public void Refunds_are_compared_in_every_status()
    {
        var refund = new Refund(Number + "R01", 1, "txn-1", Price, RefundStatus.Processing, HoldStatus.Held, null, false, "a", "k", null, Noon, 1, Noon, 0, true);
        var done = refund with { Status = RefundStatus.Succeeded };
        var failed = refund with { Status = RefundStatus.Failed };
        Assert.IsType<Finding.Agreed>(Of(done, new RefundState.Succeeded(Price, null)));
        Assert.IsType<Finding.Agreed>(Of(refund, new RefundState.Pending()));
        Assert.IsType<Finding.Agreed>(Of(refund, new RefundState.NotFound()));
        Assert.IsType<Finding.Agreed>(Of(failed, new RefundState.Failed("X")));
        Assert.Equal(DifferenceKind.RefundAmountDiffers, Kind(Of(done, new RefundState.Succeeded(Other, null))));
        Assert.Equal(DifferenceKind.RefundedThereNotHere, Kind(Of(refund, new RefundState.Succeeded(Price, null))));
        Assert.Equal(DifferenceKind.RefundedThereNotHere, Kind(Of(failed, new RefundState.Succeeded(Price, null))));
        Assert.Equal(DifferenceKind.RefundedHereNotThere, Kind(Of(done, new RefundState.NotFound())));
        Assert.Equal(DifferenceKind.RefundedHereNotThere, Kind(Of(done, new RefundState.Pending())));
        Assert.Equal(DifferenceKind.RefundedHereNotThere, Kind(Of(done, new RefundState.Failed("X"))));
        Assert.Equal(DifferenceKind.RefundedHereNotThere, Kind(Of(refund, new RefundState.Failed("X"))));
        Assert.IsType<Finding.Unanswered>(ReconciliationRules.OfRefund(done, new ChannelAnswer<RefundState>.Unknown(UnknownKind.RateLimited)));

        static Finding Of(Refund refund, RefundState state) => ReconciliationRules.OfRefund(refund, new ChannelAnswer<RefundState>.Done(state));
        static DifferenceKind Kind(Finding finding) => Assert.IsType<Finding.Differs>(finding).Kind;
    }

    [Fact]
    public void The_bill_says_what_need_not_be_asked()
    {
        var paid = History(Ordered, Started(), Received());
        BillLine line = new(PaymentNumber, Merchant, "txn-1", null, Price, null);
        Assert.Single(ReconciliationRules.ToAsk(paid, "alipay", null));
        Assert.Empty(ReconciliationRules.ToAsk(paid, "wechat", null));
        Assert.Empty(ReconciliationRules.ToAsk(paid, "alipay", [line]));
        Assert.Single(ReconciliationRules.ToAsk(paid, "alipay", [line with { TransactionId = "txn-2" }]));
        Assert.Single(ReconciliationRules.ToAsk(paid, "alipay", []));
        Assert.Empty(ReconciliationRules.ToAsk(History(Ordered, Started()), "alipay", []));
        Assert.IsType<Finding.Agreed>(ReconciliationRules.OfLine(paid, paid.Payments[0], line));
    }

    /// <summary>
    /// Whatever happened here and there: what the order takes from the provider agrees when it is compared again; what it does not take becomes one work item, and
    /// telling it once more changes nothing. No money is made up: an order has what it had, and what the provider says.
    /// </summary>
    [Fact]
    public void Whatever_is_found_is_healed_or_told_once() => Pairs.Sample(
        pair =>
        {
            var (order, there) = pair;
            foreach (var finding in Compared(order, there).OfType<Finding.Differs>())
            {
                var after = Told(order, finding);
                var again = Compared(after, there).OfType<Finding.Differs>().ToList();
                if (finding.News is not null)
                {
                    Assert.DoesNotContain(again, same => same.Records.Key == finding.Records.Key);
                    Assert.Equal(order.Receipts.Length + (there is PaymentState.Paid ? 1 : 0), after.Receipts.Length);
                }
                else
                {
                    Assert.Contains(again, same => same.Records.Key == finding.Records.Key);
                    Assert.Single(after.WorkItems, item => item.Difference == finding.Records.Key);
                    Assert.Equal(order.Receipts.AsEnumerable(), after.Receipts);
                    Assert.Equal(after, Told(after, finding));
                }
            }

            // Those of the provider's that are here in the same amount agree, and nothing else does.
            var agreed = Compared(order, there).OfType<Finding.Agreed>().Where(finding => finding.TransactionId is not null).ToList();
            Assert.Equal(there is PaymentState.Paid paid && order.Receipts.Any(receipt => receipt.TransactionId == paid.TransactionId && receipt.Amount == paid.Amount) ? 1 : 0, agreed.Count);
        },
        iter: 20_000);

    static readonly Gen<Money> AnyMoney = Gen.OneOfConst(Price, Other, new Money(1990, "USD"));
    static readonly Gen<string> AnyTransaction = Gen.OneOfConst("txn-1", "txn-2", "txn-3");

    static readonly Gen<PaymentState> AnyState = Gen.OneOf<PaymentState>(
        Gen.Const<PaymentState>(new PaymentState.Pending()), Gen.Const<PaymentState>(new PaymentState.Closed()), Gen.Const<PaymentState>(new PaymentState.NotFound()),
        Gen.Select(AnyMoney, AnyTransaction, PaymentState (amount, transaction) => new PaymentState.Paid(amount, transaction, null)));

    static readonly Gen<OrderCommand> AnyCommand = Gen.OneOf(
        AnyState.Select(OrderCommand (state) => Says(state)), Gen.Const<OrderCommand>(new CancelOrder(Alice)), Gen.Const<OrderCommand>(new RecordCredit(null)),
        Gen.Const<OrderCommand>(new RecordDifference(new(DifferenceKind.PaidHereNotThere, 1, null, "txn-1", Price, null))));

    static readonly Gen<(Order Order, PaymentState There)> Pairs = Gen.Select(
        AnyCommand.Array[0, 4], AnyState, (commands, there) => (commands.Aggregate(History(Ordered, Started()), Obeyed), there));

    static Order History(params OrderEvent[] events) => events.Aggregate((Order?)null, Order.After)!;

    static Order Obeyed(Order order, OrderCommand command) => OrderRules.Decide(order, command, Noon).Events.Aggregate(order, Order.After);

    static Order Told(Order order, Finding.Differs finding) => Obeyed(order, finding.News is { } news ? Says(news) : new RecordDifference(finding.Records));

    static ChannelAnswer<PaymentState> Done(PaymentState state) => new ChannelAnswer<PaymentState>.Done(state);

    static List<Finding> Compared(Order order, PaymentState state, ChannelTraits? traits = null) =>
        [.. ReconciliationRules.OfPayment(order, order.Payments[0], Done(state), traits ?? Knows, Later)];
}
