using System.Collections.Immutable;
using System.Globalization;
using Billing.Orders;

namespace Billing.Codes;

/// <summary>What can be asked of a code.</summary>
public abstract record CodeCommand;

/// <summary>Redeem it.</summary>
/// <param name="Id">The redemption's id.</param>
/// <param name="By">Who redeems.</param>
/// <param name="Facts">What the service knows of them.</param>
/// <param name="Batch">The code's batch as it is now.</param>
/// <param name="Place">A free place of the account's in the batch; null when all are taken.</param>
public sealed record RedeemCode(string Id, Redeemer By, RedeemerFacts Facts, CodeBatch Batch, int? Place) : CodeCommand;

/// <summary>The batch gave the redemption a place, or had none.</summary>
/// <param name="Id">Which redemption.</param>
/// <param name="Account">Whose.</param>
/// <param name="HasPlace">Whether it has its place.</param>
/// <param name="Scope">Which limit left none; null when the batch was disabled meanwhile.</param>
public sealed record RecordPlace(string Id, string Account, bool HasPlace, LimitScope? Scope) : CodeCommand;

/// <summary>The redemption's account is credited.</summary>
public sealed record RecordCredited(string Id) : CodeCommand;

/// <summary>An account could not be credited.</summary>
public sealed record RecordCreditFailure(string Failure) : CodeCommand;

/// <summary>Disable what is left of it.</summary>
public sealed record DisableCode(DisabledAs As, string? Note) : CodeCommand;

/// <summary>Give it to an account.</summary>
public sealed record AssignCode(string Account, string Source, string? Note) : CodeCommand;

/// <summary>Take back what is unspent of a redemption, whose existence was looked up.</summary>
public sealed record BeginReversal(string Id, string IdempotencyKey, string Note) : CodeCommand;

/// <summary>The account gave back what was unspent.</summary>
public sealed record RecordReversal(string Id, Credits TakenBack, Credits AlreadySpent, int DaysTakenBack) : CodeCommand;

/// <summary>How a code answers. Pure.</summary>
public static class CodeRules
{
    /// <summary>After so many failures in a row a person is told; it is still being tried.</summary>
    public const int StuckAfter = 5;

    static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(10);

    /// <summary>How a code's work item can be decided: what it owes is tried again, and nothing else ends it.</summary>
    public static readonly ImmutableArray<WorkItemResolution> Possible = [WorkItemResolution.Retry];

    /// <summary>What follows from the command.</summary>
    public static Decision<CodeEvent, CodeError> Decide(Code? code, CodeCommand command, DateTimeOffset now) => (code, command) switch
    {
        (null, _) => new CodeNotFound(),

        ({ } c, RedeemCode redeem) when c.Owes(redeem.Id) => [],
        ({ } c, RedeemCode redeem) when Refuse(c, redeem, now) is { } refusal => refusal,
        // Not a refusal: when those before it are credited, it can be redeemed. The grain keeps its callers waiting before it comes to this.
        ({ Owed: >= Code.MaxOwed } c, RedeemCode) => throw Busy(c),
        ({ } c, RedeemCode redeem) => [new CodeRedeemed(now, redeem.Id, redeem.By.Account, c.BatchId, c.Tail, redeem.Place!.Value, redeem.Batch.Terms.Places() is not null)],

        ({ } c, RecordPlace place) when !c.Placing.Contains(place.Id) => [],
        (_, RecordPlace { HasPlace: true } place) => [new RedemptionPlaced(now, place.Id, place.Account)],
        (_, RecordPlace place) => [new RedemptionRefused(now, place.Id, place.Scope)],

        ({ } c, RecordCredited credited) when !c.Crediting.Contains(credited.Id) => [],
        (_, RecordCredited credited) => [new RedemptionCredited(now, credited.Id)],
        ({ Owed: 0 }, RecordCreditFailure) => [],
        ({ } c, RecordCreditFailure failed) when c.Failures + 1 == StuckAfter =>
        [
            new CreditDelayed(now, failed.Failure, now + Backoff(c.Failures)),
            new CreditStuck(now, NextItem(c), $"{c.Owed} of its redemptions could not be settled in {StuckAfter} tries: {failed.Failure}."),
        ],
        ({ } c, RecordCreditFailure failed) => [new CreditDelayed(now, failed.Failure, now + Backoff(c.Failures))],

        ({ Disabled: not null }, DisableCode) => [],
        ({ Status: CodeStatus.Redeemed }, DisableCode) => new CodeAlreadyRedeemed(),
        (_, DisableCode disable) => [new CodeDisabled(now, disable.As, disable.Note)],

        ({ Status: not CodeStatus.Active } or { AssignedTo: not null } or { Redemptions: > 0 }, AssignCode) => new CodeNotAssignable(),
        ({ } c, AssignCode assign) => [new CodeAssigned(now, c.BatchId, assign.Account, assign.Source, assign.Note)],

        // Until it is credited there is nothing to take back, and the crediting goes on.
        ({ } c, BeginReversal reversal) when c.Placing.Contains(reversal.Id) || c.Crediting.Contains(reversal.Id) => new RedemptionNotFound(),
        ({ } c, BeginReversal reversal) when c.Reversing.Contains(reversal.Id) => [],
        // The document is bounded for reversals too.
        ({ Owed: >= Code.MaxOwed } c, BeginReversal) => throw Busy(c),
        (_, BeginReversal reversal) => [new ReversalBegun(now, reversal.Id, reversal.IdempotencyKey, reversal.Note)],

        ({ } c, RecordReversal reversal) when c.Reversing.Contains(reversal.Id) =>
            [new RedemptionReversed(now, reversal.Id, reversal.TakenBack, reversal.AlreadySpent, reversal.DaysTakenBack)],
        (_, RecordReversal) => [],

        _ => throw new InvalidOperationException($"No rule for {command.GetType().Name}."),
    };

    /// <summary>Why the code cannot be redeemed so, in the order in which refusals take precedence; null when it can.</summary>
    public static CodeError? Refuse(Code code, RedeemCode redeem, DateTimeOffset now) => (code, redeem.Batch) switch
    {
        ({ Disabled: not null }, _) or (_, { Disabling: not null }) => new CodeNotFound(),
        (_, { Terms.ValidFrom: { } from }) when now < from => new CodeNotYetValid(from),
        ({ Status: CodeStatus.Redeemed }, _) => new CodeAlreadyRedeemed(),
        (_, { Terms.ValidUntil: { } until }) when now >= until => new CodeExpired(until),
        ({ AssignedTo: { } owner }, _) when owner != redeem.By.Account => new CodeNotEligible([new NamedAccounts([])]),
        (_, { } batch) when Unmet(batch.Terms, redeem, now) is { IsEmpty: false } unmet => new CodeNotEligible(unmet),
        _ when redeem.Place is null => new RedemptionLimitReached(LimitScope.AccountInBatch),
        (_, { IsExhausted: true } batch) => new RedemptionLimitReached(batch.Terms.Scope()),
        _ => null,
    };

    // Who is not named shall not read who is.
    static ImmutableArray<EligibilityRule> Unmet(CodeBatchTerms terms, RedeemCode redeem, DateTimeOffset now) =>
        [.. terms.Eligibility.Where(rule => !rule.IsMetBy(redeem.By, redeem.Facts, now)).Select(rule => rule is NamedAccounts ? new NamedAccounts([]) : rule)];

    static StoreBusyException Busy(Code code) => new($"Code {code.Key} owes {code.Owed} redemptions, which is the most.");

    static int NextItem(Code code) => code.WorkItems.IsEmpty ? 1 : int.Parse(code.WorkItems[^1].Id.AsSpan(code.Key.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture) + 1;

    // 1, 2, 4 … seconds, at most ten minutes.
    static TimeSpan Backoff(int failures)
    {
        var delay = TimeSpan.FromSeconds(1 << Math.Min(failures, 10));
        return delay < LongestBackoff ? delay : LongestBackoff;
    }
}
