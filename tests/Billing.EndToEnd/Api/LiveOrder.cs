using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Api;

/// <summary>Watches one order over a WebSocket, in the protocol <c>graphql-transport-ws</c>.</summary>
public sealed class LiveOrder : IAsyncDisposable
{
    readonly ClientWebSocket socket = new();

    /// <summary>Begins to watch. The order's present state comes first.</summary>
    public static async Task<LiveOrder> Watch(HostProcess host, Caller caller, string number)
    {
        var live = new LiveOrder();
        live.socket.Options.AddSubProtocol("graphql-transport-ws");
        await live.socket.ConnectAsync(new UriBuilder(host.Url) { Scheme = "ws", Path = "/graphql" }.Uri, TestContext.Current.CancellationToken);
        await live.Send(new { type = "connection_init", payload = new { authorization = $"Bearer {caller.Token}" } });
        Assert.Equal("connection_ack", (string?)(await live.Receive())["type"]);
        await live.Send(new
        {
            id = "1",
            type = "subscribe",
            payload = new { query = "subscription($number: ID!) { orderChanged(number: $number) { number version status result { code } } }", variables = new { number } },
        });
        return live;
    }

    /// <summary>The next state that is pushed.</summary>
    public async Task<JsonNode> Next()
    {
        while (true)
        {
            var message = await Receive();
            switch ((string?)message["type"])
            {
                case "ping":
                    await Send(new { type = "pong" });
                    break;
                case "next":
                    return message["payload"]!["data"]!["orderChanged"]!;
                default:
                    Assert.Fail($"Instead of a change came {message.ToJsonString()}");
                    break;
            }
        }
    }

    /// <summary>Waits until this is pushed.</summary>
    public async Task<JsonNode> Until(string resultCode)
    {
        while (true)
        {
            var order = await Next();
            if ((string?)order["result"]!["code"] == resultCode) return order;
        }
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }

    async Task Send(object message) =>
        await socket.SendAsync(JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, endOfMessage: true, TestContext.Current.CancellationToken);

    async Task<JsonNode> Receive()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Hosts.Until.Patience);
        var buffer = new byte[64 * 1024];
        var length = 0;
        while (true)
        {
            var received = await socket.ReceiveAsync(buffer.AsMemory(length), limit.Token);
            Assert.True(received.MessageType == WebSocketMessageType.Text, $"The socket was closed: {socket.CloseStatus} {socket.CloseStatusDescription}");
            length += received.Count;
            if (received.EndOfMessage) return JsonNode.Parse(buffer.AsSpan(0, length))!;
        }
    }
}
