using Billing.Catalog;
using GraphQL;
using Domain = Billing.Catalog;

namespace Billing.GraphQL.Catalog;

/// <summary>Administrators make and change plans.</summary>
[MutationType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class PlanMutations
{
    /// <summary>Makes a plan. Making the same plan again changes nothing.</summary>
    public static async Task<CreatePlanPayload> CreatePlan(CreatePlanInput input, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client)
    {
        var language = Language.Of(client);
        if (!PlanRules.IsSlug(input.Slug)) return new(null, [PlanErrors.Of(new Domain.InvalidPlan("slug", PlanErrors.BadSlug), language)]);
        if (input.Plan.Name is null) return new(null, [PlanErrors.Of(new Domain.InvalidPlan("name", "Give the plan a name."), language)]);
        if (input.Plan.Price is null) return new(null, [PlanErrors.Of(new Domain.InvalidPlan("price", "Give the plan a price."), language)]);
        if (!input.Plan.TryToChange([], out var change)) return new(null, [PlanErrors.Of(new Domain.InvalidGrant(), language)]);
        var terms = change.Apply(new PlanTerms(change.Name!, null, change.Price!.Value, null, null, [], [], null, null, OnSale: true, null, null, 0));
        var reply = await grains.GetGrain<IPlanGrain>(input.Slug).Create(terms, change.Stock, Checked.OptionalNote(input.Note), viewer.Actor);
        return reply.Value is { } plan ? new(Plan.Of(plan.State, language, time.GetUtcNow()), null) : new(null, [PlanErrors.Of(reply.Refusal!, language)]);
    }

    /// <summary>Changes a plan. Orders that were placed keep the plan as it was.</summary>
    public static async Task<UpdatePlanPayload> UpdatePlan(UpdatePlanInput input, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client)
    {
        var language = Language.Of(client);
        if (!PlanRules.IsSlug(input.Slug)) return new(null, [PlanErrors.Of(new PlanUnknown(), language)]);
        if (!input.Plan.TryToChange(input.Clear ?? [], out var change)) return new(null, [PlanErrors.Of(new Domain.InvalidGrant(), language)]);
        var reply = await grains.GetGrain<IPlanGrain>(input.Slug).Update(change, Checked.Note(input.Note), viewer.Actor);
        return reply.Value is { } plan ? new(Plan.Of(plan.State, language, time.GetUtcNow()), null) : new(null, [PlanErrors.Of(reply.Refusal!, language)]);
    }
}

/// <summary>A plan to make.</summary>
/// <param name="Slug">Its name in addresses, for ever: lower-case letters, digits and dashes.</param>
/// <param name="Plan">Its terms; name and price are needed.</param>
/// <param name="Note">Why, for the journal.</param>
public sealed record CreatePlanInput(string Slug, PlanInput Plan, string? Note);

/// <summary>A change to a plan.</summary>
/// <param name="Slug">Which plan.</param>
/// <param name="Plan">What is not given stays as it is.</param>
/// <param name="Clear">What is to have no value any more.</param>
/// <param name="Note">Why, for the journal.</param>
public sealed record UpdatePlanInput(string Slug, PlanInput Plan, IReadOnlyList<PlanField>? Clear, string Note);

/// <summary>A plan's terms.</summary>
/// <param name="Name">What buyers read.</param>
/// <param name="Description">More of it.</param>
/// <param name="Price">What it costs; with a custom amount, the amount that is proposed.</param>
/// <param name="ListPrice">A higher price that is shown struck through.</param>
/// <param name="CustomAmount">Set when the buyer chooses the amount.</param>
/// <param name="Grants">What it grants.</param>
/// <param name="Features">Lines for the card.</param>
/// <param name="Badge">A word for the card's corner.</param>
/// <param name="PurchaseLimitPerAccount">How often an account may buy it.</param>
/// <param name="Stock">How many are left to sell.</param>
/// <param name="OnSale">Whether it is sold at all; true for a new plan.</param>
/// <param name="OnSaleFrom">From when it is sold.</param>
/// <param name="OnSaleUntil">Until when it is sold.</param>
/// <param name="SortOrder">Its place in the shop, ascending.</param>
public sealed record PlanInput(
    LocalizedTextInput? Name, LocalizedTextInput? Description, MoneyInput? Price, MoneyInput? ListPrice, CustomAmountInput? CustomAmount,
    IReadOnlyList<GrantInput>? Grants, IReadOnlyList<LocalizedTextInput>? Features, LocalizedTextInput? Badge, int? PurchaseLimitPerAccount, int? Stock,
    bool? OnSale, DateTimeOffset? OnSaleFrom, DateTimeOffset? OnSaleUntil, int? SortOrder)
{
    /// <summary>As the domain has it. False when a grant's credits are no amount of credits.</summary>
    internal bool TryToChange(IReadOnlyList<PlanField> clear, out PlanChange change)
    {
        var grants = Grants?.Select(grant => grant.ToDomain()).ToList();
        change = new()
        {
            Name = Name?.ToDomain(),
            Description = Description?.ToDomain(),
            Price = Price?.ToDomain(),
            ListPrice = ListPrice?.ToDomain(),
            CustomAmount = CustomAmount?.ToDomain(),
            Grants = grants?.OfType<Grant>().ToList(),
            Features = Features?.Select(feature => feature.ToDomain()).ToList(),
            Badge = Badge?.ToDomain(),
            PurchaseLimitPerAccount = PurchaseLimitPerAccount,
            Stock = Stock,
            OnSale = OnSale,
            OnSaleFrom = OnSaleFrom,
            OnSaleUntil = OnSaleUntil,
            SortOrder = SortOrder,
            Clear = clear,
        };
        return grants?.Contains(null) != true;
    }
}

/// <summary>A text in the languages that are served; a reader gets the one that fits the request's Accept-Language.</summary>
/// <param name="En">English.</param>
/// <param name="ZhHans">Simplified Chinese.</param>
public sealed record LocalizedTextInput(string En, string? ZhHans)
{
    internal LocalizedText ToDomain() => new(En, ZhHans);
}

/// <summary>The range of an amount that the buyer chooses.</summary>
/// <param name="Minimum">The least amount.</param>
/// <param name="Maximum">The largest amount.</param>
/// <param name="CreditsPerUnit">Credits for one major unit.</param>
/// <param name="Bonuses">Steps, rising; the highest that is reached counts.</param>
/// <param name="ValidDays">Days until these credits lapse; never when left out.</param>
public sealed record CustomAmountInput(MoneyInput Minimum, MoneyInput Maximum, decimal CreditsPerUnit, IReadOnlyList<AmountBonusInput>? Bonuses, int? ValidDays)
{
    internal Domain.CustomAmount ToDomain() => new(
        Minimum.ToDomain(), Maximum.ToDomain(), CreditsPerUnit, [.. (Bonuses ?? []).Select(bonus => new Domain.AmountBonus(bonus.From.ToDomain(), bonus.BonusPercent))],
        ValidDays);
}

/// <summary>A step of the bonus.</summary>
/// <param name="From">From this amount on.</param>
/// <param name="BonusPercent">This much more credits, in per cent.</param>
public sealed record AmountBonusInput(MoneyInput From, decimal BonusPercent);

/// <summary>A grant: one of its fields.</summary>
/// <param name="Credits">Credits.</param>
/// <param name="Subscription">A subscription tier.</param>
[OneOf]
public sealed record GrantInput(CreditGrantInput? Credits, SubscriptionGrantInput? Subscription)
{
    /// <summary>As the domain has it; null when the credits are no amount of credits.</summary>
    internal Grant? ToDomain() => this switch
    {
        { Credits: { } credits } => Billing.Credits.TryFrom(credits.Credits, out var some) ? new Domain.CreditGrant(some, credits.ValidDays) : null,
        { Subscription: { } tier } => new Domain.SubscriptionGrant(tier.Tier, tier.Days),
        _ => null,
    };
}

/// <summary>Credits.</summary>
/// <param name="Credits">How many.</param>
/// <param name="ValidDays">Days until unused credits lapse; never when left out.</param>
public sealed record CreditGrantInput(decimal Credits, int? ValidDays);

/// <summary>A subscription tier.</summary>
/// <param name="Tier">Which.</param>
/// <param name="Days">For how long.</param>
public sealed record SubscriptionGrantInput(string Tier, int Days);

/// <summary>What making a plan led to.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Errors">Why not.</param>
public sealed record CreatePlanPayload(Plan? Plan, IReadOnlyList<IPlanError>? Errors);

/// <summary>What changing a plan led to.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Errors">Why not.</param>
public sealed record UpdatePlanPayload(Plan? Plan, IReadOnlyList<IPlanError>? Errors);
