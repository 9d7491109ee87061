using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.GraphQL.Transport;

/// <summary>Who is at the other end of a socket, and until when that is known.</summary>
sealed record SocketUser(ClaimsPrincipal Principal, DateTimeOffset? Until);

/// <summary>
/// Signs in who opens a socket: by the upgrade's own <c>Authorization</c> header, or, as a browser cannot send one, by <c>connection_init</c>'s payload
/// <c>{"authorization": "Bearer …"}</c>. Both are judged by the host's authentication.
/// </summary>
static class SocketSignIn
{
    /// <summary>Null when a token was given and is not good.</summary>
    public static async Task<SocketUser?> SignIn(HttpContext upgrade, JsonElement payload)
    {
        var given = Text(payload, "authorization");
        if (given is null)
        {
            var found = upgrade.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult;
            return new(upgrade.User, found?.Properties?.ExpiresUtc);
        }

        // The handlers remember what they made of the upgrade itself: a request of its own, in a scope of its own, has them look at the payload's token.
        await using var scope = upgrade.RequestServices.CreateAsyncScope();
        if (scope.ServiceProvider.GetService<IAuthenticationService>() is null) return null;
        var asked = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
        asked.Request.Scheme = upgrade.Request.Scheme;
        asked.Request.Host = upgrade.Request.Host;
        asked.Request.PathBase = upgrade.Request.PathBase;
        asked.Request.Path = upgrade.Request.Path;
        asked.Request.Method = HttpMethods.Get;
        asked.Connection.RemoteIpAddress = upgrade.Connection.RemoteIpAddress;
        asked.Request.Headers.Authorization = given;
        asked.RequestAborted = upgrade.RequestAborted;
        var result = await asked.AuthenticateAsync();
        return result is { Succeeded: true, Principal: { } principal } ? new(principal, result.Properties?.ExpiresUtc) : null;
    }

    /// <summary>A text of <c>connection_init</c>'s payload. Clients write the names as they write the headers'.</summary>
    public static string? Text(JsonElement payload, string name)
    {
        if (payload.ValueKind != JsonValueKind.Object) return null;
        foreach (var member in payload.EnumerateObject())
            if (member.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && member.Value.ValueKind == JsonValueKind.String) return member.Value.GetString();
        return null;
    }
}
