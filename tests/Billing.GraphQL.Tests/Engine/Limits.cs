using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.GraphQL.Tests.Engine;

/// <summary>Small requests that would cost much. Each took seconds, or gave megabytes, on the engine as it comes.</summary>
public sealed class Limits
{
    // Far above what an answer takes here, far below what the attack takes without its guard.
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task Fragments_that_spread_fragments_twice_are_refused_at_once()
    {
        await using var host = await TestHost.Start();
        var document = new StringBuilder("{...F0}");
        for (var i = 0; i < 30; i++) document.Append(null, $" fragment F{i} on Query{{ping ...F{i + 1} ...F{i + 1}}}");
        document.Append(" fragment F30 on Query{ping}");
        await Refused(host, document.ToString(), ErrorCodes.TooManySelections);
    }

    [Fact]
    public async Task Fragments_that_spread_each_other_are_refused_at_once()
    {
        await using var host = await TestHost.Start();
        await Refused(host, "{...A} fragment A on Query{ping ...B ...B} fragment B on Query{ping ...A ...A}", "NO_FRAGMENT_CYCLES");
    }

    [Theory]
    [InlineData("ping ")]
    [InlineData("a:ping ")]
    [InlineData("...{ping} ")]
    public async Task A_thousand_equal_fields_are_refused_at_once(string field)
    {
        await using var host = await TestHost.Start();
        await Refused(host, "{" + string.Concat(Enumerable.Repeat(field, 1001)) + "}", ErrorCodes.TooManySelections);
    }

    [Fact]
    public async Task A_document_longer_than_the_bound_is_refused_unread()
    {
        await using var host = await TestHost.Start();
        await Refused(host, "{" + string.Concat(Enumerable.Repeat("ping ", 7000)) + "}", ErrorCodes.DocumentTooLong);
    }

    [Theory]
    [InlineData("{ping" + " @x", "}")]
    [InlineData("query(" + "$a:Int ", "){ping}")]
    public async Task Directives_and_variables_count_as_selections(string open, string close)
    {
        await using var host = await TestHost.Start();
        var repeated = open[(open.Contains('(', StringComparison.Ordinal) ? open.IndexOf('(', StringComparison.Ordinal) + 1 : 5)..];
        await Refused(host, open + string.Concat(Enumerable.Repeat(repeated, 1100)) + close, ErrorCodes.TooManySelections);
    }

    [Fact]
    public async Task Errors_are_capped_at_twenty()
    {
        await using var host = await TestHost.Start();
        var answer = await host.Ask("{" + string.Concat(Enumerable.Range(0, 300).Select(i => $"no{i} ")) + "}");
        Assert.Equal(20, answer.Json.GetProperty("errors").GetArrayLength());
        Assert.True(answer.Text.Length < 10_000);
    }

    [Fact]
    public async Task A_cached_document_is_judged_by_its_variables_again()
    {
        await using var host = await TestHost.Start(options => options.MaxComplexity = 100);
        const string Document = "query($n: Int) { items(first: $n) { nodes { number owner { name } } } }";
        var small = await host.Ask(Document, new { n = 2 });
        Assert.Equal(2, small.Data.GetProperty("items").GetProperty("nodes").GetArrayLength());
        var large = await host.Ask(Document, new { n = 90 });
        Assert.Equal((400, ErrorCodes.TooComplex), (large.Status, large.Code));
    }

    [Fact]
    public async Task A_page_larger_than_the_largest_is_refused_also_when_cached()
    {
        await using var host = await TestHost.Start();
        const string Document = "query($n: Int) { items(first: $n) { nodes { number } } }";
        Assert.Null((await host.Ask(Document, new { n = 100 })).Code);
        var answer = await host.Ask(Document, new { n = 10_000 });
        Assert.Equal((400, ErrorCodes.PageTooLarge), (answer.Status, answer.Code));
        Assert.Contains("at most 100", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nesting_is_bounded()
    {
        await using var host = await TestHost.Start();
        Assert.Null((await host.Ask(Nested(14))).Code);
        await Refused(host, Nested(16), ErrorCodes.TooDeep);
        await Refused(host, Nested(200), ErrorCodes.TooDeep);

        static string Nested(int levels) => "{tree{" + string.Concat(Enumerable.Repeat("child{", levels - 1)) + "leaf" + new string('}', levels + 1);
    }

    [Fact]
    public async Task Lists_in_lists_multiply_their_cost()
    {
        await using var host = await TestHost.Start();
        await Refused(host, "{tree{children{children{children{children{children{leaf}}}}}}}", ErrorCodes.TooComplex);
    }

    [Fact]
    public async Task At_most_five_mutations_come_in_one_request()
    {
        await using var host = await TestHost.Start();
        Assert.Null((await host.Ask(Mutations(5))).Code);
        await Refused(host, Mutations(6), ErrorCodes.TooManyMutations);
        await Refused(host, "mutation {...M} fragment M on Mutation {" + Mutations(6)["mutation {".Length..], ErrorCodes.TooManyMutations);

        static string Mutations(int count) => "mutation {" + string.Concat(Enumerable.Range(0, count).Select(i => $"m{i}: rename(input: {{name: \"x\"}}) {{name}} ")) + "}";
    }

    [Fact]
    public async Task Counted_fields_are_counted_with_their_aliases_and_fragments_also_when_cached()
    {
        await using var host = await TestHost.Start(options => options.FieldsPerRequest["attempt"] = 3);
        const string Document = """
            query($more: Boolean!) { a: attempt(code: "one") b: attempt(code: "two") ...F ping }
            fragment F on Query { c: attempt(code: "three") ... @include(if: $more) { d: attempt(code: "four") } }
            """;
        Assert.Null((await host.Ask(Document, new { more = false })).Code);
        var answer = await host.Ask(Document, new { more = true });
        Assert.Equal((429, ErrorCodes.RateLimited), (answer.Status, answer.Code));
        Assert.Null((await host.Ask(Document, new { more = false })).Code);
    }

    [Fact]
    public async Task The_host_counts_attempts_over_time()
    {
        var limits = new FivePerViewer();
        await using var host = await TestHost.Start(services: services => services.AddSingleton<IFieldLimits>(limits));
        const string Document = "{a: attempt(code: \"one\") b: attempt(code: \"two\")}";
        Assert.Null((await host.Ask(Document, token: "alice")).Code);
        Assert.Null((await host.Ask(Document, token: "alice")).Code);
        var answer = await host.Ask(Document, token: "alice");
        Assert.Equal((429, ErrorCodes.RateLimited), (answer.Status, answer.Code));
        Assert.Equal(60, answer.Json.GetProperty("errors")[0].GetProperty("extensions").GetProperty("retryAfterSeconds").GetInt32());
        Assert.Null((await host.Ask(Document, token: "bob")).Code);
        Assert.All(limits.Uses, use => Assert.True(System.Net.IPAddress.IsLoopback(use.Client.Address!)));
    }

    [Fact]
    public async Task Introspection_in_circles_is_refused()
    {
        await using var host = await TestHost.Start();
        await Refused(host, "{__schema{types{fields{type{fields{type{fields{type{fields{name}}}}}}}}}}", ErrorCodes.TooDeep);
    }

    [Fact]
    public async Task Introspection_can_be_switched_off()
    {
        await using var host = await TestHost.Start(options => options.ExposeIntrospection = false);
        await Refused(host, "{__schema{queryType{name}}}", ErrorCodes.NoIntrospection);
        await Refused(host, "{...F} fragment F on Query {__type(name: \"Query\"){name}}", ErrorCodes.NoIntrospection);
        Assert.Equal("Query", (await host.Ask("{__typename}")).Data.GetProperty("__typename").GetString());
    }

    [Fact]
    public async Task What_takes_too_long_is_given_up()
    {
        await using var host = await TestHost.Start(options => options.Timeout = TimeSpan.FromSeconds(2));
        host.Get<FailingPart>().Fail = cancel => Task.Delay(Timeout.Infinite, cancel);
        var query = await host.Ask("{answer}");
        Assert.Equal((503, ErrorCodes.Timeout), (query.Status, query.Code));

        // It may go on where it runs.
        var mutation = await host.Ask("mutation{slow}");
        Assert.Equal((503, ErrorCodes.OutcomeUnknown), (mutation.Status, mutation.Code));
    }

    sealed class FivePerViewer : IFieldLimits
    {
        public List<FieldUse> Uses { get; } = [];

        public ValueTask<FieldRefusal?> Ask(FieldUse use, CancellationToken cancel)
        {
            Uses.Add(use);
            var used = Uses.Where(other => other.Viewer.Subject == use.Viewer.Subject).Sum(other => other.Count);
            return new(used > 5 ? new FieldRefusal("Wait a minute.", TimeSpan.FromMinutes(1)) : null);
        }
    }

    static async Task Refused(TestHost host, string document, string code)
    {
        var started = Stopwatch.GetTimestamp();
        var answer = await host.Ask(document);
        Assert.Equal((400, code), (answer.Status, answer.Code));
        Assert.False(answer.Json.TryGetProperty("data", out _));
        Assert.True(Stopwatch.GetElapsedTime(started) < Soon, $"{Stopwatch.GetElapsedTime(started)}");
    }
}
