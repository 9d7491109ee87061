using Billing.Accounts;
using Billing.Channels;
using Billing.Orders;
using Billing.Reconciliations;
using Billing.Storage.Reconciliations;

namespace Billing.Storage.Tests;

/// <summary>How comparisons with the providers are kept, and which orders they find.</summary>
public abstract partial class StorageConformance
{
    const string Method = "alipay";

    static readonly DateOnly Today = new(2026, 3, 1);
    static readonly DateTimeOffset DayStart = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
    static readonly DateTimeOffset DayEnd = DayStart.AddDays(1);

    IReconciliations Comparisons => store.Get<IReconciliations>();

    [Fact]
    public async Task A_comparison_is_begun_once_and_anew_when_it_is_done()
    {
        var begun = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Comparisons.Begin(Begun(1), Cancellation)));
        Assert.Single(begun, one => one);
        Assert.Equal([Today], await Comparisons.Running(Method, Cancellation));
        Assert.False(await Comparisons.Begin(Begun(2), Cancellation));
        var report = (await Comparisons.Take(Method, Today, "a", Some.Noon, Some.Noon.AddMinutes(1), Cancellation))!;
        Assert.Equal(Begun(1), report with { Differences = Begun(1).Differences, Sums = Begun(1).Sums });
        var done = report with
        {
            Phase = ReconciliationPhase.Done,
            FinishedAt = Some.Noon,
            Differing = 1,
            Found = 1,
            Reach = new(3, 9),
            Differences = [new(DifferenceKind.AmountDiffers, DifferenceEnd.WorkItem, "N1", "N101", null, "t", new(1, "CNY"), new(2, "USD"))],
            Sums = [new("CNY", 1, 2, 3, 4)],
        };
        Assert.True(await Comparisons.Save(done, "a", Some.Noon.AddMinutes(1), Cancellation));
        var read = (await Comparisons.Find(Method, Today, Cancellation))!;
        Assert.Equal((done.Differences.Single(), done.Sums.Single(), done.Reach, Some.Noon), (read.Differences.Single(), read.Sums.Single(), read.Reach, read.FinishedAt));
        Assert.Empty(await Comparisons.Running(Method, Cancellation));
        Assert.Null(await Comparisons.Take(Method, Today, "a", Some.Noon, Some.Noon.AddMinutes(1), Cancellation));
        Assert.False(await Comparisons.Save(done, "a", Some.Noon, Cancellation));
        Assert.False(await Comparisons.Begin(Begun(1), Cancellation));
        Assert.True(await Comparisons.Begin(Begun(2), Cancellation));
        Assert.Equal(2, (await Comparisons.Find(Method, Today, Cancellation))!.Round);
    }

    /// <summary>Without the condition on the owner, two hosts compare the same day, and the later of them writes its report over the other's.</summary>
    [Fact]
    public async Task One_host_at_a_time_has_a_comparison()
    {
        await Comparisons.Begin(Begun(1), Cancellation);
        var hosts = Enumerable.Range(0, 4).Select(_ => new TestStore(options)).ToArray();
        for (var round = 0; round < 5; round++)
        {
            var now = Some.Noon.AddMinutes(round);
            var taken = await Task.WhenAll(hosts.Select((host, i) => host.Get<IReconciliations>().Take(Method, Today, $"host {i}", now, now.AddSeconds(30), Cancellation)));
            Assert.Single(taken, one => one is not null);
        }

        foreach (var host in hosts) await host.DisposeAsync();
        var later = Some.Noon.AddHours(1);
        Assert.NotNull(await Comparisons.Take(Method, Today, "a", later, later.AddSeconds(30), Cancellation));
        Assert.Null(await Comparisons.Take(Method, Today, "b", later.AddSeconds(29), later.AddSeconds(60), Cancellation));
        Assert.False(await Comparisons.Save(Begun(1) with { Orders = 9 }, "b", later.AddSeconds(60), Cancellation));
        // What is written down keeps it.
        Assert.True(await Comparisons.Save(Begun(1) with { Orders = 5 }, "a", later.AddSeconds(60), Cancellation));
        Assert.Null(await Comparisons.Take(Method, Today, "b", later.AddSeconds(59), later.AddSeconds(90), Cancellation));
        Assert.Equal(5, (await Comparisons.Take(Method, Today, "b", later.AddSeconds(60), later.AddSeconds(90), Cancellation))!.Orders);
        Assert.False(await Comparisons.Save(Begun(1), "a", later.AddSeconds(90), Cancellation));
        await Comparisons.GiveBack(Method, Today, "a", Cancellation);
        Assert.Null(await Comparisons.Take(Method, Today, "a", later.AddSeconds(61), later.AddSeconds(90), Cancellation));
        await Comparisons.GiveBack(Method, Today, "b", Cancellation);
        Assert.NotNull(await Comparisons.Take(Method, Today, "a", later.AddSeconds(61), later.AddSeconds(90), Cancellation));
    }

    [Fact]
    public async Task A_bill_is_kept_in_its_order_and_thrown_away()
    {
        await Comparisons.AddLines(Method, Today, 0, [Line("P1", "t1"), Line("P2", "t2")], Cancellation);
        await Comparisons.AddLines(Method, Today, 2, [Line("P1", "t1") with { RefundNumber = "R\0", At = Some.Noon, Amount = new(1, "JPY") }], Cancellation);
        await Comparisons.AddLines(Method, Today.AddDays(1), 0, [Line("P1", "other")], Cancellation);
        var lines = await Comparisons.Lines(Method, Today, 0, 2, Cancellation);
        Assert.Equal([(1, Line("P1", "t1")), (2, Line("P2", "t2"))], lines.Select(line => ((int)line.Position, line.Line)));
        var rest = Assert.Single(await Comparisons.Lines(Method, Today, 2, 2, Cancellation));
        Assert.Equal((3, Line("P1", "t1") with { RefundNumber = "R\uFFFD", At = Some.Noon, Amount = new(1, "JPY") }), ((int)rest.Position, rest.Line));
        Assert.Equal(2, (await Comparisons.LinesOf(Method, Today, ["P1", "P9"], Cancellation)).Count);
        Assert.Empty(await Comparisons.LinesOf("other", Today, ["P1"], Cancellation));
        Assert.True(await Comparisons.DropLines(Method, Today, Cancellation));
        Assert.False(await Comparisons.DropLines(Method, Today, Cancellation));
        Assert.Single(await Comparisons.Lines(Method, Today.AddDays(1), 0, 9, Cancellation));
    }

    [Fact]
    public async Task Orders_whose_money_moved_on_a_day_are_found_once_each_page_by_page()
    {
        await Moved("BEFORE", DayStart.AddTicks(-10));
        for (var i = 0; i < 5; i++) await Moved($"N{i}", DayStart.AddHours(i), DayStart.AddHours(i + 1));
        await store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 0).With(Some.Spent("a")));
        // Of another day as well, and nothing that moves money.
        await Moved("BOTH", DayStart.AddDays(-1), DayStart.AddHours(12));
        await store.Write(OrderDocument.Kind, "PLACED", 0, Some.Order("PLACED").With(new OrderExpired(DayStart.AddHours(1))));
        await Moved("AFTER", DayEnd);

        var (after, upTo) = await Comparisons.Reach(DayStart, DayEnd, Cancellation);
        var found = new List<string>();
        while (after < upTo)
        {
            var page = (await Comparisons.OfDay(DayStart, DayEnd, after, upTo, 2, Cancellation))!;
            Assert.InRange(page.Orders.Count, 0, 2);
            Assert.True(page.UpTo > after);
            found.AddRange(page.Orders.Select(order => order.State.Number));
            after = page.UpTo;
        }

        Assert.Equal(["N0", "N1", "N2", "N3", "N4", "BOTH"], found);
        Assert.Equal(["N0", "N1"], (await Comparisons.Orders(["N0", "N1", "no such"], Cancellation)).Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Orders_that_are_not_over_are_found_when_they_are_not_of_the_day()
    {
        var before = DayStart.AddHours(-1);
        WorkItem item = new("W-1", WorkItemKind.RecordsDiffer, "Why.", before, null) { Difference = "key" };
        await store.Write(OrderDocument.Kind, "DUE", 0, Some.Order("DUE", createdAt: before).With());
        await store.Write(OrderDocument.Kind, "OVER", 0, Some.Order("OVER", payment: PaymentStatus.Expired, createdAt: before).With());
        await store.Write(OrderDocument.Kind, "WORK", 0, Some.Order("WORK", payment: PaymentStatus.Expired, createdAt: before, workItems: item).With());
        await store.Write(OrderDocument.Kind, "YOUNG", 0, Some.Order("YOUNG", createdAt: DayEnd).With());
        await Moved("MOVED", DayStart.AddHours(2));
        Assert.Equal(["DUE", "WORK"], (await Comparisons.Unfinished(DayStart, DayEnd, "", 9, Cancellation)).Select(order => order.State.Number));
        Assert.Equal(["DUE"], (await Comparisons.Unfinished(DayStart, DayEnd, "", 1, Cancellation)).Select(order => order.State.Number));
        Assert.Equal(["WORK"], (await Comparisons.Unfinished(DayStart, DayEnd, "DUE", 9, Cancellation)).Select(order => order.State.Number));
    }

    [Fact]
    public async Task Comparisons_are_listed_newest_first()
    {
        foreach (var (method, back) in new[] { ("a", 0), ("b", 0), ("a", 1), ("a", 2) })
            await Comparisons.Begin(Begun(1) with { MethodId = method, Day = Today.AddDays(-back) }, Cancellation);
        var reader = store.Get<ReconciliationReader>();
        var all = await reader.NewestFirst(null, null, 10, Cancellation);
        Assert.Equal([("b", 0), ("a", 0), ("a", 1), ("a", 2)], all.Select(one => (one.MethodId, Today.DayNumber - one.Day.DayNumber)));
        Assert.Equal([("a", 1), ("a", 2)], (await reader.NewestFirst(null, new(Today, "a"), 10, Cancellation)).Select(one => (one.MethodId, Today.DayNumber - one.Day.DayNumber)));
        Assert.Equal(3, (await reader.NewestFirst("a", null, 10, Cancellation)).Count);
        Assert.Null(await reader.Find("c", Today, Cancellation));
        // Pairs, not what lies between them: each method and each day is there, in another pair.
        Assert.Equal(
            [("a", 1), ("b", 0)], (await reader.Find([("a", Today.AddDays(-1)), ("b", Today), ("b", Today.AddDays(-2)), ("c", Today)], Cancellation))
                .Select(one => (one.MethodId, Today.DayNumber - one.Day.DayNumber)).Order());
    }

    static Reconciliation Begun(int round) =>
        new(Method, Today, DayStart, DayEnd, round, "system", ReconciliationSource.Queries, ReconciliationPhase.Day, Some.Noon);

    static BillLine Line(string payment, string transaction) => new(payment, new("2088"), transaction, null, new(990, "CNY"), null);

    async Task Moved(string number, params DateTimeOffset[] moments)
    {
        var events = moments.Select((at, i) => new JournalEntry(new PaymentReceived(at, 1, $"{number}-{i}", new(990, "EUR"), false), at, Actor.System));
        await store.Write(OrderDocument.Kind, number, 0, new() { State = Some.Order(number, payment: PaymentStatus.Expired, createdAt: moments[0]), Entries = [.. events] });
    }
}
