using Billing.Orders;

namespace Billing.Storage.Orders;

/// <summary>The places that orders take up, from the rows that the unique indexes are over.</summary>
sealed class OrderSlots(Database database) : IOrderSlots
{
    /// <summary>The account's open orders by place, and the places of the plan that it has taken; the two indexes answer an arm each.</summary>
    internal const string Places = """
        SELECT key, open_slot AS OpenSlot, NULL AS PurchaseSlot FROM orders
        WHERE account_id = @account AND open_slot IS NOT NULL
        UNION ALL
        SELECT key, NULL AS OpenSlot, purchase_slot AS PurchaseSlot FROM orders
        WHERE account_id = @account AND plan_slug = @planSlug AND purchase_slot IS NOT NULL
        """;

    readonly Reader reader = new(database);

    public async Task<TakenSlots> Taken(string account, string planSlug, CancellationToken cancellation)
    {
        var rows = await reader.All<Place>(Places, new { account, planSlug }, cancellation);
        return new(
            rows.Where(row => row.OpenSlot is not null).ToDictionary(row => (int)row.OpenSlot!.Value, row => row.Key),
            rows.Where(row => row.PurchaseSlot is not null).Select(row => (int)row.PurchaseSlot!.Value).ToHashSet());
    }

    sealed class Place
    {
        public string Key { get; init; } = "";

        public long? OpenSlot { get; init; }

        public long? PurchaseSlot { get; init; }
    }
}
