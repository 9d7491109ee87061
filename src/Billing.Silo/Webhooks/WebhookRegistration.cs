using Billing.Webhooks;
using Microsoft.Extensions.Options;

namespace Billing.Silo.Webhooks;

/// <summary>Puts what endpoints are told with into the host.</summary>
static class WebhookRegistration
{
    public static void AddWebhooks(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<WebhookSecrets>().AddSingleton<IHostAddresses, HostAddresses>().AddSingleton<IWebhookTransport, WebhookTransport>();
        builder.Services.AddHttpClient(WebhookTransport.Client, client => client.Timeout = Timeout.InfiniteTimeSpan)
            // Connections are renewed by the handler itself; and no log names an address, which may carry a token of its owner's.
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .RemoveAllLoggers()
            .ConfigurePrimaryHttpMessageHandler(services => WebhookTransport.Handler(
                services.GetRequiredService<IHostAddresses>(), services.GetRequiredService<IOptions<WebhookSettings>>().Value));
    }
}
