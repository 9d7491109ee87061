namespace Billing.GraphQL;

/// <summary>How the API is served. Bindable from configuration; every bound has a name.</summary>
public sealed record BillingGraphQLOptions
{
    /// <summary>Whether the server describes its schema, by introspection and at <c>?sdl</c>.</summary>
    public bool ExposeIntrospection { get; set; }

    /// <summary>Where clients reach the host; ends with a slash. Links to what is no GraphQL begin with it.</summary>
    public Uri PublicUrl { get; set; } = new("http://localhost/");

    /// <summary>The pages' origins (<c>https://shop.example</c>) that may open a WebSocket beside those of the API's own host.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>The largest request body, in bytes.</summary>
    public int MaxBodyBytes { get; set; } = 64 * 1024;

    /// <summary>The longest document, in characters.</summary>
    public int MaxDocumentLength { get; set; } = 32 * 1024;

    /// <summary>The most selections, directives and variables of a document, fragments counted wherever they are spread.</summary>
    public int MaxSelections { get; set; } = 1000;

    /// <summary>The deepest nesting of fields. The usual introspection query needs 14.</summary>
    public int MaxDepth { get; set; } = 15;

    /// <summary>The most points that an operation may cost: one a field, times the length of the lists around it.</summary>
    public int MaxComplexity { get; set; } = 20_000;

    /// <summary>The most mutations in one request.</summary>
    public int MaxMutations { get; set; } = 5;

    /// <summary>The most errors in one answer.</summary>
    public int MaxErrors { get; set; } = 20;

    /// <summary>How long an operation may take; a subscription may take it to begin.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How many characters of documents are kept parsed and validated; they take about ten times as many bytes.</summary>
    public int DocumentCacheLength { get; set; } = 2 * 1024 * 1024;

    /// <summary>How often a request may select fields of a kind (<see cref="CountedAttribute"/>), aliases counted. A kind that is not named here: as often as it likes.</summary>
    public IDictionary<string, int> FieldsPerRequest { get; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>How many orders an account may place at once, and how many payments it may start or have asked about. Each host counts for itself; administrators and services are not counted.</summary>
    public int PurchasesAtOnce { get; set; } = 60;

    /// <summary>After how long an account may place one order more, and start or ask about one payment more.</summary>
    public TimeSpan PurchaseRecovery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long after its end a token is still good, as the host's authentication has it: a socket that ended sooner would be opened again at once with the same token.</summary>
    public TimeSpan ClockSkew { get; set; }

    /// <summary>The most sockets and event streams of one account that are open on this host.</summary>
    public int MaxConnectionsPerAccount { get; set; } = 100;

    /// <summary>The most sockets and event streams of one address, of IPv6 of a /64, that nobody has signed in on. A socket is one of them until its token has come.</summary>
    public int MaxConnectionsPerAddress { get; set; } = 500;

    /// <summary>The largest message that a WebSocket client may send, in bytes.</summary>
    public int MaxSocketMessageBytes { get; set; } = 64 * 1024;

    /// <summary>The most operations that run at once on one socket.</summary>
    public int MaxOperationsPerSocket { get; set; } = 20;

    /// <summary>How many results wait for a subscriber that reads slowly, before its operation is ended.</summary>
    public int MaxWaitingResults { get; set; } = 16;

    /// <summary>How long a socket may be open before <c>connection_init</c> comes.</summary>
    public TimeSpan ConnectionInitTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often an idle connection is tried: a ping on a socket, a comment in an event stream.</summary>
    public TimeSpan KeepAliveInterval { get; set; } = TimeSpan.FromSeconds(12);

    /// <summary>How long a socket's answer to a ping may take before the socket is given up.</summary>
    public TimeSpan KeepAliveTimeout { get; set; } = TimeSpan.FromSeconds(15);
}
