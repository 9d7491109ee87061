using System.Globalization;
using Billing.Webhooks;

namespace Billing.Storage.Webhooks;

/// <summary>The deliveries in their tables, beside the journal that they are read from.</summary>
sealed class WebhookDeliveries(Database database) : IWebhookDeliveries
{
    // So many rows of the journal are looked through at a time, whoever they concern; and so many rows are thrown away at a time.
    const long LookThrough = 50_000;
    const int TidyAtOnce = 5_000;

    internal const string EnabledEndpoints = "SELECT key FROM webhook_endpoints WHERE status = 'ENABLED' AND key > @after ORDER BY key LIMIT @limit";

    /// <summary>A new endpoint is told of what came after its own first row.</summary>
    internal const string Begin = """
        INSERT INTO webhook_cursors (endpoint, position)
        SELECT key, position FROM journal WHERE noun = 'webhook' AND key = @endpoint AND version = 1 AND ordinal = 0
        ON CONFLICT (endpoint) DO NOTHING
        """;

    internal const string TakeOver = """
        UPDATE webhook_cursors SET owner = @owner, owned_until = @until
        WHERE endpoint = @endpoint AND (owner IS NULL OR owner = @owner OR owned_until <= @now)
        """;

    internal const string Cursor = "SELECT position, failing_since AS FailingSince FROM webhook_cursors WHERE endpoint = @endpoint AND owner = @owner";

    internal const string Release = "UPDATE webhook_cursors SET owner = NULL, owned_until = NULL WHERE endpoint = @endpoint AND owner = @owner";

    /// <summary>The journal in its order, between the cursor and how far it can be read; each row with the first one of its document.</summary>
    internal const string Journal = """
        SELECT line.position, line.noun, line.key, line.version, line.ordinal, line.type, line.at, line.data, origin.data AS First
        FROM journal AS line
        JOIN journal AS origin ON origin.noun = line.noun AND origin.key = line.key AND origin.version = 1 AND origin.ordinal = 0
        WHERE line.position > @after AND line.position <= @upTo AND line.noun || '.' || line.type = ANY(@names)
        ORDER BY line.position LIMIT @limit
        """;

    internal const string Move = "UPDATE webhook_cursors SET position = @upTo WHERE endpoint = @endpoint AND owner = @owner AND position = @from";

    /// <summary>What is there already was settled, unless it waits: the endpoint was moved back to be told again.</summary>
    internal const string Add = """
        INSERT INTO webhook_deliveries AS delivery (endpoint, position, noun, key, status, attempts, next_attempt_at)
        SELECT @endpoint, position, noun, key, 'PENDING', 0, @now FROM journal WHERE position = ANY(@positions)
        ON CONFLICT (endpoint, position) DO UPDATE SET status = 'PENDING', attempts = 0, next_attempt_at = excluded.next_attempt_at, settled_at = NULL
        WHERE delivery.status <> 'PENDING'
        """;

    internal const string Waiting = """
        SELECT count(*) AS Count, (
            SELECT at FROM journal WHERE position = (SELECT min(position) FROM webhook_deliveries WHERE endpoint = @endpoint AND status = 'PENDING')
        ) AS Oldest
        FROM webhook_deliveries WHERE endpoint = @endpoint AND status = 'PENDING'
        """;

    /// <summary>What waits behind another one that is not due yet is left out.</summary>
    internal const string DueNow = """
        SELECT line.position, line.noun, line.key, line.version, line.ordinal, line.type, line.at, line.data, origin.data AS First, due.attempts
        FROM (
            SELECT position, attempts FROM webhook_deliveries AS delivery
            WHERE endpoint = @endpoint AND status = 'PENDING' AND next_attempt_at <= @now AND NOT EXISTS (
                SELECT 1 FROM webhook_deliveries AS earlier
                WHERE earlier.endpoint = @endpoint AND earlier.status = 'PENDING' AND earlier.noun = delivery.noun AND earlier.key = delivery.key
                    AND earlier.position < delivery.position AND earlier.next_attempt_at > @now
            )
            ORDER BY position LIMIT @limit
        ) AS due
        JOIN journal AS line ON line.position = due.position
        JOIN journal AS origin ON origin.noun = line.noun AND origin.key = line.key AND origin.version = 1 AND origin.ordinal = 0
        ORDER BY line.position
        """;

    internal const string Settle = """
        UPDATE webhook_deliveries SET status = @status, attempts = @attempts, next_attempt_at = @nextAttemptAt, last_attempt_at = @now, last_status = @lastStatus,
            last_failure = @lastFailure, settled_at = @settledAt
        WHERE endpoint = @endpoint AND position = @position AND status = 'PENDING'
        """;

    internal const string MarkFailing = "UPDATE webhook_cursors SET failing_since = @since WHERE endpoint = @endpoint";

    internal const string Again = """
        UPDATE webhook_deliveries SET status = 'PENDING', attempts = 0, next_attempt_at = @now, settled_at = NULL
        WHERE endpoint = @endpoint AND position = ANY(@positions) AND status <> 'PENDING'
        """;

    internal const string MoveBack = "UPDATE webhook_cursors SET position = @position WHERE endpoint = @endpoint AND position > @position";

    internal const string Sweep = """
        DELETE FROM webhook_deliveries WHERE endpoint = @endpoint AND position IN (
            SELECT position FROM webhook_deliveries
            WHERE endpoint = @endpoint AND settled_at IS NOT NULL AND settled_at < CASE status WHEN 'DEAD' THEN @deadBefore ELSE @deliveredBefore END
            ORDER BY settled_at LIMIT @limit
        )
        """;

    internal const string DropDeliveries = "DELETE FROM webhook_deliveries WHERE endpoint = @endpoint";

    internal const string DropCursor = "DELETE FROM webhook_cursors WHERE endpoint = @endpoint";

    readonly Reader reader = new(database);

    public Task<IReadOnlyList<string>> Enabled(string after, int limit, CancellationToken cancellation) =>
        reader.All<string>(EnabledEndpoints, new { after, limit }, cancellation);

    public async Task<WebhookLease?> Take(string endpoint, string owner, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation)
    {
        var take = new Statement(TakeOver, new { endpoint, owner, now, until }, MustChange: true);
        if (!await database.Execute([take], cancellation) && !await database.Execute([new(Begin, new { endpoint }, MustChange: true), take], cancellation)) return null;
        return await reader.One<LeaseRow>(Cursor, new { endpoint, owner }, cancellation) is { } row ? new(row.Position, row.FailingSince) : null;
    }

    public Task GiveBack(string endpoint, string owner, CancellationToken cancellation) => database.Execute([new(Release, new { endpoint, owner })], cancellation);

    public async Task<JournalPage> Read(long after, IReadOnlyList<string> names, int limit, CancellationToken cancellation)
    {
        var (rows, upTo) = await database.ReadJournal<FactRow>(
            Journal, after, horizon => new { after, upTo = Math.Min(horizon, after + LookThrough), names = names.ToArray(), limit }, cancellation);
        if (upTo <= after) return new([], after);
        return new([.. rows.Select(row => row.Fact())], rows.Count == limit ? rows[^1].Position : Math.Min(upTo, after + LookThrough));
    }

    public Task<bool> Queue(
        string endpoint, string owner, long from, long upTo, IReadOnlyCollection<long> positions, DateTimeOffset now, CancellationToken cancellation)
    {
        var move = new Statement(Move, new { endpoint, owner, from, upTo }, MustChange: true);
        return database.Execute(positions.Count == 0 ? [move] : [move, new(Add, new { endpoint, positions = positions.ToArray(), now })], cancellation);
    }

    public async Task<(int Count, DateTimeOffset? Oldest)> Pending(string endpoint, CancellationToken cancellation)
    {
        var row = await reader.One<WaitingRow>(Waiting, new { endpoint }, cancellation);
        return ((int)row!.Count, row.Oldest);
    }

    public async Task<IReadOnlyList<PendingDelivery>> Due(string endpoint, DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        var rows = await reader.All<FactRow>(DueNow, new { endpoint, now, limit }, cancellation);
        return [.. rows.Select(row => new PendingDelivery(row.Fact(), (int)row.Attempts))];
    }

    public Task Record(string endpoint, long position, int attempts, WebhookAnswer answer, WebhookOutcome outcome, DateTimeOffset now, CancellationToken cancellation) =>
        database.Execute(
            [
                new(Settle, new
                {
                    endpoint,
                    position,
                    attempts = (long)attempts,
                    now,
                    status = StoredStatus(outcome switch
                    {
                        WebhookDelivered => WebhookDeliveryStatus.Delivered,
                        WebhookDead => WebhookDeliveryStatus.Dead,
                        _ => WebhookDeliveryStatus.Pending,
                    }),
                    nextAttemptAt = (outcome as WebhookDelayed)?.At,
                    lastStatus = (long?)(answer as WebhookAnswered)?.Status,
                    lastFailure = (answer as WebhookUnanswered)?.Failure,
                    settledAt = outcome is WebhookDelayed ? (DateTimeOffset?)null : now,
                }),
            ],
            cancellation);

    public Task Failing(string endpoint, DateTimeOffset? since, CancellationToken cancellation) => database.Execute([new(MarkFailing, new { endpoint, since })], cancellation);

    public async Task<int> Replay(string endpoint, IReadOnlyCollection<long> positions, DateTimeOffset now, CancellationToken cancellation)
    {
        var before = await reader.One<long>(CountSettled, new { endpoint, positions = positions.ToArray() }, cancellation);
        await database.Execute([new(Again, new { endpoint, positions = positions.ToArray(), now })], cancellation);
        return (int)before;
    }

    internal const string CountSettled =
        "SELECT count(*) FROM webhook_deliveries WHERE endpoint = @endpoint AND position = ANY(@positions) AND status <> 'PENDING'";

    public async Task ReplaySince(string endpoint, DateTimeOffset since, CancellationToken cancellation)
    {
        var low = await JournalPlace.Before(database, reader, since, cancellation);
        await database.Execute([new(MoveBack, new { endpoint, position = low })], cancellation);
    }

    public Task Tidy(string endpoint, DateTimeOffset deliveredBefore, DateTimeOffset deadBefore, CancellationToken cancellation) =>
        database.Execute([new(Sweep, new { endpoint, deliveredBefore, deadBefore, limit = TidyAtOnce })], cancellation);

    public Task Forget(string endpoint, CancellationToken cancellation) =>
        database.Execute([new(DropDeliveries, new { endpoint }), new(DropCursor, new { endpoint })], cancellation);

    /// <summary>A status as it is stored. Pinned: a rename does not reach it.</summary>
    internal static string StoredStatus(WebhookDeliveryStatus status) => status switch
    {
        WebhookDeliveryStatus.Pending => "PENDING",
        WebhookDeliveryStatus.Delivered => "DELIVERED",
        WebhookDeliveryStatus.Dead => "DEAD",
        _ => throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{status} is not stored.")),
    };

    sealed class LeaseRow
    {
        public long Position { get; init; }

        public DateTimeOffset? FailingSince { get; init; }
    }

    sealed class WaitingRow
    {
        public long Count { get; init; }

        public DateTimeOffset? Oldest { get; init; }
    }

    sealed class FactRow
    {
        public long Position { get; init; }

        public string Noun { get; init; } = "";

        public string Key { get; init; } = "";

        public long Version { get; init; }

        public long Ordinal { get; init; }

        public string Type { get; init; } = "";

        public DateTimeOffset At { get; init; }

        public string Data { get; init; } = "";

        public string First { get; init; } = "";

        public long Attempts { get; init; }

        public JournalFact Fact() => new(Position, Noun, Key, Version, Ordinal, Type, At, Data, First);
    }
}
