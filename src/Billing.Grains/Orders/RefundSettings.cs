namespace Billing.Orders;

/// <summary>How refunds are held. Amounts are in minor units, by currency; a currency that is not named has no such amount.</summary>
public sealed class RefundSettings
{
    /// <summary>How long after paying a buyer can ask for money back; zero when buyers cannot.</summary>
    public TimeSpan RequestWithin { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Above which amount a refund needs a second administrator.</summary>
    public Dictionary<string, long> SecondPersonAbove { get; } = new(StringComparer.Ordinal);

    /// <summary>Up to which amount a buyer's request is approved by itself, when nothing of what was granted is spent.</summary>
    public Dictionary<string, long> AutomaticUpTo { get; } = new(StringComparer.Ordinal);

    /// <summary>How long after paying a request can be approved by itself.</summary>
    public TimeSpan AutomaticWithin { get; set; } = TimeSpan.FromHours(24);

    /// <summary>Whether a second payment of the same order is given back by itself.</summary>
    public bool RefundDuplicates { get; set; } = true;

    /// <summary>What is wrong with these settings; null when they can be used.</summary>
    public string? Problem => this switch
    {
        _ when RequestWithin < TimeSpan.Zero || RequestWithin > TimeSpan.FromDays(3_650) => "Refunds:RequestWithin is not negative and at most ten years.",
        _ when AutomaticWithin < TimeSpan.Zero || AutomaticWithin > TimeSpan.FromDays(3_650) => "Refunds:AutomaticWithin is not negative and at most ten years.",
        _ when SecondPersonAbove.Concat(AutomaticUpTo).FirstOrDefault(limit => !Currencies.IsKnown(limit.Key) || limit.Value < 0) is { Key: { } wrong } =>
            $"Refunds: {wrong} is no currency that is sold in here, or its amount is negative.",
        _ => null,
    };

    /// <summary>Whether two administrators must approve this.</summary>
    public bool NeedsTwo(Money amount) => SecondPersonAbove.TryGetValue(amount.Currency, out var limit) && amount.MinorUnits > limit;

    /// <summary>Whether this is small and soon enough to be approved by itself.</summary>
    public bool IsAutomatic(Money amount, TimeSpan sincePaid) =>
        AutomaticUpTo.TryGetValue(amount.Currency, out var limit) && amount.MinorUnits <= limit && sincePaid <= AutomaticWithin;
}
