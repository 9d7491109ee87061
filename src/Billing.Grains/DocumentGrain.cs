using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;
using Orleans.Storage;

namespace Billing;

/// <summary>A stored state and its version.</summary>
/// <typeparam name="T">The document.</typeparam>
/// <param name="State">The state as it is stored.</param>
/// <param name="Version">How often it was written; rises with every change.</param>
[GenerateSerializer, Immutable, Alias("billing.versioned`1")]
public sealed record Versioned<T>(T State, long Version)
    where T : class;

/// <summary>A grain whose state is a document with deadlines.</summary>
[Alias("billing.IDocumentGrain")]
public interface IDocumentGrain : IGrainWithStringKey
{
    /// <summary>Does what is owed by now. Called when the document is due; harmless at any other time.</summary>
    [Alias("Wake")]
    Task Wake();
}

/// <summary>What a command led to, once it is stored.</summary>
/// <typeparam name="TState">The document.</typeparam>
/// <typeparam name="TEvent">The events' base.</typeparam>
/// <typeparam name="TError">The refusals' base.</typeparam>
/// <param name="State">The stored state; null when there still is none.</param>
/// <param name="Version">Its version.</param>
/// <param name="Events">What this command added; empty when it was already so or was refused.</param>
/// <param name="At">When it was decided.</param>
/// <param name="Refusal">Why not.</param>
/// <param name="IsJoint">Whether the next thing that was owed was done in the same transaction.</param>
public readonly record struct Obeyed<TState, TEvent, TError>(TState? State, long Version, IReadOnlyList<TEvent> Events, DateTimeOffset At, TError? Refusal, bool IsJoint)
    where TState : class
    where TError : class;

/// <summary>
/// The shell of every money grain: ask the rules, write the new document and its events together, and only then let the state be the grain's.
/// Commands that arrive during a write are decided in order and written together by the next one, so a busy grain costs one write for many commands.
/// </summary>
/// <remarks>
/// The grain interleaves calls, which is safe because all change goes through <see cref="Obey"/>: it decides from the committed state, with no await between
/// deciding and queueing the write. Any failed write but a refused one (a unique index, text that cannot be stored) has an unknown outcome, so the activation is discarded and read again.
/// </remarks>
/// <typeparam name="TState">The document.</typeparam>
/// <typeparam name="TEvent">The events' base.</typeparam>
/// <typeparam name="TCommand">The commands' base.</typeparam>
/// <typeparam name="TError">The refusals' base.</typeparam>
[Reentrant]
public abstract partial class DocumentGrain<TState, TEvent, TCommand, TError>(DocumentKind<TState, TEvent> kind) : Grain, IDocumentGrain
    where TState : class
    where TEvent : class
    where TCommand : class
    where TError : class
{
    /// <summary>The keyed registration of the store that keeps documents.</summary>
    public const string StorageName = "documents";

    // One write carries at most so many commands, so that its document's journal rows stay a small statement.
    const int MaxCommandsInAWrite = 128;

    // Whoever writes along has this long. Providers wait five seconds and more for an acknowledgement, and what was heard must be stored by then.
    static readonly TimeSpan JointPatience = TimeSpan.FromSeconds(3);

    // More than this waiting for one grain means that it cannot keep up; saying so at once is kinder than a time-out.
    const int MaxWaiting = 10_000;

    // Deadlines further away than this are left to the sweep: an idle grain shall leave memory.
    static readonly TimeSpan TimerHorizon = TimeSpan.FromMinutes(2);

    // What was due and could not be done is tried again no sooner than this.
    static readonly TimeSpan Overdue = TimeSpan.FromSeconds(1);

    // Whoever asks for what does not exist shall not fill the memory.
    static readonly TimeSpan NothingStays = TimeSpan.FromSeconds(5);

    readonly Queue<Waiting> queue = new();
    IGrainStorage storage = null!;
    TimeProvider time = null!;
    ILogger log = null!;
    GrainState<Document> committed = new() { State = new() };
    IGrainTimer? timer;
    IGrainTimer? leaving;
    DateTimeOffset? armed;
    bool unread = true;
    Task? reading;
    bool writing;
    Task? working;
    bool discarded;

    /// <summary>The state as it is stored; null when nothing was ever stored.</summary>
    protected TState? State => (TState?)committed.State?.State;

    /// <summary>The stored version; 0 when nothing was ever stored.</summary>
    protected long Version => committed.ETag is { } etag ? long.Parse(etag, System.Globalization.CultureInfo.InvariantCulture) : 0;

    /// <summary>The stored state and its version; null when nothing was ever stored.</summary>
    /// <exception cref="OutcomeUnknownException">A write failed, and what is stored is not known here any more.</exception>
    protected Versioned<TState>? Stored =>
        discarded ? throw new OutcomeUnknownException("This activation failed to write and is being replaced.")
        : State is { } state ? new(state, Version)
        : null;

    /// <summary>The time, to the microsecond that the databases keep.</summary>
    protected DateTimeOffset Now
    {
        get
        {
            var now = time.GetUtcNow();
            return now.AddTicks(-(now.Ticks % TimeSpan.TicksPerMicrosecond));
        }
    }

    /// <summary>The log of the grain's class.</summary>
    protected ILogger Log => log;

    /// <summary>How many steps in a row are believed: a document that asks for more without an end has a rule that does not move it on.</summary>
    protected virtual int MaxSteps => 64;

    /// <summary>
    /// Whether the document is read when it is first needed and not when the grain is activated, for a noun that is most often activated to begin. Each of
    /// the grain's methods awaits <see cref="Ready"/> first, but the one that begins: its write is refused if there is a document, which is then read.
    /// </summary>
    protected virtual bool BeginsUnread => false;

    /// <summary>The rules.</summary>
    protected abstract Decision<TEvent, TError> Decide(TState? state, TCommand command, DateTimeOffset now);

    /// <summary>Does one thing that is owed now, and says whether it should be asked again.</summary>
    protected virtual Task<bool> TakeStep() => Task.FromResult(false);

    /// <summary>
    /// What the state that is about to be written owes another document's grain, when that grain can write both documents in one transaction; null when nothing. When
    /// it cannot now, this document is written alone, and what is owed is done afterwards like anything else.
    /// </summary>
    protected virtual Joint? Join(TState next, IReadOnlyList<TCommand> commands, DateTimeOffset now) => null;

    /// <summary>The state has changed and is stored.</summary>
    protected virtual void Changed()
    {
    }

    /// <inheritdoc/>
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        storage = ServiceProvider.GetRequiredKeyedService<IGrainStorage>(StorageName);
        time = GrainTime.Of(ServiceProvider);
        log = ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger(GetType());
        if (!BeginsUnread) await Ready();
    }

    /// <inheritdoc/>
    public async Task Wake()
    {
        await Ready();
        await WorkToTheEnd();
    }

    /// <summary>The document is known from here on.</summary>
    protected Task Ready() => !unread ? Task.CompletedTask : reading is { IsCompleted: false } underWay ? underWay : reading = Read();

    /// <summary>
    /// Whether there is a document by now, for a noun that is also stored beside its grains: nothing is not remembered. Nor is the activation thrown away for it:
    /// Orleans forwards the calls that wait for one twice at most, and a burst of them would be rejected.
    /// </summary>
    protected async Task<bool> Exists()
    {
        if (Stored is not null) return true;
        // A reading that was under way may have looked before it was stored.
        if (reading is { IsCompleted: false } earlier) await earlier;
        if (State is null) await (reading is { IsCompleted: false } later ? later : reading = Read());
        return Stored is not null;
    }

    /// <summary>
    /// Somebody asked for what is not there: the activation leaves memory soon, unless something is stored meanwhile. Not at once: Orleans forwards a call that
    /// waits for a leaving activation twice at most, and a burst of them would be rejected.
    /// </summary>
    protected void LeaveSoon() => leaving ??= this.RegisterGrainTimer(
        _ =>
        {
            leaving?.Dispose();
            leaving = null;
            if (State is null && !writing) DeactivateOnIdle();
            return Task.CompletedTask;
        },
        new GrainTimerCreationOptions(NothingStays, Timeout.InfiniteTimeSpan) { Interleave = true });

    async Task Read()
    {
        var read = new GrainState<Document> { State = new() };
        await storage.ReadStateAsync(kind.Noun, this.GetGrainId(), read);
        // What was written meanwhile is newer.
        if (committed.RecordExists) return;
        (committed, unread) = (read, false);
        SetTimer();
    }

    /// <summary>Decides the command and stores what follows. When it returns, what it says has been stored.</summary>
    /// <exception cref="UniqueTakenException">The write would have broken a unique index; nothing changed.</exception>
    /// <exception cref="OutcomeUnknownException">It may or may not have been stored; the same command again will tell.</exception>
    /// <exception cref="StoreBusyException">Nothing happened; try again.</exception>
    /// <exception cref="CompanionOutdatedException">The companion has moved on; nothing changed.</exception>
    /// <param name="command">What to do.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="companion">Another noun's document that is written in the same transaction, when the command adds an event; when it adds none, it is not written.</param>
    protected Task<Obeyed<TState, TEvent, TError>> Obey(TCommand command, Actor actor, DocumentWrite? companion = null)
    {
        if (discarded) throw new OutcomeUnknownException("This activation failed to write and is being replaced.");
        if (queue.Count >= MaxWaiting) throw new StoreBusyException($"More than {MaxWaiting} commands wait for one {kind.Noun}.");
        var waiting = new Waiting(command, actor, companion);
        queue.Enqueue(waiting);
        if (!writing) _ = WriteAll();
        return waiting.Answer.Task;
    }

    /// <summary>Does what is owed by now, and waits for all that was begun: the sweep counts how many documents are at work.</summary>
    protected virtual Task WorkToTheEnd() => Work();

    /// <summary>When something is owed next that is not under way.</summary>
    protected virtual DateTimeOffset? NextDeadline(TState state) => kind.NextDeadline(state);

    /// <summary>Does what is owed by now. One at a time; a call that comes during another waits for that one.</summary>
    protected Task Work()
    {
        if (working is { } underWay) return underWay;
        var work = DoWork();
        if (!work.IsCompleted) working = work;
        return work;
    }

    async Task DoWork()
    {
        try
        {
            for (var steps = 0; await TakeStep(); steps++)
            {
                if (steps < MaxSteps) continue;
                LogEndless(log, kind.Noun, this.GetPrimaryKeyString(), MaxSteps);
                return;
            }
        }
        finally
        {
            working = null;
            SetTimer();
        }
    }

    async Task WriteAll()
    {
        writing = true;
        try
        {
            var most = MaxCommandsInAWrite;
            while (queue.Count > 0 && !discarded) most = await WriteSome(most);
        }
        finally
        {
            writing = false;
        }
    }

    /// <summary>Decides and writes the commands at the head of the queue, and says how many to take next time.</summary>
    async Task<int> WriteSome(int most)
    {
        var batch = new List<Waiting>(Math.Min(most, queue.Count));
        var entries = new List<JournalEntry>();
        var companions = new List<DocumentWrite>();
        var state = State;
        var now = Now;
        while (batch.Count < most && queue.TryPeek(out var waiting) && !IsAmong(companions, waiting.Companion))
        {
            batch.Add(queue.Dequeue());
            try
            {
                var decision = Decide(state, waiting.Command, now);
                waiting.Refusal = decision.Refusal;
                waiting.Events = decision.Events;
                foreach (var happened in decision.Events)
                {
                    state = (TState)kind.After(state, happened);
                    entries.Add(new(happened, now, waiting.Actor));
                }

                if (waiting.Companion is { } companion && decision.Events.Count > 0) companions.Add(companion);
            }
            catch (Exception bug) when (batch.Count == 1)
            {
                // A rule threw: a bug in one command must not take its neighbours along, so it was tried alone.
                waiting.Answer.SetException(bug);
                return 1;
            }
            catch (Exception)
            {
                Requeue(batch);
                return 1;
            }
        }

        // Without having read, there is nothing to answer but what was written.
        if (unread && entries.Count == 0) return await ReadAndAgain(batch, most);
        var isJoint = entries.Count > 0 && !unread && companions.Count == 0 && await WriteJointly([.. batch.Select(waiting => waiting.Command)], state!, entries, now);
        if (entries.Count > 0 && !isJoint)
        {
            var begins = unread;
            var written = new GrainState<Document>(new() { State = state, Entries = entries, Companions = companions }, committed.ETag!) { RecordExists = committed.RecordExists };
            try
            {
                await storage.WriteStateAsync(kind.Noun, this.GetGrainId(), written);
            }
            catch (Exception refused) when (refused is UniqueTakenException or CompanionOutdatedException or UnstorableTextException)
            {
                // Certainly not written. Alone, the command is the guilty one; among others it is looked for by halves.
                if (batch.Count > 1)
                    Requeue(batch);
                else
                    batch[0].Answer.SetException(refused);
                return Math.Max(1, batch.Count / 2);
            }
            catch (InconsistentStateException) when (begins)
            {
                // It had begun before, and what was decided was decided from nothing.
                return await ReadAndAgain(batch, most);
            }
            catch (StoreBusyException busy)
            {
                foreach (var waiting in batch) waiting.Answer.SetException(busy);
                return MaxCommandsInAWrite;
            }
            catch (Exception fault)
            {
                Discard(batch, fault);
                return MaxCommandsInAWrite;
            }

            (committed, unread) = (new(new() { State = state }, written.ETag) { RecordExists = true }, false);
        }

        // It is stored: whatever else fails, the callers are told so.
        foreach (var waiting in batch) waiting.Answer.SetResult(new(State, Version, waiting.Events, now, waiting.Refusal, isJoint));
        if (entries.Count == 0) return MaxCommandsInAWrite;
        SetTimer();
        Changed();
        return MaxCommandsInAWrite;
    }

    /// <summary>Has another grain write its document and this one together, and says whether it did. Whatever became of it, this document's version tells it apart from a write of its own.</summary>
    async Task<bool> WriteJointly(IReadOnlyList<TCommand> commands, TState state, IEnumerable<JournalEntry> decided, DateTimeOffset now)
    {
        try
        {
            if (Join(state, commands, now) is not { } joint) return false;
            List<JournalEntry> entries = [.. decided];
            foreach (var happened in Decide(state, joint.Done, now).Events)
            {
                state = (TState)kind.After(state, happened);
                entries.Add(new(happened, now, Actor.System));
            }

            var write = DocumentWrite.Of(kind, this.GetPrimaryKeyString(), Version, new() { State = state, Entries = entries });
            if (!await joint.Write(write).WaitAsync(JointPatience, TimeProvider.System)) return false;
            committed = new(new() { State = state }, write.Version.ToString(System.Globalization.CultureInfo.InvariantCulture)) { RecordExists = true };
            return true;
        }
        catch (Exception fault)
        {
            // Alone, then. If it was written after all, or still will be, the later of the two finds another version than it expects.
            LogNotJoint(log, fault, kind.Noun, this.GetPrimaryKeyString());
            return false;
        }
    }

    static bool IsAmong(List<DocumentWrite> companions, DocumentWrite? companion) =>
        companion is not null && companions.Exists(other => other.Noun == companion.Noun && other.Key == companion.Key);

    /// <summary>Reads the document, so that these commands are decided from it.</summary>
    async Task<int> ReadAndAgain(List<Waiting> batch, int most)
    {
        try
        {
            await Ready();
        }
        catch (Exception fault)
        {
            Discard(batch, fault);
            return MaxCommandsInAWrite;
        }

        Requeue(batch);
        return most;
    }

    void Requeue(List<Waiting> batch)
    {
        var later = queue.ToArray();
        queue.Clear();
        foreach (var waiting in batch.Concat(later)) queue.Enqueue(waiting);
    }

    void Discard(List<Waiting> batch, Exception fault)
    {
        discarded = true;
        LogDiscarded(log, fault, kind.Noun, this.GetPrimaryKeyString(), Version);
        timer?.Dispose();
        timer = null;
        DeactivateOnIdle();
        var unknown = fault is OutcomeUnknownException or InconsistentStateException
            ? fault
            : new OutcomeUnknownException("The write failed and its outcome is unknown.", fault);
        foreach (var waiting in batch.Concat(queue)) waiting.Answer.TrySetException(unknown);
        queue.Clear();
    }

    /// <summary>While the grain is in memory this gives the exact moment; otherwise the sweep finds the document.</summary>
    protected void SetTimer()
    {
        var next = discarded || State is not { } state ? null : NextDeadline(state);
        if (next is not null && next == armed) return;
        timer?.Dispose();
        (timer, armed) = (null, null);
        if (next is not { } deadline || deadline - Now is var due && due > TimerHorizon) return;
        armed = deadline;
        timer = this.RegisterGrainTimer(OnTimer, new GrainTimerCreationOptions(due < Overdue ? Overdue : due, Timeout.InfiniteTimeSpan) { Interleave = true });
    }

    async Task OnTimer(CancellationToken cancellation)
    {
        armed = null;
        try
        {
            await Work();
        }
        catch (Exception fault) when (fault is OutcomeUnknownException or StoreBusyException or InconsistentStateException or OrleansException or TimeoutException)
        {
            // The document says that it is due: the sweep takes it up.
            LogTimer(log, fault, kind.Noun, this.GetPrimaryKeyString());
        }
    }

    [LoggerMessage(1, LogLevel.Error, "{Noun} {Key}: a write at version {Version} failed; the activation is discarded and the document read again.")]
    static partial void LogDiscarded(ILogger log, Exception fault, string noun, string key, long version);

    [LoggerMessage(2, LogLevel.Error, "{Noun} {Key}: still owes something after {Steps} steps; left to its next deadline.")]
    static partial void LogEndless(ILogger log, string noun, string key, int steps);

    [LoggerMessage(3, LogLevel.Warning, "{Noun} {Key}: what was due could not be done now; the sweep tries again.")]
    static partial void LogTimer(ILogger log, Exception fault, string noun, string key);

    [LoggerMessage(4, LogLevel.Information, "{Noun} {Key}: could not be written together with what it owes; it is written alone, and that is done afterwards.")]
    static partial void LogNotJoint(ILogger log, Exception fault, string noun, string key);

    /// <summary>A thing that is owed, and how another grain does it together with this document's write.</summary>
    /// <param name="Done">The command that says that it was done.</param>
    /// <param name="Write">Writes both documents in one transaction, and says whether it did.</param>
    protected sealed record Joint(TCommand Done, Func<DocumentWrite, Task<bool>> Write);

    sealed class Waiting(TCommand command, Actor actor, DocumentWrite? companion)
    {
        public TCommand Command { get; } = command;

        public Actor Actor { get; } = actor;

        public DocumentWrite? Companion { get; } = companion;

        // Continuations run as the grain's next turns, not inside the write loop.
        public TaskCompletionSource<Obeyed<TState, TEvent, TError>> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<TEvent> Events { get; set; } = [];

        public TError? Refusal { get; set; }
    }
}
