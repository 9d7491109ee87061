using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Billing.Catalog;

namespace Billing.Codes;

/// <summary>What a batch's codes grant, to whom, and how often. It never changes.</summary>
/// <param name="Name">For administrators.</param>
/// <param name="Count">How many codes there are.</param>
/// <param name="Grants">What one redemption grants.</param>
/// <param name="Prefix">What every code begins with; may be empty.</param>
/// <param name="ValidFrom">From when they can be redeemed; at once when null.</param>
/// <param name="ValidUntil">Until when, exclusive; for ever when null.</param>
/// <param name="MaxRedemptionsPerCode">How often each code can be redeemed.</param>
/// <param name="MaxRedemptionsPerAccount">How often one account can redeem, over all codes of the batch.</param>
/// <param name="MaxRedemptions">How often the batch's codes can be redeemed in all; null when only the codes limit it.</param>
/// <param name="CreditBudget">How many credits the batch may grant in all; null when only the codes limit it.</param>
/// <param name="Eligibility">Who may redeem: every rule must be met.</param>
/// <param name="VanityKey">The key of the one code that people can remember; null when codes are chance.</param>
/// <param name="Note">Why it was issued.</param>
[GenerateSerializer, Immutable, Alias("billing.code.batch.terms")]
public sealed record CodeBatchTerms(
    string Name,
    int Count,
    ImmutableArray<Grant> Grants,
    string Prefix,
    DateTimeOffset? ValidFrom,
    DateTimeOffset? ValidUntil,
    int MaxRedemptionsPerCode,
    int MaxRedemptionsPerAccount,
    int? MaxRedemptions,
    Credits? CreditBudget,
    ImmutableArray<EligibilityRule> Eligibility,
    string? VanityKey,
    string? Note)
{
    /// <summary>The most codes of a batch.</summary>
    public const int MaxCount = 1_000_000;

    /// <summary>The most redemptions of one code.</summary>
    public const int MostRedemptionsPerCode = 10_000_000;

    /// <summary>The most redemptions of one account in a batch.</summary>
    public const int MostRedemptionsPerAccount = 1_000;

    /// <summary>The most grants of a redemption.</summary>
    public const int MaxGrants = 20;

    /// <summary>The longest name.</summary>
    public const int MaxNameLength = 200;

    /// <summary>The credits of one redemption, in micro-credits.</summary>
    public decimal MicroPerRedemption() => Grants.OfType<CreditGrant>().Sum(grant => (decimal)grant.Credits.Micro);

    /// <summary>Whether the codes' window is over.</summary>
    public bool IsOver(DateTimeOffset now) => ValidUntil is { } until && now >= until;

    /// <summary>How many redemptions the codes allow, whatever the batch's own limits.</summary>
    public long RedemptionsOfCodes() => (long)Count * MaxRedemptionsPerCode;

    /// <summary>
    /// How many redemptions the batch's own limits allow; null when they allow as many as the codes do, and nothing has to be counted. All redemptions of a batch
    /// grant the same, so a budget is a number of redemptions too.
    /// </summary>
    public long? Places()
    {
        var budget = CreditBudget is { } credits && MicroPerRedemption() > 0 ? (long)decimal.Floor(credits.Micro / MicroPerRedemption()) : long.MaxValue;
        var places = Math.Min(MaxRedemptions ?? long.MaxValue, budget);
        return places < RedemptionsOfCodes() ? places : null;
    }

    /// <summary>Which of the batch's limits is reached first.</summary>
    public LimitScope Scope() => Places() is { } places && places == MaxRedemptions ? LimitScope.Batch : LimitScope.Budget;

    /// <summary>The most micro-credits that the batch can grant. What a decimal cannot hold is the most that it can: more than anybody may grant.</summary>
    public decimal MaximumMicro()
    {
        var (each, redemptions) = (MicroPerRedemption(), Places() ?? RedemptionsOfCodes());
        return redemptions > 0 && each > decimal.MaxValue / redemptions ? decimal.MaxValue : each * redemptions;
    }

    /// <summary>What another wish under the same key has otherwise, by the API's names.</summary>
    public ImmutableArray<string> Differences(CodeBatchTerms other)
    {
        var (mine, theirs) = (CodeBatchDocument.Write(this), CodeBatchDocument.Write(other));
        return
        [
            .. mine.Keys.Union(theirs.Keys).Where(field => mine.GetValueOrDefault(field) != theirs.GetValueOrDefault(field))
                .Select(field => field == "vanityKey" ? "vanityCode" : field),
        ];
    }
}

/// <summary>Which limit was reached. The stored names are pinned.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<LimitScope>))]
public enum LimitScope
{
    /// <summary>The account's redemptions over all codes of the batch.</summary>
    AccountInBatch,

    /// <summary>The batch's redemptions.</summary>
    Batch,

    /// <summary>The batch's credits.</summary>
    Budget,
}

/// <summary>A code's text as it is kept.</summary>
/// <param name="Text">The text, encrypted for the row with the code's key.</param>
/// <param name="Tail">Its last four characters, as it is spelt.</param>
[GenerateSerializer, Immutable, Alias("billing.code.sealed")]
public sealed record SealedCode(string Text, string Tail);

/// <summary>A batch of codes.</summary>
/// <param name="Id">Derived from who issued it and their idempotency key.</param>
/// <param name="Terms">What its codes grant.</param>
/// <param name="Vanity">The sealed text of its one code that people can remember; null when codes are chance.</param>
/// <param name="Refusal">Set when it was refused: the key remembers the refusal, and nobody sees a batch.</param>
/// <param name="Issued">How many of its codes are stored; they can be redeemed from then on.</param>
/// <param name="Disabling">Set when it was disabled: nothing more is issued or redeemed.</param>
/// <param name="Places">How many redemptions took one of the batch's own places; counted only where there are such.</param>
/// <param name="LatestPlaces">The references that took a place lately, so that a repeat is seen without a look at the journal.</param>
/// <param name="LookAt">When its unfinished work is to be taken up, if whoever does it is gone.</param>
/// <param name="CreatedAt">When it was issued.</param>
/// <param name="CreatedBy">By whom.</param>
[GenerateSerializer, Immutable, Alias("billing.code.batch")]
public sealed record CodeBatch(
    string Id,
    CodeBatchTerms Terms,
    SealedCode? Vanity,
    CodeBatchError? Refusal,
    int Issued,
    Disabling? Disabling,
    long Places,
    ImmutableArray<string> LatestPlaces,
    DateTimeOffset? LookAt,
    DateTimeOffset CreatedAt,
    string CreatedBy)
{
    /// <summary>The status that a refused wish has in the table.</summary>
    public const string RefusedStatus = "REFUSED";

    internal const int RememberedPlaces = 64;

    // Work in memory comes first; the sweep looks after this long, in case the process is gone.
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(10);

    /// <summary>Whether all codes are stored that will be.</summary>
    public bool IsIssued => Disabling is not null || Issued == Terms.Count;

    /// <summary>Whether the batch's own limits leave no place.</summary>
    public bool IsExhausted => Terms.Places() is { } places && Places >= places;

    /// <summary>The batch's id for this wish.</summary>
    public static string IdOf(string subject, string idempotencyKey) => WishName.Of(subject, "batch\n" + idempotencyKey, 16);

    /// <summary>What the batch still owes, if anything.</summary>
    public static CodeBatchStep? Next(CodeBatch batch) => batch switch
    {
        { Refusal: not null } => null,
        { Disabling: { IsDone: false } disabling } => new DisableMore(disabling),
        { Disabling: not null } => null,
        _ when batch.Issued < batch.Terms.Count => new IssueMore(batch.Issued),
        _ => null,
    };

    /// <summary>When something is owed, if ever.</summary>
    public static DateTimeOffset? NextDeadline(CodeBatch batch) => Next(batch) is null ? null : batch.LookAt;

    /// <summary>The batch after one more event.</summary>
    public static CodeBatch After(CodeBatch? batch, CodeBatchEvent happened) => (batch, happened) switch
    {
        (null, BatchOrdered e) => new(e.Id, e.Terms, e.Vanity, null, 0, null, 0, [], e.At + Lease, e.At, e.By),
        ({ } b, BatchRefused e) => b with { Refusal = e.Refusal, LookAt = null },
        ({ } b, CodesIssued e) => b with { Issued = e.UpTo, LookAt = e.UpTo < b.Terms.Count ? e.At + Lease : null },
        ({ } b, BatchDisabled e) => b with { Disabling = new(e.At, e.By, e.Note, 0, 0, IsDone: false), LookAt = e.At + Lease },
        ({ Disabling: { } disabling } b, CodesDisabled e) => b with
        {
            Disabling = disabling with { UpTo = e.UpTo, Disabled = disabling.Disabled + e.Disabled, IsDone = e.IsLast },
            LookAt = e.IsLast ? null : e.At + Lease,
        },
        ({ } b, PlaceTaken e) => b with
        {
            Places = b.Places + 1,
            LatestPlaces = (b.LatestPlaces.Length < RememberedPlaces ? b.LatestPlaces : b.LatestPlaces.RemoveAt(0)).Add(e.Reference),
        },
        ({ } b, CodesRevealed or CodesExported) => b,
        _ => throw new InvalidOperationException($"{happened.GetType().Name} cannot happen to {(batch is null ? "no batch" : "this batch")}."),
    };
}

/// <summary>A batch being, or having been, disabled.</summary>
/// <param name="At">Since when.</param>
/// <param name="By">By whom.</param>
/// <param name="Note">Why.</param>
/// <param name="UpTo">Codes up to this ordinal are done.</param>
/// <param name="Disabled">How many of them were disabled; used ones stay used.</param>
/// <param name="IsDone">Whether all are done.</param>
[GenerateSerializer, Immutable, Alias("billing.code.batch.disabling")]
public sealed record Disabling(DateTimeOffset At, string By, string Note, int UpTo, int Disabled, bool IsDone);

/// <summary>One thing that a batch owes.</summary>
public abstract record CodeBatchStep;

/// <summary>Store more of its codes.</summary>
/// <param name="After">So many are stored.</param>
public sealed record IssueMore(int After) : CodeBatchStep;

/// <summary>Disable more of its codes.</summary>
/// <param name="Disabling">How far it has come.</param>
public sealed record DisableMore(Disabling Disabling) : CodeBatchStep;

/// <summary>What can happen to a batch.</summary>
/// <param name="At">When.</param>
public abstract record CodeBatchEvent(DateTimeOffset At);

/// <summary>It was ordered.</summary>
public sealed record BatchOrdered(DateTimeOffset At, string Id, CodeBatchTerms Terms, SealedCode? Vanity, string By) : CodeBatchEvent(At);

/// <summary>It was refused, and its key remembers why.</summary>
public sealed record BatchRefused(DateTimeOffset At, CodeBatchError Refusal) : CodeBatchEvent(At);

/// <summary>More of its codes were stored.</summary>
/// <param name="At">When.</param>
/// <param name="UpTo">So many are stored now.</param>
public sealed record CodesIssued(DateTimeOffset At, int UpTo) : CodeBatchEvent(At);

/// <summary>It was disabled: nothing more is issued or redeemed.</summary>
public sealed record BatchDisabled(DateTimeOffset At, string By, string Note) : CodeBatchEvent(At);

/// <summary>More of its codes were disabled.</summary>
/// <param name="At">When.</param>
/// <param name="UpTo">Codes up to this ordinal are done.</param>
/// <param name="Disabled">How many of these were disabled.</param>
/// <param name="IsLast">Whether there are no more.</param>
public sealed record CodesDisabled(DateTimeOffset At, int UpTo, int Disabled, bool IsLast) : CodeBatchEvent(At);

/// <summary>A redemption took one of the batch's own places.</summary>
/// <param name="At">When.</param>
/// <param name="Reference">The code's key and the redemption's id; unique in the batch.</param>
public sealed record PlaceTaken(DateTimeOffset At, string Reference) : CodeBatchEvent(At);

/// <summary>Codes were shown to an administrator in plain text.</summary>
/// <param name="At">When.</param>
/// <param name="Codes">How many.</param>
public sealed record CodesRevealed(DateTimeOffset At, int Codes) : CodeBatchEvent(At);

/// <summary>All codes were exported in plain text.</summary>
/// <param name="At">When the export began.</param>
public sealed record CodesExported(DateTimeOffset At) : CodeBatchEvent(At);
