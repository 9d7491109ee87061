using Billing.Catalog;
using Billing.Codes;

namespace Billing.Silo.Demonstration;

/// <summary>A code to try the service with, that people can remember. Making it again changes nothing, so what an administrator did to it stays.</summary>
sealed class DemonstrationCodes(IGrainFactory grains, CodeVault vault)
{
    /// <summary>The code.</summary>
    public const string Welcome = "WELCOME-26";

    // Of nobody: no sign-in has this subject, since it is no account's.
    const string Issuer = "\n";

    /// <summary>Issues it, if it is missing.</summary>
    public async Task Make()
    {
        var batch = grains.GetGrain<ICodeBatchGrain>(CodeBatch.IdOf(Issuer, Welcome));
        if (await batch.Get() is not null || CodeText.ReadVanity(Welcome) is not { } text) return;
        var key = vault.KeyOf(text);
        var terms = new CodeBatchTerms(
            "Welcome 2026", 1, [new CreditGrant(Credits.Whole(20), null)], "", null, null, MaxRedemptionsPerCode: 100_000, MaxRedemptionsPerAccount: 1, null, null, [], key,
            "A code to try the service with.");
        // Refused when an administrator has issued a code with this text: then there is one to try.
        _ = await batch.Issue(terms, new(vault.Seal(text, key), text.Tail), Actor.System);
    }
}
