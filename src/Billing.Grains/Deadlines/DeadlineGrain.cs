using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Billing.Deadlines;

/// <summary>How a shard's sweeps went, for the administrators' health page.</summary>
[GenerateSerializer, Alias("billing.deadline.report")]
public sealed class SweepReport
{
    /// <summary>When the last whole sweep ended.</summary>
    [Id(0)]
    public DateTimeOffset? LastSweepAt { get; set; }

    /// <summary>How many documents were woken since the shard was first run.</summary>
    [Id(1)]
    public long Woken { get; set; }

    /// <summary>How many of them could not do what they owed.</summary>
    [Id(2)]
    public long Failed { get; set; }
}

/// <summary>A shard of the deadlines, by its number.</summary>
[Alias("billing.IDeadlineGrain")]
public interface IDeadlineGrain : IGrainWithIntegerKey
{
    /// <summary>Makes sure that the shard's reminder is registered and that it sweeps.</summary>
    [Alias("Ensure")]
    Task Ensure();

    /// <summary>Sweeps now, and says how many documents were woken.</summary>
    [Alias("Sweep")]
    Task<int> Sweep();

    /// <summary>How its sweeps went.</summary>
    [Alias("Report")]
    Task<SweepReport> Report();
}

/// <summary>
/// Finds the documents whose deadline has come and wakes them, a bounded number at once. The durable reminder only makes sure that this goes on after a crash;
/// each document decides for itself what it owes.
/// </summary>
[GrainType("deadline")]
sealed partial class DeadlineGrain(
    IGrainFactory grains,
    IDeadlines deadlines,
    IOptions<DeadlineSettings> options,
    ILogger<DeadlineGrain> log,
    [PersistentState("sweep", DeadlineGrain.StorageName)] IPersistentState<SweepReport> report) : Grain, IDeadlineGrain, IRemindable
{
    internal const string StorageName = "housekeeping";
    const string ReminderName = "sweep";

    static readonly Meter Meter = new("Billing.Deadlines");
    static readonly Counter<long> Woken = Meter.CreateCounter<long>("billing.deadlines.woken", description: "Documents woken because they were due.");
    static readonly Counter<long> Failed = Meter.CreateCounter<long>("billing.deadlines.failed", description: "Documents that could not do what they owed.");
    static readonly Histogram<double> Lateness = Meter.CreateHistogram<double>("billing.deadlines.lateness", "s", "How long after its deadline a document was woken.");

    readonly DeadlineSettings settings = options.Value;
    TimeProvider time = TimeProvider.System;
    IGrainTimer? timer;
    bool sweeping;

    // Whose work goes on although nobody waits for it here: they are left alone until it has ended.
    readonly HashSet<(string Noun, string Key)> slow = [];

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        time = GrainTime.Of(ServiceProvider);
        return Task.CompletedTask;
    }

    public async Task Ensure()
    {
        await this.RegisterOrUpdateReminder(ReminderName, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        Start();
    }

    public async Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Start();
        await report.WriteStateAsync();
    }

    public Task<SweepReport> Report() => Task.FromResult(report.State);

    public async Task<int> Sweep()
    {
        if (sweeping) return 0;
        sweeping = true;
        try
        {
            return await SweepAll();
        }
        finally
        {
            sweeping = false;
        }
    }

    void Start() => timer ??= this.RegisterGrainTimer(
        OnTimer, new GrainTimerCreationOptions(TimeSpan.FromMilliseconds(100), settings.Rest) { Interleave = true, KeepAlive = true });

    async Task OnTimer(CancellationToken cancellation)
    {
        try
        {
            await Sweep();
        }
        catch (Exception fault)
        {
            // The database is gone, perhaps: the next sweep finds the same documents.
            LogSweepFailed(log, fault, this.GetPrimaryKeyLong());
        }
    }

    async Task<int> SweepAll()
    {
        var woken = 0;
        var now = time.GetUtcNow();
        DueDocument? last = null;
        while (true)
        {
            var due = await deadlines.Due((int)this.GetPrimaryKeyLong(), settings.Shards, now, last, settings.PageSize, CancellationToken.None);
            using var places = new SemaphoreSlim(settings.AtOnce);
            await Task.WhenAll(due.Select(document => Wake(document, places)));
            woken += due.Count;
            if (due.Count < settings.PageSize) break;
            // Beyond what was found, so that documents which cannot do what they owe do not hide the others.
            last = due[^1];
        }

        report.State.LastSweepAt = time.GetUtcNow();
        return woken;
    }

    async Task Wake(DueDocument document, SemaphoreSlim places)
    {
        if (slow.Contains((document.Noun, document.Key))) return;
        await places.WaitAsync();
        try
        {
            Lateness.Record((time.GetUtcNow() - document.At).TotalSeconds);
            Woken.Add(1);
            report.State.Woken++;
            var waking = WakeOne(document);
            // A provider that does not answer keeps its payments waiting for ten seconds each. Others that are due shall not wait behind them.
            if (!await IsDoneWithin(settings.Patience, waking) && slow.Count < settings.SlowAtOnce)
                LeaveAlone(document, waking).Ignore();
            else
                await waking;
        }
        finally
        {
            places.Release();
        }
    }

    async Task WakeOne(DueDocument document)
    {
        try
        {
            await grains.GetGrain<IDocumentGrain>(GrainId.Create(document.Noun, document.Key)).Wake();
        }
        catch (Exception fault)
        {
            // One document's fault must not keep the others waiting; it stays due.
            Failed.Add(1);
            report.State.Failed++;
            LogWakeFailed(log, fault, document.Noun, document.Key);
        }
    }

    async Task LeaveAlone(DueDocument document, Task waking)
    {
        slow.Add((document.Noun, document.Key));
        await waking;
        slow.Remove((document.Noun, document.Key));
    }

    static async Task<bool> IsDoneWithin(TimeSpan patience, Task work)
    {
        try
        {
            await work.WaitAsync(patience, TimeProvider.System);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    [LoggerMessage(2001, LogLevel.Error, "Deadline shard {Shard}: a sweep failed; the next one starts over.")]
    static partial void LogSweepFailed(ILogger log, Exception fault, long shard);

    [LoggerMessage(2002, LogLevel.Warning, "{Noun} {Key}: what was due could not be done; it stays due.")]
    static partial void LogWakeFailed(ILogger log, Exception fault, string noun, string key);
}
