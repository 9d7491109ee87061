using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Billing.Orders;

/// <summary>The pinned storage of orders.</summary>
public static class OrderDocument
{
    /// <summary>The noun, which is the grain type's name.</summary>
    public const string Noun = "order";

    /// <summary>The unique index over the account's open orders.</summary>
    public const string OpenSlotIndex = "orders_open_slot";

    /// <summary>The unique index over the account's purchases of a limited plan.</summary>
    public const string PurchaseSlotIndex = "orders_purchase_slot";

    /// <summary>Its storage.</summary>
    public static readonly DocumentKind<Order, OrderEvent> Kind = new(
        Noun,
        "orders",
        OrderJson.Default.Order,
        Order.After,
        Order.NextDeadline,
        reference: _ => null,
        columns:
        [
            Column("account_id", ColumnType.Text, order => order.Account),
            Column("status", ColumnType.Text, order => order.Refusal is null ? StoredNames.Of(order.Status) : Order.RefusedStatus),
            Column("payment_status", ColumnType.Text, order => StoredNames.Of(order.Payment)),
            Column("plan_slug", ColumnType.Text, order => order.Wish.PlanSlug),
            Column("method_id", ColumnType.Text, order => order.CurrentPayment?.MethodId),
            Column("refund_status", ColumnType.Text, order => order.Refunds.Any() ? StoredNames.Of(order.RefundStatus) : null),
            Column("refund_at", ColumnType.Time, order => order.Refunds.LastOrDefault()?.RequestedAt),
            Column("open_refunds", ColumnType.Long, order => (long)order.Refunds.Count(refund => refund.Status is RefundStatus.Requested or RefundStatus.Processing)),
            Column("created_at", ColumnType.Time, order => order.CreatedAt),
            Column("amount_minor", ColumnType.Long, order => order.Amount.MinorUnits),
            Column("currency", ColumnType.Text, order => order.Amount.Currency),
            Column("open_slot", ColumnType.Long, order => order.IsPayable ? (long?)order.OpenSlot : null),
            Column("purchase_slot", ColumnType.Long, order => order.Refusal is null ? (long?)order.PurchaseSlot : null),
            Column("open_work_items", ColumnType.Long, order => (long)order.OpenWorkItems),
            Column("all_work_items", ColumnType.Long, order => (long)order.WorkItems.Length),
        ],
        events: new Dictionary<string, JsonTypeInfo>
        {
            ["OrderPlaced"] = OrderJson.Default.OrderPlaced,
            ["OrderRefused"] = OrderJson.Default.OrderRefused,
            ["StockSecured"] = OrderJson.Default.StockSecured,
            ["StockGivenBack"] = OrderJson.Default.StockGivenBack,
            ["PaymentStarted"] = OrderJson.Default.PaymentStarted,
            ["PaymentPrepared"] = OrderJson.Default.PaymentPrepared,
            ["PaymentAsked"] = OrderJson.Default.PaymentAsked,
            ["PaymentClosed"] = OrderJson.Default.PaymentClosed,
            ["PaymentReceived"] = OrderJson.Default.PaymentReceived,
            ["PaymentHeld"] = OrderJson.Default.PaymentHeld,
            ["PaymentDuplicated"] = OrderJson.Default.PaymentDuplicated,
            ["LatePaymentUnhonoured"] = OrderJson.Default.LatePaymentUnhonoured,
            ["ProviderFellSilent"] = OrderJson.Default.ProviderFellSilent,
            ["OrderFulfilled"] = OrderJson.Default.OrderFulfilled,
            ["CreditDelayed"] = OrderJson.Default.CreditDelayed,
            ["FulfilmentStuck"] = OrderJson.Default.FulfilmentStuck,
            ["RefundRequested"] = OrderJson.Default.RefundRequested,
            ["RefundHeld"] = OrderJson.Default.RefundHeld,
            ["RefundRefused"] = OrderJson.Default.RefundRefused,
            ["RefundWithdrawn"] = OrderJson.Default.RefundWithdrawn,
            ["RefundRejected"] = OrderJson.Default.RefundRejected,
            ["RefundApprovedFirst"] = OrderJson.Default.RefundApprovedFirst,
            ["RefundApproved"] = OrderJson.Default.RefundApproved,
            ["RefundHoldReleased"] = OrderJson.Default.RefundHoldReleased,
            ["RefundAsked"] = OrderJson.Default.RefundAsked,
            ["RefundFellSilent"] = OrderJson.Default.RefundFellSilent,
            ["RefundSucceeded"] = OrderJson.Default.RefundSucceeded,
            ["RefundFailed"] = OrderJson.Default.RefundFailed,
            ["RefundRetried"] = OrderJson.Default.RefundRetried,
            ["RefundGivenUp"] = OrderJson.Default.RefundGivenUp,
            ["RefundMadeElsewhere"] = OrderJson.Default.RefundMadeElsewhere,
            ["DisputeOpened"] = OrderJson.Default.DisputeOpened,
            ["DisputeWon"] = OrderJson.Default.DisputeWon,
            ["DisputeLost"] = OrderJson.Default.DisputeLost,
            ["RecordsDiffered"] = OrderJson.Default.RecordsDiffered,
            ["HeldPaymentAccepted"] = OrderJson.Default.HeldPaymentAccepted,
            ["CreditRetried"] = OrderJson.Default.CreditRetried,
            ["WorkItemResolved"] = OrderJson.Default.WorkItemResolved,
            ["OrderExpired"] = OrderJson.Default.OrderExpired,
            ["OrderCancelled"] = OrderJson.Default.OrderCancelled,
        });

    static DocumentColumn Column(string name, ColumnType type, Func<Order, object?> value) => DocumentKind<Order, OrderEvent>.Column(name, type, value);
}

/// <summary>Statuses as they are stored in columns, the same words as in the API. Pinned: a rename does not reach them.</summary>
public static class StoredNames
{
    /// <summary>The order's status.</summary>
    public static string Of(OrderStatus status) => status switch
    {
        OrderStatus.AwaitingPayment => "AWAITING_PAYMENT",
        OrderStatus.Processing => "PROCESSING",
        OrderStatus.Completed => "COMPLETED",
        OrderStatus.Expired => "EXPIRED",
        OrderStatus.Cancelled => "CANCELLED",
        OrderStatus.OnHold => "ON_HOLD",
        OrderStatus.PartiallyRefunded => "PARTIALLY_REFUNDED",
        OrderStatus.Refunded => "REFUNDED",
        _ => throw new InvalidOperationException($"{status} has no stored name."),
    };

    /// <summary>The payment's status.</summary>
    public static string Of(PaymentStatus status) => status switch
    {
        PaymentStatus.Unpaid => "UNPAID",
        PaymentStatus.Pending => "PENDING",
        PaymentStatus.Paid => "PAID",
        PaymentStatus.Expired => "EXPIRED",
        PaymentStatus.Cancelled => "CANCELLED",
        PaymentStatus.Held => "HELD",
        _ => throw new InvalidOperationException($"{status} has no stored name."),
    };

    /// <summary>The refund's status.</summary>
    public static string Of(RefundStatus status) => status switch
    {
        RefundStatus.None => "NONE",
        RefundStatus.Requested => "REQUESTED",
        RefundStatus.Rejected => "REJECTED",
        RefundStatus.Withdrawn => "WITHDRAWN",
        RefundStatus.Processing => "PROCESSING",
        RefundStatus.Succeeded => "SUCCEEDED",
        RefundStatus.Failed => "FAILED",
        RefundStatus.Disputed => "DISPUTED",
        RefundStatus.DisputeWon => "DISPUTE_WON",
        _ => throw new InvalidOperationException($"{status} has no stored name."),
    };

    /// <summary>The work item's kind.</summary>
    public static string Of(WorkItemKind kind) => kind switch
    {
        WorkItemKind.AmountMismatch => "AMOUNT_MISMATCH",
        WorkItemKind.DuplicatePayment => "DUPLICATE_PAYMENT",
        WorkItemKind.LatePayment => "LATE_PAYMENT",
        WorkItemKind.UnknownOrder => "UNKNOWN_ORDER",
        WorkItemKind.FulfilmentStuck => "FULFILMENT_STUCK",
        WorkItemKind.ProviderSilent => "PROVIDER_SILENT",
        WorkItemKind.RefundFailed => "REFUND_FAILED",
        WorkItemKind.RecordsDiffer => "RECORDS_DIFFER",
        WorkItemKind.Dispute => "DISPUTE",
        _ => throw new InvalidOperationException($"{kind} has no stored name."),
    };
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(OrderPlaced))]
[JsonSerializable(typeof(OrderRefused))]
[JsonSerializable(typeof(StockSecured))]
[JsonSerializable(typeof(StockGivenBack))]
[JsonSerializable(typeof(PaymentStarted))]
[JsonSerializable(typeof(PaymentPrepared))]
[JsonSerializable(typeof(PaymentAsked))]
[JsonSerializable(typeof(PaymentClosed))]
[JsonSerializable(typeof(PaymentReceived))]
[JsonSerializable(typeof(PaymentHeld))]
[JsonSerializable(typeof(PaymentDuplicated))]
[JsonSerializable(typeof(LatePaymentUnhonoured))]
[JsonSerializable(typeof(ProviderFellSilent))]
[JsonSerializable(typeof(OrderFulfilled))]
[JsonSerializable(typeof(CreditDelayed))]
[JsonSerializable(typeof(FulfilmentStuck))]
[JsonSerializable(typeof(RefundRequested))]
[JsonSerializable(typeof(RefundHeld))]
[JsonSerializable(typeof(RefundRefused))]
[JsonSerializable(typeof(RefundWithdrawn))]
[JsonSerializable(typeof(RefundRejected))]
[JsonSerializable(typeof(RefundApprovedFirst))]
[JsonSerializable(typeof(RefundApproved))]
[JsonSerializable(typeof(RefundHoldReleased))]
[JsonSerializable(typeof(RefundAsked))]
[JsonSerializable(typeof(RefundFellSilent))]
[JsonSerializable(typeof(RefundSucceeded))]
[JsonSerializable(typeof(RefundFailed))]
[JsonSerializable(typeof(RefundRetried))]
[JsonSerializable(typeof(RefundGivenUp))]
[JsonSerializable(typeof(RefundMadeElsewhere))]
[JsonSerializable(typeof(DisputeOpened))]
[JsonSerializable(typeof(DisputeWon))]
[JsonSerializable(typeof(DisputeLost))]
[JsonSerializable(typeof(RecordsDiffered))]
[JsonSerializable(typeof(HeldPaymentAccepted))]
[JsonSerializable(typeof(CreditRetried))]
[JsonSerializable(typeof(WorkItemResolved))]
[JsonSerializable(typeof(OrderExpired))]
[JsonSerializable(typeof(OrderCancelled))]
sealed partial class OrderJson : JsonSerializerContext;
