using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Billing.Silo.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.Silo.Tests;

public sealed class SignInTests
{
    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    public void Made_up_people_are_refused_outside_development(string environment)
    {
        var refused = Assert.Throws<SetupException>(() => Builder(environment, ("Billing:SignIn:Development", "true")).AddSignIn());
        Assert.Contains("refused outside Development", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("https://issuer.example", null)]
    [InlineData(null, "billing")]
    public void Without_an_issuer_and_an_audience_the_host_says_what_to_set(string? issuer, string? audience)
    {
        var refused = Assert.Throws<SetupException>(
            () => Builder("Production", ("Billing:SignIn:Issuer", issuer), ("Billing:SignIn:Audience", audience)).AddSignIn());
        Assert.Contains("Billing:SignIn:Issuer", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Production", null, "cannot be read")]
    [InlineData("Production", "no JSON", "is no JSON Web Key Set")]
    [InlineData("Production", """{"keys":[]}""", "holds no key")]
    [InlineData("Development", "no JSON", null)]
    public void Keys_that_nobody_could_sign_in_with_are_refused_at_start(string environment, string? keys, string? why)
    {
        var file = Path.Combine(Path.GetTempPath(), $"keys-{Guid.NewGuid():N}.json");
        if (keys is not null) File.WriteAllText(file, keys);
        try
        {
            var refused = Record.Exception(() => Builder(
                environment, ("Billing:SignIn:Development", environment == "Development" ? "true" : null), ("Billing:SignIn:Issuer", "https://issuer.example"),
                ("Billing:SignIn:Audience", "billing"), ("Billing:SignIn:KeysFile", file)).AddSignIn());
            if (why is null) Assert.Null(refused);
            else Assert.Contains(why, Assert.IsType<SetupException>(refused).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task In_production_there_is_no_such_address()
    {
        await using var app = await Serve("Production", ("Billing:SignIn:Issuer", "https://issuer.example"), ("Billing:SignIn:Audience", "billing"));
        using var http = Client(app);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/dev/sign-in", UriKind.Relative), Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/dev/sign-in/alice", UriKind.Relative), Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.PostAsJsonAsync("/dev/sign-in", new { subject = "alice" }, Cancel)).StatusCode);
    }

    [Theory]
    [InlineData("/orders/1", "/orders/1#token=")]
    [InlineData("https://elsewhere.example/", "/purchase#token=")]
    [InlineData("//elsewhere.example/", "/purchase#token=")]
    [InlineData("/\\elsewhere.example/", "/purchase#token=")]
    [InlineData("/orders#x", "/purchase#token=")]
    public async Task A_token_goes_back_to_this_host_and_nowhere_else(string asked, string begins)
    {
        await using var app = await Serve("Development", ("Billing:SignIn:Development", "true"));
        using var http = Client(app);
        var answer = await http.GetAsync(new Uri($"/dev/sign-in/alice?return={Uri.EscapeDataString(asked)}", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.StartsWith(begins, answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_gets_a_token_for_whom_it_names()
    {
        await using var app = await Serve("Development", ("Billing:SignIn:Development", "true"));
        using var http = Client(app);
        var answer = await http.PostAsJsonAsync("/dev/sign-in", new { subject = "gateway", roles = Service }, Cancel);
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("token").GetString()!;
        var claims = JsonDocument.Parse(Base64(token.Split('.')[1])).RootElement;
        Assert.Equal("gateway", claims.GetProperty("sub").GetString());
        Assert.Contains("billing:service", claims.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
    }

    [Fact]
    public void A_short_development_key_is_refused() =>
        Assert.Throws<SetupException>(() => new DevelopmentTokens("short", TimeProvider.System));

    static readonly string[] Service = ["billing:service"];

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static byte[] Base64(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);

    static WebApplicationBuilder Builder(string environment, params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        return builder;
    }

    static async Task<WebApplication> Serve(string environment, params (string Key, string? Value)[] settings)
    {
        var builder = Builder(environment, settings);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddSignIn();
        var app = builder.Build();
        app.MapDevelopmentSignIn(new Uri("http://localhost/"));
        await app.StartAsync(Cancel);
        return app;
    }

    static HttpClient Client(WebApplication app)
    {
        var handler = new HttpClientHandler { AllowAutoRedirect = false };
        return new HttpClient(handler, disposeHandler: true) { BaseAddress = new(app.Urls.First()) };
    }
}
