using Billing.Storage.Statistics;
using Billing.Webhooks;

namespace Billing.Storage.Tests;

/// <summary>
/// Reads the journal as soon as it is settled. On PostgreSQL a reader waits for every transaction of the server that was there before, those of other tests in other
/// databases too, and gives up for now after a moment.
/// </summary>
static class Settling
{
    static readonly TimeSpan AtMost = TimeSpan.FromSeconds(60);

    /// <summary>The next rows; there have to be some, or something else, after this position.</summary>
    public static async Task<JournalPage> ReadSettled(this IWebhookDeliveries deliveries, long after, IReadOnlyList<string> names, int limit, CancellationToken cancellation)
    {
        using var patience = Patience(cancellation);
        while (true)
        {
            if (await deliveries.Read(after, names, limit, patience.Token) is var page && page.UpTo > after) return page;
        }
    }

    /// <summary>How far everything can be summed up: to the journal's end.</summary>
    public static async Task<long> SettledWhole(this TestStore store, CancellationToken cancellation)
    {
        using var patience = Patience(cancellation);
        var end = await store.Count("SELECT max(position) FROM journal");
        while (true)
        {
            if (await store.Get<StatisticsSummary>().Settled(patience.Token) is var settled && settled == end) return end;
        }
    }

    static CancellationTokenSource Patience(CancellationToken cancellation)
    {
        var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(AtMost);
        return patience;
    }
}
