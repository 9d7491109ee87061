using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Billing.EndToEnd.Browsers;

/// <summary>What administrators do on their pages.</summary>
static class AdminVisits
{
    /// <summary>The sections of the administration, by their addresses.</summary>
    public static readonly string[] Sections = ["", "orders", "work", "refunds", "plans", "codes", "accounts", "webhooks", "callbacks", "methods", "reconciliations", "audit"];

    /// <summary>An administrator comes.</summary>
    public static async Task<Visit> Office(this Chromium chromium, HostProcess host, Screen screen = Screen.Desk, Tongue tongue = Tongue.English, bool dark = false, Caller? administrator = null) =>
        await chromium.Visit(host, screen, tongue, administrator ?? await host.Administrator(), dark);

    /// <summary>The dialog that is open.</summary>
    public static ILocator Dialog(this Visit visit) => visit.Page.Locator("dialog[open]");

    /// <summary>Opens an address of the administration and waits until nothing of it is being loaded.</summary>
    public static async Task Open(this Visit visit, string path)
    {
        await visit.Go($"admin/{path}".TrimEnd('/'));
        await Expect(visit.Page.Locator(".section h1")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator("[aria-busy=true]")).ToHaveCountAsync(0);
    }

    /// <summary>Writes why into the dialog, and has it done.</summary>
    public static async Task Confirm(this Visit visit, string? note = "For the test.")
    {
        var dialog = visit.Dialog();
        if (note is not null) await dialog.Locator("textarea[name=note]").FillAsync(note);
        await dialog.Locator("button[type=submit]").ClickAsync();
    }

    /// <summary>An order that is paid and credited.</summary>
    public static async Task<(Caller Buyer, string Number)> Bought(this HostProcess host, params (string Name, string Value)[] payment)
    {
        var buyer = await host.NewBuyer();
        var order = await buyer.Place("starter");
        var number = (string)order["number"]!;
        await host.Pay(order, payment.Length > 0 ? payment : [("do", "pay"), ("news", "now")]);
        await Until.Is(() => buyer.Order(number), found => (string?)found!["status"] is not "AWAITING_PAYMENT" and not "PROCESSING", $"order {number} is paid");
        return (buyer, number);
    }
}
