using Billing.Orders;

namespace Billing.Storage.Orders;

/// <summary>Where a page of refunds ended: the last one's time and number.</summary>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="Number">Its number.</param>
public readonly record struct RefundCursor(DateTimeOffset RequestedAt, string Number);

/// <summary>A refund and its order.</summary>
/// <param name="Refund">The refund.</param>
/// <param name="Order">The order that it is part of.</param>
public sealed record FoundRefund(Refund Refund, Versioned<Order> Order);

/// <summary>Lists refunds.</summary>
public sealed class RefundReader
{
    /// <summary>Newest first; the cursor is the last row's (requested_at, number).</summary>
    internal const string Newest = """
        SELECT number AS Number, order_number AS OrderNumber FROM refunds
        WHERE (requested_at, number) < (@requestedAt, @number) /* filter */
        ORDER BY requested_at DESC, number DESC LIMIT @limit
        """;

    internal const string OfStatus = "\n    AND status = @status";
    internal const string Open = "\n    AND open_refunds > 0";

    readonly Reader reader;
    readonly OrderReader orders;

    internal RefundReader(Database database)
    {
        reader = new(database);
        orders = new(database);
    }

    /// <summary>A page, newest first, after the cursor. Those that are open come from an index; a page of others reads every order that has a refund.</summary>
    public async Task<IReadOnlyList<FoundRefund>> NewestFirst(RefundStatus? status, RefundCursor? after, int limit, CancellationToken cancellation)
    {
        var (requestedAt, number) = after ?? new(DateTimeOffset.MaxValue, "");
        var parameters = new Dictionary<string, object>(StringComparer.Ordinal) { ["requestedAt"] = requestedAt, ["number"] = number, ["limit"] = limit };
        var filter = "";
        if (status is { } one)
        {
            filter = one is RefundStatus.Requested or RefundStatus.Processing ? Open + OfStatus : OfStatus;
            // In documents a status is written as it is named in the code.
            parameters.Add("status", one.ToString());
        }

        var rows = await reader.All<Row>(Newest.Replace("/* filter */", filter, StringComparison.Ordinal), parameters, cancellation);
        var found = await orders.Find([.. rows.Select(row => row.OrderNumber).Distinct(StringComparer.Ordinal)], cancellation);
        // A refund may have changed between the two readings, and is shown as it is now.
        return [.. rows.Where(row => found.ContainsKey(row.OrderNumber)).Select(row => new FoundRefund(found[row.OrderNumber].State.FindRefund(row.Number)!, found[row.OrderNumber]))];
    }

    sealed class Row
    {
        public string Number { get; init; } = "";

        public string OrderNumber { get; init; } = "";
    }
}
