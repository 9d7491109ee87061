namespace Billing.Channels;

/// <summary>The kind of provider behind a payment method.</summary>
public enum PaymentMethodKind
{
    /// <summary>Our own provider, for development.</summary>
    Sandbox,

    /// <summary>Alipay.</summary>
    Alipay,

    /// <summary>WeChat Pay.</summary>
    WechatPay,

    /// <summary>Stripe Checkout.</summary>
    Stripe,

    /// <summary>An EPay gateway.</summary>
    Epay,
}

/// <summary>How the buyer gets to the provider.</summary>
public enum PaymentPresentation
{
    /// <summary>The browser goes there.</summary>
    Redirect,

    /// <summary>A phone scans a code.</summary>
    QrCode,
}

/// <summary>One configured channel, with its own merchant identity.</summary>
/// <param name="Id">For example <c>alipay-main</c>; part of the callback's address. Lower-case letters, digits and dashes.</param>
/// <param name="Name">What buyers read.</param>
/// <param name="Kind">The provider.</param>
/// <param name="Presentation">How the buyer gets there.</param>
/// <param name="Merchant">Who is paid.</param>
/// <param name="Channel">The adapter.</param>
/// <param name="ReturnUrl">Where buyers come back to; <c>{order}</c> stands for the order's number.</param>
/// <param name="CallbackUrl">Where the provider reports.</param>
/// <param name="Enabled">Whether new payments may be started. Payments that were started before are served either way.</param>
public sealed record PaymentMethod(
    string Id, string Name, PaymentMethodKind Kind, PaymentPresentation Presentation, MerchantIdentity Merchant, IChannel Channel, string ReturnUrl, Uri CallbackUrl,
    bool Enabled = true)
{
    /// <summary>Whether a payment of this amount can be started now.</summary>
    public bool Takes(Money amount) => Enabled && Channel.Traits.Currencies.Contains(amount.Currency);
}

/// <summary>The configured payment methods, in the order in which they are offered.</summary>
public interface IPaymentMethods
{
    /// <summary>All of them.</summary>
    IReadOnlyList<PaymentMethod> All { get; }

    /// <summary>The method with this id, if there is one.</summary>
    PaymentMethod? Find(string id);
}
