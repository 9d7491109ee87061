using Billing.Channels;
using Billing.Reconciliations;
using Orleans.Concurrency;

namespace Billing.Orders;

/// <summary>What placing an order led to.</summary>
/// <param name="Order">The order now.</param>
/// <param name="Replayed">Whether the key had placed it before.</param>
[GenerateSerializer, Immutable, Alias("billing.order.placed")]
public sealed record Placed(Versioned<Order> Order, bool Replayed);

/// <summary>Is told of an order's changes.</summary>
[Alias("billing.IOrderWatcher")]
public interface IOrderWatcher : IGrainObserver
{
    /// <summary>The order as it is stored now.</summary>
    [OneWay, Alias("Changed")]
    Task Changed(Versioned<Order> order);

    /// <summary>The grain leaves memory and forgets who watches it: to be watched anew.</summary>
    [OneWay, Alias("Renew")]
    Task Renew();
}

/// <summary>What a provider's news of a payment turned out to be.</summary>
public enum NewsVerdict
{
    /// <summary>Stored.</summary>
    Stored,

    /// <summary>Known before, or it changes nothing.</summary>
    Known,

    /// <summary>No such order or payment, or the payment is another method's or merchant's. Nothing changed.</summary>
    Stranger,
}

/// <summary>An order, by its number.</summary>
[Alias("billing.IOrderGrain")]
public interface IOrderGrain : IDocumentGrain
{
    /// <summary>The order as it is stored; null when there is none, also when it was refused.</summary>
    [Alias("Get")]
    Task<Versioned<Order>?> Get();

    /// <summary>Places the order, once for the wish's key. The grain's key must be <see cref="OrderNumber.Of"/> the wish.</summary>
    [Alias("Place")]
    Task<Reply<Placed, OrderError>> Place(OrderWish wish);

    /// <summary>Starts a payment through a method, and waits for the provider's first answer.</summary>
    [Alias("StartPayment")]
    Task<Reply<Versioned<Order>, OrderError>> StartPayment(string methodId, Actor by);

    /// <summary>Asks the providers of open payments now.</summary>
    [Alias("Refresh")]
    Task<Reply<Versioned<Order>, OrderError>> Refresh(Actor by);

    /// <summary>Cancels it. Money that still comes is credited or becomes a work item.</summary>
    [Alias("Cancel")]
    Task<Reply<Versioned<Order>, OrderError>> Cancel(Actor by);

    /// <summary>Asks for money back, once for the key. What goes with it is held when it returns, unless the account does not answer.</summary>
    [Alias("RequestRefund")]
    Task<Reply<Versioned<Order>, OrderError>> RequestRefund(string key, Money? amount, string reason, Actor by);

    /// <summary>Takes the open request back.</summary>
    [Alias("WithdrawRefund")]
    Task<Reply<Versioned<Order>, OrderError>> WithdrawRefund(Actor by);

    /// <summary>Approves a refund, whole or in part.</summary>
    [Alias("ApproveRefund")]
    Task<Reply<Versioned<Order>, OrderError>> ApproveRefund(string number, long expectedVersion, Money? amount, string note, Actor by);

    /// <summary>Rejects a refund; the buyer reads the note.</summary>
    [Alias("RejectRefund")]
    Task<Reply<Versioned<Order>, OrderError>> RejectRefund(string number, long expectedVersion, string note, Actor by);

    /// <summary>Gives money back without a request, once for the key.</summary>
    [Alias("RefundOrder")]
    Task<Reply<Versioned<Order>, OrderError>> RefundOrder(string key, Money amount, string note, bool evenIfSpent, Actor by);

    /// <summary>Decides about a work item.</summary>
    [Alias("Resolve")]
    Task<Reply<Versioned<Order>, OrderError>> Resolve(string workItemId, WorkItemResolution resolution, string note, Actor by);

    /// <summary>Takes note of a provider's own news of a refund. When it returns, they are stored.</summary>
    [Alias("HearRefund")]
    Task<NewsVerdict> HearRefund(int ordinal, string refundNumber, string methodId, MerchantIdentity merchant, [Immutable] RefundState state);

    /// <summary>Takes note of a provider's own news. When it returns, they are stored.</summary>
    [Alias("Hear")]
    Task<NewsVerdict> Hear(int ordinal, string methodId, MerchantIdentity merchant, [Immutable] PaymentState state);

    /// <summary>Takes note of a provider's news of a dispute. When it returns, they are stored.</summary>
    [Alias("HearDispute")]
    Task<NewsVerdict> HearDispute(int ordinal, string methodId, MerchantIdentity merchant, DisputeState state);

    /// <summary>Takes note that a provider's records differ from ours, in what only a person can judge. One work item comes of it, however often it is told.</summary>
    [Alias("HearDifference")]
    Task<NewsVerdict> HearDifference(string methodId, RecordsDifference difference);

    /// <summary>Tells the watcher of each change, its present state first; to be renewed before <see cref="Watchers.Lease"/> ends.</summary>
    [Alias("Watch")]
    Task Watch([Immutable] IOrderWatcher watcher);

    /// <summary>Stops telling the watcher.</summary>
    [Alias("Unwatch")]
    Task Unwatch([Immutable] IOrderWatcher watcher);
}
