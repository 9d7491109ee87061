using Billing.Catalog;

namespace Billing.Silo.Demonstration;

/// <summary>A few plans to try the service with. Making them again changes nothing, so what an administrator did to them stays.</summary>
sealed class DemonstrationPlans(IGrainFactory grains)
{
    static readonly (string Slug, int? Stock, PlanTerms Terms)[] Plans =
    [
        ("starter", null, Terms(
            new("Starter", "入门包"), new("A hundred credits to begin with.", "100 额度，适合初次体验。"), new(990, "CNY"), null,
            [new CreditGrant(Credits.Whole(100), null)], [new("Credits that never lapse", "额度永不过期")], null, 10)),
        ("monthly", null, Terms(
            new("Monthly Pro", "专业版月卡"), new("The Pro tier for 30 days, and 500 credits to use within it.", "30 天专业版订阅，另含当期可用的 500 额度。"),
            new(4900, "CNY"), new(5900, "CNY"), [new SubscriptionGrant("pro", 30), new CreditGrant(Credits.Whole(500), 30)],
            [new("All models", "全部模型可用"), new("Higher rate limits", "更高的速率上限")], new("Popular", "热门"), 20)),
        ("welcome", 500, Terms(
            new("Welcome offer", "新人礼包"), new("Fifty credits at a friendly price, once for each account.", "50 额度特惠，每个账户限购一次。"), new(100, "CNY"), new(500, "CNY"),
            [new CreditGrant(Credits.Whole(50), 90)], [new("While stock lasts", "数量有限")], new("New", "新"), 30) with { PurchaseLimitPerAccount = 1 }),
        ("top-up", null, Terms(
            new("Top-up", "自由充值"), new("Any amount you like; larger ones come with a bonus.", "金额自选，充得越多送得越多。"), new(5000, "CNY"), null, [], [], null, 40) with
        {
            CustomAmount = new(new(1000, "CNY"), new(500_000, "CNY"), 10, [new(new(10_000, "CNY"), 5), new(new(100_000, "CNY"), 12)]),
        }),
    ];

    /// <summary>Makes those that are missing.</summary>
    public async Task Make()
    {
        foreach (var (slug, stock, terms) in Plans)
        {
            var plan = grains.GetGrain<IPlanGrain>(slug);
            if (await plan.Get() is null) await plan.Create(terms, stock, "A plan to try the service with.", Actor.System);
        }
    }

    static PlanTerms Terms(
        LocalizedText name, LocalizedText description, Money price, Money? listPrice, IEnumerable<Grant> grants, IEnumerable<LocalizedText> features, LocalizedText? badge, int sortOrder) =>
        new(name, description, price, listPrice, null, [.. grants], [.. features], badge, null, OnSale: true, null, null, sortOrder);
}
