using Billing.Catalog;
using Billing.Channels;

namespace Billing.Orders;

/// <summary>What can happen to an order. The names are the journal's types and the timeline's kinds.</summary>
/// <param name="At">When.</param>
public abstract record OrderEvent(DateTimeOffset At);

/// <summary>The order was placed.</summary>
public sealed record OrderPlaced(
    DateTimeOffset At, string Number, OrderWish Wish, PlanSnapshot Plan, Money Amount, DateTimeOffset ExpiresAt, int OpenSlot, int? PurchaseSlot) : OrderEvent(At);

/// <summary>The order was refused, and its key remembers why.</summary>
public sealed record OrderRefused(DateTimeOffset At, string Number, OrderWish Wish, OrderError Refusal) : OrderEvent(At);

/// <summary>A piece of the plan's stock was taken for it.</summary>
public sealed record StockSecured(DateTimeOffset At) : OrderEvent(At);

/// <summary>Its piece of the plan's stock was given back.</summary>
public sealed record StockGivenBack(DateTimeOffset At) : OrderEvent(At);

/// <summary>A payment was started. Others that are open are to be closed.</summary>
public sealed record PaymentStarted(
    DateTimeOffset At, int Ordinal, string MethodId, MerchantIdentity Merchant, Money Amount, DateTimeOffset ExpiresAt, Checkout? Checkout, DateTimeOffset LookAt)
    : OrderEvent(At);

/// <summary>The provider knows the payment: the buyer can pay.</summary>
public sealed record PaymentPrepared(DateTimeOffset At, int Ordinal, Checkout Checkout, DateTimeOffset LookAt) : OrderEvent(At);

/// <summary>The provider was told or asked, and nothing changed.</summary>
/// <param name="At">When.</param>
/// <param name="Ordinal">About which payment.</param>
/// <param name="Answer">What was seen, in a word.</param>
/// <param name="LookAt">When to try again.</param>
public sealed record PaymentAsked(DateTimeOffset At, int Ordinal, string Answer, DateTimeOffset LookAt) : OrderEvent(At);

/// <summary>The provider takes no money for this payment any more.</summary>
/// <param name="At">When.</param>
/// <param name="Ordinal">Which payment.</param>
/// <param name="Status">Expired or cancelled.</param>
/// <param name="Reason">Why, in a word.</param>
public sealed record PaymentClosed(DateTimeOffset At, int Ordinal, PaymentStatus Status, string Reason) : OrderEvent(At);

/// <summary>The price was received.</summary>
/// <param name="At">When it was learnt.</param>
/// <param name="Ordinal">By which payment.</param>
/// <param name="TransactionId">The provider's number for the money.</param>
/// <param name="Amount">How much.</param>
/// <param name="Late">Whether the order had ended before.</param>
public sealed record PaymentReceived(DateTimeOffset At, int Ordinal, string TransactionId, Money Amount, bool Late) : OrderEvent(At);

/// <summary>Money came that does not settle the order: a person decides.</summary>
public sealed record PaymentHeld(DateTimeOffset At, int Ordinal, string TransactionId, Money Amount, WorkItemKind Kind, string Detail) : OrderEvent(At);

/// <summary>The order is paid, and more money came: a person gives it back.</summary>
public sealed record PaymentDuplicated(DateTimeOffset At, int Ordinal, string TransactionId, Money Amount, string Detail) : OrderEvent(At);

/// <summary>Late money can not be honoured: the plan has sold out meanwhile.</summary>
public sealed record LatePaymentUnhonoured(DateTimeOffset At, string Detail) : OrderEvent(At);

/// <summary>The provider has not answered for a day.</summary>
public sealed record ProviderFellSilent(DateTimeOffset At, int Ordinal, string Detail) : OrderEvent(At);

/// <summary>The account was credited.</summary>
public sealed record OrderFulfilled(DateTimeOffset At) : OrderEvent(At);

/// <summary>Crediting failed and is tried again.</summary>
public sealed record CreditDelayed(DateTimeOffset At, string Reason, DateTimeOffset RetryAt) : OrderEvent(At);

/// <summary>Crediting has failed for some time: a person should look.</summary>
public sealed record FulfilmentStuck(DateTimeOffset At, string Detail) : OrderEvent(At);

/// <summary>Nothing was paid in time.</summary>
public sealed record OrderExpired(DateTimeOffset At) : OrderEvent(At);

/// <summary>The order was cancelled.</summary>
public sealed record OrderCancelled(DateTimeOffset At) : OrderEvent(At);
