using Billing.Orders;
using CsCheck;

namespace Billing.Tests.Orders;

public class OrderNumberTests
{
    static readonly Gen<string> Text = Gen.String[1, 40];

    [Fact]
    public void The_same_wish_is_the_same_number_for_ever()
    {
        // Pinned: another number for an old wish would be another order.
        Assert.Equal("25RNSV565JMH3GHM", OrderNumber.Of("alice", "key-1"));
        Assert.Equal("M9FCW9CGKCYK51HY", OrderNumber.Of("alice", "key-2"));
    }

    [Fact]
    public void Where_the_account_ends_matters() => Assert.NotEqual(OrderNumber.Of("ab", "c"), OrderNumber.Of("a", "bc"));

    [Fact]
    public void Every_number_is_valid_and_reads_back_with_its_payments() => Gen.Select(Text, Text, Gen.Int[1, 99]).Sample((account, key, ordinal) =>
    {
        var number = OrderNumber.Of(account, key);
        Assert.True(OrderNumber.IsValid(number));
        Assert.True(OrderNumber.TryParsePayment(OrderNumber.OfPayment(number, ordinal), out var order, out var read));
        Assert.Equal((number, ordinal), (order, read));
    });

    [Fact]
    public void Other_wishes_have_other_numbers() => Gen.Select(Text, Text, Text, Text).Sample((account, key, other, otherKey) =>
        (account == other && key == otherKey) == (OrderNumber.Of(account, key) == OrderNumber.Of(other, otherKey)));

    [Fact]
    public void What_anyone_may_send_is_read_without_an_exception() => Gen.String[0, 20].Sample(text =>
    {
        _ = OrderNumber.IsValid(text);
        if (OrderNumber.TryParsePayment(text, out var order, out var ordinal)) Assert.Equal(text, OrderNumber.OfPayment(order, ordinal));
    });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("25RNSV565JMH3GHM")]
    [InlineData("25RNSV565JMH3GHM00")]
    [InlineData("25RNSV565JMH3GHM-1")]
    [InlineData("25RNSV565JMH3GHM+1")]
    [InlineData("25RNSV565JMH3GHM 1")]
    [InlineData("25RNSV565JMH3GHM001")]
    [InlineData("25RNSV565JMH3GHM٠١")]
    [InlineData("25RNSV565JMH3GHN01")]
    [InlineData("25rnsv565jmh3ghm01")]
    [InlineData("'; DROP TABLE--001")]
    public void What_is_no_payments_number_is_refused(string? text)
    {
        Assert.False(OrderNumber.TryParsePayment(text, out var order, out _));
        Assert.Equal("", order);
    }

    [Fact]
    public void A_wish_without_account_or_key_has_no_number()
    {
        Assert.Throws<ArgumentException>(() => OrderNumber.Of("", "key"));
        Assert.Throws<ArgumentException>(() => OrderNumber.Of("alice", ""));
    }
}
