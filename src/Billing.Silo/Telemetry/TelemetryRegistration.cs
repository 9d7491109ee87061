using Billing.Codes;
using Billing.GraphQL;
using Billing.Reconciliations;
using Billing.Silo.Callbacks;
using Billing.Silo.WorkItems;
using Billing.Webhooks;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Billing.Silo.Telemetry;

/// <summary>Metrics and traces over OTLP, when <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> says where to. No span carries a document, a body or a query string.</summary>
static class TelemetryRegistration
{
    static readonly string[] Meters =
        [
            BillingGraphQL.MeterName, CallbackEndpoint.MeterName, CodeMetrics.MeterName, WebhookMetrics.MeterName, WorkItemWatch.MeterName, ReconciliationMetrics.MeterName, "Billing.Storage", "Billing.Deadlines", "Billing.Channels.Sandbox",
            "Microsoft.Orleans",
        ];

    public static void AddTelemetry(this WebApplicationBuilder builder)
    {
        if (string.IsNullOrWhiteSpace(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"])) return;
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics.AddMeter(Meters).AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddOtlpExporter())
            .WithTracing(traces => traces
                .AddSource(BillingGraphQL.ActivitySourceName, "Microsoft.Orleans.Application", "Microsoft.Orleans.Storage")
                .AddAspNetCoreInstrumentation(web => web.EnrichWithHttpRequest = (span, _) => span.SetTag("url.query", null))
                .AddHttpClientInstrumentation(client => client.EnrichWithHttpRequestMessage = (span, request) => span.SetTag("url.full", request.RequestUri?.GetLeftPart(UriPartial.Path)))
                .AddOtlpExporter());
    }
}
