namespace Billing.Deadlines;

/// <summary>How what is due is found and done.</summary>
public sealed class DeadlineSettings
{
    /// <summary>How many grains sweep, side by side; a divisor of <see cref="IDeadlines.StoredShards"/>.</summary>
    public int Shards { get; set; } = 4;

    /// <summary>How long a shard rests between two sweeps.</summary>
    public TimeSpan Rest { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many documents a shard wakes at once.</summary>
    public int AtOnce { get; set; } = 16;

    /// <summary>How many a shard reads at a time.</summary>
    public int PageSize { get; set; } = 256;
}
