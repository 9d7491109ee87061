using Billing.Catalog;
using CsCheck;

namespace Billing.Tests.Catalog;

public class CustomAmountTests
{
    // CNY 1 to 10,000; 100 credits for a yuan; 5 % more from CNY 100, 12.5 % more from CNY 1,000.
    static readonly CustomAmount TopUp = new(Yuan(1), Yuan(10_000), 100m, [new(Yuan(100), 5m), new(Yuan(1_000), 12.5m)]);

    [Theory]
    [InlineData("1", "100")]
    [InlineData("99.99", "9999")]
    [InlineData("100", "10500")]
    [InlineData("999.99", "104998.95")]
    [InlineData("1000", "112500")]
    [InlineData("0.01", "1")]
    public void The_highest_step_that_is_reached_counts_for_the_whole_amount(string yuan, string credits) =>
        Assert.Equal(Number(credits), TopUp.CreditsFor(Yuan(Number(yuan)))!.Value.Amount);

    [Fact]
    public void A_fraction_of_a_micro_credit_is_left_out() =>
        Assert.Equal(new Credits(3_333), (TopUp with { CreditsPerUnit = 1m / 3m, Bonuses = [] }).CreditsFor(Yuan(0.01m)));

    [Fact]
    public void What_does_not_fit_is_no_credits() =>
        Assert.Null((TopUp with { CreditsPerUnit = 1_000_000_000m }).CreditsFor(new Money(Money.MaxMinorUnits, "CNY")));

    [Fact]
    public void Who_pays_more_never_gets_less() => Gen.Select(Gen.Long[1, 1_000_000], Gen.Long[0, 1_000_000]).Sample((minor, more) =>
        TopUp.CreditsFor(new(minor, "CNY")) <= TopUp.CreditsFor(new(minor + more, "CNY")));

    static Money Yuan(decimal amount) => Money.FromMajor(amount, "CNY");

    static decimal Number(string text) => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
