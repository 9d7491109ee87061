using System.Collections.Concurrent;
using Billing.Codes;
using Orleans.Storage;

namespace Billing.Tests.Cluster;

/// <summary>What goes wrong with a write.</summary>
enum Fault
{
    None,

    /// <summary>The connection breaks before anything was written.</summary>
    BeforeCommit,

    /// <summary>It was written, and the answer was lost.</summary>
    AfterCommit,

    /// <summary>Another activation has written meanwhile.</summary>
    Conflict,

    /// <summary>The store takes no more.</summary>
    Busy,

    /// <summary>What was to be written along has moved on: each document is written alone.</summary>
    Apart,
}

/// <summary>The store, with faults and delays where a test wants them.</summary>
sealed class FaultyStore(TestStore store) : IGrainStorage, ICodeStore
{
    /// <summary>The noun under which a batch's id names what is stored of its codes in bulk.</summary>
    public const string Issuing = "issuing";

    readonly ConcurrentDictionary<(string Noun, string Key), ConcurrentQueue<Fault>> faults = [];
    readonly ConcurrentDictionary<(string Noun, string Key), Hold> held = [];

    /// <summary>The document's next writes go like this.</summary>
    public void Next(string noun, string key, params Fault[] next)
    {
        var queue = faults.GetOrAdd((noun, key), _ => new());
        foreach (var fault in next) queue.Enqueue(fault);
    }

    /// <summary>The document's writes wait until they are let go, and say when they come.</summary>
    public Hold Holding(string noun, string key)
    {
        var hold = new Hold(() => held.TryRemove((noun, key), out _));
        return held[(noun, key)] = hold;
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => store.ReadStateAsync(stateName, grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => store.ClearStateAsync(stateName, grainId, grainState);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        Write(
            [(stateName, grainId.Key.ToString()!), .. ((Document)(object)grainState.State!).Companions.Select(companion => (companion.Noun, companion.Key))],
            () => store.WriteStateAsync(stateName, grainId, grainState));

    public async Task<bool> Issue(IEnumerable<CodeIssued> codes, Actor actor, CancellationToken cancellation)
    {
        var issued = codes.ToList();
        var isStored = false;
        await Write([(Issuing, issued[0].BatchId)], async () => isStored = await store.Issue(issued, actor, cancellation));
        return isStored;
    }

    public Task<int> IssuedUpTo(string batchId, CancellationToken cancellation) => store.IssuedUpTo(batchId, cancellation);

    public Task<IReadOnlyList<Versioned<Code>>> After(string batchId, int ordinal, int limit, CancellationToken cancellation) =>
        store.After(batchId, ordinal, limit, cancellation);

    public Task<IReadOnlyList<Versioned<Code>>> Unused(string batchId, int ordinal, int limit, CancellationToken cancellation) =>
        store.Unused(batchId, ordinal, limit, cancellation);

    public Task<int> GivenUpTo(string batchId, CancellationToken cancellation) => store.GivenUpTo(batchId, cancellation);

    async Task Write((string Noun, string Key)[] documents, Func<Task> write)
    {
        // As a database does, the answer comes later.
        await Task.Yield();
        var holds = documents.Select(id => held.GetValueOrDefault(id)).OfType<Hold>().ToList();
        foreach (var hold in holds)
        {
            hold.Come();
            await hold.LetGo.Task;
        }

        try
        {
            await WriteNow(documents, write);
        }
        finally
        {
            foreach (var hold in holds) hold.FirstEnded.TrySetResult();
        }
    }

    async Task WriteNow((string Noun, string Key)[] documents, Func<Task> write)
    {
        var noun = documents[0].Noun;
        // A joint write is the next one of each of its documents, up to the first that fails.
        var fault = documents.Select(id => faults.TryGetValue(id, out var queue) && queue.TryDequeue(out var next) ? next : Fault.None).FirstOrDefault(next => next != Fault.None);
        switch (fault)
        {
            // The grains' shell knows any fault of a write for one of unknown outcome; who stores in bulk says so itself.
            case Fault.BeforeCommit when noun == Issuing: throw new OutcomeUnknownException("The connection broke.");
            case Fault.BeforeCommit: throw new IOException("The connection broke.");
            case Fault.Conflict: throw new InconsistentStateException("Another activation has written.");
            case Fault.Apart when documents.Length > 1: throw new CompanionOutdatedException("It has moved on.");
            case Fault.Busy: throw new StoreBusyException("Full.");
        }

        await write();
        if (fault == Fault.AfterCommit) throw noun == Issuing ? new OutcomeUnknownException("The answer was lost.") : new IOException("The answer was lost.");
    }
}

/// <summary>Writes that wait.</summary>
sealed class Hold(Action end) : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    readonly SemaphoreSlim come = new(0);

    internal TaskCompletionSource LetGo { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal TaskCompletionSource FirstEnded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Is done when a write that was let go has ended.</summary>
    public Task Ended => FirstEnded.Task;

    /// <summary>Is done when the next write has come; each is awaited once.</summary>
    public async Task Arrival() => Assert.True(await come.WaitAsync(Patience, TestContext.Current.CancellationToken), "No write came in 20 seconds.");

    internal void Come() => come.Release();

    public void Dispose()
    {
        end();
        LetGo.TrySetResult();
    }
}
