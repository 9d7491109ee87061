using System.Diagnostics.Metrics;

namespace Billing.Channels.Sandbox.Provider;

/// <summary>What became of the sandbox's callbacks.</summary>
sealed class SandboxMetrics
{
    internal const string MeterName = "Billing.Channels.Sandbox";

    readonly Counter<long> callbacks;

    public SandboxMetrics(IMeterFactory meters) =>
        callbacks = meters.Create(MeterName).CreateCounter<long>("billing.sandbox.callbacks", "{callback}", "Attempts to deliver the sandbox's callbacks.");

    /// <summary>The merchant acknowledged.</summary>
    internal void Delivered() => Count("delivered");

    /// <summary>An attempt was not acknowledged.</summary>
    internal void Failed() => Count("failed");

    /// <summary>The last attempt was not acknowledged.</summary>
    internal void GivenUp() => Count("given_up");

    /// <summary>The queue was full.</summary>
    internal void Dropped() => Count("dropped");

    void Count(string outcome) => callbacks.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
