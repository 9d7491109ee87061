using Billing.Reconciliations;
using Billing.Storage.Audit;
using Billing.Storage.Reconciliations;

namespace Billing.GraphQL.Reconciliations;

/// <summary>A day is compared with a provider's own records.</summary>
[MutationType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class ReconciliationMutations
{
    // What the audit calls it; stored, so it never follows a rename.
    const string Act = "ReconciliationRequested";
    const string Noun = "reconciliation";

    /// <summary>
    /// Administrators: has a day that is over compared now, which is done every night as well. A day that was compared is compared anew; one that is being compared goes
    /// on. What is found a second time opens no second work item. It goes on by itself: look at its progress.
    /// </summary>
    public static async Task<ReconcilePayload> Reconcile(
        ReconcileInput input, Viewer viewer, IGrainFactory grains, ReconciliationReader reconciliations, ActStore acts, TimeProvider time, ClientInfo client,
        CancellationToken cancel)
    {
        var (language, method) = (Language.Of(client), Checked.NameOrNone(input.MethodId));
        var day = ReconciliationKey.Day(input.Day) ?? throw new BadRequestFault("A day is written as 2026-01-31.");
        if (method.Length == 0) return new(null, null, [ReconciliationErrors.Of(new ReconciliationMethodUnknown(), language)]);
        await acts.Write(
            time.GetUtcNow(), viewer.Actor, Noun, ReconciliationKey.Of(method, ReconciliationKey.Text(day)), Act, new Dictionary<string, string?>(), cancel);
        var reply = await grains.GetGrain<IReconciliationGrain>(method).Begin(day, viewer.Actor);
        if (reply.Refusal is { } refusal) return new(null, null, [ReconciliationErrors.Of(refusal, language)]);
        return new(await reconciliations.Find(method, day, cancel) is { } report ? Reconciliation.Of(report) : null, reply.Value!.Anew, null);
    }
}

/// <summary>A day to compare.</summary>
/// <param name="MethodId">Of which payment method.</param>
/// <param name="Day">Which day, as <c>2026-01-31</c>.</param>
public sealed record ReconcileInput([property: Id] string MethodId, string Day);

/// <summary>What comparing a day led to.</summary>
/// <param name="Reconciliation">How it goes.</param>
/// <param name="Begun">Whether this has begun it; false when it was under way already.</param>
/// <param name="Errors">Why not.</param>
public sealed record ReconcilePayload(Reconciliation? Reconciliation, bool? Begun, IReadOnlyList<IReconcileError>? Errors);

/// <summary>Why a day is not compared.</summary>
[UnionType]
public interface IReconcileError;

/// <summary>No payment method with this id is configured.</summary>
public sealed record PaymentMethodNotFound(string Message, string Code) : IError, IReconcileError;

/// <summary>The day is not over.</summary>
/// <param name="Message">What happened, and what to do.</param>
/// <param name="Code">For programs.</param>
/// <param name="EndsAt">When it is.</param>
public sealed record DayNotOver(string Message, string Code, DateTimeOffset EndsAt) : IError, IReconcileError;

static class ReconciliationErrors
{
    public static IReconcileError Of(ReconciliationError refusal, Language language) => refusal switch
    {
        ReconciliationMethodUnknown => new PaymentMethodNotFound(
            language.Say("No payment method with this id is configured. Check it.", "没有配置该支付方式，请核对其标识。"), "PAYMENT_METHOD_NOT_FOUND"),
        ReconciliationDayNotOver e => new DayNotOver(
            language.Say("The day is not over. Wait for its end.", "该日尚未结束，请在结束后再对账。"), "DAY_NOT_OVER", e.EndsAt),
        _ => throw new InvalidOperationException($"{refusal.GetType().Name} is not shown."),
    };
}
