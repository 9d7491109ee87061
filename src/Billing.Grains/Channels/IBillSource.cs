namespace Billing.Channels;

/// <summary>A channel whose provider lists its movements of money, in a file or page by page. With it, money that no order here knows is found too.</summary>
public interface IBillSource
{
    /// <summary>
    /// Every movement from a moment on and before another, each once, in any order. A provider whose files have days of their own, or payments and refunds apart, is
    /// put together by the channel. What was given can be given again: the reader begins anew after a fault.
    /// </summary>
    /// <exception cref="BillUnavailableException">The bill, or the rest of it, is not to be had now.</exception>
    IAsyncEnumerable<BillLine> Bill(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation);
}

/// <summary>One movement of money, as the provider's books have it.</summary>
/// <param name="PaymentNumber">Our number of the payment, as the provider repeats it.</param>
/// <param name="Merchant">Whose account at the provider it moved on.</param>
/// <param name="TransactionId">The provider's number for the payment's money.</param>
/// <param name="RefundNumber">The number of the refund; null for money that came.</param>
/// <param name="Amount">How much.</param>
/// <param name="At">When, if the provider says.</param>
public sealed record BillLine(string PaymentNumber, MerchantIdentity Merchant, string TransactionId, string? RefundNumber, Money Amount, DateTimeOffset? At);

/// <summary>A bill is not to be had now: not made yet, or its provider does not answer. Asking again later is right.</summary>
/// <param name="kind">What was seen.</param>
/// <param name="message">In words.</param>
public sealed class BillUnavailableException(UnknownKind kind, string message) : Exception(message)
{
    /// <summary>What was seen.</summary>
    public UnknownKind Kind => kind;
}
