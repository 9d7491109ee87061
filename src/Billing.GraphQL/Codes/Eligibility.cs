using System.Collections.Immutable;
using Billing.Codes;
using GraphQL;
using Domain = Billing.Codes;

namespace Billing.GraphQL.Codes;

/// <summary>Who may redeem a code.</summary>
[UnionType]
public interface IEligibilityRule;

/// <summary>Accounts that registered lately.</summary>
/// <param name="RegisteredWithinDays">How lately.</param>
public sealed record NewAccountsOnly(int RegisteredWithinDays) : IEligibilityRule;

/// <summary>Accounts of a group.</summary>
/// <param name="AnyOf">One of these groups.</param>
public sealed record AccountGroups(IReadOnlyList<string> AnyOf) : IEligibilityRule;

/// <summary>Some accounts, which only administrators see.</summary>
/// <param name="AccountIds">Which; empty for who is no administrator.</param>
public sealed record NamedAccounts([property: Id] IReadOnlyList<string> AccountIds) : IEligibilityRule;

/// <summary>Accounts that never paid an order.</summary>
/// <param name="HasNoPaidOrder">Always true.</param>
public sealed record FirstPurchaseOnly(bool HasNoPaidOrder) : IEligibilityRule;

/// <summary>Accounts whose subscription to a tier runs.</summary>
/// <param name="AnyTierOf">One of these tiers.</param>
public sealed record SubscribersOf(IReadOnlyList<string> AnyTierOf) : IEligibilityRule;

static class EligibilityRules
{
    public static IEligibilityRule Show(EligibilityRule rule, bool seesNames) => rule switch
    {
        Domain.NewAccountsOnly e => new NewAccountsOnly(e.RegisteredWithinDays),
        Domain.AccountGroups e => new AccountGroups(e.AnyOf),
        Domain.NamedAccounts e => new NamedAccounts(seesNames ? e.AccountIds : ImmutableArray<string>.Empty),
        Domain.FirstPurchaseOnly => new FirstPurchaseOnly(true),
        Domain.SubscribersOf e => new SubscribersOf(e.AnyTierOf),
        _ => throw new InvalidOperationException($"{rule.GetType().Name} is not shown."),
    };
}

/// <summary>Who may redeem: one of its fields.</summary>
/// <param name="NewAccountsOnly">Accounts that registered lately.</param>
/// <param name="AccountGroups">Accounts of a group.</param>
/// <param name="NamedAccounts">These accounts.</param>
/// <param name="FirstPurchaseOnly">Accounts that never paid an order; true.</param>
/// <param name="SubscribersOf">Accounts whose subscription to a tier runs.</param>
[OneOf]
public sealed record EligibilityRuleInput(
    NewAccountsOnlyInput? NewAccountsOnly, AccountGroupsInput? AccountGroups, NamedAccountsInput? NamedAccounts, bool? FirstPurchaseOnly, SubscribersOfInput? SubscribersOf)
{
    /// <summary>As the domain has it; null when it says nothing.</summary>
    internal EligibilityRule? ToDomain() => this switch
    {
        { NewAccountsOnly: { } rule } => new Domain.NewAccountsOnly(rule.RegisteredWithinDays),
        { AccountGroups: { } rule } => new Domain.AccountGroups([.. rule.AnyOf]),
        { NamedAccounts: { } rule } => new Domain.NamedAccounts([.. rule.AccountIds.Select(Checked.NotGlobal)]),
        { FirstPurchaseOnly: true } => new Domain.FirstPurchaseOnly(),
        { SubscribersOf: { } rule } => new Domain.SubscribersOf([.. rule.AnyTierOf]),
        _ => null,
    };
}

/// <summary>Accounts that registered lately.</summary>
/// <param name="RegisteredWithinDays">How lately.</param>
public sealed record NewAccountsOnlyInput(int RegisteredWithinDays);

/// <summary>Accounts of a group.</summary>
/// <param name="AnyOf">One of these groups.</param>
public sealed record AccountGroupsInput(IReadOnlyList<string> AnyOf);

/// <summary>Some accounts.</summary>
/// <param name="AccountIds">Which, by the subjects of their owners' sign-in.</param>
public sealed record NamedAccountsInput([property: Id] IReadOnlyList<string> AccountIds);

/// <summary>Accounts whose subscription to a tier runs.</summary>
/// <param name="AnyTierOf">One of these tiers.</param>
public sealed record SubscribersOfInput(IReadOnlyList<string> AnyTierOf);
