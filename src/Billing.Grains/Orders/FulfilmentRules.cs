namespace Billing.Orders;

/// <summary>How an order's stock and grants come and go. Pure.</summary>
public static class FulfilmentRules
{
    /// <summary>After so many failures in a row a person is told; it is still being tried.</summary>
    public const int StuckAfter = 5;

    static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>What follows from the command.</summary>
    public static Decision<OrderEvent, OrderError> Decide(Order order, OrderCommand command, DateTimeOffset now) => (order, command) switch
    {
        ({ Stock: StockStatus.Wanted }, RecordStock { Taken: true }) => [new StockSecured(now)],
        ({ Stock: StockStatus.Wanted, Payment: PaymentStatus.Paid }, RecordStock) =>
            [new LatePaymentUnhonoured(now, $"{order.Amount} came after the order had ended, and its plan has sold out meanwhile.")],
        // It ended before its piece was got: there is none to give back, and nobody is to be told that it was refused.
        ({ Stock: StockStatus.Wanted, Payment: PaymentStatus.Expired or PaymentStatus.Cancelled }, RecordStock) => [new StockGivenBack(now)],
        ({ Stock: StockStatus.Wanted }, RecordStock) => [new OrderRefused(now, order.Number, order.Wish, new PlanSoldOut())],
        (_, RecordStock) => [],

        ({ Stock: StockStatus.Returning }, RecordStockReturned) => [new StockGivenBack(now)],
        (_, RecordStockReturned) => [],

        ({ Payment: PaymentStatus.Paid, Fulfilment: FulfilmentStatus.InProgress }, RecordCredit { Failure: null }) => [new OrderFulfilled(now)],
        ({ Payment: PaymentStatus.Paid, Fulfilment: FulfilmentStatus.InProgress } o, RecordCredit { Failure: { } failure }) when o.CreditAttempts + 1 == StuckAfter =>
        [
            new CreditDelayed(now, failure, now + Backoff(o.CreditAttempts)),
            new FulfilmentStuck(now, $"The account could not be credited in {StuckAfter} tries: {failure}."),
        ],
        ({ Payment: PaymentStatus.Paid, Fulfilment: FulfilmentStatus.InProgress } o, RecordCredit { Failure: { } failure }) =>
            [new CreditDelayed(now, failure, now + Backoff(o.CreditAttempts))],
        (_, RecordCredit) => [],

        _ => throw new InvalidOperationException($"No rule for {command.GetType().Name}."),
    };

    // 1, 2, 4 … seconds, at most ten minutes.
    static TimeSpan Backoff(int failures)
    {
        var delay = TimeSpan.FromSeconds(1 << Math.Min(failures, 10));
        return delay < Longest ? delay : Longest;
    }
}

/// <summary>All of an order's rules.</summary>
public static class OrderRules
{
    /// <summary>What follows from the command.</summary>
    public static Decision<OrderEvent, OrderError> Decide(Order? order, OrderCommand command, DateTimeOffset now) => (order, command) switch
    {
        (_, PlaceOrder place) => PlacementRules.Decide(order, place, now),
        (null or { Refusal: not null }, _) => new OrderNotFound(),
        (_, RecordStock or RecordStockReturned or RecordCredit) => FulfilmentRules.Decide(order, command, now),
        (_, ResolveWorkItem resolve) => ResolutionRules.Decide(order, resolve, now),
        (_, RecordDispute news) => DisputeRules.Decide(order, news, now),
        (_, RecordDifference told) => ResolutionRules.Decide(order, told, now),
        (_, RequestRefund or WithdrawRefund or ApproveRefund or RejectRefund or RefundOrder or RecordHold or RecordRelease or RecordRefund or RecordRefundElsewhere) =>
            RefundRules.Decide(order, command, now),
        _ => PaymentRules.Decide(order, command, now),
    };
}
