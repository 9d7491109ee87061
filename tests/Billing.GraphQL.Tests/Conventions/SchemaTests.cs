using System.Text.Json;

namespace Billing.GraphQL.Tests.Conventions;

public sealed class SchemaTests
{
    [Fact]
    public async Task The_schema_is_what_the_records_and_classes_say()
    {
        await using var host = await TestHost.Start();
        var printed = host.Get<BillingSchema>().Print();
        foreach (var line in new[]
        {
            "type ItemConnection {",
            "  nodes: [Item!]!",
            "  totalCount: Int",
            "type Item implements Node {",
            "  owner: Owner",
            "union Pet = Cat | Dog",
            "union RenameError = NameTooLong",
            "type NameTooLong implements Error {",
            "input ChoiceInput @oneOf {",
            "  rename(",
            "  node(",
            "  ticks: Int!",
            "scalar CurrencyCode",
            "  currency: CurrencyCode",
            "  answer: String!",
            "  \"Whether anybody is there.\"",
        })
        {
            Assert.Contains(line, printed, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("viewer", printed, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("owners", printed, StringComparison.Ordinal);
        Assert.DoesNotContain("  of(", printed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_schema_prints_the_same_on_every_run()
    {
        await using var one = await TestHost.Start();
        await using var other = await TestHost.Start();
        Assert.Equal(one.Get<BillingSchema>().Print(), other.Get<BillingSchema>().Print());
    }

    [Fact]
    public async Task Todays_tools_get_what_they_ask_of_introspection()
    {
        await using var host = await TestHost.Start();
        var answer = await host.Ask(
            """
            { __type(name: "DateTime") { specifiedByURL }
              choice: __type(name: "ChoiceInput") { isOneOf inputFields(includeDeprecated: true) { name isDeprecated } }
              __schema { directives { isRepeatable args(includeDeprecated: true) { name } } types { fields(includeDeprecated: true) { args(includeDeprecated: true) { name } } } } }
            """);
        Assert.Equal("https://scalars.graphql.org/andimarek/date-time", answer.Data.GetProperty("__type").GetProperty("specifiedByURL").GetString());
        Assert.True(answer.Data.GetProperty("choice").GetProperty("isOneOf").GetBoolean());
    }

    [Fact]
    public async Task Unions_and_payloads_come_as_their_types()
    {
        await using var host = await TestHost.Start();
        var pets = (await host.Ask("{pets {... on Dog {name} ... on Cat {lives}}}")).Data.GetProperty("pets");
        Assert.Equal("""[{"name":"Rex"},{"lives":9}]""", JsonSerializer.Serialize(pets));
        var refused = await host.Ask("""mutation {rename(input: {name: "far too long"}) {name errors {__typename ... on Error {code} ... on NameTooLong {most}}}}""");
        Assert.Equal(
            """{"name":null,"errors":[{"__typename":"NameTooLong","code":"NAME_TOO_LONG","most":5}]}""",
            JsonSerializer.Serialize(refused.Data.GetProperty("rename")));
    }

    [Theory]
    [InlineData("{choose(input: {name: \"x\"})}", true)]
    [InlineData("{choose(input: {name: \"x\", number: 1})}", false)]
    [InlineData("{choose(input: {})}", false)]
    public async Task One_of_several_is_given(string document, bool good)
    {
        await using var host = await TestHost.Start();
        Assert.Equal(good ? 200 : 400, (await host.Ask(document)).Status);
    }
}
