namespace Billing.Deadlines;

/// <summary>A document that is due.</summary>
/// <param name="Noun">Its noun, which is its grain type's name.</param>
/// <param name="Key">Its key.</param>
/// <param name="At">Since when.</param>
public sealed record DueDocument(string Noun, string Key, DateTimeOffset At);

/// <summary>Finds the documents whose <c>next_deadline</c> has come.</summary>
public interface IDeadlines
{
    /// <summary>
    /// What is due in one shard, oldest first, after <paramref name="after"/>. The stored shard number is a stable hash of the key below
    /// <see cref="StoredShards"/>; shard <paramref name="shard"/> of <paramref name="shards"/> takes those with that remainder.
    /// </summary>
    Task<IReadOnlyList<DueDocument>> Due(int shard, int shards, DateTimeOffset now, DueDocument? after, int limit, CancellationToken cancellation);

    /// <summary>Into how many parts the keys are cut as they are stored; the number of sweeping grains divides it, and may change.</summary>
    const int StoredShards = 64;
}
