using System.Diagnostics.Metrics;

namespace Billing.Reconciliations;

/// <summary>What comparing with the providers counts.</summary>
public static class ReconciliationMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Billing.Reconciliation";

    static readonly Meter Meter = new(MeterName);
    static readonly Counter<long> ComparedCount = Meter.CreateCounter<long>("billing.reconciliation.compared", description: "Payments and refunds by what comparing them came to.");
    static readonly Counter<long> DifferenceCount = Meter.CreateCounter<long>(
        "billing.reconciliation.differences", description: "Differences between our books and a provider's, by kind and by what became of them.");

    static readonly Counter<long> FinishedCount = Meter.CreateCounter<long>("billing.reconciliation.finished", description: "Days that were compared to their end.");

    internal static void Compared(string method, Finding finding, DifferenceEnd? end) => ComparedCount.Add(
        1, new("method", method),
        new KeyValuePair<string, object?>("outcome", (finding, end) switch
        {
            (Finding.Agreed, _) => "agreed",
            (Finding.Differs, DifferenceEnd.Healed) => "healed",
            (Finding.Differs, not null) => "differs",
            _ => "not compared",
        }));

    internal static void Differed(string method, DifferenceKind kind, DifferenceEnd end) => DifferenceCount.Add(
        1, new("method", method), new("kind", kind.ToString()), new KeyValuePair<string, object?>("end", end.ToString()));

    internal static void Finished(string method) => FinishedCount.Add(1, new KeyValuePair<string, object?>("method", method));
}
