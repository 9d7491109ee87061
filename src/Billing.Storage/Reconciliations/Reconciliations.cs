using System.Globalization;
using System.Text.Json;
using Billing.Channels;
using Billing.Orders;
using Billing.Reconciliations;
using Billing.Storage.Documents;
using Billing.Storage.Orders;

namespace Billing.Storage.Reconciliations;

/// <summary>The comparisons with the providers in their tables, beside the journal and the orders that they read.</summary>
sealed class Reconciliations(Database database) : IReconciliations
{
    // So many rows of the journal are looked through at a time, whoever they concern; and so many lines are thrown away at a time.
    const long LookThrough = 50_000;
    const int DropAtOnce = 5_000;

    /// <summary>What moves an order's money, or begins to; the journal's names.</summary>
    static readonly string[] Moves =
    [
        "PaymentStarted", "PaymentReceived", "PaymentHeld", "PaymentDuplicated", "RefundRequested", "RefundApproved", "RefundSucceeded", "RefundFailed", "RefundMadeElsewhere",
        "DisputeOpened", "DisputeLost",
    ];

    /// <summary>One that is done is begun anew, by the next round.</summary>
    const string Insert = """
        INSERT INTO reconciliations AS known (method_id, day, status, round, differing, document)
        VALUES (@methodId, @day, 'RUNNING', @round, 0, /* document */)
        ON CONFLICT (method_id, day) DO UPDATE SET status = 'RUNNING', round = excluded.round, differing = 0, document = excluded.document
        WHERE known.status = 'DONE' AND known.round = excluded.round - 1
        """;

    internal const string One = "SELECT document FROM reconciliations WHERE method_id = @methodId AND day = @day";

    internal const string UnderWay = "SELECT day FROM reconciliations WHERE method_id = @methodId AND status = 'RUNNING' ORDER BY day";

    internal const string TakeOver = """
        UPDATE reconciliations SET owner = @owner, owned_until = @until
        WHERE method_id = @methodId AND day = @day AND status = 'RUNNING' AND (owner IS NULL OR owner = @owner OR owned_until <= @now)
        """;

    const string Write = """
        UPDATE reconciliations SET status = @status, differing = @differing, document = /* document */, owned_until = @until
        WHERE method_id = @methodId AND day = @day AND owner = @owner AND round = @round AND status = 'RUNNING'
        """;

    internal const string Release = "UPDATE reconciliations SET owner = NULL, owned_until = NULL WHERE method_id = @methodId AND day = @day AND owner = @owner";

    internal const string Drop = """
        DELETE FROM reconciliation_lines WHERE method_id = @methodId AND day = @day AND position IN (
            SELECT position FROM reconciliation_lines WHERE method_id = @methodId AND day = @day ORDER BY position LIMIT @limit
        )
        """;

    internal const string AddPostgres = """
        INSERT INTO reconciliation_lines (method_id, day, position, payment_number, line)
        SELECT @methodId, @day, @after + ordinality, line ->> 'paymentNumber', line FROM json_array_elements(@lines::json) WITH ORDINALITY AS given (line, ordinality)
        """;

    internal const string AddSqlite = """
        INSERT INTO reconciliation_lines (method_id, day, position, payment_number, line)
        SELECT @methodId, @day, @after + key + 1, value ->> 'paymentNumber', value FROM json_each(@lines)
        """;

    /// <summary>In the order of the bill; the cursor is the last line's place.</summary>
    internal const string InOrder = """
        SELECT position, line FROM reconciliation_lines
        WHERE method_id = @methodId AND day = @day AND position > @after
        ORDER BY position LIMIT @limit
        """;

    internal const string OfPayments = """
        SELECT position, line FROM reconciliation_lines
        WHERE method_id = @methodId AND day = @day AND payment_number = ANY(@numbers)
        ORDER BY position
        """;

    /// <summary>Each order once, at its first row of the day, in the order of the journal; the cursor is the last row's position.</summary>
    internal const string Moved = """
        SELECT line.position, o.key, o.document, o.version
        FROM journal AS line
        JOIN orders AS o ON o.key = line.key
        WHERE line.position > @after AND line.position <= @upTo AND line.noun = 'order' AND line.type = ANY(@types) AND line.at >= @from AND line.at < @to
            AND NOT EXISTS (
                SELECT 1 FROM journal AS earlier
                WHERE earlier.noun = 'order' AND earlier.key = line.key AND (earlier.version, earlier.ordinal) < (line.version, line.ordinal)
                    AND earlier.type = ANY(@types) AND earlier.at >= @from AND earlier.at < @to
            )
        ORDER BY line.position LIMIT @limit
        """;

    /// <summary>By number, from the indexes over what is due and what waits for a person; the cursor is the last one's number.</summary>
    internal const string NotOver = """
        SELECT o.key, o.document, o.version
        FROM (
            SELECT key FROM orders WHERE next_deadline IS NOT NULL AND key > @after
            UNION
            SELECT key FROM orders WHERE open_work_items > 0 AND key > @after
        ) AS open
        JOIN orders AS o ON o.key = open.key
        WHERE o.created_at < @to AND o.status <> 'REFUSED' AND NOT EXISTS (
            SELECT 1 FROM journal AS line WHERE line.noun = 'order' AND line.key = o.key AND line.type = ANY(@types) AND line.at >= @from AND line.at < @to
        )
        ORDER BY o.key LIMIT @limit
        """;

    readonly Reader reader = new(database);
    readonly OrderReader orders = new(database);

    public Task<bool> Begin(Reconciliation reconciliation, CancellationToken cancellation) => database.Execute(
        [
            new(Insert.Replace("/* document */", Json("@document"), StringComparison.Ordinal), new
            {
                methodId = reconciliation.MethodId,
                day = Text(reconciliation.Day),
                round = (long)reconciliation.Round,
                document = Document(reconciliation),
            }, MustChange: true),
        ],
        cancellation);

    public async Task<Reconciliation?> Find(string methodId, DateOnly day, CancellationToken cancellation) =>
        await reader.One<string>(One, new { methodId, day = Text(day) }, cancellation) is { } document ? Read(document) : null;

    public async Task<IReadOnlyList<DateOnly>> Running(string methodId, CancellationToken cancellation) =>
        [.. (await reader.All<string>(UnderWay, new { methodId }, cancellation)).Select(Day)];

    public async Task<Reconciliation?> Take(string methodId, DateOnly day, string owner, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation) =>
        await database.Execute([new(TakeOver, new { methodId, day = Text(day), owner, now, until }, MustChange: true)], cancellation)
            ? await Find(methodId, day, cancellation)
            : null;

    public Task<bool> Save(Reconciliation reconciliation, string owner, DateTimeOffset until, CancellationToken cancellation) => database.Execute(
        [
            new(Write.Replace("/* document */", Json("@document"), StringComparison.Ordinal), new
            {
                methodId = reconciliation.MethodId,
                day = Text(reconciliation.Day),
                round = (long)reconciliation.Round,
                status = reconciliation.IsDone ? "DONE" : "RUNNING",
                differing = reconciliation.Differing,
                document = Document(reconciliation),
                owner,
                until,
            }, MustChange: true),
        ],
        cancellation);

    public Task GiveBack(string methodId, DateOnly day, string owner, CancellationToken cancellation) =>
        database.Execute([new(Release, new { methodId, day = Text(day), owner })], cancellation);

    public Task<bool> DropLines(string methodId, DateOnly day, CancellationToken cancellation) =>
        database.Execute([new(Drop, new { methodId, day = Text(day), limit = DropAtOnce }, MustChange: true)], cancellation);

    public Task AddLines(string methodId, DateOnly day, long after, IReadOnlyList<BillLine> lines, CancellationToken cancellation)
    {
        if (lines.Count == 0) return Task.CompletedTask;
        var json = JsonSerializer.Serialize([.. lines.Select(Storable)], ReconciliationJson.Default.IReadOnlyListBillLine);
        return database.Execute([new(database.Words(AddPostgres, AddSqlite), new { methodId, day = Text(day), after, lines = json })], cancellation);
    }

    public async Task<IReadOnlyList<PlacedLine>> Lines(string methodId, DateOnly day, long after, int limit, CancellationToken cancellation) =>
        [.. (await reader.All<LineRow>(InOrder, new { methodId, day = Text(day), after, limit }, cancellation)).Select(row => new PlacedLine(row.Position, row.Read()))];

    public async Task<IReadOnlyList<BillLine>> LinesOf(string methodId, DateOnly day, IReadOnlyCollection<string> paymentNumbers, CancellationToken cancellation) =>
        [.. (await reader.All<LineRow>(OfPayments, new { methodId, day = Text(day), numbers = paymentNumbers.ToArray() }, cancellation)).Select(row => row.Read())];

    public async Task<JournalReach> Reach(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) => new(
        await JournalPlace.Before(database, reader, from, cancellation), await JournalPlace.After(database, reader, to, cancellation));

    public async Task<OrdersOfDay?> OfDay(DateTimeOffset from, DateTimeOffset to, long after, long upTo, int limit, CancellationToken cancellation)
    {
        if (after >= upTo) return new([], upTo);
        var end = Math.Min(upTo, after + LookThrough);
        var (rows, settled) = await database.ReadJournal<MovedRow>(
            Moved, after, horizon => new { after, upTo = Math.Min(horizon, end), types = Moves, from, to, limit }, cancellation);
        if (settled <= after) return null;
        return new([.. rows.Select(row => row.Order())], rows.Count == limit ? rows[^1].Position : Math.Min(settled, end));
    }

    public async Task<IReadOnlyList<Versioned<Order>>> Unfinished(DateTimeOffset from, DateTimeOffset to, string after, int limit, CancellationToken cancellation) =>
        [.. (await reader.All<DocumentRow>(NotOver, new { from, to, after, limit, types = Moves }, cancellation)).Select(row => row.Read<Order>(OrderDocument.Kind))];

    public Task<IReadOnlyDictionary<string, Versioned<Order>>> Orders(IReadOnlyCollection<string> numbers, CancellationToken cancellation) => orders.Find(numbers, cancellation);

    /// <summary>A day as it is stored; so written, days sort as text.</summary>
    internal static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    internal static Reconciliation Read(string document) => JsonSerializer.Deserialize(document, ReconciliationJson.Default.Reconciliation)!;

    string Json(string parameter) => database.Words($"{parameter}::json", parameter);

    static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    static string Document(Reconciliation reconciliation) =>
        StorableText.CheckedJson(JsonSerializer.Serialize(reconciliation, ReconciliationJson.Default.Reconciliation), "reconciliation");

    // A provider's own texts: nobody can refuse them, and what cannot be stored can be no number of ours.
    static BillLine Storable(BillLine line) => line with
    {
        PaymentNumber = StorableText.Repaired(line.PaymentNumber),
        TransactionId = StorableText.Repaired(line.TransactionId),
        RefundNumber = line.RefundNumber is { } refund ? StorableText.Repaired(refund) : null,
    };

    sealed class LineRow
    {
        public long Position { get; init; }

        public string Line { get; init; } = "";

        public BillLine Read() => JsonSerializer.Deserialize(Line, ReconciliationJson.Default.BillLine)!;
    }

    sealed class MovedRow
    {
        public long Position { get; init; }

        public string Key { get; init; } = "";

        public string Document { get; init; } = "";

        public long Version { get; init; }

        public Versioned<Order> Order() => new((Order)OrderDocument.Kind.ReadState(Document), Version);
    }
}
