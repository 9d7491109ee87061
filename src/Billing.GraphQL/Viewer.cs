using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Security.Claims;

namespace Billing.GraphQL;

/// <summary>Who asks. A resolver takes it as a parameter.</summary>
/// <param name="AccountId">The account that the viewer owns; null for a service and for someone who is not signed in.</param>
/// <param name="Subject">The token's subject; empty for someone who is not signed in.</param>
/// <param name="IsAdministrator">Whether the viewer has the role <see cref="AdministratorRole"/>.</param>
/// <param name="IsService">Whether the viewer has the role <see cref="ServiceRole"/>.</param>
/// <param name="Groups">The groups that the viewer belongs to.</param>
/// <param name="RegisteredAt">When the account was registered, if the token says so.</param>
public sealed record Viewer(string? AccountId, string Subject, bool IsAdministrator, bool IsService, IReadOnlyList<string> Groups, DateTimeOffset? RegisteredAt)
{
    /// <summary>The administrators' role, for <c>[Authorize(Roles = …)]</c>.</summary>
    public const string AdministratorRole = "billing:admin";

    /// <summary>The role of the gateway and other trusted programs.</summary>
    public const string ServiceRole = "billing:service";

    // Nobody adds to a principal once it has been signed in.
    static readonly ConditionalWeakTable<ClaimsPrincipal, Viewer> Known = [];

    /// <summary>Someone who is not signed in.</summary>
    public static readonly Viewer Anonymous = new(null, "", false, false, [], null);

    /// <summary>Whether the viewer is signed in.</summary>
    public bool IsSignedIn => Subject.Length > 0;

    /// <summary>As the journal names them.</summary>
    /// <exception cref="BadRequestFault">Nobody is signed in.</exception>
    public Actor Actor => this switch
    {
        { IsSignedIn: false } => throw new BadRequestFault(ErrorCodes.NotAuthenticated, "Sign in first."),
        { IsAdministrator: true } => Actor.Administrator(Subject),
        { IsService: true } => Actor.Service(Subject),
        _ => Actor.Account(Subject),
    };

    /// <summary>Whether the viewer may see what belongs to this account: its owner and administrators.</summary>
    public bool MaySee(string account) => IsAdministrator || string.Equals(AccountId, account, StringComparison.Ordinal);

    /// <summary>Who it is, read once from a principal that comes with many requests.</summary>
    internal static Viewer Of(ClaimsPrincipal principal) => principal.Identity?.IsAuthenticated == true ? Known.GetValue(principal, From) : Anonymous;

    /// <summary>Reads a token's claims: <c>sub</c>, <c>role</c> or <c>roles</c>, <c>groups</c>, <c>registered_at</c> (Unix seconds).</summary>
    public static Viewer From(ClaimsPrincipal? principal)
    {
        if (principal?.Identity?.IsAuthenticated != true) return Anonymous;

        // The handlers of ASP.NET Core may have renamed it.
        var subject = principal.FindFirst("sub")?.Value ?? principal.FindFirst(ClaimTypes.NameIdentifier)?.Value;
        if (string.IsNullOrEmpty(subject)) return Anonymous;
        var service = HasRole(principal, ServiceRole);
        return new(
            service ? null : subject,
            subject,
            HasRole(principal, AdministratorRole),
            service,
            [.. principal.FindAll("groups").Select(claim => claim.Value)],
            ReadTime(principal.FindFirst("registered_at")?.Value));
    }

    internal static bool HasRole(ClaimsPrincipal principal, string role) =>
        principal.HasClaim(claim => claim.Type is "role" or "roles" or ClaimTypes.Role && string.Equals(claim.Value, role, StringComparison.Ordinal));

    static DateTimeOffset? ReadTime(string? seconds) =>
        long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var unix) && unix <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(unix)
            : null;
}

/// <summary>Where the request came from. A resolver takes it as a parameter.</summary>
/// <param name="Address">The client's address; behind a proxy, what forwarded headers said of it, if the host reads them.</param>
/// <param name="AcceptLanguage">The languages that the client prefers, as it sent them.</param>
public sealed record ClientInfo(IPAddress? Address, string? AcceptLanguage)
{
    /// <summary>An address as it is counted: a household has an IPv6 network of 64 bits, with as many addresses as it likes. Empty when it is not known.</summary>
    internal static string NetworkOf(IPAddress? address)
    {
        if (address is null) return "";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6 ? Convert.ToHexString(address.GetAddressBytes(), 0, 8) : address.ToString();
    }
}
