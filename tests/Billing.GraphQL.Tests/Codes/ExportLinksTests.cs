using System.Web;
using Billing.Codes;
using Billing.GraphQL.Codes;
using Microsoft.Extensions.Time.Testing;

namespace Billing.GraphQL.Tests.Codes;

public sealed class ExportLinksTests
{
    const string Batch = "0123456789ABCDEF";

    readonly FakeTimeProvider time = new(new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));
    readonly ExportLinks links;

    public ExportLinksTests() => links = new(Vault(1), new() { PublicUrl = new("https://billing.example/shop/") }, time);

    [Theory]
    [InlineData("carol")]
    [InlineData("carol & co?until=9=#+ é 中")]
    public void A_link_is_good_for_ten_minutes_and_no_longer(string subject)
    {
        var link = links.Of(Batch, subject);
        Assert.StartsWith($"https://billing.example/shop/exports/codes/{Batch}?by=", link.AbsoluteUri, StringComparison.Ordinal);
        Assert.Equal((subject, ExportLink.Good), (Read(link)["by"], Judge(link)));
        time.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        Assert.Equal(ExportLink.Good, Judge(link));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ExportLink.Expired, Judge(link));
    }

    [Theory]
    [InlineData("by", "dave")]
    [InlineData("by", "")]
    [InlineData("until", "99999999999")]
    [InlineData("until", "")]
    [InlineData("until", "soon")]
    [InlineData("signature", "")]
    [InlineData("signature", "0000000000000000000000000000000000000000000000000000000000000000")]
    public void A_link_that_was_changed_is_nobodys(string part, string value)
    {
        var parts = Read(links.Of(Batch, "carol"));
        parts[part] = value;
        Assert.Equal(ExportLink.Forged, links.Judge(Batch, parts["by"], parts["until"], parts["signature"]));
    }

    [Fact]
    public void A_link_is_for_its_batch_and_for_who_holds_the_keys()
    {
        var parts = Read(links.Of(Batch, "carol"));
        Assert.Equal(ExportLink.Forged, links.Judge("1123456789ABCDEF", parts["by"], parts["until"], parts["signature"]));
        Assert.Equal(ExportLink.Forged, links.Judge(Batch, null, parts["until"], parts["signature"]));
        Assert.Equal(ExportLink.Forged, new ExportLinks(Vault(2), new(), time).Judge(Batch, parts["by"], parts["until"], parts["signature"]));
    }

    ExportLink Judge(Uri link) => Read(link) is var parts ? links.Judge(Batch, parts["by"], parts["until"], parts["signature"]) : throw new InvalidOperationException();

    static System.Collections.Specialized.NameValueCollection Read(Uri link) => HttpUtility.ParseQueryString(link.Query);

    static CodeVault Vault(byte filling) => new([new("k1", [.. Enumerable.Repeat(filling, 32)])]);
}
