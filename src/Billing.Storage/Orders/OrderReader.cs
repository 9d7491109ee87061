using System.Runtime.CompilerServices;
using System.Text;
using Billing.Orders;

namespace Billing.Storage.Orders;

/// <summary>Where a page of orders ended: the last order's time and number.</summary>
/// <param name="CreatedAt">When it was placed.</param>
/// <param name="Number">Its number.</param>
public readonly record struct OrderCursor(DateTimeOffset CreatedAt, string Number);

/// <summary>Which orders; what is null does not matter.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Statuses">In one of these statuses.</param>
/// <param name="PaymentStatuses">With one of these payment statuses.</param>
/// <param name="PlanSlug">Of which plan.</param>
/// <param name="MethodId">Paid or being paid through which method.</param>
/// <param name="CreatedFrom">Placed at or after.</param>
/// <param name="CreatedTo">Placed before.</param>
/// <param name="Search">The number or its beginning, or the account.</param>
/// <param name="NumberPrefix">The number's beginning.</param>
/// <param name="ProviderReference">The provider's number for the money, or for the payment, of any of its payments.</param>
/// <param name="MinimumAmount">Of this price or more, in this currency.</param>
/// <param name="MaximumAmount">Of this price or less, in this currency.</param>
/// <param name="RefundStatuses">Whose newest refund is in one of these; none is one of them.</param>
public sealed record OrderFilter(
    string? Account = null,
    IReadOnlyCollection<OrderStatus>? Statuses = null,
    IReadOnlyCollection<PaymentStatus>? PaymentStatuses = null,
    string? PlanSlug = null,
    string? MethodId = null,
    DateTimeOffset? CreatedFrom = null,
    DateTimeOffset? CreatedTo = null,
    string? Search = null,
    string? NumberPrefix = null,
    string? ProviderReference = null,
    Money? MinimumAmount = null,
    Money? MaximumAmount = null,
    IReadOnlyCollection<RefundStatus>? RefundStatuses = null);

/// <summary>A line of an order's timeline.</summary>
/// <param name="Number">Of which order.</param>
/// <param name="Version">With which version of the document it was stored.</param>
/// <param name="Ordinal">Its place among the events of that version.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who asked.</param>
/// <param name="Event">What happened.</param>
public sealed record TimelineEntry(string Number, long Version, long Ordinal, DateTimeOffset At, Actor Actor, OrderEvent Event);

/// <summary>Lists and finds orders. Those that were refused were never placed: nothing here shows them.</summary>
public sealed class OrderReader
{
    internal const string Many = """
        SELECT key, document, version FROM orders
        WHERE key = ANY(@numbers) AND status <> 'REFUSED'
        """;

    /// <summary>
    /// Newest first; the cursor is the last row's (created_at, key). The page is found in an index that holds all that is filtered by, and only then its orders
    /// are read.
    /// </summary>
    internal const string Newest = """
        SELECT o.key, o.document, o.version FROM (
            SELECT key, created_at FROM orders
            WHERE status <> 'REFUSED' AND (created_at, key) < (@createdAt, @key) /* filter */
            ORDER BY created_at DESC, key DESC LIMIT @limit
        ) AS page
        JOIN orders AS o ON o.key = page.key
        ORDER BY page.created_at DESC, page.key DESC
        """;

    /// <summary>Oldest first; the cursor is the last row's (created_at, key).</summary>
    internal const string Oldest = """
        SELECT o.key, o.document, o.version FROM (
            SELECT key, created_at FROM orders
            WHERE status <> 'REFUSED' AND (created_at, key) > (@createdAt, @key) /* filter */
            ORDER BY created_at, key LIMIT @limit
        ) AS page
        JOIN orders AS o ON o.key = page.key
        ORDER BY page.created_at, page.key
        """;

    /// <summary>All of them, oldest first, for an export.</summary>
    internal const string All = """
        SELECT key, document, version FROM orders
        WHERE status <> 'REFUSED' /* filter */
        ORDER BY created_at, key
        """;

    /// <summary>How many there are, counted no further than is worth knowing.</summary>
    internal const string Number = """
        SELECT count(*) FROM (SELECT 1 FROM orders WHERE status <> 'REFUSED' /* filter */ LIMIT @most) AS counted
        """;

    internal const string Happened = """
        SELECT order_number AS Key, version, ordinal, type, at, actor, data FROM timeline
        WHERE order_number = ANY(@numbers)
        ORDER BY order_number, version, ordinal
        """;

    // A provider's number is one payment's; more orders of one number are somebody's mistake.
    const int MaxOfReference = 100;

    readonly Reader reader;

    internal OrderReader(Database database) => reader = new(database);

    /// <summary>These orders by their numbers; what does not exist is left out.</summary>
    public async Task<IReadOnlyDictionary<string, Versioned<Order>>> Find(IReadOnlyCollection<string> numbers, CancellationToken cancellation)
    {
        var rows = await reader.All<DocumentRow>(Many, new { numbers = numbers.ToArray() }, cancellation);
        return rows.ToDictionary(row => row.Key, row => row.Read<Order>(OrderDocument.Kind), StringComparer.Ordinal);
    }

    /// <summary>A page, newest first, after the cursor.</summary>
    public Task<IReadOnlyList<Versioned<Order>>> NewestFirst(OrderFilter filter, OrderCursor? after, int limit, CancellationToken cancellation) =>
        Page(Newest, filter, after ?? new(DateTimeOffset.MaxValue, ""), limit, cancellation);

    /// <summary>A page, oldest first, after the cursor: what comes before a page that is newest first, in reverse.</summary>
    public Task<IReadOnlyList<Versioned<Order>>> OldestFirst(OrderFilter filter, OrderCursor? after, int limit, CancellationToken cancellation) =>
        Page(Oldest, filter, after ?? new(DateTimeOffset.MinValue, ""), limit, cancellation);

    /// <summary>How many orders there are, up to <paramref name="most"/>.</summary>
    public async Task<long> Count(OrderFilter filter, int most, CancellationToken cancellation)
    {
        var (clauses, parameters) = Clauses(filter, await References(filter, cancellation));
        parameters.Add("most", most);
        return await reader.One<long>(Number.Replace("/* filter */", clauses, StringComparison.Ordinal), parameters, cancellation);
    }

    /// <summary>Every order of the filter, oldest first, row by row: none of them is kept.</summary>
    public async IAsyncEnumerable<Order> Stream(OrderFilter filter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (clauses, parameters) = Clauses(filter, await References(filter, cancellation));
        await foreach (var row in reader.Stream<DocumentRow>(All.Replace("/* filter */", clauses, StringComparison.Ordinal), parameters, cancellation))
            yield return row.Read<Order>(OrderDocument.Kind).State;
    }

    /// <summary>What happened to these orders, each in its order.</summary>
    public async Task<ILookup<string, TimelineEntry>> Timeline(IReadOnlyCollection<string> numbers, CancellationToken cancellation)
    {
        var rows = await reader.All<JournalRow>(Happened, new { numbers = numbers.ToArray() }, cancellation);
        return rows
            .Select(row => new TimelineEntry(
                row.Key, row.Version, row.Ordinal, row.At, new(row.Actor), (OrderEvent)OrderDocument.Kind.ReadEvent(row.Type, row.Data)))
            .ToLookup(entry => entry.Number, StringComparer.Ordinal);
    }

    /// <summary>The filter's conditions; <paramref name="numbers"/> are the orders that its provider's reference is of.</summary>
    internal static (string Clauses, Dictionary<string, object> Parameters) Clauses(OrderFilter filter, IReadOnlyCollection<string>? numbers = null)
    {
        var clauses = new StringBuilder();
        var parameters = new Dictionary<string, object>(StringComparer.Ordinal);
        Where("account_id = @account", ("account", filter.Account));
        Where("status = ANY(@statuses)", ("statuses", filter.Statuses?.Select(StoredNames.Of).ToArray()));
        Where("coalesce(refund_status, 'NONE') = ANY(@refundStatuses)", ("refundStatuses", filter.RefundStatuses?.Select(StoredNames.Of).ToArray()));
        Where("payment_status = ANY(@paymentStatuses)", ("paymentStatuses", filter.PaymentStatuses?.Select(StoredNames.Of).ToArray()));
        Where("plan_slug = @planSlug", ("planSlug", filter.PlanSlug));
        Where("method_id = @methodId", ("methodId", filter.MethodId));
        Where("created_at >= @createdFrom", ("createdFrom", filter.CreatedFrom));
        Where("created_at < @createdTo", ("createdTo", filter.CreatedTo));
        // Numbers are ASCII, so that everything that begins with the text lies before the text and DEL.
        Where("(account_id = @search OR key >= @search AND key < @searchEnd)", ("search", filter.Search), ("searchEnd", filter.Search + "\x7f"));
        Where("key >= @prefix AND key < @prefixEnd", ("prefix", filter.NumberPrefix), ("prefixEnd", filter.NumberPrefix + "\x7f"));
        Where("key = ANY(@numbers)", ("numbers", numbers?.ToArray()));
        Where("currency = @minimumCurrency AND amount_minor >= @minimum", ("minimum", filter.MinimumAmount?.MinorUnits), ("minimumCurrency", filter.MinimumAmount?.Currency));
        Where("currency = @maximumCurrency AND amount_minor <= @maximum", ("maximum", filter.MaximumAmount?.MinorUnits), ("maximumCurrency", filter.MaximumAmount?.Currency));
        return (clauses.ToString(), parameters);

        void Where(string clause, params ReadOnlySpan<(string Name, object? Value)> values)
        {
            if (values[0].Value is null) return;
            clauses.Append("\n    AND ").Append(clause);
            foreach (var (name, value) in values) parameters.Add(name, value!);
        }
    }

    // Looked up first, so that the page is a matter of a few keys.
    async Task<IReadOnlyCollection<string>?> References(OrderFilter filter, CancellationToken cancellation) => filter.ProviderReference is { } reference
        ? await reader.All<string>(Search.SearchReader.OrdersByReference, new { reference, limit = MaxOfReference }, cancellation)
        : null;

    async Task<IReadOnlyList<Versioned<Order>>> Page(string statement, OrderFilter filter, OrderCursor after, int limit, CancellationToken cancellation)
    {
        var (clauses, parameters) = Clauses(filter, await References(filter, cancellation));
        parameters.Add("createdAt", after.CreatedAt);
        parameters.Add("key", after.Number);
        parameters.Add("limit", limit);
        var rows = await reader.All<DocumentRow>(statement.Replace("/* filter */", clauses, StringComparison.Ordinal), parameters, cancellation);
        return [.. rows.Select(row => row.Read<Order>(OrderDocument.Kind))];
    }
}
