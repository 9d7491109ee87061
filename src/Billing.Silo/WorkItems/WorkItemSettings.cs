namespace Billing.Silo.WorkItems;

/// <summary>When somebody is called about work items; <c>Billing:WorkItems</c>.</summary>
sealed class WorkItemSettings
{
    /// <summary>From this age of the oldest open work item on, the log calls for somebody, again and again.</summary>
    public TimeSpan AlertAfter { get; set; } = TimeSpan.FromHours(24);

    /// <summary>How often they are looked at.</summary>
    public TimeSpan Rest { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>What is wrong with the settings; null when nothing is.</summary>
    public string? Problem => this switch
    {
        _ when AlertAfter <= TimeSpan.Zero => "AlertAfter is above zero.",
        _ when Rest < TimeSpan.FromSeconds(1) || Rest > TimeSpan.FromHours(1) => "Rest is from a second to an hour.",
        _ => null,
    };
}
