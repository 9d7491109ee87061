using Billing.Channels;

namespace Billing.Orders;

/// <summary>How an order answers when it is to be paid, and when money comes. Pure: legal rows, then what is already so, then the typed refusal.</summary>
public static class PaymentRules
{
    /// <summary>How often an order may be tried to be paid; two digits of the payment's number would allow 99.</summary>
    public const int MaxPayments = 20;

    /// <summary>After so long without a provider's answer a person is told; it is still being asked.</summary>
    public static readonly TimeSpan SilentAfter = TimeSpan.FromHours(24);

    // Asked so long after the buyer was sent to the provider, and then every ten minutes: a lost callback is found without anyone's help.
    static readonly TimeSpan[] AskAfter = [TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(10)];

    // A create whose outcome is unknown is repeated quickly, because a buyer waits; the same request makes no second payment.
    static readonly TimeSpan[] PrepareAfter = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10)];

    static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    // Far more often than a payment is asked about before its end: what was not told by then is not told soon.
    const int AskedOften = 30;

    /// <summary>What follows from the command.</summary>
    public static Decision<OrderEvent, OrderError> Decide(Order order, OrderCommand command, DateTimeOffset now) => (order.Payment, command) switch
    {
        (_, StartPayment start) when !start.By.MayActFor(order.Account) => new OrderNotFound(),
        (PaymentStatus.Pending, StartPayment start) when Open(order, start.MethodId) => [],
        (PaymentStatus.Unpaid or PaymentStatus.Pending, StartPayment) when now >= order.ExpiresAt => new OrderNotPayable(order.Status),
        (PaymentStatus.Unpaid or PaymentStatus.Pending, StartPayment) when order.Stock == StockStatus.Wanted => new OrderNotPayable(order.Status),
        (PaymentStatus.Unpaid or PaymentStatus.Pending, StartPayment) when order.Payments.Length >= MaxPayments => new OrderNotPayable(order.Status),
        (PaymentStatus.Unpaid or PaymentStatus.Pending, StartPayment { Merchant: null }) => new PaymentMethodUnavailable(),
        (PaymentStatus.Unpaid or PaymentStatus.Pending, StartPayment start) => [Started(start, order.Payments.Length + 1, order.Amount, order.ExpiresAt, now)],
        (_, StartPayment) => new OrderNotPayable(order.Status),

        (_, RecordCheckout news) when order.Attempt(news.Ordinal) is not { IsOpen: true, Checkout: null } => [],
        (_, RecordCheckout news) => Prepared(order, order.Attempt(news.Ordinal)!, news.Answer, now),

        (_, RecordState news) when order.Attempt(news.Ordinal) is null => new OrderNotFound(),
        (_, RecordState { Answer: ChannelAnswer<PaymentState>.Done { Value: PaymentState.Paid paid } } news) =>
            Money(order, order.Attempt(news.Ordinal)!, paid, news, now),
        (_, RecordState news) when !order.Attempt(news.Ordinal)!.IsOpen => [],
        (_, RecordState news) => Told(order, order.Attempt(news.Ordinal)!, news, now),

        (_, CancelOrder cancel) when !cancel.By.MayActFor(order.Account) => new OrderNotFound(),
        (PaymentStatus.Unpaid or PaymentStatus.Pending, CancelOrder) => [new OrderCancelled(now)],
        (PaymentStatus.Cancelled, CancelOrder) => [],
        (_, CancelOrder) => new OrderNotCancellable(order.Status),

        // A pending order does not expire by the clock: its provider is asked, and closing its last payment makes it unpaid.
        (PaymentStatus.Unpaid, ExpireOrder) when now >= order.ExpiresAt => [new OrderExpired(now)],
        (_, ExpireOrder) => [],

        _ => throw new InvalidOperationException($"No rule for {command.GetType().Name}."),
    };

    /// <summary>A payment's start, also as part of placing the order.</summary>
    internal static PaymentStarted Started(StartPayment start, int ordinal, Money amount, DateTimeOffset expiresAt, DateTimeOffset now)
    {
        // Another payment may have been started meanwhile: an address with that one's number would bring money that nobody can place.
        var checkout = start.CheckoutOrdinal == ordinal ? start.Checkout : null;
        return new(now, ordinal, start.MethodId, start.Merchant!, amount, expiresAt, checkout, checkout is null ? now : Before(expiresAt, now + AskAfter[0], now));
    }

    /// <summary>A movement of money, reported by a callback or by a query: counted once whatever is repeated, and never dropped.</summary>
    static Decision<OrderEvent, OrderError> Money(Order order, Payment attempt, PaymentState.Paid paid, RecordState news, DateTimeOffset now)
    {
        var holdLate = news.HoldLate;
        return order.Payment switch
        {
            _ when order.Knows(attempt.MethodId, paid.TransactionId) => [],
            PaymentStatus.Paid => [.. Duplicated()],
            _ when paid.Amount != attempt.Amount => [Held(WorkItemKind.AmountMismatch, $"{paid.Amount} came for a price of {attempt.Amount}.")],
            PaymentStatus.Expired or PaymentStatus.Cancelled when holdLate =>
                [Held(WorkItemKind.LatePayment, $"{paid.Amount} came after the order had ended as {order.Payment}.")],
            // The time to pay an order with held money ends as for any other, with nobody to note it.
            PaymentStatus.Held when holdLate && now >= order.ExpiresAt => [Held(WorkItemKind.LatePayment, $"{paid.Amount} came after the order had ended.")],
            PaymentStatus.Expired or PaymentStatus.Cancelled => [new PaymentReceived(now, attempt.Ordinal, paid.TransactionId, paid.Amount, Late: true)],
            PaymentStatus.Held when now >= order.ExpiresAt => [new PaymentReceived(now, attempt.Ordinal, paid.TransactionId, paid.Amount, Late: true)],
            _ => [new PaymentReceived(now, attempt.Ordinal, paid.TransactionId, paid.Amount, Late: false)],
        };

        IEnumerable<OrderEvent> Duplicated()
        {
            var again = new PaymentDuplicated(now, attempt.Ordinal, paid.TransactionId, paid.Amount, $"{paid.Amount} came again for an order of {order.Amount} that is paid.");
            yield return again;
            if (!news.RefundDuplicates || order.AllRefunds?.Length == RefundRules.MaxRefunds) yield break;
            var receipt = new Receipt(attempt.Ordinal, paid.TransactionId, paid.Amount);
            foreach (var begun in RefundRules.Begin(
                order, receipt, paid.Amount, needsHold: false, evenIfSpent: true, Actor.System.Name, $"duplicate:{paid.TransactionId}", "The order was paid before.", null, now))
                yield return begun;
        }

        PaymentHeld Held(WorkItemKind kind, string detail) => new(now, attempt.Ordinal, paid.TransactionId, paid.Amount, kind, detail);
    }

    /// <summary>An answer to creating the payment.</summary>
    static Decision<OrderEvent, OrderError> Prepared(Order order, Payment attempt, ChannelAnswer<Checkout> answer, DateTimeOffset now) => answer switch
    {
        // Overtaken while it was being made: to be closed before the buyer finds it.
        ChannelAnswer<Checkout>.Done done when order.MustEnd(attempt, now) => [new PaymentPrepared(now, attempt.Ordinal, done.Value, now)],
        ChannelAnswer<Checkout>.Done done => [new PaymentPrepared(now, attempt.Ordinal, done.Value, Before(attempt.ExpiresAt, now + AskAfter[0], now))],
        // The provider knows it from an earlier try: ask what became of it.
        ChannelAnswer<Checkout>.Refused { Kind: RefusalKind.AlreadyPaid or RefusalKind.AlreadyClosed } =>
            [new PaymentPrepared(now, attempt.Ordinal, new(null, null, null), now)],
        ChannelAnswer<Checkout>.Refused refused => [new PaymentClosed(now, attempt.Ordinal, PaymentStatus.Cancelled, $"refused: {refused.Code}")],
        // A time-out is not a refusal: the provider may have it. The same request is repeated.
        ChannelAnswer<Checkout>.Unknown unknown =>
            [new PaymentAsked(now, attempt.Ordinal, unknown.Kind.ToString(), now + Wait(unknown.AskAgainAfter, Backoff(PrepareAfter, attempt.Asked)))],
        _ => throw new InvalidOperationException("No rule for this answer."),
    };

    /// <summary>What a provider said of a payment that is open here, other than that it is paid.</summary>
    static Decision<OrderEvent, OrderError> Told(Order order, Payment attempt, RecordState news, DateTimeOffset now)
    {
        var mustEnd = order.MustEnd(attempt, now);
        // An answer says what was so when it was asked for: the buyer may have paid while it was on its way.
        var asked = news.AskedAt ?? now;
        return news.Answer switch
        {
            ChannelAnswer<PaymentState>.Done { Value: PaymentState.Closed } or ChannelAnswer<PaymentState>.Refused { Kind: RefusalKind.AlreadyClosed } =>
                [Closed("closed")],

            ChannelAnswer<PaymentState>.Done { Value: PaymentState.NotFound } or ChannelAnswer<PaymentState>.Refused { Kind: RefusalKind.NotFound } =>
                (news.Traits.NotFoundMeans, mustEnd) switch
                {
                    (NotFoundMeaning.NeverCreated, _) when attempt.Checkout is not null || mustEnd => [Closed("never created")],
                    // Its address or QR code works until the provider's own expiry, opened or not.
                    (NotFoundMeaning.NotYetOpened, true) when asked >= attempt.ExpiresAt + news.Traits.Grace => [Closed("never opened")],
                    (NotFoundMeaning.MaybeForgotten, true) => [Closed("forgotten")],
                    _ => [Asked("not found", mustEnd ? now + Backoff([], attempt.Asked) : Next())],
                },

            ChannelAnswer<PaymentState>.Done { Value: PaymentState.Pending } when mustEnd && !news.Traits.CanClose && asked >= attempt.ExpiresAt + news.Traits.Grace =>
                [Closed("out of time")],
            // No answer, one that nobody named, or one that never comes to an end (a payment that stays pending whatever closes it, or is said to be paid and
            // not how much) ends nothing: the deadline asks again, and after a day a person is told.
            _ when now >= attempt.ExpiresAt + SilentAfter && !order.WorkItems.Any(item => item is { Kind: WorkItemKind.ProviderSilent, ResolvedAt: null }) =>
            [
                Asked("unknown", now + Longest),
                new ProviderFellSilent(now, attempt.Ordinal, $"Payment {attempt.Ordinal} through {attempt.MethodId} has had no final answer since it ended."),
            ],

            ChannelAnswer<PaymentState>.Done { Value: PaymentState.Pending } => [Asked("pending", mustEnd ? now + Backoff([], attempt.Asked) : Next())],

            // It could not be closed because it is paid: ask how much, at once; but not every second for ever.
            ChannelAnswer<PaymentState>.Refused { Kind: RefusalKind.AlreadyPaid } => [Asked("already paid", now + (attempt.Asked < AskedOften ? Soon : Longest))],
            ChannelAnswer<PaymentState>.Unknown unknown => [Asked(unknown.Kind.ToString(), now + Wait(unknown.AskAgainAfter, Backoff([], attempt.Asked)))],
            ChannelAnswer<PaymentState>.Refused refused => [Asked($"refused: {refused.Code}", now + Backoff([], attempt.Asked))],
            _ => throw new InvalidOperationException("No rule for this answer."),
        };

        PaymentClosed Closed(string reason) =>
            new(now, attempt.Ordinal, now >= attempt.ExpiresAt ? PaymentStatus.Expired : PaymentStatus.Cancelled, reason);
        PaymentAsked Asked(string answer, DateTimeOffset lookAt) => new(now, attempt.Ordinal, answer, lookAt);
        DateTimeOffset Next() => Before(attempt.ExpiresAt, now + AskAfter[Math.Min(attempt.Asked + 1, AskAfter.Length - 1)], now);
    }

    static bool Open(Order order, string methodId) => order.Payments.Any(payment => payment.IsOpen && !payment.Superseded && payment.MethodId == methodId);

    // While it can be paid, the last look is at its end.
    static DateTimeOffset Before(DateTimeOffset end, DateTimeOffset next, DateTimeOffset now) => now < end && next > end ? end : next;

    // A provider's wish is its own text, or that of whatever stands between: it must not put money off beyond the usual longest wait.
    static TimeSpan Wait(TimeSpan? wish, TimeSpan usual) => wish is not { } asked ? usual : asked < Longest ? asked : Longest;

    static TimeSpan Backoff(TimeSpan[] first, int tries)
    {
        if (tries < first.Length) return first[tries];
        var exponent = Math.Min(tries - first.Length, 6);
        var delay = TimeSpan.FromSeconds(10 * (1 << exponent));
        return delay < Longest ? delay : Longest;
    }
}
