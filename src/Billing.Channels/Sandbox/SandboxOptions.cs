using System.Text;

namespace Billing.Channels.Sandbox;

/// <summary>How one payment method reaches the sandbox.</summary>
public sealed class SandboxOptions
{
    /// <summary>Where the provider answers calls, its prefix included: <c>http://localhost:8080/sandbox</c>.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>Where buyers reach the provider, if their browsers need another address than our calls do.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>The merchant's number at the provider.</summary>
    public required string MerchantId { get; init; }

    /// <summary>The secret shared with the provider, 32 characters or more.</summary>
    public required string Secret { get; init; }

    /// <summary>How the buyer gets to the provider.</summary>
    public PaymentPresentation Presentation { get; init; } = PaymentPresentation.Redirect;

    /// <summary>What the method takes.</summary>
    public IReadOnlySet<string> Currencies { get; init; } =
        new HashSet<string>(StringComparer.Ordinal) { "CNY", "USD", "EUR", "GBP", "HKD", "JPY", "KRW", "KWD", "SGD", "TWD" };

    /// <summary>How long a call may take. What takes longer is unknown.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Lets the sandbox run where the environment is neither Development nor Production, a staging system for example.</summary>
    public bool AllowOutsideDevelopment { get; init; }

    /// <summary>Says what is wrong with these settings, before anything rests on them.</summary>
    /// <exception cref="SetupException">A setting cannot be used.</exception>
    internal void Validate()
    {
        EnsureAddress(BaseUrl, nameof(BaseUrl));
        EnsureAddress(PublicUrl ?? BaseUrl, nameof(PublicUrl));
        if (!SandboxWords.IsNumber(MerchantId))
            throw new SetupException("The sandbox's merchant id must be 1 to 64 letters, digits, dashes and underscores.");
        EnsureSecret(Secret, MerchantId);
        if (Currencies.FirstOrDefault(code => !Billing.Currencies.IsKnown(code)) is { } unknown)
            throw new SetupException($"The sandbox's merchant {MerchantId} names the currency '{unknown}', which is not known here.");
        if (Timeout <= TimeSpan.Zero)
            throw new SetupException("The sandbox's time-out must be positive.");
    }

    internal static byte[] EnsureSecret(string? secret, string merchantId) =>
        !string.IsNullOrWhiteSpace(secret) && secret.Length >= SandboxSignature.ShortestSecret
            ? Encoding.UTF8.GetBytes(secret)
            : throw new SetupException(
                $"The secret of the sandbox's merchant {merchantId} is missing or shorter than {SandboxSignature.ShortestSecret} characters, so anybody could sign. "
                + "Set one, for example from `openssl rand -hex 32`, the same for the method and for the provider.");

    static void EnsureAddress(Uri? address, string setting)
    {
        if (address is not { IsAbsoluteUri: true } || address.Scheme is not ("http" or "https") || address.Query.Length > 0 || address.UserInfo.Length > 0)
        {
            throw new SetupException(
                $"The sandbox's {setting} must be an absolute http or https address without a query or a login, such as http://localhost:8080/sandbox.");
        }
    }
}
