using System.Globalization;
using CsCheck;

namespace Billing.Tests;

public class CreditsTests
{
    [Fact]
    public void What_people_read_is_what_they_can_write() => Gen.Long[-Credits.Max.Micro, Credits.Max.Micro].Sample(micro =>
    {
        Assert.True(Credits.TryFrom(new Credits(micro).Amount, out var read));
        Assert.Equal(new Credits(micro), read);
    });

    [Theory]
    [InlineData("0.0000001")]
    [InlineData("1000000000000.000001")]
    [InlineData("-1000000000001")]
    [InlineData("79228162514264337593543950335")]
    public void A_fraction_of_a_micro_credit_and_what_does_not_fit_are_refused(string amount) =>
        Assert.False(Credits.TryFrom(decimal.Parse(amount, CultureInfo.InvariantCulture), out _));

    [Fact]
    public void Arithmetic_that_does_not_fit_throws()
    {
        Assert.Throws<OverflowException>(() => new Credits(long.MaxValue) + new Credits(1));
        Assert.Throws<OverflowException>(() => new Credits(long.MinValue) - new Credits(1));
        Assert.Throws<OverflowException>(() => -new Credits(long.MinValue));
        Assert.Throws<OverflowException>(() => Credits.Whole(long.MaxValue));
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    [InlineData(1, true)]
    [InlineData(1_000_000_000_000_000_000, true)]
    [InlineData(1_000_000_000_000_000_001, false)]
    public void A_grant_is_at_least_a_micro_credit_and_at_most_a_trillion_credits(long micro, bool grantable) =>
        Assert.Equal(grantable, new Credits(micro).IsGrantable);

    [Theory]
    [InlineData(1_500_000, "1.5 credits")]
    [InlineData(1, "0.000001 credits")]
    [InlineData(-2_000_000, "-2 credits")]
    public void It_is_written_without_needless_zeros(long micro, string text) => Assert.Equal(text, new Credits(micro).ToString());

    [Fact]
    public void They_are_compared_by_amount()
    {
        Assert.True(new Credits(1) < new Credits(2));
        Assert.True(new Credits(2) > new Credits(1));
        Assert.True(new Credits(2) <= new Credits(2));
        Assert.True(new Credits(2) >= new Credits(2));
        Assert.Equal(1, new Credits(2).CompareTo(new Credits(1)));
    }
}
