using System.Text;
using System.Text.Json;

namespace Billing.GraphQL.Tests.Engine;

/// <summary>What must not stand in an address is refused there, and comes by every other way.</summary>
public sealed class Secrets
{
    [Theory]
    [InlineData("{unlock(secret:\"swordfish\")}", null)]
    [InlineData("query($s:String!){unlock(secret:$s)}", """{"s":"swordfish"}""")]
    [InlineData("{ping ...F} fragment F on Query {a:unlock(secret:\"swordfish\")}", null)]
    [InlineData("query($s:String!,$no:Boolean=true){ping unlock(secret:$s)@include(if:$no)}", """{"s":"swordfish"}""")]
    public async Task A_secret_in_an_address_is_refused(string query, string? variables)
    {
        await using var host = await TestHost.Start();
        foreach (var accept in (string[])["application/json", "application/graphql-response+json"])
        {
            var answer = await Get(host, query, variables, accept);
            Assert.Equal((405, ErrorCodes.SecretInAddress), (answer.Status, answer.Code));
            Assert.Equal(["POST"], answer.ContentHeaders.Allow);
            Assert.Contains("POST", answer.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("open", answer.Text, StringComparison.Ordinal);
        }

        var stream = await Get(host, query, variables, "text/event-stream");
        Assert.Contains(ErrorCodes.SecretInAddress, stream.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("open", stream.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task By_POST_and_by_socket_it_comes()
    {
        await using var host = await TestHost.Start();
        Assert.Equal("open", (await host.Ask("{unlock(secret:\"swordfish\")}")).Data.GetProperty("unlock").GetString());
        using var request = new HttpRequestMessage(HttpMethod.Post, host.Url)
        {
            Content = new StringContent(JsonSerializer.Serialize(new { query = "{unlock(secret:\"swordfish\")}" }), Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd("text/event-stream");
        Assert.Contains("open", (await host.Send(request)).Text, StringComparison.Ordinal);
        using var socket = await host.Connect();
        await socket.Greet();
        await socket.Subscribe("1", "{unlock(secret:\"swordfish\")}");
        Assert.Contains("open", (await socket.Receive("next")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_does_not_run_is_not_refused()
    {
        await using var host = await TestHost.Start();
        Assert.Null((await Get(host, "query($no:Boolean=false){ping unlock(secret:\"\")@include(if:$no)}", null, "application/json")).Code);
    }

    static async Task<Answer> Get(TestHost host, string query, string? variables, string accept)
    {
        var address = $"{host.Url}?query={Uri.EscapeDataString(query)}" + (variables is null ? "" : $"&variables={Uri.EscapeDataString(variables)}");
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd(accept);
        return await host.Send(request);
    }
}
