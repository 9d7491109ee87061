using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Billing.GraphQL.Tests.Engine;

public sealed class Measuring
{
    [Fact]
    public async Task Operations_are_counted_by_type_and_outcome()
    {
        await using var host = await TestHost.Start();
        var seen = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Scope == host.Get<IMeterFactory>() && instrument.Name == "billing.graphql.operations") self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) => seen.Add(string.Join(' ', tags.ToArray().Select(tag => tag.Value))));
        listener.Start();
        host.Get<FailingPart>().Fail = _ => throw new InvalidOperationException();
        await host.Ask("{ping}");
        await host.Ask("mutation{slow}");
        await host.Ask("{secret}");
        await host.Ask("{");
        Assert.Equal(["mutation fault", "query ok", "query refused", "unknown refused"], seen.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Spans_carry_no_document()
    {
        var tags = new System.Collections.Concurrent.ConcurrentBag<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == BillingGraphQL.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => { foreach (var tag in activity.TagObjects) tags.Add($"{tag.Key}={tag.Value}"); },
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = await TestHost.Start();
        await host.Ask("query Q {echo(text: \"SPAN-SECRET\")}");
        Assert.Contains("graphql.operation.name=Q", tags);
        Assert.DoesNotContain(tags, tag => tag.Contains("SPAN-SECRET", StringComparison.Ordinal));
    }
}
