using Billing.Channels.Sandbox;
using Billing.Channels.Sandbox.Provider;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Billing.Channels.Tests.Sandbox;

/// <summary>What is refused before anything rests on it.</summary>
public sealed class SandboxSettingsTests
{
    [Theory]
    [InlineData("Development", false, true)]
    [InlineData("Development", true, true)]
    [InlineData("Staging", false, false)]
    [InlineData("Staging", true, true)]
    [InlineData("Production", false, false)]
    [InlineData("Production", true, false)]
    [InlineData("production", true, false)]
    public void The_sandbox_never_runs_in_production(string environment, bool allowOutsideDevelopment, bool runs)
    {
        using var app = Host(environment, allowOutsideDevelopment);
        void Check() => SandboxProvider.EnsureAllowed(app.Environment, allowOutsideDevelopment);
        void Map() => app.MapSandboxProvider();
        void Create() => SandboxChannel.Create(app.Services, Options(allowOutsideDevelopment: allowOutsideDevelopment));
        foreach (var start in new Action[] { Check, Map, Create })
        {
            if (runs)
                start();
            else
                Assert.Contains("money that does not exist", Assert.Throws<SetupException>(start).Message);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("                                        ")]
    [InlineData("thirty-one characters are short")]
    public void A_secret_that_anybody_could_have_is_refused(string? secret)
    {
        using var clients = SandboxWorld.Clients();
        var refused = Assert.Throws<SetupException>(
            () => new SandboxChannel(Options(secret: secret!), clients.GetRequiredService<IHttpClientFactory>(), TimeProvider.System));
        Assert.Contains("openssl rand -hex 32", refused.Message);
        Assert.True(string.IsNullOrWhiteSpace(secret) || !refused.Message.Contains(secret));
        Assert.Throws<SetupException>(() => new ServiceCollection().AddSandboxProvider(
            new() { Merchants = new Dictionary<string, SandboxMerchant> { ["shop-1"] = new() { Name = "Shop", Secret = secret! } } }));
    }

    [Theory]
    [InlineData("/sandbox", "shop-1", "CNY")]
    [InlineData("ftp://localhost/", "shop-1", "CNY")]
    [InlineData("http://localhost/?x=1", "shop-1", "CNY")]
    [InlineData("http://me:secret@localhost/", "shop-1", "CNY")]
    [InlineData("http://localhost/", "", "CNY")]
    [InlineData("http://localhost/", "shop 1", "CNY")]
    [InlineData("http://localhost/", "shop-1", "XXX")]
    public void A_setting_that_cannot_be_used_is_refused(string baseUrl, string merchantId, string currency)
    {
        using var clients = SandboxWorld.Clients();
        Assert.Throws<SetupException>(() => new SandboxChannel(
            new()
            {
                BaseUrl = new(baseUrl, UriKind.RelativeOrAbsolute),
                MerchantId = merchantId,
                Secret = SandboxWorld.Secret,
                Currencies = new HashSet<string> { currency },
            },
            clients.GetRequiredService<IHttpClientFactory>(),
            TimeProvider.System));
    }

    [Fact]
    public void A_provider_without_a_merchant_is_refused() => Assert.Throws<SetupException>(
        () => new ServiceCollection().AddSandboxProvider(new() { Merchants = new Dictionary<string, SandboxMerchant>() }));

    static SandboxOptions Options(string secret = SandboxWorld.Secret, bool allowOutsideDevelopment = false) => new()
    {
        BaseUrl = new("http://localhost:8080/sandbox"),
        MerchantId = SandboxWorld.MerchantId,
        Secret = secret,
        AllowOutsideDevelopment = allowOutsideDevelopment,
    };

    static WebApplication Host(string environment, bool allowOutsideDevelopment)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = environment });
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.Services.AddSandboxChannel();
        builder.Services.AddSandboxProvider(new()
        {
            Merchants = new Dictionary<string, SandboxMerchant> { [SandboxWorld.MerchantId] = new() { Name = "Shop", Secret = SandboxWorld.Secret } },
            AllowOutsideDevelopment = allowOutsideDevelopment,
        });
        return builder.Build();
    }
}
