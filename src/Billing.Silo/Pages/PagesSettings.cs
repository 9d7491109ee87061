using System.Text.RegularExpressions;
using Billing.Silo.SignIn;

namespace Billing.Silo.Pages;

/// <summary>What the pages are told: whose they are, how people sign in, and who may embed them.</summary>
sealed partial class PagesSettings
{
    /// <summary>The languages that there are, the first the one for who speaks none of them.</summary>
    internal static readonly string[] KnownLanguages = ["en", "zh-Hans"];

    /// <summary>Whose shop it is; people read it on every page.</summary>
    public string BrandName { get; set; } = "Billing";

    /// <summary>The brand's colour, as <c>#rrggbb</c>. The pages darken or lighten it until it can be read.</summary>
    public string BrandColor { get; set; } = "#2454d6";

    /// <summary>A picture for the head of the pages: an absolute https address, or a path of this host.</summary>
    public string? LogoUrl { get; set; }

    /// <summary>Where people find help: https or mailto, with <c>{order}</c> in the place of an order's number.</summary>
    public string? SupportUrl { get; set; }

    /// <summary>The languages that are offered; all that there are when none is given.</summary>
    public IList<string> Languages { get; } = [];

    /// <summary>The origins whose pages may show these ones in a frame.</summary>
    public IList<string> FrameAncestors { get; } = [];

    /// <summary>How people sign in.</summary>
    public PagesSignIn SignIn { get; } = new();

    /// <summary>The settings, checked.</summary>
    public static PagesSettings Read(IConfiguration configuration)
    {
        var settings = configuration.GetSection("Billing:Pages").Get<PagesSettings>() ?? new();
        var tokens = configuration.GetSection("Billing:SignIn").Get<SignInOptions>() ?? new();
        settings.SignIn.Development = tokens.Development;
        if (string.IsNullOrWhiteSpace(settings.SignIn.Authority)) settings.SignIn.Authority = tokens.Issuer;
        return settings.Fault() is { } fault ? throw new SetupException($"Billing:Pages: {fault}") : settings;
    }

    string? Fault() => this switch
    {
        _ when string.IsNullOrWhiteSpace(BrandName) || BrandName.Length > 60 => "BrandName has 1 to 60 characters.",
        _ when !Colour().IsMatch(BrandColor) => "BrandColor is a colour like #2454d6.",
        { LogoUrl: { } logo } when !(logo is ['/', not '/', ..] || IsHttps(logo)) => "LogoUrl is an https address, or a path that begins with /.",
        { SupportUrl: { } support } when !IsSupport(support) => "SupportUrl is an https or mailto address; {order} stands for the order's number.",
        _ when Languages.FirstOrDefault(language => !KnownLanguages.Contains(language)) is { } unknown => $"Languages names {unknown}; there are {string.Join(" and ", KnownLanguages)}.",
        _ when FrameAncestors.Concat(SignIn.Origins).FirstOrDefault(origin => !IsOrigin(origin)) is { } odd => $"{odd} is no origin like https://gw.example.",
        { SignIn: { ClientId: not null } signIn } when !IsHttpOrHttps(signIn.Authority) => "SignIn:ClientId needs SignIn:Authority, or Billing:SignIn:Issuer, to be the address of an OpenID Connect provider.",
        _ => null,
    };

    static bool IsHttps(string address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps;

    static bool IsHttpOrHttps(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https";

    static bool IsSupport(string address) =>
        Uri.TryCreate(address.Replace("{order}", "0", StringComparison.Ordinal), UriKind.Absolute, out var uri) && uri.Scheme is "https" or "mailto";

    // An origin goes into a policy as it is: nothing may follow the host and port.
    static bool IsOrigin(string origin) => Uri.TryCreate(origin, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.GetLeftPart(UriPartial.Authority) == origin;

    [GeneratedRegex("^#[0-9a-fA-F]{6}$")]
    private static partial Regex Colour();
}

/// <summary>How people sign in to the pages: by OpenID Connect's code flow with PKCE, or as made-up people in Development.</summary>
sealed class PagesSignIn
{
    /// <summary>Whether made-up people may sign in.</summary>
    internal bool Development { get; set; }

    /// <summary>The OpenID Connect provider; the issuer of the tokens when not given.</summary>
    public string? Authority { get; set; }

    /// <summary>What the pages are registered as there, as a public client whose redirect address is <c>{PublicUrl}signed-in</c>.</summary>
    public string? ClientId { get; set; }

    /// <summary>What is asked for. The access token must be a JWT that the API believes.</summary>
    public string Scope { get; set; } = "openid profile";

    /// <summary>Further origins of the provider that the browser asks, such as the one of its token address.</summary>
    public IList<string> Origins { get; } = [];
}
