using System.Diagnostics;
using HdrHistogram;

namespace Billing.Benchmarks.Load;

/// <summary>Latencies to three digits, up to a minute; written by many at once.</summary>
sealed class Latency
{
    const long LongestMicroseconds = 60_000_000;

    readonly LongConcurrentHistogram histogram = new(1, LongestMicroseconds, 3);

    public long Count => histogram.TotalCount;

    public void Record(long startedAt) =>
        histogram.RecordValue(Math.Clamp((long)Stopwatch.GetElapsedTime(startedAt).TotalMicroseconds, 1, LongestMicroseconds));

    public double Milliseconds(double percentile) => Math.Round(histogram.GetValueAtPercentile(percentile) / 1000.0, 3);

    public void Reset() => histogram.Reset();
}
