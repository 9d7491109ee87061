using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Billing.Webhooks;

/// <summary>The meter <c>Billing.Webhooks</c>. Each measurement names the endpoint by its id.</summary>
public static class WebhookMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Billing.Webhooks";

    static readonly Meter Meter = new(MeterName);
    static readonly Counter<long> DeliveredCount = Meter.CreateCounter<long>("billing.webhooks.delivered", "{delivery}", "Deliveries that arrived.");
    static readonly Counter<long> FailedCount = Meter.CreateCounter<long>("billing.webhooks.failed", "{attempt}", "Attempts that failed.");
    static readonly Counter<long> DeadCount = Meter.CreateCounter<long>("billing.webhooks.dead", "{delivery}", "Deliveries that were given up.");
    static readonly ConcurrentDictionary<string, (DateTimeOffset Oldest, TimeProvider Time)> Waiting = new(StringComparer.Ordinal);

    static WebhookMetrics() => Meter.CreateObservableGauge(
        "billing.webhooks.oldest",
        () => Waiting.Select(pair => new Measurement<double>((pair.Value.Time.GetUtcNow() - pair.Value.Oldest).TotalSeconds, Tag(pair.Key))),
        "s",
        "How long ago the oldest of what is not delivered happened.");

    internal static void Delivered(string endpoint) => DeliveredCount.Add(1, Tag(endpoint));

    internal static void Failed(string endpoint) => FailedCount.Add(1, Tag(endpoint));

    internal static void Dead(string endpoint) => DeadCount.Add(1, Tag(endpoint));

    /// <summary>Since when the oldest waits; null when nothing does, or another host looks after it.</summary>
    internal static void Waits(string endpoint, DateTimeOffset? oldest, TimeProvider time)
    {
        if (oldest is { } since) Waiting[endpoint] = (since, time);
        else Waiting.TryRemove(endpoint, out _);
    }

    static KeyValuePair<string, object?> Tag(string endpoint) => new("endpoint", endpoint);
}
