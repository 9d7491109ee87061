using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace Billing.Silo.Pages;

/// <summary>Serves the built pages from <c>wwwroot</c> beside the program, each at its own address.</summary>
static class PagesEndpoints
{
    // The editor of the explorer makes its styles as it runs, and its workers from blobs.
    const string ExplorerPolicy =
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        + "connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

    // One document serves them all: what is shown at which address, the pages know.
    static readonly string[] Addresses = ["/purchase", "/redeem", "/orders", "/orders/{number}", "/account", "/admin/{**rest}", "/signed-in"];

    /// <summary>What the pages' files need: they are many, and text.</summary>
    public static void AddPages(this WebApplicationBuilder builder) => builder.Services.AddResponseCompression(compression =>
    {
        // Nothing that depends on who asks is compressed, so its length tells nothing.
        compression.EnableForHttps = true;
        compression.MimeTypes = ["text/javascript", "text/css", "image/svg+xml"];
    });

    public static void MapPages(this WebApplication app, Uri publicUrl) => app.MapPages(publicUrl, Path.Combine(AppContext.BaseDirectory, "wwwroot"));

    internal static void MapPages(this WebApplication app, Uri publicUrl, string root)
    {
        if (!Directory.Exists(root)) return;
        var pages = PagesSettings.Read(app.Configuration);
        var files = new PhysicalFileProvider(root);
        // A page has its own address and comes with its policy there. As a plain file it would come without one, the explorer also where it is switched off.
        var types = new FileExtensionContentTypeProvider();
        types.Mappings.Remove(".html");
        types.Mappings[".js"] = "text/javascript";
        app.UseWhen(http => http.Request.Path.StartsWithSegments("/assets"), assets => assets.UseResponseCompression());
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
        if (files.GetFileInfo("index.html") is { Exists: true, PhysicalPath: { } index })
        {
            var document = new PageDocument(File.ReadAllText(index), pages, publicUrl.AbsolutePath);
            foreach (var address in Addresses) app.MapGet(address, document.Write).AllowAnonymous();
        }

        if (app.Configuration.GetValue<bool>("Billing:Explorer")) MapExplorer(app, files);
        app.MapGet("/", () => Results.Redirect(publicUrl.AbsolutePath + "purchase")).AllowAnonymous();
    }

    static void MapExplorer(WebApplication app, PhysicalFileProvider files) => app.MapGet("/explorer", (HttpContext http) =>
    {
        var page = files.GetFileInfo("explorer.html");
        if (!page.Exists) return Results.NotFound();
        http.Response.Headers.ContentSecurityPolicy = ExplorerPolicy;
        http.Response.Headers.CacheControl = "no-cache";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers["Referrer-Policy"] = "same-origin";
        return Results.File(page.PhysicalPath!, "text/html; charset=utf-8");
    }).AllowAnonymous();
}
