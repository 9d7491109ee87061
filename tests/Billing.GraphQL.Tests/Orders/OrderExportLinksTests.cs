using System.Web;
using Billing.Codes;
using Billing.GraphQL.Codes;
using Billing.GraphQL.Orders;
using Billing.Orders;
using Microsoft.Extensions.Time.Testing;
using OrderFilter = Billing.Storage.Orders.OrderFilter;

namespace Billing.GraphQL.Tests.Orders;

public sealed class OrderExportLinksTests
{
    static readonly OrderFilter Filter = new(
        "a\nb&c", [OrderStatus.OnHold], [PaymentStatus.Held], "plan", "m", DateTimeOffset.UnixEpoch, null, null, "ABC", "t=1&", new(5, "CNY"), new(9, "CNY"));

    readonly FakeTimeProvider time = new(new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero));
    readonly OrderExportLinks links;

    public OrderExportLinksTests() => links = new(new CodeVault([new("k1", [.. Enumerable.Repeat((byte)1, 32)])]), new() { PublicUrl = new("https://billing.example/shop/") }, time);

    [Fact]
    public void A_link_brings_its_filter_back_for_ten_minutes()
    {
        var parts = HttpUtility.ParseQueryString(links.Of(Filter, "carol & co").Query);
        var (link, filter) = links.Judge(parts["where"], parts["by"], parts["until"], parts["signature"]);
        Assert.Equal((ExportLink.Good, OrderExportLinks.Write(Filter)), (link, OrderExportLinks.Write(filter!)));
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal((ExportLink.Expired, null), links.Judge(parts["where"], parts["by"], parts["until"], parts["signature"]));
    }

    [Theory]
    [InlineData("where")]
    [InlineData("by")]
    [InlineData("until")]
    [InlineData("signature")]
    public void A_link_that_was_changed_is_nobodys(string part)
    {
        foreach (var value in new[] { "", "e30", "99999999999", new string('0', 64), null })
        {
            var parts = HttpUtility.ParseQueryString(links.Of(Filter, "carol").Query);
            if (value is null) parts.Remove(part);
            else parts[part] = value;
            Assert.Equal((ExportLink.Forged, null), links.Judge(parts["where"], parts["by"], parts["until"], parts["signature"]));
        }
    }
}
