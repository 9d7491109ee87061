using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Billing.EndToEnd.Browsers;

/// <summary>Buying, as people see it. The database under the pages does not matter.</summary>
public sealed class BuyingOnPages(SharedHosts hosts, Chromium chromium)
{
    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task A_plan_is_bought_by_redirect_and_the_page_says_credited_without_a_reload(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host, screen, tongue);
        var page = visit.Page;
        var pay = await visit.Choose("starter", "sandbox");
        await Expect(pay).ToHaveTextAsync(visit.Say("Pay ¥9.90", "支付 ¥9.90"));
        await pay.ClickAsync();
        // The browser goes to the provider by itself. The provider's news takes some seconds, so the buyer is back on the order's page before it.
        await Expect(page.Locator("summary")).ToHaveTextAsync("Make trouble");
        await page.Locator("summary").ClickAsync();
        await page.Locator("input[name=news][value=delayed]").CheckAsync();
        await page.Locator("input[name=seconds]").FillAsync("3");
        await page.Button("Pay like this").ClickAsync();
        await Expect(page).ToHaveURLAsync(Visit.AnOrder());
        await Expect(visit.Result).ToBeVisibleAsync();
        await page.EvaluateAsync("() => { window.stayed = true }");
        await visit.Becomes("CREDITED");
        await Expect(visit.Result).ToContainTextAsync(visit.Say("Paid and credited", "权益已到账"));
        Assert.True(await page.EvaluateAsync<bool>("() => window.stayed === true"));
        Assert.Equal(100, await visit.Buyer.Credits());
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", visit.Say("en", "zh-Hans"));
        visit.HasNoComplaint();
    }

    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task A_QR_code_shows_with_amount_number_and_time_and_paying_it_elsewhere_is_seen_here(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host, screen, tongue);
        var page = visit.Page;
        var number = await visit.BuyByCode();
        // Drawn, not broken.
        Assert.True(await page.Locator(".pay img").EvaluateAsync<int>("async image => { await image.decode(); return image.naturalWidth }") > 0);
        await Expect(page.Locator(".pay figcaption")).ToContainTextAsync("¥9.90");
        await Expect(page.Locator(".pay [role=timer]")).ToHaveTextAsync(new System.Text.RegularExpressions.Regex("^(30:00|29:\\d\\d)$"));
        await Expect(page.GetByText(number).First).ToBeVisibleAsync();
        await host.Pay((await visit.Buyer.Order(number))!, ("do", "pay"), ("news", "now"));
        await visit.Becomes("CREDITED");
        visit.HasNoComplaint();
    }

    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task An_amount_that_the_buyer_chooses_gives_exactly_what_was_shown(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host, screen, tongue);
        var page = visit.Page;
        var pay = await visit.Choose("top-up", "sandbox-qr");
        var amount = page.Field(visit.Say("Amount (CNY)", "充值金额 (CNY)"));
        await amount.FillAsync("9.99");
        await pay.ClickAsync();
        await Expect(page.Locator(".wrong:not(:empty)")).ToContainTextAsync("¥10.00");
        await amount.FillAsync("123.45");
        // 123.45 × 10 × 1.05, to the last decimal.
        await Expect(page.Locator(".gives")).ToContainTextAsync("1,296.225");
        await Expect(page.Locator(".gives")).ToContainTextAsync(visit.Say("5 % bonus", "含 5% 赠送"));
        await Expect(pay).ToHaveTextAsync(visit.Say("Pay ¥123.45", "支付 ¥123.45"));
        await pay.ClickAsync();
        await Expect(page.Locator(".pay figcaption")).ToContainTextAsync("¥123.45");
        var order = (await visit.Buyer.Order(visit.Number))!;
        Assert.Equal(12_345, (long)order["amount"]!["minorUnits"]!);
        await host.Pay(order, ("do", "pay"), ("news", "now"));
        await visit.Becomes("CREDITED");
        Assert.Equal(1296.225m, await visit.Buyer.Credits());
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task Two_clicks_and_the_back_button_make_one_order()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var page = visit.Page;
        await (await visit.Choose("starter", "sandbox")).DblClickAsync();
        await Expect(page.Locator("summary")).ToHaveTextAsync("Make trouble");
        await page.GoBackAsync();
        // Back is the order, not the form that made it; and the browser does not leave again by itself.
        await Expect(page).ToHaveURLAsync(Visit.AnOrder());
        await Expect(page.Locator(".pay a.go")).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Expect(page.Locator(".plan").First).ToBeVisibleAsync();
        Assert.Single(await Orders(visit));
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task An_answer_that_is_lost_makes_no_second_order_when_it_is_sent_again()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var page = visit.Page;
        var lost = await visit.LoseOneAnswer("placeOrder");
        var pay = await visit.Choose("starter", "sandbox-qr");
        await pay.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "cannot be reached" })).ToBeVisibleAsync();
        Assert.True(lost.Task.IsCompleted);
        await pay.ClickAsync();
        await Expect(page).ToHaveURLAsync(Visit.AnOrder());
        Assert.Single(await Orders(visit));
    }

    [Fact]
    public async Task After_a_reload_the_shop_finds_out_what_became_of_an_order_whose_answer_was_lost()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var page = visit.Page;
        await visit.LoseOneAnswer("placeOrder");
        await (await visit.Choose("starter", "sandbox-qr")).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "cannot be reached" })).ToBeVisibleAsync();
        await visit.Go("purchase");
        await page.Link("See it").ClickAsync();
        await visit.Becomes("WAITING_FOR_PAYMENT");
        Assert.Equal(visit.Number, Assert.Single(await Orders(visit)));
    }

    [Fact]
    public async Task Closing_the_page_loses_nothing_the_open_order_is_offered_again()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        string number;
        Caller buyer;
        await using (var visit = await chromium.Visit(host, Screen.Phone)) (number, buyer) = (await visit.BuyByCode(), visit.Buyer);
        await using var later = await chromium.Visit(host, Screen.Phone, buyer: buyer);
        await later.Page.Link("Continue paying").ClickAsync();
        await Expect(later.Page.Locator(".pay img")).ToBeVisibleAsync();
        Assert.Equal(number, later.Number);
        later.HasNoComplaint();
    }

    [Fact]
    public async Task A_price_that_changed_meanwhile_is_told_before_anything_is_bought()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var administrator = await host.Administrator();
        var slug = await administrator.NewPlan();
        await using var visit = await chromium.Visit(host);
        var page = visit.Page;
        var pay = await visit.Choose(slug, "sandbox-qr");
        await administrator.Do("updatePlan", "UpdatePlanInput", new { slug, plan = new { price = new { minorUnits = 1_190, currency = "CNY" } }, note = "For the test." }, "plan { slug }");
        await pay.ClickAsync();
        await page.Button("Buy for ¥11.90").ClickAsync();
        await Expect(pay).ToHaveTextAsync("Pay ¥11.90");
        await pay.ClickAsync();
        await Expect(page.Locator(".pay figcaption")).ToContainTextAsync("¥11.90");
        Assert.Single(await Orders(visit));
        // Nobody else is to find this plan among the demonstration's.
        await administrator.Do("updatePlan", "UpdatePlanInput", new { slug, plan = new { onSale = false }, note = "For the test." }, "plan { slug }");
    }

    [Fact]
    public async Task Who_is_not_signed_in_signs_in_and_comes_back_to_the_plan()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Anonymous(host, Screen.Phone, Tongue.Chinese);
        var page = visit.Page;
        await (await visit.Choose("starter", "sandbox-qr")).ClickAsync();
        await page.Link("Bob, another buyer").ClickAsync();
        await Expect(page.Locator(".checkout button[type=submit]")).ToHaveTextAsync("支付 ¥9.90");
        Assert.EndsWith("/purchase?plan=starter", page.Url, StringComparison.Ordinal);
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task Under_a_prefix_everything_is_found_below_it()
    {
        await using var host = new HostProcess(await hosts.NewDatabase(Engine.Sqlite), prefix: "gateway/billing/");
        await host.Start();
        await using var visit = await chromium.Visit(host);
        var page = visit.Page;
        await (await visit.Choose("starter", "sandbox-qr")).ClickAsync();
        await Expect(page.Locator(".pay img")).ToBeVisibleAsync();
        Assert.StartsWith(new Uri(host.Url, "gateway/billing/orders/").AbsoluteUri, page.Url, StringComparison.Ordinal);
        await page.ReloadAsync();
        await visit.Becomes("WAITING_FOR_PAYMENT");
        await page.Link("Account").ClickAsync();
        await Expect(page.Locator(".balance")).ToContainTextAsync("0 credits");
        visit.HasNoComplaint();
    }

    static async Task<string[]> Orders(Visit visit) =>
        [.. (await visit.Buyer.Ask("{ me { orders(first: 100) { nodes { number } } } }"))["me"]!["orders"]!["nodes"]!.AsArray().Select(order => (string)order!["number"]!)];
}
