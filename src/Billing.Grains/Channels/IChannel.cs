namespace Billing.Channels;

/// <summary>
/// The adapter for one kind of provider, set up for one payment method. It is told everything, never invents a number, never reads the clock for what is
/// sent twice, and never repeats a call by itself.
/// </summary>
public interface IChannel
{
    /// <summary>What this provider can and cannot do.</summary>
    ChannelTraits Traits { get; }

    /// <summary>Makes the payment known to the provider. Repeating it with the same request makes no second payment.</summary>
    Task<ChannelAnswer<Checkout>> Create(PaymentRequest payment, CancellationToken cancellation);

    /// <summary>What the provider says of the payment now.</summary>
    Task<ChannelAnswer<PaymentState>> Query(PaymentReference payment, CancellationToken cancellation);

    /// <summary>Asks the provider to take no money for this payment any more, and answers what it is afterwards.</summary>
    Task<ChannelAnswer<PaymentState>> Close(PaymentReference payment, CancellationToken cancellation);

    /// <summary>Gives money back. Repeating it with the same refund number gives it back once.</summary>
    Task<ChannelAnswer<RefundState>> Refund(RefundRequest refund, CancellationToken cancellation);

    /// <summary>What the provider says of a refund now.</summary>
    Task<ChannelAnswer<RefundState>> QueryRefund(RefundReference refund, CancellationToken cancellation);

    /// <summary>Verifies and reads a callback. Pure: the bytes, the headers and the time of arrival go in.</summary>
    CallbackReading Read(CallbackMessage message);

    /// <summary>The provider's own words for the verdict.</summary>
    CallbackReply Answer(CallbackVerdict verdict);

    /// <summary>What may be kept of a callback, for people who look into it later. Only the channel knows which fields carry no personal data: without its word nothing of the body is kept.</summary>
    RedactedCallback Redact(CallbackMessage message) => CallbackRedaction.Nothing(message);
}

/// <summary>A provider's answer to a call: done, refused for good, or unknown.</summary>
/// <typeparam name="T">What a done call yields.</typeparam>
public abstract record ChannelAnswer<T>
{
    ChannelAnswer()
    {
    }

    /// <summary>The provider said so, and it was verified that it was the provider.</summary>
    public sealed record Done(T Value) : ChannelAnswer<T>;

    /// <summary>Final for this number.</summary>
    /// <param name="Kind">Why.</param>
    /// <param name="Code">The provider's code.</param>
    public sealed record Refused(RefusalKind Kind, string Code) : ChannelAnswer<T>;

    /// <summary>It may have happened. A time-out, a broken answer or a code that nobody named is this, never a refusal.</summary>
    /// <param name="Kind">What was seen.</param>
    /// <param name="AskAgainAfter">The provider's own wish, if it had one.</param>
    public sealed record Unknown(UnknownKind Kind, TimeSpan? AskAgainAfter = null) : ChannelAnswer<T>;
}

/// <summary>Why a provider refused.</summary>
public enum RefusalKind
{
    /// <summary>The request is wrong: a fault of ours or of the configuration.</summary>
    BadRequest,

    /// <summary>The merchant's credentials were refused.</summary>
    BadCredentials,

    /// <summary>The provider has no such payment.</summary>
    NotFound,

    /// <summary>The payment is paid already.</summary>
    AlreadyPaid,

    /// <summary>The payment is closed already.</summary>
    AlreadyClosed,

    /// <summary>More than is left.</summary>
    AmountTooLarge,

    /// <summary>The merchant may not do this.</summary>
    NotAllowed,

    /// <summary>The merchant's balance does not suffice now.</summary>
    InsufficientFunds,

    /// <summary>The number came before with other values.</summary>
    Conflict,
}

/// <summary>What was seen when an outcome is unknown.</summary>
public enum UnknownKind
{
    /// <summary>No connection was made: repeating at once is safe.</summary>
    NotSent,

    /// <summary>The connection was lost or the answer did not come in time.</summary>
    NoAnswer,

    /// <summary>The answer could not be read.</summary>
    Unreadable,

    /// <summary>The answer's signature does not hold: someone may be between.</summary>
    BadSignature,

    /// <summary>The provider reports a fault of its own, or a code that nobody named.</summary>
    ProviderError,

    /// <summary>Too many calls.</summary>
    RateLimited,
}

/// <summary>Whose account at the provider the money goes to. Pinned to each payment, and compared with each callback.</summary>
/// <param name="Id">The merchant's number at the provider; with several identifiers, joined by <c>/</c>.</param>
[GenerateSerializer, Immutable, Alias("billing.merchant")]
public sealed record MerchantIdentity(string Id);

/// <summary>Everything that is sent to create a payment; stored before the call, so that a repeat is the same request.</summary>
/// <param name="Number">Our number for the payment: the order's number and two digits.</param>
/// <param name="Merchant">Who is paid.</param>
/// <param name="Amount">What is to be paid.</param>
/// <param name="Subject">What the buyer reads at the provider. Nothing of the buyer's own goes in here.</param>
/// <param name="ExpiresAt">The last moment to pay.</param>
/// <param name="ReturnUrl">Where the buyer comes back to.</param>
/// <param name="CallbackUrl">Where the provider reports.</param>
public sealed record PaymentRequest(string Number, MerchantIdentity Merchant, Money Amount, string Subject, DateTimeOffset ExpiresAt, Uri ReturnUrl, Uri CallbackUrl);

/// <summary>A payment that was made known to the provider.</summary>
/// <param name="Number">Our number.</param>
/// <param name="Merchant">Who is paid.</param>
/// <param name="Amount">What is to be paid.</param>
/// <param name="ProviderReference">The provider's number, when it gave one.</param>
public sealed record PaymentReference(string Number, MerchantIdentity Merchant, Money Amount, string? ProviderReference);

/// <summary>How the buyer gets to the provider.</summary>
/// <param name="RedirectUrl">Where the browser goes.</param>
/// <param name="QrCode">The text that a QR code carries.</param>
/// <param name="ProviderReference">The provider's number, when it gave one.</param>
[GenerateSerializer, Immutable, Alias("billing.checkout")]
public sealed record Checkout(string? RedirectUrl, string? QrCode, string? ProviderReference);

/// <summary>What a provider says of a payment.</summary>
[GenerateSerializer, Immutable, Alias("billing.payment-state")]
public abstract record PaymentState
{
    PaymentState()
    {
    }

    /// <summary>It has none of this number; <see cref="ChannelTraits.NotFoundMeans"/> says what that proves.</summary>
    [GenerateSerializer, Immutable, Alias("billing.payment-state.not-found")]
    public sealed record NotFound : PaymentState;

    /// <summary>Not paid yet.</summary>
    [GenerateSerializer, Immutable, Alias("billing.payment-state.pending")]
    public sealed record Pending : PaymentState;

    /// <summary>Paid.</summary>
    /// <param name="Amount">What was paid.</param>
    /// <param name="TransactionId">The provider's number for this one movement of money; two different ones are two payments.</param>
    /// <param name="At">When, if the provider says.</param>
    [GenerateSerializer, Immutable, Alias("billing.payment-state.paid")]
    public sealed record Paid(Money Amount, string TransactionId, DateTimeOffset? At) : PaymentState;

    /// <summary>Closed, declined or expired at the provider: it can no longer be paid.</summary>
    [GenerateSerializer, Immutable, Alias("billing.payment-state.closed")]
    public sealed record Closed : PaymentState;
}

/// <summary>A refund to make.</summary>
/// <param name="Payment">The payment it takes from.</param>
/// <param name="RefundNumber">Our one number for it.</param>
/// <param name="TransactionId">The movement of money that is given back.</param>
/// <param name="Amount">How much of it.</param>
public sealed record RefundRequest(PaymentReference Payment, string RefundNumber, string TransactionId, Money Amount);

/// <summary>A refund that was asked for.</summary>
/// <param name="Payment">The payment it takes from.</param>
/// <param name="RefundNumber">Our one number for it.</param>
public sealed record RefundReference(PaymentReference Payment, string RefundNumber);

/// <summary>What a provider says of a refund.</summary>
[GenerateSerializer, Immutable, Alias("billing.refund-state")]
public abstract record RefundState
{
    RefundState()
    {
    }

    /// <summary>It has none of this number.</summary>
    [GenerateSerializer, Immutable, Alias("billing.refund-state.not-found")]
    public sealed record NotFound : RefundState;

    /// <summary>Accepted, not yet done.</summary>
    [GenerateSerializer, Immutable, Alias("billing.refund-state.pending")]
    public sealed record Pending : RefundState;

    /// <summary>The money was given back.</summary>
    [GenerateSerializer, Immutable, Alias("billing.refund-state.succeeded")]
    public sealed record Succeeded(Money Amount, DateTimeOffset? At) : RefundState;

    /// <summary>It will not be done.</summary>
    [GenerateSerializer, Immutable, Alias("billing.refund-state.failed")]
    public sealed record Failed(string Code) : RefundState;
}

/// <summary>How far a dispute is.</summary>
public enum DisputeStage
{
    /// <summary>A payer wants money back; nothing has moved yet.</summary>
    Opened,

    /// <summary>It ended in the merchant's favour: nothing moves.</summary>
    Won,

    /// <summary>The money went back.</summary>
    Lost,
}

/// <summary>What a provider says of a dispute.</summary>
/// <param name="DisputeId">The provider's number for it.</param>
/// <param name="Stage">How far it is.</param>
/// <param name="Amount">How much is disputed; of one that is lost, how much went back.</param>
/// <param name="At">When, if the provider says.</param>
[GenerateSerializer, Immutable, Alias("billing.dispute-state")]
public sealed record DisputeState(string DisputeId, DisputeStage Stage, Money Amount, DateTimeOffset? At);

/// <summary>What a provider's "no such payment" proves.</summary>
public enum NotFoundMeaning
{
    /// <summary>It was never created there: nothing can be paid.</summary>
    NeverCreated,

    /// <summary>The provider creates it when the buyer arrives: until its own expiry it may still be paid.</summary>
    NotYetOpened,

    /// <summary>The provider forgets unpaid payments.</summary>
    MaybeForgotten,
}

/// <summary>What a provider can and cannot do.</summary>
/// <param name="CreatesWithoutCall">Creating makes no call: a signed address for the buyer's browser. It cannot be unknown.</param>
/// <param name="CanClose">A payment can be closed.</param>
/// <param name="NotFoundMeans">What "no such payment" proves.</param>
/// <param name="ShortestExpiry">The shortest time to pay that the provider accepts.</param>
/// <param name="Grace">How long after its expiry a payment may still turn out paid.</param>
/// <param name="Currencies">What it takes.</param>
public sealed record ChannelTraits(
    bool CreatesWithoutCall, bool CanClose, NotFoundMeaning NotFoundMeans, TimeSpan ShortestExpiry, TimeSpan Grace, IReadOnlySet<string> Currencies);
