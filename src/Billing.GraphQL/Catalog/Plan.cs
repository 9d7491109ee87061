using Domain = Billing.Catalog;

namespace Billing.GraphQL.Catalog;

/// <summary>What is sold: a price and what it grants.</summary>
/// <param name="Slug">Its name in addresses.</param>
/// <param name="Name">What buyers read.</param>
/// <param name="Description">More of it.</param>
/// <param name="Price">What it costs; with a custom amount, the amount that is proposed.</param>
/// <param name="ListPrice">A higher price that is shown struck through.</param>
/// <param name="Grants">What it grants; with a custom amount, what it grants besides the credits of that amount.</param>
/// <param name="CustomAmount">Set on a plan whose buyer chooses the amount.</param>
/// <param name="Features">Lines for the card.</param>
/// <param name="Badge">A word for the card's corner.</param>
/// <param name="PurchaseLimitPerAccount">How often an account may buy it.</param>
/// <param name="RemainingStock">How many are left; null when they are not counted.</param>
/// <param name="OnSale">Whether it can be bought now.</param>
/// <param name="OnSaleFrom">From when it is sold.</param>
/// <param name="OnSaleUntil">Until when it is sold.</param>
/// <param name="SortOrder">Its place in the shop, ascending.</param>
public sealed record Plan(
    string Slug, string Name, string? Description, Money Price, Money? ListPrice, IReadOnlyList<IGrant> Grants, CustomAmount? CustomAmount,
    IReadOnlyList<string> Features, string? Badge, int? PurchaseLimitPerAccount, int? RemainingStock, bool OnSale, DateTimeOffset? OnSaleFrom,
    DateTimeOffset? OnSaleUntil, int SortOrder) : INode
{
    /// <inheritdoc/>
    [Id]
    public string Id => GlobalId.Write(nameof(Plan), Slug);

    internal static Plan Of(Domain.Plan plan, Language language, DateTimeOffset now)
    {
        var terms = plan.Terms;
        return new(
            plan.Slug, language.Say(terms.Name), terms.Description is { } text ? language.Say(text) : null, Money.Of(terms.Price), Money.Of(terms.ListPrice),
            terms.Grants.Show(), terms.CustomAmount is { } custom ? CustomAmount.Of(custom) : null, [.. terms.Features.Select(language.Say)],
            terms.Badge is { } badge ? language.Say(badge) : null, terms.PurchaseLimitPerAccount, plan.Stock, terms.IsOnSale(now) && plan.Stock is not 0,
            terms.OnSaleFrom, terms.OnSaleUntil, terms.SortOrder);
    }
}

/// <summary>The range of an amount that the buyer chooses.</summary>
/// <param name="Minimum">The least amount.</param>
/// <param name="Maximum">The largest amount.</param>
/// <param name="CreditsPerUnit">Credits for one major unit.</param>
/// <param name="Bonuses">Steps, rising; the highest that is reached counts.</param>
/// <param name="ValidDays">Days until these credits lapse; never when null.</param>
public sealed record CustomAmount(Money Minimum, Money Maximum, decimal CreditsPerUnit, IReadOnlyList<AmountBonus> Bonuses, int? ValidDays)
{
    internal static CustomAmount Of(Domain.CustomAmount custom) => new(
        Money.Of(custom.Minimum), Money.Of(custom.Maximum), custom.CreditsPerUnit,
        [.. custom.Bonuses.Select(bonus => new AmountBonus(Money.Of(bonus.From), bonus.BonusPercent))], custom.ValidDays);
}

/// <summary>A step of the bonus.</summary>
/// <param name="From">From this amount on.</param>
/// <param name="BonusPercent">This much more credits, in per cent.</param>
public sealed record AmountBonus(Money From, decimal BonusPercent);

/// <summary>What a buyer or redeemer gets.</summary>
[UnionType]
public interface IGrant;

/// <summary>Credits.</summary>
/// <param name="Credits">How many.</param>
/// <param name="ValidDays">Days until unused credits lapse; never when null.</param>
public sealed record CreditGrant(decimal Credits, int? ValidDays) : IGrant;

/// <summary>A subscription tier.</summary>
/// <param name="Tier">Which.</param>
/// <param name="Days">For how long.</param>
public sealed record SubscriptionGrant(string Tier, int Days) : IGrant;

static class Grants
{
    public static IReadOnlyList<IGrant> Show(this IEnumerable<Domain.Grant> grants) => [.. grants.Select(Show)];

    static IGrant Show(Domain.Grant grant) => grant switch
    {
        Domain.CreditGrant credits => new CreditGrant(credits.Credits.Amount, credits.ValidDays),
        Domain.SubscriptionGrant tier => new SubscriptionGrant(tier.Tier, tier.Days),
        _ => throw new InvalidOperationException($"{grant.GetType().Name} is not shown."),
    };
}
