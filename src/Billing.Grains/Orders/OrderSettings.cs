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

    /// <summary>How refunds are held.</summary>
    public RefundSettings Refunds { get; } = new();

    /// <summary>What is wrong with these settings; null when they can be used. Checked before the host starts: later it would show as orders that cannot be placed.</summary>
    public string? Problem => this switch
    {
        _ when TimeToPay <= TimeSpan.Zero || TimeToPay > TimeSpan.FromDays(30) => "TimeToPay is above zero and at most 30 days.",
        { MaxOpenOrders: < 1 or > 1_000 } => "MaxOpenOrders is from 1 to 1000.",
        // An order's work is waited for by calls that themselves end after half a minute.
        _ when ProviderTimeout <= TimeSpan.Zero || ProviderTimeout > TimeSpan.FromMinutes(1) => "ProviderTimeout is above zero and at most a minute.",
        _ when RefreshInterval < TimeSpan.Zero || RefreshInterval > TimeSpan.FromHours(1) => "RefreshInterval is not negative and at most an hour.",
        { Refunds.Problem: { } problem } => problem,
        _ => null,
    };
}
