using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Billing.Catalog;

/// <summary>A text in the languages that are served.</summary>
/// <param name="En">English; also what is shown when a language is missing.</param>
/// <param name="ZhHans">Simplified Chinese.</param>
[GenerateSerializer, Immutable, Alias("billing.text")]
public sealed record LocalizedText(string En, string? ZhHans = null);

/// <summary>A step of the bonus on a chosen amount.</summary>
/// <param name="From">From this amount on.</param>
/// <param name="BonusPercent">This much more credits, in per cent.</param>
[GenerateSerializer, Immutable, Alias("billing.plan.bonus")]
public sealed record AmountBonus(Money From, decimal BonusPercent);

/// <summary>Set on a plan whose buyer chooses the amount.</summary>
/// <param name="Minimum">The least amount.</param>
/// <param name="Maximum">The largest amount.</param>
/// <param name="CreditsPerUnit">Credits for one major unit of the currency.</param>
/// <param name="Bonuses">Steps, in rising order; the highest that is reached counts.</param>
/// <param name="ValidDays">Days until these credits lapse; null when they never do.</param>
[GenerateSerializer, Immutable, Alias("billing.plan.custom-amount")]
public sealed record CustomAmount(Money Minimum, Money Maximum, decimal CreditsPerUnit, ImmutableArray<AmountBonus> Bonuses, int? ValidDays = null)
{
    /// <summary>The credits that this amount buys, rounded down to a micro-credit; null when they do not fit.</summary>
    public Credits? CreditsFor(Money amount)
    {
        var percent = 100m + Bonuses.Where(bonus => amount.MinorUnits >= bonus.From.MinorUnits).Select(bonus => bonus.BonusPercent).LastOrDefault();
        var credits = amount.Major * CreditsPerUnit * percent / 100m;
        return credits <= Credits.Max.Amount ? new Credits((long)decimal.Floor(credits * Credits.MicroPerCredit)) : null;
    }
}

/// <summary>What is sold, on which terms.</summary>
/// <param name="Name">What buyers read.</param>
/// <param name="Description">More of it.</param>
/// <param name="Price">What it costs; with <see cref="CustomAmount"/>, the amount that is proposed.</param>
/// <param name="ListPrice">A higher price that is shown struck through.</param>
/// <param name="CustomAmount">Set when the buyer chooses the amount.</param>
/// <param name="Grants">What it grants, besides the credits of a chosen amount.</param>
/// <param name="Features">Lines for the card.</param>
/// <param name="Badge">A word for the card's corner.</param>
/// <param name="PurchaseLimitPerAccount">How often an account may buy it.</param>
/// <param name="OnSale">Whether it is sold at all.</param>
/// <param name="OnSaleFrom">From when.</param>
/// <param name="OnSaleUntil">Until when, exclusive.</param>
/// <param name="SortOrder">Its place in the shop, ascending.</param>
[GenerateSerializer, Immutable, Alias("billing.plan.terms")]
public sealed record PlanTerms(
    LocalizedText Name,
    LocalizedText? Description,
    Money Price,
    Money? ListPrice,
    CustomAmount? CustomAmount,
    ImmutableArray<Grant> Grants,
    ImmutableArray<LocalizedText> Features,
    LocalizedText? Badge,
    int? PurchaseLimitPerAccount,
    bool OnSale,
    DateTimeOffset? OnSaleFrom,
    DateTimeOffset? OnSaleUntil,
    int SortOrder)
{
    /// <summary>Whether it can be bought at that moment, stock aside.</summary>
    public bool IsOnSale(DateTimeOffset now) => OnSale && (OnSaleFrom is null || now >= OnSaleFrom) && (OnSaleUntil is null || now < OnSaleUntil);
}

/// <summary>A plan: its terms, and what is left of it.</summary>
/// <param name="Slug">Its name in addresses, for ever.</param>
/// <param name="Terms">On which terms it is sold.</param>
/// <param name="Stock">How many are left to sell; null when it is not counted.</param>
/// <param name="LatestReservations">The orders that took a piece lately, so that a repeat is seen without a look at the journal.</param>
/// <param name="CreatedAt">When it was made.</param>
[GenerateSerializer, Immutable, Alias("billing.plan")]
public sealed record Plan(string Slug, PlanTerms Terms, int? Stock, ImmutableArray<string> LatestReservations, DateTimeOffset CreatedAt)
{
    internal const int RememberedReservations = 64;

    /// <summary>The plan after one more event.</summary>
    public static Plan After(Plan? plan, PlanEvent happened) => (plan, happened) switch
    {
        (null, PlanCreated created) => new(created.Slug, created.Terms, created.Stock, [], created.At),
        ({ } p, PlanUpdated updated) => p with { Terms = updated.Terms, Stock = updated.Stock },
        ({ } p, StockTaken taken) => p with { Stock = p.Stock - 1, LatestReservations = Remember(p.LatestReservations, taken.Reference) },
        ({ } p, StockReturned returned) => p with { Stock = p.Stock + 1, LatestReservations = Remember(p.LatestReservations, returned.Reference) },
        _ => throw new InvalidOperationException($"{happened.GetType().Name} cannot happen to {(plan is null ? "no plan" : "a plan")}."),
    };

    static ImmutableArray<string> Remember(ImmutableArray<string> known, string reference) =>
        (known.Length < RememberedReservations ? known : known.RemoveAt(0)).Add(reference);
}

/// <summary>The plan as an order was placed under it.</summary>
/// <param name="Slug">Its name in addresses.</param>
/// <param name="Name">What the buyer read.</param>
/// <param name="Grants">All that this order grants, the credits of a chosen amount included.</param>
/// <param name="CountsStock">Whether a piece of its stock must be taken before it can be paid.</param>
[GenerateSerializer, Immutable, Alias("billing.plan.snapshot")]
public sealed record PlanSnapshot(string Slug, LocalizedText Name, ImmutableArray<Grant> Grants, bool CountsStock);

/// <summary>What can happen to a plan.</summary>
public abstract record PlanEvent;

/// <summary>An administrator made it.</summary>
public sealed record PlanCreated(string Slug, PlanTerms Terms, int? Stock, string? Note, DateTimeOffset At) : PlanEvent;

/// <summary>An administrator changed it.</summary>
public sealed record PlanUpdated(PlanTerms Terms, int? Stock, string Note) : PlanEvent;

/// <summary>An order took a piece.</summary>
/// <param name="Reference"><c>taken:</c> and the order's number; unique.</param>
public sealed record StockTaken(string Reference) : PlanEvent;

/// <summary>An order that was not paid gave its piece back.</summary>
/// <param name="Reference"><c>returned:</c> and the order's number; unique.</param>
public sealed record StockReturned(string Reference) : PlanEvent;

/// <summary>The pinned storage of plans.</summary>
public static class PlanDocument
{
    /// <summary>The noun, which is the grain type's name.</summary>
    public const string Noun = "plan";

    /// <summary>Its storage.</summary>
    public static readonly DocumentKind<Plan, PlanEvent> Kind = new(
        Noun,
        "plans",
        PlanJson.Default.Plan,
        Plan.After,
        nextDeadline: _ => null,
        reference: happened => happened switch
        {
            StockTaken taken => taken.Reference,
            StockReturned returned => returned.Reference,
            _ => null,
        },
        columns:
        [
            DocumentKind<Plan, PlanEvent>.Column("created_at", ColumnType.Time, plan => plan.CreatedAt),
            DocumentKind<Plan, PlanEvent>.Column("sort_order", ColumnType.Long, plan => (long)plan.Terms.SortOrder),
        ],
        events: new Dictionary<string, System.Text.Json.Serialization.Metadata.JsonTypeInfo>
        {
            ["PlanCreated"] = PlanJson.Default.PlanCreated,
            ["PlanUpdated"] = PlanJson.Default.PlanUpdated,
            ["StockTaken"] = PlanJson.Default.StockTaken,
            ["StockReturned"] = PlanJson.Default.StockReturned,
        });
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowOutOfOrderMetadataProperties = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(Plan))]
[JsonSerializable(typeof(PlanCreated))]
[JsonSerializable(typeof(PlanUpdated))]
[JsonSerializable(typeof(StockTaken))]
[JsonSerializable(typeof(StockReturned))]
sealed partial class PlanJson : JsonSerializerContext;
