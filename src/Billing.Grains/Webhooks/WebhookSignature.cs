using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Billing.Webhooks;

/// <summary>Signs deliveries as Standard Webhooks 1.0 says (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).</summary>
public static class WebhookSignature
{
    /// <summary>What a secret begins with when it is shown.</summary>
    public const string SecretPrefix = "whsec_";

    /// <summary>How long a secret is, in bytes; the specification asks for 24 to 64.</summary>
    public const int SecretLength = 32;

    /// <summary>A secret as who listens gets it.</summary>
    public static string Show(ReadOnlySpan<byte> secret) => SecretPrefix + Convert.ToBase64String(secret);

    /// <summary>The header <c>webhook-signature</c>: a signature under each secret, the newest first.</summary>
    /// <param name="secrets">The secrets, as bytes.</param>
    /// <param name="id">The message's id; without a dot.</param>
    /// <param name="timestamp">When this attempt is made, in Unix seconds.</param>
    /// <param name="body">What is sent, byte for byte.</param>
    public static string Sign(IEnumerable<byte[]> secrets, string id, long timestamp, ReadOnlySpan<byte> body)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        byte[] signed = [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{id}.{timestamp}.")), .. body];
        return string.Join(' ', secrets.Select(secret => "v1," + Convert.ToBase64String(HMACSHA256.HashData(secret, signed))));
    }
}
