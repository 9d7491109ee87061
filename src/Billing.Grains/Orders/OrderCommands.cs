using Billing.Accounts;
using Billing.Catalog;
using Billing.Channels;
using Billing.Reconciliations;

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
/// <param name="RefundDuplicates">Whether money that comes again is given back by itself.</param>
public sealed record RecordState(
    int Ordinal, ChannelAnswer<PaymentState> Answer, ChannelTraits Traits, bool HoldLate = false, DateTimeOffset? AskedAt = null, bool RefundDuplicates = false)
    : OrderCommand;

/// <summary>Take note of whether a piece of the plan's stock was taken.</summary>
public sealed record RecordStock(bool Taken) : OrderCommand;

/// <summary>Take note that the piece was given back.</summary>
public sealed record RecordStockReturned : OrderCommand;

/// <summary>Take note of how crediting ended.</summary>
/// <param name="Failure">Null when the account was credited; otherwise why not, in a word.</param>
public sealed record RecordCredit(string? Failure) : OrderCommand;

/// <summary>Ask for money back, as the buyer.</summary>
/// <param name="Key">The buyer's own name for the request.</param>
/// <param name="Amount">How much; all that is left when null.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Who asks.</param>
/// <param name="Returnable">What the account has left of what was granted.</param>
/// <param name="Settings">What is allowed.</param>
public sealed record RequestRefund(string Key, Money? Amount, string Reason, Actor By, Credits Returnable, RefundSettings Settings) : OrderCommand;

/// <summary>Take the request back.</summary>
public sealed record WithdrawRefund(Actor By) : OrderCommand;

/// <summary>Approve a refund, whole or in part.</summary>
/// <param name="Number">Which refund.</param>
/// <param name="ExpectedVersion">Its version as the administrator saw it.</param>
/// <param name="Amount">How much; all when null.</param>
/// <param name="Note">Why.</param>
/// <param name="By">Who approves.</param>
/// <param name="Settings">Above which amount two must.</param>
public sealed record ApproveRefund(string Number, long ExpectedVersion, Money? Amount, string Note, Actor By, RefundSettings Settings) : OrderCommand;

/// <summary>Reject a refund.</summary>
/// <param name="Number">Which refund.</param>
/// <param name="ExpectedVersion">Its version as the administrator saw it.</param>
/// <param name="Note">Why; the buyer reads it.</param>
/// <param name="By">Who rejects.</param>
public sealed record RejectRefund(string Number, long ExpectedVersion, string Note, Actor By) : OrderCommand;

/// <summary>Give money back without a request.</summary>
/// <param name="Key">The administrator's own name for it.</param>
/// <param name="Amount">How much.</param>
/// <param name="Note">Why.</param>
/// <param name="EvenIfSpent">Whether it is made although what was granted is spent.</param>
/// <param name="By">Who gives it back.</param>
/// <param name="Returnable">What the account has left of what was granted.</param>
/// <param name="Settings">Above which amount two must.</param>
public sealed record RefundOrder(string Key, Money Amount, string Note, bool EvenIfSpent, Actor By, Credits Returnable, RefundSettings Settings) : OrderCommand;

/// <summary>Take note of what the account said to holding.</summary>
/// <param name="Number">For which refund.</param>
/// <param name="Held">What is held; null when nothing is.</param>
/// <param name="Available">What could have been held.</param>
/// <param name="Failure">Why there was no answer, in a word; null when there was one.</param>
public sealed record RecordHold(string Number, HeldGrants? Held, Credits Available, string? Failure) : OrderCommand;

/// <summary>Take note of what the account said to giving back.</summary>
/// <param name="Number">For which refund.</param>
/// <param name="Kept">What is still held; null when nothing is.</param>
/// <param name="Failure">Why there was no answer, in a word; null when there was one.</param>
public sealed record RecordRelease(string Number, HeldGrants? Kept, string? Failure) : OrderCommand;

/// <summary>Take note of what a provider says of a refund, told, asked or by itself.</summary>
/// <param name="Number">Which refund.</param>
/// <param name="Answer">What it says.</param>
/// <param name="IsTelling">Whether it answers to being told to do it.</param>
public sealed record RecordRefund(string Number, ChannelAnswer<RefundState> Answer, bool IsTelling) : OrderCommand;

/// <summary>Take note of a refund that was made at the provider and not here.</summary>
/// <param name="Ordinal">Of which payment.</param>
/// <param name="ProviderNumber">The number that it has there.</param>
/// <param name="State">What the provider says of it.</param>
public sealed record RecordRefundElsewhere(int Ordinal, string ProviderNumber, RefundState State) : OrderCommand;

/// <summary>Take note of what a provider says of a dispute.</summary>
/// <param name="Ordinal">Of which payment.</param>
/// <param name="State">What it says.</param>
public sealed record RecordDispute(int Ordinal, DisputeState State) : OrderCommand;

/// <summary>Take note that the provider's records differ from ours, in what only a person can judge.</summary>
public sealed record RecordDifference(RecordsDifference Difference) : OrderCommand;

/// <summary>Decide about a work item.</summary>
/// <param name="Id">Which one.</param>
/// <param name="Resolution">What is to become of it.</param>
/// <param name="Note">Why.</param>
/// <param name="By">Who decides.</param>
/// <param name="Settings">Above which amount two must approve a refund.</param>
public sealed record ResolveWorkItem(string Id, WorkItemResolution Resolution, string Note, Actor By, RefundSettings Settings) : OrderCommand;

/// <summary>Cancel it.</summary>
public sealed record CancelOrder(Actor By) : OrderCommand;

/// <summary>Let it expire when its time is over and nothing is open.</summary>
public sealed record ExpireOrder : OrderCommand;
