using System.Collections.Immutable;
using Billing.Catalog;

namespace Billing.Tests.Catalog;

public class PlanRulesTests
{
    static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly Money Price = new(1990, "CNY");

    static readonly PlanTerms Terms = new(
        new("Starter", "入门"), null, Price, null, null, [new CreditGrant(Credits.Whole(1_000), 30)], [], null, null, true, null, null, 1);

    static readonly CustomAmount Range = new(new(100, "CNY"), new(100_000, "CNY"), 50m, [new(new(10_000, "CNY"), 10m)]);

    static readonly CreatePlan Create = new("starter", Terms, 2, "first");
    static readonly PlanCreated Created = new("starter", Terms, 2, "first", Noon);

    /// <summary>Terms that do not hold together, by the field that is to be mended.</summary>
    public static TheoryData<string, PlanTerms> Wrong => new()
    {
        { "name", Terms with { Name = null! } },
        { "name", Terms with { Name = new("") } },
        { "name", Terms with { Name = new("  ") } },
        { "name", Terms with { Name = new("A", "") } },
        { "name", Terms with { Name = new(new string('x', PlanRules.MaxTextLength + 1)) } },
        { "name", Terms with { Description = new("") } },
        { "name", Terms with { Badge = new(" ") } },
        { "name", Terms with { Features = [new("")] } },
        { "price", Terms with { Price = new(0, "CNY") } },
        { "price", Terms with { Price = new(-1, "CNY") } },
        { "price", Terms with { Price = new(1, "cny") } },
        { "price", Terms with { Price = new(Money.MaxMinorUnits + 1, "CNY") } },
        { "listPrice", Terms with { ListPrice = Price } },
        { "listPrice", Terms with { ListPrice = new(2990, "USD") } },
        { "customAmount", Terms with { CustomAmount = Range with { Minimum = new(0, "CNY") } } },
        { "customAmount", Terms with { CustomAmount = Range with { Maximum = new(Money.MaxMinorUnits + 1, "CNY") } } },
        { "customAmount", Terms with { CustomAmount = Range with { Minimum = new(100, "USD") } } },
        { "customAmount", Terms with { CustomAmount = Range with { Maximum = new(99, "CNY") } } },
        { "customAmount", Terms with { CustomAmount = Range with { CreditsPerUnit = 0 } } },
        { "customAmount", Terms with { CustomAmount = Range with { CreditsPerUnit = -1 } } },
        { "customAmount", Terms with { CustomAmount = Range with { CreditsPerUnit = 1_000_000_001 } } },
        { "customAmount", Terms with { CustomAmount = Range with { CreditsPerUnit = 0.0000001m } } },
        { "customAmount", Terms with { CustomAmount = Range with { Maximum = new(Money.MaxMinorUnits, "CNY"), CreditsPerUnit = 1_000_000_000 } } },
        { "customAmount", Terms with { CustomAmount = Range with { ValidDays = 0 } } },
        { "customAmount", Terms with { CustomAmount = Range with { ValidDays = Grant.MaxDays + 1 } } },
        { "customAmount", Terms with { CustomAmount = Range with { Bonuses = [new(new(1, "USD"), 1)] } } },
        { "customAmount", Terms with { CustomAmount = Range with { Bonuses = [new(new(1, "CNY"), 0)] } } },
        { "customAmount", Terms with { CustomAmount = Range with { Bonuses = [new(new(1, "CNY"), 1_001)] } } },
        { "customAmount", Terms with { CustomAmount = Range with { Bonuses = [new(new(1, "CNY"), 1), new(new(1, "CNY"), 2)] } } },
        { "customAmount", Terms with { CustomAmount = Range with { Bonuses = [.. Enumerable.Range(1, 21).Select(n => new AmountBonus(new(n, "CNY"), n))] } } },
        { "grants", Terms with { Grants = [] } },
        { "grants", Terms with { Grants = [.. Enumerable.Repeat(Terms.Grants[0], PlanRules.MaxItems + 1)] } },
        { "features", Terms with { Features = [.. Enumerable.Repeat(new LocalizedText("x"), PlanRules.MaxItems + 1)] } },
        { "purchaseLimitPerAccount", Terms with { PurchaseLimitPerAccount = 0 } },
        { "purchaseLimitPerAccount", Terms with { PurchaseLimitPerAccount = PlanRules.MaxPurchaseLimit + 1 } },
        { "onSaleUntil", Terms with { OnSaleFrom = Noon, OnSaleUntil = Noon } },
    };

    [Fact]
    public void A_plan_is_made_once() =>
        Given().When(Create).Then(Created).When(Create).ThenNothing().When(Create with { Stock = 3 }).Then(new SlugTaken())
            .When(Create with { Terms = Terms with { SortOrder = 2 } }).Then(new SlugTaken());

    [Theory]
    [InlineData("")]
    [InlineData("Starter")]
    [InlineData("-a")]
    [InlineData("a-")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("入门")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void What_cannot_be_a_slug_is_refused(string slug) =>
        Given().When(Create with { Slug = slug }).Then(new InvalidPlan("slug", "Use lower-case letters, digits and dashes, at most 64."));

    [Theory]
    [InlineData("a")]
    [InlineData("a-1")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public void What_can_be_a_slug_is_taken(string slug) => Assert.True(PlanRules.IsSlug(slug));

    [Fact]
    public void Terms_that_do_not_hold_together_are_refused_by_field() => Assert.All(Wrong, row =>
    {
        var (field, terms) = row.Data;
        Assert.Equal(field, Assert.IsType<InvalidPlan>(PlanRules.Decide(null, Create with { Terms = terms }, Noon).Refusal).Field);
    });

    [Fact]
    public void A_chosen_amount_may_be_all_that_is_sold() => Given().When(Create with { Terms = Terms with { CustomAmount = Range, Grants = [] } })
        .And(plan => Assert.Empty(plan.Terms.Grants));

    [Fact]
    public void A_negative_stock_is_refused() => Given().When(Create with { Stock = -1 }).Then(new InvalidPlan("stock", "The stock is not negative."));

    [Fact]
    public void Grants_beyond_their_bounds_are_refused()
    {
        foreach (ImmutableArray<Grant> grants in new ImmutableArray<Grant>[]
        {
            [new CreditGrant(Credits.Zero, null)], [new CreditGrant(new(-1), null)], [new CreditGrant(new(1), 0)], [new SubscriptionGrant("", 1)],
            [new SubscriptionGrant("pro", -1)],
            [new SubscriptionGrant(new('x', SubscriptionGrant.MaxTierLength + 1), 1)], [new CreditGrant(Credits.Max, null), new CreditGrant(new(1), null)],
            [null!],
        })
        {
            Given().When(Create with { Terms = Terms with { Grants = grants } }).Then(new InvalidGrant());
        }
    }

    [Fact]
    public void A_change_keeps_what_it_does_not_name_and_clears_what_it_lists()
    {
        var terms = Terms with { Badge = new("Hot"), PurchaseLimitPerAccount = 3 };
        Given(Created with { Terms = terms }).When(Update(new() { Price = new(2990, "CNY"), Clear = [PlanField.Badge, PlanField.Stock] }))
            .Then(new PlanUpdated(terms with { Price = new(2990, "CNY"), Badge = null }, null, "why"));
    }

    [Fact]
    public void A_change_that_changes_nothing_is_no_event() => Given(Created).When(Update(new() { Price = Price, Grants = Terms.Grants, Stock = 2 }))
        .ThenNothing();

    [Fact]
    public void A_change_is_held_to_the_same_rules() =>
        Given(Created).When(Update(new() { Price = new(0, "CNY") })).Then(new InvalidPlan("price", "The price is positive, in a currency that is sold in."));

    [Fact]
    public void A_plan_that_is_not_there_is_unknown()
    {
        Given().When(Update(new())).Then(new PlanUnknown());
        Given().When(new TakePiece("t")).Then(new PlanUnknown());
        Given().When(new ReturnPiece("r")).Then(new PlanUnknown());
    }

    [Fact]
    public void Pieces_are_taken_until_none_is_left_and_each_reference_once() =>
        Given(Created).When(new TakePiece("taken:A:1")).Then(new StockTaken("taken:A:1")).When(new TakePiece("taken:A:1")).ThenNothing()
            .When(new TakePiece("taken:B:1")).Then(new StockTaken("taken:B:1")).When(new TakePiece("taken:C:1")).Then(new SoldOut())
            .When(new TakePiece("taken:B:1")).ThenNothing()
            .When(new ReturnPiece("returned:A:1")).Then(new StockReturned("returned:A:1")).When(new ReturnPiece("returned:A:1")).ThenNothing()
            .And(plan => Assert.Equal(1, plan.Stock));

    [Fact]
    public void A_stock_that_is_not_counted_stays_so() =>
        Given(Created with { Stock = null }).When(new TakePiece("t")).When(new ReturnPiece("r")).And(plan => Assert.Null(plan.Stock));

    static Story<Plan, PlanEvent, PlanCommand, PlanError> Given(params PlanEvent[] history) => new(PlanDocument.Kind, PlanRules.Decide, [.. history], Noon);

    static UpdatePlan Update(PlanChange change) => new(change, "why");
}
