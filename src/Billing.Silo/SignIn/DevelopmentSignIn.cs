using System.Text;
using System.Text.Encodings.Web;

namespace Billing.Silo.SignIn;

/// <summary>A page of made-up people, and the same for programs. Mapped in Development only; in production there is no such address.</summary>
static class DevelopmentSignIn
{
    const string Path = "/dev/sign-in";

    static readonly Person[] People =
    [
        new("alice", "Alice, a buyer", []),
        new("bob", "Bob, another buyer", []),
        new("carol", "Carol, an administrator", ["billing:admin"]),
        new("dave", "Dave, a second administrator", ["billing:admin"]),
    ];

    public static void MapDevelopmentSignIn(this WebApplication app, Uri publicUrl)
    {
        var shop = publicUrl.AbsolutePath + "purchase";
        if (app.Services.GetService<DevelopmentTokens>() is not { } tokens) return;

        app.MapGet(Path, (string? @return, HttpContext http) =>
        {
            http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
            http.Response.Headers.CacheControl = "no-store";
            return Results.Content(Page(Local(@return, shop)), "text/html; charset=utf-8");
        }).AllowAnonymous();

        app.MapGet(Path + "/{subject}", (string subject, string? @return, TimeProvider time, HttpContext http) =>
        {
            http.Response.Headers.CacheControl = "no-store";
            return People.FirstOrDefault(person => person.Subject == subject) is { } person
                ? Results.Redirect($"{Local(@return, shop)}#token={tokens.For(person.Subject, person.Roles, [], time.GetUtcNow().AddDays(-30))}")
                : Results.NotFound();
        }).AllowAnonymous();

        // For programs: tests and the load driver. Anybody can be anyone here, which is why it exists in Development only.
        app.MapPost(Path, (SignInRequest request, TimeProvider time) => request.Subject is { Length: > 0 and <= 128 }
            ? Results.Json(new
            {
                token = tokens.For(
                    request.Subject, request.Roles ?? [], request.Groups ?? [],
                    request.RegisteredAt is { } at ? DateTimeOffset.FromUnixTimeSeconds(at) : time.GetUtcNow().AddDays(-30)),
            })
            : Results.BadRequest(new { error = "Give a subject of 1 to 128 characters." })).AllowAnonymous();
    }

    // Only back to this host, so that a token goes nowhere else.
    static string Local(string? target, string otherwise) =>
        target is ['/', ..] && !target.StartsWith("//", StringComparison.Ordinal) && !target.Contains('\\', StringComparison.Ordinal) && !target.Contains('#', StringComparison.Ordinal)
            && !target.Any(char.IsControl)
            ? target
            : otherwise;

    static string Page(string target)
    {
        var page = new StringBuilder(
            """
            <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Development sign-in</title>
            <style>:root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:28rem;margin:10vh auto;padding:0 1rem}
            a{display:block;padding:.75rem 1rem;margin:.5rem 0;border:1px solid;border-radius:.5rem;text-decoration:none;color:inherit}a:hover,a:focus{outline:2px solid}</style>
            <h1>Who are you?</h1><p>These people are made up. This page exists in development only.</p>
            """);
        foreach (var person in People)
        {
            // Relative to this page, whatever prefix it is reached under.
            page.Append("<a href=\"sign-in/").Append(person.Subject).Append("?return=").Append(UrlEncoder.Default.Encode(target)).Append("\">")
                .Append(HtmlEncoder.Default.Encode(person.Name)).Append("</a>");
        }

        return page.Append("</html>").ToString();
    }

    sealed record Person(string Subject, string Name, string[] Roles);

    /// <summary>Who a program wants to be.</summary>
    internal sealed record SignInRequest(string Subject, string[]? Roles, string[]? Groups, long? RegisteredAt);
}
