using System.Security.Claims;
using Billing.Silo.SignIn;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace Billing.Silo.Tests;

public sealed class RememberedSignInsTests
{
    static readonly DateTimeOffset Noon = new(2026, 11, 2, 12, 0, 0, TimeSpan.Zero);

    readonly FakeTimeProvider time = new(Noon);
    readonly Verifier verifier = new();
    readonly RememberedSignIns signIns;

    public RememberedSignInsTests() => signIns = new(time);

    [Fact]
    public async Task A_token_is_verified_once_in_a_minute()
    {
        for (var i = 0; i < 5; i++) Assert.Equal("alice", await Comes("Bearer a"));
        Assert.Equal(1, verifier.Asked);
        time.Advance(RememberedSignIns.Longest);
        Assert.Equal("alice", await Comes("Bearer a"));
        Assert.Equal(2, verifier.Asked);
    }

    [Fact]
    public async Task A_token_is_not_remembered_beyond_its_end()
    {
        verifier.Until = Noon + TimeSpan.FromSeconds(10);
        Assert.Equal("alice", await Comes("Bearer a"));
        time.Advance(TimeSpan.FromSeconds(10) + SignInRegistration.ClockSkew);
        verifier.Believes = false;
        Assert.Null(await Comes("Bearer a"));
    }

    [Fact]
    public async Task A_token_of_which_nobody_knows_the_end_is_not_remembered()
    {
        verifier.Until = null;
        Assert.Equal("alice", await Comes("Bearer a"));
        Assert.Equal(0, signIns.Count);
    }

    [Fact]
    public async Task A_key_that_is_withdrawn_is_believed_for_a_minute_at_most()
    {
        Assert.Equal("alice", await Comes("Bearer a"));
        verifier.Believes = false;
        time.Advance(RememberedSignIns.Longest);
        Assert.Null(await Comes("Bearer a"));
        Assert.Equal(0, signIns.Count);
    }

    /// <summary>Remembered by less than its whole text, a forged one would be taken for it.</summary>
    [Fact]
    public async Task Another_signature_under_the_same_claims_is_verified_for_itself()
    {
        Assert.Equal("alice", await Comes("Bearer head.claims.signature"));
        verifier.Believes = false;
        Assert.Null(await Comes("Bearer head.claims.signaturf"));
        Assert.Null(await Comes("Bearer head.claims.signatures"));
        Assert.Null(await Comes(new StringValues(["Bearer head.claims.signature", "Bearer head.claims.signature"])));
    }

    /// <summary>They are as good as the usual one; remembered, one token would take the places of all.</summary>
    [Theory]
    [InlineData("bearer a")]
    [InlineData("BEARER a")]
    [InlineData("Bearer  a")]
    [InlineData("Bearer \ta")]
    [InlineData("Bearer \u00a0a")]
    [InlineData("Bearer a,Bearer a")]
    public async Task A_token_in_an_unusual_spelling_is_verified_each_time(string authorization)
    {
        for (var i = 0; i < 3; i++) Assert.Equal("alice", await Comes(authorization));
        Assert.Equal((3, 0), (verifier.Asked, signIns.Count));
    }

    [Fact]
    public async Task A_refusal_is_not_remembered()
    {
        verifier.Believes = false;
        Assert.Null(await Comes("Bearer a"));
        Assert.Equal(0, signIns.Count);
        verifier.Believes = true;
        Assert.Equal("alice", await Comes("Bearer a"));
    }

    [Fact]
    public async Task Who_sends_no_token_is_nobody_and_is_not_asked_for_one()
    {
        Assert.Null(await Comes(StringValues.Empty));
        Assert.Equal(0, verifier.Asked);
    }

    [Fact]
    public async Task No_more_are_remembered_than_the_bound()
    {
        for (var i = 0; i <= RememberedSignIns.Most; i++) await Comes($"Bearer {i}");
        Assert.InRange(signIns.Count, 1, RememberedSignIns.Most);
    }

    /// <summary>As whom somebody with this header comes to the endpoint, and that it hears until when the token is good.</summary>
    async Task<string?> Comes(StringValues authorization)
    {
        var http = new DefaultHttpContext { RequestServices = new ServiceCollection().AddSingleton<IAuthenticationService>(verifier).BuildServiceProvider() };
        http.Request.Headers.Authorization = authorization;
        string? name = null;
        var came = false;
        await signIns.Before(arrived =>
        {
            came = true;
            name = arrived.User.FindFirst("sub")?.Value;
            var known = arrived.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult;
            Assert.Equal(name is null ? null : verifier.Until, known?.Properties?.ExpiresUtc);
            return Task.CompletedTask;
        })(http);
        Assert.True(came);
        return name;
    }

    /// <summary>Says what the test tells it to.</summary>
    sealed class Verifier : IAuthenticationService
    {
        public bool Believes { get; set; } = true;

        public DateTimeOffset? Until { get; set; } = Noon + TimeSpan.FromHours(1);

        public int Asked { get; private set; }

        public Task<AuthenticateResult> AuthenticateAsync(HttpContext context, string? scheme)
        {
            Asked++;
            return Task.FromResult(Believes
                ? AuthenticateResult.Success(new(new(new ClaimsIdentity([new("sub", "alice")], "test")), new AuthenticationProperties { ExpiresUtc = Until }, "test"))
                : AuthenticateResult.Fail("Not good."));
        }

        public Task ChallengeAsync(HttpContext context, string? scheme, AuthenticationProperties? properties) => throw new NotSupportedException();

        public Task ForbidAsync(HttpContext context, string? scheme, AuthenticationProperties? properties) => throw new NotSupportedException();

        public Task SignInAsync(HttpContext context, string? scheme, ClaimsPrincipal principal, AuthenticationProperties? properties) => throw new NotSupportedException();

        public Task SignOutAsync(HttpContext context, string? scheme, AuthenticationProperties? properties) => throw new NotSupportedException();
    }
}
