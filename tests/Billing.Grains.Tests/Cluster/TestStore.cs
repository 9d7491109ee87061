using System.Collections.Concurrent;
using System.Globalization;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Codes;
using Billing.Deadlines;
using Billing.Orders;
using Billing.Unclaimed;
using Billing.Webhooks;
using Orleans.Storage;

namespace Billing.Tests.Cluster;

/// <summary>What the store keeps from happening.</summary>
[Flags]
enum Guards
{
    None = 0,

    /// <summary>A write of a version that has moved on fails.</summary>
    Versions = 1,

    /// <summary>The unique indexes over the orders' places.</summary>
    SlotIndexes = 2,

    /// <summary>The unique index over the claims.</summary>
    ClaimIndex = 4,

    /// <summary>The unique index over each document's references.</summary>
    ReferenceIndex = 8,

    /// <summary>Codes in bulk are refused when their batch is disabled.</summary>
    ClosedBatches = 16,
}

/// <summary>
/// Documents and their journal in memory, held to what the grains rely on: a write of a version that has moved on fails, a unique index that is taken fails
/// alone, and what is read was written as JSON.
/// </summary>
sealed class TestStore : IGrainStorage, ILedger, IReservations, IOrderSlots, IDeadlines, IPaidOrders, IRedemptions, ICodeStore
{
    /// <summary>The journal's unique index over the claims, as it is named in both databases.</summary>
    public const string ClaimIndex = "journal_claim";

    // U+0000 as JSON has it, which no database here can store.
    const string Unstorable = "\\u0000";

    static readonly Dictionary<string, DocumentKind> Kinds = new DocumentKind[]
    {
        OrderDocument.Kind, AccountDocument.Kind, PlanDocument.Kind, UnclaimedPaymentDocument.Kind, CodeDocument.Kind, CodeBatchDocument.Kind,
        WebhookEndpointDocument.Kind,
    }.ToDictionary(kind => kind.Noun);

    readonly Lock gate = new();
    readonly Dictionary<(string Noun, string Key), Row> rows = [];
    readonly Dictionary<(string Noun, string Key), List<Line>> journal = [];
    readonly List<JournalFact> facts = [];
    readonly Dictionary<(string Noun, string Key, string Reference), Line> references = [];
    readonly Dictionary<(string Noun, string Claim), string> claims = [];
    readonly Dictionary<string, SortedDictionary<int, string>> batches = [];
    readonly ConcurrentDictionary<(string Noun, string Key), int> writes = [];
    Guards missing;

    /// <summary>Takes guards out until it is disposed of: what rests on them is seen to break.</summary>
    public IDisposable Without(Guards guards) => new Gap(this, guards);

    /// <summary>Another activation writes one more event, having read this version.</summary>
    public Task Append(DocumentKind kind, string key, long version, object happened)
    {
        object state;
        lock (gate) state = kind.After(kind.ReadState(rows[(kind.Noun, key)].State), happened);
        var written = new GrainState<Document>(new() { State = state, Entries = [new(happened, DateTimeOffset.UnixEpoch, Actor.System)] }, Text(version)) { RecordExists = true };
        return WriteStateAsync(kind.Noun, GrainId.Create(kind.Noun, key), written);
    }

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
        lock (gate) return [.. Lines(noun, key).Select(line => Kinds[noun].ReadEvent(line.Name, line.Data))];
    }

    /// <summary>The whole journal in its order; a row's position is its place, from 1.</summary>
    public IReadOnlyList<JournalFact> Facts()
    {
        lock (gate) return [.. facts];
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
        var document = (Document)(object)grainState.State!;
        var own = DocumentWrite.Of(Kinds[stateName], Key(grainId), long.Parse(grainState.ETag ?? "0", CultureInfo.InvariantCulture), document);
        lock (gate)
        {
            DocumentWrite[] all = [own, .. document.Companions];
            foreach (var write in all) Check(write, isOwn: write == own);
            var together = all.SelectMany(write => write.Entries.Where(entry => entry.Claim is not null).Select(entry => (write.Noun, entry.Claim))).ToList();
            if (Has(Guards.ClaimIndex) && together.Count != together.Distinct().Count()) throw new UniqueTakenException(ClaimIndex);
            foreach (var write in all)
            {
                Store(write);
                writes.AddOrUpdate((write.Noun, write.Key), 1, (_, count) => count + 1);
            }

            grainState.ETag = Text(rows[(own.Noun, own.Key)].Version);
            grainState.RecordExists = true;
        }

        return Task.CompletedTask;
    }

    void Check(DocumentWrite write, bool isOwn)
    {
        var version = rows.TryGetValue((write.Noun, write.Key), out var row) ? row.Version : 0;
        if (Has(Guards.Versions) && write.Version - 1 != version)
            throw isOwn ? new InconsistentStateException($"{write.Noun} has moved on.", Text(version), Text(write.Version - 1)) : new CompanionOutdatedException($"{write.Noun} has moved on.");
        var added = write.Entries.Select(entry => entry.Reference).OfType<string>().Select(reference => (write.Noun, write.Key, reference)).ToList();
        if (write.Json.Text().Contains(Unstorable, StringComparison.Ordinal)) throw new UnstorableTextException("The document contains U+0000, which cannot be stored.");
        if (Has(Guards.ReferenceIndex) && (added.Count != added.Distinct().Count() || added.Any(references.ContainsKey))) throw new UniqueTakenException("journal_reference");
        if (Has(Guards.ClaimIndex) && write.Entries.Any(entry => entry.Claim is { } claim && claims.ContainsKey((write.Noun, claim)))) throw new UniqueTakenException(ClaimIndex);
        if (Has(Guards.SlotIndexes) && write.Noun == OrderDocument.Noun) CheckSlots(write.Key, (Order)Kinds[write.Noun].ReadState(write.Json.Text()));
    }

    void Store(DocumentWrite write)
    {
        var id = (write.Noun, write.Key);
        var version = (rows.TryGetValue(id, out var row) ? row.Version : 0) + 1;
        for (var i = 0; i < write.Entries.Count; i++) Add(write.Noun, write.Key, write.Entries[i], version, i);
        rows[id] = new(write.Json.Text(), version, write.NextDeadline);
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException("Money is never cleared.");

    Task<LedgerEntry?> ILedger.Find(string account, string reference, CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult(Event<AccountEvent>(AccountDocument.Kind, account, reference) is var (entry, at) ? LedgerEntry.Of(account, entry, at) : null);
        }
    }

    public Task<bool> Has(string planSlug, string reference, CancellationToken cancellation)
    {
        lock (gate) return Task.FromResult(references.ContainsKey((PlanDocument.Noun, planSlug, reference)));
    }

    public Task<bool> Any(string account, CancellationToken cancellation)
    {
        lock (gate) return Task.FromResult(Orders().Any(order => order.Account == account && order.Payment == PaymentStatus.Paid));
    }

    Task<RecordedRedemption?> IRedemptions.Find(string codeKey, string id, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (Event<CodeRedeemed>(CodeDocument.Kind, codeKey, CodeDocument.RedeemedReference(id)) is not var (redeemed, _)) return Task.FromResult<RecordedRedemption?>(null);
            var refused = Event<RedemptionRefused>(CodeDocument.Kind, codeKey, CodeDocument.RefusedReference(id))?.Event;
            var begun = Event<ReversalBegun>(CodeDocument.Kind, codeKey, CodeDocument.ReversalReference(id))?.Event;
            var reversal = Event<RedemptionReversed>(CodeDocument.Kind, codeKey, CodeDocument.ReversedReference(id)) is var (done, _)
                ? new Reversal(done.At, done.TakenBack, done.AlreadySpent, done.DaysTakenBack) : null;
            return Task.FromResult<RecordedRedemption?>(new(
                new(codeKey, id, redeemed.Account, redeemed.BatchId, redeemed.Tail, redeemed.At, reversal), refused is not null, refused?.Scope, begun?.IdempotencyKey));
        }
    }

    public async Task<Redemption?> Latest(string codeKey, string batchId, string account, CancellationToken cancellation)
    {
        foreach (var redeemed in Journal(CodeDocument.Noun, codeKey).OfType<CodeRedeemed>().Where(happened => happened.Account == account).Reverse())
            if (await ((IRedemptions)this).Find(codeKey, redeemed.Id, cancellation) is { IsRefused: false } recorded) return recorded.Redemption;
        return null;
    }

    public Task<IReadOnlySet<int>> PlacesTaken(string batchId, string account, CancellationToken cancellation)
    {
        var mine = CodeDocument.PlaceClaims(batchId, account);
        lock (gate)
        {
            return Task.FromResult<IReadOnlySet<int>>(claims.Keys
                .Where(claim => claim.Noun == CodeDocument.Noun && claim.Claim.StartsWith(mine, StringComparison.Ordinal))
                .Select(claim => int.Parse(claim.Claim.AsSpan(mine.Length), CultureInfo.InvariantCulture)).ToHashSet());
        }
    }

    public Task<bool> HasPlace(string batchId, string reference, CancellationToken cancellation)
    {
        lock (gate) return Task.FromResult(references.ContainsKey((CodeBatchDocument.Noun, batchId, reference)));
    }

    public Task<string?> GivenFor(string batchId, string source, CancellationToken cancellation)
    {
        lock (gate) return Task.FromResult(claims.GetValueOrDefault((CodeDocument.Noun, CodeDocument.SourceClaim(batchId, source))));
    }

    public Task<bool> Issue(IEnumerable<CodeIssued> codes, Actor actor, CancellationToken cancellation)
    {
        var issued = codes.ToList();
        lock (gate)
        {
            if (Has(Guards.ClosedBatches) && State<CodeBatch>(CodeBatchDocument.Noun, issued[0].BatchId)?.Disabling is not null) return Task.FromResult(false);
            foreach (var code in issued)
            {
                if (rows.ContainsKey((CodeDocument.Noun, code.Key))) throw new UniqueTakenException("redemption_codes_key");
                if (batches.TryGetValue(code.BatchId, out var batch) && batch.ContainsKey(code.Ordinal)) throw new UniqueTakenException(CodeDocument.OrdinalIndex);
            }

            foreach (var code in issued)
            {
                if (!batches.TryGetValue(code.BatchId, out var batch)) batches[code.BatchId] = batch = [];
                batch.Add(code.Ordinal, code.Key);
                Store(DocumentWrite.Of(CodeDocument.Kind, code.Key, 0, new() { State = Code.After(null, code), Entries = [new(code, code.At, actor)] }));
            }
        }

        return Task.FromResult(true);
    }

    public Task<int> IssuedUpTo(string batchId, CancellationToken cancellation)
    {
        lock (gate) return Task.FromResult(batches.TryGetValue(batchId, out var batch) ? batch.Keys.Last() : 0);
    }

    public Task<IReadOnlyList<Versioned<Code>>> After(string batchId, int ordinal, int limit, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<Versioned<Code>>>([.. Codes(batchId).Where(code => code.State.Ordinal > ordinal).Take(limit)]);

    public Task<IReadOnlyList<Versioned<Code>>> Unused(string batchId, int ordinal, int limit, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<Versioned<Code>>>([.. Codes(batchId)
            .Where(code => code.State.Ordinal > ordinal && code.State is { Status: CodeStatus.Active, Redemptions: 0, AssignedTo: null }).Take(limit)]);

    public Task<int> GivenUpTo(string batchId, CancellationToken cancellation) =>
        Task.FromResult(Codes(batchId).Where(code => code.State.AssignedTo is not null).Select(code => code.State.Ordinal).DefaultIfEmpty().Max());

    /// <summary>A batch's codes in their order.</summary>
    public IReadOnlyList<Versioned<Code>> Codes(string batchId)
    {
        lock (gate)
        {
            return batches.TryGetValue(batchId, out var batch)
                ? [.. batch.Values.Select(key => rows[(CodeDocument.Noun, key)]).Select(row => new Versioned<Code>((Code)CodeDocument.Kind.ReadState(row.State), row.Version))]
                : [];
        }
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
                .Where(row => row.Value.Due <= now && row.Key.Key.Sum(character => character) % IDeadlines.StoredShards % shards == shard)
                .Select(row => (row.Key, row.Value.Due))
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

    void Add(string noun, string key, EntryWrite entry, long version, long ordinal)
    {
        var line = new Line(entry.Type, entry.Data.Text(), entry.At);
        facts.Add(new(facts.Count + 1, noun, key, version, ordinal, line.Name, line.At, line.Data, Lines(noun, key) is [var first, ..] ? first.Data : line.Data));
        if (!journal.TryGetValue((noun, key), out var lines)) journal[(noun, key)] = lines = [];
        lines.Add(line);
        if (entry.Reference is { } reference) references.TryAdd((noun, key, reference), line);
        if (entry.Claim is { } claim) claims.TryAdd((noun, claim), key);
    }

    List<Line> Lines(string noun, string key) => journal.GetValueOrDefault((noun, key)) ?? [];

    (T Event, DateTimeOffset At)? Event<T>(DocumentKind kind, string key, string reference)
        where T : class => references.TryGetValue((kind.Noun, key, reference), out var line) ? ((T)kind.ReadEvent(line.Name, line.Data), line.At) : null;

    bool Has(Guards guard) => (missing & guard) == 0;

    static string Key(GrainId id) => id.Key.ToString()!;

    static string Text(long version) => version.ToString(CultureInfo.InvariantCulture);

    sealed class Gap : IDisposable
    {
        readonly TestStore store;

        public Gap(TestStore store, Guards guards) => (this.store, store.missing) = (store, guards);

        public void Dispose() => store.missing = Guards.None;
    }

    sealed record Row(string State, long Version, DateTimeOffset? Due);

    sealed record Line(string Name, string Data, DateTimeOffset At);
}
