using System.Diagnostics.CodeAnalysis;

namespace Billing.GraphQL;

/// <summary>
/// The request makes no sense as it stands, whatever the state of things: shown to the client as it is. What depends on the state of things is a typed
/// error in the payload instead.
/// </summary>
[SuppressMessage("Naming", "CA1710", Justification = "A fault is the API's word for what is a top-level error.")]
public sealed class BadRequestFault : Exception
{
    /// <summary>Without details.</summary>
    public BadRequestFault() => Code = ErrorCodes.BadRequest;

    /// <summary>With what is wrong.</summary>
    public BadRequestFault(string message)
        : base(message) => Code = ErrorCodes.BadRequest;

    /// <summary>With what is wrong and why.</summary>
    public BadRequestFault(string message, Exception inner)
        : base(message, inner) => Code = ErrorCodes.BadRequest;

    /// <summary>With a code for programs and a sentence for people that says what to do.</summary>
    public BadRequestFault(string code, string message)
        : base(message) => Code = code;

    /// <summary>For programs; never changes.</summary>
    public string Code { get; }
}

/// <summary>The codes of top-level errors (<c>extensions.code</c>): with validation's own, all that a client may branch on.</summary>
public static class ErrorCodes
{
    /// <summary>Sign in first.</summary>
    public const string NotAuthenticated = "AUTH_NOT_AUTHENTICATED";

    /// <summary>Signed in, but not entitled.</summary>
    public const string NotAuthorized = "AUTH_NOT_AUTHORIZED";

    /// <summary>A fault of ours; the details are in our log.</summary>
    public const string Internal = "INTERNAL";

    /// <summary>It may or may not have happened: repeat with the same idempotency key.</summary>
    public const string OutcomeUnknown = "OUTCOME_UNKNOWN";

    /// <summary>Nothing happened: try again in a moment.</summary>
    public const string TryAgain = "TRY_AGAIN";

    /// <summary>It took too long; nothing was changed.</summary>
    public const string Timeout = "TIMEOUT";

    /// <summary>Too often; the error says when it is possible again.</summary>
    public const string RateLimited = "RATE_LIMITED";

    /// <summary>The request cannot be understood.</summary>
    public const string BadRequest = "BAD_REQUEST";

    /// <summary>A cursor that this list never gave.</summary>
    public const string BadCursor = "BAD_CURSOR";

    /// <summary>Page arguments that contradict each other.</summary>
    public const string BadPage = "BAD_PAGE";

    /// <summary>More items than one page has.</summary>
    public const string PageTooLarge = "PAGE_TOO_LARGE";

    /// <summary>The document is too long.</summary>
    public const string DocumentTooLong = "DOCUMENT_TOO_LONG";

    /// <summary>The document selects too much.</summary>
    public const string TooManySelections = "TOO_MANY_SELECTIONS";

    /// <summary>The document is nested too deeply.</summary>
    public const string TooDeep = "TOO_DEEP";

    /// <summary>The request could return too much.</summary>
    public const string TooComplex = "TOO_COMPLEX";

    /// <summary>More mutations in one request than are allowed.</summary>
    public const string TooManyMutations = "TOO_MANY_MUTATIONS";

    /// <summary>This server does not describe itself.</summary>
    public const string NoIntrospection = "NO_INTROSPECTION";

    /// <summary>This kind of operation does not come this way.</summary>
    public const string OperationNotAllowed = "OPERATION_NOT_ALLOWED";

    /// <summary>The field takes a secret, and secrets do not come in an address: send it by POST.</summary>
    public const string SecretInAddress = "SECRET_IN_ADDRESS";

    /// <summary>More operations at once on one socket than are allowed.</summary>
    public const string TooManyOperations = "TOO_MANY_OPERATIONS";

    /// <summary>More sockets and event streams are open than one account, or one address, may have.</summary>
    public const string TooManyConnections = "TOO_MANY_CONNECTIONS";

    /// <summary>The subscriber reads slower than events come: subscribe again, the present state comes first.</summary>
    public const string TooSlow = "TOO_SLOW";
}
