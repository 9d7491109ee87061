using System.Globalization;
using Billing.Accounts;
using Billing.Orders;
using Billing.Storage.Orders;

namespace Billing.Silo.Verify;

/// <summary>
/// A balance is the sum of its ledger's entries and of its buckets; every purchase has its paid order, and whatever was held, given back or voided for a refund has that refund.
/// Says what all ledgers sum to, by kind.
/// </summary>
sealed class LedgerCheck(OrderReader orders, VerifyReport report) : IHistoryCheck
{
    /// <summary>What the reference of a purchase begins with; its order's number follows.</summary>
    public const string PurchasePrefix = "order:";

    // So many orders are looked up at once.
    const int AtOnce = 500;

    readonly SortedDictionary<LedgerKind, Int128> sums = [];
    readonly List<(string Account, AccountEvent Entry, string Number)> waiting = [];
    Int128 balances;
    string account = "";
    long balance;

    public void Begins(string key) => (account, balance) = (key, 0);

    public async ValueTask Happened(object @event)
    {
        var entry = (AccountEvent)@event;
        balance += entry.Credits.Micro;
        sums[entry.Kind] = sums.GetValueOrDefault(entry.Kind) + entry.Credits.Micro;
        if (entry.BalanceAfter.Micro != balance) Differs(account, $"the entry {entry.Reference} says {entry.BalanceAfter} after it, and the sum is {new Credits(balance)}.");
        if (balance < 0) Differs(account, $"the balance is negative after {entry.Reference}.");
        if (OrderOf(entry) is not { } number) return;
        waiting.Add((account, entry, number));
        if (waiting.Count >= AtOnce) await Compare();
    }

    public ValueTask Ends(string key, object state)
    {
        var folded = (Account)state;
        balances += folded.Balance.Micro;
        if (folded.Balance.Micro != balance) Differs(key, $"its balance is {folded.Balance}, and its entries sum to {new Credits(balance)}.");
        if (folded.Buckets.Sum(bucket => bucket.Remaining.Micro) is var held && held != balance) Differs(key, $"its buckets hold {new Credits(held)} of {new Credits(balance)}.");
        return ValueTask.CompletedTask;
    }

    public async ValueTask Over()
    {
        await Compare();
        if (sums.Count > 0)
            report.Say($"Credits by kind: {string.Join(", ", sums.Select(sum => $"{sum.Key.ToString().ToLowerInvariant()} {Text(sum.Value)}"))}. Balances: {Text(balances)}.");
    }

    /// <summary>The order that an entry is of; null for one that is of none. Redemptions are compared with their codes.</summary>
    static string? OrderOf(AccountEvent entry) => entry switch
    {
        GrantsApplied { Kind: LedgerKind.Purchase } or GrantsVoided => After(PurchasePrefix, entry.Reference),
        GrantsHeld or HoldReleased => OrderNumber.TryParseRefund(RefundOf(entry.Reference), out var number) ? number : "",
        _ => null,
    };

    async Task Compare()
    {
        var found = await orders.Find([.. waiting.Select(one => one.Number).Distinct(StringComparer.Ordinal)], CancellationToken.None);
        foreach (var (of, entry, number) in waiting)
        {
            if (Wrong(of, entry, found.GetValueOrDefault(number)?.State) is { } wrong) Differs(of, wrong);
        }

        waiting.Clear();
    }

    static string? Wrong(string account, AccountEvent entry, Order? order) => entry switch
    {
        GrantsApplied when order is null => $"the purchase {entry.Reference} has no order.",
        GrantsApplied when order.Account != account || order.Payment != PaymentStatus.Paid =>
            $"the purchase {entry.Reference} is of an order that is {order.Payment} and belongs to {order.Account}.",
        GrantsVoided when order?.Account != account || !order.Refunds.Any() => $"the entry {entry.Reference} voids a purchase that nobody gives back.",
        GrantsHeld or HoldReleased when order?.Account != account || order.FindRefund(RefundOf(entry.Reference)) is null => $"the entry {entry.Reference} is of no refund.",
        _ => null,
    };

    /// <summary>The refund's number in the reference of what it holds, or lets go.</summary>
    static string RefundOf(string reference) =>
        reference.StartsWith(Refund.ReleasePrefix, StringComparison.Ordinal) ? reference[Refund.ReleasePrefix.Length..].Split(':')[0] : After(Refund.HoldPrefix, reference);

    static string After(string prefix, string reference) => reference.StartsWith(prefix, StringComparison.Ordinal) ? reference[prefix.Length..] : reference;

    static string Text(Int128 micro) => ((decimal)micro / Credits.MicroPerCredit).ToString("0.######", CultureInfo.InvariantCulture);

    void Differs(string of, string what) => report.Differs(AccountDocument.Noun, of, what);
}
