using System.Security.Claims;

namespace Billing.GraphQL.Tests;

public sealed class ViewerTests
{
    [Fact]
    public void An_accounts_owner_acts_as_the_account()
    {
        var viewer = Viewer.From(Principal(("sub", "alice"), ("groups", "beta"), ("groups", "staff"), ("registered_at", "1700000000")));
        Assert.Equal(("alice", "account:alice"), (viewer.AccountId, viewer.Actor.Name));
        Assert.Equal(["beta", "staff"], viewer.Groups);
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), viewer.RegisteredAt);
    }

    [Theory]
    [InlineData("role", "billing:admin", "admin:x")]
    [InlineData("roles", "billing:admin", "admin:x")]
    [InlineData(ClaimTypes.Role, "billing:admin", "admin:x")]
    [InlineData("role", "billing:service", "service:x")]
    [InlineData("role", "billing:administrator", "account:x")]
    [InlineData("scope", "billing:admin", "account:x")]
    public void A_role_says_as_whom_one_acts(string claim, string role, string actor) =>
        Assert.Equal(actor, Viewer.From(Principal(("sub", "x"), (claim, role))).Actor.Name);

    [Fact]
    public void A_service_owns_no_account() => Assert.Null(Viewer.From(Principal(("sub", "gateway"), ("role", "billing:service"))).AccountId);

    [Fact]
    public void Who_is_not_signed_in_does_not_act()
    {
        Assert.Same(Viewer.Anonymous, Viewer.From(null));
        Assert.Same(Viewer.Anonymous, Viewer.From(new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "x")]))));
        Assert.Same(Viewer.Anonymous, Viewer.From(Principal(("role", "billing:admin"))));
        Assert.Equal(ErrorCodes.NotAuthenticated, Assert.Throws<BadRequestFault>(() => Viewer.Anonymous.Actor).Code);
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("-1")]
    [InlineData("99999999999999999")]
    public void A_time_that_cannot_be_is_no_time(string seconds) => Assert.Null(Viewer.From(Principal(("sub", "x"), ("registered_at", seconds))).RegisteredAt);

    static ClaimsPrincipal Principal(params (string Type, string Value)[] claims) =>
        new(new ClaimsIdentity(claims.Select(claim => new Claim(claim.Type, claim.Value)), "Test"));
}
