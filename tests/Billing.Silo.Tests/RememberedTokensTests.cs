using System.Security.Claims;
using Billing.Silo.SignIn;
using Microsoft.Extensions.Time.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Billing.Silo.Tests;

public sealed class RememberedTokensTests
{
    static readonly DateTimeOffset Noon = new(2026, 11, 2, 12, 0, 0, TimeSpan.Zero);
    static readonly TokenValidationParameters Checks = new() { ClockSkew = TimeSpan.FromSeconds(30) };

    readonly FakeTimeProvider time = new(Noon);
    readonly Verifier verifier = new();
    readonly RememberedTokens tokens;

    public RememberedTokensTests() => tokens = new(verifier, time);

    [Fact]
    public async Task A_token_is_verified_once_in_a_minute()
    {
        var token = Token(TimeSpan.FromHours(1));
        for (var i = 0; i < 5; i++) Assert.True((await tokens.ValidateTokenAsync(token, Checks)).IsValid);
        Assert.Equal(1, verifier.Asked);
        time.Advance(RememberedTokens.Longest);
        Assert.True((await tokens.ValidateTokenAsync(token, Checks)).IsValid);
        Assert.Equal(2, verifier.Asked);
    }

    [Fact]
    public async Task A_token_is_not_remembered_beyond_its_end()
    {
        var token = Token(TimeSpan.FromSeconds(10));
        Assert.True((await tokens.ValidateTokenAsync(token, Checks)).IsValid);
        time.Advance(TimeSpan.FromSeconds(10) + Checks.ClockSkew);
        verifier.Believes = false;
        Assert.False((await tokens.ValidateTokenAsync(token, Checks)).IsValid);
    }

    [Fact]
    public async Task A_key_that_is_withdrawn_is_believed_for_a_minute_at_most()
    {
        var token = Token(TimeSpan.FromHours(1));
        Assert.True((await tokens.ValidateTokenAsync(token, Checks)).IsValid);
        verifier.Believes = false;
        time.Advance(RememberedTokens.Longest);
        Assert.False((await tokens.ValidateTokenAsync(token, Checks)).IsValid);
        Assert.Equal(0, tokens.Count);
    }

    /// <summary>Remembered by less than its whole text, a forged one would be taken for it.</summary>
    [Fact]
    public async Task Another_signature_under_the_same_claims_is_verified_for_itself()
    {
        var token = Token(TimeSpan.FromHours(1));
        Assert.True((await tokens.ValidateTokenAsync(token, Checks)).IsValid);
        verifier.Believes = false;
        var forged = token[..^1] + (token[^1] == 'A' ? 'B' : 'A');
        Assert.False((await tokens.ValidateTokenAsync(forged, Checks)).IsValid);
        Assert.False((await tokens.ValidateTokenAsync(token + "A", Checks)).IsValid);
    }

    [Fact]
    public async Task A_refusal_is_not_remembered()
    {
        var token = Token(TimeSpan.FromHours(1));
        verifier.Believes = false;
        Assert.False((await tokens.ValidateTokenAsync(token, Checks)).IsValid);
        Assert.Equal(0, tokens.Count);
        verifier.Believes = true;
        Assert.True((await tokens.ValidateTokenAsync(token, Checks)).IsValid);
    }

    [Fact]
    public async Task No_more_are_remembered_than_the_bound()
    {
        for (var i = 0; i <= RememberedTokens.Most; i++) await tokens.ValidateTokenAsync($"{i}", Checks);
        Assert.InRange(tokens.Count, 1, RememberedTokens.Most);
    }

    static string Token(TimeSpan lasts) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Subject = new ClaimsIdentity([new("sub", "alice")]),
        NotBefore = Noon.UtcDateTime,
        Expires = (Noon + lasts).UtcDateTime,
        SigningCredentials = new(new SymmetricSecurityKey(new byte[32]), SecurityAlgorithms.HmacSha256),
    });

    /// <summary>Says what the test tells it to.</summary>
    sealed class Verifier : TokenHandler
    {
        public bool Believes { get; set; } = true;

        public int Asked { get; private set; }

        public override Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
        {
            Asked++;
            return Task.FromResult(new TokenValidationResult
            {
                IsValid = Believes,
                SecurityToken = token.Contains('.', StringComparison.Ordinal) ? new JsonWebToken(token) : new JsonWebToken("{\"alg\":\"none\"}", "{\"exp\":4000000000}"),
            });
        }
    }
}
