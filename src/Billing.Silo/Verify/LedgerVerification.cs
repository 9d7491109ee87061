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
        var settled = order.Payment == PaymentStatus.Paid ? 1 : 0;
        var explained = order.WorkItems.Count(item => item.Kind is WorkItemKind.AmountMismatch or WorkItemKind.DuplicatePayment or WorkItemKind.LatePayment);
        if (order.Receipts.Length != settled + explained)
            report.Differs(OrderDocument.Noun, order.Number, $"{order.Receipts.Length} payments were confirmed; {settled} settled it and {explained} are work items.");
        if (order.Receipts.DistinctBy(receipt => (receipt.TransactionId, order.Attempt(receipt.Ordinal)?.MethodId)).Count() != order.Receipts.Length)
            report.Differs(OrderDocument.Noun, order.Number, "a movement of money is counted twice.");
        if (order.Fulfilment != FulfilmentStatus.Fulfilled) return;
        if (await ledger.Find(order.Account, OrderReference + order.Number, CancellationToken.None) is not { } entry)
            report.Differs(OrderDocument.Noun, order.Number, "it is fulfilled, and its account's ledger does not have it.");
        else if (entry.Credits.Micro != CreditsOf(order))
            report.Differs(OrderDocument.Noun, order.Number, $"it grants {new Credits(CreditsOf(order))}, and its account got {entry.Credits}.");
    }

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

    static string NumberOf(string reference) => reference.StartsWith(OrderReference, StringComparison.Ordinal) ? reference[OrderReference.Length..] : reference;

    static long CreditsOf(Order order) => order.Plan!.Grants.OfType<CreditGrant>().Sum(grant => grant.Credits.Micro);
}
