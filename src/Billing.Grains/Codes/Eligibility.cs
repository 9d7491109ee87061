using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Billing.Codes;

/// <summary>Who redeems, as far as the sign-in vouches for it.</summary>
/// <param name="Account">The account.</param>
/// <param name="Groups">The groups that it belongs to.</param>
/// <param name="RegisteredAt">When it was registered; null when the sign-in does not say.</param>
[GenerateSerializer, Immutable, Alias("billing.code.redeemer")]
public sealed record Redeemer(string Account, ImmutableArray<string> Groups, DateTimeOffset? RegisteredAt);

/// <summary>What only the service itself knows of who redeems; looked up when a rule asks for it.</summary>
/// <param name="HasPaidOrder">Whether an order of the account's was ever paid.</param>
/// <param name="ActiveTiers">The subscription tiers that run now.</param>
public sealed record RedeemerFacts(bool HasPaidOrder, ImmutableArray<string> ActiveTiers)
{
    /// <summary>When no rule asks.</summary>
    public static readonly RedeemerFacts None = new(false, []);
}

/// <summary>Who may redeem a batch's codes. The stored names of its kinds are pinned here.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(NewAccountsOnly), "new-accounts")]
[JsonDerivedType(typeof(AccountGroups), "groups")]
[JsonDerivedType(typeof(NamedAccounts), "accounts")]
[JsonDerivedType(typeof(FirstPurchaseOnly), "no-paid-order")]
[JsonDerivedType(typeof(SubscribersOf), "subscribers")]
[GenerateSerializer, Immutable, Alias("billing.code.eligibility")]
public abstract record EligibilityRule
{
    /// <summary>The most rules of a batch: one of each kind.</summary>
    public const int MaxRules = 5;

    /// <summary>The most names in a rule.</summary>
    public const int MaxNames = 1_000;

    /// <summary>The longest name.</summary>
    public const int MaxNameLength = 128;

    /// <summary>The most days since a registration.</summary>
    public const int MaxDays = 36_525;

    /// <summary>Whether it says something, within bounds.</summary>
    [JsonIgnore]
    public abstract bool IsValid { get; }

    /// <summary>Whether the account may redeem as far as this rule goes.</summary>
    public abstract bool IsMetBy(Redeemer redeemer, RedeemerFacts facts, DateTimeOffset now);

    /// <summary>Whether these can be a rule's names.</summary>
    private protected static bool AreNames(ImmutableArray<string> names) =>
        names is { IsDefault: false, Length: > 0 and <= MaxNames }
        && names.All(name => name is { Length: > 0 and <= MaxNameLength } && !name.Any(char.IsControl) && name.IsStorable());
}

/// <summary>Accounts that registered lately. An account whose sign-in does not tell when it registered is not new.</summary>
/// <param name="RegisteredWithinDays">How lately.</param>
[GenerateSerializer, Immutable, Alias("billing.code.eligibility.new-accounts")]
public sealed record NewAccountsOnly(int RegisteredWithinDays) : EligibilityRule
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsValid => RegisteredWithinDays is > 0 and <= MaxDays;

    /// <inheritdoc/>
    public override bool IsMetBy(Redeemer redeemer, RedeemerFacts facts, DateTimeOffset now) =>
        redeemer.RegisteredAt is { } at && now - at <= TimeSpan.FromDays(RegisteredWithinDays);
}

/// <summary>Accounts of a group.</summary>
/// <param name="AnyOf">The groups.</param>
[GenerateSerializer, Immutable, Alias("billing.code.eligibility.groups")]
public sealed record AccountGroups(ImmutableArray<string> AnyOf) : EligibilityRule
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsValid => AreNames(AnyOf);

    /// <inheritdoc/>
    public override bool IsMetBy(Redeemer redeemer, RedeemerFacts facts, DateTimeOffset now) => redeemer.Groups.Any(AnyOf.Contains);
}

/// <summary>These accounts.</summary>
/// <param name="AccountIds">Which.</param>
[GenerateSerializer, Immutable, Alias("billing.code.eligibility.accounts")]
public sealed record NamedAccounts(ImmutableArray<string> AccountIds) : EligibilityRule
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsValid => AreNames(AccountIds);

    /// <inheritdoc/>
    public override bool IsMetBy(Redeemer redeemer, RedeemerFacts facts, DateTimeOffset now) => AccountIds.Contains(redeemer.Account);
}

/// <summary>Accounts that never paid an order.</summary>
[GenerateSerializer, Immutable, Alias("billing.code.eligibility.no-paid-order")]
public sealed record FirstPurchaseOnly : EligibilityRule
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsValid => true;

    /// <inheritdoc/>
    public override bool IsMetBy(Redeemer redeemer, RedeemerFacts facts, DateTimeOffset now) => !facts.HasPaidOrder;
}

/// <summary>Accounts whose subscription to a tier runs.</summary>
/// <param name="AnyTierOf">The tiers.</param>
[GenerateSerializer, Immutable, Alias("billing.code.eligibility.subscribers")]
public sealed record SubscribersOf(ImmutableArray<string> AnyTierOf) : EligibilityRule
{
    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsValid => AreNames(AnyTierOf);

    /// <inheritdoc/>
    public override bool IsMetBy(Redeemer redeemer, RedeemerFacts facts, DateTimeOffset now) => facts.ActiveTiers.Any(AnyTierOf.Contains);
}
