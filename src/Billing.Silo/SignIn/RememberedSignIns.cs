using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Authentication;

namespace Billing.Silo.SignIn;

/// <summary>
/// Signs in who sends a request, and believes a token that was found good a moment ago without verifying it again: a page sends the same one with each of its
/// requests. Only good ones are remembered, by the header's whole text, for a short time and never beyond their end; a key that its issuer withdraws is believed
/// that much longer.
/// </summary>
sealed class RememberedSignIns(TimeProvider time)
{
    /// <summary>How long a token is remembered.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>How many are remembered; then all are forgotten.</summary>
    public const int Most = 10_000;

    // Tokens are a few hundred characters; whoever carries a long one pays for it each time.
    const int LongestText = 4_096;

    const string Scheme = "Bearer ";

    // The scheme may be spelt in capitals and be followed by any blanks: one token would be remembered as often as its bearer likes.
    static readonly SearchValues<char> OfTokens = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    readonly ConcurrentDictionary<string, Remembered> known = new(StringComparer.Ordinal);

    /// <summary>How many are remembered now.</summary>
    public int Count => known.Count;

    /// <summary>The endpoint behind a sign-in: whoever sends no token, or one that is not good, comes to it as nobody.</summary>
    public RequestDelegate Before(RequestDelegate endpoint) => http =>
    {
        var text = http.Request.Headers.Authorization.ToString();
        if (text.Length == 0) return endpoint(http);
        if (!known.TryGetValue(text, out var remembered) || time.GetUtcNow() >= remembered.Until) return Verify(http, text, endpoint);
        SignIn(http, remembered.Result);
        return endpoint(http);
    };

    async Task Verify(HttpContext http, string text, RequestDelegate endpoint)
    {
        known.TryRemove(text, out _);
        var result = await http.AuthenticateAsync();
        if (result.Succeeded)
        {
            SignIn(http, result);
            Remember(text, result);
        }

        await endpoint(http);
    }

    void Remember(string text, AuthenticateResult result)
    {
        // A token without an end is not believed in the first place.
        if (text.Length > LongestText || !IsUsual(text) || result.Properties?.ExpiresUtc is not { } end) return;
        var (believed, longest) = (end + SignInRegistration.ClockSkew, time.GetUtcNow() + Longest);
        if (known.Count >= Most) known.Clear();
        known[text] = new(result, believed < longest ? believed : longest);
    }

    static bool IsUsual(string text) => text.StartsWith(Scheme, StringComparison.Ordinal) && !text.AsSpan(Scheme.Length).ContainsAnyExcept(OfTokens);

    static void SignIn(HttpContext http, AuthenticateResult result)
    {
        http.User = result.Principal!;
        http.Features.Set<IAuthenticateResultFeature>(new Found { AuthenticateResult = result });
    }

    readonly record struct Remembered(AuthenticateResult Result, DateTimeOffset Until);

    sealed class Found : IAuthenticateResultFeature
    {
        public AuthenticateResult? AuthenticateResult { get; set; }
    }
}

/// <summary>Where a sign-in stands.</summary>
static class SignedInEndpoints
{
    /// <summary>Signs in who comes here, and goes to the endpoint at once: of what follows the routing, nothing concerns it.</summary>
    public static void SignedIn(this IEndpointConventionBuilder endpoint, RememberedSignIns signIns)
    {
        endpoint.Finally(built => built.RequestDelegate = signIns.Before(built.RequestDelegate ?? throw new InvalidOperationException("An endpoint that serves nothing.")));
        endpoint.ShortCircuit();
    }
}
