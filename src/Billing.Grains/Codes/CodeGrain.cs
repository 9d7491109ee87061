using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Orders;
using Microsoft.Extensions.Options;
using Orleans.Storage;

namespace Billing.Codes;

/// <summary>
/// The code's shell. A redemption is stored first, then placed in its batch where the batch counts, then credited; whatever is left when this process ends is
/// found by the sweep, under the same references. A code is rarely asked for again, and one that nobody issued never: it leaves memory soon.
/// </summary>
[GrainType(CodeDocument.Noun), CollectionAgeLimit(Minutes = 2)]
sealed partial class CodeGrain(IGrainFactory grains, IRedemptions redemptions, IPaidOrders paidOrders, IOptions<CodeSettings> options)
    : DocumentGrain<Code, CodeEvent, CodeCommand, CodeError>(CodeDocument.Kind), ICodeGrain, IDisposable
{
    // Each round lost means that another code of the batch took the account's place that was free a moment ago.
    const int PlaceRounds = 20;

    // More than this waiting for their turn means that the code cannot keep up; saying so at once is kinder than a time-out.
    const int MaxWaiting = 5_000;

    static readonly Meter Meter = new(CodeMetrics.MeterName);
    static readonly Counter<long> Redeemed = Meter.CreateCounter<long>("billing.codes.redeemed", "{redemption}", "Codes that were redeemed.");
    static readonly Counter<long> Failed = Meter.CreateCounter<long>("billing.codes.credit.failures", "{attempt}", "Redemptions whose account could not be credited at once.");

    readonly CodeSettings settings = options.Value;

    // The same wish at the same time is one redemption, and its answer is everybody's.
    readonly Dictionary<string, Task<Reply<Redeemed, CodeError>>> underWay = [];

    // A redemption that somebody here is settling is left alone by the sweep.
    readonly HashSet<string> settling = [];
    readonly SemaphoreSlim turns = new(Code.MaxOwed);
    int waiting;

    string Key => this.GetPrimaryKeyString();

    // It is issued beside its grain, and a guess finds nothing: reading at the first call and not before it keeps that to one query.
    protected override bool BeginsUnread => true;

    public async Task<Versioned<Code>?> Get() => await Exists() ? Stored : null;

    public async Task<Reply<Redeemed, CodeError>> Redeem(Redeemer by, string? idempotencyKey)
    {
        if (!await Exists()) return new CodeNotFound();
        var id = Redemption.IdOf(by.Account, idempotencyKey);
        if (underWay.TryGetValue(id, out var same)) return Again(await same);
        var redeeming = RedeemOnce(id, by);
        underWay[id] = redeeming;
        try
        {
            return await redeeming;
        }
        finally
        {
            underWay.Remove(id);
        }
    }

    public async Task<CodePreview> Preview(Redeemer by)
    {
        if (!await Exists()) return new([], new CodeNotFound());
        var (batch, facts) = await Facts(by);
        var earlier = await Earlier(batch.Id, by.Account);
        var id = Redemption.IdOf(by.Account, null);
        var place = Free(id, batch.Terms.MaxRedemptionsPerAccount, await redemptions.PlacesTaken(batch.Id, by.Account, CancellationToken.None));
        var refusal = CodeRules.Refuse(State!, new(id, by, facts, batch, place), Now);
        // Who redeemed it knows that there is, or was, such a code.
        return new(refusal is CodeNotFound && earlier is null ? [] : batch.Terms.Grants, refusal, earlier);
    }

    /// <summary>The account's latest redemption of this code.</summary>
    async Task<Redemption?> Earlier(string batchId, string account)
    {
        // Most codes that are looked at were never redeemed: the journal need not be asked.
        while (State!.Redemptions > 0)
        {
            var waiting = State.Placing;
            var latest = await redemptions.Latest(Key, batchId, account, CancellationToken.None);
            if (latest is null || !waiting.Contains(latest.Id)) return latest;
            // Whether it counts is not known before it has its place or is refused; then one before it is the latest.
            await Place(latest);
        }

        return null;
    }

    public async Task<Reply<CodeIsDisabled, CodeError>> Disable(DisabledAs how, string? note, Actor actor)
    {
        if (!await Exists()) return new CodeNotFound();
        while (true)
        {
            // Whether the code is used up is not known before these have their places or are refused.
            await Task.WhenAll(State!.Placing.Select(Place));
            var obeyed = await Obey(new DisableCode(how, note), actor);
            if (obeyed.Refusal is null) return new CodeIsDisabled(new(obeyed.State!, obeyed.Version), obeyed.Events.Count > 0);
            if (State!.Placing.IsEmpty) return obeyed.Refusal;
        }
    }

    public async Task<Reply<Versioned<Code>, CodeError>> Assign(string account, string source, string? note, Actor actor)
    {
        if (!await Exists()) return new CodeNotFound();
        var obeyed = await Obey(new AssignCode(account, source, note), actor);
        return obeyed.Refusal is { } refusal ? refusal : new Versioned<Code>(obeyed.State!, obeyed.Version);
    }

    public async Task<Reply<Redemption, CodeError>> Reverse(string redemptionId, long expectedVersion, string note, string idempotencyKey, Actor actor)
    {
        if (!await Exists() || await redemptions.Find(Key, redemptionId, CancellationToken.None) is null || State!.Placing.Contains(redemptionId)) return new RedemptionNotFound();
        // It is known by now whether it has its place; when it was looked up it may have waited for it.
        if (await redemptions.Find(Key, redemptionId, CancellationToken.None) is not { IsRefused: false } recorded) return new RedemptionNotFound();
        if (recorded.ReversalKey is { } key)
        {
            if (key != idempotencyKey) return new AlreadyReversed();
        }
        else if (recorded.Redemption.Version != expectedVersion)
        {
            return new RedemptionChanged(recorded.Redemption.Version);
        }
        else
        {
            try
            {
                var obeyed = await Obey(new BeginReversal(redemptionId, idempotencyKey, note), actor);
                if (obeyed.Refusal is { } refusal) return refusal;
            }
            catch (UniqueTakenException)
            {
                // Somebody began at the same moment: whose key it was, the journal tells.
                return await Reverse(redemptionId, expectedVersion, note, idempotencyKey, actor);
            }
        }

        if (State!.Reversing.Contains(redemptionId)) await Reverse(recorded.Redemption);
        // Begun under another key meanwhile, or done by somebody else: what is stored is the answer.
        var now = (await redemptions.Find(Key, redemptionId, CancellationToken.None))!;
        return now.ReversalKey == idempotencyKey ? now.Redemption : new AlreadyReversed();
    }

    public void Dispose() => turns.Dispose();

    protected override Decision<CodeEvent, CodeError> Decide(Code? state, CodeCommand command, DateTimeOffset now) => CodeRules.Decide(state, command, now);

    // What many redeem at once is better written once for all of them, and credited afterwards.
    protected override Joint? Join(Code next, IReadOnlyList<CodeCommand> commands, DateTimeOffset now) => commands is [RedeemCode redeem] && next.Crediting.Contains(redeem.Id)
        ? new(new RecordCredited(redeem.Id), async write =>
            (await Account(redeem.By.Account).ApplyWith(CodeDocument.LedgerReference(Key, redeem.Id), LedgerKind.Redemption, redeem.Batch.Terms.Grants, Actor.System, write))
                .Value is { Replayed: false })
        : null;

    /// <summary>Takes up what is owed and is in nobody's hands.</summary>
    protected override async Task<bool> TakeStep()
    {
        if (State is not { Owed: > 0 } code || code.LookAt > Now) return false;
        var owed = code.Placing.Concat(code.Crediting).Concat(code.Reversing).Where(id => !settling.Contains(id)).ToList();
        if (owed.Count == 0) return false;
        var failures = await Task.WhenAll(owed.Select(TakeUp));
        if (failures.FirstOrDefault(failure => failure is not null) is { } failure) await Obey(new RecordCreditFailure(failure), Actor.System);
        return false;
    }

    async Task<Reply<Redeemed, CodeError>> RedeemOnce(string id, Redeemer by)
    {
        await Turn();
        settling.Add(id);
        var handedOn = false;
        try
        {
            var (batch, facts) = await Facts(by);
            var claimed = await Claim(id, by, batch, facts);
            if (claimed.Redemption is not { } redemption) return claimed.Refusal!;
            if (await Place(redemption) is { } refusal) return refusal;
            if (State!.Crediting.Contains(id))
            {
                handedOn = true;
                await SettleSoon(redemption, batch.Terms.Grants);
            }
            else if (claimed.IsOwed && await Before(id, by) is { Refusal: { } meanwhile })
            {
                // The sweep was faster, or its batch is being disabled: there was no place for it.
                return meanwhile;
            }

            return new Redeemed(redemption, batch.Terms.Grants, claimed.Replayed);
        }
        finally
        {
            if (!handedOn) Settled(id);
        }
    }

    async Task Turn()
    {
        if (waiting >= MaxWaiting) throw new StoreBusyException($"More than {MaxWaiting} redemptions wait for code {Key}.");
        waiting++;
        try
        {
            await turns.WaitAsync();
        }
        finally
        {
            waiting--;
        }
    }

    void Settled(string id)
    {
        settling.Remove(id);
        turns.Release();
    }

    /// <summary>Stores the redemption, or finds what the same wish led to before.</summary>
    async Task<Claimed> Claim(string id, Redeemer by, CodeBatch batch, RedeemerFacts facts)
    {
        IReadOnlySet<int> taken = ImmutableHashSet<int>.Empty;
        for (var round = 1; ; round++)
        {
            try
            {
                var obeyed = await Obey(new RedeemCode(id, by, facts, batch, Free(id, batch.Terms.MaxRedemptionsPerAccount, taken)), Actor.Account(by.Account));
                if (obeyed.Events.Count > 0)
                {
                    LogRedeemed(Log, Key, batch.Id, id);
                    Redeemed.Add(1);
                    return new(new(Key, id, by.Account, batch.Id, obeyed.State!.Tail, obeyed.At, null), Replayed: false, null, IsOwed: !obeyed.IsJoint);
                }


                // Refused, or under way since before this activation. What was redeemed is owed its first answer, whatever has become of the code.
                var isOwed = obeyed.Refusal is null;
                var before = isOwed || obeyed.State!.Redemptions > 0 ? await Before(id, by) : null;
                if (before is not null) return before with { IsOwed = isOwed };
                return new(null, Replayed: false, obeyed.Refusal ?? throw new InvalidOperationException($"Code {Key} owes {id}, and its journal does not have it."));
            }
            catch (UniqueTakenException collision)
            {
                // This very wish in another activation, or another code of the batch took the place.
                if (await Before(id, by) is { } before) return before;
                if (round == PlaceRounds) throw new StoreBusyException($"Code {Key}: others took the account's place {PlaceRounds} times.", collision);
                LogPlaceTaken(Log, Key, batch.Id, collision.Index, round);
                taken = await redemptions.PlacesTaken(batch.Id, by.Account, CancellationToken.None);
            }
        }
    }

    /// <summary>What this wish led to before; null when it is new.</summary>
    async Task<Claimed?> Before(string id, Redeemer by)
    {
        if (await redemptions.Find(Key, id, CancellationToken.None) is not { } recorded || recorded.Redemption.Account != by.Account) return null;
        if (!recorded.IsRefused) return new(recorded.Redemption, Replayed: true, null);
        return new(null, Replayed: true, recorded.RefusedBy is { } scope ? new RedemptionLimitReached(scope) : new CodeNotFound());
    }

    sealed record Claimed(Redemption? Redemption, bool Replayed, CodeError? Refusal, bool IsOwed = false);

    static Reply<Redeemed, CodeError> Again(Reply<Redeemed, CodeError> first) => first.Value is { } redeemed ? redeemed with { Replayed = true } : first;

    /// <summary>The batch, and what its rules must know of the redeemer.</summary>
    async Task<(CodeBatch Batch, RedeemerFacts Facts)> Facts(Redeemer by)
    {
        var batch = (await Batch.Get() ?? throw new InvalidOperationException($"Code {Key} has no batch {State!.BatchId}.")).State;
        var rules = batch.Terms.Eligibility;
        if (rules.IsEmpty) return (batch, RedeemerFacts.None);
        var hasPaid = rules.Any(rule => rule is FirstPurchaseOnly) && await paidOrders.Any(by.Account, CancellationToken.None);
        var tiers = rules.Any(rule => rule is SubscribersOf) && await Account(by.Account).Get() is { } account
            ? account.State.Entitlements.Where(tier => tier.ExpiresAt > Now).Select(tier => tier.Tier)
            : [];
        return (batch, new(hasPaid, [.. tiers]));
    }

    // Spread by the code and the wish, so that two redemptions of one account at the same instant seldom try the same place.
    int? Free(string id, int limit, IReadOnlySet<int> taken)
    {
        var start = (Number(Key) + Number(id)) % limit;
        for (var i = 0; i < limit; i++)
        {
            var place = ((start + i) % limit) + 1;
            if (!taken.Contains(place)) return place;
        }

        return null;

        static int Number(string name) =>
            (CheckCharacter.Alphabet.IndexOf(name[0], StringComparison.Ordinal) * 32) + CheckCharacter.Alphabet.IndexOf(name[1], StringComparison.Ordinal);
    }

    async Task Place(string id)
    {
        if (await redemptions.Find(Key, id, CancellationToken.None) is { } recorded) await Place(recorded.Redemption);
    }

    /// <summary>Gets the redemption one of its batch's own places, where there are such; says why not.</summary>
    async Task<CodeError?> Place(Redemption redemption)
    {
        if (!State!.Placing.Contains(redemption.Id)) return null;
        var reply = await Batch.TakePlace($"{Key}:{redemption.Id}");
        CodeError? refusal = reply.Refusal switch
        {
            null => null,
            NoPlaceLeft none => new RedemptionLimitReached(none.Scope),
            _ => new CodeNotFound(),
        };
        await Obey(
            new RecordPlace(redemption.Id, redemption.Account, refusal is null, (refusal as RedemptionLimitReached)?.Scope), Actor.System);
        return refusal;
    }

    /// <summary>Has the account credited, and waits for it as long as a person would.</summary>
    async Task SettleSoon(Redemption redemption, ImmutableArray<Grant> grants)
    {
        var credited = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Settle(redemption, grants, credited).Ignore();
        try
        {
            await credited.Task.WaitAsync(settings.CreditPatience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            // A redeemer does not wait for a slow account.
        }
    }

    /// <summary>Credits the account and writes it down; the redemption's turn ends with that. Nobody waits for the note: the account's own ledger is the proof.</summary>
    async Task Settle(Redemption redemption, ImmutableArray<Grant> grants, TaskCompletionSource credited)
    {
        try
        {
            var failure = await Credit(redemption, grants);
            credited.TrySetResult();
            if (failure is null) await Obey(new RecordCredited(redemption.Id), Actor.System);
        }
        catch (Exception fault) when (fault is OutcomeUnknownException or StoreBusyException or InconsistentStateException)
        {
            // The document says that it is owed: the sweep asks the account, whose ledger has it.
            LogNotNoted(Log, fault, Key);
        }
        finally
        {
            credited.TrySetResult();
            Settled(redemption.Id);
        }
    }

    /// <summary>Credits the account, and says why not when it could not.</summary>
    async Task<string?> Credit(Redemption redemption, ImmutableArray<Grant> grants)
    {
        try
        {
            var reply = await Account(redemption.Account)
                .Apply(CodeDocument.LedgerReference(Key, redemption.Id), LedgerKind.Redemption, grants, null, Actor.System);
            if (reply.Refusal is null) return null;
            Failed.Add(1);
            LogCreditRefused(Log, Key, redemption.Id, reply.Refusal.GetType().Name);
            return reply.Refusal.GetType().Name;
        }
        catch (Exception fault)
        {
            // It may have been credited: the reference makes the next try harmless.
            Failed.Add(1);
            LogCreditFailed(Log, fault, Key, redemption.Id);
            return fault.GetType().Name;
        }
    }

    /// <summary>Takes up one redemption that is owed something, and says why it could not be done.</summary>
    async Task<string?> TakeUp(string id)
    {
        settling.Add(id);
        try
        {
            var recorded = await redemptions.Find(Key, id, CancellationToken.None)
                ?? throw new InvalidOperationException($"Code {Key} owes redemption {id}, which its journal does not have.");
            LogTakenUp(Log, Key, id);
            if (State!.Reversing.Contains(id)) return await Reverse(recorded.Redemption);
            if (await Place(recorded.Redemption) is not null || !State.Crediting.Contains(id)) return null;
            var batch = (await Batch.Get())!;
            if (await Credit(recorded.Redemption, batch.State.Terms.Grants) is { } failure) return failure;
            await Obey(new RecordCredited(id), Actor.System);
            return null;
        }
        catch (Exception fault)
        {
            LogCreditFailed(Log, fault, Key, id);
            return fault.GetType().Name;
        }
        finally
        {
            settling.Remove(id);
        }
    }

    /// <summary>Has the account give back what is unspent, and writes down how much that was; says why it could not.</summary>
    async Task<string?> Reverse(Redemption redemption)
    {
        var batch = (await Batch.Get())!;
        var granted = CodeDocument.LedgerReference(Key, redemption.Id);
        var reply = await Account(redemption.Account).TakeBack("reversal:" + granted, LedgerKind.Redemption, granted, batch.State.Terms.Grants, null, Actor.System);
        if (reply.Value is not { } taken) return reply.Refusal!.GetType().Name;
        var back = -taken.Entry.Credits;
        await Obey(new RecordReversal(redemption.Id, back, new Credits((long)batch.State.Terms.MicroPerRedemption()) - back, taken.DaysTakenBack), Actor.System);
        return null;
    }

    ICodeBatchGrain Batch => grains.GetGrain<ICodeBatchGrain>(State!.BatchId);

    IAccountGrain Account(string account) => grains.GetGrain<IAccountGrain>(account);
}

/// <summary>The meter of codes.</summary>
public static class CodeMetrics
{
    /// <summary>Its name.</summary>
    public const string MeterName = "Billing.Codes";
}
