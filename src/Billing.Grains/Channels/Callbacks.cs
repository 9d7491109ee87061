namespace Billing.Channels;

/// <summary>A callback as it arrived.</summary>
/// <param name="HttpMethod">GET or POST.</param>
/// <param name="Query">The raw query string, without the question mark.</param>
/// <param name="Headers">By name, without regard to case; only the first value of each.</param>
/// <param name="Body">The raw bytes.</param>
/// <param name="ReceivedAt">When it arrived.</param>
public sealed record CallbackMessage(
    string HttpMethod, string Query, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body, DateTimeOffset ReceivedAt);

/// <summary>What a callback turned out to be.</summary>
public abstract record CallbackReading
{
    CallbackReading()
    {
    }

    /// <summary>Authentic news of a payment.</summary>
    /// <param name="PaymentNumber">Our number of the payment, as the provider repeats it.</param>
    /// <param name="Merchant">Whose account at the provider it is about.</param>
    /// <param name="State">What it says.</param>
    public sealed record PaymentNews(string PaymentNumber, MerchantIdentity Merchant, PaymentState State) : CallbackReading;

    /// <summary>Authentic news of a refund.</summary>
    public sealed record RefundNews(string PaymentNumber, string RefundNumber, MerchantIdentity Merchant, RefundState State) : CallbackReading;

    /// <summary>Authentic news of a dispute: a payer wants money back through their bank, before any has moved.</summary>
    /// <param name="PaymentNumber">Our number of the payment, as the provider repeats it.</param>
    /// <param name="Merchant">Whose account at the provider it is about.</param>
    /// <param name="State">What it says.</param>
    public sealed record DisputeNews(string PaymentNumber, MerchantIdentity Merchant, DisputeState State) : CallbackReading;

    /// <summary>Authentic, and nothing to do: acknowledge.</summary>
    public sealed record NotOurBusiness(string Kind) : CallbackReading;

    /// <summary>Not to be believed.</summary>
    public sealed record Rejected(CallbackRejection Reason) : CallbackReading;
}

/// <summary>Why a callback is not believed.</summary>
public enum CallbackRejection
{
    /// <summary>It carries no signature.</summary>
    NoSignature,

    /// <summary>The signature does not fit the bytes.</summary>
    BadSignature,

    /// <summary>It is outside the replay window.</summary>
    TooOld,

    /// <summary>The bytes are not what the provider documents; also a name that comes twice.</summary>
    Malformed,
}

/// <summary>What became of a callback; the channel puts it in the provider's words.</summary>
public enum CallbackVerdict
{
    /// <summary>Stored.</summary>
    Accepted,

    /// <summary>Known before; nothing changed.</summary>
    AlreadyKnown,

    /// <summary>Authentic and none of our business.</summary>
    Ignored,

    /// <summary>Not authentic.</summary>
    NotAuthentic,

    /// <summary>About a payment that this method does not have.</summary>
    NotOurs,

    /// <summary>Could not be stored now: the provider shall send it again.</summary>
    TryAgain,
}

/// <summary>The HTTP answer that a provider expects.</summary>
/// <param name="Status">The status code.</param>
/// <param name="ContentType">The media type.</param>
/// <param name="Body">The text.</param>
public sealed record CallbackReply(int Status, string ContentType, string Body);
