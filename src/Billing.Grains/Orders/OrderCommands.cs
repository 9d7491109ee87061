using Billing.Catalog;
using Billing.Channels;

namespace Billing.Orders;

/// <summary>What can be asked of an order.</summary>
public abstract record OrderCommand;

/// <summary>Place it.</summary>
/// <param name="Number">Its number, derived from the wish's account and key.</param>
/// <param name="Wish">What is asked for.</param>
/// <param name="Plan">The plan as it is now; null when there is none.</param>
/// <param name="ExpiresAt">The last moment to pay.</param>
/// <param name="OpenSlot">A free place among the account's open orders; null when there is none.</param>
/// <param name="PurchaseSlot">A free place among the account's purchases of a limited plan.</param>
/// <param name="Limit">How many open orders an account may have, and which it has.</param>
/// <param name="Start">The payment that the wish starts at once.</param>
public sealed record PlaceOrder(
    string Number, OrderWish Wish, Plan? Plan, DateTimeOffset ExpiresAt, int? OpenSlot, int? PurchaseSlot, TooManyOpenOrders Limit, StartPayment? Start) : OrderCommand;

/// <summary>Start a payment through a method.</summary>
/// <param name="MethodId">Which method.</param>
/// <param name="Merchant">Whom it pays; null when the method can not be used for this order.</param>
/// <param name="Checkout">Set when the method makes the payment known without a call.</param>
/// <param name="CheckoutOrdinal">For which attempt <paramref name="Checkout"/> was made: its address carries the payment's number.</param>
/// <param name="By">Who asks.</param>
public sealed record StartPayment(string MethodId, MerchantIdentity? Merchant, Checkout? Checkout, int CheckoutOrdinal, Actor By) : OrderCommand;

/// <summary>Take note of the provider's answer to creating a payment.</summary>
public sealed record RecordCheckout(int Ordinal, ChannelAnswer<Checkout> Answer) : OrderCommand;

/// <summary>Take note of what a provider says of a payment, asked or by itself.</summary>
/// <param name="Ordinal">Which payment.</param>
/// <param name="Answer">What it says.</param>
/// <param name="Traits">What its "not found" proves.</param>
/// <param name="HoldLate">Whether late money waits for a person instead of being credited.</param>
/// <param name="AskedAt">When it was asked; null when it came by itself.</param>
public sealed record RecordState(
    int Ordinal, ChannelAnswer<PaymentState> Answer, ChannelTraits Traits, bool HoldLate = false, DateTimeOffset? AskedAt = null) : OrderCommand;

/// <summary>Take note of whether a piece of the plan's stock was taken.</summary>
public sealed record RecordStock(bool Taken) : OrderCommand;

/// <summary>Take note that the piece was given back.</summary>
public sealed record RecordStockReturned : OrderCommand;

/// <summary>Take note of how crediting ended.</summary>
/// <param name="Failure">Null when the account was credited; otherwise why not, in a word.</param>
public sealed record RecordCredit(string? Failure) : OrderCommand;

/// <summary>Cancel it.</summary>
public sealed record CancelOrder(Actor By) : OrderCommand;

/// <summary>Let it expire when its time is over and nothing is open.</summary>
public sealed record ExpireOrder : OrderCommand;
