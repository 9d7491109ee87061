using System.Diagnostics;

namespace Billing.Benchmarks.Load;

/// <summary>
/// A closed loop: each worker begins its next operation when its last one has ended. What began before the warm-up's end or ended after the window is not
/// counted, but is waited for, so that what the server holds afterwards can be compared with what was done.
/// </summary>
/// <remarks>
/// The warm-up lasts a time and a number of operations, because .NET compiles what is called often, and a machine that is busy with other things takes
/// longer for it.
/// </remarks>
sealed class ClosedLoop(CpuMeter cpu)
{
    const double LongestWarmUp = 6;

    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    long failures;
    long done;
    string? firstFailure;

    public Latency Operations { get; } = new();

    public long Failures => failures;

    public string? FirstFailure => firstFailure;

    public double Seconds { get; private set; }

    public CpuUse Cpu { get; private set; }

    /// <summary>Runs <paramref name="operation"/> with the worker's number and the operation's, until the time is over.</summary>
    public async Task Run(int workers, Options options, Func<int, int, Task> operation, params Latency[] steps)
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

                Interlocked.Increment(ref done);
                if (counted && !Volatile.Read(ref ended)) Operations.Record(start);
            }
        })).ToArray();

        var warming = Stopwatch.GetTimestamp();
        for (var warm = false; !warm;)
        {
            await Task.Delay(Look);
            var elapsed = Stopwatch.GetElapsedTime(warming).TotalSeconds;
            warm = elapsed >= options.WarmUpSeconds && (Interlocked.Read(ref done) >= options.WarmUpOperations || elapsed >= options.WarmUpSeconds * LongestWarmUp);
        }

        foreach (var step in steps) step.Reset();
        var (used, began) = (cpu.Read(), Stopwatch.GetTimestamp());
        Volatile.Write(ref counting, true);
        await Task.Delay(TimeSpan.FromSeconds(options.Seconds));
        Volatile.Write(ref ended, true);
        Seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        Cpu = cpu.Read() - used;
        await Task.WhenAll(running);
    }
}
