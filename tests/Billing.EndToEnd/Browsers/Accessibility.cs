using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Billing.EndToEnd.Browsers;

/// <summary>What a machine can find of the guideline (WCAG 2.2, AA) on every page, in both widths, light and dark.</summary>
public sealed class Accessibility(SharedHosts hosts, Chromium chromium)
{
    // What the light's absence changes is colours.
    static readonly AxeRunOptions Contrast = new() { RunOnly = new() { Type = "rule", Values = ["color-contrast"] } };
    static readonly AxeRunOptions Guideline = new() { RunOnly = new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] } };

    [Theory]
    [InlineData(Screen.Phone, Tongue.English)]
    [InlineData(Screen.Desk, Tongue.Chinese)]
    public async Task No_page_breaks_a_rule(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host, screen, tongue);
        var (page, buyer) = (visit.Page, visit.Buyer);
        await Look("the shop", ".plan");
        await visit.Go("purchase?plan=top-up");
        await Look("an order form", ".methods input");
        await page.Locator(".checkout .field input").FillAsync("1");
        await page.Locator(".checkout button[type=submit]").ClickAsync();
        await Look("an order form with a mistake", ".wrong:not(:empty)");
        var number = await visit.BuyByCode();
        await Look("an open order", ".timeline li");
        await visit.Go("purchase");
        await Look("the shop with an open order", ".begun .note");
        await host.Pay((await buyer.Order(number))!, ("do", "pay"), ("news", "now"));
        await visit.Go($"orders/{number}");
        await visit.Becomes("CREDITED");
        await visit.Button("Ask for a refund", "申请退款").ClickAsync();
        await page.Locator(".request button[type=submit]").ClickAsync();
        await Look("a refund form with a mistake", ".request .wrong:not(:empty)");
        await visit.Go("orders");
        await Look("the orders", screen == Screen.Phone ? ".cards li" : "tbody tr");
        await visit.Go("account");
        await Look("the account", "section[aria-labelledby=ledger] li");
        await visit.Go("redeem");
        await Look("an empty history", ".nothing");
        await page.Locator("input.code, .code input").FillAsync("WELCOME-26");
        await page.Locator("form button[type=submit]").ClickAsync();
        await Look("what a code gives", ".grants");
        await page.Locator(".panel button").First.ClickAsync();
        await Look("a redeemed code", ".done");
        await visit.Go("admin");
        await Look("a part that is for others", ".note.alert");
        await visit.Go("nowhere-to-be-found".Insert(0, "admin/"));
        await Look("no page", "main h1");
        visit.HasNoComplaint();

        async Task Look(string what, string there)
        {
            await Expect(page.Locator(there).First).ToBeVisibleAsync();
            await Check(Guideline, $"{what}, light");
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
            await Check(Contrast, $"{what}, dark");
            await page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        }

        async Task Check(AxeRunOptions rules, string what)
        {
            var result = await page.RunAxe(rules);
            // A rule that did not run breaks nothing.
            Assert.NotEmpty(result.Passes);
            Assert.True(
                result.Violations.Length == 0,
                $"{what}:\n" + string.Join('\n', result.Violations.Select(broken => $"{broken.Id}: {broken.Help}\n  " + string.Join("\n  ", broken.Nodes.Select(node => node.Html)))));
        }
    }
}
