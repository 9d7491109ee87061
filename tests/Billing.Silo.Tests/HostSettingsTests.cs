using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace Billing.Silo.Tests;

public sealed class HostSettingsTests
{
    [Theory]
    [InlineData("https://billing.example", "https://billing.example/")]
    [InlineData("https://billing.example/shop", "https://billing.example/shop/")]
    [InlineData("http://0.0.0.0:5000", "http://localhost:5000/")]
    [InlineData("http://*:5000", "http://localhost:5000/")]
    [InlineData("http://[::]:5000/", "http://localhost:5000/")]
    public void The_public_address_ends_with_a_slash_and_names_a_host(string given, string address) =>
        Assert.Equal(new Uri(address), Read("Production", KeyValuePair.Create("Billing:PublicUrl", (string?)given)).PublicUrl);

    [Theory]
    [InlineData("billing.example")]
    [InlineData("ftp://billing.example")]
    [InlineData("https://billing.example/?x=1")]
    [InlineData("")]
    public void What_is_no_address_is_refused(string given) =>
        Assert.Contains("Billing:PublicUrl", Assert.Throws<SetupException>(() => Read("Production", KeyValuePair.Create("Billing:PublicUrl", (string?)given))).Message, StringComparison.Ordinal);

    [Fact]
    public void Outside_development_the_public_address_must_be_given() =>
        Assert.Contains("Billing:PublicUrl", Assert.Throws<SetupException>(() => Read("Production")).Message, StringComparison.Ordinal);

    [Fact]
    public void An_address_for_silos_that_is_none_is_refused()
    {
        static HostSettings Advertising(string given) => Read("Development", new KeyValuePair<string, string?>("Billing:Cluster:AdvertisedAddress", given));
        Assert.Equal(IPAddress.Parse("10.0.0.7"), Advertising("10.0.0.7").AdvertisedAddress);
        Assert.Equal(IPAddress.Loopback, Advertising("").AdvertisedAddress);
        Assert.Contains("Billing:Cluster:AdvertisedAddress", Assert.Throws<SetupException>(() => Advertising("silo-7")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void In_development_it_is_where_the_host_listens() =>
        Assert.Equal(new Uri("http://localhost:8080/"), Read("Development", new KeyValuePair<string, string?>("urls", "http://localhost:8080;http://localhost:8081")).PublicUrl);

    [Fact]
    public void A_connection_string_means_PostgreSQL_and_none_means_SQLite()
    {
        Assert.True(Read("Development", new KeyValuePair<string, string?>("ConnectionStrings:Billing", "Host=db")).Storage.UsesPostgres);
        Assert.False(Read("Development").Storage.UsesPostgres);
    }

    static HostSettings Read(string environment, params KeyValuePair<string, string?>[] settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = environment });
        builder.Configuration.AddInMemoryCollection(settings);
        return HostSettings.Read(builder);
    }
}
