using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Billing.Silo.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;

namespace Billing.Silo.Tests;

public sealed partial class PagesTests : IDisposable
{
    const string Built = """<!doctype html><html><head><meta charset="utf-8" /><!--settings--><script type="module" src="./assets/page-1.js"></script></head></html>""";

    readonly DirectoryInfo root = Directory.CreateTempSubdirectory("billing-pages-");

    public PagesTests()
    {
        File.WriteAllText(Path.Combine(root.FullName, "index.html"), Built);
        File.WriteAllText(Path.Combine(root.FullName, "explorer.html"), "<!doctype html>");
        root.CreateSubdirectory("assets");
        File.WriteAllText(Path.Combine(root.FullName, "assets", "page-1.js"), new string('1', 4_000));
    }

    public void Dispose() => root.Delete(recursive: true);

    [Theory]
    [InlineData("/index.html")]
    [InlineData("/explorer.html")]
    [InlineData("/Explorer.HTML")]
    [InlineData("/explorer")]
    public async Task A_page_is_not_served_beside_its_own_address_and_the_explorer_not_at_all_when_it_is_switched_off(string address)
    {
        await using var app = await Serve(("Billing:Explorer", "false"));
        Assert.Equal(HttpStatusCode.NotFound, (await Get(app, address)).StatusCode);
    }

    [Theory]
    [InlineData("/purchase")]
    [InlineData("/orders")]
    [InlineData("/orders/1")]
    [InlineData("/redeem")]
    [InlineData("/account")]
    [InlineData("/admin")]
    [InlineData("/admin/orders/1")]
    [InlineData("/signed-in")]
    [InlineData("/explorer")]
    public async Task Every_page_comes_with_its_policy(string address)
    {
        await using var app = await Serve(("Billing:Explorer", "true"));
        var answer = await Get(app, address);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("frame-ancestors 'none'", Policy(answer), StringComparison.Ordinal);
        Assert.Contains("script-src 'self'", Policy(answer), StringComparison.Ordinal);
        Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Styles_are_allowed_under_a_nonce_that_is_another_each_time_and_never_inline()
    {
        await using var app = await Serve();
        var (first, second) = (await Get(app, "/purchase"), await Get(app, "/purchase"));
        var nonces = new List<string>();
        foreach (var answer in new[] { first, second })
        {
            Assert.DoesNotContain("unsafe", Policy(answer), StringComparison.Ordinal);
            var nonce = Nonce().Match(Policy(answer)).Groups[1].Value;
            Assert.Contains($"nonce=\"{nonce}\"", await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
            Assert.True(answer.Headers.CacheControl!.NoStore);
            nonces.Add(nonce);
        }

        Assert.NotEqual(nonces[0], nonces[1]);
        Assert.True(Convert.FromBase64String(nonces[0]).Length >= 16);
    }

    [Fact]
    public async Task Assets_are_compressed_and_kept_for_ever()
    {
        await using var app = await Serve();
        using var http = new HttpClient { BaseAddress = new(app.Urls.First()) };
        http.DefaultRequestHeaders.AcceptEncoding.ParseAdd("br, gzip");
        var answer = await http.GetAsync(new Uri("/assets/page-1.js", UriKind.Relative), Cancel);
        Assert.Equal("br", answer.Content.Headers.ContentEncoding.Single());
        Assert.Equal("public, max-age=31536000, immutable", string.Join(", ", answer.Headers.GetValues("Cache-Control")));
    }

    [Fact]
    public async Task The_settings_stand_in_the_document_and_nothing_in_them_ends_their_block()
    {
        await using var app = await Serve(
            ("Billing:Pages:BrandName", "</script><script>alert(1)</script>"), ("Billing:Pages:BrandColor", "#ff6600"), ("Billing:Pages:LogoUrl", "/logo.svg"),
            ("Billing:Pages:SupportUrl", "https://help.example/?order={order}"), ("Billing:Pages:Languages:0", "zh-Hans"),
            ("Billing:SignIn:Issuer", "https://id.example/realm"), ("Billing:Pages:SignIn:ClientId", "shop"), ("Billing:Pages:SignIn:Origins:0", "https://token.example"));
        var answer = await Get(app, "/purchase");
        var document = await answer.Content.ReadAsStringAsync(Cancel);
        Assert.DoesNotContain("alert(1)</script>", document, StringComparison.Ordinal);
        var settings = JsonDocument.Parse(Block().Match(document).Groups[1].Value).RootElement;
        Assert.Equal("/billing/", settings.GetProperty("basePath").GetString());
        Assert.Contains("<base href=\"/billing/\">", document, StringComparison.Ordinal);
        Assert.Equal("</script><script>alert(1)</script>", settings.GetProperty("brand").GetProperty("name").GetString());
        Assert.Equal("/billing/logo.svg", settings.GetProperty("brand").GetProperty("logoUrl").GetString());
        Assert.Equal("https://help.example/?order={order}", settings.GetProperty("supportUrl").GetString());
        Assert.Equal("zh-Hans", settings.GetProperty("languages")[0].GetString());
        Assert.Equal("https://id.example/realm", settings.GetProperty("signIn").GetProperty("authority").GetString());
        Assert.Contains("connect-src 'self' https://id.example https://token.example;", Policy(answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_embed_the_pages_is_a_setting()
    {
        await using var app = await Serve(("Billing:Pages:FrameAncestors:0", "https://gw.example"));
        Assert.EndsWith("frame-ancestors 'self' https://gw.example", Policy(await Get(app, "/purchase")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BrandColor", "red")]
    [InlineData("BrandName", " ")]
    [InlineData("LogoUrl", "http://plain.example/logo.png")]
    [InlineData("LogoUrl", "//elsewhere.example/logo.png")]
    [InlineData("SupportUrl", "javascript:alert(1)")]
    [InlineData("Languages:0", "fr")]
    [InlineData("FrameAncestors:0", "https://gw.example; script-src *")]
    [InlineData("FrameAncestors:0", "*")]
    [InlineData("SignIn:Origins:0", "https://token.example/token")]
    [InlineData("SignIn:ClientId", "shop")]
    public async Task A_setting_that_makes_no_sense_is_refused_at_start(string name, string value) =>
        Assert.Contains("Billing:Pages", (await Assert.ThrowsAsync<SetupException>(() => Serve(($"Billing:Pages:{name}", value)))).Message, StringComparison.Ordinal);

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static string Policy(HttpResponseMessage answer) => answer.Headers.GetValues("Content-Security-Policy").Single();

    static async Task<HttpResponseMessage> Get(WebApplication app, string address)
    {
        using var http = new HttpClient { BaseAddress = new(app.Urls.First()) };
        return await http.GetAsync(new Uri(address, UriKind.Relative), Cancel);
    }

    async Task<WebApplication> Serve(params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddPages();
        var app = builder.Build();
        app.MapPages(new Uri("https://gw.example/billing/"), root.FullName);
        await app.StartAsync(Cancel);
        return app;
    }

    [GeneratedRegex("'nonce-([^']+)'")]
    private static partial Regex Nonce();

    [GeneratedRegex("<script type=\"application/json\"[^>]*>(.*?)</script>")]
    private static partial Regex Block();
}
