using System.Collections.Concurrent;
using System.Globalization;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Deadlines;
using Billing.Orders;
using Billing.Unclaimed;
using Orleans.Storage;

namespace Billing.Tests.Cluster;

/// <summary>
/// Documents and their journal in memory, held to what the grains rely on: a write of a version that has moved on fails, a unique index that is taken fails
/// alone, and what is read was written as JSON.
/// </summary>
sealed class TestStore : IGrainStorage, ILedger, IReservations, IOrderSlots, IDeadlines
{
    static readonly Dictionary<string, DocumentKind> Kinds =
        new DocumentKind[] { OrderDocument.Kind, AccountDocument.Kind, PlanDocument.Kind, UnclaimedPaymentDocument.Kind }.ToDictionary(kind => kind.Noun);

    readonly Lock gate = new();
    readonly Dictionary<(string Noun, string Key), Row> rows = [];
    readonly List<Line> journal = [];
    readonly HashSet<(string Noun, string Key, string Reference)> references = [];
    readonly ConcurrentDictionary<(string Noun, string Key), int> writes = [];

    /// <summary>Whether the unique indexes over the orders' places are there.</summary>
    public bool HasSlotIndexes { get; set; } = true;

    /// <summary>How often the document was written.</summary>
    public int Writes(string noun, string key) => writes.GetValueOrDefault((noun, key));

    /// <summary>The stored state.</summary>
    public T? State<T>(string noun, string key)
        where T : class
    {
        lock (gate) return rows.TryGetValue((noun, key), out var row) ? (T)Kinds[noun].ReadState(row.State) : null;
    }

    /// <summary>The names of the journal's events of one document.</summary>
    public IReadOnlyList<object> Journal(string noun, string key)
    {
        lock (gate) return [.. journal.Where(line => line.Noun == noun && line.Key == key).Select(line => Kinds[noun].ReadEvent(line.Name, line.Data))];
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (gate)
        {
            if (rows.TryGetValue((stateName, Key(grainId)), out var row))
            {
                grainState.State = (T)(object)new Document { State = Kinds[stateName].ReadState(row.State) };
                grainState.ETag = Text(row.Version);
                grainState.RecordExists = true;
            }
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var kind = Kinds[stateName];
        var id = (stateName, Key(grainId));
        var document = (Document)(object)grainState.State!;
        lock (gate)
        {
            var version = rows.TryGetValue(id, out var row) ? row.Version : 0;
            if ((grainState.ETag ?? "0") != Text(version)) throw new InconsistentStateException($"{stateName} has moved on.", Text(version), grainState.ETag);
            var added = document.Entries.Select(entry => kind.Reference(entry.Event)).OfType<string>()
                .Select(reference => (stateName, id.Item2, reference)).ToList();
            if (added.Count != added.Distinct().Count() || added.Any(references.Contains)) throw new UniqueTakenException("journal_reference");
            if (HasSlotIndexes && stateName == OrderDocument.Noun) CheckSlots(id.Item2, (Order)document.State!);

            references.UnionWith(added);
            foreach (var entry in document.Entries)
            {
                var (name, data) = kind.WriteEvent(entry.Event);
                journal.Add(new(stateName, id.Item2, name, data, entry.At));
            }

            rows[id] = new(kind.WriteState(document.State!), version + 1);
            writes.AddOrUpdate(id, 1, (_, count) => count + 1);
            grainState.ETag = Text(version + 1);
            grainState.RecordExists = true;
        }

        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException("Money is never cleared.");

    public Task<LedgerEntry?> Find(string account, string reference, CancellationToken cancellation)
    {
        lock (gate)
        {
            var found = journal.Where(line => line.Noun == AccountDocument.Noun && line.Key == account)
                .Select(line => (Line: line, Event: (AccountEvent)AccountDocument.Kind.ReadEvent(line.Name, line.Data)))
                .FirstOrDefault(pair => pair.Event.Reference == reference);
            return Task.FromResult(found.Event is { } entry
                ? new LedgerEntry(account, reference, entry.Kind, entry.Credits, entry.BalanceAfter, null, found.Line.At) : null);
        }
    }

    public Task<bool> Has(string planSlug, string reference, CancellationToken cancellation)
    {
        lock (gate) return Task.FromResult(references.Contains((PlanDocument.Noun, planSlug, reference)));
    }

    public Task<TakenSlots> Taken(string account, string planSlug, CancellationToken cancellation)
    {
        lock (gate)
        {
            var mine = Orders().Where(order => order.Account == account).ToList();
            var open = mine.Where(order => Slot(order, "open_slot") is not null).GroupBy(order => (int)Slot(order, "open_slot")!.Value)
                .ToDictionary(same => same.Key, same => same.First().Number);
            return Task.FromResult(new TakenSlots(
                open, mine.Where(order => order.Wish.PlanSlug == planSlug).Select(order => (int?)Slot(order, "purchase_slot")).OfType<int>().ToHashSet()));
        }
    }

    public Task<IReadOnlyList<DueDocument>> Due(int shard, int shards, DateTimeOffset now, DueDocument? after, int limit, CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<DueDocument>>([.. rows
                .Where(row => row.Key.Key.Sum(character => character) % IDeadlines.StoredShards % shards == shard)
                .Select(row => (row.Key, Due: Kinds[row.Key.Noun].NextDeadline(Kinds[row.Key.Noun].ReadState(row.Value.State))))
                .Where(row => row.Due <= now)
                .OrderBy(row => row.Due).ThenBy(row => row.Key.Key, StringComparer.Ordinal)
                .Select(row => new DueDocument(row.Key.Noun, row.Key.Key, row.Due!.Value))
                .Where(due => after is null || due.At > after.At || (due.At == after.At && string.CompareOrdinal(due.Key, after.Key) > 0))
                .Take(limit)]);
        }
    }

    void CheckSlots(string key, Order written)
    {
        foreach (var other in Orders().Where(other => other.Number != key && other.Account == written.Account))
        {
            if (Slot(written, "open_slot") is { } open && open == Slot(other, "open_slot")) throw new UniqueTakenException(OrderDocument.OpenSlotIndex);
            if (other.Wish.PlanSlug == written.Wish.PlanSlug && Slot(written, "purchase_slot") is { } purchase && purchase == Slot(other, "purchase_slot"))
                throw new UniqueTakenException(OrderDocument.PurchaseSlotIndex);
        }
    }

    IEnumerable<Order> Orders() => rows.Where(row => row.Key.Noun == OrderDocument.Noun).Select(row => (Order)OrderDocument.Kind.ReadState(row.Value.State));

    static long? Slot(Order order, string name) => (long?)OrderDocument.Kind.Columns.First(column => column.Name == name).Value(order);

    static string Key(GrainId id) => id.Key.ToString()!;

    static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    sealed record Row(string State, long Version);

    sealed record Line(string Noun, string Key, string Name, string Data, DateTimeOffset At);
}
