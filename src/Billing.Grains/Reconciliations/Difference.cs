using System.Text.Json.Serialization;

namespace Billing.Reconciliations;

/// <summary>In what our books and a provider's can differ.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DifferenceKind>))]
public enum DifferenceKind
{
    /// <summary>Money came there of which nothing was known here.</summary>
    PaidThereNotHere,

    /// <summary>Money is booked here that the provider does not have.</summary>
    PaidHereNotThere,

    /// <summary>The same money, in another amount or currency.</summary>
    AmountDiffers,

    /// <summary>Money went back there, and here it had not.</summary>
    RefundedThereNotHere,

    /// <summary>A refund is booked here as done, and there it is unknown, failed or not done.</summary>
    RefundedHereNotThere,

    /// <summary>The same refund, in another amount or currency.</summary>
    RefundAmountDiffers,

    /// <summary>The payment is closed there and was open here.</summary>
    ClosedThereOpenHere,

    /// <summary>The payment is closed here, and there it can still be paid.</summary>
    OpenThereClosedHere,

    /// <summary>Money came there for an order or payment that does not exist here.</summary>
    UnknownPayment,

    /// <summary>Money went back there of a payment that does not exist here, or was never paid.</summary>
    UnknownRefund,

    /// <summary>A work item says that the books differ, and they do not any more.</summary>
    AgreesNow,
}

/// <summary>What became of a difference.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DifferenceEnd>))]
public enum DifferenceEnd
{
    /// <summary>The order took the provider's word for it: nobody need do anything.</summary>
    Healed,

    /// <summary>A work item waits for a person, from now or from before.</summary>
    WorkItem,

    /// <summary>It is said here and nowhere else.</summary>
    Noted,
}

/// <summary>A difference as a report lists it.</summary>
/// <param name="Kind">In what.</param>
/// <param name="End">What became of it.</param>
/// <param name="OrderNumber">Of which order; null when there is none.</param>
/// <param name="PaymentNumber">The payment's number at the provider.</param>
/// <param name="RefundNumber">The refund's number; null when it is about none.</param>
/// <param name="TransactionId">The provider's number for the money; null when it has none.</param>
/// <param name="Here">How much our books have; null for nothing.</param>
/// <param name="There">How much the provider's have; null for nothing.</param>
public sealed record Difference(
    DifferenceKind Kind, DifferenceEnd End, string? OrderNumber, string PaymentNumber, string? RefundNumber, string? TransactionId, Money? Here, Money? There);

/// <summary>A difference that a person must look at, as it is told to its order.</summary>
/// <param name="Kind">In what.</param>
/// <param name="Ordinal">Of which payment.</param>
/// <param name="RefundNumber">Of which refund; null when it is about none.</param>
/// <param name="TransactionId">The provider's number for the money; null when it has none.</param>
/// <param name="Here">How much our books have; null for nothing.</param>
/// <param name="There">How much the provider's have; null for nothing.</param>
[GenerateSerializer, Immutable, Alias("billing.records-difference")]
public sealed record RecordsDifference(DifferenceKind Kind, int Ordinal, string? RefundNumber, string? TransactionId, Money? Here, Money? There)
{
    /// <summary>What makes it the same difference when it is found again; stored, so it never follows a rename.</summary>
    public string Key => string.Create(
        System.Globalization.CultureInfo.InvariantCulture, $"{Kind}/{Ordinal}/{RefundNumber}/{TransactionId}/{Here?.MinorUnits}{Here?.Currency}/{There?.MinorUnits}{There?.Currency}");

    /// <summary>What a person reads.</summary>
    public string Detail => Kind switch
    {
        DifferenceKind.PaidHereNotThere => $"{Here} of payment {Ordinal} is booked here as {TransactionId}, and the provider has not received it.",
        DifferenceKind.AmountDiffers => $"{TransactionId} of payment {Ordinal} is {Here} here and {There} at the provider.",
        DifferenceKind.RefundedHereNotThere => $"The refund {RefundNumber} of {Here} is booked here as done, and the provider has not done it.",
        DifferenceKind.RefundAmountDiffers => $"The refund {RefundNumber} is {Here} here and {There} at the provider.",
        DifferenceKind.RefundedThereNotHere => $"{There} went back at the provider as {RefundNumber}, which does not fit what is booked here.",
        DifferenceKind.PaidThereNotHere => $"{There} came at the provider as {TransactionId} for payment {Ordinal}, which is not booked here.",
        DifferenceKind.OpenThereClosedHere => $"Payment {Ordinal} is closed here, and at the provider it can still be paid.",
        _ => $"The provider's records of payment {Ordinal} differ from ours.",
    };
}
