using System.Text.Json.Serialization;

namespace Billing.Catalog;

/// <summary>What a buyer or redeemer gets. The stored names of its kinds are pinned here.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(CreditGrant), "credits")]
[JsonDerivedType(typeof(SubscriptionGrant), "subscription")]
[GenerateSerializer, Immutable, Alias("billing.grant")]
public abstract record Grant
{
    /// <summary>The most days that a grant may last: a hundred years.</summary>
    public const int MaxDays = 36_525;

    /// <summary>Whether it grants something, within bounds.</summary>
    [JsonIgnore]
    public abstract bool IsValid { get; }
}

/// <summary>Credits.</summary>
/// <param name="Credits">How many.</param>
/// <param name="ValidDays">Days until unused credits lapse; null when they never do.</param>
[GenerateSerializer, Immutable, Alias("billing.grant.credits")]
public sealed record CreditGrant(Credits Credits, int? ValidDays) : Grant
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsValid => Credits.IsGrantable && (ValidDays is null || ValidDays is > 0 and <= MaxDays);
}

/// <summary>A subscription tier for some days.</summary>
/// <param name="Tier">The tier's name, as the gateway knows it.</param>
/// <param name="Days">For how long.</param>
[GenerateSerializer, Immutable, Alias("billing.grant.subscription")]
public sealed record SubscriptionGrant(string Tier, int Days) : Grant
{
    /// <summary>The longest name of a tier.</summary>
    public const int MaxTierLength = 64;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsValid => Tier is { Length: > 0 and <= MaxTierLength } && !string.IsNullOrWhiteSpace(Tier) && Tier.IsStorable() && Days is > 0 and <= MaxDays;
}
