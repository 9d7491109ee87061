using System.Buffers;
using System.Text.Json.Serialization;

namespace Billing.Channels.Sandbox;

/// <summary>Asks for a payment that a phone can scan.</summary>
sealed record SandboxPaymentBody(string Number, long AmountMinor, string Currency, string Subject, long ExpiresAt, string ReturnUrl, string NotifyUrl);

/// <summary>What the provider says of a payment. The amount is what was paid, once something was; the first movement of money is the one that counts.</summary>
sealed record SandboxPaymentAnswer(
    string Number, string Merchant, string State, long AmountMinor, string Currency, string? TransactionId, DateTimeOffset? At, string? PayUrl,
    IReadOnlyList<SandboxTransaction>? Transactions);

/// <summary>One movement of money.</summary>
sealed record SandboxTransaction(string TransactionId, long AmountMinor, string Currency, DateTimeOffset At);

/// <summary>Asks for a refund of one movement of money.</summary>
sealed record SandboxRefundBody(string RefundNumber, string TransactionId, long AmountMinor, string Currency);

/// <summary>Has a payer dispute a payment, or ends the dispute: nobody's API has this but a sandbox's.</summary>
sealed record SandboxDisputeBody(string State, long? AmountMinor);

/// <summary>What the provider says of a dispute.</summary>
sealed record SandboxDisputeAnswer(string Number, string Merchant, string DisputeId, string State, long AmountMinor, string Currency);

/// <summary>What the provider says of a refund.</summary>
sealed record SandboxRefundAnswer(
    string Number, string Merchant, string RefundNumber, string TransactionId, string State, long AmountMinor, string Currency, DateTimeOffset? At);

/// <summary>A page of a bill: the movements of one merchant's money, in the period that was asked for.</summary>
sealed record SandboxBillAnswer(string Merchant, string Period, IReadOnlyList<SandboxBillLine> Lines, string? Next);

/// <summary>A movement of money in a bill; with a refund's number it is one that went back.</summary>
sealed record SandboxBillLine(string Number, string TransactionId, string? RefundNumber, long AmountMinor, string Currency, DateTimeOffset At);

/// <summary>Why not.</summary>
sealed record SandboxErrorAnswer(string Code);

/// <summary>A callback, for a payment, for a refund or for a dispute.</summary>
sealed record SandboxNews(
    string Event, string Number, string Merchant, string? RefundNumber, string State, long AmountMinor, string Currency, string? TransactionId, DateTimeOffset? At,
    string? DisputeId = null);

/// <summary>The words of the sandbox's API, its news and its addresses.</summary>
static class SandboxWords
{
    internal const string Pending = "pending";
    internal const string Paid = "paid";
    internal const string Closed = "closed";
    internal const string Succeeded = "succeeded";
    internal const string Failed = "failed";
    internal const string Opened = "opened";
    internal const string Won = "won";
    internal const string Lost = "lost";

    internal const string PaymentEvent = "payment";
    internal const string RefundEvent = "refund";
    internal const string DisputeEvent = "dispute";

    internal const string Acknowledged = "success";
    internal const string NotAcknowledged = "fail";

    internal const int LongestNumber = 64;
    internal const int LongestTransactionId = 128;
    internal const int LongestBody = 64 * 1024;

    /// <summary>What of its news says nothing about a person: our own numbers, the provider's for the money, amounts and moments.</summary>
    internal static readonly HashSet<string> HarmlessFields =
        ["event", "number", "merchant", "refundNumber", "disputeId", "state", "amountMinor", "currency", "transactionId", "at"];

    static readonly SearchValues<char> NumberCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Whether this can be a number of a payment or of a refund: it goes into addresses as it is.</summary>
    internal static bool IsNumber(string? text) =>
        text is { Length: > 0 and <= LongestNumber } && !text.AsSpan().ContainsAnyExcept(NumberCharacters);

    /// <summary>
    /// What is signed of the address that opens a payment. Made from the values, not from the address as it arrived, because browsers and proxies may write
    /// the same value in another way.
    /// </summary>
    internal static string EntryText(
        string path, string number, string merchant, string amount, string currency, string subject, string expires, string returnUrl, string notifyUrl) =>
        $"{path}?number={Escape(number)}&merchant={Escape(merchant)}&amount={Escape(amount)}&currency={Escape(currency)}&subject={Escape(subject)}"
        + $"&expires={Escape(expires)}&return={Escape(returnUrl)}&notify={Escape(notifyUrl)}";

    static string Escape(string value) => Uri.EscapeDataString(value);
}

/// <summary>The provider's codes.</summary>
static class SandboxCodes
{
    internal const string InvalidRequest = "INVALID_REQUEST";
    internal const string SignatureInvalid = "SIGNATURE_INVALID";
    internal const string TimestampInvalid = "TIMESTAMP_INVALID";
    internal const string PaymentNotFound = "PAYMENT_NOT_FOUND";
    internal const string RefundNotFound = "REFUND_NOT_FOUND";
    internal const string TransactionNotFound = "TRANSACTION_NOT_FOUND";
    internal const string AlreadyPaid = "ALREADY_PAID";
    internal const string AlreadyClosed = "ALREADY_CLOSED";
    internal const string NumberConflict = "NUMBER_CONFLICT";
    internal const string RefundConflict = "REFUND_CONFLICT";
    internal const string RefundTooLarge = "REFUND_TOO_LARGE";
    internal const string TooManyMovements = "TOO_MANY_MOVEMENTS";
    internal const string InsufficientFunds = "INSUFFICIENT_FUNDS";
    internal const string DisputeNotFound = "DISPUTE_NOT_FOUND";
    internal const string BillNotReady = "BILL_NOT_READY";
}

/// <summary>The sandbox's JSON. A name that comes twice is refused; one that is missing is null, whatever the shape says, so that its reader has to look.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowDuplicateProperties = false,
    RespectNullableAnnotations = true, MaxDepth = 8)]
[JsonSerializable(typeof(SandboxPaymentBody))]
[JsonSerializable(typeof(SandboxPaymentAnswer))]
[JsonSerializable(typeof(SandboxRefundBody))]
[JsonSerializable(typeof(SandboxRefundAnswer))]
[JsonSerializable(typeof(SandboxDisputeBody))]
[JsonSerializable(typeof(SandboxDisputeAnswer))]
[JsonSerializable(typeof(SandboxBillAnswer))]
[JsonSerializable(typeof(SandboxErrorAnswer))]
[JsonSerializable(typeof(SandboxNews))]
sealed partial class SandboxJson : JsonSerializerContext;
