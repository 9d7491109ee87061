using System.Globalization;

namespace Billing.Benchmarks.Load;

/// <summary>The medians of all rounds as a Markdown table, and the ratios of what was measured side by side.</summary>
static class Table
{
    /// <summary>What the others are compared with.</summary>
    const string Yardstick = "plain";

    public static int Print(string file)
    {
        var groups = File.ReadLines(file).Where(line => line.StartsWith('{')).Select(Result.Read)
            .GroupBy(result => (result.Scenario, result.Target, result.Workers)).ToList();
        Console.WriteLine("| scenario | target | at once | operations/s (least–most) | of plain | p50 / p95 / p99 ms | CPU ms each: service + PostgreSQL (driver) | other cores | failures | verified |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var group in groups)
        {
            var (scenario, target, workers) = group.Key;
            var plain = groups.FirstOrDefault(other => other.Key == (scenario, Yardstick, workers));
            // Measured in turn, each is compared with the one before it: the machine was the same for both. A group that was not is compared as a whole.
            var ratio = plain is null || target == Yardstick ? ""
                : (plain.Count() == group.Count()
                    ? Median(group.Zip(plain), pair => pair.First.PerSecond / pair.Second.PerSecond)
                    : Median(group, r => r.PerSecond) / Median(plain, r => r.PerSecond)).ToString("0.00", CultureInfo.InvariantCulture);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {scenario} | {target} | {workers} | {Median(group, r => r.PerSecond):0} ({group.Min(r => r.PerSecond):0}–{group.Max(r => r.PerSecond):0}) | {ratio} "
                + $"| {Median(group, r => r.P50):0.00} / {Median(group, r => r.P95):0.00} / {Median(group, r => r.P99):0.00} "
                + $"| {Median(group, r => r.ServerCpu):0.000} + {Median(group, r => r.PostgresCpu):0.000} ({Median(group, r => r.DriverCpu):0.000}) "
                + $"| {Median(group, r => r.OtherCores):0.00} | {group.Sum(r => r.Failures)} | {group.Count(r => r.Verified)} of {group.Count()} |"));
        }

        return groups.SelectMany(group => group).All(result => result.Verified) ? 0 : 1;
    }

    static double Median<T>(IEnumerable<T> results, Func<T, double> value)
    {
        var sorted = results.Select(value).Order().ToArray();
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }
}
