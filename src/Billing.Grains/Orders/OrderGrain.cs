using Billing.Accounts;
using Billing.Catalog;
using Billing.Channels;
using Billing.Reconciliations;
using Microsoft.Extensions.Options;
using Orleans.Utilities;

namespace Billing.Orders;

/// <summary>The order's shell: it asks the rules, and takes the steps that <see cref="Order.Next(Order, DateTimeOffset)"/> reads from the document.</summary>
[GrainType(OrderDocument.Noun), CollectionAgeLimit(Minutes = 2)]
sealed partial class OrderGrain(IGrainFactory grains, IPaymentMethods methods, IOrderSlots slots, IOptions<OrderSettings> options)
    : DocumentGrain<Order, OrderEvent, OrderCommand, OrderError>(OrderDocument.Kind), IOrderGrain
{
    // Each round lost means that another order of the account took the place that was free a moment ago.
    const int SlotRounds = 20;

    // Providers wait five seconds and more for an acknowledgement.
    static readonly TimeSpan CreditPatience = TimeSpan.FromSeconds(1);

    readonly OrderSettings settings = options.Value;
    readonly Dictionary<Errand, Task<bool>> errands = [];
    int errandsInARow;
    ObserverManager<IOrderWatcher>? watchers;
    DateTimeOffset? refreshed;

    string Number => this.GetPrimaryKeyString();

    // Most orders are activated to be placed, and then there is nothing to read.
    protected override bool BeginsUnread => true;

    public async Task<Versioned<Order>?> Get()
    {
        await Ready();
        if (State is null) LeaveSoon();
        return Visible;
    }

    public async Task<Reply<Placed, OrderError>> Place(OrderWish wish)
    {
        if (OrderNumber.Of(wish.Account, wish.IdempotencyKey) != Number)
            throw new ArgumentException("The wish belongs to another number.", nameof(wish));
        var placed = await PlaceInFreeSlot(wish);
        if (placed.Refusal is { } refusal) return refusal;
        // Stock first: an order without its piece cannot be paid.
        if (State!.Stock == StockStatus.Wanted) await Work();
        if (State!.Refusal is { } remembered) return remembered;
        if (wish.MethodId is { } methodId && State is { Payments.IsEmpty: true, IsPayable: true })
        {
            var started = await Start(methodId, Actor.Account(wish.Account));
            if (started is not null) return started;
        }

        await WorkOn(wish.MethodId);
        return new Placed(Stored!, Replayed: placed.Events.Count == 0);
    }

    public async Task<Reply<Versioned<Order>, OrderError>> StartPayment(string methodId, Actor by)
    {
        await Ready();
        if (await Start(methodId, by) is { } refusal) return refusal;
        await WorkOn(methodId);
        // Refused for good by the provider: the buyer shall choose another method.
        if (State!.CurrentPayment is { Status: PaymentStatus.Cancelled or PaymentStatus.Expired, Checkout: null }) return new PaymentProviderUnavailable();
        return Stored!;
    }

    public async Task<Reply<Versioned<Order>, OrderError>> Refresh(Actor by)
    {
        await Ready();
        if (Visible is null || !by.MayActFor(State!.Account)) return new OrderNotFound();
        if (refreshed is { } last && last + settings.RefreshInterval > Now)
            return new AskedLately((int)Math.Ceiling((last + settings.RefreshInterval - Now).TotalSeconds));
        refreshed = Now;
        var answers = await Task.WhenAll(State!.Payments.Where(payment => payment is { IsOpen: true, Checkout: not null }).Select(payment => Begin(new AskProvider(payment))));
        await Work();
        return answers.All(answered => answered) ? Stored! : new PaymentProviderUnavailable();
    }

    public async Task<Reply<Versioned<Order>, OrderError>> Cancel(Actor by)
    {
        await Ready();
        var obeyed = await Obey(new CancelOrder(by), by);
        if (obeyed.Refusal is { } refusal) return refusal;
        WorkInBackground().Ignore();
        return Stored!;
    }

    public async Task<NewsVerdict> Hear(int ordinal, string methodId, MerchantIdentity merchant, PaymentState state)
    {
        await Ready();
        if (Visible is null || State!.Attempt(ordinal) is not { } attempt || attempt.MethodId != methodId || attempt.Merchant != merchant) return NewsVerdict.Stranger;
        // A provider's "pending" says nothing that the deadline would not find, and must not put it off.
        if (state is PaymentState.Pending or PaymentState.NotFound) return NewsVerdict.Known;
        var obeyed = await Obey(
            new RecordState(ordinal, new ChannelAnswer<PaymentState>.Done(state), TraitsOf(methodId), settings.HoldLatePayments, null, settings.Refunds.RefundDuplicates), Actor.Provider(methodId));
        if (obeyed.Refusal is not null) return NewsVerdict.Stranger;
        if (obeyed.Events.Count == 0) return NewsVerdict.Known;
        LogHeard(Log, Number, ordinal, methodId, obeyed.Events[0].GetType().Name);
        // It is stored, which is what is acknowledged; a crash leaves the rest to the sweep. But crediting takes milliseconds, and who comes back with the
        // provider's word that it was paid shall find the credits, not a page that has to ask again.
        await WorkForAMoment();
        return NewsVerdict.Stored;
    }

    public async Task<Reply<Versioned<Order>, OrderError>> RequestRefund(string key, Money? amount, string reason, Actor by)
    {
        await Ready();
        return await Refunded(new RequestRefund(key, amount, reason, by, await Returnable(), settings.Refunds), by, key);
    }

    public async Task<Reply<Versioned<Order>, OrderError>> WithdrawRefund(Actor by)
    {
        await Ready();
        return await Decided(new WithdrawRefund(by), by);
    }

    public async Task<Reply<Versioned<Order>, OrderError>> ApproveRefund(string number, long expectedVersion, Money? amount, string note, Actor by)
    {
        await Ready();
        return await Decided(new ApproveRefund(number, expectedVersion, amount, note, by, settings.Refunds), by);
    }

    public async Task<Reply<Versioned<Order>, OrderError>> RejectRefund(string number, long expectedVersion, string note, Actor by)
    {
        await Ready();
        return await Decided(new RejectRefund(number, expectedVersion, note, by), by);
    }

    public async Task<Reply<Versioned<Order>, OrderError>> RefundOrder(string key, Money amount, string note, bool evenIfSpent, Actor by)
    {
        await Ready();
        return await Refunded(new RefundOrder(key, amount, note, evenIfSpent, by, await Returnable(), settings.Refunds), by, key);
    }

    public async Task<Reply<Versioned<Order>, OrderError>> Resolve(string workItemId, WorkItemResolution resolution, string note, Actor by)
    {
        await Ready();
        return await Decided(new ResolveWorkItem(workItemId, resolution, note, by, settings.Refunds), by);
    }

    public async Task<NewsVerdict> HearRefund(int ordinal, string refundNumber, string methodId, MerchantIdentity merchant, RefundState state)
    {
        await Ready();
        if (Visible is null || State!.Attempt(ordinal) is not { } attempt || attempt.MethodId != methodId || attempt.Merchant != merchant) return NewsVerdict.Stranger;
        if (state is RefundState.Pending or RefundState.NotFound) return NewsVerdict.Known;
        var isOurs = State.FindRefund(refundNumber) is { } refund && refund.Ordinal == ordinal;
        OrderCommand news = isOurs
            ? new RecordRefund(refundNumber, new ChannelAnswer<RefundState>.Done(state), IsTelling: false)
            : new RecordRefundElsewhere(ordinal, refundNumber, state);
        var obeyed = await Obey(news, Actor.Provider(methodId));
        if (obeyed.Refusal is not null) return NewsVerdict.Stranger;
        if (obeyed.Events.Count == 0) return NewsVerdict.Known;
        LogHeardRefund(Log, Number, refundNumber, methodId, obeyed.Events[0].GetType().Name);
        await WorkForAMoment();
        return NewsVerdict.Stored;
    }

    public async Task<NewsVerdict> HearDispute(int ordinal, string methodId, MerchantIdentity merchant, DisputeState state)
    {
        await Ready();
        if (Visible is null || State!.Attempt(ordinal) is not { } attempt || attempt.MethodId != methodId || attempt.Merchant != merchant) return NewsVerdict.Stranger;
        var obeyed = await Obey(new RecordDispute(ordinal, state), Actor.Provider(methodId));
        if (obeyed.Refusal is not null) return NewsVerdict.Stranger;
        if (obeyed.Events.Count == 0) return NewsVerdict.Known;
        LogHeardDispute(Log, Number, state.DisputeId, methodId, obeyed.Events[0].GetType().Name);
        await WorkForAMoment();
        return NewsVerdict.Stored;
    }

    public async Task<NewsVerdict> HearDifference(string methodId, RecordsDifference difference)
    {
        await Ready();
        if (Visible is null || State!.Attempt(difference.Ordinal)?.MethodId != methodId) return NewsVerdict.Stranger;
        var obeyed = await Obey(new RecordDifference(difference), Actor.System);
        return obeyed.Refusal is not null ? NewsVerdict.Stranger : obeyed.Events.Count == 0 ? NewsVerdict.Known : NewsVerdict.Stored;
    }

    public async Task Watch(IOrderWatcher watcher)
    {
        await Ready();
        watchers ??= Watchers.Of<IOrderWatcher>(Log);
        watchers.Subscribe(watcher, watcher);
        if (Visible is { } now) await watcher.Changed(now);
    }

    public Task Unwatch(IOrderWatcher watcher)
    {
        watchers?.Unsubscribe(watcher);
        return Task.CompletedTask;
    }

    protected override Decision<OrderEvent, OrderError> Decide(Order? state, OrderCommand command, DateTimeOffset now) => OrderRules.Decide(state, command, now);

    protected override Joint? Join(Order next, IReadOnlyList<OrderCommand> commands, DateTimeOffset now) => Order.Next(next, now) is CreditAccount credit
        ? new(new RecordCredit(null), async write =>
            (await grains.GetGrain<IAccountGrain>(credit.Account).ApplyWith(credit.Reference, LedgerKind.Purchase, next.Grants, Actor.System, write)).Value is { Replayed: false })
        : null;

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (watchers is { Count: > 0 }) await watchers.Notify(watcher => watcher.Renew());
        await base.OnDeactivateAsync(reason, cancellationToken);
    }

    protected override void Changed()
    {
        if (watchers is { Count: > 0 } && Visible is { } now) watchers.Notify(watcher => watcher.Changed(now)).Ignore();
    }

    protected override async Task<bool> TakeStep()
    {
        if (State is null || Order.Next(State, Now, errands.Keys) is not { } step)
        {
            if (errands.Count == 0) errandsInARow = 0;
            return false;
        }

        if (step.Errand is not null) return Dispatch(step);
        switch (step)
        {
            case TakeStock take:
                var taken = await grains.GetGrain<IPlanGrain>(take.PlanSlug).TakePiece(take.Reference);
                return await Note(new RecordStock(taken.Refusal is null));
            case ReturnStock give:
                await grains.GetGrain<IPlanGrain>(give.PlanSlug).ReturnPiece(give.Reference);
                return await Note(new RecordStockReturned());
            case CreditAccount credit:
                return await Note(new RecordCredit(await Credit(credit)));
            case HoldForRefund hold:
                return await Note(await Hold(hold));
            case ReleaseHeld release:
                return await Note(await Release(release));
            case Expire:
                return await Note(new ExpireOrder());
            default:
                throw new InvalidOperationException($"No way to take {step.GetType().Name}.");
        }
    }

    // While a provider is being called, its deadline is the call's own.
    protected override DateTimeOffset? NextDeadline(Order state) => Order.NextDeadline(state, errands.Keys);

    protected override Task WorkToTheEnd() => WorkUntil(_ => true);

    // A refused wish keeps its key, but nobody sees an order.
    Versioned<Order>? Visible => Stored is { State.Refusal: null } stored ? stored : null;

    async Task<bool> Note(OrderCommand command, Payment? payment = null)
    {
        await Obey(command, payment is null ? Actor.System : Actor.Provider(payment.MethodId));
        return true;
    }

    async Task<Obeyed<Order, OrderEvent, OrderError>> PlaceInFreeSlot(OrderWish wish)
    {
        var plan = State is null && PlanRules.IsSlug(wish.PlanSlug) ? (await grains.GetGrain<IPlanGrain>(wish.PlanSlug).Get())?.State : null;
        var expiresAt = Now + settings.TimeToPay;
        var start = wish.MethodId is { } methodId && plan is not null
            ? await StartOf(methodId, wish.Amount ?? plan.Terms.Price, plan, 1, expiresAt, Actor.Account(wish.Account))
            : null;
        var limit = plan?.Terms.PurchaseLimitPerAccount;
        // Most accounts have no open order: the first place is a guess, spread by the number, and only a collision or a limited plan asks for what is taken.
        var taken = limit is null ? new TakenSlots(new Dictionary<int, string>(), new HashSet<int>()) : await slots.Taken(wish.Account, wish.PlanSlug, default);
        for (var round = 1; ; round++)
        {
            try
            {
                return await Obey(
                    new PlaceOrder(
                        Number, wish, plan, expiresAt,
                        Free(settings.MaxOpenOrders, taken.Open.ContainsKey),
                        limit is { } most ? Free(most, taken.Purchases.Contains) : null,
                        new TooManyOpenOrders(settings.MaxOpenOrders, [.. taken.Open.Values]),
                        start),
                    Actor.Account(wish.Account));
            }
            catch (UniqueTakenException collision)
            {
                if (round == SlotRounds) throw new StoreBusyException($"Order {Number} lost the race for a place {SlotRounds} times.", collision);
                LogSlotTaken(Log, Number, collision.Index, round);
                taken = await slots.Taken(wish.Account, wish.PlanSlug, default);
            }
        }
    }

    int? Free(int limit, Func<int, bool> isTaken)
    {
        var start = ((CheckCharacter.Alphabet.IndexOf(Number[0], StringComparison.Ordinal) * 32) + CheckCharacter.Alphabet.IndexOf(Number[1], StringComparison.Ordinal)) % limit;
        for (var i = 0; i < limit; i++)
        {
            var slot = ((start + i) % limit) + 1;
            if (!isTaken(slot)) return slot;
        }

        return null;
    }

    async Task<OrderError?> Start(string methodId, Actor by)
    {
        if (Visible is null) return new OrderNotFound();
        var order = State!;
        var start = await StartOf(methodId, order.Amount, null, order.Payments.Length + 1, order.ExpiresAt, by);
        return (await Obey(start, by)).Refusal;
    }

    /// <summary>The command that starts this payment. A channel that needs no call gives its address at once, so that one write does it all.</summary>
    async Task<StartPayment> StartOf(string methodId, Money amount, Plan? plan, int ordinal, DateTimeOffset expiresAt, Actor by)
    {
        if (methods.Find(methodId) is not { } method || !method.Takes(amount) || expiresAt - Now < method.Channel.Traits.ShortestExpiry)
            return new(methodId, null, null, ordinal, by);
        if (!method.Channel.Traits.CreatesWithoutCall || plan?.Stock is not null) return new(methodId, method.Merchant, null, ordinal, by);
        var request = Request(method, ordinal, method.Merchant, amount, plan?.Terms.Name.En ?? State!.Plan!.Name.En, expiresAt);
        var answer = await method.Channel.Create(request, CancellationToken.None);
        return new(methodId, method.Merchant, answer is ChannelAnswer<Checkout>.Done done ? done.Value : null, ordinal, by);
    }

    PaymentRequest Request(PaymentMethod method, int ordinal, MerchantIdentity merchant, Money amount, string planName, DateTimeOffset expiresAt) => new(
        OrderNumber.OfPayment(Number, ordinal), merchant, amount, planName, expiresAt,
        new(method.ReturnUrl.Replace("{order}", Number, StringComparison.Ordinal)), method.CallbackUrl);

    async Task<ChannelAnswer<Checkout>> Prepare(Payment payment)
    {
        // A method that was removed from the configuration cannot be asked; its payments wait for its return.
        if (methods.Find(payment.MethodId) is not { } method) return new ChannelAnswer<Checkout>.Unknown(UnknownKind.NotSent);
        return await Call(method, token => method.Channel.Create(Request(method, payment.Ordinal, payment.Merchant, payment.Amount, State!.Plan!.Name.En, payment.ExpiresAt), token));
    }

    async Task<ChannelAnswer<PaymentState>> Ask(Payment payment) => methods.Find(payment.MethodId) is { } method
        ? await Call(method, token => method.Channel.Query(Reference(payment), token))
        : new ChannelAnswer<PaymentState>.Unknown(UnknownKind.NotSent);

    /// <summary>Asks first, because a paid payment must be settled and not closed; then closes what is unpaid.</summary>
    async Task<ChannelAnswer<PaymentState>> End(Payment payment)
    {
        var asked = await Ask(payment);
        var unpaid = asked is ChannelAnswer<PaymentState>.Done { Value: PaymentState.Pending or PaymentState.NotFound }
            or ChannelAnswer<PaymentState>.Refused { Kind: RefusalKind.NotFound };
        return unpaid && methods.Find(payment.MethodId) is { Channel.Traits.CanClose: true } method ? await Call(method, token => method.Channel.Close(Reference(payment), token)) : asked;
    }

    async Task<ChannelAnswer<T>> Call<T>(PaymentMethod method, Func<CancellationToken, Task<ChannelAnswer<T>>> call)
    {
        using var timeout = new CancellationTokenSource(settings.ProviderTimeout, TimeProvider.System);
        ChannelAnswer<T> answer;
        try
        {
            answer = await call(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            answer = new ChannelAnswer<T>.Unknown(UnknownKind.NoAnswer);
        }

        if (answer is ChannelAnswer<T>.Unknown unknown) LogUnknown(Log, Number, method.Id, unknown.Kind);
        return answer;
    }

    PaymentReference Reference(Payment payment) =>
        new(OrderNumber.OfPayment(Number, payment.Ordinal), payment.Merchant, payment.Amount, payment.Checkout?.ProviderReference);

    // A method that is gone proves nothing and closes nothing.
    ChannelTraits TraitsOf(string methodId) => methods.Find(methodId)?.Channel.Traits
        ?? new(false, true, NotFoundMeaning.NotYetOpened, TimeSpan.Zero, TimeSpan.FromDays(36_500), new HashSet<string>());

    /// <summary>Credits the account, and says why not when it could not.</summary>
    async Task<string?> Credit(CreditAccount credit)
    {
        try
        {
            var reply = await grains.GetGrain<IAccountGrain>(credit.Account).Apply(credit.Reference, LedgerKind.Purchase, State!.Grants, null, Actor.System);
            if (reply.Refusal is null) return null;
            LogCreditRefused(Log, Number, reply.Refusal.GetType().Name);
            return reply.Refusal.GetType().Name;
        }
        catch (Exception fault)
        {
            // It may have been credited: the reference makes the next try harmless. A bug in the account is a failure like any other: money was paid, and
            // after some tries a person must see it.
            LogCreditFailed(Log, fault, Number);
            return fault.GetType().Name;
        }
    }

    /// <summary>What the account has left of what this order granted, as far as can be said now: what is held decides.</summary>
    async Task<Credits> Returnable()
    {
        if (Visible is null || State!.Fulfilment != FulfilmentStatus.Fulfilled) return Credits.Zero;
        var account = await grains.GetGrain<IAccountGrain>(State.Account).Get();
        return account?.State.Returnable(LedgerReference, State.Grants, Now).Aggregate(Credits.Zero, (sum, bucket) => sum + bucket.Remaining) ?? Credits.Zero;
    }

    /// <summary>Begins a refund and has what goes with it held; refused when it was spent in between.</summary>
    async Task<Reply<Versioned<Order>, OrderError>> Refunded(OrderCommand command, Actor by, string key)
    {
        var reply = await Decided(command, by);
        if (reply.Refusal is null && !State!.Refunds.Any(refund => refund.RequestedBy == by.Name && refund.Key == key))
            return new CreditsAlreadySpent(State.RefundableFor(await Returnable()));
        return reply;
    }

    async Task<Reply<Versioned<Order>, OrderError>> Decided(OrderCommand command, Actor by)
    {
        var obeyed = await Obey(command, by);
        if (obeyed.Refusal is { } refusal) return refusal;
        await WorkForAMoment(withRefunds: true);
        return Stored!;
    }

    async Task<OrderCommand> Hold(HoldForRefund hold)
    {
        var refund = hold.Refund;
        try
        {
            var reply = await grains.GetGrain<IAccountGrain>(State!.Account).Hold(refund.HoldReference, LedgerReference, State.Grants, hold.Wanted, new Actor(refund.RequestedBy));
            return reply switch
            {
                { Value.Entry.Held: { } held } => new RecordHold(refund.Number, held, Credits.Zero, null),
                { Refusal: InsufficientCredits little } => new RecordHold(refund.Number, null, little.Available, null),
                _ => new RecordHold(refund.Number, null, Credits.Zero, reply.Refusal?.GetType().Name ?? "Unreadable"),
            };
        }
        catch (Exception fault)
        {
            // It may be held: the reference makes the next try harmless.
            LogHoldFailed(Log, fault, Number, refund.Number);
            return new RecordHold(refund.Number, null, Credits.Zero, fault.GetType().Name);
        }
    }

    async Task<OrderCommand> Release(ReleaseHeld release)
    {
        var refund = release.Refund;
        try
        {
            if (!release.Back.IsEmpty)
            {
                var reply = await grains.GetGrain<IAccountGrain>(State!.Account)
                    .Release(refund.ReleaseReference, LedgerReference, State.Grants, release.Back, refund.ReleasedBucket, Actor.System);
                if (reply.Refusal is { } refusal) return new RecordRelease(refund.Number, null, refusal.GetType().Name);
            }

            return new RecordRelease(refund.Number, release.Kept, null);
        }
        catch (Exception fault)
        {
            LogHoldFailed(Log, fault, Number, refund.Number);
            return new RecordRelease(refund.Number, null, fault.GetType().Name);
        }
    }

    async Task<ChannelAnswer<RefundState>> Send(Refund refund)
    {
        var payment = State!.Attempt(refund.Ordinal)!;
        return methods.Find(payment.MethodId) is { } method
            ? await Call(method, token => method.Channel.Refund(new(Reference(payment), refund.Number, refund.TransactionId, refund.Amount), token))
            : new ChannelAnswer<RefundState>.Unknown(UnknownKind.NotSent);
    }

    async Task<ChannelAnswer<RefundState>> Ask(Refund refund)
    {
        var payment = State!.Attempt(refund.Ordinal)!;
        return methods.Find(payment.MethodId) is { } method
            ? await Call(method, token => method.Channel.QueryRefund(new(Reference(payment), refund.Number), token))
            : new ChannelAnswer<RefundState>.Unknown(UnknownKind.NotSent);
    }

    string LedgerReference => $"order:{Number}";

    /// <summary>Calls the provider, unless answers have led to nothing but further calls for too long.</summary>
    bool Dispatch(OrderStep step)
    {
        if (++errandsInARow > MaxSteps)
        {
            errandsInARow = 0;
            LogErrandsEndless(Log, Number, MaxSteps);
            return false;
        }

        Begin(step).Ignore();
        return true;
    }

    /// <summary>Calls the provider, beside all else that the order owes, and records its answer. Says whether there was one.</summary>
    Task<bool> Begin(OrderStep step)
    {
        var errand = step.Errand!.Value;
        if (errands.TryGetValue(errand, out var underWay)) return underWay;
        var answering = Answer(errand, step);
        errands[errand] = answering;
        GoOn(answering).Ignore();
        return answering;
    }

    async Task<bool> Answer(Errand errand, OrderStep step)
    {
        // It is among those under way before it can end.
        await Task.Yield();
        try
        {
            var payment = State!.Attempt(errand.Ordinal)!;
            var askedAt = Now;
            switch (step)
            {
                case PreparePayment prepare: return await Record(await Prepare(prepare.Payment), answer => new RecordCheckout(errand.Ordinal, answer));
                case AskProvider ask: return await Record(await Ask(ask.Payment), News);
                case EndPayment end: return await Record(await End(end.Payment), News);
                case SendRefund send: return await Record(await Send(send.Refund), answer => new RecordRefund(send.Refund.Number, answer, IsTelling: true));
                case AskRefund ask: return await Record(await Ask(ask.Refund), answer => new RecordRefund(ask.Refund.Number, answer, IsTelling: false));
                default: throw new InvalidOperationException($"No provider is called for {step.GetType().Name}.");
            }

            OrderCommand News(ChannelAnswer<PaymentState> answer) =>
                new RecordState(errand.Ordinal, answer, TraitsOf(payment.MethodId), settings.HoldLatePayments, askedAt, settings.Refunds.RefundDuplicates);

            async Task<bool> Record<T>(ChannelAnswer<T> answer, Func<ChannelAnswer<T>, OrderCommand> news)
            {
                await Note(news(answer), payment);
                return answer is not ChannelAnswer<T>.Unknown;
            }
        }
        finally
        {
            errands.Remove(errand);
        }
    }

    // What follows from the answer, for whoever sent the errand.
    async Task GoOn(Task answering)
    {
        try
        {
            await answering;
        }
        catch (Exception failed)
        {
            // It stays due, and is not tried again at once.
            LogWorkFailed(Log, failed, Number);
            SetTimer();
            return;
        }

        await WorkInBackground();
    }

    /// <summary>Does what is owed by now, and waits for those errands and what follows from them.</summary>
    async Task WorkUntil(Func<Errand, bool> isAwaited)
    {
        await Work();
        for (var round = 0; round < MaxSteps && errands.Count > 0 && errands.Where(errand => isAwaited(errand.Key)).Select(errand => errand.Value).ToList() is { Count: > 0 } awaited; round++)
        {
            await Task.WhenAll(awaited);
            await Work();
        }
    }

    /// <summary>Does what is owed by now, and waits for what the method's provider says of its newest payment, but for no other provider.</summary>
    Task WorkOn(string? methodId)
    {
        var ordinal = State!.Payments.LastOrDefault(payment => payment.MethodId == methodId)?.Ordinal;
        return WorkUntil(errand => !errand.IsOfRefund && errand.Ordinal == ordinal);
    }

    // Whoever waits sees what takes milliseconds, and does not wait for what is slow.
    async Task WorkForAMoment(bool withRefunds = false)
    {
        try
        {
            await InBackground(() => withRefunds ? WorkUntil(errand => errand.IsOfRefund) : Work()).WaitAsync(CreditPatience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            // It goes on by itself.
        }
    }

    // When it fails, the document says what is owed, and the sweep takes it up.
    Task WorkInBackground() => InBackground(Work);

    async Task InBackground(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception failed)
        {
            LogWorkFailed(Log, failed, Number);
        }
    }
}
