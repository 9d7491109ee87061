using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;
using Microsoft.Net.Http.Headers;

namespace Billing.Silo.Pages;

/// <summary>Serves the built pages from <c>wwwroot</c> beside the program, each at its own address.</summary>
static class PagesEndpoints
{
    // No inline script or style, nothing from elsewhere; forms and sockets only to this host.
    const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    // The editor of the explorer makes its styles as it runs, and its workers from blobs.
    const string ExplorerPolicy =
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

    static readonly (string Pattern, string File)[] Pages =
        [("/purchase", "purchase.html"), ("/redeem", "redeem.html"), ("/orders", "orders.html"), ("/orders/{number}", "order.html"), ("/admin", "admin.html")];

    public static void MapPages(this WebApplication app) => app.MapPages(Path.Combine(AppContext.BaseDirectory, "wwwroot"));

    internal static void MapPages(this WebApplication app, string root)
    {
        if (!Directory.Exists(root)) return;
        var files = new PhysicalFileProvider(root);
        // A page has its own address and comes with its policy there. As a plain file it would come without one, the explorer also where it is switched off.
        var types = new FileExtensionContentTypeProvider();
        types.Mappings.Remove(".html");
        app.UseStaticFiles(new StaticFileOptions
        {
            FileProvider = files,
            ContentTypeProvider = types,
            OnPrepareResponse = context =>
            {
                // Names under /assets/ carry a hash of what is in them.
                var hashed = context.Context.Request.Path.StartsWithSegments("/assets");
                context.Context.Response.Headers.CacheControl = hashed ? "public, max-age=31536000, immutable" : "no-cache";
                context.Context.Response.Headers.XContentTypeOptions = "nosniff";
            },
        });
        foreach (var (pattern, file) in Pages) Map(app, files, pattern, file, PagePolicy);
        if (app.Configuration.GetValue<bool>("Billing:Explorer")) Map(app, files, "/explorer", "explorer.html", ExplorerPolicy);
        app.MapGet("/", () => Results.Redirect("/purchase")).AllowAnonymous();
    }

    static void Map(WebApplication app, PhysicalFileProvider files, string pattern, string file, string policy) => app.MapGet(pattern, (HttpContext http) =>
    {
        var page = files.GetFileInfo(file);
        if (!page.Exists) return Results.NotFound();
        http.Response.Headers.ContentSecurityPolicy = policy;
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers[HeaderNames.XContentTypeOptions] = "nosniff";
        http.Response.Headers["Referrer-Policy"] = "same-origin";
        return Results.File(page.PhysicalPath!, "text/html; charset=utf-8");
    }).AllowAnonymous();
}
