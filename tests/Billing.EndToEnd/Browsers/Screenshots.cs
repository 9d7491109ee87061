using Billing.EndToEnd.Api;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;
using Billing.EndToEnd.Webhooks;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Billing.EndToEnd.Browsers;

/// <summary>Makes the pictures of <c>docs/images</c>. Run by <c>scripts/screenshots.sh</c> alone.</summary>
public sealed class Screenshots(SharedHosts hosts, Chromium chromium)
{
    const int Largest = 200_000;

    static readonly string Folder = Path.GetFullPath(Path.Combine(HostProcess.Metadata("ClientsFolder"), "../../docs/images"));

    [Theory(Explicit = true)]
    [InlineData(Screen.Phone, Tongue.English)]
    [InlineData(Screen.Desk, Tongue.English)]
    [InlineData(Screen.Phone, Tongue.Chinese)]
    public async Task Every_page_as_it_looks(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        // Night falls in China: one set is dark.
        await using var visit = await chromium.Visit(host, screen, tongue, dark: tongue == Tongue.Chinese);
        var (page, buyer) = (visit.Page, visit.Buyer);
        await Take("purchase", ".plan");
        await visit.Go("purchase?plan=top-up");
        await page.Locator(".proposals button").Nth(1).ClickAsync();
        await Take("checkout", ".methods input");
        var number = await visit.BuyByCode();
        await Take("paying", ".timeline li");
        await host.Pay((await buyer.Order(number))!, ("do", "pay"), ("news", "now"));
        await visit.Becomes("CREDITED");
        await Take("credited", "[data-result=CREDITED]");
        await visit.Button("Ask for a refund", "申请退款").ClickAsync();
        await Take("refund", ".request");
        await buyer.Cancel((string)(await buyer.Place("monthly"))["number"]!);
        await buyer.Place("monthly");
        await visit.Go("orders");
        await Take("orders", screen == Screen.Phone ? ".cards li" : "tbody tr");
        await visit.Go("redeem");
        await page.Locator("input.code, .code input").FillAsync("welcome 26");
        await page.Locator("form button[type=submit]").ClickAsync();
        await Take("code", ".grants");
        await page.Locator(".panel button").First.ClickAsync();
        await Take("redeemed", ".redeem .cards li");
        await visit.Go("account");
        await Take("account", "section[aria-labelledby=ledger] li");

        Task Take(string name, string there) => Picture(visit, name, there);
    }

    [Theory(Explicit = true)]
    [InlineData(Screen.Phone)]
    [InlineData(Screen.Desk)]
    public async Task Every_section_of_the_administration_as_it_looks(Screen screen)
    {
        // A host of its own: only what is named here shows.
        await using var host = await HostProcess.Start(await hosts.NewDatabase(Engine.Sqlite));
        var administrator = await host.Administrator();
        var (buyer, number) = await host.Bought();
        await buyer.RequestRefund(number, 495, reason: "Half is enough");
        await host.Bought();
        await host.Bought(("do", "pay"), ("news", "now"), ("amount", "1.00"));
        await (await host.NewBuyer()).Place("monthly", "sandbox-qr");
        var (batch, codes) = await administrator.Issue(new { name = "Spring", count = 40 });
        await buyer.Redeem(codes[0]);
        await administrator.TryToListen("https://gateway.example/billing", description: "The gateway");
        await using var visit = await chromium.Office(host, screen);
        foreach (var (path, name) in ((string, string)[])
            [
                ("", "overview"), ("orders", "orders"), ($"orders/{number}", "order"), ("work", "work"), ("refunds", "refunds"), ("plans", "plans"), ("plans/top-up", "plan"), ("codes", "codes"),
                ($"codes/{batch}", "batch"), ("codes/new", "issue"), ($"accounts/{buyer.Subject}", "account"), ("webhooks", "webhooks"), ("callbacks", "callbacks"), ("methods", "methods"), ("reconciliations", "reconciliations"), ("audit", "audit"),
            ])
        {
            await visit.Open(path);
            await Picture(visit, "admin-" + name, name == "overview" ? ".chart svg" : ".section h1");
        }

        await visit.Open("refunds");
        await visit.Page.Locator("article button").First.ClickAsync();
        await Picture(visit, "admin-approve", "dialog[open] .says");
    }

    static async Task Picture(Visit visit, string name, string there)
    {
        await Expect(visit.Page.Locator(there).First).ToBeVisibleAsync();
        await visit.Page.EvaluateAsync("() => { document.activeElement?.blur(); scrollTo(0, 0); return document.fonts.ready.then(() => true) }");
        var file = Path.Combine(Folder, $"{name}-{(visit.Screen == Screen.Phone ? "phone" : "desk")}{(visit.Tongue == Tongue.Chinese ? "-zh-dark" : "")}.png");
        var picture = await visit.Page.ScreenshotAsync(new() { Path = file, Animations = ScreenshotAnimations.Disabled });
        Assert.True(picture.Length < Largest, $"{file} has {picture.Length} bytes.");
    }
}
