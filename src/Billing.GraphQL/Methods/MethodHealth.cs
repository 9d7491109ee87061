using Billing.Channels;
using Billing.Storage.Methods;
using PaymentMethod = Billing.GraphQL.Catalog.PaymentMethod;

namespace Billing.GraphQL.Methods;

/// <summary>How the configured payment methods go.</summary>
[QueryType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class MethodQueries
{
    /// <summary>
    /// Administrators: how every configured payment method goes, from what is stored. It says what was seen and does not guess why: a method without callbacks may have
    /// no buyers, or a provider that cannot reach this service.
    /// </summary>
    [Cost(100)]
    public static async Task<IReadOnlyList<MethodHealth>> GetMethodHealth(
        IPaymentMethods methods, MethodActivityReader activity, TimeProvider time, CancellationToken cancel)
    {
        var seen = await activity.Of([.. methods.All.Select(method => method.Id)], time.GetUtcNow(), cancel);
        return [.. methods.All.Zip(seen, MethodHealth.Of)];
    }
}

/// <summary>How a payment method goes.</summary>
/// <param name="Method">Which.</param>
/// <param name="Enabled">Whether new payments may be started through it.</param>
/// <param name="LastCallbackAt">When its provider last called with what was believed; null when nothing of that is kept.</param>
/// <param name="LastHour">Within the last hour.</param>
/// <param name="LastDay">Within the last 24 hours.</param>
/// <param name="WaitingOrders">Orders whose payment through it is open.</param>
/// <param name="OldestWaitingAt">When the oldest of these was placed.</param>
/// <param name="OpenWorkItems">How much needs a person among its orders and its unclaimed money.</param>
public sealed record MethodHealth(
    PaymentMethod Method, bool Enabled, DateTimeOffset? LastCallbackAt, MethodCounts LastHour, MethodCounts LastDay, int WaitingOrders, DateTimeOffset? OldestWaitingAt,
    int OpenWorkItems)
{
    internal static MethodHealth Of(Billing.Channels.PaymentMethod method, MethodActivity seen) => new(
        PaymentMethod.Of(method), method.Enabled, seen.LastCallbackAt, MethodCounts.Of(seen.LastHour), MethodCounts.Of(seen.LastDay), (int)seen.Waiting, seen.OldestWaitingAt,
        (int)seen.OpenWorkItems);
}

/// <summary>What went through a payment method within some time; the newest 10,000 of each kind are counted.</summary>
/// <param name="Callbacks">What its provider called with.</param>
/// <param name="RejectedCallbacks">How many of these were not believed. Samples of such are kept: a flood counts as some.</param>
/// <param name="OrdersPlaced">Orders that were placed and are, or were to be, paid through it.</param>
/// <param name="OrdersPaid">How many of these are paid.</param>
public sealed record MethodCounts(int Callbacks, int RejectedCallbacks, int OrdersPlaced, int OrdersPaid)
{
    internal static MethodCounts Of(Storage.Methods.MethodCounts seen) => new((int)seen.Callbacks, (int)seen.Rejected, (int)seen.Placed, (int)seen.Paid);
}
