namespace Billing.Storage.Methods;

/// <summary>What went through a payment method within some time.</summary>
/// <param name="Callbacks">What its provider called with.</param>
/// <param name="Rejected">How many of these were not believed, as far as samples of them are kept.</param>
/// <param name="Placed">Orders that were placed and are paid, or were to be paid, through it.</param>
/// <param name="Paid">How many of these are paid.</param>
public sealed record MethodCounts(long Callbacks, long Rejected, long Placed, long Paid);

/// <summary>How a payment method goes, from what is stored.</summary>
/// <param name="LastCallbackAt">When its provider last called with what was believed.</param>
/// <param name="LastHour">Within an hour.</param>
/// <param name="LastDay">Within a day.</param>
/// <param name="Waiting">Orders whose payment through it is open.</param>
/// <param name="OldestWaitingAt">When the oldest of these was placed.</param>
/// <param name="OpenWorkItems">What needs a person among its orders and its unclaimed money.</param>
public sealed record MethodActivity(
    DateTimeOffset? LastCallbackAt, MethodCounts LastHour, MethodCounts LastDay, long Waiting, DateTimeOffset? OldestWaitingAt, long OpenWorkItems);

/// <summary>Tells how payment methods go. Everything comes from an index, and no more of it is counted than <see cref="Most"/>.</summary>
public sealed class MethodActivityReader
{
    /// <summary>So many rows are counted of each kind, the newest ones; whoever has more knows that the method works.</summary>
    public const int Most = 10_000;

    /// <summary>What the provider of one method called with, the newest of them; what administrators handed on again does not count.</summary>
    internal const string Callbacks = """
        SELECT count(CASE WHEN received_at >= @hourAgo THEN 1 END) AS Hour, count(CASE WHEN received_at >= @hourAgo AND outcome = 'REJECTED' THEN 1 END) AS RejectedHour,
            count(*) AS Day, count(CASE WHEN outcome = 'REJECTED' THEN 1 END) AS RejectedDay
        FROM (
            SELECT received_at, outcome FROM callbacks
            WHERE method_id = @methodId AND received_at >= @dayAgo AND replay_of IS NULL
            ORDER BY received_at DESC, position DESC LIMIT @most
        ) AS newest
        """;

    /// <summary>The last that was believed. Of those that were not, few are kept, so that it is never far.</summary>
    internal const string LastBelieved = """
        SELECT received_at AS At FROM callbacks
        WHERE method_id = @methodId AND outcome <> 'REJECTED' AND replay_of IS NULL
        ORDER BY received_at DESC, position DESC LIMIT 1
        """;

    /// <summary>The newest orders of a day, by the method that they are paid through.</summary>
    internal const string Placed = """
        SELECT method_id AS MethodId, count(CASE WHEN created_at >= @hourAgo THEN 1 END) AS Hour,
            count(CASE WHEN created_at >= @hourAgo AND payment_status = 'PAID' THEN 1 END) AS PaidHour, count(*) AS Day,
            count(CASE WHEN payment_status = 'PAID' THEN 1 END) AS PaidDay
        FROM (
            SELECT method_id, created_at, payment_status FROM orders
            WHERE status <> 'REFUSED' AND created_at >= @dayAgo
            ORDER BY created_at DESC, key DESC LIMIT @most
        ) AS newest
        WHERE method_id IS NOT NULL GROUP BY method_id
        """;

    /// <summary>Orders whose payment is open, the oldest of them; their number is bounded by the time there is to pay.</summary>
    internal const string Waiting = """
        SELECT method_id AS MethodId, count(*) AS Waiting, min(created_at) AS OldestAt FROM (
            SELECT method_id, created_at, payment_status FROM orders
            WHERE status = 'AWAITING_PAYMENT' AND status <> 'REFUSED'
            ORDER BY created_at, key LIMIT @most
        ) AS oldest
        WHERE payment_status = 'PENDING' AND method_id IS NOT NULL GROUP BY method_id
        """;

    /// <summary>What needs a person, by method: of orders, and of money that nobody claims.</summary>
    internal const string Work = """
        SELECT o.method_id AS MethodId, count(*) AS Open FROM work_items AS w JOIN orders AS o ON o.key = w.key
        WHERE w.noun = 'order' AND w.open_work_items > 0 AND w.resolved_at IS NULL AND o.method_id IS NOT NULL GROUP BY o.method_id
        UNION ALL
        SELECT u.method_id, count(*) FROM work_items AS w JOIN unclaimed_payments AS u ON u.key = w.key
        WHERE w.noun = 'unclaimed-payment' AND w.open_work_items > 0 AND w.resolved_at IS NULL GROUP BY u.method_id
        """;

    readonly Reader reader;

    internal MethodActivityReader(Database database) => reader = new(database);

    /// <summary>How these methods go, in their order.</summary>
    public async Task<IReadOnlyList<MethodActivity>> Of(IReadOnlyList<string> methodIds, DateTimeOffset now, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(methodIds);
        var (hourAgo, dayAgo) = (now.AddHours(-1), now.AddDays(-1));
        var placed = (await reader.All<PlacedRow>(Placed, new { hourAgo, dayAgo, most = Most }, cancellation)).ToDictionary(row => row.MethodId, StringComparer.Ordinal);
        var waiting = (await reader.All<WaitingRow>(Waiting, new { most = Most }, cancellation)).ToDictionary(row => row.MethodId, StringComparer.Ordinal);
        var work = (await reader.All<WorkRow>(Work, new { }, cancellation)).ToLookup(row => row.MethodId, row => row.Open, StringComparer.Ordinal);
        var activities = new List<MethodActivity>(methodIds.Count);
        foreach (var methodId in methodIds)
        {
            var callbacks = (await reader.One<CallbackRow>(Callbacks, new { methodId, hourAgo, dayAgo, most = Most }, cancellation))!;
            var believed = await reader.One<BelievedRow>(LastBelieved, new { methodId }, cancellation);
            var orders = placed.GetValueOrDefault(methodId) ?? new();
            var open = waiting.GetValueOrDefault(methodId);
            activities.Add(new(
                believed?.At, new(callbacks.Hour, callbacks.RejectedHour, orders.Hour, orders.PaidHour), new(callbacks.Day, callbacks.RejectedDay, orders.Day, orders.PaidDay),
                open?.Waiting ?? 0, open?.OldestAt, work[methodId].Sum()));
        }

        return activities;
    }

    sealed class CallbackRow
    {
        public long Hour { get; init; }

        public long RejectedHour { get; init; }

        public long Day { get; init; }

        public long RejectedDay { get; init; }
    }

    sealed class BelievedRow
    {
        public DateTimeOffset At { get; init; }
    }

    sealed class PlacedRow
    {
        public string MethodId { get; init; } = "";

        public long Hour { get; init; }

        public long PaidHour { get; init; }

        public long Day { get; init; }

        public long PaidDay { get; init; }
    }

    sealed class WaitingRow
    {
        public string MethodId { get; init; } = "";

        public long Waiting { get; init; }

        public DateTimeOffset OldestAt { get; init; }
    }

    sealed class WorkRow
    {
        public string MethodId { get; init; } = "";

        public long Open { get; init; }
    }
}
