using Billing.Channels;

namespace Billing.Silo.Methods;

/// <summary>A payment method as it is configured, under <c>Billing:PaymentMethods:{id}</c>.</summary>
sealed class PaymentMethodOptions
{
    /// <summary>What buyers read.</summary>
    public string Name { get; set; } = "";

    /// <summary>The provider.</summary>
    public PaymentMethodKind Kind { get; set; }

    /// <summary>How the buyer gets there.</summary>
    public PaymentPresentation Presentation { get; set; }

    /// <summary>Whether new payments may be started.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Where the sandbox's provider runs, when it is not in this host.</summary>
    public Uri? ProviderUrl { get; set; }

    /// <summary>The merchant's number at the provider.</summary>
    public string MerchantId { get; set; } = "sandbox-shop";

    /// <summary>The secret shared with the provider, 32 characters or more. In development the sandbox makes one up.</summary>
    public string? Secret { get; set; }
}
