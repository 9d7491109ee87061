using Billing.Accounts;
using Billing.GraphQL.Orders;
using Domain = Billing.Accounts;

namespace Billing.GraphQL.Accounts;

/// <summary>Credits are used up by the gateway and adjusted by administrators.</summary>
[MutationType]
public static class AccountMutations
{
    /// <summary>The gateway uses credits up. The same key uses them up once.</summary>
    [Authorize(Roles = Viewer.ServiceRole)]
    public static async Task<SpendCreditsPayload> SpendCredits(SpendCreditsInput input, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client)
    {
        var account = Checked.Account(input.AccountId);
        var reply = await grains.GetGrain<IAccountGrain>(account).Take(
            "spend:" + Checked.Key(input.IdempotencyKey), LedgerKind.Spend, Checked.Credits(input.Credits), Checked.OptionalNote(input.Note), viewer.Actor);
        return reply.Value is { } applied
            ? new(LedgerEntry.Of(applied.Entry), Account.Of(account, new(applied.Account, applied.Version), time.GetUtcNow()), applied.Replayed, null)
            : new(null, null, false, [SpendCreditsErrors.Of(reply.Refusal!, Language.Of(client))]);
    }

    /// <summary>An administrator gives credits, or takes them away. The same key does it once.</summary>
    [Authorize(Roles = Viewer.AdministratorRole)]
    public static async Task<AdjustCreditsPayload> AdjustCredits(AdjustCreditsInput input, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client)
    {
        var (account, credits, note) = (Checked.Account(input.AccountId), Checked.Credits(input.Credits), Checked.Note(input.Note));
        if (credits.Micro < 0 && input.ValidDays is not null) throw new BadRequestFault("validDays is only for credits that are given.");
        var (grain, reference) = (grains.GetGrain<IAccountGrain>(account), "adjust:" + Checked.Key(input.IdempotencyKey));
        var reply = credits.Micro < 0
            ? await grain.Take(reference, LedgerKind.Adjustment, -credits, note, viewer.Actor)
            : await grain.Apply(reference, LedgerKind.Adjustment, [new Billing.Catalog.CreditGrant(credits, input.ValidDays)], note, viewer.Actor);
        return reply.Value is { } applied
            ? new(LedgerEntry.Of(applied.Entry), Account.Of(account, new(applied.Account, applied.Version), time.GetUtcNow()), applied.Replayed, null)
            : new(null, null, false, [SpendCreditsErrors.Of(reply.Refusal!, Language.Of(client))]);
    }
}

/// <summary>Credits to use up.</summary>
/// <param name="AccountId">Whose.</param>
/// <param name="Credits">How many, above zero, at most 6 decimals.</param>
/// <param name="IdempotencyKey">The caller's own name for this use; it never expires.</param>
/// <param name="Note">What for.</param>
public sealed record SpendCreditsInput([property: Id] string AccountId, decimal Credits, string IdempotencyKey, string? Note);

/// <summary>What using credits up led to.</summary>
/// <param name="Entry">The ledger's line.</param>
/// <param name="Account">The account after it.</param>
/// <param name="Replayed">True when this key had done it before.</param>
/// <param name="Errors">Why not.</param>
public sealed record SpendCreditsPayload(LedgerEntry? Entry, Account? Account, bool Replayed, IReadOnlyList<ISpendCreditsError>? Errors);

/// <summary>A change of an account's balance.</summary>
/// <param name="AccountId">Whose.</param>
/// <param name="Credits">Signed.</param>
/// <param name="ValidDays">Days until given credits lapse; never when left out.</param>
/// <param name="Note">Why, for the ledger.</param>
/// <param name="IdempotencyKey">The caller's own name for this change; it never expires.</param>
public sealed record AdjustCreditsInput([property: Id] string AccountId, decimal Credits, int? ValidDays, string Note, string IdempotencyKey);

/// <summary>What changing a balance led to.</summary>
/// <param name="Entry">The ledger's line.</param>
/// <param name="Account">The account after it.</param>
/// <param name="Replayed">True when this key had done it before.</param>
/// <param name="Errors">Why not.</param>
public sealed record AdjustCreditsPayload(LedgerEntry? Entry, Account? Account, bool Replayed, IReadOnlyList<ISpendCreditsError>? Errors);

/// <summary>Why credits were not used up or adjusted.</summary>
[UnionType]
public interface ISpendCreditsError;

/// <summary>Less is left than was asked for.</summary>
/// <param name="Message">What happened.</param>
/// <param name="Code">For programs.</param>
/// <param name="Available">What can be spent.</param>
public sealed record InsufficientCredits(string Message, string Code, decimal Available) : IError, ISpendCreditsError;

/// <summary>The amount is zero, negative, or more than an account may hold; or the grant's days are out of range.</summary>
/// <param name="Message">What happened.</param>
/// <param name="Code">For programs.</param>
/// <param name="Maximum">The most that an account may hold.</param>
public sealed record CreditsOutOfRange(string Message, string Code, decimal Maximum) : IError, ISpendCreditsError;

static class SpendCreditsErrors
{
    public static ISpendCreditsError Of(AccountError refusal, Language language) => refusal switch
    {
        Domain.InsufficientCredits e => new InsufficientCredits(
            language.Say("The account has fewer credits than that.", "账户额度不足。"), "INSUFFICIENT_CREDITS", e.Available.Amount),
        Domain.CreditsOutOfRange e => new CreditsOutOfRange(
            language.Say("Give an amount above zero that the account can hold.", "请填写大于零且不超过账户上限的额度。"), "CREDITS_OUT_OF_RANGE", e.Maximum.Amount),
        TooManyBuckets => new CreditsOutOfRange(
            language.Say("The account holds too many separate grants to take another. Let some be used up first.", "账户内的独立额度过多，请先消耗一部分。"),
            "CREDITS_OUT_OF_RANGE", Credits.Max.Amount),
        AccountKeyReused e => IdempotencyKeyReused.Of(e.Differs, language),
        _ => throw new InvalidOperationException($"{refusal.GetType().Name} is not shown."),
    };
}
