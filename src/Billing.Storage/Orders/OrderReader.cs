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
public sealed record OrderFilter(
    string? Account = null,
    IReadOnlyCollection<OrderStatus>? Statuses = null,
    IReadOnlyCollection<PaymentStatus>? PaymentStatuses = null,
    string? PlanSlug = null,
    string? MethodId = null,
    DateTimeOffset? CreatedFrom = null,
    DateTimeOffset? CreatedTo = null,
    string? Search = null);

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

    /// <summary>Newest first; the cursor is the last row's (created_at, key).</summary>
    internal const string Newest = """
        SELECT key, document, version FROM orders
        WHERE status <> 'REFUSED' AND (created_at, key) < (@createdAt, @key) /* filter */
        ORDER BY created_at DESC, key DESC LIMIT @limit
        """;

    /// <summary>Oldest first; the cursor is the last row's (created_at, key).</summary>
    internal const string Oldest = """
        SELECT key, document, version FROM orders
        WHERE status <> 'REFUSED' AND (created_at, key) > (@createdAt, @key) /* filter */
        ORDER BY created_at, key LIMIT @limit
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
        var (clauses, parameters) = Clauses(filter);
        parameters.Add("most", most);
        return await reader.One<long>(Number.Replace("/* filter */", clauses, StringComparison.Ordinal), parameters, cancellation);
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

    internal static (string Clauses, Dictionary<string, object> Parameters) Clauses(OrderFilter filter)
    {
        var clauses = new StringBuilder();
        var parameters = new Dictionary<string, object>(StringComparer.Ordinal);
        Where("account_id = @account", ("account", filter.Account));
        Where("status = ANY(@statuses)", ("statuses", filter.Statuses?.Select(StoredNames.Of).ToArray()));
        Where("payment_status = ANY(@paymentStatuses)", ("paymentStatuses", filter.PaymentStatuses?.Select(StoredNames.Of).ToArray()));
        Where("plan_slug = @planSlug", ("planSlug", filter.PlanSlug));
        Where("method_id = @methodId", ("methodId", filter.MethodId));
        Where("created_at >= @createdFrom", ("createdFrom", filter.CreatedFrom));
        Where("created_at < @createdTo", ("createdTo", filter.CreatedTo));
        // Numbers are ASCII, so that everything that begins with the text lies before the text and DEL.
        Where("(account_id = @search OR key >= @search AND key < @searchEnd)", ("search", filter.Search), ("searchEnd", filter.Search + "\x7f"));
        return (clauses.ToString(), parameters);

        void Where(string clause, params ReadOnlySpan<(string Name, object? Value)> values)
        {
            if (values[0].Value is null) return;
            clauses.Append("\n    AND ").Append(clause);
            foreach (var (name, value) in values) parameters.Add(name, value!);
        }
    }

    async Task<IReadOnlyList<Versioned<Order>>> Page(string statement, OrderFilter filter, OrderCursor after, int limit, CancellationToken cancellation)
    {
        var (clauses, parameters) = Clauses(filter);
        parameters.Add("createdAt", after.CreatedAt);
        parameters.Add("key", after.Number);
        parameters.Add("limit", limit);
        var rows = await reader.All<DocumentRow>(statement.Replace("/* filter */", clauses, StringComparison.Ordinal), parameters, cancellation);
        return [.. rows.Select(row => row.Read<Order>(OrderDocument.Kind))];
    }
}
