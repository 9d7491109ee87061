using System.Text;
using System.Text.Json;

namespace Billing.GraphQL.Tests.Engine;

/// <summary>A document that is known goes a shorter way through validation; what a client sees is the same.</summary>
public sealed class KnownDocuments
{
    public static TheoryData<string, string, string?> Requests => new()
    {
        { "{ ping }", "{}", null },
        { "{ echo(text: \"a\") other: echo(text: \"b\") }", "{}", null },
        { "query($text: String!) { echo(text: $text) }", "{\"text\":\"hello\"}", null },
        { "query($text: String!) { echo(text: $text) }", "{}", null },
        { "query($text: String!) { echo(text: $text) }", "{\"text\":null}", null },
        { "query($text: String!) { echo(text: $text) }", "{\"text\":{\"a\":1}}", null },
        { "query($text: String = \"usual\") { echo(text: $text) }", "{}", null },
        { "query($text: String = \"usual\") { echo(text: $text) }", "{\"text\":null}", null },
        { "query($at: DateTime) { values(at: $at) { at } }", "{\"at\":\"2026-01-31T08:30:00+01:00\"}", null },
        { "query($at: DateTime) { values(at: $at) { at } }", "{\"at\":\"yesterday\"}", null },
        { "query($first: Int) { ...Page } fragment Page on Query { items(first: $first) { nodes { number } pageInfo { hasNextPage } } }", "{\"first\":2}", null },
        { "query($first: Int) { ...Page } fragment Page on Query { items(first: $first) { nodes { number } } again: items(first: $first) { ...Nodes } } fragment Nodes on ItemConnection { nodes { number owner { name } } }", "{\"first\":1}", null },
        { "query($input: ChoiceInput!) { choose(input: $input) }", "{\"input\":{\"name\":\"x\"}}", null },
        { "query($input: ChoiceInput!) { choose(input: $input) }", "{\"input\":{\"name\":\"x\",\"number\":1}}", null },
        { "query($input: ChoiceInput!) { choose(input: $input) }", "{\"input\":{\"nmae\":\"x\"}}", null },
        { "query($name: String!) { choose(input: {name: $name}) }", "{\"name\":\"x\"}", null },
        { "query($with: Boolean!) { ping echo(text: \"a\") @include(if: $with) }", "{\"with\":false}", null },
        { "query($with: Boolean!) { ping ...E @skip(if: $with) } fragment E on Query { echo(text: \"a\") }", "{\"with\":false}", null },
        { "query A($text: String!) { echo(text: $text) } query B { ping }", "{\"text\":\"one of two\"}", "A" },
        { "query A($text: String!) { echo(text: $text) } query B { ping }", "{\"text\":\"one of two\"}", "B" },
    };

    [Theory]
    [MemberData(nameof(Requests))]
    public async Task It_answers_as_it_did_the_first_time(string document, string variables, string? operation)
    {
        await using var host = await TestHost.Start();
        var first = await Ask();
        // A third time, because the second leaves what the third takes up.
        for (var again = 0; again < 2; again++)
        {
            var next = await Ask();
            Assert.Equal((first.Status, first.Text), (next.Status, next.Text));
        }

        Task<Answer> Ask()
        {
            var body = $$"""{"query":{{JsonSerializer.Serialize(document)}},"variables":{{variables}},"operationName":{{JsonSerializer.Serialize(operation)}}}""";
            return host.Send(new HttpRequestMessage(HttpMethod.Post, host.Url) { Content = new StringContent(body, Encoding.UTF8, "application/json") });
        }
    }

    [Fact]
    public async Task Requests_at_once_do_not_mix_their_variables()
    {
        await using var host = await TestHost.Start();
        const string document = "query($text: String!) { echo(text: $text) }";
        await host.Ask(document, new { text = "first" });
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async i => (i, (await host.Ask(document, new { text = $"n{i}" })).Text)));
        Assert.All(answers, answer => Assert.Contains($"\"n{answer.i}\"", answer.Text, StringComparison.Ordinal));
    }
}
