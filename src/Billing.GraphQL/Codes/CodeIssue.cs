using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics.CodeAnalysis;
using Billing.Codes;
using Billing.GraphQL.Catalog;
using Billing.Storage.Codes;
using Microsoft.Extensions.Options;
using Domain = Billing.Codes;

namespace Billing.GraphQL.Codes;

/// <summary>What issuing needs beside the batch's grain: keys for a code that people can remember, and the estimate.</summary>
public sealed class CodeIssue(CodeVault vault, IGrainFactory grains, IOptions<CodeSettings> settings)
{
    // Whom the estimate is made for: a guesser with so many accounts, each at an address of its own.
    const int GuessingAccounts = 1_000;

    const double BitsPerCharacter = 5;

    static readonly TimeSpan Year = TimeSpan.FromDays(365.25);

    /// <summary>The key of a code that people can remember. A batch that was issued under an older key keeps it, so that the same wish is the same.</summary>
    internal async Task<string> KeyOf(CodeText vanity, string batchId) =>
        await grains.GetGrain<ICodeBatchGrain>(batchId).Get() is { State.Terms.VanityKey: { } key } && vault.KeysOf(vanity).Contains(key) ? key : vault.KeyOf(vanity);

    /// <summary>Whether another batch has a code with this text, under any key.</summary>
    internal async Task<bool> IsTaken(CodeText vanity, string batchId)
    {
        foreach (var key in vault.KeysOf(vanity))
            if (await grains.GetGrain<ICodeGrain>(key).Get() is { } code && code.State.BatchId != batchId) return true;
        return false;
    }

    /// <summary>The text as it is kept.</summary>
    internal SealedCode Seal(CodeText vanity, string key) => new(vault.Seal(vanity, key), vanity.Tail);

    /// <summary>What these terms come to.</summary>
    internal IssueEstimate Estimate(CodeBatchTerms terms, CodeText? vanity)
    {
        var bits = vanity is null ? CodeText.RandomBits : vanity.Characters.Length * BitsPerCharacter;
        // Each attempt needs one of the account's and one of the address's: the slower of the two counts. On average a first hit takes (texts + 1) / (codes + 1) tries.
        var attemptsPerYear = GuessingAccounts * Math.Min(Year / settings.Value.AccountRecovery, Year / settings.Value.AddressRecovery);
        return new(terms.Count, terms.MaximumMicro() / Credits.MicroPerCredit, bits, (Math.Pow(2, bits) + 1) / (terms.Count + 1.0) / attemptsPerYear);
    }
}

/// <summary>Codes to issue.</summary>
/// <param name="Name">For administrators.</param>
/// <param name="Count">How many.</param>
/// <param name="Grants">What one redemption grants.</param>
/// <param name="Prefix">What every code begins with: letters and digits, at most 12.</param>
/// <param name="ValidFrom">From when they can be redeemed; at once when left out.</param>
/// <param name="ValidUntil">Until when, exclusive; for ever when left out.</param>
/// <param name="MaxRedemptionsPerCode">How often each code can be redeemed.</param>
/// <param name="MaxRedemptionsPerAccount">How often one account can redeem, over all codes of the batch.</param>
/// <param name="MaxRedemptions">How often the batch's codes can be redeemed in all.</param>
/// <param name="CreditBudget">Credits that the batch may grant in all.</param>
/// <param name="Eligibility">Who may redeem: every rule must be met; at most one of a kind.</param>
/// <param name="DryRun">Checks and prices what would be issued, and issues nothing.</param>
/// <param name="VanityCode">A code that people can remember, of 6 to 12 letters and digits, for a campaign; then count must be 1. It is shown as it is written here, and typed in any form. It is no secret: whoever guesses it may redeem it.</param>
/// <param name="Note">Why, for the journal.</param>
/// <param name="IdempotencyKey">Chosen and written down before the first attempt; the same for every retry of this one wish. It never expires.</param>
public sealed record IssueRedemptionCodesInput(
    string Name, int Count, IReadOnlyList<GrantInput> Grants, string? Prefix, DateTimeOffset? ValidFrom, DateTimeOffset? ValidUntil,
    [property: DefaultValue(1)] int? MaxRedemptionsPerCode, [property: DefaultValue(1)] int? MaxRedemptionsPerAccount, int? MaxRedemptions, decimal? CreditBudget,
    IReadOnlyList<EligibilityRuleInput>? Eligibility, [property: DefaultValue(false)] bool? DryRun, string? VanityCode, string? Note, string IdempotencyKey)
{
    /// <summary>As the domain has it, but for the key of a vanity code. False when something cannot even be said so.</summary>
    internal bool TryToTerms([NotNullWhen(true)] out CodeBatchTerms? terms, out CodeText? vanity, [NotNullWhen(false)] out CodeBatchError? wrong)
    {
        (terms, vanity, wrong) = (null, null, null);
        if (VanityCode is not null && (vanity = CodeText.ReadVanity(VanityCode)) is null)
        {
            wrong = new Domain.InvalidCodeBatch(
                "vanityCode", $"A code that people can remember has {CodeText.MinVanityLength} to {CodeText.MaxVanityLength} letters and digits; spaces and dashes do not count.");
            return false;
        }

        var grants = Grants.Select(grant => grant.ToDomain()).ToList();
        if (grants.Contains(null))
        {
            wrong = new InvalidCodeGrant();
            return false;
        }

        Credits? budget = null;
        if (CreditBudget is { } credits)
        {
            if (!Billing.Credits.TryFrom(credits, out var some))
            {
                wrong = new Domain.InvalidCodeBatch("creditBudget", "A budget has at most 6 decimals and is at most a trillion credits.");
                return false;
            }

            budget = some;
        }

        var rules = (Eligibility ?? []).Select(rule => rule.ToDomain()).ToList();
        if (rules.Contains(null))
        {
            wrong = new Domain.InvalidCodeBatch("eligibility", "A rule says something: firstPurchaseOnly is true, or left out.");
            return false;
        }

        terms = new(
            Name, Count, [.. grants.OfType<Billing.Catalog.Grant>()], Prefix ?? "", ValidFrom, ValidUntil, MaxRedemptionsPerCode ?? 1, MaxRedemptionsPerAccount ?? 1, MaxRedemptions,
            budget, [.. rules.OfType<EligibilityRule>()], null, Checked.OptionalNote(Note));
        return true;
    }
}

/// <summary>What issuing codes led to.</summary>
/// <param name="Batch">The batch; null after a dry run.</param>
/// <param name="Replayed">True when this key had issued it before.</param>
/// <param name="Estimate">What it comes to; null when it was refused.</param>
/// <param name="Errors">Why not.</param>
public sealed record IssueRedemptionCodesPayload(CodeBatch? Batch, bool Replayed, IssueEstimate? Estimate, IReadOnlyList<IIssueRedemptionCodesError>? Errors);

/// <summary>The codes that were issued.</summary>
[ObjectType<IssueRedemptionCodesPayload>]
public static class IssueRedemptionCodesPayloadFields
{
    /// <summary>The first codes in plain text, at most 100 and those that are stored by now; all of them through <c>exportUrl</c>. That they were shown is written down.</summary>
    public static async Task<IReadOnlyList<string>?> GetCodes(
        [Parent] IssueRedemptionCodesPayload payload, Viewer viewer, CodeReader codes, CodeVault vault, IGrainFactory grains, CancellationToken cancel)
    {
        if (payload.Batch is not { } batch) return null;
        var first = await codes.Page(new(batch.Key), 0, Page.Largest, cancel);
        if (first.Count == 0) return [];
        if (await grains.GetGrain<ICodeBatchGrain>(batch.Key).Reveal(first.Count, viewer.Actor) is { Refusal: not null }) return null;
        return [.. first.Select(code => vault.Open(code.State.Sealed, code.State.Key).Format(batch.Terms.Prefix))];
    }
}

/// <summary>What an issue comes to.</summary>
/// <param name="Codes">How many codes.</param>
/// <param name="MaximumCredits">The most credits that they can grant.</param>
/// <param name="EntropyBits">How many bits of a code are chance; of a code that people can remember, at most: such a code is no secret.</param>
/// <param name="YearsToGuessOne">How long a guesser with a thousand accounts, each at an address of its own, needs on average to hit one of the codes at today's limits. People who choose a code choose what others guess sooner.</param>
public sealed record IssueEstimate(int Codes, decimal MaximumCredits, double EntropyBits, double YearsToGuessOne);
