using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Billing.Channels;
using Billing.Orders;
using Billing.Storage.Callbacks;
using Microsoft.Extensions.Options;

namespace Billing.Silo.Callbacks;

/// <summary>
/// Writes down what providers called with, in batches and beside the answers: an acknowledgement neither waits for it nor fails with it. What cannot be written down
/// is counted. The money itself is in the order's journal by then, whatever becomes of this.
/// </summary>
sealed partial class CallbackInbox : BackgroundService
{
    /// <summary>The largest number of callbacks in one statement.</summary>
    public const int BatchSize = 256;

    // A masked body is a few kilobytes; a raw one that waits may be more.
    const long MaxWaitingBytes = 16 * 1024 * 1024;
    const int Tries = 5;

    static readonly TimeSpan GatherTime = TimeSpan.FromMilliseconds(200);
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);
    static readonly TimeSpan SampleEvery = TimeSpan.FromMinutes(1);

    readonly Channel<Waiting> queue;
    // Bounded by the configured methods and the reasons.
    readonly ConcurrentDictionary<(string Method, string Reason), DateTimeOffset> sampled = new();
    readonly CallbackStore store;
    readonly TimeProvider time;
    readonly ILogger<CallbackInbox> log;
    readonly Counter<long> kept;
    readonly Counter<long> dropped;
    long waitingBytes;

    public CallbackInbox(CallbackStore store, IOptions<CallbackSettings> settings, TimeProvider time, IMeterFactory meters, ILogger<CallbackInbox> log)
    {
        (this.store, this.time, this.log) = (store, time, log);
        queue = Channel.CreateBounded<Waiting>(new BoundedChannelOptions(settings.Value.QueueLength) { SingleReader = true });
        var meter = meters.Create(CallbackEndpoint.MeterName);
        kept = meter.CreateCounter<long>("billing.callbacks.kept", description: "Callbacks that the inbox wrote down.");
        dropped = meter.CreateCounter<long>("billing.callbacks.dropped", description: "Callbacks that the inbox could not write down; their money is stored all the same.");
    }

    /// <summary>Keeps a callback whose signature holds; of those that are not believed, one in a minute for each method and reason, without its body.</summary>
    public void Keep(PaymentMethod method, CallbackMessage message, CallbackReading reading, CallbackOutcome outcome)
    {
        if (reading is CallbackReading.Rejected rejected)
            Sample(method, message, rejected.Reason.ToString());
        else
            Enqueue(new(method, message, CallbackNews.Of(reading), outcome, null));
    }

    /// <summary>Keeps a sample of what is not believed.</summary>
    public void Sample(PaymentMethod method, CallbackMessage message, string reason)
    {
        var key = (method.Id, reason);
        var now = message.ReceivedAt;
        var last = sampled.GetOrAdd(key, DateTimeOffset.MinValue);
        // Of several at once one takes the minute.
        if (now - last < SampleEvery || !sampled.TryUpdate(key, now, last)) return;
        Enqueue(new(method, message with { Body = default }, null, CallbackOutcome.Rejected, reason));
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Writer.TryComplete();
        await base.StopAsync(cancellationToken);
        // A host that stops before it has quite begun never ran the other one.
        if (queue.Reader.Count > 0) await Run(stopping: new(canceled: true));
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Run(stoppingToken);

    async Task Run(CancellationToken stopping)
    {
        using var ending = new CancellationTokenSource();
        await using var stop = stopping.Register(() => ending.CancelAfter(LastWords));
        var batch = new List<CallbackRecord>(BatchSize);
        while (await queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await Gather(stopping);
            batch.Clear();
            while (batch.Count < BatchSize && queue.Reader.TryRead(out var waiting)) batch.Add(Record(waiting));
            await Write(batch, ending.Token);
        }
    }

    async Task Gather(CancellationToken stopping)
    {
        try
        {
            if (queue.Reader.Count < BatchSize) await Task.Delay(GatherTime, time, stopping);
        }
        catch (OperationCanceledException)
        {
            // What is left is written at once.
        }
    }

    async Task Write(List<CallbackRecord> batch, CancellationToken ending)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await store.Add(batch, ending);
                kept.Add(batch.Count);
                return;
            }
            catch (Exception fault) when (tries < Tries && !ending.IsCancellationRequested)
            {
                // Meanwhile others wait, up to a bound.
                LogNotYet(fault, batch.Count);
            }
            catch (Exception fault)
            {
                dropped.Add(batch.Count);
                LogDropped(fault, batch.Count);
                return;
            }

            try
            {
                await Task.Delay(Pause * tries, time, ending);
            }
            catch (OperationCanceledException)
            {
                // The last try, then.
            }
        }
    }

    void Enqueue(Waiting waiting)
    {
        var bytes = waiting.Message.Body.Length;
        if (Interlocked.Add(ref waitingBytes, bytes) <= MaxWaitingBytes && queue.Writer.TryWrite(waiting)) return;
        Interlocked.Add(ref waitingBytes, -bytes);
        dropped.Add(1);
    }

    CallbackRecord Record(Waiting waiting)
    {
        Interlocked.Add(ref waitingBytes, -waiting.Message.Body.Length);
        var order = OrderNumber.TryParsePayment(waiting.News?.PaymentNumber, out var number, out _) ? number : null;
        return new(
            waiting.Message.ReceivedAt, waiting.Method.Id, waiting.Message.HttpMethod, Redacted(waiting), waiting.Outcome, waiting.Rejection, waiting.News, order);
    }

    RedactedCallback Redacted(Waiting waiting)
    {
        try
        {
            var redacted = waiting.Method.Channel.Redact(waiting.Message);
            return waiting.Rejection is null ? redacted : redacted.WithoutBody();
        }
        catch (Exception fault)
        {
            // A channel's mistake must not cost the neighbours their lines.
            LogNotRedacted(fault, waiting.Method.Id);
            return CallbackRedaction.Nothing(waiting.Message);
        }
    }

    readonly record struct Waiting(PaymentMethod Method, CallbackMessage Message, CallbackNews? News, CallbackOutcome Outcome, string? Rejection);

    [LoggerMessage(3101, LogLevel.Warning, "{Count} callbacks could not be written down; they are tried again.")]
    partial void LogNotYet(Exception fault, int count);

    [LoggerMessage(3102, LogLevel.Error, "{Count} callbacks were not written down. Their money is stored; the inbox lacks them.")]
    partial void LogDropped(Exception fault, int count);

    [LoggerMessage(3103, LogLevel.Error, "Callback through {Method}: it could not be masked; nothing of its body is kept.")]
    partial void LogNotRedacted(Exception fault, string method);
}
