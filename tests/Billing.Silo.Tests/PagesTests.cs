using System.Net;
using Billing.Silo.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;

namespace Billing.Silo.Tests;

public sealed class PagesTests : IDisposable
{
    readonly DirectoryInfo root = Directory.CreateTempSubdirectory("billing-pages-");

    public PagesTests()
    {
        foreach (var page in new[] { "purchase.html", "redeem.html", "orders.html", "order.html", "admin.html", "explorer.html" }) File.WriteAllText(Path.Combine(root.FullName, page), "<!doctype html>");
        root.CreateSubdirectory("assets");
        File.WriteAllText(Path.Combine(root.FullName, "assets", "page-1.js"), "1");
    }

    public void Dispose() => root.Delete(recursive: true);

    [Theory]
    [InlineData("/purchase.html")]
    [InlineData("/admin.html")]
    [InlineData("/explorer.html")]
    [InlineData("/Explorer.HTML")]
    [InlineData("/explorer")]
    public async Task A_page_is_not_served_beside_its_own_address_and_the_explorer_not_at_all_when_it_is_switched_off(string address)
    {
        await using var app = await Serve(explorer: false);
        using var http = new HttpClient { BaseAddress = new(app.Urls.First()) };
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(address, UriKind.Relative), Cancel)).StatusCode);
    }

    [Theory]
    [InlineData("/purchase")]
    [InlineData("/orders/1")]
    [InlineData("/admin")]
    [InlineData("/explorer")]
    public async Task Every_page_comes_with_its_policy(string address)
    {
        await using var app = await Serve(explorer: true);
        using var http = new HttpClient { BaseAddress = new(app.Urls.First()) };
        var answer = await http.GetAsync(new Uri(address, UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/assets/page-1.js", UriKind.Relative), Cancel)).StatusCode);
    }

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    async Task<WebApplication> Serve(bool explorer)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection([KeyValuePair.Create("Billing:Explorer", (string?)(explorer ? "true" : "false"))]);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.MapPages(root.FullName);
        await app.StartAsync(Cancel);
        return app;
    }
}
