using Billing.Channels;
using Billing.Orders;

namespace Billing.Reconciliations;

/// <summary>What comparing one payment's or refund's money came to.</summary>
/// <param name="Ordinal">Of which payment.</param>
/// <param name="RefundNumber">Of which refund; null for money that came.</param>
/// <param name="TransactionId">The provider's number for the money, where there is one.</param>
/// <param name="Here">How much our books have; null for nothing.</param>
/// <param name="There">How much the provider's have; null for nothing.</param>
public abstract record Finding(int Ordinal, string? RefundNumber, string? TransactionId, Money? Here, Money? There)
{
    /// <summary>The books agree.</summary>
    public sealed record Agreed(int Ordinal, string? RefundNumber, string? TransactionId, Money? Here, Money? There) : Finding(Ordinal, RefundNumber, TransactionId, Here, There);

    /// <summary>The provider did not say: that is no difference.</summary>
    public sealed record Unanswered(int Ordinal, string? RefundNumber) : Finding(Ordinal, RefundNumber, null, null, null);

    /// <summary>The books differ.</summary>
    /// <param name="Kind">In what.</param>
    /// <param name="Ordinal">Of which payment.</param>
    /// <param name="RefundNumber">Of which refund; null for money that came.</param>
    /// <param name="TransactionId">The provider's number for the money, where there is one.</param>
    /// <param name="Here">How much our books have; null for nothing.</param>
    /// <param name="There">How much the provider's have; null for nothing.</param>
    public sealed record Differs(DifferenceKind Kind, int Ordinal, string? RefundNumber, string? TransactionId, Money? Here, Money? There)
        : Finding(Ordinal, RefundNumber, TransactionId, Here, There)
    {
        /// <summary>What the order can be told, as a callback would tell it; null when the order knows better and a person must look.</summary>
        public PaymentState? News { get; init; }

        /// <summary>The same, of a refund.</summary>
        public RefundState? RefundNews { get; init; }

        /// <summary>The difference as its order is told of it.</summary>
        public RecordsDifference Records => new(Kind, Ordinal, RefundNumber, TransactionId, Here, There);
    }
}

/// <summary>Compares our books with a provider's. Pure.</summary>
public static class ReconciliationRules
{
    /// <summary>A payment, by what the provider answers of it. It names one movement of money: others are not compared by it.</summary>
    public static IEnumerable<Finding> OfPayment(Order order, Payment payment, ChannelAnswer<PaymentState> answer, ChannelTraits traits, DateTimeOffset now)
    {
        var receipts = order.Receipts.Where(receipt => receipt.Ordinal == payment.Ordinal).ToList();
        return answer switch
        {
            ChannelAnswer<PaymentState>.Done { Value: PaymentState.Paid paid } =>
                [
                    OfMoney(payment.Ordinal, receipts, paid),
                    .. receipts.Where(receipt => receipt.TransactionId != paid.TransactionId).Select(_ => new Finding.Unanswered(payment.Ordinal, null)),
                ],
            ChannelAnswer<PaymentState>.Done { Value: PaymentState.Closed } or ChannelAnswer<PaymentState>.Refused { Kind: RefusalKind.AlreadyClosed } =>
                NotPaid(new PaymentState.Closed()),
            ChannelAnswer<PaymentState>.Done { Value: PaymentState.Pending } => NotPaid(new PaymentState.Pending()),
            ChannelAnswer<PaymentState>.Done { Value: PaymentState.NotFound } or ChannelAnswer<PaymentState>.Refused { Kind: RefusalKind.NotFound } =>
                NotPaid(new PaymentState.NotFound()),
            _ => [new Finding.Unanswered(payment.Ordinal, null)],
        };

        Finding[] NotPaid(PaymentState state) => (state, receipts.Find(receipt => !IsBack(order, receipt))) switch
        {
            // Some providers call a payment closed once all of it went back.
            (PaymentState.Closed, null) when receipts.Count > 0 => [Nothing()],
            (_, null) when receipts.Count > 0 => [Missing(receipts[0])],
            (_, { } receipt) => [Missing(receipt)],
            (PaymentState.Closed, _) when payment.IsOpen => [new Finding.Differs(DifferenceKind.ClosedThereOpenHere, payment.Ordinal, null, null, null, null) { News = state }],
            // Where payments cannot be closed, they stay as they are for ever.
            (PaymentState.Pending, _) when !payment.IsOpen && traits.CanClose && now >= payment.ExpiresAt + traits.Grace =>
                [new Finding.Differs(DifferenceKind.OpenThereClosedHere, payment.Ordinal, null, null, null, null)],
            _ => [Nothing()],
        };

        Finding Nothing() => new Finding.Agreed(payment.Ordinal, null, null, null, null);

        Finding Missing(Receipt receipt) => new Finding.Differs(DifferenceKind.PaidHereNotThere, payment.Ordinal, null, receipt.TransactionId, receipt.Amount, null);
    }

    /// <summary>A refund, by what the provider answers of it.</summary>
    public static Finding OfRefund(Refund refund, ChannelAnswer<RefundState> answer)
    {
        var (number, ordinal) = (refund.Number, refund.Ordinal);
        Money? here = refund.Status == RefundStatus.Succeeded ? refund.Amount : null;
        return (here, answer) switch
        {
            (_, ChannelAnswer<RefundState>.Done { Value: RefundState.Succeeded done }) => OfMoneyBack(refund, number, ordinal, refund.TransactionId, done),
            (not null, ChannelAnswer<RefundState>.Done { Value: RefundState.Failed failed }) =>
                new Finding.Differs(DifferenceKind.RefundedHereNotThere, ordinal, number, refund.TransactionId, here, null) { RefundNews = failed },
            (null, ChannelAnswer<RefundState>.Done { Value: RefundState.Failed failed }) when refund.Status == RefundStatus.Processing =>
                new Finding.Differs(DifferenceKind.RefundedHereNotThere, ordinal, number, refund.TransactionId, null, null) { RefundNews = failed },
            (not null, ChannelAnswer<RefundState>.Done or ChannelAnswer<RefundState>.Refused { Kind: RefusalKind.NotFound }) =>
                new Finding.Differs(DifferenceKind.RefundedHereNotThere, ordinal, number, refund.TransactionId, here, null),
            // What is on its way is looked after by the order itself.
            (null, ChannelAnswer<RefundState>.Done or ChannelAnswer<RefundState>.Refused { Kind: RefusalKind.NotFound }) => new Finding.Agreed(ordinal, number, null, null, null),
            _ => new Finding.Unanswered(ordinal, number),
        };
    }

    /// <summary>A line of the provider's bill, of a payment that exists here.</summary>
    public static Finding OfLine(Order order, Payment payment, BillLine line) => line.RefundNumber is { } number
        ? OfMoneyBack(Find(order, payment, number), number, payment.Ordinal, line.TransactionId, new(line.Amount, line.At))
        : OfMoney(
            payment.Ordinal, order.Receipts.Where(receipt => receipt.Ordinal == payment.Ordinal), new(line.Amount, line.TransactionId, line.At));

    /// <summary>The bill's lines of an order, each compared with it.</summary>
    public static IEnumerable<Finding> OfLines(Order order, string methodId, IReadOnlyCollection<BillLine>? bill) => (bill ?? []).SelectMany(line => order.Payments
        .Where(payment => payment.MethodId == methodId && payment.Merchant == line.Merchant && IsOf(order, payment, line)).Select(payment => OfLine(order, payment, line)));

    /// <summary>The payments of this method that the provider is asked about: those that its bill does not explain.</summary>
    /// <param name="order">The order.</param>
    /// <param name="methodId">Which method.</param>
    /// <param name="bill">The bill's lines of this order; null when there is no bill.</param>
    public static IEnumerable<Payment> ToAsk(Order order, string methodId, IReadOnlyCollection<BillLine>? bill) => order.Payments.Where(payment => payment.MethodId == methodId
        && (bill is null
            || (HasOpenDifference(order) && !bill.Any(line => IsOf(order, payment, line)))
            || order.Receipts.Any(receipt => receipt.Ordinal == payment.Ordinal
                && !bill.Any(line => line.RefundNumber is null && line.TransactionId == receipt.TransactionId && IsOf(order, payment, line)))));

    /// <summary>The refunds that the provider is asked about: those that were sent, or are said to be done, and that its bill does not explain.</summary>
    public static IEnumerable<Refund> RefundsToAsk(Order order, string methodId, IReadOnlyCollection<BillLine>? bill) => order.Refunds.Where(refund =>
        refund.ProviderNumber is null && (refund.Sent || refund.Status == RefundStatus.Succeeded)
        && order.Attempt(refund.Ordinal) is { } payment && payment.MethodId == methodId
        && (bill is null || !bill.Any(line => line.RefundNumber == refund.Number && IsOf(order, payment, line))));

    /// <summary>The differences that work items of the order speak of and that were looked for and not found.</summary>
    public static IEnumerable<WorkItem> Vanished(Order order, IReadOnlyCollection<Finding> findings) => findings.Any(finding => finding is Finding.Unanswered)
        ? []
        : order.WorkItems.Where(item => item is { Kind: WorkItemKind.RecordsDiffer, ResolvedAt: null }
            && !findings.OfType<Finding.Differs>().Any(differs => differs.Records.Key == item.Difference));

    static bool HasOpenDifference(Order order) => order.WorkItems.Any(item => item is { Kind: WorkItemKind.RecordsDiffer, ResolvedAt: null });

    static bool IsOf(Order order, Payment payment, BillLine line) => line.PaymentNumber == OrderNumber.OfPayment(order.Number, payment.Ordinal);

    static Finding OfMoney(int ordinal, IEnumerable<Receipt> receipts, PaymentState.Paid paid) => receipts.FirstOrDefault(receipt => receipt.TransactionId == paid.TransactionId) switch
    {
        null => new Finding.Differs(DifferenceKind.PaidThereNotHere, ordinal, null, paid.TransactionId, null, paid.Amount) { News = paid },
        { } known when known.Amount != paid.Amount => new Finding.Differs(DifferenceKind.AmountDiffers, ordinal, null, paid.TransactionId, known.Amount, paid.Amount),
        { } known => new Finding.Agreed(ordinal, null, paid.TransactionId, known.Amount, paid.Amount),
    };

    static Finding OfMoneyBack(Refund? refund, string number, int ordinal, string? transactionId, RefundState.Succeeded done) => refund switch
    {
        { Status: RefundStatus.Succeeded } when refund.Amount == done.Amount => new Finding.Agreed(ordinal, number, transactionId, refund.Amount, done.Amount),
        { Status: RefundStatus.Succeeded } => new Finding.Differs(DifferenceKind.RefundAmountDiffers, ordinal, number, transactionId, refund.Amount, done.Amount),
        _ => new Finding.Differs(DifferenceKind.RefundedThereNotHere, ordinal, number, transactionId, null, done.Amount) { RefundNews = done },
    };

    // One that was given up and yet was done has a second entry, under the provider's number.
    static Refund? Find(Order order, Payment payment, string number) => order.Refunds
        .Where(refund => refund.Ordinal == payment.Ordinal && (refund.Number == number || refund.ProviderNumber == number))
        .OrderByDescending(refund => refund.Status == RefundStatus.Succeeded).FirstOrDefault();

    static bool IsBack(Order order, Receipt receipt) =>
        order.Of(receipt).Where(refund => refund.Status == RefundStatus.Succeeded).Sum(refund => refund.Amount.MinorUnits) >= receipt.Amount.MinorUnits;
}
