using System.Collections.Immutable;
using Billing.Accounts;
using Billing.Channels;
using Billing.Orders;
using static Billing.Tests.Orders.OrderSamples;

namespace Billing.Tests.Orders;

/// <summary>Money on its way back: buyers who ask, administrators who decide, and providers who give back, late, twice asked, by themselves, or not at all.</summary>
sealed partial class OrderWorld
{
    static readonly Actor Ada = Actor.Administrator("ada");
    static readonly Actor Bea = Actor.Administrator("bea");

    static readonly RefundSettings Refunding = new() { SecondPersonAbove = { ["CNY"] = 1_000 }, AutomaticUpTo = { ["CNY"] = 300 } };

    readonly Dictionary<string, ProviderRefund> providerRefunds = [];
    readonly List<RefundNews> refundNews = [];
    RefundMood refundMood;
    int elsewhere;
    int sends;
    int spends;

    enum RefundMood
    {
        Succeeds,
        Pends,
        Fails,
        Refuses,
        LacksFunds,
    }

    // What the account has left of an order's grants, as the grain asks before it decides.
    Credits Returnable(OrderInWorld order) => order.State is { Refusal: null, Fulfilment: FulfilmentStatus.Fulfilled } state && account is not null
        ? account.Returnable(Reference(order), state.Grants, now).Aggregate(Credits.Zero, (sum, bucket) => sum + bucket.Remaining)
        : Credits.Zero;

    static string Reference(OrderInWorld order) => $"order:{order.Number}";

    static Money? Amount(Order state, int how) => (how % 6) switch
    {
        0 => null,
        1 => new(1, "CNY"),
        2 => state.Refundable with { MinorUnits = state.Refundable.MinorUnits / 2 },
        3 => state.Refundable with { MinorUnits = state.Refundable.MinorUnits + 1 },
        4 => new(250, "CNY"),
        _ => state.Refundable,
    };

    void AskBack(OrderInWorld order, int key, int how)
    {
        if (order.State is { Refusal: null } state) Obey(order, new RequestRefund($"request-{key % 4}", Amount(state, how), "Why.", Alice, Returnable(order), Refunding));
    }

    void GiveBack(OrderInWorld order, int key, int how)
    {
        if (order.State is { Refusal: null } state)
            Obey(order, new RefundOrder($"give-{key % 4}", Amount(state, how) ?? Price, "Why.", (key & 4) != 0, (how & 8) == 0 ? Ada : Bea, Returnable(order), Refunding));
    }

    void DecideRefund(OrderInWorld order, int how, int which)
    {
        if (order.State?.Refunds.ToList() is not { Count: > 0 } refunds) return;
        var refund = refunds[which % refunds.Count];
        var version = refund.Version - ((how & 4) >> 2);
        Obey(order, (how % 4) switch
        {
            0 => new ApproveRefund(refund.Number, version, null, "Why.", Ada, Refunding),
            1 => new ApproveRefund(refund.Number, version, null, "Why.", Bea, Refunding),
            2 => new ApproveRefund(refund.Number, version, refund.Amount with { MinorUnits = (refund.Amount.MinorUnits + 1) / 2 }, "Why.", Ada, Refunding),
            _ => new RejectRefund(refund.Number, version, "Why.", Bea),
        });
    }

    void Resolve(OrderInWorld order, int how, int which)
    {
        if (order.State is not { WorkItems: { IsEmpty: false } items } state) return;
        var item = items[which % items.Length];
        var resolution = (WorkItemResolution)(how % 5);
        // A person who gives a refund up has looked at the provider's own pages.
        if (resolution == WorkItemResolution.Dismiss && item.RefundNumber is { } number && providerRefunds.TryGetValue(number, out var there) && there.State is not RefundState.Failed) return;
        // And so has one who gives a payment up.
        if (resolution == WorkItemResolution.Dismiss && item is { Kind: WorkItemKind.ProviderSilent, Ordinal: { } ordinal } && state.Attempt(ordinal) is { } attempt)
        {
            var atProvider = AtProvider(order, attempt);
            if (atProvider.Transactions.Count > 0 || !atProvider.Closed) return;
        }

        Obey(order, new ResolveWorkItem(item.Id, resolution, "Why.", (how & 8) == 0 ? Ada : Bea, Refunding));
    }

    /// <summary>The provider goes on with a refund by itself: one that was pending ends, and one that was done may come back.</summary>
    void MoveRefund(int how, int which)
    {
        if (providerRefunds.Count == 0) return;
        var (number, refund) = providerRefunds.ElementAt(which % providerRefunds.Count);
        if (disputes.Contains(number)) return;
        RefundState? next = (refund.State, how % 4) switch
        {
            (RefundState.Pending, 0 or 1 or 2) => new RefundState.Succeeded(refund.Amount, now),
            (RefundState.Pending, _) => new RefundState.Failed("CLOSED"),
            (RefundState.Succeeded, 3) when refund.IsOurs => new RefundState.Failed("RETURNED"),
            _ => null,
        };
        if (next is null) return;
        var isTakenBack = refund.State is RefundState.Succeeded;
        providerRefunds[number] = refund with { State = next };
        refundNews.Add(new(refund.Order, refund.Ordinal, number, next, MustArrive: isTakenBack));
    }

    /// <summary>Somebody gives money back on the provider's own pages.</summary>
    void RefundElsewhere(OrderInWorld order, int how, int which) => WithAttempt(order, which, (attempt, atProvider) =>
    {
        if (atProvider.Transactions.Count == 0) return;
        var paid = atProvider.Transactions[how % atProvider.Transactions.Count];
        var left = Left(order, paid);
        var amount = paid.Amount with { MinorUnits = (how & 4) == 0 ? left : (left + 1) / 2 };
        if (amount.MinorUnits <= 0 || order.State!.Receipts.All(receipt => receipt.TransactionId != paid.TransactionId)) return;
        var number = $"elsewhere-{++elsewhere}";
        var done = new RefundState.Succeeded(amount, now);
        providerRefunds.Add(number, new(order, attempt.Ordinal, paid.TransactionId, amount, done, IsOurs: false));
        refundNews.Add(new(order, attempt.Ordinal, number, done, MustArrive: true));
    });

    void WithRefundNews(int which, Action<RefundNews> then)
    {
        if (refundNews.Count > 0) then(refundNews[which % refundNews.Count]);
    }

    void Lose(RefundNews news)
    {
        if (!news.MustArrive) refundNews.Remove(news);
    }

    void Deliver(RefundNews news, bool again)
    {
        // A provider sends what has changed since as it is now.
        var state = providerRefunds[news.Number].State;
        var isOurs = news.Order.State!.FindRefund(news.Number) is { } refund && refund.Ordinal == news.Ordinal;
        var heard = Obey(news.Order, isOurs
            ? new RecordRefund(news.Number, new ChannelAnswer<RefundState>.Done(state), IsTelling: false)
            : new RecordRefundElsewhere(news.Ordinal, news.Number, state));
        if (heard && !again) refundNews.Remove(news);
    }

    void Spend(int how)
    {
        var credits = (how % 4) switch { 0 => new Credits(1), 1 => Credits.Whole(500), 2 => Credits.Whole(1), _ => account?.Spendable(now) ?? Credits.Zero };
        Account(new TakeCredits($"spend-{++spends}", LedgerKind.Spend, credits, null));
    }

    RecordHold Hold(OrderInWorld order, HoldForRefund hold)
    {
        var refund = hold.Refund;
        if (mutant == Mutant.HoldsNothing) return new RecordHold(refund.Number, new([], [], Voided: false, now, refund.Amount.MinorUnits), Credits.Zero, null);
        AccountError? refusal = null;
        var answered = Neighbour(() =>
        {
            var grantedAt = ledger.FirstOrDefault(entry => entry.Reference == Reference(order)) switch { GrantsApplied granted => granted.At, GrantsVoided => now, _ => (DateTimeOffset?)null };
            refusal = Account(new HoldGrants(order.Wish.Account, refund.HoldReference, Reference(order), order.State!.Grants, grantedAt, hold.Wanted));
            return true;
        });
        if (answered is null) return new RecordHold(refund.Number, null, Credits.Zero, "NoAnswer");
        // Repeated, the ledger has the first answer.
        return ledger.OfType<GrantsHeld>().FirstOrDefault(entry => entry.Reference == refund.HoldReference) is { } held
            ? new RecordHold(refund.Number, held.Held, Credits.Zero, null)
            : new RecordHold(refund.Number, null, ((InsufficientCredits)refusal!).Available, null);
    }

    RecordRelease Release(OrderInWorld order, ReleaseHeld release)
    {
        var refund = release.Refund;
        if (mutant == Mutant.KeepsHolds || release.Back.IsEmpty) return new RecordRelease(refund.Number, release.Kept, null);
        var answered = Neighbour(() =>
        {
            Account(new ReleaseHold(refund.ReleaseReference, Reference(order), order.State!.Grants, release.Back, refund.ReleasedBucket));
            return true;
        });
        return new RecordRelease(refund.Number, release.Kept, answered is null ? "NoAnswer" : null);
    }

    /// <summary>The account obeys, once for each reference: the journal's unique index has the last word.</summary>
    AccountError? Account(AccountCommand command)
    {
        var decision = AccountRules.Decide(account, command, now);
        if (decision.Refusal is { } refusal) return refusal;
        if (decision.Events.Any(happened => happened is not CreditsLapsed && ledger.Any(entry => entry.Reference == happened.Reference))) return null;
        foreach (var happened in decision.Events)
        {
            account = Billing.Accounts.Account.After(account, happened);
            ledger.Add(happened);
        }

        if (account is { } after && (after.Buckets.Any(bucket => bucket.Remaining <= Credits.Zero) || after.Buckets.Sum(bucket => bucket.Remaining.Micro) != after.Balance.Micro))
            throw Broken("The account's buckets are not its balance.");
        return null;
    }

    ChannelAnswer<RefundState> Send(OrderInWorld order, Refund refund)
    {
        var number = mutant == Mutant.SendsAnotherNumber ? $"{refund.Number}-{++sends}" : refund.Number;
        return Answer(() => GiveBackAtProvider(order, refund, number));
    }

    ChannelAnswer<RefundState> GiveBackAtProvider(OrderInWorld order, Refund refund, string number)
    {
        if (providerRefunds.TryGetValue(number, out var known) && known.State is not RefundState.Failed) return new ChannelAnswer<RefundState>.Done(known.State);
        var paid = AtProvider(order, order.State!.Attempt(refund.Ordinal)!).Transactions.FirstOrDefault(one => one.TransactionId == refund.TransactionId);
        if (paid is null) return new ChannelAnswer<RefundState>.Refused(RefusalKind.NotFound, "NO_SUCH_TRANSACTION");
        if (refund.Amount.Currency != paid.Amount.Currency || refund.Amount.MinorUnits > Left(order, paid))
            return new ChannelAnswer<RefundState>.Refused(RefusalKind.AmountTooLarge, "TOO_MUCH");
        if (refundMood == RefundMood.Refuses) return new ChannelAnswer<RefundState>.Refused(RefusalKind.NotAllowed, "NOT_ALLOWED");
        if (refundMood == RefundMood.LacksFunds) return new ChannelAnswer<RefundState>.Refused(RefusalKind.InsufficientFunds, "NO_FUNDS");
        RefundState state = refundMood switch
        {
            RefundMood.Pends => new RefundState.Pending(),
            RefundMood.Fails => new RefundState.Failed("NO"),
            _ => new RefundState.Succeeded(refund.Amount, now),
        };
        providerRefunds[number] = new(order, refund.Ordinal, refund.TransactionId, refund.Amount, state, IsOurs: true);
        refundNews.Add(new(order, refund.Ordinal, number, state, MustArrive: false));
        return new ChannelAnswer<RefundState>.Done(state);
    }

    ChannelAnswer<RefundState> QueryRefund(Refund refund) => Answer(() => new ChannelAnswer<RefundState>.Done(
        providerRefunds.TryGetValue(refund.Number, out var known) ? known.State : new RefundState.NotFound()));

    long Left(OrderInWorld order, PaymentState.Paid paid) => paid.Amount.MinorUnits - providerRefunds.Values
        .Where(refund => refund.Order == order && refund.TransactionId == paid.TransactionId && refund.State is not RefundState.Failed).Sum(refund => refund.Amount.MinorUnits);

    void HealRefunds()
    {
        refundMood = RefundMood.Succeeds;
        foreach (var (number, refund) in providerRefunds.ToList())
        {
            if (disputes.Contains(number)) DecideDispute(number, refund.Amount.MinorUnits % 2 == 0);
            else if (refund.State is RefundState.Pending) providerRefunds[number] = refund with { State = new RefundState.Succeeded(refund.Amount, now) };
        }
    }

    /// <summary>What went back at the provider went back here, and what was granted is the account's, spent, lapsed, or held for it.</summary>
    void AssertRefunds(OrderInWorld order, Order state)
    {
        if (state.Receipts.FirstOrDefault(receipt => !state.IsAccountedFor(receipt)) is { } lost) throw Broken($"{lost} has no end, and nobody was asked.");
        // A provider's news of a refund name the payment, and not which of two movements of its money went back.
        foreach (var paid in state.Receipts.GroupBy(receipt => receipt.Ordinal))
        {
            var there = providerRefunds.Values.Where(refund => refund.Order == order && refund.Ordinal == paid.Key && refund.State is RefundState.Succeeded)
                .Sum(refund => refund.Amount.MinorUnits);
            var here = state.Refunds.Where(refund => refund.Ordinal == paid.Key && refund.Status == RefundStatus.Succeeded).Sum(refund => refund.Amount.MinorUnits);
            if (there != here) throw Broken($"Of payment {paid.Key} the provider gave back {there}, and {here} is written down.");
            if (here > paid.Sum(receipt => receipt.Amount.MinorUnits)) throw Broken("More went back than came.");
        }

        foreach (var refund in state.AllRefunds ?? [])
        {
            if (refund.Hold is HoldStatus.Wanted or HoldStatus.Excess) throw Broken($"{refund} is not done with its account.");
            if (refund.Status is RefundStatus.Processing or RefundStatus.Disputed) throw Broken($"{refund} never ends.");
            if (refund is { Status: RefundStatus.Failed, CompletedAt: null } && !state.WorkItems.Any(item => item.RefundNumber == refund.Number && item.ResolvedAt is null))
                throw Broken($"{refund} failed, and nobody was asked.");
            if (!refund.Counts && refund.Held is not null) throw Broken($"{refund} came to nothing and holds something.");
        }

        if (state.Payment != PaymentStatus.Paid) return;
        var granted = state.Grants.OfType<Billing.Catalog.CreditGrant>().Sum(grant => grant.Credits.Micro);
        string[] references = [Reference(order), .. (state.AllRefunds ?? []).SelectMany(refund => refund.AllReferences)];
        var inLedger = ledger.Where(entry => references.Contains(entry.Reference)).Sum(entry => entry.Credits.Micro);
        var held = (state.AllRefunds ?? []).Sum(refund => refund.Held?.Credits.Micro ?? 0);
        var voided = (state.AllRefunds ?? []).Any(refund => refund.Held?.Voided == true);
        if (inLedger != (voided ? 0 : granted) - held) throw Broken($"{granted} were granted and {held} are held, and the ledger has {inLedger}.");
        if (voided && state.Fulfilment != FulfilmentStatus.Reversed) throw Broken("What was voided counts as granted.");

        // What somebody gave back at the provider may be more than was left beside what was asked for here: then there are not as many credits to hold.
        if (state.Refunds.Any(refund => refund.ProviderNumber is not null)) return;
        // Where nothing was forgiven, the buyer keeps no more of the grants than of the price, but for roundings.
        foreach (var strict in state.Refunds.Where(refund => refund is { Status: RefundStatus.Succeeded, EvenIfSpent: false, Hold: HoldStatus.Held, WasVoided: false }))
        {
            if (strict.Held!.Credits.Micro + 100 < (long)decimal.Floor((decimal)granted * strict.Amount.MinorUnits / state.Settling!.Amount.MinorUnits))
                throw Broken($"{strict.Amount} went back, and not as much of the credits.");
        }
    }

    sealed record ProviderRefund(OrderInWorld Order, int Ordinal, string TransactionId, Money Amount, RefundState State, bool IsOurs);

    // MustArrive: nothing else would tell of it, and providers repeat it until it is acknowledged.
    sealed record RefundNews(OrderInWorld Order, int Ordinal, string Number, RefundState State, bool MustArrive);
}
