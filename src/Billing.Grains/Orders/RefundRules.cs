using Billing.Channels;

namespace Billing.Orders;

/// <summary>How money goes back. Pure.</summary>
public static class RefundRules
{
    /// <summary>The most refunds of one order: their numbers have two digits.</summary>
    public const int MaxRefunds = 99;

    /// <summary>After so long without a provider's final answer a person is told; it is still being asked.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromHours(24);

    static readonly TimeSpan[] AskAfter = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5)];
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>What follows from the command.</summary>
    public static Decision<OrderEvent, OrderError> Decide(Order order, OrderCommand command, DateTimeOffset now) => command switch
    {
        RequestRefund request when !request.By.MayActFor(order.Account) => new OrderNotFound(),
        RequestRefund request when Known(order, request.By, request.Key) is { } known => Again(known, request.Amount, request.Reason),
        RequestRefund { Settings.RequestWithin: var within } when order.PaidAt is { } paid && order.Payment == PaymentStatus.Paid && now > paid + within =>
            new RefundWindowOver(paid + within),
        RequestRefund when order is not { Payment: PaymentStatus.Paid, Fulfilment: FulfilmentStatus.Fulfilled } => new OrderNotRefundable(order.Status),
        RequestRefund when order.Refunds.Any(refund => refund.Status == RefundStatus.Requested) => new RefundAlreadyOpen(),
        RequestRefund request => Request(order, request, now),

        WithdrawRefund withdraw when !withdraw.By.MayActFor(order.Account) => new OrderNotFound(),
        WithdrawRefund when OpenRequest(order) is { } open => [new RefundWithdrawn(now, open.Number)],
        WithdrawRefund when order.Refunds.LastOrDefault() is { Status: RefundStatus.Withdrawn } => [],
        WithdrawRefund => new NoOpenRefundRequest(),

        ApproveRefund approve => Approve(order, order.Refunds.FirstOrDefault(refund => refund.Number == approve.Number), approve, now),
        RejectRefund reject => Reject(order.Refunds.FirstOrDefault(refund => refund.Number == reject.Number), reject, now),

        RefundOrder refund when Known(order, refund.By, refund.Key) is { } known => Again(known, refund.Amount, refund.Note),
        RefundOrder when order is not { Payment: PaymentStatus.Paid, Stock: not StockStatus.Wanted, Fulfilment: not FulfilmentStatus.Reversed } => new OrderNotRefundable(order.Status),
        RefundOrder refund => Give(order, refund, now),

        RecordHold { Number: var number } when order.FindRefund(number) is not { Hold: HoldStatus.Wanted } => [],
        RecordHold { Failure: { } failure } hold => [Later(order.FindRefund(hold.Number)!, failure, now)],
        RecordHold { Held: { } held } hold => [new RefundHeld(now, hold.Number, held)],
        RecordHold hold when order.FindRefund(hold.Number) is { Status: RefundStatus.Requested or RefundStatus.Processing } => [new RefundRefused(now, hold.Number, hold.Available)],
        RecordHold hold => [new RefundHoldReleased(now, hold.Number, null)],

        RecordRelease { Number: var number } when order.FindRefund(number) is not { Hold: HoldStatus.Excess } => [],
        RecordRelease { Failure: { } failure } release => [Later(order.FindRefund(release.Number)!, failure, now)],
        // It came to nothing while the rest was given back: what was kept goes back next.
        RecordRelease release => [new RefundHoldReleased(now, release.Number, release.Kept)],

        RecordRefund news when order.FindRefund(news.Number) is not { } refund || refund.Status == RefundStatus.Refused => new RefundNotFound(),
        RecordRefund news => Told(order, order.FindRefund(news.Number)!, news, now),

        RecordRefundElsewhere { State: not RefundState.Succeeded } => [],
        // What was disputed went back, and its news came as those of a refund.
        RecordRefundElsewhere { State: RefundState.Succeeded done } news
            when order.Refunds.FirstOrDefault(refund => refund.ProviderNumber == news.ProviderNumber && refund.Status == RefundStatus.Disputed) is { } disputed =>
            DisputeRules.Lose(order, disputed, new(news.Ordinal, new(news.ProviderNumber, DisputeStage.Lost, done.Amount, done.At)), now),
        RecordRefundElsewhere news when order.Refunds.Any(refund => refund.ProviderNumber == news.ProviderNumber && refund.Status != RefundStatus.DisputeWon) => [],
        RecordRefundElsewhere news => Elsewhere(order, news, now),

        _ => throw new InvalidOperationException($"No rule for {command.GetType().Name}."),
    };

    /// <summary>What begins a refund that somebody may decide alone, or the first of two may.</summary>
    internal static IEnumerable<OrderEvent> Begin(
        Order order, Receipt receipt, Money amount, bool needsHold, bool evenIfSpent, string by, string key, string? reason, RefundSettings? settings, DateTimeOffset now)
    {
        var number = NextNumber(order);
        yield return new RefundRequested(now, number, receipt.Ordinal, receipt.TransactionId, amount, needsHold, evenIfSpent, by, key, reason);
        yield return settings?.NeedsTwo(amount) == true
            ? new RefundApprovedFirst(now, number, amount, by, reason ?? "")
            : new RefundApproved(now, number, amount, by, reason);
    }

    /// <summary>An order whose held money has all been given back, or settled elsewhere by a person, is over.</summary>
    internal static Decision<OrderEvent, OrderError> WithEnd(Order order, IEnumerable<OrderEvent> events, DateTimeOffset now)
    {
        OrderEvent[] happened = [.. events];
        var after = happened.Aggregate(order, Order.After);
        return after.Payment == PaymentStatus.Held && after.Receipts.All(receipt => IsOver(after, receipt)) ? [.. happened, new OrderCancelled(now)] : [.. happened];
    }

    static bool IsOver(Order order, Receipt receipt) =>
        order.Of(receipt).Where(refund => refund.Status == RefundStatus.Succeeded).Sum(refund => refund.Amount.MinorUnits) >= receipt.Amount.MinorUnits
        || order.WorkItems.Any(item => item.Resolution == WorkItemResolution.Dismiss
            && ((item.TransactionId == receipt.TransactionId && item.Ordinal == receipt.Ordinal) || order.Of(receipt).Any(refund => !refund.IsDispute && refund.Number == item.RefundNumber)));

    static Decision<OrderEvent, OrderError> Request(Order order, RequestRefund request, DateTimeOffset now)
    {
        var refundable = order.Refundable;
        if (refundable.MinorUnits == 0 || Count(order) == MaxRefunds) return new OrderNotRefundable(order.Status);
        var amount = request.Amount ?? refundable;
        if (!IsWithin(amount, refundable)) return new RefundAmountOutOfRange(refundable);
        if (order.CreditsFor(amount, null) > request.Returnable) return new CreditsAlreadySpent(order.RefundableFor(request.Returnable));
        var number = NextNumber(order);
        var settling = order.Settling!;
        var requested = new RefundRequested(
            now, number, settling.Ordinal, settling.TransactionId, amount, NeedsHold: true, EvenIfSpent: false, request.By.Name, request.Key, request.Reason);
        return request.Settings.IsAutomatic(amount, now - order.PaidAt!.Value) && order.IsUnspent(request.Returnable)
            ? [requested, new RefundApproved(now, number, amount, Actor.System.Name, "Approved by rule: nothing of it was used.")]
            : [requested];
    }

    static Decision<OrderEvent, OrderError> Give(Order order, RefundOrder give, DateTimeOffset now)
    {
        var refundable = order.Refundable;
        if (refundable.MinorUnits == 0 || Count(order) == MaxRefunds) return new OrderNotRefundable(order.Status);
        if (!IsWithin(give.Amount, refundable)) return new RefundAmountOutOfRange(refundable);
        // Nothing of it was credited yet: it is given back whole, and never credited.
        if (order.Fulfilment == FulfilmentStatus.InProgress && give.Amount != order.Settling!.Amount) return new OrderNotRefundable(order.Status);
        if (order.Fulfilment == FulfilmentStatus.Fulfilled && !give.EvenIfSpent && order.CreditsFor(give.Amount, null) > give.Returnable)
            return new CreditsAlreadySpent(order.RefundableFor(give.Returnable));
        // An order that is credited at this very moment may lose some of it to a spend.
        var evenIfSpent = give.EvenIfSpent || order.Fulfilment == FulfilmentStatus.InProgress;
        return [.. Begin(order, order.Settling!, give.Amount, needsHold: true, evenIfSpent, give.By.Name, give.Key, give.Note, give.Settings, now)];
    }

    static Decision<OrderEvent, OrderError> Approve(Order order, Refund? refund, ApproveRefund approve, DateTimeOffset now)
    {
        if (refund is null) return new RefundNotFound();
        if (refund.Status != RefundStatus.Requested) return new RefundAlreadyDecided(refund.Status);
        if (refund.Version != approve.ExpectedVersion) return new RefundChanged(refund.Version);
        var amount = approve.Amount ?? refund.FirstApproval?.Amount ?? refund.Amount;
        if (!IsWithin(amount, refund.Amount)) return new RefundAmountOutOfRange(refund.Amount);
        // What nobody has been credited for yet goes back whole or not at all.
        if (order.Fulfilment == FulfilmentStatus.InProgress && refund.Hold != HoldStatus.NotNeeded && amount != refund.Amount) return new RefundAmountOutOfRange(refund.Amount);
        if (!approve.Settings.NeedsTwo(amount)) return [new RefundApproved(now, refund.Number, amount, approve.By.Name, approve.Note)];
        return refund.FirstApproval switch
        {
            { } first when first.By == approve.By.Name => new SecondPersonRequired(),
            { } first when first.Amount == amount => [new RefundApproved(now, refund.Number, amount, approve.By.Name, approve.Note)],
            // Of another amount than the first one's: a first approval anew.
            _ => [new RefundApprovedFirst(now, refund.Number, amount, approve.By.Name, approve.Note)],
        };
    }

    static Decision<OrderEvent, OrderError> Reject(Refund? refund, RejectRefund reject, DateTimeOffset now) => refund switch
    {
        null => new RefundNotFound(),
        { Status: not RefundStatus.Requested } => new RefundAlreadyDecided(refund.Status),
        _ when refund.Version != reject.ExpectedVersion => new RefundChanged(refund.Version),
        _ => [new RefundRejected(now, refund.Number, reject.By.Name, reject.Note)],
    };

    /// <summary>What a provider says of a refund. Its word is a fact, whatever was believed here before.</summary>
    static Decision<OrderEvent, OrderError> Told(Order order, Refund refund, RecordRefund news, DateTimeOffset now)
    {
        return (refund.Status, news.Answer) switch
        {
            (RefundStatus.Processing or RefundStatus.Failed, ChannelAnswer<RefundState>.Done { Value: RefundState.Succeeded done }) when refund.Counts && done.Amount != refund.Amount =>
                refund.Status == RefundStatus.Failed ? [] : [Failed("AMOUNT", $"The provider says that {done.Amount} was given back instead of {refund.Amount}.")],
            (RefundStatus.Processing or RefundStatus.Failed, ChannelAnswer<RefundState>.Done { Value: RefundState.Succeeded }) when refund.Counts =>
                WithEnd(order, [new RefundSucceeded(now, refund.Number, refund.Amount)], now),
            // It had been given up, or never been sent, and yet the money has gone back.
            (not RefundStatus.Succeeded, ChannelAnswer<RefundState>.Done { Value: RefundState.Succeeded done }) =>
                order.Refunds.Any(other => other.ProviderNumber == refund.Number)
                    ? []
                    : Elsewhere(order, new(refund.Ordinal, refund.Number, done), now),
            // Some providers take it back later: the payer's bank has refused it.
            (RefundStatus.Processing or RefundStatus.Succeeded, ChannelAnswer<RefundState>.Done { Value: RefundState.Failed failed }) when refund.ProviderNumber is null =>
                [Failed(failed.Code, $"The provider will not give {refund.Amount} back: {failed.Code}.")],
            (not RefundStatus.Processing, _) => [],

            (_, ChannelAnswer<RefundState>.Done { Value: RefundState.NotFound } or ChannelAnswer<RefundState>.Refused { Kind: RefusalKind.NotFound }) when !news.IsTelling =>
                [.. Go("not found", sent: false)],
            (_, ChannelAnswer<RefundState>.Done) => [.. Go("pending", sent: true)],
            (_, ChannelAnswer<RefundState>.Refused { Kind: RefusalKind.InsufficientFunds } refused) => [.. Go($"refused: {refused.Code}", sent: false)],
            (_, ChannelAnswer<RefundState>.Refused refused) when news.IsTelling =>
                [Failed(refused.Code, $"The provider refused to give {refund.Amount} back: {refused.Code}.")],
            // Asking was refused, which says nothing of the refund.
            (_, ChannelAnswer<RefundState>.Refused refused) => [.. Go($"refused: {refused.Code}", sent: true)],
            (_, ChannelAnswer<RefundState>.Unknown { Kind: UnknownKind.NotSent } unknown) => [.. Go(unknown.Kind.ToString(), refund.Sent, unknown.AskAgainAfter)],
            // A time-out is not a failure: it is asked, and never sent under another number.
            (_, ChannelAnswer<RefundState>.Unknown unknown) => [.. Go(unknown.Kind.ToString(), sent: true, unknown.AskAgainAfter)],
            _ => throw new InvalidOperationException("No rule for this answer."),
        };

        RefundFailed Failed(string code, string detail) => new(now, refund.Number, code, detail);

        IEnumerable<OrderEvent> Go(string answer, bool sent, TimeSpan? wish = null)
        {
            yield return new RefundAsked(now, refund.Number, answer, now + (wish is { } asked && asked < Longest && asked > Wait(refund) ? asked : Wait(refund)), sent);
            if (now >= refund.DecidedAt + SilentAfter && !order.WorkItems.Any(item => item.RefundNumber == refund.Number && item.ResolvedAt is null))
                yield return new RefundFellSilent(now, refund.Number, $"The refund of {refund.Amount} has had no final answer for a day; the last one was: {answer}.");
        }
    }

    /// <summary>The money that came by this payment and that went back at the provider: that which settles the order, if there is enough left of it.</summary>
    internal static Receipt? ReceiptFor(Order order, int ordinal, Money amount)
    {
        var receipts = order.Receipts.Where(receipt => receipt.Ordinal == ordinal).ToList();
        return receipts.Find(one => one == order.Settling && order.LeftOf(one) >= amount.MinorUnits)
            ?? receipts.Find(one => order.LeftOf(one) >= amount.MinorUnits)
            ?? receipts.FirstOrDefault();
    }

    /// <summary>The next refund's number; null when there is none left.</summary>
    internal static string? NewNumber(Order order) => Count(order) == MaxRefunds ? null : NextNumber(order);

    /// <summary>Money that went back without having been sent from here.</summary>
    internal static Decision<OrderEvent, OrderError> Elsewhere(Order order, RecordRefundElsewhere news, DateTimeOffset now)
    {
        var amount = ((RefundState.Succeeded)news.State).Amount;
        if (ReceiptFor(order, news.Ordinal, amount) is not { } receipt || NewNumber(order) is not { } number) return new OrderNotFound();
        var needsHold = receipt == order.Settling;
        return WithEnd(
            order,
            [new RefundMadeElsewhere(
                now, number, news.ProviderNumber, receipt.Ordinal, receipt.TransactionId, amount, needsHold,
                $"{amount} went back at the provider, as {news.ProviderNumber}, without having been sent from here.")],
            now);
    }

    static Decision<OrderEvent, OrderError> Again(Refund known, Money? amount, string reason)
    {
        var differs = new List<string>();
        if (amount is { } asked && asked != (known.Requested ?? known.Amount)) differs.Add("amount");
        if (reason != known.Reason) differs.Add("reason");
        return differs.Count == 0 ? [] : new IdempotencyKeyReused([.. differs]);
    }

    static RefundAsked Later(Refund refund, string failure, DateTimeOffset now) => new(now, refund.Number, failure, now + Wait(refund), refund.Sent);

    static Refund? OpenRequest(Order order) =>
        order.Refunds.FirstOrDefault(refund => refund.Status == RefundStatus.Requested && refund.RequestedBy == Actor.Account(order.Account).Name);

    // One that was refused for want of a hold is no refund: its key may be used again.
    static Refund? Known(Order order, Actor by, string key) => order.Refunds.FirstOrDefault(refund => refund.RequestedBy == by.Name && refund.Key == key);

    static bool IsWithin(Money amount, Money most) => amount.Currency == most.Currency && amount.MinorUnits > 0 && amount.MinorUnits <= most.MinorUnits;

    static int Count(Order order) => order.AllRefunds?.Length ?? 0;

    static string NextNumber(Order order) => OrderNumber.OfRefund(order.Number, Count(order) + 1);

    static TimeSpan Wait(Refund refund) => refund.Asked < AskAfter.Length ? AskAfter[refund.Asked] : Longest;
}
