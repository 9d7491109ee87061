using CsCheck;

namespace Billing.Tests;

public class MoneyTests
{
    [Theory]
    [InlineData(1990, "CNY", "19.90 CNY")]
    [InlineData(1990, "JPY", "1990 JPY")]
    [InlineData(1990, "KWD", "1.990 KWD")]
    [InlineData(-5, "USD", "-0.05 USD")]
    public void It_is_written_with_its_currencys_decimals(long minor, string currency, string text) =>
        Assert.Equal(text, new Money(minor, currency).ToString());

    [Fact]
    public void Major_units_and_back_are_the_same_money() => Gen
        .Select(Gen.Long[-Money.MaxMinorUnits, Money.MaxMinorUnits], Gen.OneOfConst("CNY", "JPY", "KWD")).Sample((minor, currency) =>
    {
        var money = new Money(minor, currency);
        Assert.Equal(money, Money.FromMajor(money.Major, currency));
    });

    [Theory]
    [InlineData("19.905", "CNY")]
    [InlineData("0.5", "JPY")]
    [InlineData("0.0001", "KWD")]
    public void A_fraction_of_the_smallest_unit_is_no_money(string major, string currency) =>
        Assert.Throws<ArgumentException>(() => Money.FromMajor(decimal.Parse(major, System.Globalization.CultureInfo.InvariantCulture), currency));

    [Fact]
    public void More_than_fits_throws() => Assert.Throws<OverflowException>(() => Money.FromMajor(decimal.MaxValue / 100m, "CNY"));

    [Theory]
    [InlineData(1, "CNY", true)]
    [InlineData(Money.MaxMinorUnits, "CNY", true)]
    [InlineData(Money.MaxMinorUnits + 1, "CNY", false)]
    [InlineData(0, "CNY", false)]
    [InlineData(-1, "CNY", false)]
    [InlineData(1, "cny", false)]
    [InlineData(1, "XXX", false)]
    [InlineData(1, "", false)]
    [InlineData(1, null, false)]
    public void It_is_payable_when_positive_bounded_and_in_a_known_currency(long minor, string? currency, bool payable) =>
        Assert.Equal(payable, new Money(minor, currency!).IsPayable);

    [Fact]
    public void The_same_number_in_another_currency_is_other_money() => Assert.NotEqual(new Money(1990, "CNY"), new Money(1990, "USD"));
}
