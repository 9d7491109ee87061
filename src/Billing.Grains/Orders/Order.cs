using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Billing.Catalog;
using Billing.Channels;

namespace Billing.Orders;

/// <summary>Where an order's money is; also where one payment's is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PaymentStatus>))]
public enum PaymentStatus
{
    /// <summary>Nobody is paying.</summary>
    Unpaid,

    /// <summary>A payment is open at a provider.</summary>
    Pending,

    /// <summary>The price was received.</summary>
    Paid,

    /// <summary>The time to pay is over and the provider says that nothing was paid.</summary>
    Expired,

    /// <summary>Cancelled; for a payment: closed, declined or replaced by another.</summary>
    Cancelled,

    /// <summary>Money came that does not fit the order: a person decides.</summary>
    Held,
}

/// <summary>Where an order's grants are.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FulfilmentStatus>))]
public enum FulfilmentStatus
{
    /// <summary>Nothing is owed yet.</summary>
    NotStarted,

    /// <summary>Paid; the account is being credited.</summary>
    InProgress,

    /// <summary>The account was credited.</summary>
    Fulfilled,

    /// <summary>What was granted was taken back for a refund, or is never granted because of one.</summary>
    Reversed,
}

/// <summary>The one word that a buyer reads.</summary>
public enum OrderStatus
{
    /// <summary>It can be paid.</summary>
    AwaitingPayment,

    /// <summary>Paid, being credited.</summary>
    Processing,

    /// <summary>Credited.</summary>
    Completed,

    /// <summary>Nothing was paid in time.</summary>
    Expired,

    /// <summary>Cancelled.</summary>
    Cancelled,

    /// <summary>A person has to decide.</summary>
    OnHold,

    /// <summary>Part of the price was given back.</summary>
    PartiallyRefunded,

    /// <summary>What was paid was given back.</summary>
    Refunded,
}

/// <summary>Where the piece is that an order takes of a limited plan.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StockStatus>))]
public enum StockStatus
{
    /// <summary>The plan's stock is not counted.</summary>
    NotCounted,

    /// <summary>To be taken before the order can be paid.</summary>
    Wanted,

    /// <summary>Taken.</summary>
    Taken,

    /// <summary>To be given back.</summary>
    Returning,

    /// <summary>Given back, or never got.</summary>
    Without,
}

/// <summary>What a buyer asked for, as it was asked: a repeat must be the same.</summary>
/// <param name="Account">Whose order.</param>
/// <param name="IdempotencyKey">The wish's name, by its owner.</param>
/// <param name="PlanSlug">Which plan.</param>
/// <param name="Amount">The chosen amount.</param>
/// <param name="MethodId">A method to start a payment with at once.</param>
/// <param name="ExpectedPrice">The price that the buyer saw.</param>
[GenerateSerializer, Immutable, Alias("billing.order.wish")]
public sealed record OrderWish(string Account, string IdempotencyKey, string PlanSlug, Money? Amount, string? MethodId, Money? ExpectedPrice)
{
    /// <summary>The names of the inputs in which another wish under the same key differs.</summary>
    public ImmutableArray<string> Differences(OrderWish other) =>
    [
        .. Account == other.Account ? [] : new[] { "account" },
        .. PlanSlug == other.PlanSlug ? [] : new[] { "planSlug" },
        .. Amount == other.Amount ? [] : new[] { "amount" },
        .. MethodId == other.MethodId ? [] : new[] { "methodId" },
        .. ExpectedPrice == other.ExpectedPrice ? [] : new[] { "expectedPrice" },
    ];
}

/// <summary>One attempt to pay an order through one method.</summary>
/// <param name="Ordinal">From 1; the last two digits of its number at the provider.</param>
/// <param name="MethodId">Through which method.</param>
/// <param name="Merchant">Who is paid: pinned when it was started.</param>
/// <param name="Amount">What is to be paid.</param>
/// <param name="Status">Where its money is.</param>
/// <param name="Checkout">How the buyer gets to the provider; null until the provider knows the payment.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="ExpiresAt">The last moment to pay.</param>
/// <param name="LookAt">When the provider is to be told or asked next.</param>
/// <param name="Asked">How often it was told or asked.</param>
/// <param name="Superseded">Whether another payment took its place: it is to be closed.</param>
/// <param name="TransactionId">The provider's number for the money that settled it.</param>
[GenerateSerializer, Immutable, Alias("billing.order.payment")]
public sealed record Payment(
    int Ordinal, string MethodId, MerchantIdentity Merchant, Money Amount, PaymentStatus Status, Checkout? Checkout, DateTimeOffset StartedAt, DateTimeOffset ExpiresAt,
    DateTimeOffset LookAt, int Asked, bool Superseded, string? TransactionId)
{
    /// <summary>Whether the provider may still take money for it.</summary>
    [JsonIgnore]
    public bool IsOpen => Status == PaymentStatus.Pending;

    /// <summary>Whether its provider is being called about it.</summary>
    public bool IsWithProvider(IReadOnlyCollection<Errand> underWay) => underWay.Contains(new(Ordinal, IsOfRefund: false));
}

/// <summary>Money that a provider reported for an order: one movement, known by the provider's number for it.</summary>
/// <param name="Ordinal">Of which payment.</param>
/// <param name="TransactionId">The provider's number for it.</param>
/// <param name="Amount">How much.</param>
[GenerateSerializer, Immutable, Alias("billing.order.receipt")]
public sealed record Receipt(int Ordinal, string TransactionId, Money Amount);

/// <summary>Money that needs a person's decision.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WorkItemKind>))]
public enum WorkItemKind
{
    /// <summary>Another amount or currency than the order's was paid.</summary>
    AmountMismatch,

    /// <summary>The order was paid more than once.</summary>
    DuplicatePayment,

    /// <summary>Money came after the order had ended and can not be honoured by itself.</summary>
    LatePayment,

    /// <summary>Money came for an order or payment that does not exist.</summary>
    UnknownOrder,

    /// <summary>A paid order could not be credited for some time; it is still being tried.</summary>
    FulfilmentStuck,

    /// <summary>A provider has not answered about a payment or a refund for a day; it is still being asked.</summary>
    ProviderSilent,

    /// <summary>A provider will not do a refund.</summary>
    RefundFailed,

    /// <summary>A payer disputes the payment at the provider; or money went back that nobody here sent.</summary>
    Dispute,

    /// <summary>The provider's records differ from ours.</summary>
    RecordsDiffer,
}

/// <summary>What a person decided about a work item.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<WorkItemResolution>))]
public enum WorkItemResolution
{
    /// <summary>The money settles the order as if it were the price.</summary>
    AcceptAsPaid,

    /// <summary>The money settles the order, whose credits are granted in its proportion to the price.</summary>
    CreditInProportion,

    /// <summary>The money is given back.</summary>
    Refund,

    /// <summary>What failed is tried again.</summary>
    Retry,

    /// <summary>Nothing is done here: a person has settled it elsewhere, and says how.</summary>
    Dismiss,
}

/// <summary>A work item.</summary>
/// <param name="Id">Its key and a number.</param>
/// <param name="Kind">Why a person is needed.</param>
/// <param name="Detail">What happened, in a sentence without personal data.</param>
/// <param name="OpenedAt">Since when.</param>
/// <param name="ResolvedAt">When it ended; null while it is open.</param>
[GenerateSerializer, Immutable, Alias("billing.work-item")]
public sealed record WorkItem(string Id, WorkItemKind Kind, string Detail, DateTimeOffset OpenedAt, DateTimeOffset? ResolvedAt)
{
    /// <summary>The money that it is about, by the provider's number; null when it is about none.</summary>
    [Id(5)]
    public string? TransactionId { get; init; }

    /// <summary>The payment that it is about; null when it is about none.</summary>
    [Id(6)]
    public int? Ordinal { get; init; }

    /// <summary>The refund that it is about; null when it is about none.</summary>
    [Id(7)]
    public string? RefundNumber { get; init; }

    /// <summary>What was decided; null while it is open, and when it ended by itself.</summary>
    [Id(8)]
    public WorkItemResolution? Resolution { get; init; }

    /// <summary>Who decided.</summary>
    [Id(9)]
    public string? ResolvedBy { get; init; }

    /// <summary>Why.</summary>
    [Id(10)]
    public string? Note { get; init; }

    /// <summary>The difference between the provider's records and ours that it is about, by its key; null when it is about none.</summary>
    [Id(11)]
    public string? Difference { get; init; }
}

/// <summary>One account buying one plan, at the price and with the grants of that moment.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Wish">What was asked for.</param>
/// <param name="Refusal">Set when it was refused: the key remembers the refusal, and nobody sees an order.</param>
/// <param name="Plan">The plan as it was; null when it was refused.</param>
/// <param name="Amount">The price.</param>
/// <param name="Payment">Where its money is.</param>
/// <param name="Fulfilment">Where its grants are.</param>
/// <param name="Stock">Where its piece of a limited plan is.</param>
/// <param name="StockTakes">How often a piece was taken: late money takes one anew.</param>
/// <param name="Payments">The attempts to pay.</param>
/// <param name="Receipts">All the money that providers reported.</param>
/// <param name="WorkItems">What a person must decide, or has decided.</param>
/// <param name="OpenSlot">Its place among the account's open orders, while it can be paid.</param>
/// <param name="PurchaseSlot">Its place among the account's purchases of a limited plan, while it is open or paid.</param>
/// <param name="CreatedAt">When it was placed.</param>
/// <param name="ExpiresAt">The last moment to pay.</param>
/// <param name="PaidAt">When the price was received.</param>
/// <param name="FulfilledAt">When the account was credited.</param>
/// <param name="CreditAt">When crediting is to be tried next.</param>
/// <param name="CreditAttempts">How often crediting failed.</param>
[GenerateSerializer, Immutable, Alias("billing.order")]
public sealed partial record Order(
    string Number,
    OrderWish Wish,
    OrderError? Refusal,
    PlanSnapshot? Plan,
    Money Amount,
    PaymentStatus Payment,
    FulfilmentStatus Fulfilment,
    StockStatus Stock,
    int StockTakes,
    ImmutableArray<Payment> Payments,
    ImmutableArray<Receipt> Receipts,
    ImmutableArray<WorkItem> WorkItems,
    int? OpenSlot,
    int? PurchaseSlot,
    DateTimeOffset CreatedAt,
    DateTimeOffset ExpiresAt,
    DateTimeOffset? PaidAt,
    DateTimeOffset? FulfilledAt,
    DateTimeOffset? CreditAt,
    int CreditAttempts)
{
    /// <summary>The stored status of an order that was refused; no list shows it.</summary>
    public const string RefusedStatus = "REFUSED";

    /// <summary>What was, and is to be, given back. Refunds that were refused for want of a hold are among them, and shown to nobody.</summary>
    [Id(20)]
    public ImmutableArray<Refund>? AllRefunds { get; init; }

    /// <summary>What is granted, when it is not what the plan says: money was credited in its proportion to the price.</summary>
    [Id(21)]
    public ImmutableArray<Grant>? GrantsInProportion { get; init; }

    /// <summary>What was, and is to be, given back, oldest first.</summary>
    [JsonIgnore]
    public IEnumerable<Refund> Refunds => (AllRefunds ?? []).Where(refund => refund.Status != RefundStatus.Refused);

    /// <summary>What this order grants.</summary>
    [JsonIgnore]
    public ImmutableArray<Grant> Grants => GrantsInProportion ?? Plan?.Grants ?? [];

    /// <summary>Whose order it is.</summary>
    [JsonIgnore]
    public string Account => Wish.Account;

    /// <summary>The payment that the buyer sees: the one that settled it, else the newest.</summary>
    [JsonIgnore]
    public Payment? CurrentPayment => Payments.FirstOrDefault(payment => payment.Status == PaymentStatus.Paid) ?? Payments.LastOrDefault();

    /// <summary>How many work items are open.</summary>
    [JsonIgnore]
    public int OpenWorkItems => WorkItems.Count(item => item.ResolvedAt is null);

    /// <summary>Whether it can be paid, its time aside.</summary>
    [JsonIgnore]
    public bool IsPayable => Refusal is null && Payment is PaymentStatus.Unpaid or PaymentStatus.Pending;

    /// <summary>The one word that a buyer reads.</summary>
    [JsonIgnore]
    public OrderStatus Status => (Payment, Fulfilment) switch
    {
        (PaymentStatus.Paid, _) when RefundedOf(Settling) is var back && back > 0 => back >= Settling!.Amount.MinorUnits ? OrderStatus.Refunded : OrderStatus.PartiallyRefunded,
        (PaymentStatus.Expired or PaymentStatus.Cancelled, _) when Refunds.Any(refund => refund.Status == RefundStatus.Succeeded) => OrderStatus.Refunded,
        (PaymentStatus.Paid, FulfilmentStatus.Fulfilled) => OrderStatus.Completed,
        (PaymentStatus.Paid, _) => OrderStatus.Processing,
        (PaymentStatus.Held, _) => OrderStatus.OnHold,
        (PaymentStatus.Expired, _) => OrderStatus.Expired,
        (PaymentStatus.Cancelled, _) => OrderStatus.Cancelled,
        _ => OrderStatus.AwaitingPayment,
    };

    /// <summary>Where its newest refund is.</summary>
    [JsonIgnore]
    public RefundStatus RefundStatus => Refunds.LastOrDefault()?.Status ?? RefundStatus.None;

    /// <summary>The money that settles the order; null while nothing does.</summary>
    [JsonIgnore]
    public Receipt? Settling => Payment != PaymentStatus.Paid
        ? null
        : Receipts.FirstOrDefault(receipt => Attempt(receipt.Ordinal) is { Status: PaymentStatus.Paid } paid && paid.TransactionId == receipt.TransactionId);

    /// <summary>How much of what settles the order may still be given back: refunds under way count.</summary>
    [JsonIgnore]
    public Money Refundable => Settling is { } settling ? settling.Amount with { MinorUnits = LeftOf(settling) } : Amount with { MinorUnits = 0 };

    /// <summary>How much of this money may still be given back, in minor units.</summary>
    public long LeftOf(Receipt receipt) => receipt.Amount.MinorUnits - Of(receipt).Where(refund => refund.Counts).Sum(refund => refund.Amount.MinorUnits);

    /// <summary>The refunds of this money.</summary>
    public IEnumerable<Refund> Of(Receipt receipt) => Refunds.Where(refund => refund.IsOf(receipt));

    /// <summary>The refund with this number.</summary>
    public Refund? FindRefund(string number) => (AllRefunds ?? []).FirstOrDefault(refund => refund.Number == number);

    /// <summary>
    /// Whether money that came has an end, or is on its way to one: it settles the order, it was or is being given back, or a person was asked. There is no fourth case.
    /// </summary>
    public bool IsAccountedFor(Receipt receipt) =>
        receipt == Settling
        || Of(receipt).Any(refund => refund.Status is RefundStatus.Requested or RefundStatus.Processing or RefundStatus.Succeeded)
        || WorkItems.Any(item => item.TransactionId == receipt.TransactionId && item.Ordinal == receipt.Ordinal
            && (item.ResolvedAt is null || item.Resolution == WorkItemResolution.Dismiss))
        || Of(receipt).Any(refund => !refund.IsDispute && WorkItems.Any(item => item.RefundNumber == refund.Number && (item.ResolvedAt is null || item.Resolution == WorkItemResolution.Dismiss)));

    long RefundedOf(Receipt? receipt) =>
        receipt is null ? 0 : Of(receipt).Where(refund => refund.Status == RefundStatus.Succeeded).Sum(refund => refund.Amount.MinorUnits);

    /// <summary>The attempt with this number.</summary>
    public Payment? Attempt(int ordinal) => Payments.FirstOrDefault(payment => payment.Ordinal == ordinal);

    /// <summary>Whether this movement of money was reported before.</summary>
    public bool Knows(string methodId, string transactionId) =>
        Receipts.Any(receipt => receipt.TransactionId == transactionId && Attempt(receipt.Ordinal)?.MethodId == methodId);
}
