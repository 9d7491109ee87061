using System.Net.WebSockets;
using Billing.GraphQL.Engine;
using GraphQL;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Billing.GraphQL.Transport;

/// <summary>Takes WebSockets and serves each by a <see cref="SocketConversation"/>.</summary>
sealed class SocketTransport(
    Engine.Engine engine, BillingGraphQLOptions options, IGraphQLTextSerializer serializer, Faults faults, Metrics metrics, Origins origins, Connections connections, TimeProvider time,
    IServiceScopeFactory scopes, IHostApplicationLifetime host)
{
    const string Protocol = "graphql-transport-ws";

    public async Task Serve(HttpContext context)
    {
        if (!origins.Allows(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        // Until a token has come it is its address's.
        using var place = connections.Enter(Viewer.From(context.User), HttpTransport.Client(context));
        if (place is null)
        {
            context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
            return;
        }

        var spoken = context.WebSockets.WebSocketRequestedProtocols.Contains(Protocol);
        using var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = spoken ? Protocol : null,
            KeepAliveInterval = options.KeepAliveInterval,
            KeepAliveTimeout = options.KeepAliveTimeout,
        });
        using var conversation = new SocketConversation(context, socket, place, engine, options, serializer, faults, metrics, time, scopes, host.ApplicationStopping);
        metrics.SocketOpened();
        try
        {
            await (spoken ? conversation.Run() : conversation.Close(CloseCode.UnknownProtocol, $"Speak {Protocol}."));
        }
        finally
        {
            metrics.SocketClosed();
        }
    }
}

/// <summary>Why a socket is closed, by the protocol.</summary>
static class CloseCode
{
    public const WebSocketCloseStatus GoingAway = WebSocketCloseStatus.EndpointUnavailable;
    public const WebSocketCloseStatus TooBig = WebSocketCloseStatus.MessageTooBig;
    public const WebSocketCloseStatus BadMessage = (WebSocketCloseStatus)4400;
    public const WebSocketCloseStatus Unauthorized = (WebSocketCloseStatus)4401;
    public const WebSocketCloseStatus Forbidden = (WebSocketCloseStatus)4403;
    public const WebSocketCloseStatus UnknownProtocol = (WebSocketCloseStatus)4406;
    public const WebSocketCloseStatus NoInit = (WebSocketCloseStatus)4408;
    public const WebSocketCloseStatus IdInUse = (WebSocketCloseStatus)4409;

    // A code of our own: one that the protocol has would make clients give up, and they shall try again, with their pauses.
    public const WebSocketCloseStatus TooManyConnections = (WebSocketCloseStatus)4430;
    public const WebSocketCloseStatus SecondInit = (WebSocketCloseStatus)4429;
    public const WebSocketCloseStatus Fault = (WebSocketCloseStatus)4500;
}
