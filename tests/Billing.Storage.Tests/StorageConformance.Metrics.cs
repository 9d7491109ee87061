using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Billing.Accounts;
using Billing.Storage.Documents;
using Orleans.Storage;

namespace Billing.Storage.Tests;

public abstract partial class StorageConformance
{
    [Fact]
    public async Task What_becomes_of_writes_is_counted()
    {
        var measured = new ConcurrentDictionary<string, double>();
        var meters = store.Get<IMeterFactory>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, mine) =>
            {
                if (instrument.Meter.Name == StorageMetrics.MeterName && instrument.Meter.Scope == meters) mine.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Add(instrument, value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument, value));
        listener.Start();

        await store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 0).With(Some.Spent("a")));
        // The answer does not wait for what is measured after it.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Of("commit.duration") == 0) await Task.Delay(10, patience.Token);
        Assert.Equal(1, Of("commit.size"));
        await Assert.ThrowsAsync<InconsistentStateException>(() => store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 0).With(Some.Spent("b"))));
        Assert.Equal((1, 0), (Of("conflicts"), Of("faults")));

        options.QueueLength = 1;
        var committer = Gated();
        await using (var queue = Queue(options, committer))
        {
            var begun = Write("begun");
            await committer.Arrival();
            var waiting = Write("waiting");
            await Assert.ThrowsAsync<StoreBusyException>(() => Write("refused"));
            listener.RecordObservableInstruments();
            Assert.Equal((1, 1), (Of("refused"), Of("queue.length")));
            committer.Open();
            await Task.WhenAll(begun, waiting);

            Task Write(string key) => queue.Write(Pending(AccountDocument.Kind, key, 0, Some.Account(key, 0).With()), Cancellation);
        }

        await store.Execute("ALTER TABLE journal RENAME TO journal_gone");
        await Assert.ThrowsAnyAsync<Exception>(() => store.Write(AccountDocument.Kind, "bob", 0, Some.Account("bob", 0).With(Some.Spent("a"))));
        Assert.Equal(1, Of("faults"));

        void Add(Instrument instrument, double value) => measured.AddOrUpdate(instrument.Name, value, (_, sum) => sum + value);
        double Of(string name) => measured.GetValueOrDefault($"billing.storage.{name}");
    }
}
