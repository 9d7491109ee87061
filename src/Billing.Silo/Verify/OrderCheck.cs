using Billing.Accounts;
using Billing.Catalog;
using Billing.Orders;
using Billing.Storage.Accounts;
using Billing.Storage.Orders;

namespace Billing.Silo.Verify;

/// <summary>
/// All money that providers confirmed is an order's price, goes back or is a work item; and the accounts' ledgers have what orders say: a fulfilled one's credits, and what a
/// refund holds.
/// </summary>
sealed class OrderCheck(OrderReader orders, LedgerReader ledgers, VerifyReport report) : IHistoryCheck
{
    // So many lines of ledgers are looked up at once.
    const int AtOnce = 500;

    readonly List<Order> waiting = [];
    readonly HashSet<(string Account, string Reference)> lines = [];

    public async ValueTask Ends(string key, object state)
    {
        var order = (Order)state;
        CheckMoney(order);
        waiting.Add(order);
        if (IsCredited(order)) lines.Add((order.Account, PurchaseOf(order)));
        foreach (var refund in order.Refunds.Where(IsSettled))
            lines.UnionWith(refund.AllReferences.Select(reference => (order.Account, reference)));
        if (waiting.Count >= AtOnce || lines.Count >= AtOnce) await Compare();
    }

    public async ValueTask Over() => await Compare();

    void CheckMoney(Order order)
    {
        if (order is { Payment: PaymentStatus.Paid, Settling: null }) Differs(order, "it is paid, and no money settles it.");
        // Work items of earlier versions do not name their money.
        var unnamed = order.WorkItems.Count(item => item is { TransactionId: null, Kind: WorkItemKind.AmountMismatch or WorkItemKind.DuplicatePayment or WorkItemKind.LatePayment }
            && (item.ResolvedAt is null || item.Resolution == WorkItemResolution.Dismiss));
        var lost = order.Receipts.Where(receipt => !order.IsAccountedFor(receipt)).ToList();
        if (lost.Count > unnamed)
            Differs(order, $"{lost[0].Amount}, {lost[0].TransactionId}, neither settles it nor goes back, and nobody was asked.");
        foreach (var receipt in order.Receipts.Where(receipt => order.LeftOf(receipt) < 0 && !order.Of(receipt).Any(refund => refund.ProviderNumber is not null)))
            Differs(order, $"more than {receipt.Amount} of {receipt.TransactionId} goes back.");
        foreach (var refund in order.Refunds)
        {
            if (refund.Status == RefundStatus.Disputed && !order.WorkItems.Any(item => item.RefundNumber == refund.Number))
                Differs(order, $"{refund.Amount} of it is disputed, and nobody was asked.");
            if (refund is { Status: RefundStatus.DisputeWon, Hold: HoldStatus.Held })
                Differs(order, $"its dispute {refund.Number} was won, and what was held for it still is.");
        }

        if (order.Receipts.DistinctBy(receipt => (receipt.TransactionId, order.Attempt(receipt.Ordinal)?.MethodId)).Count() != order.Receipts.Length)
            Differs(order, "a movement of money is counted twice.");
    }

    /// <summary>Compares those that wait with their accounts' ledgers.</summary>
    async Task Compare()
    {
        var found = await ledgers.Find(lines, CancellationToken.None);
        foreach (var order in waiting)
        {
            foreach (var refund in order.Refunds.Where(IsSettled)) await CheckHold(order, refund, found);
            if (!IsCredited(order)) continue;
            if (!found.TryGetValue((order.Account, PurchaseOf(order)), out var entry))
                Differs(order, "it is fulfilled, and its account's ledger does not have it.");
            else if (entry.Credits.Micro != CreditsOf(order))
                Differs(order, $"it grants {new Credits(CreditsOf(order))}, and its account got {entry.Credits}.");
        }

        waiting.Clear();
        lines.Clear();
    }

    /// <summary>What a refund says that it holds, the account's ledger says too.</summary>
    async Task CheckHold(Order order, Refund refund, IReadOnlyDictionary<(string Account, string Reference), LedgerEntry> found)
    {
        var held = -refund.AllReferences.Sum(reference => found.GetValueOrDefault((order.Account, reference))?.Credits.Micro ?? 0);
        var expected = refund.Held?.Credits.Micro ?? 0;
        // While the host runs, some of it may have been given back after the order was read: then the order has moved on, or wants to give back, by now.
        if (held != expected && !refund.IsVoidOver && await IsStill(order.Number, refund))
            Differs(order, $"its refund {refund.Number} holds {new Credits(expected)}, and its account's ledger says {new Credits(held)}.");
    }

    async Task<bool> IsStill(string number, Refund refund) =>
        (await orders.Find([number], CancellationToken.None)).TryGetValue(number, out var now)
        && now.State.Refunds.Any(one => one.Number == refund.Number && one.Hold == refund.Hold && one.Held?.Credits == refund.Held?.Credits);

    void Differs(Order order, string what) => report.Differs(OrderDocument.Noun, order.Number, what);

    static bool IsCredited(Order order) => order.Fulfilment is FulfilmentStatus.Fulfilled or FulfilmentStatus.Reversed && !order.Refunds.Any(refund => refund.WasVoided);

    // What is being held or given back at this moment may stand in the ledger before the order notes it.
    static bool IsSettled(Refund refund) => refund.Hold is HoldStatus.Held or HoldStatus.Released;

    static string PurchaseOf(Order order) => LedgerCheck.PurchasePrefix + order.Number;

    static long CreditsOf(Order order) => order.Grants.OfType<CreditGrant>().Sum(grant => grant.Credits.Micro);
}
