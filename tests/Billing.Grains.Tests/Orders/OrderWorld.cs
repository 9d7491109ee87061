using Billing.Accounts;
using Billing.Catalog;
using Billing.Channels;
using Billing.Orders;
using static Billing.Tests.Orders.OrderSamples;

namespace Billing.Tests.Orders;

/// <summary>What can be done in the world of the order model. Each takes two small numbers that say to which order, through which method, how.</summary>
enum Deed
{
    Place,
    StartPayment,
    BeginStep,
    EndStep,
    TakeSteps,
    Pay,
    DeliverCallback,
    RepeatCallback,
    LoseCallback,
    Wait,
    Cancel,
    Crash,
    ProviderMood,
    WriteFault,
    NeighbourFault,
    CloseAtProvider,
    Open,
    Refresh,
    RequestRefund,
    WithdrawRefund,
    DecideRefund,
    GiveBack,
    Resolve,
    RefundMood,
    MoveRefund,
    RefundElsewhere,
    DeliverRefund,
    RepeatRefund,
    LoseRefund,
    Spend,
    Dispute,
    DecideDispute,
    DeliverDispute,
    RepeatDispute,
    LoseDisputeNews,
}

/// <summary>A rule broken on purpose, to see that the model notices.</summary>
enum Mutant
{
    None,

    /// <summary>Money that was reported before is taken for new money.</summary>
    ForgetsReceipts,

    /// <summary>No answer is taken for "not paid".</summary>
    ExpiresOnUnknown,

    /// <summary>Each try to credit has a reference of its own.</summary>
    CreditsWithoutReference,

    /// <summary>An order that ends forgets the piece that it wanted.</summary>
    ForgetsWantedStock,

    /// <summary>Any amount settles the order.</summary>
    TakesAnyAmount,

    /// <summary>Each try to give money back has a number of its own.</summary>
    SendsAnotherNumber,

    /// <summary>A provider that does not answer has failed.</summary>
    TakesSilenceForFailure,

    /// <summary>A refund takes nothing back.</summary>
    HoldsNothing,

    /// <summary>What was held is never given back.</summary>
    KeepsHolds,

    /// <summary>Refunds that are under way do not count.</summary>
    ForgetsRefundsInFlight,

    /// <summary>A dispute that was won holds what it held.</summary>
    ForgetsWonDisputes,
}

/// <summary>One deed.</summary>
readonly record struct Act(Deed Deed, int A, int B)
{
    public override string ToString() => $"{Deed}({A},{B})";
}

/// <summary>How a world begins.</summary>
/// <param name="Stock">The plan's stock; null when it is not counted.</param>
/// <param name="MaxOpenOrders">How many open orders the account may have.</param>
/// <param name="HoldLate">Whether late money waits for a person.</param>
/// <param name="Honest">Whether providers keep their word: at most one payment each, and none after they said that there will be none.</param>
sealed record WorldSettings(int? Stock, int MaxOpenOrders, bool HoldLate, bool Honest);

/// <summary>
/// Two orders, their account, their plan and four providers, without a grain: events are written, deeds interleave with steps at every await of the grain's, and
/// a crash leaves nothing but what was written.
/// </summary>
sealed partial class OrderWorld(WorldSettings settings, Mutant mutant = Mutant.None)
{
    // As in DocumentGrain: more steps than this at one time are an endless loop.
    const int MaxSteps = 64;

    static readonly TimeSpan Grace = TimeSpan.FromMinutes(5);

    static readonly (string Id, ChannelTraits Traits)[] Methods =
    [
        ("alipay", new(false, true, NotFoundMeaning.NotYetOpened, TimeSpan.Zero, Grace, new HashSet<string>())),
        ("epay", new(true, false, NotFoundMeaning.NotYetOpened, TimeSpan.Zero, Grace, new HashSet<string>())),
        ("stripe", new(false, true, NotFoundMeaning.NeverCreated, TimeSpan.Zero, Grace, new HashSet<string>())),
        ("wechat", new(false, true, NotFoundMeaning.MaybeForgotten, TimeSpan.Zero, Grace, new HashSet<string>())),
    ];

    static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(11), TimeSpan.FromMinutes(31),
        TimeSpan.FromHours(25),
    ];

    static readonly OrderWish[] Wishes = [Wish, Wish with { IdempotencyKey = "key-2" }];
    static readonly string[] Numbers = [.. Wishes.Select(wish => OrderNumber.Of(wish.Account, wish.IdempotencyKey))];

    static readonly Money[] Amounts =
        [Price, Price, Price, Price with { MinorUnits = 1989 }, Price with { MinorUnits = 1991 }, Price with { Currency = "USD" }];

    readonly OrderInWorld[] orders = [new(Wishes[0], Numbers[0]), new(Wishes[1], Numbers[1])];
    readonly Dictionary<string, ProviderPayment> payments = [];
    readonly List<Callback> callbacks = [];
    readonly List<AccountEvent> ledger = [];
    readonly HashSet<string> planReferences = [];
    readonly List<Movement> confirmed = [];
    readonly List<Movement> moved = [];
    Account? account;
    Plan plan = Starter with { Stock = settings.Stock, Terms = Terms with { PurchaseLimitPerAccount = settings.Stock is null ? null : 1 } };
    DateTimeOffset now = Noon;
    Mood mood;
    WriteFault writeFault;
    WriteFault neighbourFault;
    int transactions;
    int creditTries;

    enum Mood
    {
        Truth,
        NotReached,
        AnswerLost,
        Fault,
        RateLimited,
        Refuses,
    }

    enum WriteFault
    {
        None,
        Lost,
        AnswerLost,
    }

    public void Do(Act act)
    {
        var order = orders[act.A & 1];
        switch (act.Deed)
        {
            case Deed.Place: Place(order, act.B); break;
            case Deed.StartPayment: StartPayment(order, act.B); break;
            case Deed.BeginStep: Begin(order); break;
            case Deed.EndStep: End(order, act.B); break;
            case Deed.TakeSteps: TakeSteps(order); break;
            case Deed.Pay: Pay(order, act.A >> 1, act.B); break;
            case Deed.DeliverCallback: WithCallback(act.B, callback => Deliver(callback, again: false)); break;
            case Deed.RepeatCallback: WithCallback(act.B, callback => Deliver(callback, again: true)); break;
            case Deed.LoseCallback: WithCallback(act.B, callback => callbacks.Remove(callback)); break;
            case Deed.Wait: Wait(order, act.B); break;
            case Deed.Cancel: Obey(order, new CancelOrder(Alice)); break;
            case Deed.Crash: order.Hands.Clear(); break;
            case Deed.ProviderMood: mood = (Mood)(act.B % 6); break;
            case Deed.WriteFault: writeFault = (WriteFault)(act.B % 3); break;
            case Deed.NeighbourFault: neighbourFault = (WriteFault)(act.B % 3); break;
            case Deed.CloseAtProvider: CloseAtProvider(order, act.B); break;
            case Deed.Open: WithAttempt(order, act.B, (_, atProvider) => atProvider.Exists = true); break;
            case Deed.Refresh: Refresh(order); break;
            case Deed.RequestRefund: AskBack(order, act.A >> 1, act.B); break;
            case Deed.WithdrawRefund: Obey(order, new WithdrawRefund(Alice)); break;
            case Deed.DecideRefund: DecideRefund(order, act.A >> 1, act.B); break;
            case Deed.GiveBack: GiveBack(order, act.A >> 1, act.B); break;
            case Deed.Resolve: Resolve(order, act.A >> 1, act.B); break;
            case Deed.RefundMood: refundMood = (RefundMood)(act.B % 5); break;
            case Deed.MoveRefund: MoveRefund(act.A, act.B); break;
            case Deed.RefundElsewhere: RefundElsewhere(order, act.A >> 1, act.B); break;
            case Deed.DeliverRefund: WithRefundNews(act.B, news => Deliver(news, again: false)); break;
            case Deed.RepeatRefund: WithRefundNews(act.B, news => Deliver(news, again: true)); break;
            case Deed.LoseRefund: WithRefundNews(act.B, Lose); break;
            case Deed.Spend: Spend(act.B); break;
            case Deed.Dispute: Dispute(order, act.A >> 1, act.B); break;
            case Deed.DecideDispute: DecideDispute(act.A, act.B); break;
            case Deed.DeliverDispute: WithDisputeNews(act.B, news => Deliver(news, again: false)); break;
            case Deed.RepeatDispute: WithDisputeNews(act.B, news => Deliver(news, again: true)); break;
            case Deed.LoseDisputeNews: WithDisputeNews(act.B, Lose); break;
            default: throw new InvalidOperationException();
        }
    }

    /// <summary>Everything works again: what is owed is done, and what is on its way arrives.</summary>
    public void Heal()
    {
        const int maxRounds = 400;
        mood = Mood.Truth;
        writeFault = neighbourFault = WriteFault.None;
        foreach (var order in orders) order.Hands.Clear();
        for (var round = 0; ; round++)
        {
            foreach (var order in orders) TakeSteps(order);
            HealRefunds();
            while (callbacks.Count > 0) Deliver(callbacks[0], again: false);
            while (refundNews.Count > 0) Deliver(refundNews[0], again: false);
            while (disputeNews.Count > 0) Deliver(disputeNews[0], again: false);
            foreach (var order in orders) TakeSteps(order);
            var next = orders.Min(order => order.State is { } state ? Order.NextDeadline(state) : null);
            if (next is null) return;
            if (round == maxRounds) throw Broken("The orders never come to rest.");
            now = next > now ? next.Value : now.AddSeconds(1);
        }
    }

    public void AssertConserved()
    {
        foreach (var order in orders) AssertConserved(order);

        if (ledger.Count > 0 && account!.Balance.Micro != ledger.Sum(entry => entry.Credits.Micro))
            throw Broken("The account's balance is not the sum of its entries.");
        if (account?.Balance < Credits.Zero) throw Broken("The account's balance is negative.");
        if (confirmed.Distinct().Count() != orders.Sum(order => order.State?.Receipts.Length ?? 0))
            throw Broken("Receipts and confirmed movements of money differ.");
        if (settings.Honest && moved.Count != confirmed.Distinct().Count()) throw Broken("An honest provider took money that was never found.");
        if (settings.Stock is { } stock)
        {
            var held = orders.Count(order => order.State?.Stock == StockStatus.Taken);
            if (plan.Stock + held != stock) throw Broken($"Of {stock} pieces {plan.Stock} are left and {held} are held by orders.");
        }
    }

    void AssertConserved(OrderInWorld order)
    {
        if (order.State is not { } state) return;
        AssertRefunds(order, state);
        var purchases = state.Payment == PaymentStatus.Paid && !(state.AllRefunds ?? []).Any(refund => refund.WasVoided) ? 1 : 0;
        if (ledger.Count(entry => entry is GrantsApplied && entry.Reference.StartsWith(Reference(order), StringComparison.Ordinal)) != purchases)
            throw Broken("A paid order is credited once, and no other.");
        if (state.Payment == PaymentStatus.Paid != (state.Fulfilment is FulfilmentStatus.Fulfilled or FulfilmentStatus.Reversed)) throw Broken("Paid and fulfilled differ.");
        if (state.Payment is PaymentStatus.Pending or PaymentStatus.Unpaid && state.Refusal is null) throw Broken("An order is open after its time.");
        if (state.Payments.Any(payment => payment.IsOpen)) throw Broken("A payment is open after its time.");
        if (state.WorkItems.Any(item => item is { Kind: WorkItemKind.ProviderSilent or WorkItemKind.FulfilmentStuck, ResolvedAt: null }))
            throw Broken("Everything was answered, and a work item says that it was not.");
        if (state.Stock is StockStatus.Wanted or StockStatus.Returning) throw Broken("A piece is still on its way.");
        if (state.Stock == StockStatus.Taken && state.Payment is PaymentStatus.Expired or PaymentStatus.Cancelled)
            throw Broken("An ended order holds a piece.");
        if (settings.Stock is not null && state is { Payment: PaymentStatus.Paid, Fulfilment: FulfilmentStatus.Fulfilled, Stock: not StockStatus.Taken } && !Decided(order))
            throw Broken("A paid order of a limited plan has no piece.");
        if (state.Stock == StockStatus.Taken && state.Status == OrderStatus.Refunded) throw Broken("An order that was given back holds a piece.");
        if (Column(order, "open_slot") is not null) throw Broken("An order that is over takes up a place among the open ones.");
        if (Column(order, "purchase_slot") is not null && state.Payment is not (PaymentStatus.Paid or PaymentStatus.Held))
            throw Broken("An order that was not paid takes up a purchase.");

        Order? folded = null;
        foreach (var happened in order.Journal)
        {
            var (name, data) = OrderDocument.Kind.WriteEvent(happened);
            folded = Order.After(folded, (OrderEvent)OrderDocument.Kind.ReadEvent(name, data.Text()));
        }

        if (OrderDocument.Kind.WriteState(folded!).Text() != OrderDocument.Kind.WriteState(state).Text()) throw Broken("The journal's fold is not the document.");
    }

    void Place(OrderInWorld order, int how)
    {
        var open = orders.Select(other => Column(other, "open_slot")).OfType<long>().ToHashSet();
        var purchases = orders.Select(other => Column(other, "purchase_slot")).OfType<long>().ToHashSet();
        // The grain guesses a place at first: the unique index sends it back, and it looks at what is taken.
        var guess = (how & 1) == 0;
        int? Free(HashSet<long> taken, int most) =>
            guess ? 1 : Enumerable.Range(1, most).Select(slot => (int?)slot).FirstOrDefault(slot => !taken.Contains(slot!.Value));
        var start = (how & 2) == 0 ? null : new StartPayment("alipay", Merchant, null, 1, Alice);
        Obey(order, new PlaceOrder(
            order.Number, order.Wish, plan, now.AddMinutes(30), Free(open, settings.MaxOpenOrders), settings.Stock is null ? null : Free(purchases, 1),
            Limit, start));
    }

    void Wait(OrderInWorld order, int how)
    {
        // What is interesting happens around the end of the time to pay.
        var end = order.State is { } state ? state.ExpiresAt.AddMinutes(how == 7 ? 1 : 6) : now;
        now = how < Waits.Length || end < now ? now + Waits[how % Waits.Length] : end;
    }

    void StartPayment(OrderInWorld order, int how)
    {
        if (order.State is not { Refusal: null } state) return;
        var (id, traits) = Methods[how % Methods.Length];
        // Another payment may have been started between making the address and deciding.
        var ordinal = state.Payments.Length + (how / Methods.Length % 3 == 2 ? 0 : 1);
        var checkout = traits.CreatesWithoutCall ? CheckoutOf(order, ordinal) : null;
        Obey(order, new StartPayment(id, Merchant, checkout, ordinal, Alice));
        // Some buyers go to the provider at once.
        if (how >= 8 && order.State!.Payments.LastOrDefault(payment => payment.Checkout is not null) is { } started) AtProvider(order, started).Exists = true;
    }

    /// <summary>The first half of a step: what is owed is read from the document, and the neighbour or provider is called.</summary>
    void Begin(OrderInWorld order)
    {
        // One step at a time, but calls to providers beside it.
        if (order.Hands.Any(hand => hand.Errand is null) || order.State is not { } state || Order.Next(state, now, order.Errands) is not { } step) return;
        Hand? begun = step switch
        {
            TakeStock take => Neighbour(() => TakePiece(take.Reference)) is { } taken ? new(new RecordStock(taken), null) : null,
            ReturnStock give => Neighbour(() => ReturnPiece(give.Reference)) is not null ? new(new RecordStockReturned(), null) : null,
            CreditAccount credit => new(new RecordCredit(Neighbour(() => Credit(order, credit)) is true ? null : "NoAnswer"), null),
            HoldForRefund hold => new(Hold(order, hold), null),
            ReleaseHeld release => new(Release(order, release), null),
            SendRefund send => new(new RecordRefund(send.Refund.Number, Send(order, send.Refund), IsTelling: true), null),
            AskRefund ask => new(new RecordRefund(ask.Refund.Number, QueryRefund(ask.Refund), IsTelling: false), null),
            PreparePayment prepare => new(new RecordCheckout(prepare.Payment.Ordinal, Answer(() => Create(order, prepare.Payment))), null),
            AskProvider ask => new(Query(order, ask.Payment), null),
            EndPayment end => TraitsOf(end.Payment).CanClose ? new(Query(order, end.Payment), end.Payment) : new(Query(order, end.Payment), null),
            Expire => new(new ExpireOrder(), null),
            _ => throw new InvalidOperationException(),
        };
        if (begun is not null) order.Hands.Add(begun with { Errand = step.Errand });
    }

    /// <summary>The second half: an unpaid payment is closed, and the answer is recorded. In between, anything may have happened.</summary>
    void End(OrderInWorld order, int which)
    {
        if (order.Hands.Count == 0) return;
        var hand = order.Hands[which % order.Hands.Count];
        order.Hands.Remove(hand);
        if (hand.Ends is { } payment
            && hand.Record is RecordState { Answer: ChannelAnswer<PaymentState>.Done { Value: PaymentState.Pending or PaymentState.NotFound } })
        {
            order.Hands.Add(hand with { Record = State(payment, Answer(() => Close(order, payment))), Ends = null });
            return;
        }

        Obey(order, hand.Record);
    }

    void TakeSteps(OrderInWorld order)
    {
        for (var steps = 0; order.State is { } state && (order.Hands.Count > 0 || Order.Next(state, now) is not null); steps++)
        {
            // While providers or neighbours do not answer, the same step may be owed again at once; else each step moves the order on.
            if (steps == MaxSteps) throw Broken($"An order takes steps without end: {Order.Next(state, now)}.");
            Begin(order);
            if (order.Hands.Count == 0) return;
            while (order.Hands.Count > 0) End(order, 0);
        }
    }

    void Refresh(OrderInWorld order)
    {
        var open = order.State?.Payments.Where(payment => payment is { IsOpen: true, Checkout: not null }) ?? [];
        foreach (var payment in open) Obey(order, Query(order, payment));
    }

    void Pay(OrderInWorld order, int amount, int which) => WithAttempt(order, which, (attempt, atProvider) =>
    {
        var mayPay = attempt.Checkout is not null && !atProvider.Closed && atProvider.Transactions.Count == 0 && now < attempt.ExpiresAt + Grace;
        if (settings.Honest && (!mayPay || Forgotten(attempt, atProvider))) return;
        atProvider.Exists = true;
        var paid = new PaymentState.Paid(Amounts[amount % Amounts.Length], $"txn-{++transactions}", now);
        atProvider.Transactions.Add(paid);
        moved.Add(new(order.Number, attempt.MethodId, paid.TransactionId));
        callbacks.Add(new(order, attempt.Ordinal, attempt.MethodId, paid));
    });

    void CloseAtProvider(OrderInWorld order, int which) => WithAttempt(order, which, (attempt, atProvider) =>
    {
        if (!atProvider.Exists || atProvider.Transactions.Count > 0) return;
        atProvider.Closed = true;
        callbacks.Add(new(order, attempt.Ordinal, attempt.MethodId, new PaymentState.Closed()));
    });

    void Deliver(Callback callback, bool again)
    {
        var attempt = callback.Order.State!.Attempt(callback.Ordinal);
        if (attempt?.MethodId != callback.MethodId) throw Broken("A callback does not find its payment.");
        var heard = Obey(callback.Order, State(attempt, new ChannelAnswer<PaymentState>.Done(callback.State)) with { AskedAt = null });
        // What was not acknowledged is sent again.
        if (heard && !again) callbacks.Remove(callback);
    }

    /// <summary>Decides and writes, as the grain does. False when the caller cannot know that it was stored.</summary>
    bool Obey(OrderInWorld order, OrderCommand command)
    {
        var decision = Decide(order.State, command);
        if (command is RecordState { Answer: ChannelAnswer<PaymentState>.Unknown } or RecordCheckout { Answer: ChannelAnswer<Checkout>.Unknown }
            && mutant != Mutant.ExpiresOnUnknown && decision.Events.Any(happened => happened is PaymentClosed or OrderExpired))
            throw Broken("No answer was taken for an answer.");
        if (command is RecordRefund { Answer: ChannelAnswer<RefundState>.Unknown } && decision.Events.Any(happened => happened is not (RefundAsked or RefundFellSilent)))
            throw Broken("No answer about a refund was taken for an answer.");
        if (decision.Events.Count > 0)
        {
            var fault = writeFault;
            writeFault = WriteFault.None;
            if (fault == WriteFault.Lost)
            {
                order.Hands.Clear();
                return false;
            }

            var written = decision.Events.Aggregate(order.State, Order.After)!;
            if (Collides(order, written)) return false;
            order.State = written;
            order.Journal.AddRange(decision.Events);
            AssertAfterWrite(order, decision.Events);
            Confirm();
            if (fault == WriteFault.AnswerLost) order.Hands.Clear();
            return fault == WriteFault.None;
        }

        Confirm();
        return true;

        void Confirm()
        {
            if (decision.Refusal is null && command is RecordState { Answer: ChannelAnswer<PaymentState>.Done { Value: PaymentState.Paid paid } } news)
                confirmed.Add(new(order.Number, order.State!.Attempt(news.Ordinal)!.MethodId, paid.TransactionId));
        }
    }

    Decision<OrderEvent, OrderError> Decide(Order? order, OrderCommand command) => (mutant, order, command) switch
    {
        (Mutant.ForgetsReceipts, { }, RecordState) => OrderRules.Decide(order with { Receipts = [] }, command, now),
        (Mutant.ExpiresOnUnknown, { }, RecordState { Answer: ChannelAnswer<PaymentState>.Unknown } news)
            when order.Attempt(news.Ordinal) is { IsOpen: true } open && order.MustEnd(open, now) =>
            [new PaymentClosed(now, news.Ordinal, PaymentStatus.Expired, "no answer")],
        (Mutant.ForgetsWantedStock, { Stock: StockStatus.Wanted }, CancelOrder) => [new OrderCancelled(now), new StockGivenBack(now)],
        (Mutant.TakesAnyAmount, { Payment: PaymentStatus.Paid }, RecordState { Answer: ChannelAnswer<PaymentState>.Done { Value: PaymentState.Paid } }) => [],
        (Mutant.TakesSilenceForFailure, { }, RecordRefund { IsTelling: true, Answer: ChannelAnswer<RefundState>.Unknown { Kind: UnknownKind.NoAnswer } } news)
            when order.FindRefund(news.Number) is { Status: RefundStatus.Processing } => [new RefundFailed(now, news.Number, "NO_ANSWER", "Why.")],
        (Mutant.ForgetsWonDisputes, { }, RecordDispute { State.Stage: DisputeStage.Won }) => [],
        (Mutant.ForgetsRefundsInFlight, { AllRefunds: { } some }, RefundOrder or RequestRefund) =>
            OrderRules.Decide(order with { AllRefunds = [.. some.Select(refund => refund.Status == RefundStatus.Processing ? refund with { Amount = refund.Amount with { MinorUnits = 0 } } : refund)] }, command, now),
        _ => OrderRules.Decide(order, command, now),
    };

    static bool Decided(OrderInWorld order) => order.Journal.Any(happened => happened is HeldPaymentAccepted);

    /// <summary>The unique indexes over the places of an account's orders.</summary>
    bool Collides(OrderInWorld order, Order written) =>
        orders.Any(other => other != order && other.State is not null && OrderDocument.Kind.Columns.Any(column =>
        column.Name is "open_slot" or "purchase_slot" && column.Value(written) is { } slot && slot.Equals(column.Value(other.State))));

    /// <summary>Nothing that is owed is forgotten: a deadline finds something to do, and an order without one owes nothing, ever.</summary>
    void AssertAfterWrite(OrderInWorld order, IReadOnlyList<OrderEvent> events)
    {
        var state = order.State!;
        if (events.Any(happened => happened is OrderExpired) && state.Payments.Any(payment => payment.IsOpen))
            throw Broken("An order expired with a payment open.");
        var deadline = Order.NextDeadline(state);
        if (deadline is { } due && Order.Next(state, due) is null) throw Broken("A deadline finds nothing to do.");
        if (deadline is null && Order.Next(state, now.AddYears(10)) is { } forgotten) throw Broken($"{forgotten} is owed, and no deadline says so.");
        foreach (var payment in state.Payments)
        {
            if (payment.Checkout?.ProviderReference is { } reference && reference != OrderNumber.OfPayment(order.Number, payment.Ordinal))
                throw Broken("A payment has another's address.");
        }
    }

    // Calls to neighbours: lost before or after they did their work. Null when no answer came.
    bool? Neighbour(Func<bool> call)
    {
        var fault = neighbourFault;
        neighbourFault = WriteFault.None;
        if (fault == WriteFault.Lost) return null;
        var answer = call();
        return fault == WriteFault.AnswerLost ? null : answer;
    }

    bool TakePiece(string reference) => Plans(new TakePiece(reference), reference);

    bool ReturnPiece(string reference) => Plans(new ReturnPiece(reference), reference);

    bool Plans(PlanCommand command, string reference)
    {
        var decision = PlanRules.Decide(plan, command, now);
        if (decision.Refusal is not null) return false;
        if (decision.Events.Count > 0 && planReferences.Add(reference))
            plan = decision.Events.Aggregate(plan, (state, happened) => Plan.After(state, happened));
        return true;
    }

    bool Credit(OrderInWorld order, CreditAccount credit)
    {
        var reference = mutant == Mutant.CreditsWithoutReference ? $"{credit.Reference}/{++creditTries}" : credit.Reference;
        if (Account(new ApplyGrants(credit.Account, reference, LedgerKind.Purchase, order.State!.Grants, null)) is not null) return false;
        // Under this reference, something else may stand in the ledger: that it is never to be granted.
        return ledger.First(entry => entry.Reference == reference) is GrantsApplied;
    }

    RecordState Query(OrderInWorld order, Payment payment) => State(payment, Answer(() =>
    {
        var atProvider = AtProvider(order, payment);
        return new ChannelAnswer<PaymentState>.Done(
            atProvider.Transactions.Count > 0 ? atProvider.Transactions[now.Second % atProvider.Transactions.Count]
            : !atProvider.Exists || Forgotten(payment, atProvider) ? new PaymentState.NotFound()
            : atProvider.Closed ? new PaymentState.Closed()
            : new PaymentState.Pending());
    }));

    ChannelAnswer<PaymentState> Close(OrderInWorld order, Payment payment)
    {
        var atProvider = AtProvider(order, payment);
        if (atProvider.Transactions.Count > 0) return new ChannelAnswer<PaymentState>.Refused(RefusalKind.AlreadyPaid, "PAID");
        if (atProvider.Closed) return new ChannelAnswer<PaymentState>.Refused(RefusalKind.AlreadyClosed, "CLOSED");
        if (!atProvider.Exists || Forgotten(payment, atProvider)) return new ChannelAnswer<PaymentState>.Refused(RefusalKind.NotFound, "NOT_FOUND");
        atProvider.Closed = true;
        return new ChannelAnswer<PaymentState>.Done(new PaymentState.Closed());
    }

    ChannelAnswer<Checkout> Create(OrderInWorld order, Payment payment)
    {
        var atProvider = AtProvider(order, payment);
        if (atProvider.Transactions.Count > 0) return new ChannelAnswer<Checkout>.Refused(RefusalKind.AlreadyPaid, "PAID");
        if (atProvider.Closed) return new ChannelAnswer<Checkout>.Refused(RefusalKind.AlreadyClosed, "CLOSED");
        if (TraitsOf(payment).NotFoundMeans != NotFoundMeaning.NotYetOpened) atProvider.Exists = true;
        return new ChannelAnswer<Checkout>.Done(CheckoutOf(order, payment.Ordinal));
    }

    ChannelAnswer<T> Answer<T>(Func<ChannelAnswer<T>> truth) => mood switch
    {
        Mood.Truth => truth(),
        Mood.AnswerLost when truth() is not null => new ChannelAnswer<T>.Unknown(UnknownKind.NoAnswer),
        Mood.RateLimited => new ChannelAnswer<T>.Unknown(UnknownKind.RateLimited, TimeSpan.FromSeconds(30)),
        Mood.Fault => new ChannelAnswer<T>.Unknown(UnknownKind.ProviderError),
        Mood.Refuses => new ChannelAnswer<T>.Refused(RefusalKind.BadCredentials, "INVALID_SIGNATURE"),
        _ => new ChannelAnswer<T>.Unknown(UnknownKind.NotSent),
    };

    RecordState State(Payment payment, ChannelAnswer<PaymentState> answer) => new(payment.Ordinal, answer, TraitsOf(payment), settings.HoldLate, now);

    void WithAttempt(OrderInWorld order, int which, Action<Payment, ProviderPayment> then)
    {
        if (order.State is not { Payments: { IsEmpty: false } attempts }) return;
        var attempt = attempts[which % attempts.Length];
        then(attempt, AtProvider(order, attempt));
    }

    void WithCallback(int which, Action<Callback> then)
    {
        if (callbacks.Count > 0) then(callbacks[which % callbacks.Count]);
    }

    ProviderPayment AtProvider(OrderInWorld order, Payment payment)
    {
        var number = OrderNumber.OfPayment(order.Number, payment.Ordinal);
        return payments.TryGetValue(number, out var known) ? known : payments[number] = new();
    }

    bool Forgotten(Payment attempt, ProviderPayment atProvider) =>
        TraitsOf(attempt).NotFoundMeans == NotFoundMeaning.MaybeForgotten && atProvider.Transactions.Count == 0 && now >= attempt.StartedAt.AddMinutes(12);

    static ChannelTraits TraitsOf(Payment payment) => Methods.First(method => method.Id == payment.MethodId).Traits;

    static Checkout CheckoutOf(OrderInWorld order, int ordinal) => new("https://pay.example", null, OrderNumber.OfPayment(order.Number, ordinal));

    static object? Column(OrderInWorld order, string name) =>
        order.State is { } state ? OrderDocument.Kind.Columns.First(column => column.Name == name).Value(state) : null;

    InvalidOperationException Broken(string what) => new($"{what}\n{string.Join('\n', orders.Select(Story))}");

    static string Story(OrderInWorld order) =>
        $"{order.Number}: {string.Join(", ", order.Journal.Select(happened => happened.GetType().Name))}\n  {order.State}";

    /// <summary>An order: what is stored of it, and the answers that its process has in hand and has not written down.</summary>
    sealed class OrderInWorld(OrderWish wish, string number)
    {
        public OrderWish Wish { get; } = wish;

        public string Number { get; } = number;

        public List<OrderEvent> Journal { get; } = [];

        public Order? State { get; set; }

        public List<Hand> Hands { get; } = [];

        public List<Errand> Errands => [.. Hands.Select(hand => hand.Errand).OfType<Errand>()];
    }

    /// <param name="Record">What is to be recorded.</param>
    /// <param name="Ends">The payment that is to be closed before that, when it is unpaid.</param>
    /// <param name="Errand">The call to a provider that it answers, if any: other steps are taken meanwhile.</param>
    sealed record Hand(OrderCommand Record, Payment? Ends, Errand? Errand = null);

    sealed record Movement(string Number, string MethodId, string TransactionId);

    sealed record Callback(OrderInWorld Order, int Ordinal, string MethodId, PaymentState State);

    sealed class ProviderPayment
    {
        public bool Exists { get; set; }

        public bool Closed { get; set; }

        public List<PaymentState.Paid> Transactions { get; } = [];
    }
}
