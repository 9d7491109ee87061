using Billing.Orders;
using Billing.Storage.Orders;
using Domain = Billing.Orders;

namespace Billing.GraphQL.Orders;

/// <summary>Money on its way back.</summary>
/// <param name="Version">Rises with every change; a decision names the version that it was made upon.</param>
/// <param name="Number">Its one number, also at the provider.</param>
/// <param name="Amount">How much.</param>
/// <param name="RequestedAmount">What was asked for, when less was approved.</param>
/// <param name="Status">Where it is.</param>
/// <param name="Reason">Why it was asked for.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="DecidedAt">When it was decided upon.</param>
/// <param name="DecisionNote">Why it was rejected; administrators also read why it was approved.</param>
/// <param name="CompletedAt">When it ended.</param>
/// <param name="HeldCredits">The credits that are held for it, or were taken back with it.</param>
public sealed record Refund(
    long Version, string Number, Money Amount, Money? RequestedAmount, RefundStatus Status, string? Reason, DateTimeOffset RequestedAt, DateTimeOffset? DecidedAt,
    string? DecisionNote, DateTimeOffset? CompletedAt, decimal HeldCredits) : INode, Search.ISearchHit
{
    /// <inheritdoc/>
    [Id]
    public string Id => GlobalId.Write(nameof(Refund), Number);

    internal Domain.Refund Source { get; private init; } = null!;

    internal Order Of { get; private init; } = null!;

    internal static Refund From(Domain.Refund refund, Order order, Viewer viewer) => new(
        refund.Version, refund.Number, Money.Of(refund.Amount), refund.Requested is { } asked ? Money.Of(asked) : null, refund.Status, refund.Reason, refund.RequestedAt,
        refund.DecidedAt, viewer.IsAdministrator || refund.Status == RefundStatus.Rejected ? refund.DecisionNote : null, refund.CompletedAt,
        refund.Held?.Credits.Amount ?? 0)
    {
        Source = refund,
        Of = order,
    };
}

/// <summary>A refund's further fields.</summary>
[ObjectType<Refund>]
public static class RefundFields
{
    /// <summary>The order that it is of.</summary>
    public static Order GetOrder([Parent] Refund refund) => refund.Of;

    /// <summary>Administrators: who asked for it.</summary>
    [Authorize(Roles = Viewer.AdministratorRole)]
    public static string? GetRequestedBy([Parent] Refund refund) => refund.Source.RequestedBy;

    /// <summary>Administrators: who approved it so far, where two must; and who decided.</summary>
    [Authorize(Roles = Viewer.AdministratorRole)]
    public static IReadOnlyList<string> GetDecidedBy([Parent] Refund refund) =>
        [.. new[] { refund.Source.FirstApproval?.By, refund.Source.DecidedBy }.OfType<string>().Distinct(StringComparer.Ordinal)];
}

/// <summary>Refunds to read.</summary>
[QueryType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class RefundQueries
{
    /// <summary>Refunds, newest first; with a status, those that are in it.</summary>
    public static async Task<Connection<Refund>> GetRefundRequests(
        int? first, string? after, RefundStatus? status, RefundReader refunds, Viewer viewer, TimeProvider time, ClientInfo client, CancellationToken cancel)
    {
        var page = Page.From(first, after);
        var (language, now) = (Language.Of(client), time.GetUtcNow());
        var rows = await refunds.NewestFirst(status, page.Cursor is { } cursor ? Position(cursor) : null, page.Rows, cancel);
        return page.Connect(rows, row => Refund.From(row.Refund, Order.Of(row.Order, language, now), viewer), row => Cursor.Write(row.Refund.RequestedAt, row.Refund.Number));

        static RefundCursor Position(string cursor)
        {
            var (at, number) = Cursor.ReadTimeAndKey(cursor);
            return new(at, number);
        }
    }
}

/// <summary>Finds refunds by their global id.</summary>
sealed class RefundNodes(OrderReader orders, TimeProvider time) : INodeSource
{
    public string Noun => nameof(Refund);

    public NodeReaders Readers => NodeReaders.SignedIn;

    public async Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel)
    {
        var named = keys.Select(key => (Key: key, Order: OrderNumber.TryParseRefund(key, out var number) ? number : null)).Where(one => one.Order is not null)
            .ToDictionary(one => one.Key, one => (Refund: one.Key, Order: one.Order!), StringComparer.Ordinal);
        if (named.Count == 0) return NodeSource.None;
        var (found, now) = (await orders.Find([.. named.Values.Select(one => one.Order).Distinct(StringComparer.Ordinal)], cancel), time.GetUtcNow());
        return NodeSource.Show(named, one =>
            found.TryGetValue(one.Order, out var order) && request.Viewer.MaySee(order.State.Account)
            && order.State.Refunds.FirstOrDefault(refund => refund.Number == one.Refund) is { } refund
                ? Refund.From(refund, Order.Of(order, request.Language, now), request.Viewer)
                : null);
    }
}
