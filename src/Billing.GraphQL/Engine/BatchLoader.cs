using GraphQL.DataLoader;

namespace Billing.GraphQL;

/// <summary>
/// Gathers what sibling fields ask for and loads it at once. Register a noun's loader as scoped and take it as a resolver's parameter; the resolver returns
/// what <see cref="Load"/> gives.
/// </summary>
/// <remarks>
/// Only what waits is shared, not what was loaded before: in a request with two mutations the second one's payload must not show what the first one read.
/// </remarks>
/// <typeparam name="TKey">What is asked for.</typeparam>
/// <typeparam name="TValue">What is found.</typeparam>
public abstract class BatchLoader<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    /// <summary>The most keys in one load; more are loaded in several.</summary>
    protected virtual int LargestBatch => 500;

    readonly Lock gate = new();
    Batch? waiting;

    /// <summary>Loads what was gathered. What has no entry in the answer was not found.</summary>
    protected abstract Task<IReadOnlyDictionary<TKey, TValue>> LoadBatch(IReadOnlyList<TKey> keys, CancellationToken cancel);

    /// <summary>Asks for one; null when it is not found.</summary>
    public IDataLoaderResult<TValue?> Load(TKey key)
    {
        lock (gate)
        {
            if (waiting is null || waiting.Count >= LargestBatch) waiting = new(this);
            waiting.Add(key);
            return new Result(waiting, key);
        }
    }

    /// <summary>Asks for one that is certainly found: the field has no null.</summary>
    public IDataLoaderResult<TValue> Require(TKey key) => Load(key)!;

    /// <summary>Asks for one, and gives what is to be shown of it; of null when it is not found.</summary>
    public IDataLoaderResult<TField> Load<TField>(TKey key, Func<TValue?, TField> show) => new Shown<TField>(Load(key), show);

    /// <summary>Asks for several, and gives them in their order; null in the place of what is not found.</summary>
    public IDataLoaderResult<IReadOnlyList<TValue?>> LoadAll(IReadOnlyList<TKey> keys) => new All([.. keys.Select(Load)]);

    sealed class Batch(BatchLoader<TKey, TValue> loader)
    {
        readonly HashSet<TKey> keys = [];
        Task<IReadOnlyDictionary<TKey, TValue>>? load;

        public int Count => keys.Count;

        public void Add(TKey key) => keys.Add(key);

        public Task<IReadOnlyDictionary<TKey, TValue>> Load(CancellationToken cancel)
        {
            lock (loader.gate)
            {
                // From the first answer that is awaited on, later keys wait for the next batch.
                if (loader.waiting == this) loader.waiting = null;
                return load ??= loader.LoadBatch([.. keys], cancel);
            }
        }
    }

    sealed class Result(Batch batch, TKey key) : IDataLoaderResult<TValue?>
    {
        public async Task<TValue?> GetResultAsync(CancellationToken cancellationToken = default) =>
            (await batch.Load(cancellationToken)).GetValueOrDefault(key);

        async Task<object?> IDataLoaderResult.GetResultAsync(CancellationToken cancellationToken) => await GetResultAsync(cancellationToken);
    }

    sealed class All(IReadOnlyList<IDataLoaderResult<TValue?>> results) : IDataLoaderResult<IReadOnlyList<TValue?>>
    {
        public async Task<IReadOnlyList<TValue?>> GetResultAsync(CancellationToken cancellationToken = default)
        {
            var values = new TValue?[results.Count];
            for (var i = 0; i < values.Length; i++) values[i] = await results[i].GetResultAsync(cancellationToken);
            return values;
        }

        async Task<object?> IDataLoaderResult.GetResultAsync(CancellationToken cancellationToken) => await GetResultAsync(cancellationToken);
    }

    sealed class Shown<TField>(IDataLoaderResult<TValue?> found, Func<TValue?, TField> show) : IDataLoaderResult<TField>
    {
        public async Task<TField> GetResultAsync(CancellationToken cancellationToken = default) => show(await found.GetResultAsync(cancellationToken));

        async Task<object?> IDataLoaderResult.GetResultAsync(CancellationToken cancellationToken) => await GetResultAsync(cancellationToken);
    }
}
