namespace Billing.GraphQL.Tests.Engine;

public sealed class Permissions
{
    [Fact]
    public async Task Who_is_not_signed_in_is_told_so()
    {
        await using var host = await TestHost.Start();
        var answer = await host.Ask("{secret}");
        Assert.Equal((401, ErrorCodes.NotAuthenticated), (answer.Status, answer.Code));
        Assert.Equal(1, answer.Json.GetProperty("errors")[0].GetProperty("locations")[0].GetProperty("line").GetInt32());
        Assert.Equal((401, ErrorCodes.NotAuthenticated), await Outcome(host.Ask("{secret}", token: "bad")));
    }

    [Fact]
    public async Task Who_has_not_the_role_is_told_so()
    {
        await using var host = await TestHost.Start();
        Assert.Equal((403, ErrorCodes.NotAuthorized), await Outcome(host.Ask("{administratorsSecret}", token: "alice")));
        Assert.Equal((403, ErrorCodes.NotAuthorized), await Outcome(host.Ask("{administratorsSecret}", token: "alice,role=billing:service")));
        var answer = await host.Ask("{administratorsSecret}", token: "root,roles=billing:admin");
        Assert.Equal("keys", answer.Data.GetProperty("administratorsSecret").GetString());
    }

    [Theory]
    [InlineData("{secret}")]
    [InlineData("{...F} fragment F on Query {secret}")]
    [InlineData("{... on Query {a: secret}}")]
    [InlineData("query($yes: Boolean = true) {secret @include(if: $yes)}")]
    public async Task A_document_that_is_cached_for_one_is_refused_to_another(string document)
    {
        await using var host = await TestHost.Start();
        Assert.Null((await host.Ask(document, token: "alice")).Code);
        Assert.Equal((401, ErrorCodes.NotAuthenticated), await Outcome(host.Ask(document)));
        Assert.Null((await host.Ask(document, token: "bob")).Code);
    }

    [Fact]
    public async Task A_field_that_is_left_out_is_not_asked_for()
    {
        await using var host = await TestHost.Start();
        const string Document = "query($in: Boolean!) { ping secret @include(if: $in) }";
        Assert.Null((await host.Ask(Document, new { @in = false })).Code);
        Assert.Equal((401, ErrorCodes.NotAuthenticated), await Outcome(host.Ask(Document, new { @in = true })));
    }

    [Fact]
    public async Task A_field_says_otherwise_than_its_class()
    {
        await using var host = await TestHost.Start();
        Assert.False((await host.Ask("{signedIn}")).Data.GetProperty("signedIn").GetBoolean());
        Assert.True((await host.Ask("{signedIn}", token: "alice")).Data.GetProperty("signedIn").GetBoolean());
    }

    [Fact]
    public async Task The_form_that_always_says_200_still_runs_nothing()
    {
        await using var host = await TestHost.Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Url, "?query={secret}"));
        var answer = await host.Send(request);
        Assert.Equal((200, ErrorCodes.NotAuthenticated), (answer.Status, answer.Code));
        Assert.False(answer.Json.TryGetProperty("data", out _));
    }

    static async Task<(int Status, string? Code)> Outcome(Task<Answer> answer) => ((await answer).Status, (await answer).Code);
}
