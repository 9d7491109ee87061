using Billing.EndToEnd.Api;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Billing.EndToEnd.Browsers;

/// <summary>Redeeming, and what an account holds, as people see it.</summary>
public sealed class AccountOnPages(SharedHosts hosts, Chromium chromium)
{
    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task A_code_is_looked_at_in_any_form_redeemed_once_and_listed(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var (_, codes) = await (await host.Administrator()).Issue(new { grants = new[] { new { credits = new { credits = "12.5" } } } });
        var code = codes[0];
        await using var visit = await chromium.Visit(host, screen, tongue);
        var page = visit.Page;
        await visit.Go("redeem");
        var look = visit.Button("Check the code", "查看兑换内容");
        await look.ClickAsync();
        await Expect(page.Locator(".wrong:not(:empty)").First).ToContainTextAsync(visit.Say("Write or paste a code", "请输入或粘贴兑换码"));
        var field = page.Field(visit.Say("Your code", "兑换码"));
        await field.FillAsync("0000-0000-0000-0001");
        await look.ClickAsync();
        await Expect(page.Locator(".field .wrong .wrong")).ToContainTextAsync(visit.Say("no such code", "兑换码"));

        // As somebody types it from paper.
        await field.FillAsync(code.ToLowerInvariant().Replace('-', ' '));
        await look.ClickAsync();
        await Expect(page.Locator(".grants")).ToContainTextAsync("12.5");
        Assert.Equal(0, await visit.Buyer.Credits());
        await visit.Button("Redeem it", "确认兑换").ClickAsync();
        await Expect(page.Locator(".done")).ToContainTextAsync(visit.Say("Your balance is 12.5 credits", "当前余额 12.5 额度"));
        await Expect(page.Locator(".cards")).ToContainTextAsync(code[^4..]);
        Assert.Equal(12.5m, await visit.Buyer.Credits());

        await visit.Button("Another code", "换一个兑换码").ClickAsync();
        await field.FillAsync(code);
        await look.ClickAsync();
        await Expect(page.Locator(".done")).ToContainTextAsync(visit.Say("You redeemed this code on", "兑换该兑换码"));
        await Expect(page.Locator(".done .grants")).ToContainTextAsync("12.5");
        await Expect(page.Locator(".wrong")).ToHaveCountAsync(0);
        await Expect(visit.Button("Redeem it once more", "再兑换一次")).ToHaveCountAsync(0);
        Assert.Equal(12.5m, await visit.Buyer.Credits());
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task Who_lost_an_answer_finds_it_and_redeems_once_more_only_by_saying_so()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var (_, codes) = await (await host.Administrator()).Issue(new { maxRedemptionsPerCode = 9, maxRedemptionsPerAccount = 3 });
        await using var visit = await chromium.Visit(host);
        var page = visit.Page;
        var (done, more) = (page.Locator(".done"), visit.Button("Redeem it once more", ""));
        await Look();
        await visit.LoseOneAnswer("redeemCode");
        await visit.Button("Redeem it", "").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "cannot be reached" })).ToBeVisibleAsync();
        // It was redeemed; whoever comes back is told so, and nothing happens by looking.
        await Look();
        await Expect(done).ToContainTextAsync("You redeemed this code on");
        Assert.Equal(5m, await visit.Buyer.Credits());

        await visit.LoseOneAnswer("redeemCode");
        await more.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "cannot be reached" })).ToBeVisibleAsync();
        // The same wish: with a key of its own for each request it would be the third redemption.
        await visit.Button("Try again", "").ClickAsync();
        await Expect(done).ToContainTextAsync("You have redeemed this code already");
        Assert.Equal(10m, await visit.Buyer.Credits());

        await Look();
        await Expect(done).ToContainTextAsync("You may redeem it once more");
        await more.ClickAsync();
        await Expect(done).ToContainTextAsync("Your balance is 15 credits");
        await Look();
        await Expect(done).ToContainTextAsync("You redeemed this code on");
        await Expect(more).ToHaveCountAsync(0);
        Assert.Equal(15m, await visit.Buyer.Credits());

        async Task Look()
        {
            await visit.Go("redeem");
            await page.Field("Your code").FillAsync(codes[0]);
            await visit.Button("Check the code", "").ClickAsync();
        }
    }

    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task The_balance_changes_as_the_account_does(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host, screen, tongue);
        var page = visit.Page;
        await visit.Go("account");
        await Expect(page.Locator(".balance [role=status]")).ToHaveTextAsync(visit.Say("0 credits", "0 额度"));
        await page.EvaluateAsync("() => { window.stayed = true }");
        var administrator = await host.Administrator();
        await administrator.Do(
            "adjustCredits", "AdjustCreditsInput",
            new { accountId = visit.Buyer.Subject, credits = "1234567.000001", validDays = 30, note = "A present", idempotencyKey = Guid.NewGuid().ToString("N") }, "account { credits }");
        await Expect(page.Locator(".balance [role=status]")).ToHaveTextAsync(visit.Say("1,234,567.000001 credits", "1,234,567.000001 额度"));
        await (await host.SignIn("gateway", "billing:service")).Spend(visit.Buyer.Subject, "0.000001");
        await Expect(page.Locator(".balance [role=status]")).ToHaveTextAsync(visit.Say("1,234,567 credits", "1,234,567 额度"));
        var ledger = page.Locator("section[aria-labelledby=ledger] li");
        await Expect(ledger).ToHaveCountAsync(2);
        await Expect(ledger.First).ToContainTextAsync("-0.000001");
        await Expect(ledger.Last).ToContainTextAsync("A present");
        await Expect(page.Locator("section[aria-labelledby=buckets]")).ToContainTextAsync(visit.Say("lapses on", "到期"));
        Assert.True(await page.EvaluateAsync<bool>("() => window.stayed === true"));
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task Language_and_appearance_are_chosen_and_kept()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var page = visit.Page;
        await page.Field("Language").SelectOptionAsync("zh-Hans");
        // The service's words change as well.
        await Expect(page.Heading("入门包")).ToBeVisibleAsync();
        await page.Field("外观").SelectOptionAsync("dark");
        await Expect(page.Locator("html")).ToHaveCSSAsync("color-scheme", "dark");
        await page.ReloadAsync();
        await Expect(page.Heading("商店")).ToBeVisibleAsync();
        await Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "zh-Hans");
        await Expect(page.Locator("html")).ToHaveCSSAsync("color-scheme", "dark");
        await Expect(page).ToHaveTitleAsync("商店 · Billing");
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task Being_offline_is_told_and_so_is_that_it_is_over()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        await visit.Page.Context.SetOfflineAsync(true);
        await Expect(visit.Page.Locator(".banner")).ToContainTextAsync("You are offline");
        await visit.Page.Context.SetOfflineAsync(false);
        await Expect(visit.Page.Locator(".banner")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task A_page_that_cannot_be_loaded_says_so_and_can_be_tried_again()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var page = visit.Page;
        await page.RouteAsync("**/graphql", route => route.FulfillAsync(new() { Status = 502, ContentType = "text/html", Body = "<h1>Bad gateway</h1>" }));
        await visit.Go("orders");
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "cannot be reached" })).ToBeVisibleAsync();
        await page.UnrouteAllAsync();
        await visit.Button("Try again", "").ClickAsync();
        await Expect(page.Locator(".nothing")).ToContainTextAsync("You have not ordered anything yet");
    }

    [Fact]
    public async Task The_keyboard_reaches_everything_from_the_first_key_on()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var page = visit.Page;
        await visit.Go("purchase");
        await Expect(page.Locator(".plan").First).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".skip")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("main")).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await Expect(page.Locator(".plan a.go").First).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("main")).ToBeFocusedAsync();
        var pay = page.Locator(".checkout button[type=submit]");
        await Expect(page.Locator(".methods input").First).ToBeVisibleAsync();
        await page.Locator(".methods input").First.FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await page.Keyboard.PressAsync("Tab");
        await Expect(pay).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page).ToHaveURLAsync(Visit.AnOrder());
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task The_administration_is_for_administrators()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        await visit.Go("admin");
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("for administrators");
        await using var office = await chromium.Visit(host, buyer: await host.Administrator());
        await office.Page.Link("Administration").ClickAsync();
        await Expect(office.Page.GetByRole(AriaRole.Navigation, new() { Name = "Administration", Exact = true })).ToBeVisibleAsync();
        visit.HasNoComplaint();
        office.HasNoComplaint();
    }

    [Fact]
    public async Task The_explorer_runs_a_query_and_the_console_stays_silent()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var page = visit.Page;
        await visit.Go("explorer");
        // A query stands there to begin with; it only has to be run.
        await Expect(page.Locator(".graphiql-query-editor")).ToContainTextAsync("plans");
        await page.Locator("button.graphiql-execute-button").ClickAsync();
        await Expect(page.Locator(".result-window")).ToContainTextAsync("starter");
        visit.HasNoComplaint();
    }
}
