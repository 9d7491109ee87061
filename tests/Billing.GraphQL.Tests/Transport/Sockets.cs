using System.Net.WebSockets;
using System.Text.Json;
using Billing.GraphQL.Transport;

namespace Billing.GraphQL.Tests.Transport;

public sealed class Sockets
{
    [Theory]
    [InlineData("{", 4400)]
    [InlineData("[]", 4400)]
    [InlineData("""{"type":1}""", 4400)]
    [InlineData("""{"type":"hello"}""", 4400)]
    [InlineData("""{"type":"connection_init","payload":1}""", 4400)]
    [InlineData("""{"type":"connection_init","type":"ping"}""", 4400)]
    [InlineData("""{"id":"1","type":"subscribe","payload":{"query":"{ping}"}}""", 4401)]
    public async Task A_first_message_out_of_turn_closes(string message, int code)
    {
        await using var host = await TestHost.Start();
        using var socket = await host.Connect();
        await socket.Send(message);
        Assert.Equal(code, await socket.Closed());
    }

    [Theory]
    [InlineData("""{"type":"connection_init"}""", 4429)]
    [InlineData("""{"type":"subscribe","payload":{"query":"{ping}"}}""", 4400)]
    [InlineData("""{"id":"","type":"subscribe","payload":{"query":"{ping}"}}""", 4400)]
    [InlineData("""{"id":"1","type":"subscribe","payload":{}}""", 4400)]
    [InlineData("""{"id":"1","type":"subscribe"}""", 4400)]
    [InlineData("""{"id":"1","type":"subscribe","payload":{"query":"{ping}","query":"{secret}"}}""", 4400)]
    [InlineData("""{"id":"1","type":"subscribe","payload":{"query":"{ping}","variables":{"a":1,"a":2}}}""", 4400)]
    public async Task A_later_message_out_of_turn_closes(string message, int code)
    {
        await using var host = await TestHost.Start();
        using var socket = await host.Connect();
        await socket.Greet();
        await socket.Send(message);
        Assert.Equal(code, await socket.Closed());
    }

    [Fact]
    public async Task No_greeting_in_time_closes()
    {
        await using var host = await TestHost.Start(options => options.ConnectionInitTimeout = TimeSpan.FromMilliseconds(100));
        using var socket = await host.Connect();
        Assert.Equal(4408, await socket.Closed());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("graphql-ws")]
    public async Task Another_protocol_closes(string? protocol)
    {
        await using var host = await TestHost.Start();
        using var socket = await host.Connect(protocol);
        Assert.Equal(4406, await socket.Closed());
    }

    [Fact]
    public async Task A_message_that_is_too_big_closes()
    {
        await using var host = await TestHost.Start(options => options.MaxSocketMessageBytes = 1000);
        using var socket = await host.Connect();
        await socket.Send(JsonSerializer.Serialize(new { type = "ping", payload = new { x = new string('x', 10_000) } }));
        Assert.Equal(1009, await socket.Closed());
    }

    [Fact]
    public async Task An_id_in_use_closes()
    {
        await using var host = await TestHost.Start();
        using var socket = await host.Connect();
        await socket.Greet();
        await socket.Subscribe("1", "subscription{ticks}");
        await socket.Subscribe("1", "subscription{ticks}");
        Assert.Equal(4409, await socket.Closed());
    }

    [Fact]
    public async Task A_server_that_stops_says_so()
    {
        await using var host = await TestHost.Start();
        using var socket = await host.Connect();
        await socket.Greet();
        var stopping = host.Stop();
        Assert.Equal(1001, await socket.Closed());
        socket.Dispose();
        await stopping;
    }

    [Fact]
    public async Task The_greeting_carries_a_token()
    {
        await using var host = await TestHost.Start();
        using var socket = await host.Connect();
        Assert.Equal("graphql-transport-ws", socket.Protocol);
        await socket.Greet("""{"authorization":"Bearer alice"}""");
        await socket.Subscribe("1", "{secret}");
        var next = await socket.Receive("next");
        Assert.Equal("account:alice", next.GetProperty("payload").GetProperty("data").GetProperty("secret").GetString());
        await socket.Receive("complete");
    }

    [Fact]
    public async Task The_header_signs_in_as_well()
    {
        await using var host = await TestHost.Start();
        using var socket = await host.Connect(token: "alice");
        await socket.Greet();
        await socket.Subscribe("1", "{secret}");
        await socket.Receive("next");
    }

    [Fact]
    public async Task The_greetings_token_wins_over_the_header()
    {
        await using var host = await TestHost.Start();
        using var socket = await host.Connect(token: "alice");
        await socket.Greet("""{"authorization":"Bearer bob"}""");
        await socket.Subscribe("1", "{secret}");
        var next = await socket.Receive("next");
        Assert.Equal("account:bob", next.GetProperty("payload").GetProperty("data").GetProperty("secret").GetString());
    }

    [Fact]
    public async Task A_bad_token_is_refused()
    {
        await using var host = await TestHost.Start();
        using var socket = await host.Connect();
        await socket.Send("""{"type":"connection_init","payload":{"authorization":"Bearer bad"}}""");
        Assert.Equal(4403, await socket.Closed());
    }

    [Fact]
    public async Task A_socket_lives_no_longer_than_its_token()
    {
        await using var host = await TestHost.Start();
        using var socket = await host.Connect();

        // The host's authentication remembers whole seconds.
        var expires = DateTimeOffset.UtcNow.AddSeconds(6).ToUnixTimeSeconds();
        await socket.Greet($$"""{"authorization":"Bearer alice,expires={{expires}}"}""");
        await socket.Subscribe("1", "subscription{ticks}");
        Assert.Equal(4403, await socket.Closed());
        Assert.InRange(DateTimeOffset.UtcNow, DateTimeOffset.FromUnixTimeSeconds(expires).AddMilliseconds(-50), DateTimeOffset.FromUnixTimeSeconds(expires).AddSeconds(10));
        await Eventually.Is(() => host.Get<Ticker>().Watching == 0);
    }

    [Theory]
    [InlineData("https://evil.example", false)]
    [InlineData("null", false)]
    [InlineData("https://shop.example", true)]
    [InlineData("https://shop.example:8443", false)]
    public async Task A_page_of_another_site_opens_no_socket(string origin, bool allowed)
    {
        await using var host = await TestHost.Start(options => options.AllowedOrigins.Add("https://shop.example"));
        if (allowed)
        {
            using var socket = await host.Connect(origin: origin);
            await socket.Greet();
        }
        else
        {
            var refused = await Assert.ThrowsAsync<WebSocketException>(() => host.Connect(origin: origin));
            Assert.Contains("403", refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_page_of_the_same_host_opens_a_socket()
    {
        await using var host = await TestHost.Start();
        using var socket = await host.Connect(origin: host.Address.GetLeftPart(UriPartial.Authority));
        await socket.Greet();
    }

    [Fact]
    public async Task Events_come_in_order_and_an_id_is_free_after_completion()
    {
        await using var host = await TestHost.Start();
        using var socket = await host.Connect();
        await socket.Greet();
        for (var round = 0; round < 3; round++)
        {
            await socket.Subscribe("1", "subscription{count(to:3)}");
            for (var n = 1; n <= 3; n++)
                Assert.Equal(n, (await socket.Receive("next")).GetProperty("payload").GetProperty("data").GetProperty("count").GetInt32());
            await socket.Receive("complete");
        }
    }

    [Theory]
    [InlineData("{nothing}", "FIELDS_ON_CORRECT_TYPE")]
    [InlineData("{", "SYNTAX_ERROR")]
    [InlineData("subscription{whispers}", ErrorCodes.NotAuthenticated)]
    [InlineData("subscription{broken}", ErrorCodes.Internal)]
    public async Task What_cannot_run_is_an_error_and_no_result(string document, string code)
    {
        await using var host = await TestHost.Start();
        using var socket = await host.Connect();
        await socket.Greet();
        await socket.Subscribe("1", document);
        var error = await socket.Receive("error");
        Assert.Equal(code, error.GetProperty("payload")[0].GetProperty("extensions").GetProperty("code").GetString());
        await socket.Subscribe("1", "{ping}");
        await socket.Receive("next");
    }

    [Fact]
    public async Task Completing_ends_the_source_and_nothing_more_comes()
    {
        await using var host = await TestHost.Start();
        var ticker = host.Get<Ticker>();
        using var socket = await host.Connect();
        await socket.Greet();
        await socket.Subscribe("1", "subscription{ticks}");
        ticker.Tick(1);
        await socket.Receive("next");
        await socket.Send("""{"id":"1","type":"complete"}""");
        await Eventually.Is(() => ticker.Watching == 0);
        ticker.Tick(2);
        await socket.Send("""{"type":"ping"}""");
        await socket.Receive("pong");
    }

    [Fact]
    public async Task A_lost_socket_ends_its_sources()
    {
        await using var host = await TestHost.Start();
        var ticker = host.Get<Ticker>();
        using (var socket = await host.Connect())
        {
            await socket.Greet();
            await socket.Subscribe("1", "subscription{ticks}");
            await Eventually.Is(() => ticker.Watching == 1);
        }

        await Eventually.Is(() => ticker.Watching == 0);
    }

    [Fact]
    public async Task Operations_on_one_socket_are_bounded()
    {
        await using var host = await TestHost.Start(options => options.MaxOperationsPerSocket = 2);
        using var socket = await host.Connect();
        await socket.Greet();
        for (var i = 1; i <= 3; i++) await socket.Subscribe($"{i}", "subscription{ticks}");
        var error = await socket.Receive("error");
        Assert.Equal("3", error.GetProperty("id").GetString());
        Assert.Equal(ErrorCodes.TooManyOperations, error.GetProperty("payload")[0].GetProperty("extensions").GetProperty("code").GetString());
    }

    /// <summary>The host's authentication believes a token a little longer than it says: were the socket closed before, its client would come back at once with the same token.</summary>
    [Fact]
    public async Task A_socket_lives_as_long_as_its_token_is_believed()
    {
        await using var host = await TestHost.Start(options => options.ClockSkew = TimeSpan.FromSeconds(8));
        using var socket = await host.Connect();
        var expired = DateTimeOffset.UtcNow.ToUnixTimeSeconds() - 1;
        await socket.Greet($$"""{"authorization":"Bearer alice,expires={{expired}}"}""");
        await socket.Subscribe("1", "subscription{ticks}");
        Assert.Equal(4403, await socket.Closed());
        Assert.InRange(DateTimeOffset.UtcNow, DateTimeOffset.FromUnixTimeSeconds(expired).AddSeconds(8).AddMilliseconds(-50), DateTimeOffset.FromUnixTimeSeconds(expired).AddSeconds(18));
    }

    [Fact]
    public async Task Sockets_of_an_account_are_bounded_and_a_closed_one_makes_room()
    {
        await using var host = await TestHost.Start(options => (options.MaxConnectionsPerAccount, options.MaxConnectionsPerAddress) = (2, 10));
        var open = new List<TestSocket>();
        for (var n = 0; n < 2; n++)
        {
            open.Add(await host.Connect());
            await open[n].Greet("""{"authorization":"Bearer alice"}""");
        }

        using (var third = await host.Connect())
        {
            await third.Send("""{"type":"connection_init","payload":{"authorization":"Bearer alice"}}""");
            Assert.Equal(4430, await third.Closed());
        }

        // Others have their own.
        using var bob = await host.Connect();
        await bob.Greet("""{"authorization":"Bearer bob"}""");
        open[0].Dispose();
        await Eventually.Is(() => host.Get<Connections>().Of(new("alice", "alice", false, false, [], null)) == 1);
        using var again = await host.Connect();
        await again.Greet("""{"authorization":"Bearer alice"}""");
        open[1].Dispose();
    }

    [Fact]
    public async Task Sockets_on_which_nobody_has_signed_in_are_bounded_by_their_address()
    {
        await using var host = await TestHost.Start(options => options.MaxConnectionsPerAddress = 2);
        using var first = await host.Connect();
        using var second = await host.Connect();
        Assert.Contains("429", (await Assert.ThrowsAsync<WebSocketException>(() => host.Connect())).Message, StringComparison.Ordinal);
        // Who signs in is no stranger any more.
        await first.Greet("""{"authorization":"Bearer alice"}""");
        using var third = await host.Connect();
        await third.Greet();
    }

    [Fact]
    public async Task No_connection_is_counted_when_it_is_gone()
    {
        await using var host = await TestHost.Start();
        for (var n = 0; n < 5; n++)
        {
            using var socket = await host.Connect();
            await socket.Greet(n % 2 == 0 ? """{"authorization":"Bearer alice"}""" : null);
        }

        await Eventually.Is(() => host.Get<Connections>().Count == 0);
    }
}
