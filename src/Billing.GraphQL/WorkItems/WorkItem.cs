using Billing.Orders;
using Billing.Storage.Orders;
using Billing.Storage.WorkItems;
using Billing.Unclaimed;
using GraphQL.DataLoader;
using Order = Billing.GraphQL.Orders.Order;
using Refund = Billing.GraphQL.Orders.Refund;

namespace Billing.GraphQL.WorkItems;

/// <summary>Money that needs a person's decision.</summary>
/// <param name="Kind">Why a person is needed.</param>
/// <param name="OpenedAt">Since when.</param>
/// <param name="ResolvedAt">When it ended; null while it is open.</param>
/// <param name="Detail">What happened, in a sentence.</param>
/// <param name="Resolution">What was decided; null while it is open, and when it ended by itself.</param>
/// <param name="ResolvedBy">Who decided.</param>
/// <param name="Note">Why.</param>
public sealed record WorkItem(
    WorkItemKind Kind, DateTimeOffset OpenedAt, DateTimeOffset? ResolvedAt, string Detail, WorkItemResolution? Resolution, string? ResolvedBy, string? Note) : INode, Search.ISearchHit
{
    /// <inheritdoc/>
    [Id]
    public string Id => GlobalId.Write(nameof(WorkItem), Key);

    internal string Key { get; private init; } = "";

    internal string? OrderNumber { get; private init; }

    internal string Noun { get; private init; } = "";

    internal string? RefundNumber { get; private init; }

    internal static WorkItem Of(FoundWorkItem found) =>
        new(found.Item.Kind, found.Item.OpenedAt, found.Item.ResolvedAt, found.Item.Detail, found.Item.Resolution, found.Item.ResolvedBy, found.Item.Note)
        {
            Key = found.Item.Id,
            Noun = found.Noun,
            RefundNumber = found.Item.RefundNumber,
            OrderNumber = found.Noun == OrderDocument.Noun ? found.Key : null,
        };
}

/// <summary>A work item's further fields.</summary>
[ObjectType<WorkItem>]
public static class WorkItemFields
{
    /// <summary>The order that it is about; null when there is none.</summary>
    public static IDataLoaderResult<Order?>? GetOrder([Parent] WorkItem item, OrderLoader orders, ClientInfo client) =>
        item.OrderNumber is { } number ? orders.Load((number, Language.Of(client))) : null;

    /// <summary>How it can be resolved now; nothing when it is resolved, or is being settled by itself.</summary>
    public static IDataLoaderResult<IReadOnlyList<WorkItemResolution>> GetPossibleResolutions([Parent] WorkItem item, OrderLoader orders, ClientInfo client) =>
        // What is of no order is looked up as of none, which finds nothing.
        orders.Load<IReadOnlyList<WorkItemResolution>>((item.OrderNumber ?? "", Language.Of(client)), order => (item, order?.Source.WorkItems.FirstOrDefault(one => one.Id == item.Key)) switch
        {
            ({ ResolvedAt: not null }, _) => [],
            (_, { ResolvedAt: null } open) => ResolutionRules.Possible(order!.Source, open),
            ({ Noun: UnclaimedPaymentDocument.Noun }, _) => UnclaimedPaymentRules.Possible,
            ({ Noun: Billing.Codes.CodeDocument.Noun }, _) => Billing.Codes.CodeRules.Possible,
            _ => [],
        });

    /// <summary>The refund that it is about; null when it is about none.</summary>
    public static IDataLoaderResult<Refund?>? GetRefund([Parent] WorkItem item, OrderLoader orders, Viewer viewer, ClientInfo client) =>
        item is { OrderNumber: { } number, RefundNumber: { } refund }
            ? orders.Load((number, Language.Of(client)), order => order?.Source.FindRefund(refund) is { } found ? Refund.From(found, order, viewer) : null)
            : null;
}

/// <summary>An order's work items.</summary>
[ObjectType<Order>]
public static class OrderWorkItems
{
    /// <summary>Administrators: what needs, or needed, a person about this order, oldest first.</summary>
    [Authorize(Roles = Viewer.AdministratorRole)]
    public static IReadOnlyList<WorkItem> GetWorkItems([Parent] Order order) =>
        [.. order.Source.WorkItems.Select(item => WorkItem.Of(new(OrderDocument.Noun, order.Number, item)))];
}

/// <summary>Work items to read.</summary>
[QueryType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class WorkItemQueries
{
    /// <summary>Money that needs a person: mismatched, duplicate, late or unknown payments, stuck fulfilment; the oldest first, because it has waited longest.</summary>
    public static async Task<Connection<WorkItem>> GetWorkItems(int? first, string? after, WorkItemFilter? where, WorkItemReader items, CancellationToken cancel)
    {
        var page = Page.From(first, after);
        var rows = await items.OldestFirst(where?.Open, where?.Kind?.ToArray(), page.Cursor is { } cursor ? Position(cursor) : null, page.Rows, cancel);
        return page.Connect(rows, WorkItem.Of, row => Cursor.Write(row.Item.OpenedAt, row.Item.Id));

        static WorkItemCursor Position(string cursor)
        {
            var (at, id) = Cursor.ReadTimeAndKey(cursor);
            return new(at, id);
        }
    }

    /// <summary>How many work items are open now, of each kind that there is.</summary>
    public static async Task<IReadOnlyList<WorkItemCount>> GetOpenWorkItems(WorkItemReader items, CancellationToken cancel) =>
        [.. (await items.CountOpen(cancel)).Select(some => new WorkItemCount(some.Kind, (int)some.Count, some.OldestOpenedAt))];
}

/// <summary>How many work items of a kind are open.</summary>
/// <param name="Kind">Which kind.</param>
/// <param name="Open">How many.</param>
/// <param name="OldestOpenedAt">Since when the oldest waits.</param>
public sealed record WorkItemCount(WorkItemKind Kind, int Open, DateTimeOffset OldestOpenedAt);

/// <summary>Which work items to list; what is not given does not matter.</summary>
/// <param name="Open">Whether they are open.</param>
/// <param name="Kind">One of these.</param>
public sealed record WorkItemFilter(bool? Open, IReadOnlyList<WorkItemKind>? Kind);

/// <summary>Finds work items by their global id.</summary>
sealed class WorkItemNodes(WorkItemReader items) : INodeSource
{
    public string Noun => nameof(WorkItem);

    public NodeReaders Readers => NodeReaders.Administrators;

    public async Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel)
    {
        string[] ids = [.. keys.Where(key => key.IsStorable())];
        return ids.Length == 0
            ? NodeSource.None
            : (await items.Find(ids, cancel)).DistinctBy(found => found.Item.Id).ToDictionary(found => found.Item.Id, INode (found) => WorkItem.Of(found), StringComparer.Ordinal);
    }
}

/// <summary>Loads the orders of a list at once, each for its reader's language.</summary>
public sealed class OrderLoader(OrderReader orders, TimeProvider time) : BatchLoader<(string Number, Language Language), Order>
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyDictionary<(string Number, Language Language), Order>> LoadBatch(
        IReadOnlyList<(string Number, Language Language)> keys, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var found = await orders.Find([.. keys.Select(key => key.Number).Distinct(StringComparer.Ordinal)], cancel);
        return keys.Where(key => found.ContainsKey(key.Number)).ToDictionary(key => key, key => Order.Of(found[key.Number], key.Language, now));
    }
}
