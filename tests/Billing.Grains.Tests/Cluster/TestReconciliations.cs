using Billing.Channels;
using Billing.Orders;
using Billing.Reconciliations;

namespace Billing.Tests.Cluster;

/// <summary>The comparisons in memory, over the test store's orders and journal, as both databases keep them.</summary>
sealed class TestReconciliations(TestStore store) : IReconciliations
{
    static readonly string[] Moves = ["PaymentStarted", "PaymentReceived", "PaymentHeld", "PaymentDuplicated", "RefundRequested", "RefundApproved", "RefundSucceeded", "RefundFailed", "RefundMadeElsewhere"];

    readonly Lock gate = new();
    readonly Dictionary<(string, DateOnly), Row> rows = [];
    readonly Dictionary<(string, DateOnly), List<BillLine>> bills = [];

    /// <summary>How often a report was written down.</summary>
    public int Saves { get; private set; }

    public Task<bool> Begin(Reconciliation reconciliation, CancellationToken cancellation)
    {
        lock (gate)
        {
            var key = (reconciliation.MethodId, reconciliation.Day);
            if (rows.TryGetValue(key, out var known) && !(known.Report.IsDone && known.Report.Round == reconciliation.Round - 1)) return Task.FromResult(false);
            rows[key] = new(reconciliation, null, default);
            return Task.FromResult(true);
        }
    }

    public Task<Reconciliation?> Find(string methodId, DateOnly day, CancellationToken cancellation)
    {
        lock (gate) return Task.FromResult(rows.GetValueOrDefault((methodId, day))?.Report);
    }

    public Task<IReadOnlyList<DateOnly>> Running(string methodId, CancellationToken cancellation)
    {
        lock (gate)
        {
            return Task.FromResult<IReadOnlyList<DateOnly>>(
                [.. rows.Values.Where(row => row.Report.MethodId == methodId && !row.Report.IsDone).Select(row => row.Report.Day).Order()]);
        }
    }

    public Task<Reconciliation?> Take(string methodId, DateOnly day, string owner, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (rows.GetValueOrDefault((methodId, day)) is not { Report.IsDone: false } row || (row.Owner is not null && row.Owner != owner && row.Until > now))
                return Task.FromResult<Reconciliation?>(null);
            rows[(methodId, day)] = row with { Owner = owner, Until = until };
            return Task.FromResult<Reconciliation?>(row.Report);
        }
    }

    public Task<bool> Save(Reconciliation reconciliation, string owner, DateTimeOffset until, CancellationToken cancellation)
    {
        lock (gate)
        {
            var key = (reconciliation.MethodId, reconciliation.Day);
            if (rows[key].Owner != owner || rows[key].Report.Round != reconciliation.Round) return Task.FromResult(false);
            rows[key] = new(reconciliation, owner, until);
            Saves++;
            return Task.FromResult(true);
        }
    }

    public Task GiveBack(string methodId, DateOnly day, string owner, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (rows.GetValueOrDefault((methodId, day)) is { } row && row.Owner == owner) rows[(methodId, day)] = row with { Owner = null };
        }

        return Task.CompletedTask;
    }

    public Task<bool> DropLines(string methodId, DateOnly day, CancellationToken cancellation)
    {
        lock (gate) return Task.FromResult(bills.Remove((methodId, day)));
    }

    public Task AddLines(string methodId, DateOnly day, long after, IReadOnlyList<BillLine> lines, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (!bills.TryGetValue((methodId, day), out var bill)) bills[(methodId, day)] = bill = [];
            Assert.Equal(bill.Count, after);
            bill.AddRange(lines);
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<PlacedLine>> Lines(string methodId, DateOnly day, long after, int limit, CancellationToken cancellation)
    {
        lock (gate) return Task.FromResult<IReadOnlyList<PlacedLine>>([.. Bill(methodId, day).Select((line, i) => new PlacedLine(i + 1, line)).Where(line => line.Position > after).Take(limit)]);
    }

    public Task<IReadOnlyList<BillLine>> LinesOf(string methodId, DateOnly day, IReadOnlyCollection<string> paymentNumbers, CancellationToken cancellation)
    {
        lock (gate) return Task.FromResult<IReadOnlyList<BillLine>>([.. Bill(methodId, day).Where(line => paymentNumbers.Contains(line.PaymentNumber))]);
    }

    public Task<JournalReach> Reach(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation) => Task.FromResult(new JournalReach(0, store.Facts().Count));

    public Task<OrdersOfDay?> OfDay(DateTimeOffset from, DateTimeOffset to, long after, long upTo, int limit, CancellationToken cancellation)
    {
        var firsts = OfDay(from, to).Where(fact => fact.Position > after && fact.Position <= upTo).Take(limit).ToList();
        return Task.FromResult<OrdersOfDay?>(new([.. firsts.Select(fact => Order(fact.Key))], firsts.Count == limit ? firsts[^1].Position : upTo));
    }

    public Task<IReadOnlyList<Versioned<Order>>> Unfinished(DateTimeOffset from, DateTimeOffset to, string after, int limit, CancellationToken cancellation)
    {
        var ofDay = OfDay(from, to).Select(fact => fact.Key).ToHashSet();
        return Task.FromResult<IReadOnlyList<Versioned<Order>>>(
        [
            .. store.Facts().Where(fact => fact.Noun == OrderDocument.Noun && string.CompareOrdinal(fact.Key, after) > 0 && !ofDay.Contains(fact.Key))
                .Select(fact => fact.Key).Distinct().Order(StringComparer.Ordinal).Select(Order)
                .Where(order => order.State.Refusal is null && order.State.CreatedAt < to && (Billing.Orders.Order.NextDeadline(order.State) is not null || order.State.OpenWorkItems > 0)).Take(limit),
        ]);
    }

    public Task<IReadOnlyDictionary<string, Versioned<Order>>> Orders(IReadOnlyCollection<string> numbers, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyDictionary<string, Versioned<Order>>>(
            numbers.Where(number => store.State<Order>(OrderDocument.Noun, number) is { Refusal: null }).ToDictionary(number => number, Order));

    List<BillLine> Bill(string methodId, DateOnly day) => bills.GetValueOrDefault((methodId, day)) ?? [];

    IEnumerable<Billing.Webhooks.JournalFact> OfDay(DateTimeOffset from, DateTimeOffset to) => store.Facts()
        .Where(fact => fact.Noun == OrderDocument.Noun && Moves.Contains(fact.Type) && fact.At >= from && fact.At < to).GroupBy(fact => fact.Key).Select(facts => facts.First());

    Versioned<Order> Order(string number) => new(store.State<Order>(OrderDocument.Noun, number)!, store.Writes(OrderDocument.Noun, number));

    sealed record Row(Reconciliation Report, string? Owner, DateTimeOffset Until);
}

/// <summary>A provider that does as the test says, and has a bill.</summary>
sealed class BillingChannel(ScriptedChannel inner) : IChannel, IBillSource
{
    /// <summary>The bill of the period that <see cref="At"/> is in, other periods have none; null when no bill is to be had.</summary>
    public List<BillLine>? Lines { get; set; } = [];

    /// <summary>When the lines' money moved.</summary>
    public DateTimeOffset At { get; set; }

    public ChannelTraits Traits => inner.Traits;

    public async IAsyncEnumerable<BillLine> Bill(DateTimeOffset from, DateTimeOffset to, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await Task.Yield();
        inner.Calls.Enqueue("bill");
        foreach (var line in Lines ?? throw new BillUnavailableException(UnknownKind.NoAnswer, "Not now."))
        {
            if (At >= from && At < to) yield return line;
        }
    }

    public Task<ChannelAnswer<Checkout>> Create(PaymentRequest payment, CancellationToken cancellation) => inner.Create(payment, cancellation);

    public Task<ChannelAnswer<PaymentState>> Query(PaymentReference payment, CancellationToken cancellation) => inner.Query(payment, cancellation);

    public Task<ChannelAnswer<PaymentState>> Close(PaymentReference payment, CancellationToken cancellation) => inner.Close(payment, cancellation);

    public Task<ChannelAnswer<RefundState>> Refund(RefundRequest refund, CancellationToken cancellation) => inner.Refund(refund, cancellation);

    public Task<ChannelAnswer<RefundState>> QueryRefund(RefundReference refund, CancellationToken cancellation) => inner.QueryRefund(refund, cancellation);

    public CallbackReading Read(CallbackMessage message) => inner.Read(message);

    public CallbackReply Answer(CallbackVerdict verdict) => inner.Answer(verdict);
}
