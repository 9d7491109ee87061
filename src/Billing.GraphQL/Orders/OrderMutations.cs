using Billing.Orders;
using Domain = Billing.Orders;

namespace Billing.GraphQL.Orders;

/// <summary>Buyers place, pay and cancel orders.</summary>
[MutationType]
[Authorize]
public static class OrderMutations
{
    /// <summary>Places an order. The same key gives the same order, or the same refusal, for ever.</summary>
    [Counted(PurchaseLimits.Orders)]
    public static async Task<PlaceOrderPayload> PlaceOrder(
        PlaceOrderInput input, Viewer viewer, IGrainFactory grains, Storage.Orders.OrderReader orders, TimeProvider time, ClientInfo client, CancellationToken cancel)
    {
        var (account, language) = (Checked.AccountOf(viewer), Language.Of(client));
        var wish = new OrderWish(
            account, Checked.Key(input.IdempotencyKey), Checked.NameOrNone(input.PlanSlug), input.Amount?.ToDomain(),
            input.MethodId is null ? null : Checked.NameOrNone(input.MethodId), input.ExpectedPrice?.ToDomain());
        var reply = await grains.GetGrain<IOrderGrain>(OrderNumber.Of(account, wish.IdempotencyKey)).Place(wish);
        return reply switch
        {
            { Value: { } placed } => new(Order.Of(placed.Order, language, time.GetUtcNow()), placed.Replayed, null),
            { Refusal: Domain.TooManyOpenOrders many } => new(null, false, [await Show(many)]),
            _ => new(null, false, [OrderErrors.Of<IPlaceOrderError>(reply.Refusal!, language)]),
        };

        async Task<IPlaceOrderError> Show(Domain.TooManyOpenOrders many)
        {
            var open = await orders.Find(many.OpenOrders, cancel);
            return OrderErrors.TooManyOpenOrders(many.Limit, [.. open.Values.Select(order => Order.Of(order, language, time.GetUtcNow()))], language);
        }
    }

    /// <summary>Starts a payment. Repeating it for the same method gives the same payment while that one is open.</summary>
    [Counted(PurchaseLimits.Payments)]
    public static async Task<StartPaymentPayload> StartPayment(StartPaymentInput input, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client)
    {
        var (order, error) = await Ask<IStartPaymentError>(
            input.OrderNumber, grains, time, client, grain => grain.StartPayment(Checked.NameOrNone(input.MethodId), viewer.Actor));
        return new(order, error);
    }

    /// <summary>Asks the provider now instead of waiting for its callback.</summary>
    [Counted(PurchaseLimits.Payments)]
    public static async Task<RefreshPaymentPayload> RefreshPayment(RefreshPaymentInput input, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client)
    {
        var (order, error) = await Ask<IRefreshPaymentError>(input.OrderNumber, grains, time, client, grain => grain.Refresh(viewer.Actor));
        return new(order, error);
    }

    /// <summary>Cancels an order that is not paid. Money that still comes is credited.</summary>
    public static async Task<CancelOrderPayload> CancelOrder(CancelOrderInput input, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client)
    {
        var (order, error) = await Ask<ICancelOrderError>(input.OrderNumber, grains, time, client, grain => grain.Cancel(viewer.Actor));
        return new(order, error);
    }

    internal static async Task<(Order? Order, IReadOnlyList<T>? Errors)> Ask<T>(
        string number, IGrainFactory grains, TimeProvider time, ClientInfo client, Func<IOrderGrain, Task<Reply<Versioned<Domain.Order>, OrderError>>> ask)
        where T : class
    {
        var language = Language.Of(client);
        // A typing error costs no look-up.
        var reply = OrderKey.Of(number) is { } key ? await ask(grains.GetGrain<IOrderGrain>(key)) : new Domain.OrderNotFound();
        return reply.Value is { } order ? (Order.Of(order, language, time.GetUtcNow()), null) : (null, [OrderErrors.Of<T>(reply.Refusal!, language)]);
    }
}

static class OrderKey
{
    /// <summary>The number in an argument, which is the number itself or a global id; null when it can be no order's.</summary>
    public static string? Of(string argument) =>
        // A number comes first: one in some thousands is base64 of something with a colon. No order's global id is as short as a number.
        OrderNumber.IsValid(argument) ? argument : GlobalId.KeyOf(nameof(Order), argument) is { } key && OrderNumber.IsValid(key) ? key : null;
}

/// <summary>A wish for an order.</summary>
/// <param name="PlanSlug">Which plan.</param>
/// <param name="Amount">Only for a plan with a custom amount.</param>
/// <param name="MethodId">Starts a payment at once when given.</param>
/// <param name="ExpectedPrice">Refused with PriceChanged when the price is no longer this, the price the buyer saw.</param>
/// <param name="IdempotencyKey">Chosen and written down by the caller before the first attempt; the same for every retry of this one wish, a new one for a new wish. It never expires.</param>
public sealed record PlaceOrderInput(string PlanSlug, MoneyInput? Amount, [property: Id] string? MethodId, MoneyInput? ExpectedPrice, string IdempotencyKey);

/// <summary>What placing an order led to.</summary>
/// <param name="Order">The order.</param>
/// <param name="Replayed">True when this key had placed it before.</param>
/// <param name="Errors">Why not.</param>
public sealed record PlaceOrderPayload(Order? Order, bool Replayed, IReadOnlyList<IPlaceOrderError>? Errors);

/// <summary>A payment to start.</summary>
/// <param name="OrderNumber">Of which order.</param>
/// <param name="MethodId">Through which method.</param>
public sealed record StartPaymentInput([property: Id] string OrderNumber, [property: Id] string MethodId);

/// <summary>What starting a payment led to.</summary>
/// <param name="Order">The order; its payment has no address yet when the provider's answer is still awaited.</param>
/// <param name="Errors">Why not.</param>
public sealed record StartPaymentPayload(Order? Order, IReadOnlyList<IStartPaymentError>? Errors);

/// <summary>A payment to ask about.</summary>
/// <param name="OrderNumber">Of which order.</param>
public sealed record RefreshPaymentInput([property: Id] string OrderNumber);

/// <summary>What asking the provider led to.</summary>
/// <param name="Order">The order.</param>
/// <param name="Errors">Why not.</param>
public sealed record RefreshPaymentPayload(Order? Order, IReadOnlyList<IRefreshPaymentError>? Errors);

/// <summary>An order to cancel.</summary>
/// <param name="OrderNumber">Which order.</param>
public sealed record CancelOrderInput([property: Id] string OrderNumber);

/// <summary>What cancelling led to.</summary>
/// <param name="Order">The order.</param>
/// <param name="Errors">Why not.</param>
public sealed record CancelOrderPayload(Order? Order, IReadOnlyList<ICancelOrderError>? Errors);
