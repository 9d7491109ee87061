using Microsoft.Extensions.DependencyInjection;

namespace Billing.GraphQL.Tests.Conventions;

public sealed class NodesTests
{
    static readonly string[] Hundred = [.. Enumerable.Range(1, 100).Select(n => GlobalId.Write("Item", $"{n}"))];

    /// <summary>Looked up one by one, a request would have as many statements as ids.</summary>
    [Fact]
    public async Task All_that_a_request_names_is_looked_up_at_once()
    {
        var items = new ItemSource("Thing");
        await using var host = await TestHost.Start(services: services => services.AddSingleton<INodeSource>(items));
        string Id(int n) => GlobalId.Write("Thing", $"{n}");
        var answer = await host.Ask(
            "query($a: [ID!]!, $b: [ID!]!, $c: ID!) { a: nodes(ids: $a) { ... on Item { number } } b: nodes(ids: $b) { ... on Item { number } } c: node(id: $c) { ... on Item { number } } }",
            new { a = new[] { Id(1), "none", Id(2) }, b = new[] { Id(2), Id(1), GlobalId.Write("Thing", "none") }, c = Id(3) });
        Assert.Equal("""{"a":[{"number":1},null,{"number":2}],"b":[{"number":2},{"number":1},null],"c":{"number":3}}""", answer.Data.GetRawText());
        Assert.Equal(["1", "2", "3", "none"], Assert.Single(items.Asked).Order());
    }

    [Fact]
    public async Task Nothing_is_looked_up_for_who_may_see_none_of_it()
    {
        var (own, administrators) = (new ItemSource("Own", NodeReaders.SignedIn), new ItemSource("Theirs", NodeReaders.Administrators));
        await using var host = await TestHost.Start(services: services => services.AddSingleton<INodeSource>(own).AddSingleton<INodeSource>(administrators));
        foreach (var (token, seen) in new[] { (null, "[null,null]"), ("alice", """[{"id":"SXRlbTox"},null]"""), ("root,role=billing:admin", """[{"id":"SXRlbTox"},{"id":"SXRlbTox"}]""") })
        {
            var answer = await host.Ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", new { ids = new[] { GlobalId.Write("Own", "1"), GlobalId.Write("Theirs", "1") } }, token);
            Assert.Equal(seen, answer.Data.GetProperty("nodes").GetRawText());
        }

        Assert.Equal((2, 1), (own.Asked.Count, administrators.Asked.Count));
    }

    /// <summary>What is asked of each object counts for each id as well; also in a document that was kept when it was asked with fewer.</summary>
    [Fact]
    public async Task A_list_of_ids_costs_as_much_as_its_ids()
    {
        await using var host = await TestHost.Start(options => options.MaxComplexity = 1_100);
        const string Document = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        Assert.Null((await host.Ask(Document, new { ids = Hundred })).Code);
        var answer = await host.Ask("query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Item { number } } }", new { ids = Hundred });
        Assert.Equal((400, ErrorCodes.TooComplex), (answer.Status, answer.Code));
        const string Twice = "query($ids: [ID!]!) { a: nodes(ids: $ids) { __typename } b: nodes(ids: $ids) { __typename } }";
        Assert.Null((await host.Ask(Twice, new { ids = Hundred[..50] })).Code);
        Assert.Equal(ErrorCodes.TooComplex, (await host.Ask(Twice, new { ids = Hundred })).Code);
        // The literal is as long as the variable.
        Assert.Equal(ErrorCodes.TooComplex, (await host.Ask($"{{ a: nodes(ids: [{string.Join(' ', Hundred.Select(id => $"\"{id}\""))}]) {{ x: id y: id }} }}")).Code);
    }

    /// <summary>64 KiB without a token: a hundred ids in a variable, under as many aliases as fit.</summary>
    [Fact]
    public async Task Fifty_thousand_ids_in_one_request_are_refused_before_any_is_looked_up()
    {
        await using var host = await TestHost.Start();
        var aliases = string.Concat(Enumerable.Range(0, 480).Select(n => $"a{n}:nodes(ids:$i){{__typename}}"));
        var answer = await host.Ask("query($i:[ID!]!){" + aliases + "}", new { i = Hundred });
        Assert.Equal((400, ErrorCodes.TooComplex), (answer.Status, answer.Code));
        Assert.Empty(host.Services.GetServices<INodeSource>().OfType<ItemSource>().Single().Asked);
    }

    [Fact]
    public async Task More_ids_than_a_page_has_are_refused()
    {
        await using var host = await TestHost.Start();
        var answer = await host.Ask("query($ids: [ID!]!) { nodes(ids: $ids) { id } }", new { ids = Enumerable.Repeat("x", 101) });
        Assert.Equal(ErrorCodes.PageTooLarge, answer.Code);
    }
}
