using System.Diagnostics;

namespace Billing.Benchmarks.Load;

/// <summary>
/// A closed loop: each worker begins its next operation when its last one has ended. What began before the warm-up's end or ended after the window is not
/// counted, but is waited for, so that what the server holds afterwards can be compared with what was done.
/// </summary>
sealed class ClosedLoop(CpuMeter cpu)
{
    long failures;
    string? firstFailure;

    public Latency Operations { get; } = new();

    public long Failures => failures;

    public string? FirstFailure => firstFailure;

    public double Seconds { get; private set; }

    public CpuUse Cpu { get; private set; }

    /// <summary>Runs <paramref name="operation"/> with the worker's number and the operation's, until the time is over.</summary>
    public async Task Run(int workers, double warmUpSeconds, double seconds, Func<int, int, Task> operation, params Latency[] steps)
    {
        var (counting, ended) = (false, false);
        var running = Enumerable.Range(0, workers).Select(worker => Task.Run(async () =>
        {
            for (var number = 0; !Volatile.Read(ref ended); number++)
            {
                var counted = Volatile.Read(ref counting);
                var start = Stopwatch.GetTimestamp();
                try
                {
                    await operation(worker, number);
                }
                catch (Exception failure)
                {
                    Interlocked.Increment(ref failures);
                    Interlocked.CompareExchange(ref firstFailure, $"{failure.GetType().Name}: {failure.Message}", null);
                    continue;
                }

                if (counted && !Volatile.Read(ref ended)) Operations.Record(start);
            }
        })).ToArray();

        await Task.Delay(TimeSpan.FromSeconds(warmUpSeconds));
        foreach (var step in steps) step.Reset();
        var (used, began) = (cpu.Read(), Stopwatch.GetTimestamp());
        Volatile.Write(ref counting, true);
        await Task.Delay(TimeSpan.FromSeconds(seconds));
        Volatile.Write(ref ended, true);
        Seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Cpu = cpu.Read() - used;
        await Task.WhenAll(running);
    }
}
