using System.Text.Json.Nodes;
using Billing.GraphQL.Audit;
using Billing.GraphQL.Search;
using Billing.Orders;
using Billing.Storage.Audit;

namespace Billing.GraphQL.Tests.Audit;

public sealed class AuditDataTests
{
    [Theory]
    [InlineData("""{"sealed":"k1.abc"}""")]
    [InlineData("""{"vanity":{"text":"k1.abc","tail":"TAIL"}}""")]
    [InlineData("""{"inner":[{"Sealed":"k1.abc"}]}""")]
    [InlineData("""{"checkout":{"redirectUrl":"https://pay.example/?signature=k1.abc"}}""")]
    public void What_opens_a_code_or_a_payment_is_masked(string data)
    {
        var entry = AuditEntry.Of(Row(data));
        Assert.DoesNotContain("k1.abc", entry.Data, StringComparison.Ordinal);
        Assert.Contains("***", entry.Data, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"note":"Why."}""", "Why.")]
    [InlineData("""{"reason":"Because."}""", "Because.")]
    [InlineData("""{"note":null,"at":"2026"}""", null)]
    [InlineData("{}", null)]
    public void The_note_is_where_the_event_has_it(string data, string? note) => Assert.Equal(note, AuditEntry.Of(Row(data)).Note);

    [Fact]
    public void Differences_are_field_by_field()
    {
        var before = (JsonObject)JsonNode.Parse("""{"a":1,"b":{"c":2},"gone":3,"same":[1]}""")!;
        var after = (JsonObject)JsonNode.Parse("""{"a":1,"b":{"c":4},"new":5,"same":[1]}""")!;
        Assert.Equal([new("b", """{"c":2}""", """{"c":4}"""), new("gone", "3", null), new("new", null, "5")], AuditData.Differences(before, after));
    }

    [Fact]
    public void A_number_of_a_payment_or_a_refund_names_its_order()
    {
        var number = OrderNumber.Of("ada", "key");
        foreach (var text in new[] { number, number.ToLowerInvariant(), number + "01", number + "r01" }) Assert.Equal([number], AdministratorSearch.Numbers(text));
        foreach (var text in new[] { number[..15], number + "1", number + "R1", number + "X01", number + "0100", "0000000000000001" }) Assert.Empty(AdministratorSearch.Numbers(text));
    }

    static AuditRow Row(string data) => new("journal", 1, DateTimeOffset.UnixEpoch, "admin:carol", "code", "K", 1, "CodeIssued", data);
}
