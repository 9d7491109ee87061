using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Billing.Storage.Documents;

/// <summary>Writes that wait, and the loops that commit them: each takes what has arrived while its last commit was under way.</summary>
sealed partial class WriteQueue : IAsyncDisposable, IDisposable
{
    // From so many documents in a commit on, the next one waits for more.
    const int Many = 4;

    readonly Channel<PendingWrite> channel;
    readonly StorageOptions options;
    readonly StorageMetrics metrics;
    readonly TimeProvider clock;
    readonly ILogger logger;
    readonly Task[] loops;
    readonly ICommitter[] committers;
    volatile bool closing;

    public WriteQueue(IReadOnlyList<ICommitter> committers, StorageOptions options, StorageMetrics metrics, TimeProvider clock, ILogger<WriteQueue> logger)
    {
        this.options = options;
        this.metrics = metrics;
        this.clock = clock;
        this.logger = logger;
        this.committers = [.. committers];
        channel = Channel.CreateBounded<PendingWrite>(new BoundedChannelOptions(options.QueueLength) { SingleReader = committers.Count == 1 });
        metrics.Watch(() => channel.Reader.Count);
        loops = [.. committers.Select(Start)];
    }

    /// <summary>Queues the write and waits for its end.</summary>
    /// <exception cref="StoreBusyException">The queue is full or closing.</exception>
    public async Task Write(PendingWrite write, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (!channel.Writer.TryWrite(write))
        {
            metrics.Refused();
            throw new StoreBusyException(closing ? "The store is closing." : "The store has all the writes it can hold.");
        }

        if (!cancellation.CanBeCanceled)
        {
            await write.Done;
            return;
        }

        await using (cancellation.UnsafeRegister(static (write, cancellation) => ((PendingWrite)write!).Withdraw(cancellation), write))
        {
            await write.Done;
        }
    }

    public async ValueTask DisposeAsync()
    {
        closing = true;
        if (!channel.Writer.TryComplete()) return;
        try
        {
            await Task.WhenAll(loops).WaitAsync(options.DrainTimeout, clock);
        }
        catch (TimeoutException)
        {
            var left = 0;
            while (channel.Reader.TryRead(out var write))
            {
                if (!write.Begin()) continue;
                write.Failed(new StoreBusyException("The store closed before the write was begun."));
                left++;
            }

            LogNotDrained(options.DrainTimeout, left);
            return;
        }

        foreach (var committer in committers) await committer.DisposeAsync();
    }

    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    Task Start(ICommitter committer)
    {
        if (!committer.IsSynchronous) return Task.Run(() => Run(committer, () => channel.Reader.WaitToReadAsync()));

        // A database that answers on the caller's thread gets a thread of its own: its waits would otherwise stall the pool that the grains run on.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            // Nothing in this loop leaves the thread: waiting blocks it, and its commits end before they return.
            Run(committer, () => new(channel.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())).GetAwaiter().GetResult();
            ended.SetResult();
        })
        {
            IsBackground = true,
            Name = "Billing.Storage writer",
        }.Start();
        return ended.Task;
    }

    async Task Run(ICommitter committer, Func<ValueTask<bool>> arrival)
    {
        var gathered = new List<PendingWrite>(options.CommitSize);
        var keys = new HashSet<(DocumentKind, string)>();
        var late = new HashSet<(DocumentKind, string)>();
        var later = new Queue<PendingWrite>();
        var waits = !committer.IsSynchronous && options.GatherTime > TimeSpan.Zero;
        while (later.Count > 0 || await arrival())
        {
            // A commit costs much, and a document more in it little. Who was answered by a large commit is about to write again: fewer and larger commits
            // are worth a moment. A commit of a few has nobody to wait for. (The thread of a synchronous committer must not be left.)
            if (gathered.Count >= Many && waits && channel.Reader.Count + later.Count < gathered.Count) await Task.Delay(options.GatherTime, TimeProvider.System);
            Gather(gathered, keys, later, late);
            if (gathered.Count == 0) continue;
            var start = Stopwatch.GetTimestamp();
            try
            {
                await committer.Commit(gathered);
            }
            catch (Exception exception)
            {
                // Whatever it was, the callers wait, and it may or may not have been written.
                foreach (var write in gathered) write.Failed(new OutcomeUnknownException("The commit failed.", exception));
                LogCommitFailed(exception, gathered.Count);
            }

            metrics.Committed(keys.Count, Stopwatch.GetElapsedTime(start));
        }
    }

    /// <summary>Takes what is there; of two writes of one document the second waits for the next commit, because it can only follow the first.</summary>
    void Gather(List<PendingWrite> gathered, HashSet<(DocumentKind, string)> keys, Queue<PendingWrite> later, HashSet<(DocumentKind, string)> late)
    {
        gathered.Clear();
        keys.Clear();
        late.Clear();
        for (var waiting = later.Count; waiting > 0; waiting--) Take(later.Dequeue());
        while (keys.Count < options.CommitSize && later.Count < options.CommitSize && channel.Reader.TryRead(out var write)) Take(write);

        void Take(PendingWrite write)
        {
            // What waits for one document keeps its place before what comes for its others.
            if (keys.Count >= options.CommitSize || IsAmong(keys, write) || (late.Count > 0 && IsAmong(late, write)))
            {
                later.Enqueue(write);
                Add(late, write);
            }
            else if (write.Begin())
            {
                gathered.Add(write);
                Add(keys, write);
            }
        }

        static bool IsAmong(HashSet<(DocumentKind, string)> keys, PendingWrite write)
        {
            for (var i = 0; i < write.Documents.Count; i++)
            {
                if (keys.Contains((write.Documents[i].Kind, write.Documents[i].Key))) return true;
            }

            return false;
        }

        static void Add(HashSet<(DocumentKind, string)> keys, PendingWrite write)
        {
            for (var i = 0; i < write.Documents.Count; i++) keys.Add((write.Documents[i].Kind, write.Documents[i].Key));
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A commit of {Count} documents failed; their outcome is unknown, and their grains will read them again.")]
    partial void LogCommitFailed(Exception exception, int count);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store did not finish within {Timeout}; {Left} writes were not begun.")]
    partial void LogNotDrained(TimeSpan timeout, int left);
}
