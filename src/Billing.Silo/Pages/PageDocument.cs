using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Billing.Silo.Pages;

/// <summary>The one document of the pages: as it was built, with the settings, and with a policy whose nonce is another for each answer.</summary>
sealed class PageDocument
{
    /// <summary>What the build leaves in the document for the settings.</summary>
    internal const string Place = "<!--settings-->";

    const int NonceBytes = 16;

    readonly string before;
    readonly string after;
    readonly string settings;
    readonly string policy;

    public PageDocument(string built, PagesSettings pages, string basePath)
    {
        if (built.Split(Place) is not [var head, var rest]) throw new InvalidOperationException($"The pages' index.html has no {Place}: build them again.");
        (before, after) = (head + $"<base href=\"{HtmlEncoder.Default.Encode(basePath)}\">", rest);
        settings = JsonSerializer.Serialize(
            new
            {
                basePath,
                brand = new { name = pages.BrandName, color = pages.BrandColor, logoUrl = Logo(pages.LogoUrl, basePath) },
                supportUrl = pages.SupportUrl,
                languages = pages.Languages.Count > 0 ? pages.Languages : PagesSettings.KnownLanguages,
                signIn = pages.SignIn switch
                {
                    { Development: true } => new { kind = "development" },
                    { ClientId: { } client } signIn => (object)new { kind = "oidc", authority = signIn.Authority, clientId = client, scope = signIn.Scope },
                    _ => new { kind = "none" },
                },
            });
        policy = Policy(pages);
    }

    /// <summary>Writes it. It is kept nowhere, because the nonce is good once.</summary>
    public Task Write(HttpContext http)
    {
        var nonce = Convert.ToBase64String(RandomNumberGenerator.GetBytes(NonceBytes));
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = policy.Replace("{nonce}", nonce, StringComparison.Ordinal);
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "same-origin";
        http.Response.ContentType = "text/html; charset=utf-8";
        // The block is data and never runs. The serializer writes < and & as escapes, so nothing in it ends it.
        return http.Response.WriteAsync($"{before}<script type=\"application/json\" id=\"settings\" nonce=\"{nonce}\">{settings}</script>{after}", http.RequestAborted);
    }

    // No inline script. The components write their styles as they run, under the nonce. Forms and sockets only to this host, and to the provider of sign-ins.
    static string Policy(PagesSettings pages)
    {
        var provider = pages.SignIn is { Development: false, ClientId: not null } signIn
            ? string.Concat(signIn.Origins.Prepend(new Uri(signIn.Authority!).GetLeftPart(UriPartial.Authority)).Distinct().Select(origin => " " + origin))
            : "";
        var logo = pages.LogoUrl is { } address && Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttps
            ? " " + uri.GetLeftPart(UriPartial.Authority)
            : "";
        var frames = pages.FrameAncestors.Count > 0 ? "'self' " + string.Join(' ', pages.FrameAncestors) : "'none'";
        return $"default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{{nonce}}'; img-src 'self' data:{logo}; font-src 'self'; connect-src 'self'{provider}; "
            + $"form-action 'self'; base-uri 'self'; frame-ancestors {frames}";
    }

    // A path of this host, as it is written in the settings, is below the prefix that the pages are reached under.
    static string? Logo(string? address, string basePath) => address is ['/', .. var path] ? basePath + path : address;
}
