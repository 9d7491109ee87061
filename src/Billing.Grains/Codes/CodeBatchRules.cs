using System.Collections.Immutable;

namespace Billing.Codes;

/// <summary>What can be asked of a batch.</summary>
public abstract record CodeBatchCommand;

/// <summary>Issue it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Terms">What its codes grant.</param>
/// <param name="Vanity">The sealed text of its one code that people can remember.</param>
/// <param name="By">Who issues it.</param>
public sealed record OrderBatch(string Id, CodeBatchTerms Terms, SealedCode? Vanity, string By) : CodeBatchCommand;

/// <summary>Its one code's text is another code's already.</summary>
public sealed record RecordVanityTaken : CodeBatchCommand;

/// <summary>More of its codes are stored.</summary>
public sealed record RecordIssued(int UpTo) : CodeBatchCommand;

/// <summary>Disable it.</summary>
public sealed record DisableBatch(string By, string Note) : CodeBatchCommand;

/// <summary>More of its codes are disabled.</summary>
public sealed record RecordDisabled(int UpTo, int Disabled, bool IsLast) : CodeBatchCommand;

/// <summary>Take one of the batch's own places, once for the reference.</summary>
public sealed record TakePlace(string Reference) : CodeBatchCommand;

/// <summary>Codes are about to be shown in plain text.</summary>
public sealed record RevealCodes(int Codes) : CodeBatchCommand;

/// <summary>All codes are about to be exported in plain text.</summary>
public sealed record ExportCodes : CodeBatchCommand;

/// <summary>How a batch answers. Pure.</summary>
public static class CodeBatchRules
{
    /// <summary>What follows from the command.</summary>
    public static Decision<CodeBatchEvent, CodeBatchError> Decide(CodeBatch? batch, CodeBatchCommand command, DateTimeOffset now) => (batch, command) switch
    {
        (null, OrderBatch order) when Wrong(order.Terms, now) is { } wrong => wrong,
        (null, OrderBatch order) => [new BatchOrdered(now, order.Id, order.Terms, order.Vanity, order.By)],
        ({ } b, OrderBatch order) when b.Terms.Differences(order.Terms) is { IsEmpty: false } differs => new BatchKeyReused(differs),
        ({ Refusal: { } remembered }, OrderBatch) => remembered,
        (_, OrderBatch) => [],

        (null or { Refusal: not null }, _) => new CodeBatchNotFound(),

        // A code that is stored is this batch's own: the write that lost the race was its twin's.
        ({ Issued: 0, Disabling: null }, RecordVanityTaken) => [new BatchRefused(now, new VanityCodeTaken())],
        (_, RecordVanityTaken) => [],

        // Also when it was disabled meanwhile: what is stored is disabled with the rest.
        ({ Issued: var issued }, RecordIssued record) when record.UpTo > issued => [new CodesIssued(now, record.UpTo)],
        (_, RecordIssued) => [],

        ({ Disabling: not null }, DisableBatch) => [],
        (_, DisableBatch disable) => [new BatchDisabled(now, disable.By, disable.Note)],

        ({ Disabling: { IsDone: false } disabling }, RecordDisabled record) when record.UpTo > disabling.UpTo || record.IsLast =>
            [new CodesDisabled(now, record.UpTo, record.Disabled, record.IsLast)],
        (_, RecordDisabled) => [],

        ({ } b, TakePlace take) when b.LatestPlaces.Contains(take.Reference) => [],
        ({ Disabling: not null }, TakePlace) => new CodeBatchNotFound(),
        ({ IsExhausted: true } b, TakePlace) => new NoPlaceLeft(b.Terms.Scope()),
        (_, TakePlace take) => [new PlaceTaken(now, take.Reference)],

        (_, RevealCodes reveal) => [new CodesRevealed(now, reveal.Codes)],
        (_, ExportCodes) => [new CodesExported(now)],

        _ => throw new InvalidOperationException($"No rule for {command.GetType().Name}."),
    };

    /// <summary>What is wrong with these terms; null when nothing is.</summary>
    public static CodeBatchError? Wrong(CodeBatchTerms terms, DateTimeOffset now) => terms switch
    {
        null => throw new ArgumentNullException(nameof(terms)),
        { Count: < 1 or > CodeBatchTerms.MaxCount } => new CountOutOfRange(1, CodeBatchTerms.MaxCount),
        { VanityKey: not null, Count: not 1 } => new CountOutOfRange(1, 1),
        _ when !IsText(terms.Name, CodeBatchTerms.MaxNameLength) => new InvalidCodeBatch("name", $"A batch has a name of at most {CodeBatchTerms.MaxNameLength} characters."),
        { Note: { } note } when !note.IsStorable() => new InvalidCodeBatch("note", "A note is text."),
        _ when !CodeText.IsPrefix(terms.Prefix) => new InvalidCodeBatch("prefix", $"A prefix is at most {CodeText.MaxPrefixLength} letters and digits."),
        { VanityKey: not null, Prefix.Length: > 0 } => new InvalidCodeBatch("prefix", "A vanity code has no prefix."),
        { MaxRedemptionsPerCode: < 1 or > CodeBatchTerms.MostRedemptionsPerCode } =>
            new InvalidCodeBatch("maxRedemptionsPerCode", $"A code is redeemed between 1 and {CodeBatchTerms.MostRedemptionsPerCode} times."),
        { MaxRedemptionsPerAccount: < 1 or > CodeBatchTerms.MostRedemptionsPerAccount } =>
            new InvalidCodeBatch("maxRedemptionsPerAccount", $"An account redeems between 1 and {CodeBatchTerms.MostRedemptionsPerAccount} times."),
        { MaxRedemptions: < 1 } => new InvalidCodeBatch("maxRedemptions", "A limit is above zero."),
        { ValidFrom: { } from, ValidUntil: { } until } when until <= from => new InvalidValidity(),
        { ValidUntil: { } until } when until <= now => new InvalidValidity(),
        { Grants.Length: 0 or > CodeBatchTerms.MaxGrants } => new InvalidCodeGrant(),
        _ when terms.Grants.Any(grant => grant is null || !grant.IsValid) => new InvalidCodeGrant(),
        _ when terms.MaximumMicro() > Credits.Max.Micro => new InvalidCodeGrant(),
        { CreditBudget: { IsGrantable: false } } => new InvalidCodeBatch("creditBudget", "A budget is above zero."),
        { CreditBudget: not null } when terms.MicroPerRedemption() == 0 => new InvalidCodeBatch("creditBudget", "A budget of credits is for codes that grant credits."),
        _ when terms.Places() == 0 => new InvalidCodeBatch("creditBudget", "The budget does not suffice for one redemption."),
        _ when WrongRules(terms.Eligibility) => new InvalidCodeBatch(
            "eligibility", $"A batch has each kind of rule once, with 1 to {EligibilityRule.MaxNames} names of at most {EligibilityRule.MaxNameLength} characters and 1 to {EligibilityRule.MaxDays} days."),
        _ => null,
    };

    static bool WrongRules(ImmutableArray<EligibilityRule> rules) =>
        rules.Length > EligibilityRule.MaxRules || rules.Any(rule => rule is null || !rule.IsValid) || rules.DistinctBy(rule => rule.GetType()).Count() != rules.Length;

    static bool IsText(string? text, int most) => text is { Length: > 0 } && text.Length <= most && !string.IsNullOrWhiteSpace(text) && !text.Any(char.IsControl) && text.IsStorable();
}
