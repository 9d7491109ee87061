using System.Security.Claims;
using GraphQLParser.AST;

namespace Billing.GraphQL.Engine;

/// <summary>Which kinds of operation may come the way that a request came.</summary>
enum Way
{
    /// <summary>GET: reading only, because a link must change nothing.</summary>
    Get,

    /// <summary>POST, answered once.</summary>
    Post,

    /// <summary>GET answered by an event stream: reading and watching.</summary>
    GetStream,

    /// <summary>POST answered by an event stream, or a WebSocket: everything.</summary>
    Stream,
}

/// <summary>One request: who asks, from where, which way; and what became of it. It is the engine's user context.</summary>
sealed class ApiRequest(ClaimsPrincipal user, Viewer viewer, ClientInfo client, Way way) : Dictionary<string, object?>(0)
{
    public ClaimsPrincipal User => user;

    public Viewer Viewer => viewer;

    public ClientInfo Client => client;

    public Way Way => way;

    /// <summary>The document, as soon as it has passed validation.</summary>
    public GraphQLDocument? Validated { get; set; }

    public OperationType? Operation { get; set; }

    /// <summary>Whether the operation was refused because of the way it came: 405 under HTTP.</summary>
    public bool WrongWay { get; set; }

    public static ApiRequest Of(IDictionary<string, object?> userContext) => (ApiRequest)userContext;
}
