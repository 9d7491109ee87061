using System.Collections.Immutable;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Codes;
using static Billing.Tests.Codes.CodeSamples;

namespace Billing.Tests.Codes;

/// <summary>What can be done in the world of the codes' model. Each takes two small numbers that say to which code, by whom, how.</summary>
enum CodeDeed
{
    Redeem,
    Step,
    Finish,
    Preview,
    Disable,
    DisableBatch,
    Give,
    Reverse,
    Spend,
    Wait,
    Wake,
    Crash,
    WriteFault,
    NeighbourFault,
    ManyOthers,
}

/// <summary>A guard taken out on purpose, to see that the model notices.</summary>
enum CodeMutant
{
    None,

    /// <summary>The journal holds a claim as often as it likes.</summary>
    NoClaims,

    /// <summary>The journal of a code holds each step of a redemption as often as it likes.</summary>
    NoReferences,

    /// <summary>Whether the batch has a place left is only looked at, and counted afterwards.</summary>
    CountsThenInserts,

    /// <summary>Each try to credit has a reference of its own.</summary>
    CreditsWithoutReference,

    /// <summary>A place that the batch's document forgot is no place.</summary>
    ForgetsPlaces,

    /// <summary>A wish that is owed something is answered by what was looked up before.</summary>
    AnswersFromThePast,

    /// <summary>A code is disabled with its batch whether or not a redemption waits for a place.</summary>
    DisablesWithoutWaiting,

    /// <summary>A reversal begins by what was looked up while the redemption waited for its place.</summary>
    ReversesWhatWaits,

    /// <summary>A write does not compare versions.</summary>
    IgnoresVersions,

    /// <summary>The account is credited first and the redemption stored next.</summary>
    CreditsFirst,
}

/// <summary>One deed.</summary>
readonly record struct CodeAct(CodeDeed Deed, int A, int B)
{
    public override string ToString() => $"{Deed}({A},{B})";
}

/// <summary>How a world begins.</summary>
/// <param name="PerCode">How often a code can be redeemed.</param>
/// <param name="PerAccount">How often an account can redeem, over all codes.</param>
/// <param name="Places">How often the batch's codes can be redeemed in all; null when only they limit it.</param>
/// <param name="IsBudget">Whether that is said in credits.</param>
/// <param name="HasWindow">Whether they can be redeemed from a minute after noon until a day later.</param>
/// <param name="ForMembers">Whether only members may redeem, of whom Carol is none.</param>
sealed record CodeWorldSettings(int PerCode, int PerAccount, int? Places, bool IsBudget, bool HasWindow, bool ForMembers);

/// <summary>
/// Three codes of a batch and three accounts, without a grain: events are written as the store would, what is under way interleaves at every await of the shells,
/// and a crash leaves nothing but what was written. Beside it stands what was promised: who was told what.
/// </summary>
sealed class CodeWorld
{
    static readonly Redeemer[] Somebody = [new("alice", ["members"], null), new("bob", ["members"], null), new("carol", [], null)];
    static readonly string[] Keys = ["AAA", "BBB", "CCC"];
    static readonly string?[] WishKeys = [null, "key"];
    static readonly TimeSpan[] Waits = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(6), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(11), TimeSpan.FromHours(12), TimeSpan.FromHours(25)];
    static readonly ImmutableArray<Grant> Granted = [new CreditGrant(Credits.Whole(10), null), new SubscriptionGrant("pro", 2)];

    readonly CodeWorldSettings settings;
    readonly CodeMutant mutant;
    readonly CodeInWorld[] codes;
    readonly AccountInWorld[] accounts = [.. Somebody.Select(by => new AccountInWorld(by))];
    readonly HashSet<string> claims = [];
    readonly HashSet<string> placeReferences = [];
    readonly List<UnderWay> underWay = [];
    readonly List<Told> told = [];
    CodeBatch batch;
    DateTimeOffset now = Noon;
    Fault writeFault;
    Fault neighbourFault;
    int tries;

    public CodeWorld(CodeWorldSettings settings, CodeMutant mutant)
    {
        (this.settings, this.mutant) = (settings, mutant);
        var terms = Terms with
        {
            Count = 3,
            Grants = Granted,
            MaxRedemptionsPerCode = settings.PerCode,
            MaxRedemptionsPerAccount = settings.PerAccount,
            MaxRedemptions = settings.IsBudget ? null : settings.Places,
            CreditBudget = settings is { IsBudget: true, Places: { } places } ? Credits.Whole(10 * places + 3) : null,
            ValidFrom = settings.HasWindow ? Noon.AddMinutes(1) : null,
            ValidUntil = settings.HasWindow ? Noon.AddDays(1) : null,
            Eligibility = settings.ForMembers ? [new AccountGroups(["members"])] : [],
        };
        batch = Batch(terms);
        codes = [.. Keys.Select((key, n) => new CodeInWorld(new(Noon, key, BatchId, n + 1, "sealed", key, settings.PerCode)))];
    }

    enum Fault
    {
        None,
        Lost,
        AnswerLost,
    }

    enum Written
    {
        Done,
        Taken,
        Unknown,
    }

    public void Do(CodeAct act)
    {
        var code = codes[act.A % codes.Length];
        var account = accounts[act.B % accounts.Length];
        switch (act.Deed)
        {
            case CodeDeed.Redeem: Begin(code, Redemption.IdOf(account.By.Account, WishKeys[act.B / 3 % 2]), account.By); break;
            case CodeDeed.Step: if (underWay.Count > 0) Step(underWay[act.A % underWay.Count]); break;
            case CodeDeed.Finish: if (underWay.Count > 0) Finish(underWay[act.A % underWay.Count]); break;
            case CodeDeed.Preview: Preview(code, account.By); break;
            case CodeDeed.Disable: Begin(new(code, null, Disable(code, DisabledAs.OneCode, new()))); break;
            case CodeDeed.DisableBatch: DisableBatch(); break;
            case CodeDeed.Give: Begin(new(null, null, Give(account.By.Account, $"order:{act.A % 2}"))); break;
            case CodeDeed.Reverse: Reverse(code, act.B); break;
            case CodeDeed.Spend: Ask(account, new TakeCredits($"spend:{++tries}", LedgerKind.Spend, Credits.Whole(act.A + 1), null), null); break;
            case CodeDeed.Wait: now += Waits[act.B % Waits.Length]; break;
            case CodeDeed.Wake: Wake(code); break;
            case CodeDeed.Crash: Crash(act.A % 4 == 3 ? null : code); break;
            case CodeDeed.WriteFault: writeFault = (Fault)(act.B % 3); break;
            case CodeDeed.NeighbourFault: neighbourFault = (Fault)(act.B % 3); break;
            // So many others took places that the document forgot these.
            case CodeDeed.ManyOthers: batch = batch with { LatestPlaces = [] }; break;
            default: throw new InvalidOperationException();
        }
    }

    /// <summary>Everything works again: what memory held is gone, and what is owed is done at its deadline.</summary>
    public void Heal()
    {
        const int maxRounds = 300;
        writeFault = neighbourFault = Fault.None;
        Crash(null);
        for (var round = 0; ; round++)
        {
            if (round == maxRounds) throw Broken("The codes never come to rest.");
            DateTimeOffset?[] deadlines = [CodeBatch.NextDeadline(batch), .. codes.Select(code => Code.NextDeadline(code.Stored))];
            if (deadlines.Min() is not { } next) break;
            now = next > now ? next : now;
            foreach (var code in codes) Wake(code);
            WakeBatch();
            while (underWay.Count > 0) Finish(underWay[0]);
        }
    }

    public void AssertPromises()
    {
        foreach (var code in codes) AssertPromises(code);
        var counted = codes.SelectMany(code => code.Counted).ToList();
        foreach (var account in accounts) AssertPromises(account, counted.Where(redeemed => redeemed.Account == account.By.Account).ToList());
        if (settings.Places is { } places && batch.Terms.Places() is not null)
        {
            if (counted.Count > places) throw Broken($"{counted.Count} redemptions count in a batch with {places} places.");
            if (batch.Places != counted.Count) throw Broken($"{batch.Places} places are taken, and {counted.Count} redemptions count.");
        }

        if (codes.SelectMany(code => code.Journal).OfType<CodeAssigned>().GroupBy(given => given.Source).Any(source => source.Count() > 1)) throw Broken("A source was given two codes.");
        if (batch.Disabling is { } disabling)
        {
            if (!disabling.IsDone) throw Broken("The batch is not disabled to its end.");
            if (codes.Any(code => code.Stored.Status == CodeStatus.Active)) throw Broken("A code of a disabled batch is active.");
            if (disabling.Disabled != codes.Count(code => code.Stored.Disabled == DisabledAs.WithBatch)) throw Broken($"The batch says that {disabling.Disabled} codes were disabled.");
        }
    }

    void AssertPromises(CodeInWorld code)
    {
        var (state, counted) = (code.Stored, code.Counted);
        if (counted.Count > settings.PerCode || counted.Count != state.Redemptions) throw Broken($"{counted.Count} redemptions of a code count, which says {state.Redemptions}.");
        if (state.Owed > 0 || state.OpenWorkItems > 0 || state.Failures > 0) throw Broken("All is settled, and a code says that it is not.");
        if (counted.Any(redeemed => state.AssignedTo is { } owner && redeemed.Account != owner)) throw Broken("A given code was redeemed by another.");
        if (code.Journal.SkipWhile(happened => happened is not CodeDisabled).OfType<CodeRedeemed>().Any()) throw Broken("A disabled code was redeemed.");
        if (settings.HasWindow && code.Journal.OfType<CodeRedeemed>().Any(redeemed => redeemed.At < Noon.AddMinutes(1) || redeemed.At >= Noon.AddDays(1)))
            throw Broken("A code was redeemed outside its window.");
        if (settings.ForMembers && counted.Any(redeemed => redeemed.Account == "carol")) throw Broken("Somebody redeemed who may not.");
        foreach (var wish in told.Where(answer => answer.Code == code).GroupBy(answer => answer.Id))
        {
            var answers = wish.ToList();
            var first = answers.FindIndex(answer => answer.Redemption is not null);
            if (first < 0) continue;
            if (!counted.Any(redeemed => redeemed.Id == wish.Key)) throw Broken($"{wish.Key} was told that it is redeemed, and does not count.");
            if (answers.Skip(first).Any(answer => answer.Redemption != answers[first].Redemption)) throw Broken($"{wish.Key} was told something else than at first.");
        }

        var folded = code.Journal.Aggregate((Code?)null, (folding, happened) =>
        {
            var (name, data) = CodeDocument.Kind.WriteEvent(happened);
            return Code.After(folding, (CodeEvent)CodeDocument.Kind.ReadEvent(name, data.Text()));
        });
        if (CodeDocument.Kind.WriteState(folded!).Text() != CodeDocument.Kind.WriteState(state).Text()) throw Broken("The journal's fold is not the document.");
    }

    void AssertPromises(AccountInWorld account, List<CodeRedeemed> counted)
    {
        if (counted.Count > settings.PerAccount) throw Broken($"An account redeemed {counted.Count} times in the batch.");
        var granted = account.Ledger.OfType<GrantsApplied>().Select(entry => (entry.Reference, entry.Credits)).Order().ToList();
        var promised = codes.SelectMany(code => code.Counted.Where(redeemed => redeemed.Account == account.By.Account)
            .Select(redeemed => (CodeDocument.LedgerReference(code.Key, redeemed.Id), Credits.Whole(10)))).Order().ToList();
        if (!granted.SequenceEqual(promised)) throw Broken($"An account was promised {string.Join(", ", promised)} and got {string.Join(", ", granted)}.");
        var taken = account.Ledger.OfType<GrantsTakenBack>().Select(entry => (entry.Source, -entry.Credits)).Order().ToList();
        var reversed = codes.SelectMany(code => code.Journal.OfType<RedemptionReversed>()
            .Where(done => code.Journal.OfType<CodeRedeemed>().Any(redeemed => redeemed.Id == done.Id && redeemed.Account == account.By.Account))
            .Select(done => (CodeDocument.LedgerReference(code.Key, done.Id), done.TakenBack))).Order().ToList();
        if (!taken.SequenceEqual(reversed)) throw Broken("What was taken back is not what the codes say.");
        if (codes.SelectMany(code => code.Journal.OfType<RedemptionReversed>()).Any(done => done.TakenBack + done.AlreadySpent != Credits.Whole(10))) throw Broken("Spent and taken back are not what was granted.");
        if ((account.State?.Balance.Micro ?? 0) != account.Ledger.Sum(entry => entry.Credits.Micro)) throw Broken("The balance is not the sum of the entries.");
    }

    void Begin(CodeInWorld code, string id, Redeemer by)
    {
        // The same wish at the same time is one.
        if (underWay.Any(other => other.Code == code && other.Id == id && !other.IsAnswered)) return;
        var begun = new UnderWay(code, id);
        begun.Goes(mutant == CodeMutant.CreditsFirst ? CreditFirst(begun, by) : Redeem(begun, by));
        Begin(begun);
    }

    void Begin(UnderWay begun)
    {
        underWay.Add(begun);
        Step(begun);
    }

    void Step(UnderWay one)
    {
        // A crash takes what is under way in the code's memory along.
        if (one.IsLost || !one.Steps.MoveNext()) underWay.Remove(one);
    }

    void Finish(UnderWay one)
    {
        while (underWay.Contains(one)) Step(one);
    }

    void Crash(CodeInWorld? code)
    {
        foreach (var lost in codes.Where(other => code is null || other == code)) Discard(lost);
        underWay.RemoveAll(one => code is null || one.IsLost);
    }

    static void Discard(CodeInWorld code)
    {
        code.Memory = null;
        code.Life++;
    }

    IEnumerable<int> Redeem(UnderWay me, Redeemer by)
    {
        var (code, id) = (me.Code!, me.Id!);
        yield return 0;
        var seen = batch;
        yield return 0;
        HashSet<int> taken = [];
        Redemption? redemption = null;
        var isOwed = false;
        while (redemption is null)
        {
            var written = Obey(code, new RedeemCode(id, by, RedeemerFacts.None, seen, Free(taken)), out var decision);
            if (written == Written.Unknown) yield break;
            if (written == Written.Done && decision.Events.Count > 0)
            {
                (redemption, isOwed) = (new(code.Key, id, by.Account, BatchId, code.Key, now, null), true);
                continue;
            }

            isOwed = written == Written.Done && decision.Refusal is null;
            if (written == Written.Taken || isOwed || code.State.Redemptions > 0)
            {
                yield return 0;
                var found = Find(code, id);
                yield return 0;
                if (found is { } before)
                {
                    if (before.IsRefused)
                    {
                        Tell(me, null);
                        yield break;
                    }

                    redemption = before.Redemption;
                    continue;
                }
            }

            if (isOwed) throw Broken("A code owes what its journal does not have.");
            if (written == Written.Done)
            {
                Tell(me, null);
                yield break;
            }

            yield return 0;
            taken = PlacesTaken(by.Account);
            yield return 0;
        }

        yield return 0;
        var placing = new Outcome();
        foreach (var step in Place(code, redemption, placing)) yield return step;
        if (me.IsLost || placing.Failed) yield break;
        if (placing.IsRefused)
        {
            Tell(me, null);
            yield break;
        }

        if (!code.State.Crediting.Contains(id))
        {
            if (isOwed && mutant != CodeMutant.AnswersFromThePast)
            {
                yield return 0;
                if (Find(code, id) is { IsRefused: true })
                {
                    Tell(me, null);
                    yield break;
                }
            }

            Tell(me, redemption);
            yield break;
        }

        yield return 0;
        var credited = Credit(code, redemption);
        yield return 0;
        Tell(me, redemption);
        if (!credited) yield break;
        yield return 0;
        Obey(code, new RecordCredited(id), out _);
    }

    // The mutant's order: what was credited and not stored is credited for nothing.
    IEnumerable<int> CreditFirst(UnderWay me, Redeemer by)
    {
        var command = new RedeemCode(me.Id!, by, RedeemerFacts.None, batch, Free(PlacesTaken(by.Account)));
        if (CodeRules.Decide(me.Code!.State, command, now).Events.Count == 0) yield break;
        Credit(me.Code, new(me.Code.Key, me.Id!, by.Account, BatchId, "", now, null));
        yield return 0;
        Obey(me.Code, command, out _);
    }

    /// <summary>A redemption gets one of the batch's own places, where there are such.</summary>
    IEnumerable<int> Place(CodeInWorld code, Redemption redemption, Outcome outcome)
    {
        var life = code.Life;
        if (!code.State.Placing.Contains(redemption.Id)) yield break;
        yield return 0;
        var fault = NextNeighbourFault();
        outcome.Failed = code.Life != life || fault != Fault.None;
        if (fault == Fault.Lost || code.Life != life) yield break;
        var (hasPlace, scope) = TakePlace($"{code.Key}:{redemption.Id}");
        if (outcome.Failed) yield break;
        yield return 0;
        if (code.Life != life || Obey(code, new RecordPlace(redemption.Id, redemption.Account, hasPlace, scope), out _) != Written.Done)
        {
            outcome.Failed = true;
            yield break;
        }

        outcome.IsRefused = !hasPlace;
    }

    (bool HasPlace, LimitScope? Scope) TakePlace(string reference)
    {
        var decision = CodeBatchRules.Decide(batch, new TakePlace(reference), now);
        if (decision.Refusal is NoPlaceLeft && mutant == CodeMutant.CountsThenInserts) decision = [new PlaceTaken(now, reference)];
        if (decision.Refusal is { } refusal && (!placeReferences.Contains(reference) || mutant == CodeMutant.ForgetsPlaces)) return (false, (refusal as NoPlaceLeft)?.Scope);
        if (decision.Events.Count > 0 && placeReferences.Add(reference)) batch = decision.Events.Aggregate(batch, CodeBatch.After);
        return (true, null);
    }

    void Wake(CodeInWorld code)
    {
        if (code.State is { Owed: > 0 } state && state.LookAt <= now && !underWay.Any(one => one.Code == code && one.Id == "wake")) Begin(new(code, "wake", TakeUp(code)));
    }

    IEnumerable<int> TakeUp(CodeInWorld code)
    {
        var life = code.Life;
        var state = code.State;
        // What somebody here is settling is left alone.
        var owed = state.Placing.Concat(state.Crediting).Concat(state.Reversing).Where(id => !underWay.Any(one => one.Code == code && one.Id == id && !one.IsLost)).ToList();
        var failed = false;
        foreach (var id in owed)
        {
            yield return 0;
            if (code.Life != life) yield break;
            var redemption = Find(code, id)!.Redemption;
            yield return 0;
            if (code.Life != life) yield break;
            var outcome = new Outcome();
            var isReversal = code.State.Reversing.Contains(id);
            foreach (var step in isReversal ? TakeBack(code, redemption, outcome) : Place(code, redemption, outcome)) yield return step;
            if (code.Life != life) yield break;
            failed |= outcome.Failed;
            if (isReversal || outcome.Failed || !code.State.Crediting.Contains(id)) continue;
            yield return 0;
            if (!Credit(code, redemption))
            {
                failed = true;
                continue;
            }

            yield return 0;
            if (code.Life != life || Obey(code, new RecordCredited(id), out _) == Written.Unknown) yield break;
        }

        if (failed) Obey(code, new RecordCreditFailure("NoAnswer"), out _);
    }

    bool Credit(CodeInWorld code, Redemption redemption)
    {
        var fault = NextNeighbourFault();
        if (fault == Fault.Lost) return false;
        var reference = CodeDocument.LedgerReference(code.Key, redemption.Id);
        var account = accounts.Single(one => one.By.Account == redemption.Account);
        var tried = mutant == CodeMutant.CreditsWithoutReference ? $"{reference}/{++tries}" : reference;
        Ask(account, new ApplyGrants(redemption.Account, tried, LedgerKind.Redemption, Granted, null), tried);
        return fault == Fault.None;
    }

    void Ask(AccountInWorld account, AccountCommand command, string? reference)
    {
        if (reference is not null && account.References.Contains(reference)) return;
        foreach (var happened in AccountRules.Decide(account.State, command, now).Events)
        {
            account.State = Account.After(account.State, happened);
            account.References.Add(happened.Reference);
            account.Ledger.Add(happened);
        }
    }

    void Preview(CodeInWorld code, Redeemer by)
    {
        var command = new RedeemCode(Redemption.IdOf(by.Account, null), by, RedeemerFacts.None, batch, Free(PlacesTaken(by.Account)));
        var decision = CodeRules.Decide(code.State, command, now);
        if (!code.State.Owes(command.Id) && CodeRules.Refuse(code.State, command, now) is null != (decision.Refusal is null)) throw Broken("A preview says something else than redeeming.");
    }

    IEnumerable<int> Disable(CodeInWorld code, DisabledAs how, Outcome outcome)
    {
        var life = code.Life;
        while (true)
        {
            foreach (var id in mutant == CodeMutant.DisablesWithoutWaiting ? [] : code.State.Placing)
            {
                yield return 0;
                var redemption = Find(code, id)!.Redemption;
                yield return 0;
                if (code.Life == life)
                {
                    foreach (var step in Place(code, redemption, outcome)) yield return step;
                }

                if (code.Life != life || outcome.Failed)
                {
                    outcome.Failed = true;
                    yield break;
                }
            }

            var written = Obey(code, new DisableCode(how, null), out var decision);
            outcome.Failed = written != Written.Done;
            if (outcome.Failed) yield break;
            outcome.Disabled = code.State.Disabled;
            if (decision.Refusal is null || code.State.Placing.IsEmpty || mutant == CodeMutant.DisablesWithoutWaiting) yield break;
        }
    }

    void DisableBatch()
    {
        foreach (var happened in CodeBatchRules.Decide(batch, new DisableBatch("admin:ada", "Over."), now).Events) batch = CodeBatch.After(batch, happened);
        WakeBatch();
    }

    void WakeBatch()
    {
        if (CodeBatch.Next(batch) is DisableMore && !underWay.Any(one => one.Id == "disable all")) Begin(new(null, "disable all", DisableMore()));
    }

    IEnumerable<int> DisableMore()
    {
        var page = codes.Select(code => (Code: code, code.Stored, code.Version)).ToList();
        yield return 0;
        var disabled = 0;
        foreach (var (code, stored, version) in page)
        {
            if (stored.Disabled is { } how)
            {
                disabled += how == DisabledAs.WithBatch ? 1 : 0;
                continue;
            }

            if (stored.Status == CodeStatus.Redeemed && (stored.Placing.IsEmpty || mutant == CodeMutant.DisablesWithoutWaiting)) continue;
            if (stored.Redemptions == 0)
            {
                yield return 0;
                // Past the code's memory, under the version that was read.
                var fault = NextWriteFault();
                if (fault == Fault.Lost) yield break;
                if (code.Version == version || mutant == CodeMutant.IgnoresVersions)
                {
                    Store(code, stored, CodeRules.Decide(stored, new DisableCode(DisabledAs.WithBatch, null), now).Events);
                    if (fault == Fault.AnswerLost) yield break;
                    disabled++;
                    continue;
                }
            }

            var outcome = new Outcome();
            foreach (var step in Disable(code, DisabledAs.WithBatch, outcome)) yield return step;
            if (outcome.Failed) yield break;
            disabled += outcome.Disabled == DisabledAs.WithBatch ? 1 : 0;
        }

        yield return 0;
        foreach (var happened in CodeBatchRules.Decide(batch, new RecordDisabled(codes.Length, disabled, IsLast: true), now).Events) batch = CodeBatch.After(batch, happened);
    }

    IEnumerable<int> Give(string account, string source)
    {
        if (claims.Contains(CodeDocument.SourceClaim(BatchId, source))) yield break;
        yield return 0;
        foreach (var code in codes.Where(code => code.Stored is { Status: CodeStatus.Active, Redemptions: 0, AssignedTo: null }).ToList())
        {
            yield return 0;
            if (Obey(code, new AssignCode(account, source, null), out var decision) != Written.Done || decision.Events.Count > 0) yield break;
        }
    }

    void Reverse(CodeInWorld code, int which)
    {
        var redeemed = code.Journal.OfType<CodeRedeemed>().ToList();
        if (redeemed.Count > 0) Begin(new(code, null, Reverse(code, redeemed[which % redeemed.Count].Id)));
    }

    IEnumerable<int> Reverse(CodeInWorld code, string id)
    {
        yield return 0;
        // It was in the journal when it was picked: whether it has its place is known once the code does not wait for it.
        if (mutant != CodeMutant.ReversesWhatWaits)
        {
            if (code.State.Placing.Contains(id)) yield break;
            yield return 0;
        }

        if (Find(code, id) is not { IsRefused: false } recorded) yield break;
        yield return 0;
        if (recorded.ReversalKey is null && (Obey(code, new BeginReversal(id, "key", "A mistake."), out var decision) != Written.Done || decision.Refusal is not null)) yield break;
        if (!code.State.Reversing.Contains(id)) yield break;
        foreach (var step in TakeBack(code, recorded.Redemption, new())) yield return step;
    }

    IEnumerable<int> TakeBack(CodeInWorld code, Redemption redemption, Outcome outcome)
    {
        var life = code.Life;
        yield return 0;
        var fault = NextNeighbourFault();
        outcome.Failed = code.Life != life || fault != Fault.None;
        if (fault == Fault.Lost || code.Life != life) yield break;
        var granted = CodeDocument.LedgerReference(code.Key, redemption.Id);
        var account = accounts.Single(one => one.By.Account == redemption.Account);
        var grantedAt = account.Ledger.OfType<GrantsApplied>().FirstOrDefault(entry => entry.Reference == granted)?.At ?? throw Broken("What was never granted is to be taken back.");
        Ask(account, new TakeBackGrants(redemption.Account, "reversal:" + granted, LedgerKind.Redemption, granted, Granted, grantedAt, null), "reversal:" + granted);
        if (outcome.Failed) yield break;
        yield return 0;
        if (code.Life != life) yield break;
        var entry = account.Ledger.OfType<GrantsTakenBack>().Single(taken => taken.Source == granted);
        Obey(code, new RecordReversal(redemption.Id, -entry.Credits, Credits.Whole(10) + entry.Credits, entry.Days), out _);
    }

    /// <summary>Decides from what the code's memory holds and writes, as its shell does.</summary>
    Written Obey(CodeInWorld code, CodeCommand command, out Decision<CodeEvent, CodeError> decision)
    {
        decision = CodeRules.Decide(code.State, command, now);
        if (decision.Events.Count == 0) return Written.Done;
        var fault = NextWriteFault();
        var hasMovedOn = code.MemoryVersion != code.Version && mutant != CodeMutant.IgnoresVersions;
        if (fault == Fault.Lost || hasMovedOn)
        {
            Discard(code);
            return Written.Unknown;
        }

        var references = decision.Events.Select(CodeDocument.Kind.Reference).OfType<string>().ToList();
        if (mutant != CodeMutant.NoReferences && references.Any(code.References.Contains)) return Written.Taken;
        var claimed = decision.Events.Select(CodeDocument.Kind.Claim).OfType<string>().ToList();
        if (mutant != CodeMutant.NoClaims && claimed.Any(claims.Contains)) return Written.Taken;
        code.References.UnionWith(references);
        claims.UnionWith(claimed);
        Store(code, code.State, decision.Events);
        (code.Memory, code.MemoryVersion) = (code.Stored, code.Version);
        if (fault == Fault.None) return Written.Done;
        Discard(code);
        return Written.Unknown;
    }

    void Store(CodeInWorld code, Code from, IReadOnlyList<CodeEvent> events)
    {
        var before = code.Stored;
        code.Stored = events.Aggregate(from, Code.After);
        code.Version++;
        code.Journal.AddRange(events);
        if (before is { Status: CodeStatus.Redeemed, Placing.IsEmpty: true } && code.Stored.Status != CodeStatus.Redeemed) throw Broken("A used code was turned back.");
        if (before.Disabled is not null && code.Stored.Disabled is null) throw Broken("A disabled code was turned back.");
        if (code.Stored.Redemptions > settings.PerCode) throw Broken("A code was redeemed oftener than it says.");
        if (code.Stored.Owed > 0 != (Code.NextDeadline(code.Stored) is not null)) throw Broken("Something is owed and no deadline says so, or the other way round.");
    }

    static RecordedRedemption? Find(CodeInWorld code, string id)
    {
        if (code.Journal.OfType<CodeRedeemed>().FirstOrDefault(happened => happened.Id == id) is not { } redeemed) return null;
        var refused = code.Journal.OfType<RedemptionRefused>().FirstOrDefault(happened => happened.Id == id);
        var reversal = code.Journal.OfType<ReversalBegun>().FirstOrDefault(happened => happened.Id == id);
        return new(new(code.Key, id, redeemed.Account, BatchId, code.Key, redeemed.At, null), refused is not null, refused?.Scope, reversal?.IdempotencyKey);
    }

    HashSet<int> PlacesTaken(string account) =>
        [.. Enumerable.Range(1, settings.PerAccount).Where(place => claims.Contains(CodeDocument.PlaceClaim(BatchId, account, place)))];

    int? Free(HashSet<int> taken) => Enumerable.Range(1, settings.PerAccount).Select(place => (int?)place).FirstOrDefault(place => !taken.Contains(place!.Value));

    void Tell(UnderWay one, Redemption? redemption)
    {
        one.IsAnswered = true;
        told.Add(new(one.Code!, one.Id!, redemption));
    }

    Fault NextWriteFault()
    {
        var fault = writeFault;
        writeFault = Fault.None;
        return fault;
    }

    Fault NextNeighbourFault()
    {
        var fault = neighbourFault;
        neighbourFault = Fault.None;
        return fault;
    }

    InvalidOperationException Broken(string what) => new(
        $"{what}\n{string.Join('\n', codes.Select(code => $"{code.Key}: {string.Join(", ", code.Journal.Skip(1))}"))}\nbatch: {batch.Places} places, {batch.Disabling}");

    /// <summary>A code: what is stored of it, and what its grain holds in memory, if it is there.</summary>
    sealed class CodeInWorld
    {
        Code? memory;

        public CodeInWorld(CodeIssued issued)
        {
            Journal.Add(issued);
            Stored = Code.After(null, issued);
        }

        public string Key => Stored.Key;

        public List<CodeEvent> Journal { get; } = [];

        public HashSet<string> References { get; } = [];

        public Code Stored { get; set; }

        public long Version { get; set; } = 1;

        public Code? Memory { set => memory = value; }

        public long MemoryVersion { get; set; }

        /// <summary>Rises when what the grain held in memory is gone.</summary>
        public int Life { get; set; }

        /// <summary>The state as the grain knows it; read when it was not in memory.</summary>
        public Code State
        {
            get
            {
                if (memory is null) (memory, MemoryVersion) = (Stored, Version);
                return memory;
            }
        }

        /// <summary>The redemptions that count.</summary>
        public List<CodeRedeemed> Counted =>
            [.. Journal.OfType<CodeRedeemed>().Where(redeemed => !Journal.OfType<RedemptionRefused>().Any(refused => refused.Id == redeemed.Id))];
    }

    sealed class AccountInWorld(Redeemer by)
    {
        public Redeemer By { get; } = by;

        public Account? State { get; set; }

        public HashSet<string> References { get; } = [];

        public List<AccountEvent> Ledger { get; } = [];
    }

    /// <summary>Something that waits at an await of a shell.</summary>
    sealed class UnderWay(CodeInWorld? code, string? id)
    {
        readonly int life = code?.Life ?? 0;

        public UnderWay(CodeInWorld? code, string? id, IEnumerable<int> steps)
            : this(code, id) => Goes(steps);

        public CodeInWorld? Code { get; } = code;

        public string? Id { get; } = id;

        public IEnumerator<int> Steps { get; private set; } = Enumerable.Empty<int>().GetEnumerator();

        public bool IsAnswered { get; set; }

        public bool IsLost => Code is not null && Code.Life != life;

        public void Goes(IEnumerable<int> steps) => Steps = steps.GetEnumerator();
    }

    sealed class Outcome
    {
        public bool Failed { get; set; }

        public bool IsRefused { get; set; }

        public DisabledAs? Disabled { get; set; }
    }

    sealed record Told(CodeInWorld Code, string Id, Redemption? Redemption);
}
