using System.Collections.Immutable;

namespace Billing.Webhooks;

/// <summary>What became of an attempt.</summary>
public abstract record WebhookAnswer;

/// <summary>The endpoint answered.</summary>
/// <param name="Status">The status code of HTTP.</param>
/// <param name="RetryAfter">When it wants to be asked again, if it said so.</param>
public sealed record WebhookAnswered(int Status, TimeSpan? RetryAfter) : WebhookAnswer;

/// <summary>There was no answer.</summary>
/// <param name="Failure">Why, in a word of ours: nothing that the endpoint sent.</param>
public sealed record WebhookUnanswered(string Failure) : WebhookAnswer;

/// <summary>Where a delivery stands after an attempt.</summary>
public abstract record WebhookOutcome;

/// <summary>It arrived.</summary>
public sealed record WebhookDelivered : WebhookOutcome;

/// <summary>It is tried again.</summary>
/// <param name="At">When.</param>
public sealed record WebhookDelayed(DateTimeOffset At) : WebhookOutcome;

/// <summary>It was tried for days: it is kept for a person.</summary>
public sealed record WebhookDead : WebhookOutcome;

/// <summary>When a delivery is tried, and what follows from how that went. Pure.</summary>
public static class WebhookRules
{
    /// <summary>How long after each failed attempt the next one follows: twelve attempts in about three days.</summary>
    public static readonly ImmutableArray<TimeSpan> BackOff =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1),
        TimeSpan.FromHours(3), TimeSpan.FromHours(6), TimeSpan.FromHours(12), TimeSpan.FromHours(24), TimeSpan.FromHours(24),
    ];

    /// <summary>The longest that an endpoint may ask us to wait.</summary>
    public static readonly TimeSpan MostRetryAfter = TimeSpan.FromHours(6);

    /// <summary>No pause is longer than it should be by more than this part: what failed together is not tried again together.</summary>
    public const double Jitter = 0.1;

    /// <summary>What follows from an answer.</summary>
    /// <param name="attempts">How many attempts were made, this one included.</param>
    /// <param name="answer">How this one went.</param>
    /// <param name="now">When.</param>
    /// <param name="chance">From 0 to 1: which part of the jitter this delivery gets.</param>
    public static WebhookOutcome After(int attempts, WebhookAnswer answer, DateTimeOffset now, double chance) => answer switch
    {
        WebhookAnswered { Status: >= 200 and < 300 } => new WebhookDelivered(),
        _ when attempts > BackOff.Length => new WebhookDead(),
        WebhookAnswered { Status: 429 or 503, RetryAfter: { } wished } => new WebhookDelayed(now + Longer(Pause(attempts, chance), wished < MostRetryAfter ? wished : MostRetryAfter)),
        _ => new WebhookDelayed(now + Pause(attempts, chance)),
    };

    /// <summary>Whether the endpoint wants no more, ever: nothing else says so.</summary>
    public static bool WantsNoMore(WebhookAnswer answer) => answer is WebhookAnswered { Status: 410 };

    /// <summary>
    /// Which of what waits is due, in the order of the journal: what is behind another one of its object that waits for its next attempt is held back by it, however
    /// long it waits. Both databases say the same.
    /// </summary>
    public static IReadOnlyList<T> Due<T>(IEnumerable<T> waiting, Func<T, JournalFact> row, Func<T, DateTimeOffset> nextAttemptAt, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(waiting);
        return [.. waiting
            .GroupBy(delivery => (row(delivery).Noun, row(delivery).Key))
            .SelectMany(ofObject => ofObject.OrderBy(delivery => row(delivery).Position).TakeWhile(delivery => nextAttemptAt(delivery) <= now))
            .OrderBy(delivery => row(delivery).Position)];
    }

    /// <summary>What is due as lanes, one for each object, each in the order of the journal: lanes go side by side, and what is in one goes one after the other.</summary>
    public static IReadOnlyList<IReadOnlyList<PendingDelivery>> Lanes(IEnumerable<PendingDelivery> due)
    {
        ArgumentNullException.ThrowIfNull(due);
        return [.. due.OrderBy(delivery => delivery.Row.Position).GroupBy(delivery => (delivery.Row.Noun, delivery.Row.Key)).Select(lane => lane.ToList())];
    }

    static TimeSpan Pause(int attempts, double chance) => BackOff[attempts - 1] * (1 + (Jitter * Math.Clamp(chance, 0, 1)));

    static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
