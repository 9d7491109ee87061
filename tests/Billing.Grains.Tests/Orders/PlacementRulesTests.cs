using Billing.Catalog;
using Billing.Orders;
using static Billing.Tests.Orders.OrderSamples;

namespace Billing.Tests.Orders;

public class PlacementRulesTests
{
    static readonly Money Dear = new(2990, "CNY");
    static readonly CustomAmount Range = new(new(100, "CNY"), new(100_000, "CNY"), 50m, [new(new(10_000, "CNY"), 10m)], 90);
    static readonly Plan TopUp = Starter with { Terms = Terms with { CustomAmount = Range, Grants = [new SubscriptionGrant("pro", 7)] } };
    static readonly Plan Limited = Starter with { Stock = 5, Terms = Terms with { PurchaseLimitPerAccount = 2 } };

    [Fact]
    public void An_order_takes_the_price_and_the_grants_of_that_moment() => Given().When(Place()).Then(Ordered);

    [Fact]
    public void An_order_can_start_its_payment_at_once() =>
        Given().When(Place(start: Start())).Then(Ordered, Started()).And(order => Assert.Equal(PaymentStatus.Pending, order.Payment));

    [Fact]
    public void A_counted_plans_payment_waits_for_the_piece() =>
        Given().When(Place(plan: Limited, purchaseSlot: 1, start: Start())).Then(OrderedLimited)
            .And(order => Assert.Equal(new TakeStock("starter", $"taken:{Number}:1"), Order.Next(order, Noon)));

    [Fact]
    public void A_chosen_amount_buys_its_credits_besides_the_plans_grants()
    {
        var wish = Wish with { Amount = new(10_000, "CNY") };
        Given().When(Place(wish, TopUp)).Then(Ordered with
        {
            Wish = wish,
            Amount = new(10_000, "CNY"),
            Plan = new("starter", Terms.Name, [new CreditGrant(Credits.Whole(5_500), 90), new SubscriptionGrant("pro", 7)], false),
        });
    }

    [Fact]
    public void The_fixed_price_may_be_named() => Given().When(Place(Wish with { Amount = Price, ExpectedPrice = Price }))
        .Then(Ordered with { Wish = Wish with { Amount = Price, ExpectedPrice = Price } });

    [Fact]
    public void An_unknown_plan() => Refused(Place() with { Plan = null }, new PlanNotFound());

    [Fact]
    public void A_plan_that_is_off_sale() => Refused(Place(plan: Starter with { Terms = Terms with { OnSale = false } }), new PlanNotOnSale());

    [Fact]
    public void A_plan_before_and_after_its_sale()
    {
        Refused(Place(plan: Starter with { Terms = Terms with { OnSaleFrom = Noon.AddTicks(1) } }), new PlanNotOnSale());
        Refused(Place(plan: Starter with { Terms = Terms with { OnSaleUntil = Noon } }), new PlanNotOnSale());
        Given().When(Place(plan: Starter with { Terms = Terms with { OnSaleFrom = Noon, OnSaleUntil = Noon.AddTicks(1) } })).Then(Ordered);
    }

    [Fact]
    public void An_amount_where_the_price_is_fixed() => Refused(Place(Wish with { Amount = Dear }), new AmountOutOfRange(Price, Price));

    [Theory]
    [InlineData(99, "CNY")]
    [InlineData(100_001, "CNY")]
    [InlineData(0, "CNY")]
    [InlineData(-100, "CNY")]
    [InlineData(long.MaxValue, "CNY")]
    [InlineData(1_000, "USD")]
    public void A_chosen_amount_out_of_range_or_in_another_currency(long minor, string currency) =>
        Refused(Place(Wish with { Amount = new(minor, currency) }, TopUp), new AmountOutOfRange(Range.Minimum, Range.Maximum));

    [Fact]
    public void A_chosen_amount_that_is_missing() => Refused(Place(plan: TopUp), new AmountOutOfRange(Range.Minimum, Range.Maximum));

    [Fact]
    public void Another_price_than_the_buyer_saw() => Refused(Place(Wish with { ExpectedPrice = Dear }), new PriceChanged(Price));

    [Fact]
    public void A_chosen_amount_that_is_not_the_expected_one() =>
        Refused(Place(Wish with { Amount = new(1_000, "CNY"), ExpectedPrice = Dear }, TopUp), new PriceChanged(new(1_000, "CNY")));

    [Fact]
    public void A_plan_that_has_sold_out() => Refused(Place(plan: Limited with { Stock = 0 }), new PlanSoldOut());

    [Fact]
    public void A_plan_bought_as_often_as_allowed() => Refused(Place(plan: Limited), new PurchaseLimitReached(2));

    [Fact]
    public void A_method_that_cannot_be_used() => Refused(Place(start: Start() with { Merchant = null }), new PaymentMethodUnavailable());

    [Fact]
    public void Too_many_open_orders() => Refused(Place(openSlot: null), Limit);

    [Fact]
    public void Refusals_have_an_order_of_precedence()
    {
        // Everything is wrong; what is mended step by step brings the next refusal.
        var nothing = new PlaceOrder(Number, Wish with { Amount = Dear, ExpectedPrice = Dear }, null, Ends, null, null, Limit,
            Start() with { Merchant = null });
        var off = nothing with { Plan = Limited with { Stock = 0, Terms = Limited.Terms with { OnSale = false } } };
        var onSale = off with { Plan = Limited with { Stock = 0 } };
        var amount = onSale with { Wish = Wish with { ExpectedPrice = Dear } };
        var price = amount with { Wish = Wish };
        var stock = price with { Plan = Limited };
        var purchase = stock with { PurchaseSlot = 1 };
        var method = purchase with { Start = Start() };
        (PlaceOrder, OrderError)[] steps =
        [
            (nothing, new PlanNotFound()), (off, new PlanNotOnSale()), (onSale, new AmountOutOfRange(Price, Price)), (amount, new PriceChanged(Price)),
            (price, new PlanSoldOut()), (stock, new PurchaseLimitReached(2)), (purchase, new PaymentMethodUnavailable()), (method, Limit),
        ];
        foreach (var (place, refusal) in steps) Refused(place, refusal);
        Given().When(method with { OpenSlot = 3 }).Then(OrderedLimited);
    }

    [Fact]
    public void The_same_wish_again_is_the_same_order() => Given(Ordered).When(Place(openSlot: null)).ThenNothing();

    [Fact]
    public void A_refusal_is_remembered_though_the_reason_is_gone() => Given(new OrderRefused(Noon, Number, Wish, new PlanSoldOut())).When(Place())
        .Then(new PlanSoldOut());

    [Fact]
    public void Another_wish_under_the_same_key_is_told_what_differs() =>
        Given(Ordered).When(Place(new("bob", "key-1", "other", Price, "alipay", Price)))
            .Then(new IdempotencyKeyReused(["account", "planSlug", "amount", "methodId", "expectedPrice"]));

    [Fact]
    public void Another_wish_is_told_so_before_a_remembered_refusal() =>
        Given(new OrderRefused(Noon, Number, Wish, new PlanSoldOut())).When(Place(Wish with { PlanSlug = "other" }))
            .Then(new IdempotencyKeyReused(["planSlug"]));

    [Fact]
    public void Nobody_sees_an_order_that_was_refused()
    {
        var refused = Given(new OrderRefused(Noon, Number, Wish, new PlanSoldOut()));
        refused.When(Start()).Then(new OrderNotFound());
        refused.When(new CancelOrder(Alice)).Then(new OrderNotFound());
        refused.When(Paid()).Then(new OrderNotFound());
        Assert.Null(Order.Next(refused.State!, Ends.AddYears(1)));
        Assert.Null(Order.NextDeadline(refused.State!));
    }

    [Fact]
    public void What_was_never_placed_is_not_found() => Given().When(Paid()).Then(new OrderNotFound());

    static void Refused(PlaceOrder place, OrderError refusal) => Given().When(place).Then(new OrderRefused(Noon, Number, place.Wish, refusal));
}
