using System.Collections.Immutable;

namespace Billing.Orders;

public sealed partial record Order
{
    /// <summary>The order after one more event. It states facts and decides nothing.</summary>
    public static Order After(Order? order, OrderEvent happened) => (order, happened) switch
    {
        (null, OrderPlaced e) => new(
            e.Number, e.Wish, null, e.Plan, e.Amount, PaymentStatus.Unpaid, FulfilmentStatus.NotStarted,
            e.Plan.CountsStock ? StockStatus.Wanted : StockStatus.NotCounted, e.Plan.CountsStock ? 1 : 0,
            [], [], [], e.OpenSlot, e.PurchaseSlot, e.At, e.ExpiresAt, null, null, null, 0),
        (null, OrderRefused e) => new(
            e.Number, e.Wish, e.Refusal, null, new(0, "XXX"), PaymentStatus.Unpaid, FulfilmentStatus.NotStarted, StockStatus.NotCounted, 0,
            [], [], [], null, null, e.At, e.At, null, null, null, 0),
        ({ } o, OrderRefused e) => o with { Refusal = e.Refusal, Stock = StockStatus.Without, PurchaseSlot = null },

        ({ Payment: PaymentStatus.Expired or PaymentStatus.Cancelled } o, StockSecured) => o with { Stock = StockStatus.Returning },
        ({ } o, StockSecured) => o with { Stock = StockStatus.Taken },
        ({ Payment: PaymentStatus.Paid } o, StockGivenBack) => o with { Stock = StockStatus.Wanted, StockTakes = o.StockTakes + 1 },
        ({ } o, StockGivenBack) => o with { Stock = StockStatus.Without },

        ({ } o, PaymentStarted e) => o with
        {
            Payment = PaymentStatus.Pending,
            Payments =
            [
                .. o.Payments.Select(other => other.IsOpen && !other.Superseded ? other with { Superseded = true, LookAt = e.At } : other),
                new(e.Ordinal, e.MethodId, e.Merchant, e.Amount, PaymentStatus.Pending, e.Checkout, e.At, e.ExpiresAt, e.LookAt, 0, false, null),
            ],
        },
        ({ } o, PaymentPrepared e) => o.With(e.Ordinal, payment => payment with { Checkout = e.Checkout, LookAt = e.LookAt, Asked = 0 }),
        ({ } o, PaymentAsked e) => o.With(e.Ordinal, payment => payment with { Asked = payment.Asked + 1, LookAt = e.LookAt }),
        ({ } o, PaymentClosed e) => o.With(e.Ordinal, payment => payment with { Status = e.Status }).WithoutOpenPaymentIsUnpaid().Answered(e.At),

        ({ } o, PaymentReceived e) => o.Answered(e.At) with
        {
            Payment = PaymentStatus.Paid,
            Fulfilment = FulfilmentStatus.InProgress,
            PaidAt = e.At,
            CreditAt = e.At,
            Stock = o.Stock == StockStatus.Without ? StockStatus.Wanted : o.Stock,
            StockTakes = o.Stock == StockStatus.Without ? o.StockTakes + 1 : o.StockTakes,
            Receipts = o.Receipts.Add(new(e.Ordinal, e.TransactionId, e.Amount)),
            Payments =
            [
                .. o.Payments.Select(payment => payment.Ordinal == e.Ordinal
                    ? payment with { Status = PaymentStatus.Paid, TransactionId = e.TransactionId }
                    : LookedAtFrom(e.At)(payment)),
            ],
        },
        ({ } o, PaymentHeld e) => o.Answered(e.At).With(e.Ordinal, payment => payment.IsOpen ? payment with { Status = PaymentStatus.Held } : payment) with
        {
            Payment = o.Payment == PaymentStatus.Paid ? PaymentStatus.Paid : PaymentStatus.Held,
            Receipts = o.Receipts.Add(new(e.Ordinal, e.TransactionId, e.Amount)),
            WorkItems = o.Answered(e.At).Opened(e.Kind, e.Detail, e.At),
        },
        ({ } o, PaymentDuplicated e) => o.Answered(e.At).With(e.Ordinal, payment => payment.IsOpen ? payment with { Status = PaymentStatus.Held } : payment) with
        {
            Receipts = o.Receipts.Add(new(e.Ordinal, e.TransactionId, e.Amount)),
            WorkItems = o.Answered(e.At).Opened(WorkItemKind.DuplicatePayment, e.Detail, e.At),
        },
        ({ } o, LatePaymentUnhonoured e) => o with
        {
            Payment = PaymentStatus.Held,
            Fulfilment = FulfilmentStatus.NotStarted,
            PaidAt = null,
            CreditAt = null,
            Stock = StockStatus.Without,
            WorkItems = o.Opened(WorkItemKind.LatePayment, e.Detail, e.At),
        },
        ({ } o, ProviderFellSilent e) => o with { WorkItems = o.Opened(WorkItemKind.ProviderSilent, e.Detail, e.At) },

        ({ } o, OrderFulfilled e) => o with
        {
            Fulfilment = FulfilmentStatus.Fulfilled,
            FulfilledAt = e.At,
            CreditAt = null,
            WorkItems = o.Resolved(WorkItemKind.FulfilmentStuck, e.At),
        },
        ({ } o, CreditDelayed e) => o with { CreditAttempts = o.CreditAttempts + 1, CreditAt = e.RetryAt },
        ({ } o, FulfilmentStuck e) => o with { WorkItems = o.Opened(WorkItemKind.FulfilmentStuck, e.Detail, e.At) },

        ({ } o, OrderExpired) => o.Ended(PaymentStatus.Expired),
        ({ } o, OrderCancelled e) => o.Ended(PaymentStatus.Cancelled) with { Payments = [.. o.Payments.Select(LookedAtFrom(e.At))] },

        _ => throw new InvalidOperationException($"{happened.GetType().Name} cannot happen to {(order is null ? "no order" : "this order")}."),
    };

    // Its places are free for other orders; a paid order that comes back late goes without. A piece that is still wanted may have been taken by a call
    // that is under way: it stays wanted until the plan has said so, and then goes back.
    Order Ended(PaymentStatus status) => this with
    {
        Payment = status,
        PurchaseSlot = null,
        Stock = Stock == StockStatus.Taken ? StockStatus.Returning : Stock,
    };

    Order With(int ordinal, Func<Payment, Payment> change) =>
        this with { Payments = [.. Payments.Select(payment => payment.Ordinal == ordinal ? change(payment) : payment)] };

    Order WithoutOpenPaymentIsUnpaid() =>
        Payment == PaymentStatus.Pending && !Payments.Any(payment => payment.IsOpen) ? this with { Payment = PaymentStatus.Unpaid } : this;

    // A provider that has said what became of a payment is silent no more. Should another one be, its deadline opens a new work item.
    Order Answered(DateTimeOffset at) => this with { WorkItems = Resolved(WorkItemKind.ProviderSilent, at) };

    // What is still open at a provider is to be closed there.
    static Func<Payment, Payment> LookedAtFrom(DateTimeOffset at) => payment => payment.IsOpen ? payment with { LookAt = at, Asked = 0 } : payment;

    ImmutableArray<WorkItem> Opened(WorkItemKind kind, string detail, DateTimeOffset at) =>
        WorkItems.Add(new($"{Number}-{WorkItems.Length + 1}", kind, detail, at, null));

    ImmutableArray<WorkItem> Resolved(WorkItemKind kind, DateTimeOffset at) =>
        [.. WorkItems.Select(item => item.Kind == kind && item.ResolvedAt is null ? item with { ResolvedAt = at } : item)];
}
