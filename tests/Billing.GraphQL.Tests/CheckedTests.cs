namespace Billing.GraphQL.Tests;

public sealed class CheckedTests
{
    [Theory]
    [InlineData("starter", "starter")]
    [InlineData("入门", "入门")]
    [InlineData("", "")]
    [InlineData("a\0b", "")]
    public void A_name_that_no_database_can_keep_is_nobodys(string name, string expected) => Assert.Equal(expected, Checked.NameOrNone(name));

    // Attributes are kept as UTF-8, which has no half of a pair.
    [Fact]
    public void Half_a_surrogate_pair_is_nobodys_name() => Assert.Equal("", Checked.NameOrNone("a\ud800"));

    [Fact]
    public void A_name_that_is_too_long_is_nobodys()
    {
        Assert.Equal(new('a', 64), Checked.NameOrNone(new('a', 64)));
        Assert.Equal("", Checked.NameOrNone(new('a', 65)));
    }
}
