namespace Billing.Webhooks;

/// <summary>How endpoints are told of what happens.</summary>
public sealed class WebhookSettings
{
    /// <summary>Whether http is allowed beside https: for trials, and inside a network that is trusted.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>Whether addresses may lead to private, loopback and other addresses that are not public: an administrator can then have this host call machines behind its walls.</summary>
    public bool AllowPrivateAddresses { get; set; }

    /// <summary>How long it takes at most until what happened is seen, and how long a host rests between two looks.</summary>
    public TimeSpan Rest { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many deliveries to one endpoint are under way at once; never two of the same object.</summary>
    public int AtOnce { get; set; } = 8;

    /// <summary>How long an endpoint may take to answer.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(12);

    /// <summary>For how long a host takes an endpoint's deliveries. Another one goes on with them this long after it was killed.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many deliveries wait for an endpoint at most; what happens meanwhile waits in the journal.</summary>
    public int MaxPending { get; set; } = 10_000;

    /// <summary>How many rows are read at a time.</summary>
    public int PageSize { get; set; } = 500;

    /// <summary>After how long of nothing but failures an endpoint is disabled.</summary>
    public TimeSpan DisableAfter { get; set; } = TimeSpan.FromDays(5);

    /// <summary>How long what was delivered is listed.</summary>
    public TimeSpan KeepDelivered { get; set; } = TimeSpan.FromDays(3);

    /// <summary>How long what could not be delivered is listed.</summary>
    public TimeSpan KeepDead { get; set; } = TimeSpan.FromDays(30);

    /// <summary>What is wrong with these settings; null when they can be used. Checked before the host starts.</summary>
    public string? Problem => this switch
    {
        _ when Rest < TimeSpan.FromMilliseconds(100) || Rest > TimeSpan.FromHours(1) => "Rest is from a tenth of a second to an hour.",
        { AtOnce: < 1 or > 256 } => "AtOnce is from 1 to 256.",
        _ when AttemptTimeout < TimeSpan.FromSeconds(1) || AttemptTimeout > TimeSpan.FromSeconds(15) => "AttemptTimeout is from 1 to 15 seconds.",
        // An attempt begins only when it ends within the lease.
        _ when Lease < 2 * AttemptTimeout || Lease > TimeSpan.FromMinutes(5) => "Lease is at least twice AttemptTimeout and at most 5 minutes.",
        { MaxPending: < 1 or > 1_000_000 } => "MaxPending is from 1 to 1000000.",
        { PageSize: < 1 or > 10_000 } => "PageSize is from 1 to 10000.",
        _ when DisableAfter < TimeSpan.FromHours(1) || DisableAfter > TimeSpan.FromDays(365) => "DisableAfter is from an hour to a year.",
        _ when KeepDelivered < TimeSpan.Zero || KeepDelivered > TimeSpan.FromDays(365) => "KeepDelivered is from nothing to a year.",
        _ when KeepDead < TimeSpan.FromDays(1) || KeepDead > TimeSpan.FromDays(3_650) => "KeepDead is from a day to ten years.",
        _ => null,
    };
}
