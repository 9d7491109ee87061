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
        ({ } p, UnclaimedPaymentResolved e) => p with
        {
            WorkItems = [.. p.WorkItems.Select(item => item with { ResolvedAt = e.At, Resolution = e.Resolution, ResolvedBy = e.By, Note = e.Note })],
        },
        _ => throw new InvalidOperationException($"{happened.GetType().Name} cannot happen here."),
    };
}

/// <summary>What can happen to unclaimed money.</summary>
/// <param name="At">When.</param>
public abstract record UnclaimedPaymentEvent(DateTimeOffset At);

/// <summary>A provider reported it.</summary>
public sealed record UnclaimedPaymentReported(DateTimeOffset At, string Id, string MethodId, string PaymentNumber, string TransactionId, Money Amount)
    : UnclaimedPaymentEvent(At);

/// <summary>A person decided about it.</summary>
public sealed record UnclaimedPaymentResolved(DateTimeOffset At, WorkItemResolution Resolution, string By, string Note) : UnclaimedPaymentEvent(At);

/// <summary>What can be asked of unclaimed money.</summary>
public abstract record UnclaimedPaymentCommand;

/// <summary>Take note of it.</summary>
public sealed record ReportUnclaimed(string Id, string MethodId, string PaymentNumber, string TransactionId, Money Amount) : UnclaimedPaymentCommand;

/// <summary>Decide about it.</summary>
public sealed record ResolveUnclaimed(WorkItemResolution Resolution, string Note, string By) : UnclaimedPaymentCommand;

/// <summary>Why unclaimed money refused.</summary>
[GenerateSerializer, Immutable, Alias("billing.unclaimed-payment.error")]
public abstract record UnclaimedPaymentError;

/// <summary>There is none.</summary>
[GenerateSerializer, Immutable, Alias("billing.unclaimed-payment.not-found")]
public sealed record UnclaimedNotFound : UnclaimedPaymentError;

/// <summary>It was decided.</summary>
[GenerateSerializer, Immutable, Alias("billing.unclaimed-payment.resolved")]
public sealed record UnclaimedAlreadyResolved : UnclaimedPaymentError;

/// <summary>It can not be decided so: nothing here knows what it was paid for, so a person settles it elsewhere.</summary>
[GenerateSerializer, Immutable, Alias("billing.unclaimed-payment.not-possible")]
public sealed record UnclaimedNotPossible(ImmutableArray<WorkItemResolution> Possible) : UnclaimedPaymentError;

/// <summary>How unclaimed money answers. Pure.</summary>
public static class UnclaimedPaymentRules
{
    /// <summary>How its work item can be decided: nothing here knows what it was paid for, so a person settles it elsewhere.</summary>
    public static readonly ImmutableArray<WorkItemResolution> Possible = [WorkItemResolution.Dismiss];

    /// <summary>What follows from the command.</summary>
    public static Decision<UnclaimedPaymentEvent, UnclaimedPaymentError> Decide(UnclaimedPayment? payment, UnclaimedPaymentCommand command, DateTimeOffset now) =>
        (payment, command) switch
        {
            (null, ReportUnclaimed report) => [new UnclaimedPaymentReported(now, report.Id, report.MethodId, report.PaymentNumber, report.TransactionId, report.Amount)],
            (_, ReportUnclaimed) => [],
            (null, ResolveUnclaimed) => new UnclaimedNotFound(),
            ({ WorkItems: [{ ResolvedAt: not null } item] }, ResolveUnclaimed again) when (item.Resolution, item.ResolvedBy, item.Note) == (again.Resolution, again.By, again.Note) => [],
            ({ WorkItems: [{ ResolvedAt: not null }] }, ResolveUnclaimed) => new UnclaimedAlreadyResolved(),
            (_, ResolveUnclaimed resolve) when !Possible.Contains(resolve.Resolution) => new UnclaimedNotPossible(Possible),
            (_, ResolveUnclaimed resolve) => [new UnclaimedPaymentResolved(now, resolve.Resolution, resolve.By, resolve.Note)],
            _ => throw new InvalidOperationException($"No rule for {command.GetType().Name}."),
        };
}

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
        events: new Dictionary<string, JsonTypeInfo>
        {
            ["UnclaimedPaymentReported"] = UnclaimedPaymentJson.Default.UnclaimedPaymentReported,
            ["UnclaimedPaymentResolved"] = UnclaimedPaymentJson.Default.UnclaimedPaymentResolved,
        });

    static DocumentColumn Column(string name, ColumnType type, Func<UnclaimedPayment, object?> value) =>
        DocumentKind<UnclaimedPayment, UnclaimedPaymentEvent>.Column(name, type, value);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(UnclaimedPayment))]
[JsonSerializable(typeof(UnclaimedPaymentReported))]
[JsonSerializable(typeof(UnclaimedPaymentResolved))]
sealed partial class UnclaimedPaymentJson : JsonSerializerContext;
