using Billing.Channels;
using Billing.Silo.Methods;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.Silo.Tests.Methods;

public sealed class ConfiguredPaymentMethodsTests
{
    static readonly Uri PublicUrl = new("https://billing.example/shop/");

    [Fact]
    public void A_method_sends_its_buyers_and_its_provider_to_the_public_address()
    {
        var method = Assert.Single(Methods([new("sandbox:Kind", "Sandbox"), new("sandbox:Name", "Sandbox")]).All);
        Assert.Equal("https://billing.example/shop/orders/{order}", method.ReturnUrl);
        Assert.Equal(new Uri("https://billing.example/shop/payments/sandbox/callback"), method.CallbackUrl);
    }

    [Fact]
    public void A_method_is_found_by_its_whole_id_only()
    {
        var methods = Methods([new("sandbox:Kind", "Sandbox"), new("sandbox-qr:Kind", "Sandbox"), new("sandbox-qr:Presentation", "QrCode")]);
        Assert.Equal(PaymentPresentation.QrCode, methods.Find("sandbox-qr")!.Presentation);
        Assert.Null(methods.Find("Sandbox"));
        Assert.Null(methods.Find("sandbox-"));
        Assert.Null(methods.Find(""));
    }

    [Fact]
    public void A_method_without_a_name_is_called_by_its_id() => Assert.Equal("sandbox", Assert.Single(Methods([new("sandbox:Kind", "Sandbox")]).All).Name);

    [Fact]
    public void A_method_that_is_switched_off_is_still_known_for_its_callbacks() =>
        Assert.False(Methods([new("sandbox:Kind", "Sandbox"), new("sandbox:Enabled", "false")]).Find("sandbox")!.Enabled);

    [Theory]
    [InlineData("Sandbox")]
    [InlineData("-sandbox")]
    [InlineData("sand box")]
    [InlineData("sandbox/x")]
    public void An_id_that_cannot_be_part_of_an_address_is_refused(string id) =>
        Assert.Contains(id, Assert.Throws<SetupException>(() => Methods([new($"{id}:Kind", "Sandbox")])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_kind_without_a_channel_is_refused_by_its_name() =>
        Assert.Contains("Stripe", Assert.Throws<SetupException>(() => Methods([new("cards:Kind", "Stripe")])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_secret_that_is_too_short_is_refused() =>
        Assert.Throws<SetupException>(() => Methods([new("sandbox:Kind", "Sandbox"), new("sandbox:Secret", "short")]));

    static IPaymentMethods Methods(KeyValuePair<string, string?>[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = "Development" });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create("Billing:PaymentMethods:" + setting.Key, setting.Value)));
        builder.Services.AddSingleton(TimeProvider.System).AddMetrics().AddLogging();
        ConfiguredPaymentMethods.Add(builder, PublicUrl);
        return builder.Services.BuildServiceProvider().GetRequiredService<IPaymentMethods>();
    }
}
