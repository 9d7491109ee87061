namespace Billing.Channels.Sandbox.Provider;

/// <summary>What the sandbox provider is told at its start.</summary>
public sealed class SandboxProviderOptions
{
    /// <summary>The merchants that it serves, by id.</summary>
    public required IReadOnlyDictionary<string, SandboxMerchant> Merchants { get; init; }

    /// <summary>Where buyers reach it, its prefix included, for the addresses in QR codes. Without it, the address that the merchant's call came to.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>How many payments it remembers; beyond that it forgets the oldest, finished ones first.</summary>
    public int MostPayments { get; init; } = 100_000;

    /// <summary>How many callbacks may wait to be delivered; beyond that they are lost, and counted.</summary>
    public int MostCallbacks { get; init; } = 100_000;

    /// <summary>Lets the sandbox run where the environment is neither Development nor Production, a staging system for example.</summary>
    public bool AllowOutsideDevelopment { get; init; }

    internal void Validate()
    {
        if (Merchants is not { Count: > 0 })
            throw new SetupException("The sandbox provider has no merchant. Give it one, with the same id and secret as the payment method's.");
        foreach (var (id, merchant) in Merchants)
        {
            if (!SandboxWords.IsNumber(id))
                throw new SetupException("A sandbox merchant's id must be 1 to 64 letters, digits, dashes and underscores.");
            SandboxOptions.EnsureSecret(merchant.Secret, id);
        }

        if (MostPayments < 1 || MostCallbacks < 1)
            throw new SetupException("The sandbox provider must be allowed to remember at least one payment and one callback.");
        if (PublicUrl is { } address && (!address.IsAbsoluteUri || address.Scheme is not ("http" or "https")))
            throw new SetupException("The sandbox provider's PublicUrl must be an absolute http or https address.");
    }
}

/// <summary>A merchant of the sandbox.</summary>
public sealed class SandboxMerchant
{
    /// <summary>What payers read.</summary>
    public required string Name { get; init; }

    /// <summary>The secret shared with the merchant, 32 characters or more.</summary>
    public required string Secret { get; init; }
}
