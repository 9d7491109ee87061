namespace Billing.Webhooks;

/// <summary>Where a delivery stands. The stored names are the API's.</summary>
public enum WebhookDeliveryStatus
{
    /// <summary>It is still to be delivered.</summary>
    Pending,

    /// <summary>It was.</summary>
    Delivered,

    /// <summary>It was tried for days, in vain.</summary>
    Dead,
}

/// <summary>A delivery that is due.</summary>
/// <param name="Row">The row of the journal that it tells of.</param>
/// <param name="Attempts">How many attempts were made.</param>
public sealed record PendingDelivery(JournalFact Row, int Attempts);

/// <summary>What a host knows that has taken an endpoint's deliveries.</summary>
/// <param name="Position">How far the journal was read for it: up to and with this row.</param>
/// <param name="FailingSince">Since when nothing could be delivered; null when something could.</param>
public sealed record WebhookLease(long Position, DateTimeOffset? FailingSince);

/// <summary>Rows of the journal that may concern an endpoint.</summary>
/// <param name="Rows">Those, in the order of their positions.</param>
/// <param name="UpTo">How far the journal was looked through: every row up to this one is among them or concerns nobody.</param>
public sealed record JournalPage(IReadOnlyList<JournalFact> Rows, long UpTo);

/// <summary>
/// The deliveries as they are stored: how far each endpoint has come in the journal, and what of that is not settled. Any number of hosts may use it; one at a
/// time has an endpoint's lease.
/// </summary>
public interface IWebhookDeliveries
{
    /// <summary>The ids of enabled endpoints, in their order, after one of them.</summary>
    Task<IReadOnlyList<string>> Enabled(string after, int limit, CancellationToken cancellation);

    /// <summary>Takes an endpoint's deliveries until a moment, or keeps them; null while another owner has them. One that is new begins with the journal's row of its making.</summary>
    Task<WebhookLease?> Take(string endpoint, string owner, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation);

    /// <summary>Gives them back, so that another host need not wait.</summary>
    Task GiveBack(string endpoint, string owner, CancellationToken cancellation);

    /// <summary>
    /// Reads on in the journal. It never passes a row whose transaction has yet to end: a position is taken before its row can be seen, and a row with a higher one
    /// may be seen sooner.
    /// </summary>
    /// <param name="after">After this position.</param>
    /// <param name="names">Rows with these names: the noun, a dot, the event's stored name.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<JournalPage> Read(long after, IReadOnlyList<string> names, int limit, CancellationToken cancellation);

    /// <summary>
    /// Takes rows of the journal among what is to be delivered and moves on to a position, both or neither; what was settled is delivered again. False, and nothing
    /// done, when the endpoint has another owner or was moved meanwhile.
    /// </summary>
    Task<bool> Queue(
        string endpoint, string owner, long from, long upTo, IReadOnlyCollection<long> positions, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>How many deliveries wait, and since when the oldest of what they tell of.</summary>
    Task<(int Count, DateTimeOffset? Oldest)> Pending(string endpoint, CancellationToken cancellation);

    /// <summary>
    /// What is due, in the order of the journal: of each object the deliveries up to the first that waits for its next attempt, which holds back what follows it.
    /// </summary>
    Task<IReadOnlyList<PendingDelivery>> Due(string endpoint, DateTimeOffset now, int limit, CancellationToken cancellation);

    /// <summary>Writes down how an attempt went.</summary>
    Task Record(string endpoint, long position, int attempts, WebhookAnswer answer, WebhookOutcome outcome, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Writes down since when nothing could be delivered; null when something could.</summary>
    Task Failing(string endpoint, DateTimeOffset? since, CancellationToken cancellation);

    /// <summary>Has settled deliveries made again, and says how many those are.</summary>
    Task<int> Replay(string endpoint, IReadOnlyCollection<long> positions, DateTimeOffset now, CancellationToken cancellation);

    /// <summary>Has everything delivered again that happened since a moment: the endpoint is moved back in the journal.</summary>
    Task ReplaySince(string endpoint, DateTimeOffset since, CancellationToken cancellation);

    /// <summary>Throws away a bounded number of those settled before these moments.</summary>
    Task Tidy(string endpoint, DateTimeOffset deliveredBefore, DateTimeOffset deadBefore, CancellationToken cancellation);

    /// <summary>Throws away all that is kept for an endpoint.</summary>
    Task Forget(string endpoint, CancellationToken cancellation);
}
