using System.Collections.Immutable;
using Billing.Catalog;

namespace Billing.Orders;

/// <summary>What a person can decide about money that got stuck. Pure.</summary>
public static class ResolutionRules
{
    /// <summary>What follows from the decision.</summary>
    public static Decision<OrderEvent, OrderError> Decide(Order order, ResolveWorkItem resolve, DateTimeOffset now) =>
        order.WorkItems.FirstOrDefault(item => item.Id == resolve.Id) switch
        {
            null => new WorkItemNotFound(),
            { ResolvedAt: not null } item when item.Resolution == resolve.Resolution && item.ResolvedBy == resolve.By.Name && item.Note == resolve.Note => [],
            { ResolvedAt: not null } => new WorkItemAlreadyResolved(),
            var item when Possible(order, item) is var possible && !possible.Contains(resolve.Resolution) => new ResolutionNotPossible(possible),
            var item => RefundRules.WithEnd(order, [new WorkItemResolved(now, item.Id, resolve.Resolution, resolve.By.Name, resolve.Note), .. Follows(order, item, resolve, now)], now),
        };

    /// <summary>What follows from a difference between the provider's records and ours: one work item, whatever a person has made of it.</summary>
    public static Decision<OrderEvent, OrderError> Decide(Order order, RecordDifference told, DateTimeOffset now) => told.Difference switch
    {
        var difference when order.Attempt(difference.Ordinal) is null => new OrderNotFound(),
        var difference when order.WorkItems.Any(item => item.Difference == difference.Key) => [],
        var difference => [new RecordsDiffered(now, difference.Ordinal, difference.Key, difference.Detail)],
    };

    /// <summary>How a work item can be decided now; nothing while it is being settled by itself.</summary>
    public static ImmutableArray<WorkItemResolution> Possible(Order order, WorkItem item)
    {
        var receipt = ReceiptOf(order, item);
        var refund = item.RefundNumber is { } number ? order.FindRefund(number) : null;
        return (item.Kind, receipt, refund) switch
        {
            (_, { } money, _) when order.Of(money).Any(one => one.Counts) => [],
            (WorkItemKind.AmountMismatch, { } money, _) when order.Payment == PaymentStatus.Held && InProportion(order, money) is not null =>
                [WorkItemResolution.AcceptAsPaid, WorkItemResolution.CreditInProportion, WorkItemResolution.Refund, WorkItemResolution.Dismiss],
            (WorkItemKind.AmountMismatch or WorkItemKind.LatePayment, not null, _) when order.Payment == PaymentStatus.Held =>
                [WorkItemResolution.AcceptAsPaid, WorkItemResolution.Refund, WorkItemResolution.Dismiss],
            (WorkItemKind.AmountMismatch or WorkItemKind.LatePayment or WorkItemKind.DuplicatePayment, not null, _) => [WorkItemResolution.Refund, WorkItemResolution.Dismiss],
            // It was kept before work items named their money.
            (WorkItemKind.AmountMismatch or WorkItemKind.LatePayment or WorkItemKind.DuplicatePayment, null, _) => [WorkItemResolution.Dismiss],
            (WorkItemKind.FulfilmentStuck, _, _) when order.Refunds.Any(one => one.Counts) => [WorkItemResolution.Retry],
            (WorkItemKind.FulfilmentStuck, _, _) => [WorkItemResolution.Retry, WorkItemResolution.Refund],
            (WorkItemKind.ProviderSilent or WorkItemKind.RefundFailed, _, _) => [WorkItemResolution.Retry, WorkItemResolution.Dismiss],
            _ => [WorkItemResolution.Dismiss],
        };
    }

    static IEnumerable<OrderEvent> Follows(Order order, WorkItem item, ResolveWorkItem resolve, DateTimeOffset now) => (item, resolve.Resolution) switch
    {
        (_, WorkItemResolution.AcceptAsPaid) when ReceiptOf(order, item) is { } money => [new HeldPaymentAccepted(now, money.Ordinal, money.TransactionId, money.Amount, null)],
        (_, WorkItemResolution.CreditInProportion) when ReceiptOf(order, item) is { } money =>
            [new HeldPaymentAccepted(now, money.Ordinal, money.TransactionId, money.Amount, InProportion(order, money))],
        (_, WorkItemResolution.Refund) when ReceiptOf(order, item) is { } money =>
            RefundRules.Begin(order, money, money.Amount, needsHold: false, evenIfSpent: true, resolve.By.Name, item.Id, resolve.Note, resolve.Settings, now),
        ({ Kind: WorkItemKind.FulfilmentStuck }, WorkItemResolution.Refund) =>
            RefundRules.Begin(order, order.Settling!, order.Settling!.Amount, needsHold: true, evenIfSpent: true, resolve.By.Name, item.Id, resolve.Note, resolve.Settings, now),
        ({ Kind: WorkItemKind.FulfilmentStuck }, WorkItemResolution.Retry) => [new CreditRetried(now)],
        ({ RefundNumber: { } number }, WorkItemResolution.Retry) => [new RefundRetried(now, number)],
        ({ RefundNumber: { } number, Kind: not WorkItemKind.Dispute }, WorkItemResolution.Dismiss) => [new RefundGivenUp(now, number)],
        ({ Kind: WorkItemKind.ProviderSilent, Ordinal: { } ordinal }, WorkItemResolution.Retry) when order.Attempt(ordinal)!.IsOpen => [new PaymentAsked(now, ordinal, "a person asks", now)],
        ({ Kind: WorkItemKind.ProviderSilent, Ordinal: { } ordinal }, WorkItemResolution.Dismiss) when order.Attempt(ordinal)!.IsOpen =>
            [new PaymentClosed(now, ordinal, PaymentStatus.Expired, "given up by a person")],
        _ => [],
    };

    /// <summary>The order's grants in the proportion of the money to the price, rounded down; null when it cannot be said or comes to nothing.</summary>
    static ImmutableArray<Grant>? InProportion(Order order, Receipt money)
    {
        if (money.Amount.Currency != order.Amount.Currency) return null;
        ImmutableArray<Grant> grants = [.. order.Plan!.Grants.Select(Part).OfType<Grant>()];
        return grants.IsEmpty || !grants.All(grant => grant.IsValid) ? null : grants;

        Grant? Part(Grant grant) => grant switch
        {
            CreditGrant credits when Of(credits.Credits.Micro) is > 0 and var micro => credits with { Credits = new(micro) },
            SubscriptionGrant subscription when Of(subscription.Days) is > 0 and <= Grant.MaxDays and var days => subscription with { Days = (int)days },
            _ => null,
        };

        long Of(long whole) => (long)decimal.Min(decimal.Floor((decimal)whole * money.Amount.MinorUnits / order.Amount.MinorUnits), long.MaxValue);
    }

    static Receipt? ReceiptOf(Order order, WorkItem item) => item is { TransactionId: { } id, Ordinal: { } ordinal }
        ? order.Receipts.FirstOrDefault(receipt => receipt.TransactionId == id && receipt.Ordinal == ordinal)
        : null;
}
