using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.GraphQL.Tests.Transport;

public sealed class Http
{
    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/*", "application/json")]
    [InlineData("text/html, */*;q=0.1", "application/json")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/graphql-response+json", "application/graphql-response+json")]
    [InlineData("application/graphql-response+json, application/json;q=0.9", "application/graphql-response+json")]
    [InlineData("application/graphql-response+json;q=0.5, application/json;q=0.9", "application/json")]
    [InlineData("application/json;q=0, */*", "application/graphql-response+json")]
    [InlineData("text/event-stream", "text/event-stream")]
    public async Task The_answer_has_the_form_that_is_accepted(string? accept, string form)
    {
        await using var host = await TestHost.Start();
        using var request = Post("""{"query":"{ping}"}""");
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        var answer = await host.Send(request);
        Assert.Equal((200, form), (answer.Status, answer.ContentHeaders.ContentType!.MediaType));
        Assert.Contains("pong", answer.Text, StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    /// <summary>Threads use their buffers again: an answer that was not copied before somebody made it wait would be another's.</summary>
    [Fact]
    public async Task An_answer_that_is_held_back_is_nobody_elses()
    {
        const int Many = 40;
        var held = new Holding(Many);
        await using var host = await TestHost.Start(services: services => services.AddSingleton<IStartupFilter>(held));
        var texts = Enumerable.Range(0, Many).Select(n => new string((char)('A' + (n % 26)), 100 + n)).ToList();
        var answers = await Task.WhenAll(texts.Select(text => host.Ask("query($text: String!) { echo(text: $text) }", new { text })));
        Assert.Equal(texts, answers.Select(answer => answer.Data.GetProperty("echo").GetString()));
    }

    /// <summary>Lets no answer begin before all have come.</summary>
    sealed class Holding(int many) : IStartupFilter
    {
        readonly TaskCompletionSource all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int come;

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use((context, served) =>
            {
                context.Response.OnStarting(() =>
                {
                    if (Interlocked.Increment(ref come) == many) all.SetResult();
                    return all.Task;
                });
                return served(context);
            });
            next(app);
        };
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/json;charset=utf-16")]
    public async Task What_is_not_offered_is_406(string accept)
    {
        await using var host = await TestHost.Start();
        using var request = Post("""{"query":"{ping}"}""");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        Assert.Equal(406, (await host.Send(request)).Status);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/json; charset=iso-8859-1")]
    [InlineData(null)]
    public async Task A_body_that_a_page_of_another_site_could_send_unasked_is_415(string? type)
    {
        await using var host = await TestHost.Start();
        using var request = Post("""{"query":"mutation{rename(input:{name:\"x\"}){name}}"}""");
        request.Content!.Headers.Remove("Content-Type");
        if (type is not null) request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        Assert.Equal(415, (await host.Send(request)).Status);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"query":1}""")]
    [InlineData("""{"query":"{ping}","operationName":1}""")]
    [InlineData("""{"query":"{ping}","variables":[]}""")]
    [InlineData("""{"query":"{ping}","extensions":"x"}""")]
    [InlineData("""[{"query":"{ping}"}]""")]
    [InlineData("[]")]
    public async Task A_body_that_is_no_request_is_400_in_both_forms(string body)
    {
        await using var host = await TestHost.Start();
        foreach (var form in new[] { "application/json", "application/graphql-response+json" })
        {
            using var request = Post(body);
            request.Headers.Accept.ParseAdd(form);
            var answer = await host.Send(request);
            Assert.Equal((400, ErrorCodes.BadRequest, form), (answer.Status, answer.Code, answer.ContentHeaders.ContentType!.MediaType));
        }
    }

    [Theory]
    [InlineData("""{"query":"{ping}","query":"{secret}"}""", "query")]
    [InlineData("""{"query":"query($a:Int){ping}","variables":{"a":1,"a":2}}""", "a")]
    [InlineData("""{"query":"{ping}","variables":{"input":{"code":"x","code":"y"}}}""", "code")]
    [InlineData("""{"query":"{ping}","qu\u0065ry":"{secret}"}""", "query")]
    public async Task A_key_that_comes_twice_is_400_and_named(string body, string key)
    {
        await using var host = await TestHost.Start();
        using var request = Post(body);
        var answer = await host.Send(request);
        Assert.Equal((400, ErrorCodes.BadRequest), (answer.Status, answer.Code));
        Assert.Contains("uplicate", answer.Message, StringComparison.Ordinal);
        Assert.Contains($"'{key}'", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?query={ping}&query={secret}")]
    [InlineData("?query=query($a:Int){ping}&variables={\"a\":1,\"a\":2}")]
    [InlineData("?variables={}")]
    [InlineData("?query={ping}&variables=1")]
    public async Task Parameters_that_are_no_request_are_400(string query)
    {
        await using var host = await TestHost.Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Url, query));
        Assert.Equal(400, (await host.Send(request)).Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_body_over_the_bound_is_413(bool chunked)
    {
        await using var host = await TestHost.Start();
        foreach (var (length, status) in new[] { (60_000, 200), (70_000, 413) })
        {
            using var request = Post(JsonSerializer.Serialize(new { query = "{ping}", extensions = new { x = new string('x', length) } }));
            request.Headers.TransferEncodingChunked = chunked;
            Assert.Equal(status, (await host.Send(request)).Status);
        }
    }

    [Fact]
    public async Task A_mutation_by_GET_is_405_and_changes_nothing()
    {
        await using var host = await TestHost.Start();
        var ran = false;
        host.Get<FailingPart>().Fail = _ => Task.FromResult(ran = true);
        foreach (var form in new[] { "application/json", "application/graphql-response+json" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Url, "?query=mutation{slow}"));
            request.Headers.Accept.ParseAdd(form);
            var answer = await host.Send(request);
            Assert.Equal((405, ErrorCodes.OperationNotAllowed), (answer.Status, answer.Code));
            Assert.Equal(["POST"], answer.ContentHeaders.Allow);
        }

        using var stream = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Url, "?query=mutation{slow}"));
        stream.Headers.Accept.ParseAdd("text/event-stream");
        Assert.Contains(ErrorCodes.OperationNotAllowed, (await host.Send(stream)).Text, StringComparison.Ordinal);
        Assert.False(ran);
    }

    [Fact]
    public async Task A_subscription_wants_a_stream()
    {
        await using var host = await TestHost.Start();
        var answer = await host.Ask("subscription{count(to:1)}");
        Assert.Equal((400, ErrorCodes.OperationNotAllowed), (answer.Status, answer.Code));
    }

    [Fact]
    public async Task Other_methods_are_405()
    {
        await using var host = await TestHost.Start();
        using var request = new HttpRequestMessage(HttpMethod.Put, host.Url) { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        Assert.Equal(405, (await host.Send(request)).Status);
    }

    [Fact]
    public async Task Text_comes_unescaped()
    {
        await using var host = await TestHost.Start();
        var answer = await host.Ask("""{echo(text: "it's 1+1 = ¥")}""");
        Assert.Equal("""{"data":{"echo":"it's 1+1 = ¥"}}""", answer.Text);
    }

    [Fact]
    public async Task The_schema_is_printed_where_introspection_is_on()
    {
        await using var host = await TestHost.Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Url, "?sdl"));
        var answer = await host.Send(request);
        Assert.Equal((200, new MediaTypeHeaderValue("text/plain", "utf-8")), (answer.Status, answer.ContentHeaders.ContentType));
        Assert.Equal(host.Get<BillingSchema>().Print(), answer.Text);

        await using var closed = await TestHost.Start(options => options.ExposeIntrospection = false);
        using var again = new HttpRequestMessage(HttpMethod.Get, new Uri(closed.Url, "?sdl"));
        Assert.Equal(404, (await closed.Send(again)).Status);
    }

    static HttpRequestMessage Post(string body) =>
        new(HttpMethod.Post, (Uri?)null) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
}
