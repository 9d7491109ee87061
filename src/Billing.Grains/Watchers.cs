using Microsoft.Extensions.Logging;
using Orleans.Utilities;

namespace Billing;

/// <summary>How long a grain remembers who watches it.</summary>
public static class Watchers
{
    /// <summary>A watcher that does not renew within this time is forgotten.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    /// <summary>The watchers of one grain.</summary>
    internal static ObserverManager<T> Of<T>(ILogger log)
        where T : IGrainObserver => new(Lease, log);
}
