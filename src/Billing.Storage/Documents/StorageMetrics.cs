using System.Diagnostics.Metrics;

namespace Billing.Storage.Documents;

/// <summary>The meter <c>Billing.Storage</c>.</summary>
sealed class StorageMetrics
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Billing.Storage";

    readonly Meter meter;
    readonly Histogram<int> size;
    readonly Histogram<double> duration;
    readonly Counter<long> conflicts;
    readonly Counter<long> faults;
    readonly Counter<long> refused;

    public StorageMetrics(IMeterFactory meters)
    {
        meter = meters.Create(MeterName);
        size = meter.CreateHistogram<int>("billing.storage.commit.size", "{document}", "How many documents were committed together.");
        duration = meter.CreateHistogram<double>("billing.storage.commit.duration", "s", "How long a commit took.");
        conflicts = meter.CreateCounter<long>("billing.storage.conflicts", "{write}", "Writes that found another version, or a unique place taken.");
        faults = meter.CreateCounter<long>("billing.storage.faults", "{write}", "Writes that the database failed.");
        refused = meter.CreateCounter<long>("billing.storage.refused", "{write}", "Writes that were not taken because the queue was full or closing.");
    }

    public void Watch(Func<int> queued) =>
        meter.CreateObservableGauge("billing.storage.queue.length", queued, "{write}", "Writes that wait for a commit.");

    public void Committed(int documents, TimeSpan took)
    {
        size.Record(documents);
        duration.Record(took.TotalSeconds);
    }

    public void Conflicted() => conflicts.Add(1);

    public void Faulted() => faults.Add(1);

    public void Refused() => refused.Add(1);
}
