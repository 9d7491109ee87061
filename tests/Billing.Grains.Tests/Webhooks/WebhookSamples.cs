using Billing.Webhooks;

namespace Billing.Tests.Webhooks;

/// <summary>Rows of the journal, as the stored samples have them.</summary>
static class WebhookSamples
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public const string Endpoint = "WEBHOOKWEBHOOKWE";

    /// <summary>A row whose data is a stored sample, and whose document begins with another one.</summary>
    public static JournalFact Sample(string noun, string key, long version, string sample, string first) => new(
        1, noun, key, version, 0, sample.Split('.')[1], Noon, Read(sample), Read(first));

    /// <summary>A row of an order in short.</summary>
    public static JournalFact Row(long position, string key, long version) => new(position, "order", key, version, 0, "OrderFulfilled", Noon, "{}", "{}");

    static string Read(string sample) => File.ReadAllText(Snapshot.PathOf($"tests/Billing.Grains.Tests/Stored/{sample}.json"));
}
