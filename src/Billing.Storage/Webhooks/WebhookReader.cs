using Billing.Webhooks;

namespace Billing.Storage.Webhooks;

/// <summary>Where a page of endpoints ended.</summary>
/// <param name="CreatedAt">When the last one was made.</param>
/// <param name="Id">Its id.</param>
public readonly record struct WebhookEndpointCursor(DateTimeOffset CreatedAt, string Id);

/// <summary>A delivery as administrators see it.</summary>
/// <param name="Endpoint">To which endpoint.</param>
/// <param name="Position">The position of the journal's row that it tells of.</param>
/// <param name="Row">That row.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Attempts">How many attempts were made.</param>
/// <param name="NextAttemptAt">When the next one is made; null when none is.</param>
/// <param name="LastAttemptAt">When the last one was made.</param>
/// <param name="LastStatus">The status code that it was answered with; null without an answer.</param>
/// <param name="LastFailure">Why there was no answer, in a word.</param>
/// <param name="SettledAt">When it was delivered or given up.</param>
public sealed record FoundDelivery(
    string Endpoint, long Position, JournalFact Row, WebhookDeliveryStatus Status, int Attempts, DateTimeOffset? NextAttemptAt, DateTimeOffset? LastAttemptAt, int? LastStatus,
    string? LastFailure, DateTimeOffset? SettledAt);

/// <summary>Lists endpoints and their deliveries. Deleted endpoints are not shown.</summary>
public sealed class WebhookReader
{
    /// <summary>Newest first; the cursor is the last row's (created_at, key).</summary>
    internal const string Newest = """
        SELECT key, document, version FROM webhook_endpoints
        WHERE status <> 'DELETED' AND (created_at, key) < (@createdAt, @key)
        ORDER BY created_at DESC, key DESC LIMIT @limit
        """;

    internal const string ManyEndpoints = """
        SELECT key, document, version FROM webhook_endpoints
        WHERE key = ANY(@ids) AND status <> 'DELETED'
        """;

    const string Delivery = """
        SELECT delivery.endpoint, delivery.position, delivery.status, delivery.attempts, delivery.next_attempt_at AS NextAttemptAt,
            delivery.last_attempt_at AS LastAttemptAt, delivery.last_status AS LastStatus, delivery.last_failure AS LastFailure, delivery.settled_at AS SettledAt,
            line.noun, line.key, line.version, line.ordinal, line.type, line.at, line.data, origin.data AS First
        FROM webhook_deliveries AS delivery
        JOIN journal AS line ON line.position = delivery.position
        JOIN journal AS origin ON origin.noun = line.noun AND origin.key = line.key AND origin.version = 1 AND origin.ordinal = 0
        """;

    /// <summary>In the order of the journal, the latest first; the cursor is the last row's position.</summary>
    internal const string Latest = Delivery + """

        WHERE delivery.endpoint = @endpoint AND delivery.position < @before
        ORDER BY delivery.position DESC LIMIT @limit
        """;

    /// <summary>Those of a status, from the index over both.</summary>
    internal const string OfStatus = Delivery + """

        WHERE delivery.endpoint = @endpoint AND delivery.status = @status AND delivery.position < @before
        ORDER BY delivery.position DESC LIMIT @limit
        """;

    /// <summary>Those of these (endpoint, position).</summary>
    internal const string ManyDeliveries = Delivery + """

        WHERE (delivery.endpoint, delivery.position) IN (VALUES /* pairs */)
        """;

    readonly Reader reader;

    internal WebhookReader(Database database) => reader = new(database);

    /// <summary>A page of endpoints, newest first, after the cursor.</summary>
    public async Task<IReadOnlyList<Versioned<WebhookEndpoint>>> NewestFirst(WebhookEndpointCursor? after, int limit, CancellationToken cancellation)
    {
        var (createdAt, key) = after ?? new(DateTimeOffset.MaxValue, "");
        var rows = await reader.All<DocumentRow>(Newest, new { createdAt, key, limit }, cancellation);
        return [.. rows.Select(row => row.Read<WebhookEndpoint>(WebhookEndpointDocument.Kind))];
    }

    /// <summary>A page of an endpoint's deliveries, the latest of the journal first, before a position; of one status when it is given.</summary>
    public async Task<IReadOnlyList<FoundDelivery>> LatestFirst(
        string endpoint, WebhookDeliveryStatus? status, long? beforePosition, int limit, CancellationToken cancellation)
    {
        var before = beforePosition ?? long.MaxValue;
        var rows = status is { } one
            ? await reader.All<Row>(OfStatus, new { endpoint, status = WebhookDeliveries.StoredStatus(one), before, limit }, cancellation)
            : await reader.All<Row>(Latest, new { endpoint, before, limit }, cancellation);
        return [.. rows.Select(row => row.Found())];
    }

    /// <summary>These endpoints by their ids; what does not exist, or was deleted, is left out.</summary>
    public async Task<IReadOnlyDictionary<string, Versioned<WebhookEndpoint>>> Find(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        var rows = await reader.All<DocumentRow>(ManyEndpoints, new { ids = ids.ToArray() }, cancellation);
        return rows.ToDictionary(row => row.Key, row => row.Read<WebhookEndpoint>(WebhookEndpointDocument.Kind), StringComparer.Ordinal);
    }

    /// <summary>These deliveries; what is not kept is left out.</summary>
    public async Task<IReadOnlyList<FoundDelivery>> Find(IReadOnlyCollection<(string Endpoint, long Position)> deliveries, CancellationToken cancellation)
    {
        var rows = await reader.OfPairs<Row>(ManyDeliveries, [.. deliveries.Select(one => ((object)one.Endpoint, (object)one.Position))], cancellation);
        return [.. rows.Select(row => row.Found())];
    }

    sealed class Row
    {
        public string Endpoint { get; init; } = "";

        public long Position { get; init; }

        public string Status { get; init; } = "";

        public long Attempts { get; init; }

        public DateTimeOffset? NextAttemptAt { get; init; }

        public DateTimeOffset? LastAttemptAt { get; init; }

        public long? LastStatus { get; init; }

        public string? LastFailure { get; init; }

        public DateTimeOffset? SettledAt { get; init; }

        public string Noun { get; init; } = "";

        public string Key { get; init; } = "";

        public long Version { get; init; }

        public long Ordinal { get; init; }

        public string Type { get; init; } = "";

        public DateTimeOffset At { get; init; }

        public string Data { get; init; } = "";

        public string First { get; init; } = "";

        public FoundDelivery Found() => new(
            Endpoint, Position, new(Position, Noun, Key, Version, Ordinal, Type, At, Data, First), Enum.Parse<WebhookDeliveryStatus>(Status, ignoreCase: true), (int)Attempts,
            NextAttemptAt, LastAttemptAt, (int?)LastStatus, LastFailure, SettledAt);
    }
}
