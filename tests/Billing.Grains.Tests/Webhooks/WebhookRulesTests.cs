using Billing.Tests.Cluster;
using Billing.Webhooks;
using CsCheck;
using static Billing.Tests.Webhooks.WebhookSamples;

namespace Billing.Tests.Webhooks;

/// <summary>When a delivery is tried, what follows, and in which order.</summary>
public sealed class WebhookRulesTests
{
    static readonly WebhookAnswer[] Failures =
        [new WebhookAnswered(500, null), new WebhookAnswered(301, null), new WebhookAnswered(429, TimeSpan.FromMinutes(5)), new WebhookAnswered(410, null), new WebhookUnanswered("timeout")];

    [Theory]
    [InlineData(200, true)]
    [InlineData(204, true)]
    [InlineData(299, true)]
    [InlineData(199, false)]
    [InlineData(301, false)]
    [InlineData(404, false)]
    [InlineData(410, false)]
    [InlineData(500, false)]
    public void Two_hundred_and_something_is_delivered_and_nothing_else(int status, bool delivered) =>
        Assert.Equal(delivered, WebhookRules.After(1, new WebhookAnswered(status, null), Noon, 0) is WebhookDelivered);

    [Fact]
    public void It_is_tried_for_about_three_days_and_then_given_up()
    {
        var now = Noon;
        var attempts = 0;
        WebhookOutcome outcome;
        while ((outcome = WebhookRules.After(++attempts, new WebhookUnanswered("timeout"), now, 0)) is WebhookDelayed delayed)
        {
            Assert.Equal(WebhookRules.BackOff[attempts - 1], delayed.At - now);
            now = delayed.At;
        }

        Assert.IsType<WebhookDead>(outcome);
        Assert.Equal(12, attempts);
        Assert.InRange(now - Noon, TimeSpan.FromDays(2.8), TimeSpan.FromDays(3.2));
        Assert.Equal(WebhookRules.BackOff, WebhookRules.BackOff.Order());
    }

    [Fact]
    public void A_pause_is_never_shorter_than_it_should_be_nor_much_longer() => Gen.Select(Gen.Int[1, WebhookRules.BackOff.Length], Gen.Double[0, 1]).Sample((attempts, chance) =>
    {
        var pause = Assert.IsType<WebhookDelayed>(WebhookRules.After(attempts, new WebhookAnswered(500, null), Noon, chance)).At - Noon;
        Assert.InRange(pause, WebhookRules.BackOff[attempts - 1], WebhookRules.BackOff[attempts - 1] * 1.1001);
    });

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public void Who_asks_for_time_gets_it_within_bounds(int status)
    {
        Assert.Equal(TimeSpan.FromMinutes(7), Pause(1, new(status, TimeSpan.FromMinutes(7))));
        Assert.Equal(WebhookRules.MostRetryAfter, Pause(1, new(status, TimeSpan.FromDays(400))));
        // Nor does it come sooner for it.
        Assert.Equal(TimeSpan.FromHours(3), Pause(7, new(status, TimeSpan.FromSeconds(1))));
        Assert.Equal(TimeSpan.FromSeconds(5), Pause(1, new(status, TimeSpan.FromSeconds(-10))));
        Assert.Equal(TimeSpan.FromSeconds(5), Pause(1, new(500, TimeSpan.FromMinutes(7))));

        static TimeSpan Pause(int attempts, WebhookAnswered answer) => Assert.IsType<WebhookDelayed>(WebhookRules.After(attempts, answer, Noon, 0)).At - Noon;
    }

    [Fact]
    public void Only_410_says_that_nothing_more_is_wanted() =>
        Assert.Equal([new WebhookAnswered(410, null)], Failures.Where(WebhookRules.WantsNoMore));

    /// <summary>
    /// Some objects' events reach an endpoint that answers as it likes, from a host that dies between sending and writing down, with lanes going side by side in any
    /// order. When a lane goes on after a failure, an event overtakes an earlier one of its object, and this fails.
    /// </summary>
    [Fact]
    public void Whatever_fails_and_in_whatever_order_each_event_arrives_and_never_before_an_earlier_one_of_its_object() =>
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 6], Gen.Int[0, 95], Gen.Int[0, int.MaxValue]).Sample((events, objects, failing, seed) => Run(events, objects, failing, seed).GetAwaiter().GetResult(), iter: 300);

    static async Task Run(int events, int objects, int failingPercent, int seed)
    {
        var chance = new Random(seed);
        List<JournalFact> journal = [new(1, WebhookEndpointDocument.Noun, Endpoint, 1, 0, "EndpointCreated", Noon, "{}", "{}")];
        for (var i = 0; i < events; i++) journal.Add(Row(i + 2, $"ORDER-{chance.Next(objects)}", i + 2));
        var store = new TestDeliveries(() => journal);
        var arrived = new List<JournalFact>();
        var now = Noon;
        await store.Take(Endpoint, "host", now, now.AddYears(1), default);
        await store.Queue(Endpoint, "host", 1, journal.Count, [.. journal.Skip(1).Select(row => row.Position)], now, default);
        for (var round = 0; (await store.Pending(Endpoint, default)).Count > 0; round++)
        {
            Assert.True(round < 100_000, "It does not end.");
            now += TimeSpan.FromSeconds(1) + (TimeSpan.FromHours(4) * chance.NextDouble());
            var lanes = WebhookRules.Lanes(await store.Due(Endpoint, now, chance.Next(1, 50), default)).Select(lane => new Queue<PendingDelivery>(lane)).ToList();
            while (lanes.Count > 0)
            {
                // The host dies.
                if (chance.Next(40) == 0) break;
                var lane = lanes[chance.Next(lanes.Count)];
                var delivery = lane.Dequeue();
                var answer = chance.Next(100) < failingPercent ? Failures[chance.Next(Failures.Length)] : new WebhookAnswered(200, null);
                var outcome = WebhookRules.After(delivery.Attempts + 1, answer, now, chance.NextDouble());
                if (outcome is WebhookDelivered) arrived.Add(delivery.Row);
                // It dies after it has sent, and before it has written that down.
                if (chance.Next(40) == 0) break;
                await store.Record(Endpoint, delivery.Row.Position, delivery.Attempts + 1, answer, outcome, now, default);
                if (outcome is WebhookDelayed || lane.Count == 0) lanes.Remove(lane);
            }
        }

        var all = store.Of(Endpoint);
        Assert.Equal(events, all.Count);
        Assert.All(all, delivery => Assert.True(
            delivery.Status == WebhookDeliveryStatus.Dead ? delivery.Attempts == WebhookRules.BackOff.Length + 1 : arrived.Contains(delivery.Row), $"{delivery} was lost."));
        foreach (var ofObject in arrived.GroupBy(row => row.Key))
        {
            // An arrival again is of the last one that arrived: the one that was sent and not written down.
            var positions = ofObject.Select(row => row.Position).ToList();
            Assert.Equal(positions.Order(), positions);
        }
    }
}
