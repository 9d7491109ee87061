using Billing.GraphQL.Orders;
using Billing.Orders;
using Billing.Storage.Orders;
using Billing.Storage.WorkItems;
using GraphQL.DataLoader;

namespace Billing.GraphQL.WorkItems;

/// <summary>Money that needs a person's decision.</summary>
/// <param name="Kind">Why a person is needed.</param>
/// <param name="OpenedAt">Since when.</param>
/// <param name="ResolvedAt">When it ended; null while it is open.</param>
/// <param name="Detail">What happened, in a sentence.</param>
public sealed record WorkItem(WorkItemKind Kind, DateTimeOffset OpenedAt, DateTimeOffset? ResolvedAt, string Detail) : INode
{
    /// <inheritdoc/>
    [Id]
    public string Id => GlobalId.Write(nameof(WorkItem), Key);

    internal string Key { get; private init; } = "";

    internal string? OrderNumber { get; private init; }

    internal static WorkItem Of(WorkItemRow row) =>
        new(row.Kind, row.OpenedAt, row.ResolvedAt, row.Detail) { Key = row.Id, OrderNumber = row.Noun == OrderDocument.Noun ? row.Key : null };
}

/// <summary>A work item's further fields.</summary>
[ObjectType<WorkItem>]
public static class WorkItemFields
{
    /// <summary>The order that it is about; null when there is none.</summary>
    public static IDataLoaderResult<Order?> GetOrder([Parent] WorkItem item, OrderLoader orders) =>
        item.OrderNumber is { } number ? orders.Load(number) : new DataLoaderResult<Order?>((Order?)null);
}

/// <summary>Work items to read.</summary>
[QueryType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class WorkItemQueries
{
    /// <summary>Money that needs a person: mismatched, duplicate, late or unknown payments, stuck fulfilment; newest first.</summary>
    public static async Task<Connection<WorkItem>> GetWorkItems(int? first, string? after, WorkItemFilter? where, WorkItemReader items, CancellationToken cancel)
    {
        var page = Page.From(first, after);
        var at = page.Cursor is { } cursor ? Cursor.ReadTimeAndKey(cursor) : ((DateTimeOffset At, string Key)?)null;
        var rows = await items.Page(where?.Open, where?.Kind?.ToArray(), at, page.Rows, cancel);
        return page.Connect(rows, WorkItem.Of, row => Cursor.Write(row.OpenedAt, row.Id));
    }
}

/// <summary>Which work items to list; what is not given does not matter.</summary>
/// <param name="Open">Whether they are open.</param>
/// <param name="Kind">One of these.</param>
public sealed record WorkItemFilter(bool? Open, IReadOnlyList<WorkItemKind>? Kind);

/// <summary>Loads the orders of a list at once.</summary>
public sealed class OrderLoader(OrderReader orders, TimeProvider time, ClientInfo client) : BatchLoader<string, Order>
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyDictionary<string, Order>> LoadBatch(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        var (language, now) = (Language.Of(client), time.GetUtcNow());
        return (await orders.Find(keys, cancel)).Where(order => order.State.Refusal is null)
            .ToDictionary(order => order.State.Number, order => Order.Of(order, language, now), StringComparer.Ordinal);
    }
}
