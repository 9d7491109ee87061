using Billing.Channels;

namespace Billing.Storage.Callbacks;

/// <summary>What became of a callback, as the inbox keeps it.</summary>
public enum CallbackOutcome
{
    /// <summary>It changed its order, or kept unclaimed money, and was acknowledged.</summary>
    Stored,

    /// <summary>Known before; nothing changed.</summary>
    Known,

    /// <summary>Authentic, about a payment that its method does not have; money among it is kept as a work item.</summary>
    Stranger,

    /// <summary>It could not be stored, or is nothing that was asked for here; the provider was asked to repeat it.</summary>
    TryAgain,

    /// <summary>Authentic and none of our business.</summary>
    Ignored,

    /// <summary>Not believed. Only samples of these are kept, without their bodies.</summary>
    Rejected,
}

/// <summary>What a callback says of its payment or refund.</summary>
public enum CallbackState
{
    /// <summary>The payment is paid.</summary>
    Paid,

    /// <summary>Not yet paid, or not yet given back.</summary>
    Pending,

    /// <summary>The payment can no longer be paid.</summary>
    Closed,

    /// <summary>The provider has none of this number.</summary>
    NotFound,

    /// <summary>The refund was given back.</summary>
    Succeeded,

    /// <summary>The refund will not be done.</summary>
    Failed,

    /// <summary>The payment is disputed.</summary>
    DisputeOpened,

    /// <summary>The dispute was won.</summary>
    DisputeWon,

    /// <summary>The dispute was lost.</summary>
    DisputeLost,
}

/// <summary>The news that a callback was read as: what a replay hands on, in place of the raw bytes.</summary>
/// <param name="PaymentNumber">Our number of the payment.</param>
/// <param name="RefundNumber">Our number of the refund, or the provider's of a dispute; null when it is about the payment itself.</param>
/// <param name="Merchant">Whose account at the provider it is about.</param>
/// <param name="State">What it says.</param>
/// <param name="Amount">How much, when it says.</param>
/// <param name="TransactionId">The provider's number for the money, of a payment that is paid.</param>
/// <param name="At">When, if the provider says.</param>
/// <param name="FailureCode">The provider's code, of a refund that failed.</param>
public sealed record CallbackNews(
    string PaymentNumber, string? RefundNumber, string Merchant, CallbackState State, Money? Amount, string? TransactionId, DateTimeOffset? At, string? FailureCode)
{
    /// <summary>The news of a reading; null when it has none.</summary>
    public static CallbackNews? Of(CallbackReading reading) => reading switch
    {
        CallbackReading.PaymentNews news => news.State switch
        {
            PaymentState.Paid paid => new(news.PaymentNumber, null, news.Merchant.Id, CallbackState.Paid, paid.Amount, paid.TransactionId, paid.At, null),
            PaymentState.Pending => Plain(news, CallbackState.Pending),
            PaymentState.Closed => Plain(news, CallbackState.Closed),
            PaymentState.NotFound => Plain(news, CallbackState.NotFound),
            var other => throw new InvalidOperationException($"{other.GetType().Name} has no stored name."),
        },
        CallbackReading.RefundNews news => news.State switch
        {
            RefundState.Succeeded done => Plain(news, CallbackState.Succeeded) with { Amount = done.Amount, At = done.At },
            RefundState.Failed failed => Plain(news, CallbackState.Failed) with { FailureCode = failed.Code },
            RefundState.Pending => Plain(news, CallbackState.Pending),
            RefundState.NotFound => Plain(news, CallbackState.NotFound),
            var other => throw new InvalidOperationException($"{other.GetType().Name} has no stored name."),
        },
        CallbackReading.DisputeNews { State: var dispute } news => new(
            news.PaymentNumber, dispute.DisputeId, news.Merchant.Id,
            dispute.Stage switch { DisputeStage.Opened => CallbackState.DisputeOpened, DisputeStage.Won => CallbackState.DisputeWon, _ => CallbackState.DisputeLost },
            dispute.Amount, null, dispute.At, null),
        _ => null,
    };

    /// <summary>The reading that it was.</summary>
    public CallbackReading ToReading()
    {
        var merchant = new MerchantIdentity(Merchant);
        DisputeStage? stage = State switch
        {
            CallbackState.DisputeOpened => DisputeStage.Opened,
            CallbackState.DisputeWon => DisputeStage.Won,
            CallbackState.DisputeLost => DisputeStage.Lost,
            _ => null,
        };
        if (stage is { } known) return new CallbackReading.DisputeNews(PaymentNumber, merchant, new(RefundNumber!, known, Amount!.Value, At));
        return RefundNumber is { } refund
            ? new CallbackReading.RefundNews(PaymentNumber, refund, merchant, State switch
            {
                CallbackState.Succeeded => new RefundState.Succeeded(Amount!.Value, At),
                CallbackState.Failed => new RefundState.Failed(FailureCode ?? ""),
                CallbackState.Pending => new RefundState.Pending(),
                CallbackState.NotFound => new RefundState.NotFound(),
                _ => throw new InvalidOperationException($"A refund cannot be {State}."),
            })
            : new CallbackReading.PaymentNews(PaymentNumber, merchant, State switch
            {
                CallbackState.Paid => new PaymentState.Paid(Amount!.Value, TransactionId!, At),
                CallbackState.Closed => new PaymentState.Closed(),
                CallbackState.Pending => new PaymentState.Pending(),
                CallbackState.NotFound => new PaymentState.NotFound(),
                _ => throw new InvalidOperationException($"A payment cannot be {State}."),
            });
    }

    static CallbackNews Plain(CallbackReading.PaymentNews news, CallbackState state) => new(news.PaymentNumber, null, news.Merchant.Id, state, null, null, null, null);

    static CallbackNews Plain(CallbackReading.RefundNews news, CallbackState state) =>
        new(news.PaymentNumber, news.RefundNumber, news.Merchant.Id, state, null, null, null, null);
}

/// <summary>Who handed a callback on again.</summary>
/// <param name="Of">The position of the callback that it repeats.</param>
/// <param name="By">The administrator, as the journal names them.</param>
/// <param name="Note">Why.</param>
public sealed record CallbackReplay(long Of, string By, string Note);

/// <summary>A callback as the inbox keeps it.</summary>
/// <param name="ReceivedAt">When it arrived, or was replayed.</param>
/// <param name="MethodId">Through which method.</param>
/// <param name="HttpMethod">GET or POST.</param>
/// <param name="Content">What may be kept of it.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Rejection">Why it was not believed, in a word; null when it was.</param>
/// <param name="News">What it was read as; null when it was none of our business or not believed.</param>
/// <param name="OrderNumber">The order that its payment's number names; null when it names none.</param>
/// <param name="Replay">Set when it repeats an earlier one.</param>
public sealed record CallbackRecord(
    DateTimeOffset ReceivedAt, string MethodId, string HttpMethod, RedactedCallback Content, CallbackOutcome Outcome, string? Rejection, CallbackNews? News, string? OrderNumber,
    CallbackReplay? Replay = null);

/// <summary>A callback of the inbox and its place in it.</summary>
/// <param name="Position">Its place, which names it.</param>
/// <param name="Record">It.</param>
public sealed record StoredCallback(long Position, CallbackRecord Record);

/// <summary>Where a page of callbacks ended.</summary>
/// <param name="ReceivedAt">When the last one arrived.</param>
/// <param name="Position">Its place.</param>
public readonly record struct CallbackCursor(DateTimeOffset ReceivedAt, long Position);

/// <summary>Which callbacks; what is null does not matter.</summary>
/// <param name="OrderNumber">Of this order.</param>
/// <param name="MethodId">Through this method.</param>
/// <param name="Outcome">With this outcome.</param>
/// <param name="From">Arrived at or after.</param>
/// <param name="To">Arrived before.</param>
public sealed record CallbackFilter(
    string? OrderNumber = null, string? MethodId = null, CallbackOutcome? Outcome = null, DateTimeOffset? From = null, DateTimeOffset? To = null);
