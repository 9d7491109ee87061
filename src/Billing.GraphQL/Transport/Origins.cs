using Microsoft.AspNetCore.Http;

namespace Billing.GraphQL.Transport;

/// <summary>
/// Which pages may open a WebSocket. Browsers ask no permission for it (there is no CORS) and send cookies along, so the server looks at who opens it.
/// </summary>
sealed class Origins(BillingGraphQLOptions options)
{
    /// <summary>Programs send no origin; a page's must be of this host or of the list.</summary>
    public bool Allows(HttpRequest request)
    {
        if (request.Headers.Origin is not { Count: > 0 } origin) return true;
        if (origin.Count != 1 || !Uri.TryCreate(origin[0], UriKind.Absolute, out var page)) return false;
        var own = request.Host;
        if (string.Equals(page.Host, own.Host, StringComparison.OrdinalIgnoreCase) && page.Port == (own.Port ?? (request.IsHttps ? 443 : 80))
            && string.Equals(page.Scheme, request.IsHttps ? "https" : "http", StringComparison.OrdinalIgnoreCase)) return true;
        var name = page.GetLeftPart(UriPartial.Authority);
        return options.AllowedOrigins.Any(allowed => string.Equals(allowed.TrimEnd('/'), name, StringComparison.OrdinalIgnoreCase));
    }
}
