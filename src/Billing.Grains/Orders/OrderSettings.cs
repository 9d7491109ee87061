namespace Billing.Orders;

/// <summary>How orders are held.</summary>
public sealed class OrderSettings
{
    /// <summary>How long an order can be paid.</summary>
    public TimeSpan TimeToPay { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>How many open orders an account may have.</summary>
    public int MaxOpenOrders { get; set; } = 10;

    /// <summary>Whether money that comes after an order has ended waits for a person instead of being credited.</summary>
    public bool HoldLatePayments { get; set; }

    /// <summary>How long a provider's answer is waited for before the outcome counts as unknown.</summary>
    public TimeSpan ProviderTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long after a buyer had an order's provider asked it can be asked again.</summary>
    public TimeSpan RefreshInterval { get; set; } = TimeSpan.FromSeconds(3);
}
