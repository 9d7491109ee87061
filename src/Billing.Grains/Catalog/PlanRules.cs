using System.Text.RegularExpressions;

namespace Billing.Catalog;

/// <summary>What can be asked of a plan.</summary>
public abstract record PlanCommand;

/// <summary>Make it.</summary>
public sealed record CreatePlan(string Slug, PlanTerms Terms, int? Stock, string? Note) : PlanCommand;

/// <summary>Change it.</summary>
public sealed record UpdatePlan(PlanChange Change, string Note) : PlanCommand;

/// <summary>Take a piece for an order.</summary>
public sealed record TakePiece(string Reference) : PlanCommand;

/// <summary>Give a piece back.</summary>
public sealed record ReturnPiece(string Reference) : PlanCommand;

/// <summary>What an administrator wants changed: what is null stays as it is, and what is listed in <see cref="Clear"/> becomes null.</summary>
[GenerateSerializer, Immutable, Alias("billing.plan.change")]
public sealed record PlanChange
{
    /// <summary>The name.</summary>
    [Id(0)]
    public LocalizedText? Name { get; init; }

    /// <summary>The description.</summary>
    [Id(1)]
    public LocalizedText? Description { get; init; }

    /// <summary>The price.</summary>
    [Id(2)]
    public Money? Price { get; init; }

    /// <summary>The list price.</summary>
    [Id(3)]
    public Money? ListPrice { get; init; }

    /// <summary>The range of a chosen amount.</summary>
    [Id(4)]
    public CustomAmount? CustomAmount { get; init; }

    /// <summary>The grants.</summary>
    [Id(5)]
    public IReadOnlyList<Grant>? Grants { get; init; }

    /// <summary>The lines for the card.</summary>
    [Id(6)]
    public IReadOnlyList<LocalizedText>? Features { get; init; }

    /// <summary>The word for the card's corner.</summary>
    [Id(7)]
    public LocalizedText? Badge { get; init; }

    /// <summary>How often an account may buy it.</summary>
    [Id(8)]
    public int? PurchaseLimitPerAccount { get; init; }

    /// <summary>How many are left to sell.</summary>
    [Id(9)]
    public int? Stock { get; init; }

    /// <summary>Whether it is sold at all.</summary>
    [Id(10)]
    public bool? OnSale { get; init; }

    /// <summary>From when.</summary>
    [Id(11)]
    public DateTimeOffset? OnSaleFrom { get; init; }

    /// <summary>Until when.</summary>
    [Id(12)]
    public DateTimeOffset? OnSaleUntil { get; init; }

    /// <summary>Its place in the shop.</summary>
    [Id(13)]
    public int? SortOrder { get; init; }

    /// <summary>What is to have no value any more.</summary>
    [Id(14)]
    public IReadOnlyList<PlanField> Clear { get; init; } = [];

    /// <summary>The terms with this change.</summary>
    public PlanTerms Apply(PlanTerms terms) => new(
        Name ?? terms.Name,
        Keep(PlanField.Description, Description ?? terms.Description),
        Price ?? terms.Price,
        Keep(PlanField.ListPrice, ListPrice ?? terms.ListPrice),
        Keep(PlanField.CustomAmount, CustomAmount ?? terms.CustomAmount),
        Grants is null ? terms.Grants : [.. Grants],
        Features is null ? terms.Features : [.. Features],
        Keep(PlanField.Badge, Badge ?? terms.Badge),
        Keep(PlanField.PurchaseLimitPerAccount, PurchaseLimitPerAccount ?? terms.PurchaseLimitPerAccount),
        OnSale ?? terms.OnSale,
        Keep(PlanField.OnSaleFrom, OnSaleFrom ?? terms.OnSaleFrom),
        Keep(PlanField.OnSaleUntil, OnSaleUntil ?? terms.OnSaleUntil),
        SortOrder ?? terms.SortOrder);

    /// <summary>The stock with this change, from what is left.</summary>
    public int? Apply(int? stock) => Keep(PlanField.Stock, Stock ?? stock);

    T? Keep<T>(PlanField field, T? value) => Clear.Contains(field) ? default : value;
}

/// <summary>A plan's field that may have no value.</summary>
public enum PlanField
{
    /// <summary>The description.</summary>
    Description,

    /// <summary>The list price.</summary>
    ListPrice,

    /// <summary>The range of a chosen amount.</summary>
    CustomAmount,

    /// <summary>The word for the card's corner.</summary>
    Badge,

    /// <summary>How often an account may buy it.</summary>
    PurchaseLimitPerAccount,

    /// <summary>How many are left to sell.</summary>
    Stock,

    /// <summary>From when it is sold.</summary>
    OnSaleFrom,

    /// <summary>Until when it is sold.</summary>
    OnSaleUntil,
}

/// <summary>Why a plan refused; nothing changed.</summary>
[GenerateSerializer, Immutable, Alias("billing.plan.error")]
public abstract record PlanError;

/// <summary>No plan has this name.</summary>
[GenerateSerializer, Immutable, Alias("billing.plan.unknown")]
public sealed record PlanUnknown : PlanError;

/// <summary>Another plan has this name.</summary>
[GenerateSerializer, Immutable, Alias("billing.plan.slug-taken")]
public sealed record SlugTaken : PlanError;

/// <summary>The terms do not hold together.</summary>
/// <param name="Field">Which field is wrong.</param>
/// <param name="Problem">What is wrong with it, for people.</param>
[GenerateSerializer, Immutable, Alias("billing.plan.invalid")]
public sealed record InvalidPlan(string Field, string Problem) : PlanError;

/// <summary>A grant is empty or beyond its bounds.</summary>
[GenerateSerializer, Immutable, Alias("billing.plan.invalid-grant")]
public sealed record InvalidGrant : PlanError;

/// <summary>Nothing is left.</summary>
[GenerateSerializer, Immutable, Alias("billing.plan.sold-out")]
public sealed record SoldOut : PlanError;

/// <summary>How a plan answers. Pure.</summary>
public static partial class PlanRules
{
    /// <summary>The most grants, features and bonus steps that a plan has.</summary>
    public const int MaxItems = 20;

    /// <summary>The longest text of a plan's.</summary>
    public const int MaxTextLength = 2_000;

    /// <summary>The most often that a limited plan may be bought by one account.</summary>
    public const int MaxPurchaseLimit = 1_000;

    /// <summary>Whether it can be a plan's name: lower-case letters, digits and dashes, at most 64.</summary>
    public static bool IsSlug(string? text) => text is not null && SlugPattern().IsMatch(text);

    /// <summary>What follows from the command.</summary>
    public static Decision<PlanEvent, PlanError> Decide(Plan? plan, PlanCommand command, DateTimeOffset now) => (plan, command) switch
    {
        ({ } p, CreatePlan create) when Same(p, create.Terms, create.Stock) && p.LatestReservations.IsEmpty => [],
        ({ }, CreatePlan) => new SlugTaken(),
        (null, CreatePlan create) when Wrong(create.Slug, create.Terms, create.Stock) is { } wrong => wrong,
        (null, CreatePlan create) => [new PlanCreated(create.Slug, create.Terms, create.Stock, create.Note, now)],
        (null, UpdatePlan) => new PlanUnknown(),
        ({ } p, UpdatePlan update) => Update(p, update.Change.Apply(p.Terms), update.Change.Apply(p.Stock), update.Note),

        (null, TakePiece) => new PlanUnknown(),
        ({ } p, TakePiece take) when p.LatestReservations.Contains(take.Reference) => [],
        ({ Stock: null or > 0 }, TakePiece take) => [new StockTaken(take.Reference)],
        (_, TakePiece) => new SoldOut(),

        (null, ReturnPiece) => new PlanUnknown(),
        ({ } p, ReturnPiece give) when p.LatestReservations.Contains(give.Reference) => [],
        (_, ReturnPiece give) => [new StockReturned(give.Reference)],

        _ => throw new InvalidOperationException($"No rule for {command.GetType().Name}."),
    };

    static Decision<PlanEvent, PlanError> Update(Plan plan, PlanTerms terms, int? stock, string note) =>
        Wrong(plan.Slug, terms, stock) is { } wrong ? wrong
        : Same(plan, terms, stock) ? []
        : [new PlanUpdated(terms, stock, note)];

    // Records compare arrays by reference, so they are compared as what would be stored.
    static bool Same(Plan plan, PlanTerms terms, int? stock) =>
        PlanDocument.Kind.WriteState(plan).Span.SequenceEqual(PlanDocument.Kind.WriteState(plan with { Terms = terms, Stock = stock }).Span);

    static PlanError? Wrong(string slug, PlanTerms terms, int? stock) => terms switch
    {
        _ when !IsSlug(slug) => new InvalidPlan("slug", "Use lower-case letters, digits and dashes, at most 64."),
        { Name: null } => new InvalidPlan("name", "Give the plan a name."),
        _ when Texts(terms).Any(text => !IsText(text)) => new InvalidPlan("name", $"Texts are not empty and at most {MaxTextLength} characters long."),
        { Price.IsPayable: false } => new InvalidPlan("price", "The price is positive, in a currency that is sold in."),
        { ListPrice: { } list } when list.Currency != terms.Price.Currency || list.MinorUnits <= terms.Price.MinorUnits =>
            new InvalidPlan("listPrice", "A list price is higher than the price, in the same currency."),
        { CustomAmount: { } custom } when WrongAmount(custom, terms.Price.Currency) is { } problem => new InvalidPlan("customAmount", problem),
        { Grants: { Length: 0 }, CustomAmount: null } => new InvalidPlan("grants", "A plan grants something."),
        { Grants.Length: > MaxItems } => new InvalidPlan("grants", $"A plan has at most {MaxItems} grants."),
        { Features.Length: > MaxItems } => new InvalidPlan("features", $"A plan has at most {MaxItems} features."),
        _ when terms.Grants.Any(grant => grant is null || !grant.IsValid) => new InvalidGrant(),
        _ when terms.Grants.OfType<CreditGrant>().Sum(grant => (decimal)grant.Credits.Micro) > Credits.Max.Micro => new InvalidGrant(),
        { PurchaseLimitPerAccount: < 1 or > MaxPurchaseLimit } => new InvalidPlan("purchaseLimitPerAccount", $"A limit is between 1 and {MaxPurchaseLimit}."),
        { OnSaleFrom: { } from, OnSaleUntil: { } until } when until <= from => new InvalidPlan("onSaleUntil", "The sale ends after it begins."),
        _ when stock < 0 => new InvalidPlan("stock", "The stock is not negative."),
        _ => null,
    };

    static string? WrongAmount(CustomAmount custom, string currency) => custom switch
    {
        { Minimum.IsPayable: false } or { Maximum.IsPayable: false } => "The range is positive, in a currency that is sold in.",
        _ when custom.Minimum.Currency != currency || custom.Maximum.Currency != currency => "The range is in the price's currency.",
        _ when custom.Maximum.MinorUnits < custom.Minimum.MinorUnits => "The range ends after it begins.",
        { CreditsPerUnit: <= 0 or > 1_000_000_000 } => "Credits for a unit are positive and at most a thousand million.",
        { ValidDays: < 1 or > Grant.MaxDays } => $"Credits last between 1 and {Grant.MaxDays} days.",
        { Bonuses.Length: > MaxItems } => $"There are at most {MaxItems} bonus steps.",
        _ when custom.Bonuses.Any(bonus => bonus.From.Currency != currency || bonus.BonusPercent is <= 0 or > 1_000) =>
            "A bonus is in the price's currency, above 0 and at most 1,000 per cent.",
        _ when !custom.Bonuses.Select(bonus => bonus.From.MinorUnits).IsStrictlyRising() => "Bonus steps rise.",
        _ when custom.CreditsFor(custom.Minimum) is not { IsGrantable: true } || custom.CreditsFor(custom.Maximum) is not { IsGrantable: true } =>
            "Every amount in the range buys credits, and no more than an account may hold.",
        _ => null,
    };

    static bool IsStrictlyRising(this IEnumerable<long> values)
    {
        var last = long.MinValue;
        foreach (var value in values)
        {
            if (value <= last) return false;
            last = value;
        }

        return true;
    }

    static IEnumerable<LocalizedText?> Texts(PlanTerms terms) =>
        [terms.Name, .. terms.Features, .. terms.Description is null ? [] : new[] { terms.Description }, .. terms.Badge is null ? [] : new[] { terms.Badge }];

    static bool IsText(LocalizedText? text) => text is { En: { } english } && IsText(english) && (text.ZhHans is null || IsText(text.ZhHans));

    static bool IsText(string text) => text.Length <= MaxTextLength && !string.IsNullOrWhiteSpace(text) && text.IsStorable();

    [GeneratedRegex("^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\\z", RegexOptions.CultureInvariant)]
    private static partial Regex SlugPattern();
}
