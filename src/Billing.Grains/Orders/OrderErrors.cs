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

/// <summary>The order's provider was asked a moment ago.</summary>
[GenerateSerializer, Immutable, Alias("billing.order.asked-lately")]
public sealed record AskedLately(int RetryAfterSeconds) : OrderError;
