using System.Net;
using System.Text.Json.Nodes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Api;

/// <summary>Somebody with a browser at the sandbox provider's pages.</summary>
public static class Payer
{
    /// <summary>Goes where the order sends its buyer, by address or by QR code, and does what the form says: <c>do</c>, <c>news</c> and so on.</summary>
    public static async Task Pay(this HostProcess host, JsonNode order, params (string Name, string Value)[] form)
    {
        var page = await host.Open(order);
        await host.Submit(page, form);
    }

    /// <summary>Pays at this host's provider for an order of another host's.</summary>
    public static async Task PayFor(this HostProcess provider, HostProcess shop, JsonNode order, params (string Name, string Value)[] form)
    {
        var page = await provider.Open(order);
        await provider.Submit(page, shop, form);
    }

    /// <summary>Opens the payment's page, and gives its address.</summary>
    public static async Task<Uri> Open(this HostProcess host, JsonNode order)
    {
        var payment = order["payment"]!;
        if ((string?)payment["qrCode"] is { } scanned) return new(scanned);
        using var arrival = await host.Http.GetAsync((string)payment["redirectUrl"]!, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.SeeOther, arrival.StatusCode);
        return new(host.Url, arrival.Headers.Location!);
    }

    /// <summary>Presses a button of the page; the provider sends the buyer back to the order.</summary>
    public static Task Submit(this HostProcess host, Uri page, params (string Name, string Value)[] form) => host.Submit(page, host, form);

    /// <summary>Presses a button at this host's provider, which sends the buyer back to another host's order.</summary>
    public static Task SubmitFor(this HostProcess provider, HostProcess shop, Uri page, params (string Name, string Value)[] form) => provider.Submit(page, shop, form);

    static async Task Submit(this HostProcess host, Uri page, HostProcess shop, (string Name, string Value)[] form)
    {
        using var fields = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var done = await host.Http.PostAsync(page, fields, TestContext.Current.CancellationToken);
        Assert.True(done.StatusCode == HttpStatusCode.SeeOther, await done.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.StartsWith(new Uri(shop.Url, "orders/").AbsoluteUri, done.Headers.Location!.AbsoluteUri, StringComparison.Ordinal);
    }
}
