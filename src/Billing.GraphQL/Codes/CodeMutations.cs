using Billing.Accounts;
using Billing.Codes;
using Account = Billing.GraphQL.Accounts.Account;
using Domain = Billing.Codes;

namespace Billing.GraphQL.Codes;

/// <summary>Accounts redeem codes; administrators issue, give, disable and reverse.</summary>
[MutationType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class CodeMutations
{
    /// <summary>Redeems a code for the signed-in account. The same wish again gives the first answer again.</summary>
    [Authorize]
    public static async Task<RedeemCodePayload> RedeemCode(RedeemCodeInput input, Viewer viewer, CodeAttempts attempts, ClientInfo client, CancellationToken cancel)
    {
        var (account, language) = (Checked.AccountOf(viewer), Language.Of(client));
        var key = input.IdempotencyKey is null ? null : Checked.Key(input.IdempotencyKey);
        var tried = await attempts.Try<Reply<Redeemed, CodeError>>(
            "redeem", input.Code, account, client,
            async grain => await grain.Redeem(Redeemers.Of(viewer, account), key) is { Refusal: not Domain.CodeNotFound } reply ? reply : null,
            reply => reply.Refusal, cancel);
        return tried switch
        {
            { RetryAfter: { } wait } => new(null, false, [CodeErrors.RateLimited(wait, language)]),
            { Answer: null } => new(null, false, [CodeErrors.NotFound(language)]),
            { Answer.Value: { } redeemed } => new(Redemption.Of(redeemed.Redemption), redeemed.Replayed, null),
            { Answer.Refusal: var refusal } => new(null, false, [CodeErrors.Of<IRedeemCodeError>(refusal!, language)]),
        };
    }

    /// <summary>Issues codes. The same key issues them once; a large batch is stored in the background, and its progress can be watched.</summary>
    public static async Task<IssueRedemptionCodesPayload> IssueRedemptionCodes(
        IssueRedemptionCodesInput input, Viewer viewer, CodeIssue issue, IGrainFactory grains, TimeProvider time, ClientInfo client)
    {
        var language = Language.Of(client);
        var id = Domain.CodeBatch.IdOf(viewer.Subject, Checked.Key(input.IdempotencyKey));
        if (!input.TryToTerms(out var terms, out var vanity, out var wrong)) return Refused(wrong);
        if (vanity is not null)
        {
            terms = terms with { VanityKey = await issue.KeyOf(vanity, id) };
            if (await issue.IsTaken(vanity, id)) return Refused(new Domain.VanityCodeTaken());
        }

        if (input.DryRun == true)
        {
            return CodeBatchRules.Wrong(terms, time.GetUtcNow()) is { } refused ? Refused(refused) : new(null, false, issue.Estimate(terms, vanity), null);
        }

        var reply = await grains.GetGrain<ICodeBatchGrain>(id).Issue(terms, vanity is null ? null : issue.Seal(vanity, terms.VanityKey!), viewer.Actor);
        return reply.Value is { } issued
            ? new(CodeBatch.Of(issued.Batch), issued.Replayed, issue.Estimate(terms, vanity), null)
            : Refused(reply.Refusal!);

        IssueRedemptionCodesPayload Refused(CodeBatchError refusal) => new(null, false, null, [CodeErrors.Of<IIssueRedemptionCodesError>(refusal, language)]);
    }

    /// <summary>Disables what is left of a code or of a batch. A batch's codes cannot be redeemed from that moment on; they are marked in the background when they are many.</summary>
    public static async Task<DisableRedemptionCodesPayload> DisableRedemptionCodes(
        DisableRedemptionCodesInput input, Viewer viewer, RedemptionCodes codes, IGrainFactory grains, ClientInfo client)
    {
        var language = Language.Of(client);
        if (input.Batch is { } whole)
        {
            var note = Checked.Note(whole.Note);
            var asked = CodeBatchKey.Of(whole.BatchId) is { } key ? await grains.GetGrain<ICodeBatchGrain>(key).Disable(note, viewer.Actor) : new Domain.CodeBatchNotFound();
            return asked.Value is { } batch
                ? new(CodeBatch.Of(batch), batch.State.Disabling?.Disabled ?? 0, null)
                : new(null, 0, [CodeErrors.Of<IDisableRedemptionCodesError>(asked.Refusal!, language)]);
        }

        var (named, why) = (input.Code!.Code, Checked.Note(input.Code.Note));
        var reply = await codes.Ask(named, async grain =>
            await grain.Disable(DisabledAs.OneCode, why, viewer.Actor) is { Refusal: not Domain.CodeNotFound } answer ? answer : null);
        if (reply?.Value is not { } disabled) return new(null, 0, [CodeErrors.Of<IDisableRedemptionCodesError>(reply?.Refusal ?? new Domain.CodeNotFound(), language)]);
        var of = await grains.GetGrain<ICodeBatchGrain>(disabled.Code.State.BatchId).Get();
        return new(of is null ? null : CodeBatch.Of(of), disabled.Changed ? 1 : 0, null);
    }

    /// <summary>Gives an account one unused code of a batch, which the account alone may redeem from then on; the same source gives the same code. Whoever is shown it is written down.</summary>
    public static async Task<AssignRedemptionCodePayload> AssignRedemptionCode(
        AssignRedemptionCodeInput input, Viewer viewer, CodeVault vault, IGrainFactory grains, ClientInfo client)
    {
        var (account, source, note) = (Checked.Account(input.AccountId), Checked.Source(input.Source), Checked.OptionalNote(input.Note));
        if (CodeBatchKey.Of(input.BatchId) is not { } key || await grains.GetGrain<ICodeBatchGrain>(key).Get() is not { } batch) return Refused(new Domain.CodeBatchNotFound());
        var reply = await grains.GetGrain<ICodeBatchGrain>(key).Give(account, source, note, viewer.Actor);
        if (reply.Value is not { } given) return Refused(reply.Refusal!);
        // Who gave it stands in the journal by that; who asks again is written down before they are shown it, and may be somebody else.
        if (given.Replayed && await grains.GetGrain<ICodeBatchGrain>(key).Reveal(1, viewer.Actor) is { Refusal: { } refusal }) return Refused(refusal);
        return new(vault.Open(given.Code.Sealed, given.Code.Key).Format(batch.State.Terms.Prefix), given.Replayed, null);

        AssignRedemptionCodePayload Refused(CodeBatchError refusal) => new(null, false, [CodeErrors.Of<IAssignRedemptionCodeError>(refusal, Language.Of(client))]);
    }

    /// <summary>Takes back what can still be taken back, and says what can not. The code cannot be used again.</summary>
    public static async Task<ReverseRedemptionPayload> ReverseRedemption(ReverseRedemptionInput input, Viewer viewer, IGrainFactory grains, ClientInfo client)
    {
        var (note, idempotencyKey) = (Checked.Note(input.Note), Checked.Key(input.IdempotencyKey));
        var reply = GlobalId.KeyOf(nameof(Redemption), input.RedemptionId) is { } named && RedemptionKey.Read(named) is { } key
            ? await grains.GetGrain<ICodeGrain>(key.Code).Reverse(key.Id, input.ExpectedVersion, note, idempotencyKey, viewer.Actor)
            : new Domain.RedemptionNotFound();
        return reply.Value is { } reversed
            ? new(Redemption.Of(reversed), reversed.Reversal?.TakenBack.Amount, reversed.Reversal?.AlreadySpent.Amount, reversed.Reversal?.DaysTakenBack ?? 0, null)
            : new(null, null, null, 0, [CodeErrors.Of<IReverseRedemptionError>(reply.Refusal!, Language.Of(client))]);
    }
}

/// <summary>A code to redeem.</summary>
/// <param name="Code">As it was typed: case, spaces and dashes do not matter.</param>
/// <param name="IdempotencyKey">Only for a code that one account may redeem several times; <c>redemptionPreview</c> says with <c>earlier</c> that it would be once more.</param>
public sealed record RedeemCodeInput(string Code, string? IdempotencyKey);

/// <summary>What redeeming led to.</summary>
/// <param name="Redemption">The redemption.</param>
/// <param name="Replayed">True when this account had already redeemed it with this wish: an answer that was lost is given again.</param>
/// <param name="Errors">Why not.</param>
public sealed record RedeemCodePayload(Redemption? Redemption, bool Replayed, IReadOnlyList<IRedeemCodeError>? Errors);

/// <summary>A redemption's further consequences.</summary>
[ObjectType<RedeemCodePayload>]
public static class RedeemCodePayloadFields
{
    /// <summary>The account after it.</summary>
    public static async Task<Account?> GetAccount([Parent] RedeemCodePayload payload, IGrainFactory grains, TimeProvider time) => payload.Redemption is { Owner: var account }
        ? Account.Of(account, await grains.GetGrain<IAccountGrain>(account).Get(), time.GetUtcNow())
        : null;
}

/// <summary>What to disable: one of its fields.</summary>
/// <param name="Code">A code.</param>
/// <param name="Batch">A batch, with all of its codes that are not used up.</param>
[global::GraphQL.OneOf]
public sealed record DisableRedemptionCodesInput(DisableCodeInput? Code, DisableBatchInput? Batch);

/// <summary>A code to disable.</summary>
/// <param name="Code">Its text as somebody typed it, or its id.</param>
/// <param name="Note">Why, for the journal.</param>
public sealed record DisableCodeInput(string Code, string Note);

/// <summary>A batch to disable.</summary>
/// <param name="BatchId">Which one.</param>
/// <param name="Note">Why, for the journal.</param>
public sealed record DisableBatchInput([property: Id] string BatchId, string Note);

/// <summary>What disabling led to.</summary>
/// <param name="Batch">The batch; its progress says whether all of its codes are marked.</param>
/// <param name="Disabled">How many codes were disabled so far: the batch's with it, or the one. Used ones stay used.</param>
/// <param name="Errors">Why not.</param>
public sealed record DisableRedemptionCodesPayload(CodeBatch? Batch, int Disabled, IReadOnlyList<IDisableRedemptionCodesError>? Errors);

/// <summary>A code to give to an account.</summary>
/// <param name="BatchId">One of this batch's.</param>
/// <param name="AccountId">To whom.</param>
/// <param name="Source">What for, in the caller's own words: the same source is given the same code, for ever.</param>
/// <param name="Note">Why, for the journal.</param>
public sealed record AssignRedemptionCodeInput([property: Id] string BatchId, [property: Id] string AccountId, string Source, string? Note);

/// <summary>What giving a code led to.</summary>
/// <param name="Code">The code, in plain text.</param>
/// <param name="Replayed">True when it was given for this source before.</param>
/// <param name="Errors">Why not.</param>
public sealed record AssignRedemptionCodePayload(string? Code, bool Replayed, IReadOnlyList<IAssignRedemptionCodeError>? Errors);

/// <summary>A redemption to reverse.</summary>
/// <param name="RedemptionId">Which one.</param>
/// <param name="ExpectedVersion">Its version as the administrator saw it.</param>
/// <param name="Note">Why, for the journal.</param>
/// <param name="IdempotencyKey">The administrator's own name for this reversal.</param>
public sealed record ReverseRedemptionInput([property: Id] string RedemptionId, long ExpectedVersion, string Note, string IdempotencyKey);

/// <summary>What reversing led to.</summary>
/// <param name="Redemption">The redemption.</param>
/// <param name="TakenBack">The credits that were taken back; null as long as that is under way.</param>
/// <param name="AlreadySpent">The credits that were spent, or had lapsed, and stay so.</param>
/// <param name="TakenBackDays">The days of subscriptions that were taken back.</param>
/// <param name="Errors">Why not.</param>
public sealed record ReverseRedemptionPayload(
    Redemption? Redemption, decimal? TakenBack, decimal? AlreadySpent, int TakenBackDays, IReadOnlyList<IReverseRedemptionError>? Errors);
