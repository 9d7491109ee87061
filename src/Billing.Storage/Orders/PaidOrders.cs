using Billing.Orders;

namespace Billing.Storage.Orders;

/// <summary>Whether somebody ever bought anything, from the account's orders.</summary>
sealed class PaidOrders(Database database) : IPaidOrders
{
    internal const string OfAccount = """
        SELECT count(*) FROM (
            SELECT 1 FROM orders WHERE account_id = @account AND status <> 'REFUSED' AND payment_status = 'PAID' LIMIT 1
        ) AS paid
        """;

    readonly Reader reader = new(database);

    public async Task<bool> Any(string account, CancellationToken cancellation) => await reader.One<long>(OfAccount, new { account }, cancellation) > 0;
}
