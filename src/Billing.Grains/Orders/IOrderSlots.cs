namespace Billing.Orders;

/// <summary>
/// The places that orders take up: one of the account's open-order places while it can still be paid, and one of a limited plan's places while it is open or paid.
/// A unique index over them holds the limits under any number of parallel calls and silos.
/// </summary>
public interface IOrderSlots
{
    /// <summary>The places that are taken now.</summary>
    Task<TakenSlots> Taken(string account, string planSlug, CancellationToken cancellation);
}

/// <summary>The places that are taken.</summary>
/// <param name="Open">The account's open orders by place.</param>
/// <param name="Purchases">The plan's places that the account has taken.</param>
public sealed record TakenSlots(IReadOnlyDictionary<int, string> Open, IReadOnlySet<int> Purchases);
