using Billing.Channels;
using Billing.Orders;
using Billing.Unclaimed;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Billing.Reconciliations;

/// <summary>The comparisons of one payment method with its provider's records, by the method's id.</summary>
[Alias("billing.IReconciliationGrain")]
public interface IReconciliationGrain : IGrainWithStringKey
{
    /// <summary>Makes sure that its reminder is registered and that it goes on.</summary>
    [Alias("Ensure")]
    Task Ensure();

    /// <summary>Has a day that is over compared now, anew when it was before. While it is under way nothing is begun.</summary>
    [Alias("Begin")]
    Task<Reply<ReconciliationBegun, ReconciliationError>> Begin(DateOnly day, Actor by);

    /// <summary>Compares what is due, as far as it can be done now. Returns at once while that is under way.</summary>
    [Alias("Work")]
    Task Work();
}

/// <summary>
/// Compares a day's orders with the provider's own records. Nothing is kept in memory that is not in the store: whoever has the lease takes a step and writes the
/// report down with how far it came, so that a host that dies costs the step and no more. What an order learns it is told the way that callbacks tell it, so that a
/// step which is taken twice changes nothing the second time.
/// </summary>
[Reentrant]
[GrainType("reconciliation")]
sealed partial class ReconciliationGrain(
    IGrainFactory grains, IReconciliations store, IPaymentMethods methods, IOptions<ReconciliationSettings> options, IOptions<OrderSettings> orders, ILogger<ReconciliationGrain> log)
    : Grain, IReconciliationGrain, IRemindable, IDisposable
{
    const string ReminderName = "reconcile";

    // Lines of a bill that are written down at a time; and that are compared in a step.
    const int LinesWritten = 500;
    const int LinesCompared = 50;

    // Where a provider is silent it is asked again after a rest, so often; then what it does not say is not compared.
    const int MostRests = 2;

    static readonly TimeSpan TryAgainAfter = TimeSpan.FromSeconds(1);

    readonly ReconciliationSettings settings = options.Value;
    readonly CancellationTokenSource stopping = new();
    TimeProvider time = TimeProvider.System;
    // Days that need not be looked for any more.
    readonly HashSet<DateOnly> seen = [];
    string owner = "";
    IGrainTimer? timer;
    bool working;
    Pace pace = null!;

    string MethodId => this.GetPrimaryKeyString();

    DateTimeOffset Now => time.GetUtcNow();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        time = GrainTime.Of(ServiceProvider);
        owner = $"{RuntimeIdentity}/{GrainContext.ActivationId}";
        pace = new(settings.QueriesPerSecond);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => await stopping.CancelAsync();

    public void Dispose() => stopping.Dispose();

    public async Task Ensure()
    {
        await this.RegisterOrUpdateReminder(ReminderName, TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
        Start();
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Start();
        return Task.CompletedTask;
    }

    public async Task<Reply<ReconciliationBegun, ReconciliationError>> Begin(DateOnly day, Actor by)
    {
        if (methods.Find(MethodId) is not { } method) return new ReconciliationMethodUnknown();
        if (settings.Bounds(day).To is var end && end > Now) return new ReconciliationDayNotOver(end);
        var known = await store.Find(MethodId, day, stopping.Token);
        // Of two that ask at once, on whatever hosts, one begins it.
        var begun = known is not { IsDone: false } && await Begin(method, day, (known?.Round ?? 0) + 1, by);
        if (timer is not null) WorkInBackground().Ignore();
        return new ReconciliationBegun(begun);
    }

    public async Task Work()
    {
        if (working || stopping.IsCancellationRequested || methods.Find(MethodId) is not { } method) return;
        working = true;
        try
        {
            foreach (var day in settings.DueDays(Now).Where(day => !seen.Contains(day)).ToList())
            {
                if (await store.Find(MethodId, day, stopping.Token) is null) await Begin(method, day, 1, Actor.System);
                if (seen.Count > 2 * settings.DaysBack) seen.Clear();
                seen.Add(day);
            }

            foreach (var day in await store.Running(MethodId, stopping.Token)) await Compare(method, day);
        }
        finally
        {
            working = false;
        }
    }

    Task<bool> Begin(PaymentMethod method, DateOnly day, int round, Actor by)
    {
        var (from, to) = settings.Bounds(day);
        var (source, phase) = method.Channel is IBillSource
            ? (ReconciliationSource.Bill, ReconciliationPhase.Bill)
            : (ReconciliationSource.Queries, ReconciliationPhase.Day);
        return store.Begin(new(MethodId, day, from, to, round, by.Name, source, phase, Now), stopping.Token);
    }

    void Start() => timer ??= this.RegisterGrainTimer(
        _ => WorkInBackground(), new GrainTimerCreationOptions(TimeSpan.FromMilliseconds(100), settings.Rest) { Interleave = true, KeepAlive = true });

    async Task WorkInBackground()
    {
        try
        {
            await Work();
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Another activation goes on.
        }
        catch (Exception fault)
        {
            // The database or an order is away, perhaps: what was written down is gone on with.
            LogFailed(log, fault, MethodId);
        }
    }

    async Task Compare(PaymentMethod method, DateOnly day)
    {
        if (await store.Take(MethodId, day, owner, Now, Now + settings.Lease, stopping.Token) is not { } report) return;
        try
        {
            while (!report.IsDone && !(report.RestsUntil > Now))
            {
                report = await Step(method, report with { RestsUntil = null });
                if (!await store.Save(report, owner, Now + settings.Lease, stopping.Token)) return;
            }

            if (report.IsDone) await Finish(report);
        }
        finally
        {
            await store.GiveBack(MethodId, day, owner, CancellationToken.None);
        }
    }

    async Task Finish(Reconciliation report)
    {
        while (await store.DropLines(MethodId, report.Day, stopping.Token))
        {
            // A bounded number at a time.
        }

        ReconciliationMetrics.Finished(MethodId);
        if (report.Differing > 0)
            LogDifferent(log, MethodId, report.Day, report.Differing, report.Healed, report.Agreed, report.NotCompared);
        else if (report.NotCompared > 0)
            LogIncomplete(log, MethodId, report.Day, report.NotCompared, report.Agreed, report.Healed);
        else
            LogDone(log, MethodId, report.Day, report.Agreed, report.Healed);
    }

    Task<Reconciliation> Step(PaymentMethod method, Reconciliation report) => report.Phase switch
    {
        ReconciliationPhase.Bill when method.Channel is IBillSource bill => Fetch(bill, report),
        // The method was set up anew meanwhile.
        ReconciliationPhase.Bill => Task.FromResult(WithoutBill(report)),
        ReconciliationPhase.Lines => CompareLines(method, report),
        ReconciliationPhase.Day => CompareDay(method, report),
        ReconciliationPhase.Unfinished => CompareUnfinished(method, report),
        _ => throw new InvalidOperationException($"No step for {report.Phase}."),
    };

    /// <summary>Writes the bill down, from its beginning: what an earlier try has left is thrown away.</summary>
    async Task<Reconciliation> Fetch(IBillSource bill, Reconciliation report)
    {
        while (await store.DropLines(MethodId, report.Day, stopping.Token))
        {
            // A bounded number at a time.
        }

        try
        {
            var read = 0L;
            var batch = new List<BillLine>(LinesWritten);
            await foreach (var line in bill.Bill(report.From, report.To, stopping.Token))
            {
                batch.Add(line);
                if (batch.Count < LinesWritten) continue;
                await Keep();
                // A long bill takes longer than the lease; one that is lost is noticed with the next thing that is written down.
                if (!await store.Save(report, owner, Now + settings.Lease, stopping.Token)) return report;
            }

            await Keep();
            return report with { Phase = ReconciliationPhase.Lines, Position = 0, SilentSince = null };

            async Task Keep()
            {
                await store.AddLines(MethodId, report.Day, read, batch, stopping.Token);
                read += batch.Count;
                batch.Clear();
            }
        }
        catch (BillUnavailableException unavailable)
        {
            LogNoBill(log, MethodId, report.Day, unavailable.Kind);
            return MayAsk(report) ? report with { RestsUntil = Now + settings.RestFor, SilentSince = report.SilentSince ?? Now } : WithoutBill(report);
        }
    }

    // The provider is asked instead, and waited for anew.
    static Reconciliation WithoutBill(Reconciliation report) =>
        report with { Source = ReconciliationSource.Queries, Phase = ReconciliationPhase.Day, Position = 0, Rests = 0, SilentSince = null };

    bool MayAsk(Reconciliation report) => !(report.SilentSince + settings.GiveUpAfter <= Now);

    async Task<Reconciliation> CompareLines(PaymentMethod method, Reconciliation report)
    {
        var lines = await store.Lines(MethodId, report.Day, report.Position, LinesCompared, stopping.Token);
        if (lines.Count == 0) return report with { Phase = ReconciliationPhase.Day, Position = 0 };
        var numbers = lines.Select(line => OrderOf(line.Line.PaymentNumber).Number).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var found = await store.Orders(numbers, stopping.Token);
        // Money that came before money that went back, of the same payment as well.
        foreach (var (_, line) in lines.OrderBy(line => line.Line.RefundNumber is not null)) report = await CompareLine(method, found, line, report);
        return report with { Position = lines[^1].Position };
    }

    async Task<Reconciliation> CompareLine(PaymentMethod method, IReadOnlyDictionary<string, Versioned<Order>> found, BillLine line, Reconciliation report)
    {
        var (number, ordinal) = OrderOf(line.PaymentNumber);
        if (number is null || !found.TryGetValue(number, out var order) || PaymentOf(order.State) is not { } payment)
            return await Unknown(method, line, report);
        var finding = ReconciliationRules.OfLine(order.State, payment, line);
        if (finding is Finding.Agreed) return Note(report, finding, null, number, line.PaymentNumber);
        var (settled, end) = await Settle(method, number, now => PaymentOf(now) is { } known ? ReconciliationRules.OfLine(now, known, line) : finding);
        return Note(report, settled, end, number, line.PaymentNumber);

        Payment? PaymentOf(Order one) => one.Attempt(ordinal) is { } attempt && attempt.MethodId == method.Id && attempt.Merchant == line.Merchant ? attempt : null;
    }

    /// <summary>Money of a payment that is not here: kept for a person to find its owner, once.</summary>
    async Task<Reconciliation> Unknown(PaymentMethod method, BillLine line, Reconciliation report)
    {
        if (line.RefundNumber is { } refund)
        {
            return Note(
                report, new Finding.Differs(DifferenceKind.UnknownRefund, 0, refund, line.TransactionId, null, line.Amount), DifferenceEnd.Noted, null, line.PaymentNumber);
        }

        await grains.GetGrain<IUnclaimedPaymentGrain>(UnclaimedPayments.KeyOf(method.Id, line.TransactionId))
            .Report(method.Id, line.PaymentNumber, line.TransactionId, line.Amount);
        return Note(
            report, new Finding.Differs(DifferenceKind.UnknownPayment, 0, null, line.TransactionId, null, line.Amount), DifferenceEnd.WorkItem, null, line.PaymentNumber);
    }

    async Task<Reconciliation> CompareDay(PaymentMethod method, Reconciliation report)
    {
        var (from, to) = (report.From, report.To);
        if (report.Reach is not { } reach)
        {
            var found = await store.Reach(from, to, stopping.Token);
            return report with { Reach = found, Position = found.After };
        }

        // Somebody has held a transaction open since then, perhaps: nothing is passed over.
        if (await store.OfDay(from, to, report.Position, reach.UpTo, settings.AtOnce, stopping.Token) is not { } page) return report with { RestsUntil = Now + settings.Rest };
        var (next, isSilent) = await CompareOrders(method, page.Orders, report);
        if (isSilent) return Resting(report);
        return page.UpTo < reach.UpTo ? next with { Position = page.UpTo, Rests = 0 } : next with { Phase = ReconciliationPhase.Unfinished, Position = page.UpTo, Rests = 0 };
    }

    async Task<Reconciliation> CompareUnfinished(PaymentMethod method, Reconciliation report)
    {
        var (from, to) = (report.From, report.To);
        var page = await store.Unfinished(from, to, report.Key, settings.AtOnce, stopping.Token);
        if (page.Count == 0) return report with { Phase = ReconciliationPhase.Done, FinishedAt = Now, Rests = 0 };
        var (next, isSilent) = await CompareOrders(method, page, report);
        return isSilent ? Resting(report) : next with { Key = page[^1].State.Number, Rests = 0 };
    }

    Reconciliation Resting(Reconciliation report)
    {
        LogSilent(log, MethodId, report.Day, settings.RestFor);
        return report with { RestsUntil = Now + settings.RestFor, Rests = report.Rests + 1, SilentSince = report.SilentSince ?? Now };
    }

    /// <summary>Compares some orders at once. Where the provider answers nothing at all, and there is time, what they came to is put aside and they are asked about later.</summary>
    async Task<(Reconciliation Report, bool IsSilent)> CompareOrders(PaymentMethod method, IReadOnlyList<Versioned<Order>> some, Reconciliation report)
    {
        var mayAsk = MayAsk(report);
        var bill = report.Source == ReconciliationSource.Bill
            ? (await store.LinesOf(
                MethodId, report.Day, [.. some.SelectMany(order => order.State.Payments.Select(payment => OrderNumber.OfPayment(order.State.Number, payment.Ordinal)))], stopping.Token))
                .ToLookup(line => OrderOf(line.PaymentNumber).Number)
            : null;
        var asked = await Task.WhenAll(some.Where(order => order.State.Payments.Any(payment => payment.MethodId == method.Id)).Select(async order =>
            (Order: order.State, Bill: bill?[order.State.Number].ToList(), Answers: await Ask(method, order.State, bill?[order.State.Number].ToList(), mayAsk))));
        var answers = asked.SelectMany(one => one.Answers).ToList();
        if (mayAsk && report.Rests < MostRests && answers.Count > 0 && answers.TrueForAll(answer => answer.IsUnanswered)) return (report, true);
        if (answers.Exists(answer => !answer.IsUnanswered)) report = report with { SilentSince = null };
        foreach (var (order, lines, answered) in asked) report = await Judge(method, order, lines, answered, report with { Orders = report.Orders + 1 });
        return (report, false);
    }

    async Task<List<Answer>> Ask(PaymentMethod method, Order order, IReadOnlyCollection<BillLine>? bill, bool mayAsk)
    {
        var answers = new List<Answer>();
        foreach (var payment in ReconciliationRules.ToAsk(order, method.Id, bill))
        {
            var answer = await Ask(mayAsk, token => method.Channel.Query(Reference(payment), token));
            answers.Add(new(
                payment.Ordinal, answer is ChannelAnswer<PaymentState>.Unknown,
                now => now.Attempt(payment.Ordinal) is { } known ? [.. ReconciliationRules.OfPayment(now, known, answer, method.Channel.Traits, Now)] : []));
        }

        foreach (var refund in ReconciliationRules.RefundsToAsk(order, method.Id, bill))
        {
            var answer = await Ask(mayAsk, token => method.Channel.QueryRefund(new(Reference(order.Attempt(refund.Ordinal)!), refund.Number), token));
            answers.Add(new(
                refund.Ordinal, answer is ChannelAnswer<RefundState>.Unknown, now => now.FindRefund(refund.Number) is { } known ? [ReconciliationRules.OfRefund(known, answer)] : []));
        }

        return answers;

        PaymentReference Reference(Payment payment) =>
            new(OrderNumber.OfPayment(order.Number, payment.Ordinal), payment.Merchant, payment.Amount, payment.Checkout?.ProviderReference);
    }

    /// <summary>Asks the provider, at its pace, so often; what stays unknown is not compared.</summary>
    async Task<ChannelAnswer<T>> Ask<T>(bool mayAsk, Func<CancellationToken, Task<ChannelAnswer<T>>> question)
    {
        if (!mayAsk) return new ChannelAnswer<T>.Unknown(UnknownKind.NotSent);
        for (var tries = 1; ; tries++)
        {
            await pace.Next(stopping.Token);
            var answer = await Timed(question);
            if (answer is not ChannelAnswer<T>.Unknown || tries == settings.Tries) return answer;
            await Task.Delay(TryAgainAfter * tries, TimeProvider.System, stopping.Token);
        }
    }

    async Task<ChannelAnswer<T>> Timed<T>(Func<CancellationToken, Task<ChannelAnswer<T>>> question)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token);
        using var timeout = new CancellationTokenSource(orders.Value.ProviderTimeout, TimeProvider.System);
        await using var ending = timeout.Token.Register(patience.Cancel);
        try
        {
            return await question(patience.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return new ChannelAnswer<T>.Unknown(UnknownKind.NoAnswer);
        }
    }

    /// <summary>Sees to what the answers about an order came to.</summary>
    async Task<Reconciliation> Judge(PaymentMethod method, Order order, List<BillLine>? lines, List<Answer> answers, Reconciliation report)
    {
        // What the bill says was seen to before.
        var all = ReconciliationRules.OfLines(order, method.Id, lines).ToList();
        foreach (var answer in answers)
        {
            var paymentNumber = OrderNumber.OfPayment(order.Number, answer.Ordinal);
            foreach (var finding in answer.Compare(order))
            {
                all.Add(finding);
                var (settled, end) = finding is Finding.Differs
                    ? await Settle(method, order.Number, now => answer.Compare(now).FirstOrDefault(same => IsSame(same, finding)) ?? new Finding.Agreed(finding.Ordinal, finding.RefundNumber, null, null, null))
                    : (finding, null);
                report = Note(report, settled, end, order.Number, paymentNumber);
            }
        }

        if (all.Count == 0) return report;
        foreach (var item in ReconciliationRules.Vanished(order, all))
            report = report.With(new Difference(DifferenceKind.AgreesNow, DifferenceEnd.Noted, order.Number, OrderNumber.OfPayment(order.Number, item.Ordinal ?? 0), null, null, null, null));
        return report;

        static bool IsSame(Finding one, Finding other) => (one.Ordinal, one.RefundNumber, one.TransactionId) == (other.Ordinal, other.RefundNumber, other.TransactionId);
    }

    /// <summary>
    /// Sees to a difference. The order is looked at as it is now: what came while the provider was asked is none. Then the order is told what the provider says, as a
    /// callback would; what it cannot take from that is a person's.
    /// </summary>
    async Task<(Finding Finding, DifferenceEnd? End)> Settle(PaymentMethod method, string number, Func<Order, Finding> compare)
    {
        var order = grains.GetGrain<IOrderGrain>(number);
        var before = (await order.Get())!.State;
        var finding = compare(before);
        if (finding is not Finding.Differs differs) return (finding, null);
        var merchant = before.Attempt(differs.Ordinal)!.Merchant;
        var told = (differs.News, differs.RefundNews, differs.RefundNumber) switch
        {
            ({ } news, _, _) => await order.Hear(differs.Ordinal, method.Id, merchant, news),
            (_, { } news, { } refund) => await order.HearRefund(differs.Ordinal, refund, method.Id, merchant, news),
            _ => NewsVerdict.Known,
        };
        if (told == NewsVerdict.Stored)
        {
            // What the order makes of such news may be a work item too.
            var after = (await order.Get())!.State;
            return (differs, after.WorkItems.Length > before.WorkItems.Length ? DifferenceEnd.WorkItem : DifferenceEnd.Healed);
        }

        if (differs is { News: not null } or { RefundNews: not null } && compare((await order.Get())!.State) is Finding.Agreed agreed) return (agreed, null);
        // A refund of what was never paid here.
        if (told == NewsVerdict.Stranger) return (differs with { Kind = DifferenceKind.UnknownRefund }, DifferenceEnd.Noted);
        if (await order.HearDifference(method.Id, differs.Records) == NewsVerdict.Stored) LogFound(log, number, differs.Kind, MethodId);
        return (differs, DifferenceEnd.WorkItem);
    }

    Reconciliation Note(Reconciliation report, Finding finding, DifferenceEnd? end, string? order, string paymentNumber)
    {
        ReconciliationMetrics.Compared(MethodId, finding, end);
        if (finding is Finding.Differs differs && end is { } ended) ReconciliationMetrics.Differed(MethodId, differs.Kind, ended);
        return report.With(finding, end, order, paymentNumber);
    }

    static (string? Number, int Ordinal) OrderOf(string paymentNumber) => OrderNumber.TryParsePayment(paymentNumber, out var number, out var ordinal) ? (number, ordinal) : (null, 0);

    /// <summary>What the provider said of one payment or refund, and how that compares with the order.</summary>
    sealed record Answer(int Ordinal, bool IsUnanswered, Func<Order, IReadOnlyList<Finding>> Compare);

    /// <summary>Lets so many through a second, one after the other. Providers take their time by the real clock.</summary>
    sealed class Pace(double perSecond)
    {
        readonly TimeSpan apart = TimeSpan.FromSeconds(1 / perSecond);
        TimeSpan next;

        public async Task Next(CancellationToken cancellation)
        {
            var now = TimeProvider.System.GetElapsedTime(0);
            var mine = next > now ? next : now;
            next = mine + apart;
            if (mine > now) await Task.Delay(mine - now, TimeProvider.System, cancellation);
        }
    }

    [LoggerMessage(7001, LogLevel.Error, "Reconciliation of {Method}: failed and is gone on with where it stopped.")]
    static partial void LogFailed(ILogger log, Exception fault, string method);

    [LoggerMessage(7002, LogLevel.Error, "Reconciliation of {Method} for {Day:yyyy-MM-dd}: {Differing} differ and need a person; {Healed} were healed, {Agreed} agree, {NotCompared} could not be compared.")]
    static partial void LogDifferent(ILogger log, string method, DateOnly day, long differing, long healed, long agreed, long notCompared);

    [LoggerMessage(7003, LogLevel.Warning, "Reconciliation of {Method} for {Day:yyyy-MM-dd}: the provider did not answer about {NotCompared}; {Agreed} agree, {Healed} were healed. Have it done again when the provider answers.")]
    static partial void LogIncomplete(ILogger log, string method, DateOnly day, long notCompared, long agreed, long healed);

    [LoggerMessage(7004, LogLevel.Information, "Reconciliation of {Method} for {Day:yyyy-MM-dd}: {Agreed} agree, {Healed} were healed.")]
    static partial void LogDone(ILogger log, string method, DateOnly day, long agreed, long healed);

    [LoggerMessage(7005, LogLevel.Warning, "Reconciliation of {Method} for {Day:yyyy-MM-dd}: the provider's bill is not to be had ({Kind}).")]
    static partial void LogNoBill(ILogger log, string method, DateOnly day, UnknownKind kind);

    [LoggerMessage(7006, LogLevel.Warning, "Reconciliation of {Method} for {Day:yyyy-MM-dd}: the provider answers nothing; it is asked again in {Rest}.")]
    static partial void LogSilent(ILogger log, string method, DateOnly day, TimeSpan rest);

    [LoggerMessage(7007, LogLevel.Error, "Order {Number}: the records of {Method} differ from ours ({Kind}); a person must look.")]
    static partial void LogFound(ILogger log, string number, DifferenceKind kind, string method);
}
