namespace Billing.Orders;

/// <summary>Whether somebody ever bought anything.</summary>
public interface IPaidOrders
{
    /// <summary>Whether an order of the account's was ever paid.</summary>
    Task<bool> Any(string account, CancellationToken cancellation);
}
