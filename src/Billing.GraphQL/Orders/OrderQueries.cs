using Billing.Orders;
using Billing.Storage.Orders;

namespace Billing.GraphQL.Orders;

/// <summary>Orders to read.</summary>
[QueryType]
[Authorize]
public static class OrderQueries
{
    // A number that anybody made up brings a grain into memory: a few hundred in one request and no more.
    const int LookUp = 50;

    /// <summary>An order of the signed-in account; any order for an administrator.</summary>
    [Cost(LookUp)]
    public static async Task<Order?> GetOrder([Id] string number, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client) =>
        OrderKey.Of(number) is { } key && await grains.GetGrain<IOrderGrain>(key).Get() is { } order && viewer.MaySee(order.State.Account)
            ? Order.Of(order, Language.Of(client), time.GetUtcNow())
            : null;

    /// <summary>What became of a wish whose answer was lost. Creates nothing.</summary>
    [Cost(LookUp)]
    public static async Task<Order?> GetOrderByKey(string idempotencyKey, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client) =>
        await grains.GetGrain<IOrderGrain>(OrderNumber.Of(Checked.AccountOf(viewer), Checked.Key(idempotencyKey))).Get() is { } order
            ? Order.Of(order, Language.Of(client), time.GetUtcNow())
            : null;

    /// <summary>Administrators: every order, newest first. The search finds a number, its beginning, or an account.</summary>
    [Authorize(Roles = Viewer.AdministratorRole)]
    public static Task<Connection<Order>> GetOrders(
        int? first, string? after, int? last, string? before, OrderFilter? where, string? search, OrderReader orders, TimeProvider time, ClientInfo client,
        CancellationToken cancel) => OrderPages.Read(orders, null, first, after, last, before, where, search, time, client, cancel);

    /// <summary>Administrators: a link that streams the orders of a filter as CSV, oldest first. It is good for ten minutes, for whoever has it; its use is written down.</summary>
    [Authorize(Roles = Viewer.AdministratorRole)]
    public static Uri GetOrdersExportUrl(OrderFilter? where, Viewer viewer, OrderExportLinks links) =>
        links.Of(OrderPages.Stored(where, where?.AccountId is { } id ? Checked.Account(id) : null, null), viewer.Subject);
}

/// <summary>Which orders to list; what is not given does not matter.</summary>
/// <param name="Status">One of these.</param>
/// <param name="PaymentStatus">One of these.</param>
/// <param name="PlanSlug">Of this plan.</param>
/// <param name="MethodId">Paid through this method.</param>
/// <param name="AccountId">Of this account.</param>
/// <param name="CreatedFrom">Placed at that moment or later.</param>
/// <param name="CreatedTo">Placed before that moment.</param>
/// <param name="Number">With this number, or one that begins so.</param>
/// <param name="ProviderReference">With a payment that its provider knows by this number: of the money, or of the payment.</param>
/// <param name="MinimumAmount">Of this price or more, in this currency.</param>
/// <param name="MaximumAmount">Of this price or less, in this currency.</param>
/// <param name="RefundStatus">Whose newest refund is in one of these.</param>
public sealed record OrderFilter(
    IReadOnlyList<OrderStatus>? Status, IReadOnlyList<PaymentStatus>? PaymentStatus, string? PlanSlug, [property: Id] string? MethodId,
    [property: Id] string? AccountId, DateTimeOffset? CreatedFrom, DateTimeOffset? CreatedTo, string? Number, string? ProviderReference, MoneyInput? MinimumAmount,
    MoneyInput? MaximumAmount, IReadOnlyList<RefundStatus>? RefundStatus);

static class OrderPages
{
    /// <summary>The filter as the reader takes it.</summary>
    public static Storage.Orders.OrderFilter Stored(OrderFilter? where, string? account, string? search) => new(
        account, where?.Status, where?.PaymentStatus, Checked.Sought(where?.PlanSlug), Checked.Sought(where?.MethodId), where?.CreatedFrom, where?.CreatedTo,
        string.IsNullOrWhiteSpace(search) ? null : Checked.Sought(search.Trim()), Checked.Sought(where?.Number?.Trim().ToUpperInvariant()),
        Checked.Sought(where?.ProviderReference?.Trim()), where?.MinimumAmount?.ToDomain(), where?.MaximumAmount?.ToDomain(), where?.RefundStatus);

    /// <summary>A page of orders, newest first; of one account, or of all.</summary>
    public static async Task<Connection<Order>> Read(
        OrderReader orders, string? account, int? first, string? after, int? last, string? before, OrderFilter? where, string? search, TimeProvider time,
        ClientInfo client, CancellationToken cancel)
    {
        var page = Page.From(first, after, last, before);
        var owner = where?.AccountId is { } id ? Checked.Account(id) : null;
        // Another account in the filter of one's own list finds nothing.
        if (account is not null && owner is not null && owner != account) return page.Connect<Order, Order>([], order => order, _ => "");
        var filter = Stored(where, account ?? owner, search);
        var rows = page.Backward
            ? await orders.OldestFirst(filter, Position(), page.Rows, cancel)
            : await orders.NewestFirst(filter, Position(), page.Rows, cancel);
        var (language, now) = (Language.Of(client), time.GetUtcNow());
        return page.Connect(rows, row => Order.Of(row, language, now), row => Cursor.Write(row.State.CreatedAt, row.State.Number));

        OrderCursor? Position()
        {
            if (page.Cursor is not { } cursor) return null;
            var (at, number) = Cursor.ReadTimeAndKey(cursor);
            return new(at, number);
        }
    }
}

/// <summary>Loads the timelines of the orders of a list at once.</summary>
public sealed class TimelineLoader(OrderReader orders) : BatchLoader<string, IReadOnlyList<OrderEvent>>
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyDictionary<string, IReadOnlyList<OrderEvent>>> LoadBatch(IReadOnlyList<string> keys, CancellationToken cancel) =>
        (await orders.Timeline(keys, cancel)).ToDictionary(
            order => order.Key, order => (IReadOnlyList<OrderEvent>)[.. order.Select(Timeline.Show).OfType<OrderEvent>()], StringComparer.Ordinal);
}

/// <summary>Finds orders by their global id.</summary>
sealed class OrderNodes(OrderReader orders, TimeProvider time) : INodeSource
{
    public string Noun => nameof(Order);

    public NodeReaders Readers => NodeReaders.SignedIn;

    public async Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel)
    {
        string[] numbers = [.. keys.Where(OrderNumber.IsValid)];
        if (numbers.Length == 0) return NodeSource.None;
        var (found, now) = (await orders.Find(numbers, cancel), time.GetUtcNow());
        return NodeSource.Show(found, order => request.Viewer.MaySee(order.State.Account) ? Order.Of(order, request.Language, now) : null);
    }
}
