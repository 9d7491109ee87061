using System.Collections.Immutable;
using Billing.Accounts;
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

/// <summary>Money is to be given back.</summary>
/// <param name="At">When.</param>
/// <param name="Number">The refund's one number.</param>
/// <param name="Ordinal">Of which payment.</param>
/// <param name="TransactionId">The movement of money that is given back.</param>
/// <param name="Amount">How much of it.</param>
/// <param name="NeedsHold">Whether something was granted for it.</param>
/// <param name="EvenIfSpent">Whether it is made although grants are spent.</param>
/// <param name="By">Who asks.</param>
/// <param name="Key">The asker's own name for it.</param>
/// <param name="Reason">Why.</param>
public sealed record RefundRequested(
    DateTimeOffset At, string Number, int Ordinal, string TransactionId, Money Amount, bool NeedsHold, bool EvenIfSpent, string By, string Key, string? Reason)
    : OrderEvent(At);

/// <summary>What goes with the refund cannot be spent any more.</summary>
public sealed record RefundHeld(DateTimeOffset At, string Number, HeldGrants Held) : OrderEvent(At);

/// <summary>What was to be held had been spent: there is no refund.</summary>
/// <param name="At">When.</param>
/// <param name="Number">Which refund.</param>
/// <param name="Available">What could have been held.</param>
public sealed record RefundRefused(DateTimeOffset At, string Number, Credits Available) : OrderEvent(At);

/// <summary>The buyer has changed their mind.</summary>
public sealed record RefundWithdrawn(DateTimeOffset At, string Number) : OrderEvent(At);

/// <summary>Decided against; the buyer reads why.</summary>
public sealed record RefundRejected(DateTimeOffset At, string Number, string By, string Note) : OrderEvent(At);

/// <summary>The first of two persons approved it.</summary>
public sealed record RefundApprovedFirst(DateTimeOffset At, string Number, Money Amount, string By, string Note) : OrderEvent(At);

/// <summary>It is to be sent to the provider.</summary>
public sealed record RefundApproved(DateTimeOffset At, string Number, Money Amount, string By, string? Note) : OrderEvent(At);

/// <summary>What the refund does not need is the account's again.</summary>
/// <param name="At">When.</param>
/// <param name="Number">Which refund.</param>
/// <param name="Held">What is still held; null when nothing is.</param>
public sealed record RefundHoldReleased(DateTimeOffset At, string Number, HeldGrants? Held) : OrderEvent(At);

/// <summary>The provider or the account was told or asked, and it has not ended.</summary>
/// <param name="At">When.</param>
/// <param name="Number">Which refund.</param>
/// <param name="Answer">What was seen, in a word.</param>
/// <param name="LookAt">When to go on.</param>
/// <param name="Sent">Whether the provider may have it.</param>
public sealed record RefundAsked(DateTimeOffset At, string Number, string Answer, DateTimeOffset LookAt, bool Sent) : OrderEvent(At);

/// <summary>The provider has not said for a day what became of it.</summary>
public sealed record RefundFellSilent(DateTimeOffset At, string Number, string Detail) : OrderEvent(At);

/// <summary>The money was given back.</summary>
public sealed record RefundSucceeded(DateTimeOffset At, string Number, Money Amount) : OrderEvent(At);

/// <summary>The provider will not do it: a person decides.</summary>
public sealed record RefundFailed(DateTimeOffset At, string Number, string Code, string Detail) : OrderEvent(At);

/// <summary>It is tried again, under the same number.</summary>
public sealed record RefundRetried(DateTimeOffset At, string Number) : OrderEvent(At);

/// <summary>It is given up: the money stays here, or was given back by other ways.</summary>
public sealed record RefundGivenUp(DateTimeOffset At, string Number) : OrderEvent(At);

/// <summary>Money went back that nobody here sent: what is left of its grants is taken back.</summary>
/// <param name="At">When.</param>
/// <param name="Number">Our number for it.</param>
/// <param name="ProviderNumber">The provider's.</param>
/// <param name="Ordinal">Of which payment.</param>
/// <param name="TransactionId">The movement of money that it takes from.</param>
/// <param name="Amount">How much.</param>
/// <param name="NeedsHold">Whether something was granted for it.</param>
/// <param name="Detail">What happened, in a sentence.</param>
public sealed record RefundMadeElsewhere(
    DateTimeOffset At, string Number, string ProviderNumber, int Ordinal, string TransactionId, Money Amount, bool NeedsHold, string Detail) : OrderEvent(At);

/// <summary>A payer wants money back through the provider: what goes with it is held, and not taken.</summary>
/// <param name="At">When.</param>
/// <param name="Number">Our number for it.</param>
/// <param name="ProviderNumber">The provider's.</param>
/// <param name="Ordinal">Of which payment.</param>
/// <param name="TransactionId">The movement of money that is disputed.</param>
/// <param name="Amount">How much of it.</param>
/// <param name="NeedsHold">Whether something was granted for it.</param>
/// <param name="Detail">What happened, in a sentence.</param>
public sealed record DisputeOpened(
    DateTimeOffset At, string Number, string ProviderNumber, int Ordinal, string TransactionId, Money Amount, bool NeedsHold, string Detail) : OrderEvent(At);

/// <summary>The dispute ended in our favour: what was held is given back.</summary>
public sealed record DisputeWon(DateTimeOffset At, string Number, string Note) : OrderEvent(At);

/// <summary>The disputed money went back: what was held stays taken.</summary>
public sealed record DisputeLost(DateTimeOffset At, string Number, Money Amount) : OrderEvent(At);

/// <summary>The provider's records were compared with ours, and differ: a person decides.</summary>
/// <param name="At">When.</param>
/// <param name="Ordinal">Of which payment.</param>
/// <param name="Difference">The difference's key: it is told once.</param>
/// <param name="Detail">What differs, in a sentence.</param>
public sealed record RecordsDiffered(DateTimeOffset At, int Ordinal, string Difference, string Detail) : OrderEvent(At);

/// <summary>Money that a person decided about settles the order.</summary>
/// <param name="At">When.</param>
/// <param name="Ordinal">Of which payment.</param>
/// <param name="TransactionId">The movement of money.</param>
/// <param name="Amount">How much.</param>
/// <param name="Grants">What is granted for it, when it is not what the plan says.</param>
public sealed record HeldPaymentAccepted(DateTimeOffset At, int Ordinal, string TransactionId, Money Amount, ImmutableArray<Grant>? Grants) : OrderEvent(At);

/// <summary>Crediting is tried again at once.</summary>
public sealed record CreditRetried(DateTimeOffset At) : OrderEvent(At);

/// <summary>A person decided about a work item.</summary>
public sealed record WorkItemResolved(DateTimeOffset At, string Id, WorkItemResolution Resolution, string By, string Note) : OrderEvent(At);

/// <summary>Nothing was paid in time.</summary>
public sealed record OrderExpired(DateTimeOffset At) : OrderEvent(At);

/// <summary>The order was cancelled.</summary>
public sealed record OrderCancelled(DateTimeOffset At) : OrderEvent(At);
