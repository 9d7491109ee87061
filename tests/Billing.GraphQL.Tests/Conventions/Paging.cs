using System.Buffers.Text;
using System.Text.Json;
using System.Text.Unicode;
using Billing.GraphQL.Orders;
using Billing.Orders;

namespace Billing.GraphQL.Tests.Conventions;

public sealed class Paging
{
    [Fact]
    public async Task Pages_forward_give_everything_once()
    {
        await using var host = await TestHost.Start();
        var seen = new List<int>();
        string? after = null;
        do
        {
            var page = await Items(host, new { first = 100, after });
            seen.AddRange(Numbers(page));
            var info = page.GetProperty("pageInfo");
            Assert.Equal(after is not null, info.GetProperty("hasPreviousPage").GetBoolean());
            after = info.GetProperty("hasNextPage").GetBoolean() ? info.GetProperty("endCursor").GetString() : null;
        }
        while (after is not null);
        Assert.Equal(Enumerable.Range(1, 250), seen);
    }

    [Fact]
    public async Task A_page_backward_is_in_the_lists_order()
    {
        await using var host = await TestHost.Start();
        var last = await Items(host, new { last = 3 });
        Assert.Equal([248, 249, 250], Numbers(last));
        Assert.False(last.GetProperty("pageInfo").GetProperty("hasNextPage").GetBoolean());
        Assert.True(last.GetProperty("pageInfo").GetProperty("hasPreviousPage").GetBoolean());
        var before = last.GetProperty("pageInfo").GetProperty("startCursor").GetString();
        Assert.Equal([246, 247], Numbers(await Items(host, new { last = 2, before })));
    }

    [Fact]
    public async Task A_page_has_twenty_items_when_nothing_is_said()
    {
        await using var host = await TestHost.Start();
        Assert.Equal(20, Numbers(await Items(host, new { })).Count());
    }

    [Theory]
    [InlineData("first: 10000", ErrorCodes.PageTooLarge)]
    [InlineData("last: 101", ErrorCodes.PageTooLarge)]
    [InlineData("first: -1", ErrorCodes.BadPage)]
    [InlineData("first: 1, last: 1", ErrorCodes.BadPage)]
    [InlineData("first: 1, before: \"WyIxIl0\"", ErrorCodes.BadPage)]
    [InlineData("after: \"nonsense\"", ErrorCodes.BadCursor)]
    [InlineData("after: \"\"", ErrorCodes.BadCursor)]
    [InlineData("after: \"WyJ4Il0\"", ErrorCodes.BadCursor)]
    [InlineData("after: \"WyIxIiwiMiJd\"", ErrorCodes.BadCursor)]
    [InlineData("after: \"W251bGxd\"", ErrorCodes.BadCursor)]
    public async Task Page_arguments_that_make_no_sense_are_the_clients_error(string arguments, string code)
    {
        await using var host = await TestHost.Start();
        Assert.Equal(code, (await host.Ask($"{{items({arguments}) {{nodes {{number}}}}}}")).Code);
    }

    [Fact]
    public void A_cursor_of_time_and_key_is_read_as_written()
    {
        var at = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(8)).AddTicks(1234567);
        Assert.Equal((at, "ÖRDER:1"), Cursor.ReadTimeAndKey(Cursor.Write(at, "ÖRDER:1")));
    }

    [Theory]
    [InlineData("T3JkZXI6QUI_")]
    [InlineData("T3JkZXI6QUI/")]
    [InlineData("T3JkZXI6QUI/Cg")]
    [InlineData("T3JkZXI6QUI/Cg==")]
    public void An_id_is_read_in_both_alphabets(string id)
    {
        Assert.True(GlobalId.TryRead(id, out var noun, out var key));
        Assert.Equal("Order", noun);
        Assert.StartsWith("AB?", key, StringComparison.Ordinal);
        Assert.Equal(key, GlobalId.KeyOf("Order", id));
        Assert.Null(GlobalId.KeyOf("Refund", id));
        Assert.Equal("00AB7", GlobalId.KeyOf("Order", "00AB7"));
    }

    [Fact]
    public void Every_order_number_names_its_order_also_one_that_is_base64_of_something_else()
    {
        var numbers = Enumerable.Range(0, 50_000).Select(n => OrderNumber.Of("alice", $"wish-{n}")).ToList();
        Assert.Contains(numbers, number => Base64Url.DecodeFromChars(number) is var bytes && Utf8.IsValid(bytes) && bytes.AsSpan(1..^1).Contains((byte)':'));
        Assert.All(numbers, number => Assert.Equal(number, OrderKey.Of(number)));
    }

    [Fact]
    public async Task What_has_an_id_is_found_by_it()
    {
        await using var host = await TestHost.Start();
        var id = GlobalId.Write("Item", "7");
        var answer = await host.Ask("query($id: ID!, $ids: [ID!]!) { node(id: $id) { id ... on Item { number } } nodes(ids: $ids) { id } }", new { id, ids = new[] { "none", id } });
        Assert.Equal(7, answer.Data.GetProperty("node").GetProperty("number").GetInt32());
        Assert.Equal(JsonValueKind.Null, answer.Data.GetProperty("nodes")[0].ValueKind);
        Assert.Equal(id, answer.Data.GetProperty("nodes")[1].GetProperty("id").GetString());
    }

    static async Task<JsonElement> Items(TestHost host, object variables)
    {
        var answer = await host.Ask(
            "query($first: Int, $after: String, $last: Int, $before: String) { items(first: $first, after: $after, last: $last, before: $before) "
            + "{ edges { cursor node { number } } nodes { number } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }",
            variables);
        return answer.Data.GetProperty("items");
    }

    static IEnumerable<int> Numbers(JsonElement page) => page.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("number").GetInt32());
}
