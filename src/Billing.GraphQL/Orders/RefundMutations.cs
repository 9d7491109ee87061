using Billing.Orders;
using Domain = Billing.Orders;

namespace Billing.GraphQL.Orders;

/// <summary>Buyers ask for money back; administrators decide.</summary>
[MutationType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class RefundMutations
{
    /// <summary>Asks for money back. What was granted for it is held from then on, until it is decided. The same key asks once.</summary>
    [Authorize]
    public static async Task<RequestRefundPayload> RequestRefund(RequestRefundInput input, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client)
    {
        var (key, reason) = (Checked.Key(input.IdempotencyKey), Checked.Note(input.Reason));
        // An administrator's own order is an account's as any other.
        var by = Actor.Account(Checked.AccountOf(viewer));
        var (order, error) = await OrderMutations.Ask<IRequestRefundError>(
            input.OrderNumber, grains, time, client, grain => grain.RequestRefund(key, input.Amount?.ToDomain(), reason, by));
        return new(order, error);
    }

    /// <summary>Takes the open request back. What was held can be spent again.</summary>
    [Authorize]
    public static async Task<WithdrawRefundRequestPayload> WithdrawRefundRequest(
        WithdrawRefundRequestInput input, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client)
    {
        var by = Actor.Account(Checked.AccountOf(viewer));
        var (order, error) = await OrderMutations.Ask<IWithdrawRefundRequestError>(input.OrderNumber, grains, time, client, grain => grain.WithdrawRefund(by));
        return new(order, error);
    }

    /// <summary>Approves a refund, whole or in part. Above the configured amount a second administrator must approve the same amount; until then it stays requested.</summary>
    public static async Task<ApproveRefundPayload> ApproveRefund(ApproveRefundInput input, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client)
    {
        var note = Checked.Note(input.Note);
        var (refund, error) = await Decide(
            input.RefundId, viewer, grains, time, client, (grain, number) => grain.ApproveRefund(number, input.ExpectedVersion, input.Amount?.ToDomain(), note, viewer.Actor));
        return new(refund, error);
    }

    /// <summary>Rejects a refund. The buyer reads the reason, and what was held can be spent again.</summary>
    public static async Task<RejectRefundPayload> RejectRefund(RejectRefundInput input, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client)
    {
        var reason = Checked.Note(input.Reason);
        var (refund, error) = await Decide(
            input.RefundId, viewer, grains, time, client, (grain, number) => grain.RejectRefund(number, input.ExpectedVersion, reason, viewer.Actor));
        return new(refund, error);
    }

    /// <summary>Gives money back without a request; also of an order that is paid and could not be credited, which then is given back whole. The same key gives it once.</summary>
    public static async Task<RefundOrderPayload> RefundOrder(RefundOrderInput input, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client)
    {
        var language = Language.Of(client);
        var (key, note, by) = (Checked.Key(input.IdempotencyKey), Checked.Note(input.Note), viewer.Actor);
        var reply = OrderKey.Of(input.OrderNumber) is { } number
            ? await grains.GetGrain<IOrderGrain>(number).RefundOrder(key, input.Amount.ToDomain(), note, input.EvenIfSpent ?? false, by)
            : new Domain.OrderNotFound();
        if (reply.Value is not { } stored) return new(null, [OrderErrors.Of<IRefundDecisionError>(reply.Refusal!, language)]);
        var refund = stored.State.Refunds.Last(one => one.RequestedBy == by.Name && one.Key == key);
        return new(Refund.From(refund, Order.Of(stored, language, time.GetUtcNow()), viewer), null);
    }

    static async Task<(Refund? Refund, IReadOnlyList<IRefundDecisionError>? Errors)> Decide(
        string refundId, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client,
        Func<IOrderGrain, string, Task<Reply<Versioned<Domain.Order>, OrderError>>> decide)
    {
        var language = Language.Of(client);
        var number = GlobalId.KeyOf(nameof(Refund), refundId);
        var reply = OrderNumber.TryParseRefund(number, out var order) ? await decide(grains.GetGrain<IOrderGrain>(order), number!) : new Domain.RefundNotFound();
        return reply switch
        {
            { Value: { } stored } => (Refund.From(stored.State.FindRefund(number!)!, Order.Of(stored, language, time.GetUtcNow()), viewer), null),
            // The number is of an order that there is not.
            { Refusal: Domain.OrderNotFound } => (null, [OrderErrors.Of<IRefundDecisionError>(new Domain.RefundNotFound(), language)]),
            _ => (null, [OrderErrors.Of<IRefundDecisionError>(reply.Refusal!, language)]),
        };
    }
}

/// <summary>Money to ask back.</summary>
/// <param name="IdempotencyKey">The buyer's own name for this request.</param>
/// <param name="OrderNumber">Of which order.</param>
/// <param name="Amount">How much; all that is left when not given.</param>
/// <param name="Reason">Why.</param>
public sealed record RequestRefundInput(string IdempotencyKey, [property: Id] string OrderNumber, MoneyInput? Amount, string Reason);

/// <summary>What asking for money back led to.</summary>
/// <param name="Order">The order.</param>
/// <param name="Errors">Why not.</param>
public sealed record RequestRefundPayload(Order? Order, IReadOnlyList<IRequestRefundError>? Errors);

/// <summary>A request to take back.</summary>
/// <param name="OrderNumber">Of which order.</param>
public sealed record WithdrawRefundRequestInput([property: Id] string OrderNumber);

/// <summary>What taking it back led to.</summary>
/// <param name="Order">The order.</param>
/// <param name="Errors">Why not.</param>
public sealed record WithdrawRefundRequestPayload(Order? Order, IReadOnlyList<IWithdrawRefundRequestError>? Errors);

/// <summary>A refund to approve.</summary>
/// <param name="RefundId">Which one.</param>
/// <param name="ExpectedVersion">Its version as the administrator saw it.</param>
/// <param name="Amount">The whole request when not given.</param>
/// <param name="Note">Why, for the journal.</param>
public sealed record ApproveRefundInput([property: Id] string RefundId, long ExpectedVersion, MoneyInput? Amount, string Note);

/// <summary>What approving led to.</summary>
/// <param name="Refund">The refund; still requested when a second administrator must approve it.</param>
/// <param name="Errors">Why not.</param>
public sealed record ApproveRefundPayload(Refund? Refund, IReadOnlyList<IRefundDecisionError>? Errors);

/// <summary>A refund to reject.</summary>
/// <param name="RefundId">Which one.</param>
/// <param name="ExpectedVersion">Its version as the administrator saw it.</param>
/// <param name="Reason">The buyer reads it.</param>
public sealed record RejectRefundInput([property: Id] string RefundId, long ExpectedVersion, string Reason);

/// <summary>What rejecting led to.</summary>
/// <param name="Refund">The refund.</param>
/// <param name="Errors">Why not.</param>
public sealed record RejectRefundPayload(Refund? Refund, IReadOnlyList<IRefundDecisionError>? Errors);

/// <summary>A refund that nobody asked for.</summary>
/// <param name="OrderNumber">Of which order.</param>
/// <param name="Amount">How much.</param>
/// <param name="Note">Why, for the journal.</param>
/// <param name="EvenIfSpent">Gives it back although what was granted is spent: only what is left of it is taken back.</param>
/// <param name="IdempotencyKey">The administrator's own name for this refund.</param>
public sealed record RefundOrderInput(
    [property: Id] string OrderNumber, MoneyInput Amount, string Note, [property: System.ComponentModel.DefaultValue(false)] bool? EvenIfSpent, string IdempotencyKey);

/// <summary>What giving money back led to.</summary>
/// <param name="Refund">The refund.</param>
/// <param name="Errors">Why not.</param>
public sealed record RefundOrderPayload(Refund? Refund, IReadOnlyList<IRefundDecisionError>? Errors);
