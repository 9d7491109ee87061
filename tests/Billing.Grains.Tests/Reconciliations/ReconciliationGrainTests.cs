using Billing.Accounts;
using Billing.Channels;
using Billing.Orders;
using Billing.Reconciliations;
using Billing.Tests.Cluster;
using Billing.Unclaimed;

namespace Billing.Tests.Reconciliations;

[Collection(nameof(BillingCluster))]
public class ReconciliationGrainTests(BillingCluster cluster)
{
    static readonly Money Price = BillingCluster.Price;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Money_that_nobody_told_of_is_found_the_next_morning_and_credited()
    {
        var (method, channel) = cluster.Method();
        await Midday();
        var (wish, order) = await Expired(method, channel);
        channel.OnQuery = _ => Says(new PaymentState.Paid(Price, "txn-lost", null));
        var report = await Morning(method);

        var difference = Assert.Single(report.Differences);
        Assert.Equal((DifferenceKind.PaidThereNotHere, DifferenceEnd.Healed, "txn-lost"), (difference.Kind, difference.End, difference.TransactionId));
        Assert.Equal((1, 0, 1, 0, 0), (report.Orders, report.Agreed, report.Healed, report.Differing, report.NotCompared));
        Assert.Equal(new ReconciledSums("CNY", 0, 1990, 0, 0), Assert.Single(report.Sums));
        Assert.Equal(("system", ReconciliationSource.Queries), (report.RequestedBy, report.Source));
        await BillingCluster.Eventually(async () => (await order.Get())!.State.Status == OrderStatus.Completed, "it is credited");
        Assert.Equal(Credits.Whole(1_000), (await cluster.Grains.GetGrain<IAccountGrain>(wish.Account).Get())!.State.Balance);

        // Once more: the books agree, and nothing is asked of a day that was compared unless somebody wants it.
        var calls = channel.Calls.Count;
        await Grain(method).Work();
        Assert.Equal(calls, channel.Calls.Count);
        Assert.True((await Grain(method).Begin(report.Day, Actor.Administrator("ada"))).Value!.Anew);
        report = await Compared(method, report.Day);
        Assert.Equal((2, 1, 0, "admin:ada"), (report.Round, report.Agreed, report.Healed, report.RequestedBy));
        Assert.Equal(new ReconciledSums("CNY", 1990, 1990, 0, 0), Assert.Single(report.Sums));
    }

    [Fact]
    public async Task Money_that_the_provider_does_not_have_is_one_work_item_however_often_it_is_found()
    {
        var (method, channel) = cluster.Method();
        await Midday();
        var (_, order) = await Paid(method, "txn-made-up");
        channel.OnQuery = _ => Says(new PaymentState.Closed());
        var report = await Morning(method);
        Assert.Equal((DifferenceKind.PaidHereNotThere, DifferenceEnd.WorkItem), Assert.Single(report.Differences.Select(one => (one.Kind, one.End))));
        var item = Assert.Single((await order.Get())!.State.WorkItems);
        Assert.Equal((WorkItemKind.RecordsDiffer, 1), (item.Kind, item.Ordinal));
        Assert.Equal([WorkItemResolution.Dismiss], ResolutionRules.Possible((await order.Get())!.State, item));

        // The next night it is found again among what waits for a person.
        report = await Morning(method);
        Assert.Equal((1, 1), (report.Orders, report.Differing));
        Assert.Single((await order.Get())!.State.WorkItems);

        // The provider has found it: the item stays for the person who looks into it, and the report says so.
        channel.OnQuery = _ => Says(new PaymentState.Paid(Price, "txn-made-up", null));
        report = await Morning(method);
        Assert.Equal((DifferenceKind.AgreesNow, DifferenceEnd.Noted), Assert.Single(report.Differences.Select(one => (one.Kind, one.End))));
        Assert.Equal((1, 0), (report.Agreed, report.Differing));
        Assert.Null(Assert.Single((await order.Get())!.State.WorkItems).ResolvedAt);

        // A person has settled it. Should it be found once more, they are not asked again.
        Assert.Null((await order.Resolve(item.Id, WorkItemResolution.Dismiss, "Seen.", Actor.Administrator("ada"))).Refusal);
        channel.OnQuery = _ => Says(new PaymentState.Closed());
        Assert.Equal(NewsVerdict.Known, await order.HearDifference(method, new(DifferenceKind.PaidHereNotThere, 1, null, "txn-made-up", Price, null)));
        Assert.Equal(0, (await order.Get())!.State.OpenWorkItems);
    }

    [Fact]
    public async Task A_refund_that_the_provider_does_not_know_and_an_amount_that_differs_are_a_persons()
    {
        var (method, channel) = cluster.Method();
        await Midday();
        var (_, order) = await Paid(method, "txn-back");
        Assert.Null((await order.RefundOrder("k", Price, "Why.", false, Actor.Administrator("ada"))).Refusal);
        await BillingCluster.Eventually(async () => (await order.Get())!.State.RefundStatus == RefundStatus.Succeeded, "it is given back");
        channel.OnQuery = _ => Says(new PaymentState.Paid(Price with { MinorUnits = 19_900 }, "txn-back", null));
        channel.OnQueryRefund = _ => new ChannelAnswer<RefundState>.Done(new RefundState.NotFound());
        var report = await Morning(method);
        Assert.Equal([DifferenceKind.AmountDiffers, DifferenceKind.RefundedHereNotThere], report.Differences.Select(one => one.Kind));
        Assert.Equal(new ReconciledSums("CNY", 1990, 19_900, 1990, 0), Assert.Single(report.Sums));
        Assert.Equal(2, (await order.Get())!.State.OpenWorkItems);
    }

    [Fact]
    public async Task A_provider_that_does_not_answer_is_waited_for_and_what_it_never_says_is_no_difference()
    {
        var (method, channel) = cluster.Method();
        await Midday();
        await Paid(method, "txn-1");
        await Paid(method, "txn-2");
        channel.OnQuery = _ => new ChannelAnswer<PaymentState>.Unknown(UnknownKind.NoAnswer);
        var day = await NextMorning();
        await Grain(method).Work();
        var report = (await cluster.Reconciliations.Find(method, day, Cancellation))!;
        Assert.Equal((false, 0, 1), (report.IsDone, report.Orders, report.Rests));
        Assert.Equal(cluster.Time.GetUtcNow() + TimeSpan.FromMinutes(10), report.RestsUntil);
        // It rests, whatever is asked of it.
        var calls = channel.Calls.Count;
        await Grain(method).Work();
        Assert.Equal(calls, channel.Calls.Count);

        await Passed(method, day);
        report = (await cluster.Reconciliations.Find(method, day, Cancellation))!;
        Assert.Equal((2, 0, 0, 2), (report.Orders, report.Agreed, report.Differing, report.NotCompared));
        Assert.Empty(report.Differences);
        Assert.Empty(report.Sums);

        channel.OnQuery = payment => Says(new PaymentState.Paid(Price, cluster.Store.State<Order>(OrderDocument.Noun, payment.Number[..16])!.Receipts[0].TransactionId, null));
        await Grain(method).Begin(day, Actor.Administrator("ada"));
        Assert.Equal(2, (await Compared(method, day)).Agreed);
    }

    [Fact]
    public async Task It_goes_on_where_it_stopped_and_while_another_host_has_it_it_is_left_alone()
    {
        var (method, channel) = cluster.Method();
        await Midday();
        var orders = new List<string>();
        for (var i = 0; i < 3; i++) orders.Add((await Paid(method, "txn")).Wish.IdempotencyKey);
        var asked = new List<string>();
        channel.OnQuery = payment =>
        {
            asked.Add(payment.Number);
            // Once, in the midst of it, something is broken here.
            return asked.Count == 2 ? throw new InvalidOperationException("Broken.") : Says(new PaymentState.Paid(Price, "txn", null));
        };
        var day = await NextMorning();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Grain(method).Work());
        Assert.Equal(1, (await cluster.Reconciliations.Find(method, day, Cancellation))!.Agreed);

        var now = cluster.Time.GetUtcNow();
        Assert.NotNull(await cluster.Reconciliations.Take(method, day, "another", now, now.AddMinutes(5), Cancellation));
        await Grain(method).Work();
        Assert.Equal(2, asked.Count);
        Assert.False((await Grain(method).Begin(day, Actor.Administrator("ada"))).Value!.Anew);

        cluster.Time.Advance(TimeSpan.FromMinutes(5));
        var report = await Compared(method, day);
        Assert.Equal((3, 3), (report.Orders, report.Agreed));
        // The one that was in hand is asked about again, and no other.
        Assert.Equal([1, 1, 2], asked.GroupBy(number => number).Select(same => same.Count()).Order());
        Assert.False(await cluster.Reconciliations.Save(report, "another", now, Cancellation));
    }

    [Fact]
    public async Task A_bill_shows_what_no_order_knows()
    {
        var (method, channel, bill) = cluster.MethodWithBill();
        await Midday();
        var merchant = BillingCluster.Merchant(method);
        var (_, known) = await Paid(method, "txn-known");
        var (_, lost) = await Expired(method, channel);
        var (_, back) = await Paid(method, "txn-back");
        string Of(IOrderGrain order) => order.GetPrimaryKeyString() + "01";
        bill.Lines =
        [
            new(Of(back), merchant, "txn-back", "BYHAND", Price, null),
            new(Of(known), merchant, "txn-known", null, Price, null),
            new(Of(back), merchant, "txn-back", null, Price, null),
            new(Of(lost), merchant, "txn-lost", null, Price, null),
            new("0000000000000000" + "01", merchant, "txn-strange", null, Price, null),
            new(Of(known), new("somebody else"), "txn-other", null, Price, null),
            new("nobody's", merchant, "txn-strange", "R9", Price, null),
        ];
        bill.At = cluster.Time.GetUtcNow();
        var asked = channel.Count("query");
        var report = await Morning(method);
        Assert.Equal(ReconciliationSource.Bill, report.Source);
        Assert.Equal(
            [
                (DifferenceKind.PaidThereNotHere, DifferenceEnd.Healed), (DifferenceKind.UnknownPayment, DifferenceEnd.WorkItem), (DifferenceKind.UnknownPayment, DifferenceEnd.WorkItem),
                (DifferenceKind.RefundedThereNotHere, DifferenceEnd.WorkItem), (DifferenceKind.UnknownRefund, DifferenceEnd.Noted),
            ],
            report.Differences.Select(one => (one.Kind, one.End)));
        Assert.Equal((2, 1, 4, 0), (report.Agreed, report.Healed, report.Differing, report.NotCompared));
        Assert.Equal(new ReconciledSums("CNY", 2 * 1990, 5 * 1990, 0, 2 * 1990), Assert.Single(report.Sums));
        // What the bill explains is not asked.
        Assert.Equal(asked, channel.Count("query"));
        Assert.Equal(WorkItemKind.Dispute, Assert.Single((await back.Get())!.State.WorkItems).Kind);
        Assert.Equal(PaymentStatus.Paid, (await lost.Get())!.State.Payment);
        var strange = cluster.Store.State<UnclaimedPayment>(UnclaimedPaymentDocument.Noun, UnclaimedPayments.KeyOf(method, "txn-strange"))!;
        Assert.Single(strange.WorkItems);

        // Compared again: nothing is opened a second time.
        await Grain(method).Begin(report.Day, Actor.Administrator("ada"));
        report = await Compared(method, report.Day);
        Assert.Equal((4, 0, 3), (report.Agreed, report.Healed, report.Differing));
        Assert.Single(cluster.Store.Journal(UnclaimedPaymentDocument.Noun, UnclaimedPayments.KeyOf(method, "txn-strange")));
        Assert.Single((await back.Get())!.State.WorkItems);
    }

    [Fact]
    public async Task What_the_bill_lacks_is_asked_and_without_a_bill_everything_is()
    {
        var (method, channel, bill) = cluster.MethodWithBill();
        await Midday();
        await Paid(method, "txn");
        channel.OnQuery = _ => Says(new PaymentState.Paid(Price, "txn", null));
        var report = await Morning(method);
        Assert.Equal((1, ReconciliationSource.Bill, 1), (report.Agreed, report.Source, channel.Count("query")));

        bill.Lines = null;
        await Paid(method, "txn");
        var day = await NextMorning();
        await Passed(method, day);
        report = (await cluster.Reconciliations.Find(method, day, Cancellation))!;
        Assert.Equal((1, ReconciliationSource.Queries, 0), (report.Agreed, report.Source, report.NotCompared));
    }

    [Fact]
    public async Task A_day_that_is_not_over_and_a_method_that_is_not_there_are_refused()
    {
        var (method, _) = cluster.Method();
        await Midday();
        var today = DateOnly.FromDateTime(cluster.Time.GetUtcNow().UtcDateTime);
        Assert.Equal(
            new DateTimeOffset(today.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero), Assert.IsType<ReconciliationDayNotOver>((await Grain(method).Begin(today, Actor.System)).Refusal).EndsAt);
        Assert.IsType<ReconciliationMethodUnknown>((await Grain("no-such-method").Begin(today.AddDays(-1), Actor.System)).Refusal);
        await Grain("no-such-method").Work();
    }

    static ChannelAnswer<PaymentState> Says(PaymentState state) => new ChannelAnswer<PaymentState>.Done(state);

    IReconciliationGrain Grain(string method) => cluster.Grains.GetGrain<IReconciliationGrain>(method);

    // So that what a test does falls on one day.
    Task Midday()
    {
        var now = cluster.Time.GetUtcNow();
        cluster.Time.SetUtcNow(new(DateOnly.FromDateTime(now.UtcDateTime).AddDays(1), new(12, 0), TimeSpan.Zero));
        return Task.CompletedTask;
    }

    /// <summary>The morning after; the day that is over.</summary>
    Task<DateOnly> NextMorning()
    {
        var today = DateOnly.FromDateTime(cluster.Time.GetUtcNow().UtcDateTime);
        cluster.Time.SetUtcNow(new(today.AddDays(1), new(5, 0), TimeSpan.Zero));
        return Task.FromResult(today);
    }

    async Task<Reconciliation> Morning(string method) => await Compared(method, await NextMorning());

    async Task<Reconciliation> Compared(string method, DateOnly day)
    {
        await Grain(method).Work();
        var report = await cluster.Reconciliations.Find(method, day, Cancellation);
        Assert.True(report is { IsDone: true, FinishedAt: not null }, report?.ToString());
        return report!;
    }

    Task Passed(string method, DateOnly day) => BillingCluster.Eventually(
        async () =>
        {
            cluster.Time.Advance(TimeSpan.FromMinutes(10));
            await Grain(method).Work();
            return (await cluster.Reconciliations.Find(method, day, Cancellation))!.IsDone;
        },
        "it gives up");

    async Task<(OrderWish Wish, IOrderGrain Order)> Paid(string method, string transaction)
    {
        var (wish, order) = cluster.Wish(await cluster.Plan(), methodId: method);
        Assert.Null((await order.Place(wish)).Refusal);
        Assert.Equal(NewsVerdict.Stored, await order.Hear(1, method, BillingCluster.Merchant(method), new PaymentState.Paid(Price, transaction, null)));
        await BillingCluster.Eventually(async () => (await order.Get())!.State.Status == OrderStatus.Completed, "it is credited");
        return (wish, order);
    }

    async Task<(OrderWish Wish, IOrderGrain Order)> Expired(string method, ScriptedChannel channel)
    {
        var (wish, order) = cluster.Wish(await cluster.Plan(), methodId: method);
        Assert.Null((await order.Place(wish)).Refusal);
        channel.OnQuery = _ => Says(new PaymentState.Closed());
        await cluster.Passing(TimeSpan.FromMinutes(10), async () => (await order.Get())!.State.Payment == PaymentStatus.Expired, "nothing was paid");
        return (wish, order);
    }
}
