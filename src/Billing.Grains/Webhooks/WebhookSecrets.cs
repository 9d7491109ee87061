using System.Security.Cryptography;
using Billing.Codes;

namespace Billing.Webhooks;

/// <summary>Makes and opens the secrets of endpoints. The store holds them encrypted under the keys of redemption codes, each for its endpoint alone.</summary>
/// <param name="vault">Where the keys are.</param>
public sealed class WebhookSecrets(CodeVault vault)
{
    const string Purpose = "webhooks";

    /// <summary>A new secret for an endpoint, as who listens gets it, this once, and as it is stored.</summary>
    public (string Shown, string Sealed) Make(string endpoint)
    {
        var secret = RandomNumberGenerator.GetBytes(WebhookSignature.SecretLength);
        return (WebhookSignature.Show(secret), vault.SealSecret(secret, Purpose, endpoint));
    }

    /// <summary>The secret's bytes.</summary>
    /// <exception cref="CodeSealException">The key that it is sealed under is not configured.</exception>
    public byte[] Open(WebhookSecret secret, string endpoint)
    {
        ArgumentNullException.ThrowIfNull(secret);
        return vault.OpenSecret(secret.Sealed, Purpose, endpoint);
    }
}
