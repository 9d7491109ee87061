using System.Collections.Immutable;
using Billing.Catalog;

namespace Billing.Codes;

/// <summary>A code's redemption by an account.</summary>
/// <param name="CodeKey">The code's key.</param>
/// <param name="Id">Its id, unique in the code.</param>
/// <param name="Account">Whose.</param>
/// <param name="BatchId">The code's batch.</param>
/// <param name="Tail">The last four characters of the code.</param>
/// <param name="At">When.</param>
/// <param name="Reversal">Set when what was unspent of it was taken back.</param>
[GenerateSerializer, Immutable, Alias("billing.code.redemption")]
public sealed record Redemption(string CodeKey, string Id, string Account, string BatchId, string Tail, DateTimeOffset At, Reversal? Reversal)
{
    /// <summary>Rises with every change: 1, and 2 once it is reversed.</summary>
    public long Version => Reversal is null ? 1 : 2;

    /// <summary>The id of the redemption that an account wishes for under a key; the same wish is the same redemption.</summary>
    public static string IdOf(string account, string? idempotencyKey) => WishName.Of(account, idempotencyKey ?? "", 16);
}

/// <summary>What was taken back of a redemption.</summary>
/// <param name="At">When.</param>
/// <param name="TakenBack">The credits that were taken back.</param>
/// <param name="AlreadySpent">The credits that were spent, or had lapsed.</param>
/// <param name="DaysTakenBack">The days of subscriptions that were taken back.</param>
[GenerateSerializer, Immutable, Alias("billing.code.reversal")]
public sealed record Reversal(DateTimeOffset At, Credits TakenBack, Credits AlreadySpent, int DaysTakenBack);

/// <summary>What a code's journal knows of a redemption.</summary>
/// <param name="Redemption">It.</param>
/// <param name="IsRefused">Whether its batch had no place for it: it does not count.</param>
/// <param name="RefusedBy">Which limit left none; null when the batch was disabled, or it was not refused.</param>
/// <param name="ReversalKey">The key under which an administrator began to reverse it.</param>
public sealed record RecordedRedemption(Redemption Redemption, bool IsRefused, LimitScope? RefusedBy, string? ReversalKey);

/// <summary>The journal as the codes' list of redemptions, for what their documents are too small to answer.</summary>
public interface IRedemptions
{
    /// <summary>What a code's journal knows of a redemption; null when there is none.</summary>
    Task<RecordedRedemption?> Find(string codeKey, string id, CancellationToken cancellation);

    /// <summary>The account's latest redemption of a code of this batch, those refused by their batch aside; null when there is none.</summary>
    Task<Redemption?> Latest(string codeKey, string batchId, string account, CancellationToken cancellation);

    /// <summary>The places that an account has taken in a batch.</summary>
    Task<IReadOnlySet<int>> PlacesTaken(string batchId, string account, CancellationToken cancellation);

    /// <summary>Whether the batch's journal has the reference of one of its own places.</summary>
    Task<bool> HasPlace(string batchId, string reference, CancellationToken cancellation);

    /// <summary>The key of the code of this batch that was given out for a source; null when none was.</summary>
    Task<string?> GivenFor(string batchId, string source, CancellationToken cancellation);
}

/// <summary>Codes in bulk, without a grain for each.</summary>
public interface ICodeStore
{
    /// <summary>
    /// Stores new codes of one batch with their journal rows, all of them or none. False, and nothing stored, when the batch is disabled: what is stored before is
    /// seen by whoever disables it, and nothing comes after.
    /// </summary>
    /// <exception cref="UniqueTakenException">One of them is there.</exception>
    Task<bool> Issue(IEnumerable<CodeIssued> codes, Actor actor, CancellationToken cancellation);

    /// <summary>The highest ordinal of a batch that is stored; 0 when none is.</summary>
    Task<int> IssuedUpTo(string batchId, CancellationToken cancellation);

    /// <summary>A batch's codes in their order, after an ordinal.</summary>
    Task<IReadOnlyList<Versioned<Code>>> After(string batchId, int ordinal, int limit, CancellationToken cancellation);

    /// <summary>Some codes after an ordinal that nobody used or was given, in their order.</summary>
    Task<IReadOnlyList<Versioned<Code>>> Unused(string batchId, int ordinal, int limit, CancellationToken cancellation);

    /// <summary>The highest ordinal that was given to somebody; 0 when none was.</summary>
    Task<int> GivenUpTo(string batchId, CancellationToken cancellation);
}

/// <summary>What redeeming led to.</summary>
/// <param name="Redemption">The redemption.</param>
/// <param name="Grants">What it grants.</param>
/// <param name="Replayed">Whether the account had redeemed the code with this wish before.</param>
[GenerateSerializer, Immutable, Alias("billing.code.redeemed")]
public sealed record Redeemed(Redemption Redemption, ImmutableArray<Grant> Grants, bool Replayed);

/// <summary>What redeeming would lead to.</summary>
/// <param name="Grants">What it would grant; empty for a code that is not found.</param>
/// <param name="Refusal">Why it would not; once more, where there is an earlier one.</param>
/// <param name="Earlier">What the account has of this code already: its latest redemption of it.</param>
[GenerateSerializer, Immutable, Alias("billing.code.preview")]
public sealed record CodePreview(ImmutableArray<Grant> Grants, CodeError? Refusal, Redemption? Earlier = null);

/// <summary>What disabling led to.</summary>
/// <param name="Code">The code.</param>
/// <param name="Changed">Whether it was not disabled before.</param>
[GenerateSerializer, Immutable, Alias("billing.code.disabled")]
public sealed record CodeIsDisabled(Versioned<Code> Code, bool Changed);
