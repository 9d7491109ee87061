namespace Billing.GraphQL.Tests.Engine;

public sealed class Loading
{
    [Fact]
    public async Task Siblings_are_loaded_at_once()
    {
        await using var host = await TestHost.Start();
        var answer = await host.Ask("{items(first: 20) {nodes {owner {name}}}}");
        var owners = answer.Data.GetProperty("items").GetProperty("nodes").EnumerateArray().Select(item => item.GetProperty("owner")).ToList();
        Assert.Equal("owner 1", owners[0].GetProperty("name").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, owners[2].ValueKind);
        Assert.Equal([0, 1, 2], Assert.Single(host.Get<OwnerLoads>().Batches).Order());
    }
}
