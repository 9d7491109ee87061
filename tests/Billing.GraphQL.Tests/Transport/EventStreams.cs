using System.Text;
using System.Text.Json;
using Billing.GraphQL.Transport;

namespace Billing.GraphQL.Tests.Transport;

public sealed class EventStreams
{
    [Fact]
    public async Task Events_come_in_order_and_end_with_complete()
    {
        await using var host = await TestHost.Start();
        var answer = await Stream(host, "subscription{count(to:2)}");
        Assert.Equal(
            """
            :

            event: next
            data: {"data":{"count":1}}

            event: next
            data: {"data":{"count":2}}

            event: complete
            data:


            """.ReplaceLineEndings("\n"), answer);
    }

    [Fact]
    public async Task What_cannot_run_is_an_event_too()
    {
        await using var host = await TestHost.Start();
        foreach (var (document, code) in new[] { ("{nothing}", "FIELDS_ON_CORRECT_TYPE"), ("subscription{whispers}", ErrorCodes.NotAuthenticated), ("subscription{broken}", ErrorCodes.Internal) })
        {
            var answer = await Stream(host, document);
            Assert.Contains($"\"code\":\"{code}\"", answer, StringComparison.Ordinal);
            Assert.EndsWith("event: complete\ndata:\n\n", answer, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_idle_stream_shows_that_it_lives_and_a_client_that_leaves_ends_the_source()
    {
        await using var host = await TestHost.Start(options => options.KeepAliveInterval = TimeSpan.FromMilliseconds(50));
        var ticker = host.Get<Ticker>();
        using (var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Url, "?query=subscription{ticks}")))
        {
            request.Headers.Accept.ParseAdd("text/event-stream");
            using var response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
            var comments = 0;
            while (comments < 4)
                if (await reader.ReadLineAsync(TestContext.Current.CancellationToken) == ":") comments++;
            Assert.Equal(1, ticker.Watching);
        }

        await Eventually.Is(() => ticker.Watching == 0);
    }

    [Fact]
    public async Task A_stream_lives_no_longer_than_its_token_and_is_not_called_complete()
    {
        await using var host = await TestHost.Start();
        var expires = DateTimeOffset.UtcNow.AddSeconds(6).ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Url, "?query=subscription{ticks}"));
        request.Headers.Accept.ParseAdd("text/event-stream");
        var answer = await host.Send(request, $"alice,expires={expires}");
        Assert.Equal(":\n\n", answer.Text);
        Assert.InRange(DateTimeOffset.UtcNow, DateTimeOffset.FromUnixTimeSeconds(expires).AddMilliseconds(-50), DateTimeOffset.FromUnixTimeSeconds(expires).AddSeconds(10));
        await Eventually.Is(() => host.Get<Ticker>().Watching == 0);
    }

    [Fact]
    public async Task A_stream_lives_as_long_as_its_token_is_believed()
    {
        await using var host = await TestHost.Start(options => options.ClockSkew = TimeSpan.FromSeconds(8));
        var expired = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 1;
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Url, "?query=subscription{ticks}"));
        request.Headers.Accept.ParseAdd("text/event-stream");
        Assert.Equal(":\n\n", (await host.Send(request, $"alice,expires={expired}")).Text);
        Assert.InRange(DateTimeOffset.UtcNow, DateTimeOffset.FromUnixTimeSeconds(expired).AddSeconds(8).AddMilliseconds(-50), DateTimeOffset.FromUnixTimeSeconds(expired).AddSeconds(18));
    }

    [Fact]
    public async Task Streams_are_bounded_together_with_sockets()
    {
        await using var host = await TestHost.Start(options => options.MaxConnectionsPerAccount = 1);
        using (var socket = await host.Connect(token: "alice"))
        {
            await socket.Greet();
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Url, "?query=subscription{count(to:1)}"));
            request.Headers.Accept.ParseAdd("text/event-stream");
            var refused = await host.Send(request, "alice");
            Assert.Equal((429, ErrorCodes.TooManyConnections), (refused.Status, refused.Code));
        }

        await Eventually.Is(() => host.Get<Connections>().Count == 0);
        using var next = new HttpRequestMessage(HttpMethod.Get, new Uri(host.Url, "?query=subscription{count(to:1)}"));
        next.Headers.Accept.ParseAdd("text/event-stream");
        Assert.Equal(200, (await host.Send(next, "alice")).Status);
    }

    static async Task<string> Stream(TestHost host, string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, host.Url)
        {
            Content = new StringContent(JsonSerializer.Serialize(new { query }), Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd("text/event-stream");
        var answer = await host.Send(request);
        Assert.Equal(200, answer.Status);
        return answer.Text;
    }
}
