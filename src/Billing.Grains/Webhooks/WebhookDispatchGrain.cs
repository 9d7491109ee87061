using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Billing.Webhooks;

/// <summary>Sees to it that every enabled endpoint is told; there is one, with the key 0.</summary>
[Alias("billing.IWebhookDispatchGrain")]
public interface IWebhookDispatchGrain : IGrainWithIntegerKey
{
    /// <summary>Makes sure that its reminder is registered and that it goes on.</summary>
    [Alias("Ensure")]
    Task Ensure();
}

/// <summary>
/// Asks the grains of all enabled endpoints, again and again, to deliver what is due. The durable reminder only makes sure that this goes on after a crash; a second
/// one of it would cost a look at the store and no more.
/// </summary>
[GrainType("webhook-dispatch")]
sealed partial class WebhookDispatchGrain(IGrainFactory grains, IWebhookDeliveries deliveries, IOptions<WebhookSettings> options, ILogger<WebhookDispatchGrain> log)
    : Grain, IWebhookDispatchGrain, IRemindable
{
    const string ReminderName = "dispatch";

    readonly WebhookSettings settings = options.Value;

    // Whose deliveries are under way: a slow endpoint keeps nobody waiting.
    readonly HashSet<string> busy = new(StringComparer.Ordinal);
    IGrainTimer? timer;

    public async Task Ensure()
    {
        await this.RegisterOrUpdateReminder(ReminderName, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        Start();
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Start();
        return Task.CompletedTask;
    }

    void Start() => timer ??= this.RegisterGrainTimer(
        OnTimer, new GrainTimerCreationOptions(TimeSpan.FromMilliseconds(100), settings.Rest) { Interleave = true, KeepAlive = true });

    async Task OnTimer(CancellationToken cancellation)
    {
        try
        {
            var last = "";
            while (true)
            {
                var page = await deliveries.Enabled(last, settings.PageSize, cancellation);
                foreach (var endpoint in page) Deliver(endpoint).Ignore();
                if (page.Count < settings.PageSize) return;
                last = page[^1];
            }
        }
        catch (Exception fault)
        {
            // The database is gone, perhaps: the next look finds the same endpoints.
            LogFailed(log, fault);
        }
    }

    async Task Deliver(string endpoint)
    {
        if (!busy.Add(endpoint)) return;
        try
        {
            await grains.GetGrain<IWebhookDeliveryGrain>(endpoint).Deliver();
        }
        catch (Exception fault)
        {
            // One endpoint's fault must not keep the others waiting; what is due stays due.
            LogDeliveryFailed(log, fault, endpoint);
        }
        finally
        {
            busy.Remove(endpoint);
        }
    }

    [LoggerMessage(6101, LogLevel.Error, "The endpoints of webhooks could not be listed; the next look is in a moment.")]
    static partial void LogFailed(ILogger log, Exception fault);

    [LoggerMessage(6102, LogLevel.Warning, "Webhook {Endpoint}: what was due could not be delivered now; it stays due.")]
    static partial void LogDeliveryFailed(ILogger log, Exception fault, string endpoint);
}
