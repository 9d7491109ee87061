using System.Collections.Immutable;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Billing.Orders;

namespace Billing.Unclaimed;

/// <summary>Money that a provider reported for an order or payment that does not exist here: a person finds out whose it is.</summary>
/// <param name="Id">The method and the provider's number for the money.</param>
/// <param name="MethodId">Through which method.</param>
/// <param name="PaymentNumber">The number that the provider named.</param>
/// <param name="TransactionId">The provider's number for the money.</param>
/// <param name="Amount">How much.</param>
/// <param name="WorkItems">The one work item.</param>
/// <param name="CreatedAt">When it was reported.</param>
[GenerateSerializer, Immutable, Alias("billing.unclaimed-payment")]
public sealed record UnclaimedPayment(
    string Id, string MethodId, string PaymentNumber, string TransactionId, Money Amount, ImmutableArray<WorkItem> WorkItems, DateTimeOffset CreatedAt)
{
    /// <summary>The payment after one more event.</summary>
    public static UnclaimedPayment After(UnclaimedPayment? payment, UnclaimedPaymentEvent happened) => (payment, happened) switch
    {
        (null, UnclaimedPaymentReported e) => new(
            e.Id, e.MethodId, e.PaymentNumber, e.TransactionId, e.Amount,
            [new($"{e.Id}-1", WorkItemKind.UnknownOrder, $"{e.Amount} came through {e.MethodId} for payment {e.PaymentNumber}, which does not exist.", e.At, null)],
            e.At),
        _ => throw new InvalidOperationException($"{happened.GetType().Name} cannot happen here."),
    };
}

/// <summary>What can happen to unclaimed money.</summary>
/// <param name="At">When.</param>
public abstract record UnclaimedPaymentEvent(DateTimeOffset At);

/// <summary>A provider reported it.</summary>
public sealed record UnclaimedPaymentReported(DateTimeOffset At, string Id, string MethodId, string PaymentNumber, string TransactionId, Money Amount)
    : UnclaimedPaymentEvent(At);

/// <summary>Take note of it.</summary>
public sealed record ReportUnclaimed(string Id, string MethodId, string PaymentNumber, string TransactionId, Money Amount);

/// <summary>Unclaimed money refuses nothing.</summary>
[GenerateSerializer, Immutable, Alias("billing.unclaimed-payment.error")]
public abstract record UnclaimedPaymentError;

/// <summary>The pinned storage of unclaimed payments.</summary>
public static class UnclaimedPaymentDocument
{
    /// <summary>The noun, which is the grain type's name.</summary>
    public const string Noun = "unclaimed-payment";

    /// <summary>The longest text of a provider's that is kept.</summary>
    public const int MaxText = 100;

    /// <summary>Its storage.</summary>
    public static readonly DocumentKind<UnclaimedPayment, UnclaimedPaymentEvent> Kind = new(
        Noun,
        "unclaimed_payments",
        UnclaimedPaymentJson.Default.UnclaimedPayment,
        UnclaimedPayment.After,
        nextDeadline: _ => null,
        reference: _ => null,
        columns:
        [
            Column("method_id", ColumnType.Text, payment => payment.MethodId),
            Column("created_at", ColumnType.Time, payment => payment.CreatedAt),
            Column("open_work_items", ColumnType.Long, payment => payment.WorkItems.LongCount(item => item.ResolvedAt is null)),
        ],
        events: new Dictionary<string, JsonTypeInfo> { ["UnclaimedPaymentReported"] = UnclaimedPaymentJson.Default.UnclaimedPaymentReported });

    static DocumentColumn Column(string name, ColumnType type, Func<UnclaimedPayment, object?> value) =>
        DocumentKind<UnclaimedPayment, UnclaimedPaymentEvent>.Column(name, type, value);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(UnclaimedPayment))]
[JsonSerializable(typeof(UnclaimedPaymentReported))]
sealed partial class UnclaimedPaymentJson : JsonSerializerContext;
