using System.Net;

namespace Billing.Channels.Sandbox;

/// <summary>What the sandbox's failures mean. What is not named here is unknown, never a refusal.</summary>
static class SandboxErrors
{
    /// <summary>The kind of refusal that an authentic code is, or nothing for a code that nobody named.</summary>
    internal static RefusalKind? OfCode(string code) => code switch
    {
        SandboxCodes.InvalidRequest => RefusalKind.BadRequest,
        SandboxCodes.SignatureInvalid => RefusalKind.BadCredentials,
        SandboxCodes.TimestampInvalid => RefusalKind.BadCredentials,
        SandboxCodes.PaymentNotFound => RefusalKind.NotFound,
        SandboxCodes.RefundNotFound => RefusalKind.NotFound,
        SandboxCodes.TransactionNotFound => RefusalKind.NotFound,
        SandboxCodes.DisputeNotFound => RefusalKind.NotFound,
        SandboxCodes.AlreadyPaid => RefusalKind.AlreadyPaid,
        SandboxCodes.AlreadyClosed => RefusalKind.AlreadyClosed,
        SandboxCodes.NumberConflict => RefusalKind.Conflict,
        SandboxCodes.RefundConflict => RefusalKind.Conflict,
        SandboxCodes.RefundTooLarge => RefusalKind.AmountTooLarge,
        SandboxCodes.TooManyMovements => RefusalKind.NotAllowed,
        SandboxCodes.InsufficientFunds => RefusalKind.InsufficientFunds,
        _ => null,
    };

    /// <summary>What a status says before the answer is read: nothing, when the answer has to say it.</summary>
    internal static UnknownKind? OfStatus(HttpStatusCode status) => status switch
    {
        HttpStatusCode.TooManyRequests => UnknownKind.RateLimited,
        >= HttpStatusCode.InternalServerError => UnknownKind.ProviderError,
        _ => null,
    };

    /// <summary>What a failed exchange says. Only what fails before a connection stands proves that nothing was sent.</summary>
    internal static UnknownKind OfExchange(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError => UnknownKind.NotSent,
        HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded => UnknownKind.Unreadable,
        _ => UnknownKind.NoAnswer,
    };
}
