using System.Net;
using Billing.Webhooks;

namespace Billing.Tests.Webhooks;

/// <summary>Where an administrator may have this service send something.</summary>
public sealed class WebhookUrlTests
{
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("10.1.2.3")]
    [InlineData("100.64.0.1")]
    [InlineData("100.127.255.254")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.255")]
    [InlineData("169.254.169.254")]
    [InlineData("172.16.0.1")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.8")]
    [InlineData("192.0.2.1")]
    [InlineData("192.88.99.1")]
    [InlineData("192.168.1.1")]
    [InlineData("198.18.0.1")]
    [InlineData("198.19.255.255")]
    [InlineData("198.51.100.7")]
    [InlineData("203.0.113.7")]
    [InlineData("224.0.0.1")]
    [InlineData("240.0.0.1")]
    [InlineData("255.255.255.255")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("::127.0.0.1")]
    [InlineData("::ffff:127.0.0.1")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:a9fe:a9fe")]
    [InlineData("64:ff9b::7f00:1")]
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b:1::1")]
    [InlineData("100::1")]
    [InlineData("2001::1")]
    [InlineData("2001:db8::1")]
    [InlineData("2002:7f00:1::")]
    [InlineData("3fff::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12:3456::1")]
    [InlineData("fe80::1")]
    [InlineData("fe80::1%1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("2606:4700::1111%3")]
    public void What_is_not_of_the_public_internet_is_known(string address) => Assert.False(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("1.1.1.1")]
    [InlineData("9.255.255.255")]
    [InlineData("11.0.0.0")]
    [InlineData("100.63.255.255")]
    [InlineData("100.128.0.0")]
    [InlineData("126.255.255.255")]
    [InlineData("128.0.0.1")]
    [InlineData("169.253.255.255")]
    [InlineData("172.15.255.255")]
    [InlineData("172.32.0.0")]
    [InlineData("192.167.255.255")]
    [InlineData("223.255.255.255")]
    [InlineData("::ffff:1.1.1.1")]
    [InlineData("64:ff9b::101:101")]
    [InlineData("2606:4700:4700::1111")]
    [InlineData("2a00:1450:4001::200e")]
    public void What_is_of_the_public_internet_is_too(string address) => Assert.True(PublicAddress.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("https://2130706433/", "127.0.0.1")]
    [InlineData("https://0x7f000001/", "127.0.0.1")]
    [InlineData("https://0177.0.0.1/", "127.0.0.1")]
    [InlineData("https://127.1/", "127.0.0.1")]
    [InlineData("https://0xA9.0xFE.0xA9.0xFE/", "169.254.169.254")]
    [InlineData("https://2852039166/latest/meta-data", "169.254.169.254")]
    [InlineData("https://[::ffff:127.0.0.1]/", "::ffff:127.0.0.1")]
    [InlineData("https://[0:0:0:0:0:ffff:a9fe:a9fe]/", "::ffff:169.254.169.254")]
    [InlineData("https://[::]/", "::")]
    [InlineData("https://①②⑦.⓪.⓪.①/", "127.0.0.1")]
    public void A_host_in_numbers_is_the_address_that_it_means(string text, string address)
    {
        Assert.Null(WebhookUrl.Read(text, allowHttp: false, out var url));
        Assert.Equal(IPAddress.Parse(address), IPAddress.Parse(url!.IdnHost));
        Assert.False(PublicAddress.IsPublic(IPAddress.Parse(url.IdnHost)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gateway.example")]
    [InlineData("/billing")]
    [InlineData("//gateway.example/billing")]
    [InlineData("http://gateway.example/")]
    [InlineData("ftp://gateway.example/")]
    [InlineData("file:///etc/passwd")]
    [InlineData("javascript:alert(1)")]
    [InlineData("https://")]
    [InlineData("https:///billing")]
    [InlineData("https://user@gateway.example/")]
    [InlineData("https://user:password@gateway.example/")]
    [InlineData("https://gateway.example@127.0.0.1/")]
    [InlineData("https://gateway.example/#fragment")]
    [InlineData("https://gateway.example/a b")]
    [InlineData("https://gateway.example/\r\nX: y")]
    [InlineData("https://gateway.example:99999/")]
    public void What_is_no_address_to_send_to_is_refused(string text)
    {
        Assert.NotNull(WebhookUrl.Read(text, allowHttp: false, out var url));
        Assert.Null(url);
    }

    [Fact]
    public void A_long_address_is_refused_also_when_escaping_makes_it_long()
    {
        Assert.Null(WebhookUrl.Read("https://gateway.example/" + new string('a', 2_000), false, out _));
        Assert.NotNull(WebhookUrl.Read("https://gateway.example/" + new string('a', 2_048), false, out _));
        Assert.NotNull(WebhookUrl.Read("https://gateway.example/" + new string('码', 400), false, out _));
    }

    [Fact]
    public void Http_is_a_setting()
    {
        Assert.Null(WebhookUrl.Read("http://gateway.example/", allowHttp: true, out var url));
        Assert.Equal("http://gateway.example/", url!.AbsoluteUri);
        Assert.NotNull(WebhookUrl.Read("ftp://gateway.example/", allowHttp: true, out _));
    }
}
