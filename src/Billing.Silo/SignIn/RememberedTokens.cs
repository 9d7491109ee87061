using System.Collections.Concurrent;
using Microsoft.IdentityModel.Tokens;

namespace Billing.Silo.SignIn;

/// <summary>
/// Believes a token that was found good a moment ago without verifying its signature again: a page sends the same one with each of its requests. Only good
/// ones are remembered, by their whole text, for a short time and never beyond their end; a key that its issuer withdraws is believed that much longer.
/// </summary>
sealed class RememberedTokens(TokenHandler inner, TimeProvider time) : TokenHandler
{
    /// <summary>How long a token is remembered.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    /// <summary>How many are remembered; then all are forgotten.</summary>
    public const int Most = 10_000;

    // Tokens are a few hundred characters; whoever carries a long one pays for it each time.
    const int LongestText = 4_096;

    readonly ConcurrentDictionary<string, Remembered> known = new(StringComparer.Ordinal);

    /// <summary>How many are remembered now.</summary>
    public int Count => known.Count;

    public override SecurityToken ReadToken(string token) => inner.ReadToken(token);

    public override Task<TokenValidationResult> ValidateTokenAsync(SecurityToken token, TokenValidationParameters validationParameters) =>
        inner.ValidateTokenAsync(token, validationParameters);

    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        ArgumentNullException.ThrowIfNull(validationParameters);
        var now = time.GetUtcNow().UtcDateTime;
        if (token is not null && known.TryGetValue(token, out var remembered))
        {
            if (now < remembered.Until) return remembered.Result;
            known.TryRemove(token, out _);
        }

        var result = await inner.ValidateTokenAsync(token, validationParameters);
        if (result is not { IsValid: true, SecurityToken: { } verified } || token is not { Length: <= LongestText }) return result;
        var (end, longest) = (verified.ValidTo + validationParameters.ClockSkew, now + Longest);
        // Read once, because it is made when it is first read.
        _ = result.ClaimsIdentity;
        if (known.Count >= Most) known.Clear();
        known[token] = new(result, end < longest ? end : longest);
        return result;
    }

    readonly record struct Remembered(TokenValidationResult Result, DateTime Until);
}
