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
        ({ Fulfilment: FulfilmentStatus.Reversed } o, StockGivenBack) => o with { Stock = StockStatus.Without },
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
            WorkItems = o.Answered(e.At).OpenedFor(e.Kind, e.Detail, e.At, e.Ordinal, e.TransactionId),
        },
        ({ } o, PaymentDuplicated e) => o.Answered(e.At).With(e.Ordinal, payment => payment.IsOpen ? payment with { Status = PaymentStatus.Held } : payment) with
        {
            Receipts = o.Receipts.Add(new(e.Ordinal, e.TransactionId, e.Amount)),
            WorkItems = o.Answered(e.At).OpenedFor(WorkItemKind.DuplicatePayment, e.Detail, e.At, e.Ordinal, e.TransactionId),
        },
        ({ } o, LatePaymentUnhonoured e) => o with
        {
            Payment = PaymentStatus.Held,
            Fulfilment = FulfilmentStatus.NotStarted,
            PaidAt = null,
            CreditAt = null,
            Stock = StockStatus.Without,
            WorkItems = o.OpenedFor(WorkItemKind.LatePayment, e.Detail, e.At, o.Settling?.Ordinal, o.Settling?.TransactionId),
            Payments = [.. o.Payments.Select(payment => payment.Status == PaymentStatus.Paid ? payment with { Status = PaymentStatus.Held } : payment)],
        },
        ({ } o, ProviderFellSilent e) => o with { WorkItems = o.OpenedFor(WorkItemKind.ProviderSilent, e.Detail, e.At, e.Ordinal, null) },
        ({ } o, HeldPaymentAccepted e) => o with
        {
            Payment = PaymentStatus.Paid,
            Fulfilment = FulfilmentStatus.InProgress,
            PaidAt = e.At,
            CreditAt = e.At,
            GrantsInProportion = e.Grants,
            // A person decided: whether a piece is left does not matter any more.
            Stock = o.Stock == StockStatus.Wanted ? StockStatus.Without : o.Stock,
            Payments =
            [
                .. o.Payments.Select(payment => payment.Ordinal == e.Ordinal
                    ? payment with { Status = PaymentStatus.Paid, TransactionId = e.TransactionId }
                    : LookedAtFrom(e.At)(payment)),
            ],
        },

        ({ } o, OrderFulfilled e) => (o with
        {
            Fulfilment = FulfilmentStatus.Fulfilled,
            FulfilledAt = e.At,
            CreditAt = null,
            WorkItems = o.Resolved(WorkItemKind.FulfilmentStuck, e.At),
        }).OverIfAllIsBack(e.At),
        ({ } o, CreditDelayed e) => o with { CreditAttempts = o.CreditAttempts + 1, CreditAt = e.RetryAt },
        ({ } o, FulfilmentStuck e) => o with { WorkItems = o.Opened(WorkItemKind.FulfilmentStuck, e.Detail, e.At) },

        ({ } o, CreditRetried e) => o with { CreditAt = e.At, CreditAttempts = 0 },

        ({ } o, RefundRequested e) => o with
        {
            AllRefunds = (o.AllRefunds ?? []).Add(new(
                e.Number, e.Ordinal, e.TransactionId, e.Amount, RefundStatus.Requested, e.NeedsHold ? HoldStatus.Wanted : HoldStatus.NotNeeded, null, e.EvenIfSpent, e.By,
                e.Key, e.Reason, e.At, 1, e.At, 0, false)),
        },
        ({ } o, RefundHeld e) => o.WithRefund(e.Number, refund => refund with
        {
            Held = e.Held,
            WasVoided = e.Held.Voided,
            // Decided while it was being held: what is not needed goes back.
            Hold = refund.Keeps == e.Held.For ? HoldStatus.Held : HoldStatus.Excess,
            LookAt = e.At,
            Asked = 0,
        }).WithoutGrants(e.Held.Voided, e.At).OverIfAllIsBack(e.At),
        ({ } o, RefundRefused e) => o.WithRefund(e.Number, refund => refund with { Status = RefundStatus.Refused, Hold = HoldStatus.Released, CompletedAt = e.At }),
        ({ } o, RefundWithdrawn e) => o.WithRefund(e.Number, refund => Excess(refund with { Status = RefundStatus.Withdrawn, CompletedAt = e.At }, e.At)),
        ({ } o, RefundRejected e) => o.WithRefund(e.Number, refund => Excess(
            refund with { Status = RefundStatus.Rejected, CompletedAt = e.At, DecidedAt = e.At, DecidedBy = e.By, DecisionNote = e.Note }, e.At)) with
        {
            WorkItems = o.OpenedAgain(o.FindRefund(e.Number)!, e.At),
        },
        ({ } o, RefundApprovedFirst e) => o.WithRefund(e.Number, refund => refund with { FirstApproval = new(e.By, e.Amount, e.Note) }),
        ({ } o, RefundApproved e) => o.WithRefund(e.Number, refund => Excess(
            refund with
            {
                Status = RefundStatus.Processing,
                Amount = e.Amount,
                Requested = e.Amount == refund.Amount ? null : refund.Amount,
                DecidedAt = e.At,
                DecidedBy = e.By,
                DecisionNote = e.Note,
            },
            e.At)),
        ({ } o, RefundHoldReleased e) => o.WithRefund(e.Number, refund => refund with
        {
            Held = e.Held,
            // It may have come to nothing while the rest was given back: then what was kept is too much.
            Hold = e.Held is null ? HoldStatus.Released : e.Held.For == refund.Keeps ? HoldStatus.Held : HoldStatus.Excess,
            LookAt = e.At,
            Asked = 0,
        }).WithGrantsIfAnyAreLeft(e.At),
        ({ } o, RefundAsked e) => o.WithRefund(e.Number, refund => refund with { Asked = refund.Asked + 1, LookAt = e.LookAt, Sent = e.Sent }),
        ({ } o, RefundFellSilent e) => o with { WorkItems = o.OpenedForRefund(WorkItemKind.ProviderSilent, e.Detail, e.At, e.Number) },
        ({ } o, RefundSucceeded e) => (o with { WorkItems = o.ResolvedForRefund(e.Number, e.At) })
            .WithRefund(e.Number, refund => refund with { Status = RefundStatus.Succeeded, CompletedAt = e.At })
            .OverIfAllIsBack(e.At),
        ({ } o, RefundFailed e) => o.WithRefund(e.Number, refund => refund with { Status = RefundStatus.Failed, CompletedAt = null }) with
        {
            WorkItems = (o with { WorkItems = o.ResolvedForRefund(e.Number, e.At) }).OpenedForRefund(WorkItemKind.RefundFailed, e.Detail, e.At, e.Number),
        },
        ({ } o, RefundRetried e) => o.WithRefund(e.Number, refund => refund with { Status = RefundStatus.Processing, LookAt = e.At, Asked = 0, Sent = refund.Sent && refund.Status == RefundStatus.Processing }),
        ({ } o, RefundGivenUp e) => o.WithRefund(e.Number, refund => Excess(refund with { Status = RefundStatus.Failed, CompletedAt = e.At }, e.At)),
        ({ } o, RefundMadeElsewhere e) => (o with
        {
            AllRefunds = (o.AllRefunds ?? []).Add(new(
                e.Number, e.Ordinal, e.TransactionId, e.Amount, RefundStatus.Succeeded, e.NeedsHold ? HoldStatus.Wanted : HoldStatus.NotNeeded, null, true,
                Actor.System.Name, e.ProviderNumber, null, e.At, 1, e.At, 0, true)
            { ProviderNumber = e.ProviderNumber, CompletedAt = e.At }),
            WorkItems = o.OpenedForRefund(WorkItemKind.Dispute, e.Detail, e.At, e.Number),
        }).OverIfAllIsBack(e.At),

        ({ } o, DisputeOpened e) => o with
        {
            AllRefunds = (o.AllRefunds ?? []).Add(new(
                e.Number, e.Ordinal, e.TransactionId, e.Amount, RefundStatus.Disputed, e.NeedsHold ? HoldStatus.Wanted : HoldStatus.NotNeeded, null, true,
                Actor.System.Name, e.ProviderNumber, null, e.At, 1, e.At, 0, true)
            { ProviderNumber = e.ProviderNumber }),
            WorkItems = o.OpenedForRefund(WorkItemKind.Dispute, e.Detail, e.At, e.Number),
        },
        ({ } o, DisputeWon e) => o.WithRefund(e.Number, refund => Excess(refund with { Status = RefundStatus.DisputeWon, CompletedAt = e.At }, e.At)) with
        {
            WorkItems = [.. o.WorkItems.Select(item => item.RefundNumber == e.Number && item.ResolvedAt is null ? item with { ResolvedAt = e.At, Note = e.Note } : item)],
        },
        // Its work item stays: a person shall know.
        ({ } o, DisputeLost e) => o.WithRefund(e.Number, refund => Excess(refund with { Status = RefundStatus.Succeeded, Amount = e.Amount, CompletedAt = e.At }, e.At)).OverIfAllIsBack(e.At),

        ({ } o, RecordsDiffered e) => o with
        {
            WorkItems = o.WorkItems.Add(new($"{o.Number}-{o.WorkItems.Length + 1}", WorkItemKind.RecordsDiffer, e.Detail, e.At, null) { Ordinal = e.Ordinal, Difference = e.Difference }),
        },

        ({ } o, WorkItemResolved e) => o with
        {
            WorkItems =
            [
                .. o.WorkItems.Select(item => item.Id == e.Id ? item with { ResolvedAt = e.At, Resolution = e.Resolution, ResolvedBy = e.By, Note = e.Note } : item),
            ],
        },

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

    Order WithRefund(string number, Func<Refund, Refund> change) => this with
    {
        AllRefunds = [.. (AllRefunds ?? []).Select(refund => refund.Number == number ? change(refund) with { Version = refund.Version + 1 } : refund)],
    };

    // What a refund holds and does not need any more is to be given back. What is not held yet is not wanted, or is split when it is.
    static Refund Excess(Refund refund, DateTimeOffset at) => refund.Hold switch
    {
        HoldStatus.Held when refund.Keeps < refund.Held!.For => refund with { Hold = HoldStatus.Excess, LookAt = at, Asked = 0 },
        _ => refund with { LookAt = at, Asked = 0 },
    };

    Order WithoutGrants(bool really, DateTimeOffset at) =>
        really ? this with { Fulfilment = FulfilmentStatus.Reversed, CreditAt = null, WorkItems = Resolved(WorkItemKind.FulfilmentStuck, at) } : this;

    // What nothing holds as never granted, and was not all paid back, is granted.
    Order WithGrantsIfAnyAreLeft(DateTimeOffset at) =>
        Fulfilment == FulfilmentStatus.Reversed && Settling is { } settling && RefundedOf(settling) < settling.Amount.MinorUnits && AllRefunds?.Any(refund => refund.Held?.Voided == true) != true
            ? this with { Fulfilment = FulfilmentStatus.Fulfilled, FulfilledAt = FulfilledAt ?? at }
            : this;

    // Its places are free for others, as those of an order that ended unpaid.
    Order OverIfAllIsBack(DateTimeOffset at) => Fulfilment is FulfilmentStatus.Fulfilled or FulfilmentStatus.Reversed && Settling is { } settling && RefundedOf(settling) >= settling.Amount.MinorUnits
        ? WithoutGrants(true, at) with { PurchaseSlot = null, Stock = Stock == StockStatus.Taken ? StockStatus.Returning : Stock }
        : this;

    // A provider that has said what became of a payment is silent no more. Should another one be, its deadline opens a new work item.
    Order Answered(DateTimeOffset at) => this with { WorkItems = Resolved(WorkItemKind.ProviderSilent, at) };

    // What is still open at a provider is to be closed there.
    static Func<Payment, Payment> LookedAtFrom(DateTimeOffset at) => payment => payment.IsOpen ? payment with { LookAt = at, Asked = 0 } : payment;

    ImmutableArray<WorkItem> OpenedFor(WorkItemKind kind, string detail, DateTimeOffset at, int? ordinal, string? transactionId) =>
        WorkItems.Add(new($"{Number}-{WorkItems.Length + 1}", kind, detail, at, null) { Ordinal = ordinal, TransactionId = transactionId });

    ImmutableArray<WorkItem> OpenedForRefund(WorkItemKind kind, string detail, DateTimeOffset at, string number) =>
        WorkItems.Add(new($"{Number}-{WorkItems.Length + 1}", kind, detail, at, null) { RefundNumber = number });

    // Money that settles nothing was to go back, and another administrator was against it: it still needs an end.
    ImmutableArray<WorkItem> OpenedAgain(Refund rejected, DateTimeOffset at) =>
        rejected.Hold == HoldStatus.NotNeeded && WorkItems.LastOrDefault(item => item.TransactionId == rejected.TransactionId && item.Ordinal == rejected.Ordinal) is { ResolvedAt: not null } before
            ? OpenedFor(before.Kind, before.Detail, at, before.Ordinal, before.TransactionId)
            : WorkItems;

    // It ended by itself: the money that it was about has gone back, or the provider has answered.
    ImmutableArray<WorkItem> ResolvedForRefund(string number, DateTimeOffset at)
    {
        var refund = FindRefund(number);
        return
        [
            .. WorkItems.Select(item => item.ResolvedAt is null
                && (item.RefundNumber == number || (item.TransactionId == refund?.TransactionId && item.Ordinal == refund?.Ordinal && item.Kind != WorkItemKind.ProviderSilent))
                    ? item with { ResolvedAt = at }
                    : item),
        ];
    }

    ImmutableArray<WorkItem> Opened(WorkItemKind kind, string detail, DateTimeOffset at) =>
        WorkItems.Add(new($"{Number}-{WorkItems.Length + 1}", kind, detail, at, null));

    ImmutableArray<WorkItem> Resolved(WorkItemKind kind, DateTimeOffset at) =>
        [.. WorkItems.Select(item => item.Kind == kind && item.ResolvedAt is null ? item with { ResolvedAt = at } : item)];
}
