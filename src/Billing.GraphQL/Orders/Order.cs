using Billing.GraphQL.Catalog;
using Billing.Orders;
using Billing.Storage.Orders;
using Domain = Billing.Orders;

namespace Billing.GraphQL.Orders;

/// <summary>One account buying one plan, at the price and with the grants of that moment.</summary>
/// <param name="Version">Rises with every change; on everything that is pushed or decided upon.</param>
/// <param name="Number">Its number.</param>
/// <param name="Plan">The plan as it was when the order was placed.</param>
/// <param name="Amount">What it costs.</param>
/// <param name="Status">The one word for it.</param>
/// <param name="PaymentStatus">Where its money is.</param>
/// <param name="FulfilmentStatus">Where its grants are.</param>
/// <param name="Result">What a result page says, in one sentence and one next step; never blank.</param>
/// <param name="CreatedAt">When it was placed.</param>
/// <param name="ExpiresAt">The last moment to pay.</param>
/// <param name="PaidAt">When the price was received.</param>
/// <param name="FulfilledAt">When the account was credited.</param>
public sealed record Order(
    long Version, string Number, PlanSnapshot Plan, Money Amount, OrderStatus Status, PaymentStatus PaymentStatus, FulfilmentStatus FulfilmentStatus,
    OrderResult Result, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt, DateTimeOffset? PaidAt, DateTimeOffset? FulfilledAt) : INode, Search.ISearchHit
{
    /// <inheritdoc/>
    [Id]
    public string Id => GlobalId.Write(nameof(Order), Number);

    internal Domain.Order Source { get; private init; } = null!;

    internal static Order Of(Versioned<Domain.Order> stored, Language language, DateTimeOffset now)
    {
        var order = stored.State;
        return new(
            stored.Version, order.Number, new(order.Plan!.Slug, language.Say(order.Plan.Name), order.Plan.Grants.Show()), Money.Of(order.Amount), order.Status,
            order.Payment, order.Fulfilment, OrderResult.Of(order, language, now), order.CreatedAt, order.ExpiresAt, order.PaidAt, order.FulfilledAt)
        {
            Source = order,
        };
    }
}

/// <summary>A plan as it was when an order was placed.</summary>
/// <param name="Slug">Its name in addresses.</param>
/// <param name="Name">What the buyer read.</param>
/// <param name="Grants">All that the order grants.</param>
public sealed record PlanSnapshot(string Slug, string Name, IReadOnlyList<IGrant> Grants);

/// <summary>What a buyer reads.</summary>
/// <param name="Code">For programs.</param>
/// <param name="Message">One sentence.</param>
/// <param name="NextStep">One next step.</param>
public sealed record OrderResult(OrderResultCode Code, string Message, OrderNextStep NextStep)
{
    internal static OrderResult Of(Domain.Order order, Language language, DateTimeOffset now) => order switch
    {
        _ when order.Refunds.Any(refund => refund.Status == RefundStatus.Disputed) => new(
            OrderResultCode.Disputed,
            language.Say(
                "This payment is disputed with the payment provider. What you bought is set aside until that is decided.", "该笔支付在支付渠道存在争议，相应权益在争议处理完成前暂时冻结。"),
            OrderNextStep.ContactSupport),
        { RefundStatus: RefundStatus.Requested } => new(
            OrderResultCode.RefundInProgress,
            language.Say(
                "You asked for money back. A person decides; until then what you bought is set aside.", "退款申请已提交，等待人工审核。审核期间相应权益暂时冻结。"),
            OrderNextStep.Wait),
        { RefundStatus: RefundStatus.Processing } => new(
            OrderResultCode.RefundInProgress,
            language.Say("Your refund is approved and on its way through the payment provider.", "退款已批准，正在通过支付渠道退回。"), OrderNextStep.Wait),
        { RefundStatus: RefundStatus.Failed, Refunds: var refunds } when refunds.Last().Counts => new(
            OrderResultCode.RefundInProgress,
            language.Say("The payment provider could not send your refund. Nothing is lost: a person is looking at it.", "支付渠道退款失败。款项不会丢失，工作人员正在处理。"),
            OrderNextStep.ContactSupport),
        { Status: OrderStatus.Refunded } => new(
            OrderResultCode.Refunded, language.Say("Your money was given back.", "款项已退回。"), OrderNextStep.None),
        { Status: OrderStatus.PartiallyRefunded } => new(
            OrderResultCode.Refunded, language.Say("Part of your money was given back.", "部分款项已退回。"), OrderNextStep.None),
        { Status: OrderStatus.Completed, RefundStatus: RefundStatus.Rejected } => new(
            OrderResultCode.Credited,
            language.Say("Paid and credited to your account. Your refund request was rejected; the reason is with the request.", "已支付，权益已到账。退款申请未通过，原因见申请记录。"),
            OrderNextStep.None),
        { Status: OrderStatus.Completed } => new(
            OrderResultCode.Credited, language.Say("Paid and credited to your account.", "已支付，权益已到账。"), OrderNextStep.None),
        { Status: OrderStatus.Processing } => new(
            OrderResultCode.Confirming,
            language.Say("Your payment has arrived and is being credited to your account.", "付款已收到，正在为您的账户入账。"), OrderNextStep.Wait),
        { Status: OrderStatus.OnHold } => new(
            OrderResultCode.UnderReview,
            language.Say(
                "Money has arrived that does not fit this order. Nothing is lost: a person is looking at it.", "收到的款项与订单不符。款项不会丢失，工作人员正在核对。"),
            OrderNextStep.ContactSupport),
        { Status: OrderStatus.Expired } => new(
            OrderResultCode.ExpiredUnpaid,
            language.Say("Nothing was paid in time. Money that still arrives is credited.", "订单超时未支付。若款项随后到账，仍会为您入账。"), OrderNextStep.BuyAgain),
        { Status: OrderStatus.Cancelled } => new(
            OrderResultCode.Cancelled,
            language.Say("This order was cancelled. Money that still arrives is credited.", "订单已取消。若款项随后到账，仍会为您入账。"), OrderNextStep.BuyAgain),
        _ when now >= order.ExpiresAt => new(
            OrderResultCode.Confirming,
            language.Say("The time to pay is over. We are asking the provider whether a payment is on its way.", "支付时间已过，正在向支付渠道确认是否已付款。"),
            OrderNextStep.Wait),
        _ => new(OrderResultCode.WaitingForPayment, language.Say("Waiting for your payment.", "等待付款。"), OrderNextStep.Pay),
    };
}

/// <summary>What a buyer reads, for programs.</summary>
public enum OrderResultCode
{
    /// <summary>It can be paid.</summary>
    WaitingForPayment,

    /// <summary>It is being found out, or credited.</summary>
    Confirming,

    /// <summary>Done.</summary>
    Credited,

    /// <summary>Nothing was paid in time.</summary>
    ExpiredUnpaid,

    /// <summary>Cancelled.</summary>
    Cancelled,

    /// <summary>A person is looking at it.</summary>
    UnderReview,

    /// <summary>Money is on its way back, or a person decides about it.</summary>
    RefundInProgress,

    /// <summary>Money was given back.</summary>
    Refunded,

    /// <summary>The payment is disputed at its provider: what goes with it is set aside.</summary>
    Disputed,
}

/// <summary>What a buyer can do.</summary>
public enum OrderNextStep
{
    /// <summary>Pay.</summary>
    Pay,

    /// <summary>Wait; it is pushed.</summary>
    Wait,

    /// <summary>Nothing.</summary>
    None,

    /// <summary>Place a new order.</summary>
    BuyAgain,

    /// <summary>Ask a person, with the order's number.</summary>
    ContactSupport,
}

/// <summary>One attempt to pay an order through one method.</summary>
/// <param name="Id">Its number at the provider.</param>
/// <param name="Amount">What is to be paid.</param>
/// <param name="Status">Where its money is.</param>
/// <param name="RedirectUrl">Where the browser goes.</param>
/// <param name="QrCode">The text that the QR code carries.</param>
/// <param name="ExpiresAt">The last moment to pay.</param>
/// <param name="ProviderReference">The provider's number: of the money when it was paid, else of the payment.</param>
public sealed record Payment(
    [property: Id] string Id, Money Amount, PaymentStatus Status, Uri? RedirectUrl, string? QrCode, DateTimeOffset ExpiresAt, string? ProviderReference)
{
    internal string MethodId { get; private init; } = "";

    internal static Payment Of(Domain.Order order, Domain.Payment payment)
    {
        // The way to the provider is shown only as long as money can be taken there.
        var checkout = payment.IsOpen && !payment.Superseded && order.IsPayable ? payment.Checkout : null;
        return new(
            OrderNumber.OfPayment(order.Number, payment.Ordinal), Money.Of(payment.Amount), payment.Status,
            checkout?.RedirectUrl is { } url ? new(url) : null, checkout?.QrCode, payment.ExpiresAt, payment.TransactionId ?? payment.Checkout?.ProviderReference)
        {
            MethodId = payment.MethodId,
        };
    }
}

/// <summary>What happened to an order.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">What.</param>
/// <param name="Actor">Who: the buyer, an administrator, a provider or the service.</param>
/// <param name="Detail">More of it.</param>
public sealed record OrderEvent(DateTimeOffset At, OrderEventKind Kind, string Actor, string? Detail);

/// <summary>What can happen to an order, as its timeline shows it.</summary>
public enum OrderEventKind
{
    /// <summary>Placed.</summary>
    Placed,

    /// <summary>A payment was started.</summary>
    PaymentStarted,

    /// <summary>A payment was closed: out of time, declined or replaced.</summary>
    PaymentClosed,

    /// <summary>The price was received.</summary>
    PaymentReceived,

    /// <summary>Money came that a person must decide about.</summary>
    PaymentHeld,

    /// <summary>Money came again.</summary>
    PaymentDuplicated,

    /// <summary>The account was credited.</summary>
    Fulfilled,

    /// <summary>Crediting failed and is tried again.</summary>
    FulfilmentDelayed,

    /// <summary>The provider has not answered for a day.</summary>
    ProviderSilent,

    /// <summary>Nothing was paid in time.</summary>
    Expired,

    /// <summary>Cancelled.</summary>
    Cancelled,

    /// <summary>Money was asked back, or is given back by itself.</summary>
    RefundRequested,

    /// <summary>The buyer has taken the request back.</summary>
    RefundWithdrawn,

    /// <summary>Decided against.</summary>
    RefundRejected,

    /// <summary>Decided for.</summary>
    RefundApproved,

    /// <summary>The money was given back.</summary>
    RefundSucceeded,

    /// <summary>The provider will not give it back.</summary>
    RefundFailed,

    /// <summary>A person decided.</summary>
    Resolved,

    /// <summary>The payment is disputed at its provider.</summary>
    DisputeOpened,

    /// <summary>The dispute was won: nothing went back.</summary>
    DisputeWon,

    /// <summary>The dispute was lost: the money went back.</summary>
    DisputeLost,
}

static class Timeline
{
    /// <summary>The line for an event; null for what is of no interest to people.</summary>
    public static OrderEvent? Show(TimelineEntry entry)
    {
        return entry.Event switch
        {
            OrderPlaced => Line(OrderEventKind.Placed),
            PaymentStarted e => Line(OrderEventKind.PaymentStarted, e.MethodId),
            PaymentClosed e => Line(OrderEventKind.PaymentClosed, e.Reason),
            PaymentReceived e => Line(OrderEventKind.PaymentReceived, e.Late ? $"{e.Amount}, after the order had ended" : e.Amount.ToString()),
            PaymentHeld e => Line(OrderEventKind.PaymentHeld, e.Detail),
            LatePaymentUnhonoured e => Line(OrderEventKind.PaymentHeld, e.Detail),
            PaymentDuplicated e => Line(OrderEventKind.PaymentDuplicated, e.Detail),
            ProviderFellSilent e => Line(OrderEventKind.ProviderSilent, e.Detail),
            OrderFulfilled => Line(OrderEventKind.Fulfilled),
            CreditDelayed => Line(OrderEventKind.FulfilmentDelayed),
            OrderExpired => Line(OrderEventKind.Expired),
            OrderCancelled => Line(OrderEventKind.Cancelled),
            RefundRequested e => Line(OrderEventKind.RefundRequested, e.Amount.ToString()),
            RefundWithdrawn => Line(OrderEventKind.RefundWithdrawn),
            RefundRejected e => Line(OrderEventKind.RefundRejected, e.Note),
            RefundApproved e => Line(OrderEventKind.RefundApproved, e.Amount.ToString()),
            RefundSucceeded e => Line(OrderEventKind.RefundSucceeded, e.Amount.ToString()),
            RefundMadeElsewhere e => Line(OrderEventKind.RefundSucceeded, e.Detail),
            DisputeOpened e => Line(OrderEventKind.DisputeOpened, e.Amount.ToString()),
            DisputeWon => Line(OrderEventKind.DisputeWon),
            DisputeLost e => Line(OrderEventKind.DisputeLost, e.Amount.ToString()),
            RefundFailed e => Line(OrderEventKind.RefundFailed, e.Detail),
            RefundFellSilent e => Line(OrderEventKind.ProviderSilent, e.Detail),
            WorkItemResolved e => Line(OrderEventKind.Resolved, e.Resolution.ToString()),
            // For administrators, who have it as a work item.
            RecordsDiffered => null,
            // A refund's holds and the calls to its provider are in the journal too.
            RefundHeld or RefundRefused or RefundApprovedFirst or RefundHoldReleased or RefundAsked or RefundRetried or RefundGivenUp => null,
            HeldPaymentAccepted or CreditRetried => null,
            // How often a provider was asked, and where the stock went, is in the journal for those who look there.
            OrderRefused or StockSecured or StockGivenBack or PaymentPrepared or PaymentAsked or FulfilmentStuck => null,
            var other => throw new InvalidOperationException($"{other.GetType().Name} has no line in the timeline."),
        };

        OrderEvent Line(OrderEventKind kind, string? detail = null) => new(entry.At, kind, entry.Actor.Name, detail);
    }
}
