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

    /// <summary>How long a shard waits for one of them before it goes on to the next: what takes longer waits for a provider.</summary>
    public TimeSpan Patience { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many of a shard's documents may take longer at once; with more, it waits for them.</summary>
    public int SlowAtOnce { get; set; } = 256;

    /// <summary>How many a shard reads at a time.</summary>
    public int PageSize { get; set; } = 256;

    /// <summary>What is wrong with these settings; null when they can be used. Checked before the host starts: later it would show as money that nobody looks after.</summary>
    public string? Problem => this switch
    {
        _ when Shards < 1 || IDeadlines.StoredShards % Shards != 0 => $"Shards is a divisor of {IDeadlines.StoredShards}.",
        _ when Rest < TimeSpan.FromMilliseconds(100) || Rest > TimeSpan.FromMinutes(1) => "Rest is from a tenth of a second to a minute.",
        { AtOnce: < 1 or > 1_000 } => "AtOnce is from 1 to 1000.",
        _ when Patience < TimeSpan.FromMilliseconds(10) || Patience > TimeSpan.FromMinutes(1) => "Patience is from a hundredth of a second to a minute.",
        { SlowAtOnce: < 0 or > 10_000 } => "SlowAtOnce is from 0 to 10000.",
        { PageSize: < 1 or > 10_000 } => "PageSize is from 1 to 10000.",
        _ => null,
    };
}
