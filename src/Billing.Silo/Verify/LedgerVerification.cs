using Billing.Accounts;
using Billing.Catalog;
using Billing.Orders;
using Billing.Storage.Orders;

namespace Billing.Silo.Verify;

/// <summary>The ledgers say the same as the orders: every purchase was paid for, every paid order was credited once, and all confirmed money has an end.</summary>
sealed class LedgerVerification(OrderReader orders, ILedger ledger)
{
    const string OrderReference = "order:";

    /// <summary>All money that providers confirmed is the order's price or a work item, and a fulfilled order stands in its account's ledger.</summary>
    public async Task CheckOrder(History history, VerifyReport report)
    {
        var order = (Order)history.State;
        if (order is { Payment: PaymentStatus.Paid, Settling: null }) report.Differs(OrderDocument.Noun, order.Number, "it is paid, and no money settles it.");
        // Work items of earlier versions do not name their money.
        var unnamed = order.WorkItems.Count(item => item is { TransactionId: null, Kind: WorkItemKind.AmountMismatch or WorkItemKind.DuplicatePayment or WorkItemKind.LatePayment }
            && (item.ResolvedAt is null || item.Resolution == WorkItemResolution.Dismiss));
        var lost = order.Receipts.Where(receipt => !order.IsAccountedFor(receipt)).ToList();
        if (lost.Count > unnamed)
            report.Differs(OrderDocument.Noun, order.Number, $"{lost[0].Amount}, {lost[0].TransactionId}, neither settles it nor goes back, and nobody was asked.");
        foreach (var receipt in order.Receipts.Where(receipt => order.LeftOf(receipt) < 0 && !order.Of(receipt).Any(refund => refund.ProviderNumber is not null)))
            report.Differs(OrderDocument.Noun, order.Number, $"more than {receipt.Amount} of {receipt.TransactionId} goes back.");
        foreach (var refund in order.Refunds) await CheckHold(order, refund, report);
        foreach (var refund in order.Refunds)
        {
            if (refund.Status == RefundStatus.Disputed && !order.WorkItems.Any(item => item.RefundNumber == refund.Number))
                report.Differs(OrderDocument.Noun, order.Number, $"{refund.Amount} of it is disputed, and nobody was asked.");
            if (refund is { Status: RefundStatus.DisputeWon, Hold: HoldStatus.Held })
                report.Differs(OrderDocument.Noun, order.Number, $"its dispute {refund.Number} was won, and what was held for it still is.");
        }

        if (order.Receipts.DistinctBy(receipt => (receipt.TransactionId, order.Attempt(receipt.Ordinal)?.MethodId)).Count() != order.Receipts.Length)
            report.Differs(OrderDocument.Noun, order.Number, "a movement of money is counted twice.");
        if (order.Fulfilment is not (FulfilmentStatus.Fulfilled or FulfilmentStatus.Reversed) || order.Refunds.Any(refund => refund.WasVoided)) return;
        if (await ledger.Find(order.Account, OrderReference + order.Number, CancellationToken.None) is not { } entry)
            report.Differs(OrderDocument.Noun, order.Number, "it is fulfilled, and its account's ledger does not have it.");
        else if (entry.Credits.Micro != CreditsOf(order))
            report.Differs(OrderDocument.Noun, order.Number, $"it grants {new Credits(CreditsOf(order))}, and its account got {entry.Credits}.");
    }

    /// <summary>What a refund says that it holds, the account's ledger says too.</summary>
    async Task CheckHold(Order order, Refund refund, VerifyReport report)
    {
        // What is being held or given back at this moment may stand in the ledger before the order notes it.
        if (refund.Hold is not (HoldStatus.Held or HoldStatus.Released)) return;
        var held = 0L;
        foreach (var reference in refund.AllReferences)
            held -= (await ledger.Find(order.Account, reference, CancellationToken.None))?.Credits.Micro ?? 0;
        var expected = refund.Held?.Credits.Micro ?? 0;
        // While the host runs, some of it may have been given back after the order was read: then the order has moved on, or wants to give back, by now.
        if (held != expected && !refund.IsVoidOver && await IsStill(order.Number, refund))
            report.Differs(OrderDocument.Noun, order.Number, $"its refund {refund.Number} holds {new Credits(expected)}, and its account's ledger says {new Credits(held)}.");
    }

    async Task<bool> IsStill(string number, Refund refund) =>
        (await orders.Find([number], CancellationToken.None)).TryGetValue(number, out var now)
        && now.State.Refunds.Any(one => one.Number == refund.Number && one.Hold == refund.Hold && one.Held?.Credits == refund.Held?.Credits);

    /// <summary>The balance is the sum of the entries and of the buckets, and every purchase has its paid order.</summary>
    public async Task CheckAccount(History history, VerifyReport report)
    {
        var account = (Account)history.State;
        var balance = 0L;
        foreach (var entry in history.Events.Cast<AccountEvent>())
        {
            balance += entry.Credits.Micro;
            if (entry.BalanceAfter.Micro != balance)
                report.Differs(AccountDocument.Noun, account.Id, $"the entry {entry.Reference} says {entry.BalanceAfter} after it, and the sum is {new Credits(balance)}.");
            if (balance < 0) report.Differs(AccountDocument.Noun, account.Id, $"the balance is negative after {entry.Reference}.");
        }

        if (account.Balance.Micro != balance) report.Differs(AccountDocument.Noun, account.Id, $"its balance is {account.Balance}, and its entries sum to {new Credits(balance)}.");
        if (account.Buckets.Sum(bucket => bucket.Remaining.Micro) != balance)
            report.Differs(AccountDocument.Noun, account.Id, $"its buckets hold {new Credits(account.Buckets.Sum(bucket => bucket.Remaining.Micro))} of {new Credits(balance)}.");

        foreach (var some in history.Events.OfType<GrantsHeld>().Select(entry => RefundOf(entry.Reference)).Chunk(500))
        {
            var of = some.ToDictionary(refund => refund, refund => OrderNumber.TryParseRefund(refund, out var number) ? number : "", StringComparer.Ordinal);
            var found = await orders.Find([.. of.Values.Distinct(StringComparer.Ordinal)], CancellationToken.None);
            foreach (var refund in some)
            {
                if (!found.TryGetValue(of[refund], out var order) || order.State.FindRefund(refund) is null)
                    report.Differs(AccountDocument.Noun, account.Id, $"the hold for {refund} is of no refund.");
            }
        }

        var purchases = history.Events.OfType<GrantsApplied>().Where(entry => entry.Kind == LedgerKind.Purchase).Select(entry => entry.Reference).ToList();
        foreach (var some in purchases.Chunk(500))
        {
            var found = await orders.Find([.. some.Select(NumberOf)], CancellationToken.None);
            foreach (var reference in some)
            {
                if (!found.TryGetValue(NumberOf(reference), out var order))
                    report.Differs(AccountDocument.Noun, account.Id, $"the purchase {reference} has no order.");
                else if (order.State.Account != account.Id || order.State.Payment != PaymentStatus.Paid)
                    report.Differs(AccountDocument.Noun, account.Id, $"the purchase {reference} is of an order that is {order.State.Payment} and belongs to {order.State.Account}.");
            }
        }
    }

    static string RefundOf(string reference) => reference[Refund.HoldPrefix.Length..];

    static string NumberOf(string reference) => reference.StartsWith(OrderReference, StringComparison.Ordinal) ? reference[OrderReference.Length..] : reference;

    static long CreditsOf(Order order) => order.Grants.OfType<CreditGrant>().Sum(grant => grant.Credits.Micro);
}
