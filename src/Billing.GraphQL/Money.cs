using System.Globalization;

namespace Billing.GraphQL;

/// <summary>An amount of money.</summary>
/// <param name="MinorUnits">In the currency's smallest unit: 1990 for CNY 19.90.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Formatted">As a person reads it, for example ¥19.90.</param>
public sealed record Money(long MinorUnits, [property: CurrencyCode] string Currency, string Formatted)
{
    internal static Money Of(Billing.Money money) => new(
        money.MinorUnits, money.Currency,
        Currencies.Symbol(money.Currency) + money.Major.ToString("N" + Currencies.Decimals(money.Currency), CultureInfo.InvariantCulture));

    internal static Money? Of(Billing.Money? money) => money is { } some ? Of(some) : null;
}

/// <summary>An amount of money.</summary>
/// <param name="MinorUnits">In the currency's smallest unit: 1990 for CNY 19.90.</param>
/// <param name="Currency">ISO 4217.</param>
public sealed record MoneyInput(long MinorUnits, [property: CurrencyCode] string Currency)
{
    internal Billing.Money ToDomain() => new(MinorUnits, Currency);
}
