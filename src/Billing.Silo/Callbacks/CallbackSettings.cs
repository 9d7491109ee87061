namespace Billing.Silo.Callbacks;

/// <summary>How the inbox of callbacks is kept; <c>Billing:Callbacks</c>.</summary>
sealed class CallbackSettings
{
    /// <summary>How long a callback is kept: longer than a year, in which buyers may dispute and books are closed.</summary>
    public TimeSpan KeepFor { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How many callbacks may wait to be written down. One more is acknowledged all the same, and counted as dropped.</summary>
    public int QueueLength { get; set; } = 4_096;

    /// <summary>What is wrong with the settings; null when nothing is.</summary>
    public string? Problem => this switch
    {
        { QueueLength: < 1 } => "QueueLength is at least 1.",
        _ when KeepFor < TimeSpan.FromDays(1) => "KeepFor is at least a day.",
        _ => null,
    };
}
