using System.Collections.Concurrent;
using System.Diagnostics;
using Billing.Silo.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace Billing.Silo.Tests.Telemetry;

/// <summary>What leaves the house as a trace. A query can be a GraphQL document with a code in it, or a provider's callback.</summary>
public sealed class SpansTests
{
    const string Typed = "SECRET-4711";

    [Fact]
    public async Task No_span_has_the_query_of_a_request_that_came_or_went()
    {
        var spans = new Spans();
        var builder = WebApplication.CreateBuilder();
        // A collector that is not there: what would be sent to it is looked at before.
        builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:9";
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddTelemetry();
        builder.Services.ConfigureOpenTelemetryTracerProvider(traces => traces.AddProcessor(spans));
        await using (var app = builder.Build())
        {
            app.MapGet("/graphql", () => "answer");
            await app.StartAsync(TestContext.Current.CancellationToken);
            using var client = new HttpClient();
            Assert.Equal("answer", await client.GetStringAsync(new Uri($"{app.Urls.Single()}/graphql?query={{redeem(code:\"{Typed}\")}}"), TestContext.Current.CancellationToken));
            await app.StopAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains(spans.Ended, span => span.Kind == ActivityKind.Server && Equals(span.GetTagItem("url.path"), "/graphql"));
        Assert.Contains(spans.Ended, span => span.Kind == ActivityKind.Client && span.GetTagItem("url.full") is string address && address.EndsWith("/graphql", StringComparison.Ordinal));
        foreach (var span in spans.Ended)
        {
            // Not even that there was one, with its values left out.
            Assert.Null(span.GetTagItem("url.query"));
            Assert.DoesNotContain(Typed, span.DisplayName, StringComparison.Ordinal);
            Assert.All(span.TagObjects, tag => Assert.DoesNotContain(Typed, $"{tag.Value}", StringComparison.Ordinal));
        }
    }

    sealed class Spans : BaseProcessor<Activity>
    {
        public ConcurrentBag<Activity> Ended { get; } = [];

        public override void OnEnd(Activity data) => Ended.Add(data);
    }
}
