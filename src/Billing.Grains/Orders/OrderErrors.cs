using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Billing.Orders;

/// <summary>Why an order refused. The stored names are pinned: a refusal to place an order is remembered with its key.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "error", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(PlanNotFound), "PLAN_NOT_FOUND")]
[JsonDerivedType(typeof(PlanNotOnSale), "PLAN_NOT_ON_SALE")]
[JsonDerivedType(typeof(PlanSoldOut), "PLAN_SOLD_OUT")]
[JsonDerivedType(typeof(PriceChanged), "PRICE_CHANGED")]
[JsonDerivedType(typeof(AmountOutOfRange), "AMOUNT_OUT_OF_RANGE")]
[JsonDerivedType(typeof(PurchaseLimitReached), "PURCHASE_LIMIT_REACHED")]
[JsonDerivedType(typeof(TooManyOpenOrders), "TOO_MANY_OPEN_ORDERS")]
[JsonDerivedType(typeof(PaymentMethodUnavailable), "PAYMENT_METHOD_UNAVAILABLE")]
[GenerateSerializer, Immutable, Alias("billing.order.error")]
public abstract record OrderError;

/// <summary>No plan has this name.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.plan-not-found")]
public sealed record PlanNotFound : OrderError;

/// <summary>The plan is not sold now.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.plan-not-on-sale")]
public sealed record PlanNotOnSale : OrderError;

/// <summary>Nothing is left of the plan.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.plan-sold-out")]
public sealed record PlanSoldOut : OrderError;

/// <summary>The price is not the one that the buyer saw.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.price-changed")]
public sealed record PriceChanged(Money Price) : OrderError;

/// <summary>The chosen amount is out of the plan's range, in another currency, missing, or given where the price is fixed.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.amount-out-of-range")]
public sealed record AmountOutOfRange(Money Minimum, Money Maximum) : OrderError;

/// <summary>The account has bought the plan as often as it may.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.purchase-limit")]
public sealed record PurchaseLimitReached(int Limit) : OrderError;

/// <summary>The account has as many open orders as it may.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.too-many-open")]
public sealed record TooManyOpenOrders(int Limit, ImmutableArray<string> OpenOrders) : OrderError;

/// <summary>No such method, or it does not take this amount now.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.method-unavailable")]
public sealed record PaymentMethodUnavailable : OrderError;

/// <summary>The key came before with other input.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.key-reused")]
public sealed record IdempotencyKeyReused(ImmutableArray<string> Differs) : OrderError;

/// <summary>There is no such order, or it is another account's.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.not-found")]
public sealed record OrderNotFound : OrderError;

/// <summary>The order is past being paid.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.not-payable")]
public sealed record OrderNotPayable(OrderStatus Status) : OrderError;

/// <summary>The order is past being cancelled.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.not-cancellable")]
public sealed record OrderNotCancellable(OrderStatus Status) : OrderError;

/// <summary>The provider refused or did not answer; the order is as it was.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.provider-unavailable")]
public sealed record PaymentProviderUnavailable : OrderError;

/// <summary>Nothing can be given back: it is not paid, not credited yet, or all of it was given back.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.not-refundable")]
public sealed record OrderNotRefundable(OrderStatus Status) : OrderError;

/// <summary>It was paid too long ago for its buyer to ask for money back.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.refund-window-over")]
public sealed record RefundWindowOver(DateTimeOffset EndedAt) : OrderError;

/// <summary>The amount is not above zero, in another currency, or more than can be given back.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.refund-amount")]
public sealed record RefundAmountOutOfRange(Money Refundable) : OrderError;

/// <summary>A request is open already.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.refund-open")]
public sealed record RefundAlreadyOpen : OrderError;

/// <summary>No request of the buyer's is open.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.no-open-refund")]
public sealed record NoOpenRefundRequest : OrderError;

/// <summary>What was granted has been spent.</summary>
/// <param name="Refundable">How much of the money what is left stands for.</param>
[GenerateSerializer, Immutable, Alias("billing.order.credits-spent")]
public sealed record CreditsAlreadySpent(Money Refundable) : OrderError;

/// <summary>There is no such refund.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.refund-not-found")]
public sealed record RefundNotFound : OrderError;

/// <summary>It is past being decided.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.refund-decided")]
public sealed record RefundAlreadyDecided(RefundStatus Status) : OrderError;

/// <summary>It is not as the administrator saw it.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.refund-changed")]
public sealed record RefundChanged(long Version) : OrderError;

/// <summary>Another administrator has to approve this amount too.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.second-person")]
public sealed record SecondPersonRequired : OrderError;

/// <summary>There is no such work item.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.work-item-not-found")]
public sealed record WorkItemNotFound : OrderError;

/// <summary>It was decided, or ended by itself.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.work-item-resolved")]
public sealed record WorkItemAlreadyResolved : OrderError;

/// <summary>It can not be decided so.</summary>
/// <param name="Possible">How it can be decided now; nothing while it is being settled by itself.</param>
[GenerateSerializer, Immutable, Alias("billing.order.resolution-not-possible")]
public sealed record ResolutionNotPossible(ImmutableArray<WorkItemResolution> Possible) : OrderError;

/// <summary>The order's provider was asked a moment ago.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.asked-lately")]
public sealed record AskedLately(int RetryAfterSeconds) : OrderError;
