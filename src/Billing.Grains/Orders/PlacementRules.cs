using System.Collections.Immutable;
using Billing.Catalog;

namespace Billing.Orders;

/// <summary>Whether a wish becomes an order. Pure. A refusal is stored too: the same key gives the same answer for ever, and a new wish takes a new key.</summary>
public static class PlacementRules
{
    /// <summary>What follows from the wish.</summary>
    public static Decision<OrderEvent, OrderError> Decide(Order? order, PlaceOrder place, DateTimeOffset now) => order switch
    {
        null => [.. Place(place, now)],
        _ when order.Wish.Differences(place.Wish) is { IsEmpty: false } differs => new IdempotencyKeyReused(differs),
        { Refusal: { } remembered } => remembered,
        _ => [],
    };

    static IEnumerable<OrderEvent> Place(PlaceOrder place, DateTimeOffset now)
    {
        if (Refuse(place, now) is { } refusal) return [new OrderRefused(now, place.Number, place.Wish, refusal)];
        var plan = place.Plan!;
        var amount = place.Wish.Amount ?? plan.Terms.Price;
        var placed = new OrderPlaced(
            now, place.Number, place.Wish, new(plan.Slug, plan.Terms.Name, Grants(plan.Terms, amount), plan.Stock is not null), amount, place.ExpiresAt,
            place.OpenSlot!.Value, place.PurchaseSlot);
        return place.Start is { } start && !placed.Plan.CountsStock ? [placed, PaymentRules.Started(start, 1, amount, place.ExpiresAt, now)] : [placed];
    }

    // In the order in which refusals take precedence.
    static OrderError? Refuse(PlaceOrder place, DateTimeOffset now) => (place.Plan, place.Wish) switch
    {
        (null, _) => new PlanNotFound(),
        ({ } plan, _) when !plan.Terms.IsOnSale(now) => new PlanNotOnSale(),
        ({ Terms: { CustomAmount: null, Price: var price } }, { Amount: { } amount }) when amount != price => new AmountOutOfRange(price, price),
        ({ Terms.CustomAmount: { } custom }, { Amount: var amount }) when !Fits(custom, amount) => new AmountOutOfRange(custom.Minimum, custom.Maximum),
        ({ Terms: { CustomAmount: null, Price: var price } }, { ExpectedPrice: { } expected }) when expected != price => new PriceChanged(price),
        ({ Terms.CustomAmount: not null }, { ExpectedPrice: { } expected, Amount: { } amount }) when expected != amount => new PriceChanged(amount),
        ({ Stock: <= 0 }, _) => new PlanSoldOut(),
        ({ Terms.PurchaseLimitPerAccount: { } limit }, _) when place.PurchaseSlot is null => new PurchaseLimitReached(limit),
        _ when place.Start is { Merchant: null } => new PaymentMethodUnavailable(),
        _ when place.OpenSlot is null => place.Limit,
        _ => null,
    };

    static bool Fits(CustomAmount custom, Money? amount) =>
        amount is { } chosen
        && chosen.Currency == custom.Minimum.Currency
        && chosen.MinorUnits >= custom.Minimum.MinorUnits
        && chosen.MinorUnits <= custom.Maximum.MinorUnits;

    static ImmutableArray<Grant> Grants(PlanTerms terms, Money amount) =>
        terms.CustomAmount is { } custom && custom.CreditsFor(amount) is { IsGrantable: true } credits
            ? terms.Grants.Insert(0, new CreditGrant(credits, custom.ValidDays))
            : terms.Grants;
}
