using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Billing.Storage.Documents;
using Billing.Storage.Sqlite;
using Dapper;

namespace Billing.Storage.Callbacks;

/// <summary>The inbox of callbacks: added in pieces, listed, found, pruned.</summary>
public sealed class CallbackStore
{
    const string Columns = """
        received_at, method_id, http_method, outcome, rejection, headers, query, body, order_number, payment_number, refund_number, merchant, state, amount_minor, currency,
        transaction_id, happened_at, failure_code, replay_of, replayed_by, note
        """;

    /// <summary>Many at once: an array for each column.</summary>
    internal const string AddPostgres = $"""
        INSERT INTO callbacks ({Columns})
        SELECT * FROM unnest(
            @receivedAt::timestamptz[], @methodId::text[], @httpMethod::text[], @outcome::text[], @rejection::text[], @headers::text[], @query::text[], @body::text[],
            @orderNumber::text[], @paymentNumber::text[], @refundNumber::text[], @merchant::text[], @state::text[], @amountMinor::bigint[], @currency::text[],
            @transactionId::text[], @happenedAt::timestamptz[], @failureCode::text[], @replayOf::bigint[], @replayedBy::text[], @note::text[])
        """;

    /// <summary>The same: a list of objects with the columns' names.</summary>
    internal const string AddSqlite = $"""
        INSERT INTO callbacks ({Columns})
        SELECT value ->> 'received_at', value ->> 'method_id', value ->> 'http_method', value ->> 'outcome', value ->> 'rejection', value ->> 'headers', value ->> 'query',
            value ->> 'body', value ->> 'order_number', value ->> 'payment_number', value ->> 'refund_number', value ->> 'merchant', value ->> 'state',
            value ->> 'amount_minor', value ->> 'currency', value ->> 'transaction_id', value ->> 'happened_at', value ->> 'failure_code', value ->> 'replay_of',
            value ->> 'replayed_by', value ->> 'note'
        FROM json_each(@rows)
        """;

    const string Selected = """
        SELECT position, received_at AS ReceivedAt, method_id AS MethodId, http_method AS HttpMethod, outcome, rejection, headers, query, body, order_number AS OrderNumber,
            payment_number AS PaymentNumber, refund_number AS RefundNumber, merchant, state, amount_minor AS AmountMinor, currency, transaction_id AS TransactionId,
            happened_at AS HappenedAt, failure_code AS FailureCode, replay_of AS ReplayOf, replayed_by AS ReplayedBy, note
        FROM callbacks
        """;

    /// <summary>Newest first; the cursor is the last row's (received_at, position).</summary>
    internal const string Newest = $"""
        {Selected}
        WHERE (received_at, position) < (@receivedAt, @position) /* filter */
        ORDER BY received_at DESC, position DESC LIMIT @limit
        """;

    internal const string Many = $"{Selected} WHERE position = ANY(@positions)";

    /// <summary>Those that repeat these, oldest first.</summary>
    internal const string Replays = $"{Selected} WHERE replay_of = ANY(@positions) ORDER BY position";

    /// <summary>A piece of what is older than is kept.</summary>
    internal const string Prune = """
        DELETE FROM callbacks WHERE position IN (
            SELECT position FROM callbacks WHERE received_at < @before ORDER BY received_at, position LIMIT @most
        )
        """;

    readonly Database database;
    readonly Reader reader;

    internal CallbackStore(Database database) => (this.database, reader) = (database, new(database));

    /// <summary>Adds these, all or none.</summary>
    public Task Add(IReadOnlyCollection<CallbackRecord> records, CancellationToken cancellation) => database.Transact(
        (connection, transaction) => connection.ExecuteAsync(
            new CommandDefinition(database.Words(AddPostgres, AddSqlite), ParametersOf(records), transaction, cancellationToken: cancellation)),
        cancellation);

    /// <summary>Adds one, and gives its place.</summary>
    public Task<long> Add(CallbackRecord record, CancellationToken cancellation) => database.Transact(
        (connection, transaction) => connection.ExecuteScalarAsync<long>(new CommandDefinition(
            database.Words(AddPostgres, AddSqlite) + "\nRETURNING position", ParametersOf([record]), transaction, cancellationToken: cancellation)),
        cancellation);

    /// <summary>A page, newest first, after the cursor.</summary>
    public async Task<IReadOnlyList<StoredCallback>> NewestFirst(CallbackFilter filter, CallbackCursor? after, int limit, CancellationToken cancellation)
    {
        var (clauses, parameters) = Clauses(filter, after, limit);
        return Found(await reader.All<Row>(Newest.Replace("/* filter */", clauses, StringComparison.Ordinal), parameters, cancellation));
    }

    /// <summary>These by their places; what does not exist, or was pruned, is left out.</summary>
    public async Task<IReadOnlyList<StoredCallback>> Find(IReadOnlyCollection<long> positions, CancellationToken cancellation) =>
        Found(await reader.All<Row>(Many, new { positions = positions.ToArray() }, cancellation));

    /// <summary>What repeats these, by the place of what it repeats.</summary>
    public async Task<ILookup<long, StoredCallback>> ReplaysOf(IReadOnlyCollection<long> positions, CancellationToken cancellation) =>
        Found(await reader.All<Row>(Replays, new { positions = positions.ToArray() }, cancellation)).ToLookup(callback => callback.Record.Replay!.Of);

    /// <summary>Deletes up to so many that arrived before, and says how many it deleted.</summary>
    public Task<int> Forget(DateTimeOffset before, int most, CancellationToken cancellation) => database.Transact(
        (connection, transaction) => connection.ExecuteAsync(new CommandDefinition(Prune, new { before, most }, transaction, cancellationToken: cancellation)), cancellation);

    internal static (string Clauses, Dictionary<string, object> Parameters) Clauses(CallbackFilter filter, CallbackCursor? after, int limit)
    {
        var (receivedAt, position) = after ?? new(DateTimeOffset.MaxValue, long.MaxValue);
        var clauses = new StringBuilder();
        var parameters = new Dictionary<string, object>(StringComparer.Ordinal) { ["receivedAt"] = receivedAt, ["position"] = position, ["limit"] = limit };
        Where("order_number = @orderNumber", "orderNumber", filter.OrderNumber);
        Where("method_id = @methodId", "methodId", filter.MethodId);
        // Most were stored: of those there is no index. It is for the others, and is found by these very words.
        Where(
            filter.Outcome == CallbackOutcome.Stored ? "outcome = @outcome" : "outcome = @outcome AND outcome <> 'STORED'", "outcome",
            filter.Outcome is { } outcome ? StoredName(outcome) : null);
        Where("received_at >= @from", "from", filter.From);
        Where("received_at < @to", "to", filter.To);
        return (clauses.ToString(), parameters);

        void Where(string clause, string name, object? value)
        {
            if (value is null) return;
            clauses.Append("\n    AND ").Append(clause);
            parameters.Add(name, value);
        }
    }

    // Pinned: a rename does not reach them.
    internal static string StoredName(CallbackOutcome outcome) => outcome switch
    {
        CallbackOutcome.Stored => "STORED",
        CallbackOutcome.Known => "KNOWN",
        CallbackOutcome.Stranger => "STRANGER",
        CallbackOutcome.TryAgain => "TRY_AGAIN",
        CallbackOutcome.Ignored => "IGNORED",
        CallbackOutcome.Rejected => "REJECTED",
        _ => throw new InvalidOperationException($"{outcome} has no stored name."),
    };

    internal static string StoredName(CallbackState state) => state switch
    {
        CallbackState.Paid => "PAID",
        CallbackState.Pending => "PENDING",
        CallbackState.Closed => "CLOSED",
        CallbackState.NotFound => "NOT_FOUND",
        CallbackState.Succeeded => "SUCCEEDED",
        CallbackState.Failed => "FAILED",
        CallbackState.DisputeOpened => "DISPUTE_OPENED",
        CallbackState.DisputeWon => "DISPUTE_WON",
        CallbackState.DisputeLost => "DISPUTE_LOST",
        _ => throw new InvalidOperationException($"{state} has no stored name."),
    };

    object ParametersOf(IReadOnlyCollection<CallbackRecord> records) =>
        database.Own<Func<Row[], object>>(Arrays, rows => new { rows = JsonSerializer.Serialize(rows, CallbackJson.Default.RowArray) })([.. records.Select(Row.Of)]);

    static object Arrays(Row[] rows) => new
    {
        receivedAt = Column(rows, row => row.ReceivedAt.UtcDateTime),
        methodId = Column(rows, row => row.MethodId),
        httpMethod = Column(rows, row => row.HttpMethod),
        outcome = Column(rows, row => row.Outcome),
        rejection = Column(rows, row => row.Rejection),
        headers = Column(rows, row => row.Headers),
        query = Column(rows, row => row.Query),
        body = Column(rows, row => row.Body),
        orderNumber = Column(rows, row => row.OrderNumber),
        paymentNumber = Column(rows, row => row.PaymentNumber),
        refundNumber = Column(rows, row => row.RefundNumber),
        merchant = Column(rows, row => row.Merchant),
        state = Column(rows, row => row.State),
        amountMinor = Column(rows, row => row.AmountMinor),
        currency = Column(rows, row => row.Currency),
        transactionId = Column(rows, row => row.TransactionId),
        happenedAt = Column(rows, row => row.HappenedAt?.UtcDateTime),
        failureCode = Column(rows, row => row.FailureCode),
        replayOf = Column(rows, row => row.ReplayOf),
        replayedBy = Column(rows, row => row.ReplayedBy),
        note = Column(rows, row => row.Note),
    };

    static T[] Column<T>(Row[] rows, Func<Row, T> value) => Array.ConvertAll(rows, row => value(row));

    static IReadOnlyList<StoredCallback> Found(IReadOnlyList<Row> rows) => [.. rows.Select(row => row.Found())];

    /// <summary>A row, as it is sent and as it is read.</summary>
    internal sealed class Row
    {
        static readonly Dictionary<string, CallbackOutcome> Outcomes = Enum.GetValues<CallbackOutcome>().ToDictionary(StoredName, StringComparer.Ordinal);
        static readonly Dictionary<string, CallbackState> States = Enum.GetValues<CallbackState>().ToDictionary(StoredName, StringComparer.Ordinal);

        [JsonIgnore]
        public long Position { get; init; }

        [JsonConverter(typeof(TimeJson))]
        public DateTimeOffset ReceivedAt { get; init; }

        public string MethodId { get; init; } = "";

        public string HttpMethod { get; init; } = "";

        public string Outcome { get; init; } = "";

        public string? Rejection { get; init; }

        public string Headers { get; init; } = "{}";

        public string Query { get; init; } = "";

        public string? Body { get; init; }

        public string? OrderNumber { get; init; }

        public string? PaymentNumber { get; init; }

        public string? RefundNumber { get; init; }

        public string? Merchant { get; init; }

        public string? State { get; init; }

        public long? AmountMinor { get; init; }

        public string? Currency { get; init; }

        public string? TransactionId { get; init; }

        [JsonConverter(typeof(TimeJson))]
        public DateTimeOffset? HappenedAt { get; init; }

        public string? FailureCode { get; init; }

        public long? ReplayOf { get; init; }

        public string? ReplayedBy { get; init; }

        public string? Note { get; init; }

        public static Row Of(CallbackRecord record) => new()
        {
            ReceivedAt = record.ReceivedAt,
            MethodId = record.MethodId,
            HttpMethod = StorableText.Repaired(record.HttpMethod),
            Outcome = StoredName(record.Outcome),
            Rejection = record.Rejection,
            Headers = StorableText.Repaired(JsonSerializer.Serialize(
                record.Content.Headers.ToDictionary(header => StorableText.Repaired(header.Key), header => header.Value is null ? null : StorableText.Repaired(header.Value)),
                CallbackJson.Default.DictionaryStringString)),
            Query = StorableText.Repaired(record.Content.Query),
            Body = Repaired(record.Content.Body),
            OrderNumber = record.OrderNumber,
            PaymentNumber = Repaired(record.News?.PaymentNumber),
            RefundNumber = Repaired(record.News?.RefundNumber),
            Merchant = Repaired(record.News?.Merchant),
            State = record.News is { } news ? StoredName(news.State) : null,
            AmountMinor = record.News?.Amount?.MinorUnits,
            Currency = Repaired(record.News?.Amount?.Currency),
            TransactionId = Repaired(record.News?.TransactionId),
            HappenedAt = record.News?.At,
            FailureCode = Repaired(record.News?.FailureCode),
            ReplayOf = record.Replay?.Of,
            ReplayedBy = record.Replay?.By,
            Note = Repaired(record.Replay?.Note),
        };

        public StoredCallback Found() => new(Position, new(
            ReceivedAt, MethodId, HttpMethod,
            new(JsonSerializer.Deserialize(Headers, CallbackJson.Default.DictionaryStringString)!, Query, Body), Outcomes[Outcome], Rejection,
            State is null
                ? null
                : new(PaymentNumber!, RefundNumber, Merchant!, States[State], AmountMinor is { } minor ? new(minor, Currency!) : null, TransactionId, HappenedAt, FailureCode),
            OrderNumber, ReplayOf is { } original ? new(original, ReplayedBy!, Note!) : null));

        static string? Repaired(string? text) => text is null ? null : StorableText.Repaired(text);
    }

    /// <summary>Moments in the form that sorts as text in SQLite and that PostgreSQL reads.</summary>
    internal sealed class TimeJson : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => SqliteTime.Time(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(SqliteTime.Text(value));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CallbackStore.Row[]))]
[JsonSerializable(typeof(Dictionary<string, string?>))]
sealed partial class CallbackJson : JsonSerializerContext;
