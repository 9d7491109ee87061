namespace Billing.Reconciliations;

/// <summary>How our books are compared with the providers'; <c>Billing:Reconciliation</c>.</summary>
public sealed class ReconciliationSettings
{
    /// <summary>Whether it is done by itself, every day. An administrator can have it done either way.</summary>
    public bool Daily { get; set; } = true;

    /// <summary>When a day begins, in UTC. Where the providers' bills are of Chinese days, 16:00 makes ours the same.</summary>
    public TimeOnly DayStartsAt { get; set; } = TimeOnly.MinValue;

    /// <summary>At what time, in UTC, a day that is over is compared: late enough for the providers to have made their bills.</summary>
    public TimeOnly At { get; set; } = new(4, 0);

    /// <summary>How many days back are made up for, when no host was running.</summary>
    public int DaysBack { get; set; } = 3;

    /// <summary>How many questions a second each provider is asked.</summary>
    public double QueriesPerSecond { get; set; } = 5;

    /// <summary>How many orders are compared at once.</summary>
    public int AtOnce { get; set; } = 4;

    /// <summary>How often a question is asked before it counts as unanswered.</summary>
    public int Tries { get; set; } = 3;

    /// <summary>How long it rests when the provider answers none of its questions.</summary>
    public TimeSpan RestFor { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>For how long a provider is waited for that answers nothing. Then what it does not say is not compared.</summary>
    public TimeSpan GiveUpAfter { get; set; } = TimeSpan.FromHours(4);

    /// <summary>For how long a host has a comparison for itself, from each step on. A host that dies is waited for so long.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How often each method is looked at.</summary>
    public TimeSpan Rest { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>What is wrong with the settings; null when they can be used.</summary>
    public string? Problem => this switch
    {
        { DaysBack: < 1 or > 31 } => "DaysBack is from 1 to 31.",
        { QueriesPerSecond: not (>= 0.01 and <= 1_000) } => "QueriesPerSecond is from 0.01 to 1000.",
        { AtOnce: < 1 or > 100 } => "AtOnce is from 1 to 100.",
        { Tries: < 1 or > 10 } => "Tries is from 1 to 10.",
        _ when RestFor < TimeSpan.FromMilliseconds(100) || RestFor > TimeSpan.FromHours(1) => "RestFor is from a tenth of a second to an hour.",
        _ when GiveUpAfter < TimeSpan.Zero || GiveUpAfter > TimeSpan.FromHours(20) => "GiveUpAfter is not negative and at most 20 hours.",
        _ when Lease < TimeSpan.FromSeconds(1) || Lease > TimeSpan.FromHours(1) => "Lease is from a second to an hour.",
        _ when Rest < TimeSpan.FromMilliseconds(100) || Rest > TimeSpan.FromMinutes(10) => "Rest is from a tenth of a second to ten minutes.",
        _ => null,
    };

    /// <summary>What a day is: from when, and before when.</summary>
    public (DateTimeOffset From, DateTimeOffset To) Bounds(DateOnly day) =>
        (new(day, DayStartsAt, TimeSpan.Zero), new(day.AddDays(1), DayStartsAt, TimeSpan.Zero));

    /// <summary>The days that are due by now, oldest first.</summary>
    public IEnumerable<DateOnly> DueDays(DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        // A day ends on the next one, and what it is compared at is on the same date or the one after it.
        return Daily ? Enumerable.Range(1, DaysBack + 2).Select(back => today.AddDays(-back)).Where(day => DueAt(day) <= now).Take(DaysBack).Reverse() : [];
    }

    DateTimeOffset DueAt(DateOnly day)
    {
        var end = Bounds(day).To;
        var at = new DateTimeOffset(day.AddDays(1), At, TimeSpan.Zero);
        return at >= end ? at : at.AddDays(1);
    }
}
