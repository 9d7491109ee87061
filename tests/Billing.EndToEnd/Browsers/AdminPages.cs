using System.Globalization;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Billing.EndToEnd.Browsers;

/// <summary>What all pages of the administration have in common.</summary>
public sealed class AdminPages(SharedHosts hosts, Chromium chromium)
{
    static readonly AxeRunOptions Guideline = new() { RunOnly = new() { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] } };

    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task Every_section_opens_fits_the_window_and_leaves_the_console_silent(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var (buyer, number) = await host.Bought();
        await using var visit = await chromium.Office(host, screen, tongue);
        var titles = new HashSet<string>();
        foreach (var section in (string[])[.. AdminVisits.Sections, "plans/new", "plans/top-up", "codes/new", $"orders/{number}", $"accounts/{buyer.Subject}"])
        {
            await visit.Open(section);
            Assert.True(titles.Add(await visit.Page.TitleAsync()), $"'{section}' has another's title.");
            await Expect(visit.Page.GetByRole(AriaRole.Alert).Filter(new() { HasTextRegex = new(".") })).ToHaveCountAsync(0);
            var over = await visit.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - innerWidth");
            Assert.True(over <= 0, $"'{section}' is {over} pixels too wide.");
        }

        await visit.Go("admin/nowhere");
        await Expect(visit.Page.Heading(visit.Say("Nothing here", "页面不存在"))).ToBeVisibleAsync();
        visit.HasNoComplaint();
    }

    [Theory]
    [InlineData(Screen.Phone, false)]
    [InlineData(Screen.Desk, true)]
    public async Task No_section_breaks_a_rule(Screen screen, bool dark)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var administrator = await host.Administrator();
        var (buyer, number) = await host.Bought();
        await buyer.RequestRefund(number, 100);
        var (_, held) = await host.Bought(("do", "pay"), ("news", "now"), ("amount", "1.00"));
        var (batch, codes) = await administrator.Issue(new { count = 2 });
        await buyer.Redeem(codes[0]);
        await using var visit = await chromium.Office(host, screen, dark ? Tongue.Chinese : Tongue.English, dark);
        foreach (var section in (string[])[.. AdminVisits.Sections, "plans/new", "plans/top-up", "codes/new", $"codes/{batch}", $"orders/{number}", $"orders/{held}", $"accounts/{buyer.Subject}"])
        {
            await visit.Open(section);
            await visit.Page.Locator(".section details").EvaluateAllAsync<int>("folded => folded.forEach(one => { one.open = true }) ?? 0");
            await Expect(visit.Page.Locator("[aria-busy=true]")).ToHaveCountAsync(0);
            await Look(section);
        }

        await visit.Open($"orders/{held}");
        await visit.Button("Credit in proportion", "按比例到账").ClickAsync();
        await Look("a dialog");
        await visit.Dialog().Locator("button[type=submit]").ClickAsync();
        await Expect(visit.Dialog().Locator(".wrong:not(:empty)")).ToBeVisibleAsync();
        await Look("a dialog with a mistake");
        await visit.Page.Keyboard.PressAsync("Escape");
        await Expect(visit.Dialog()).ToHaveCountAsync(0);
        await visit.Page.GetByRole(AriaRole.Search).Locator("input").FillAsync(number);
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Page.Heading(visit.Say("Found", "搜索结果"))).ToBeVisibleAsync();
        await Expect(visit.Page.Locator(".section .rows li").First).ToBeVisibleAsync();
        await Look("what was found");
        visit.HasNoComplaint();

        async Task Look(string what)
        {
            var result = await visit.Page.RunAxe(Guideline);
            Assert.True(
                result.Violations.Length == 0,
                $"{what}:\n" + string.Join('\n', result.Violations.Select(broken => $"{broken.Id}: {broken.Help}\n  " + string.Join("\n  ", broken.Nodes.Select(node => node.Html)))));
        }
    }

    [Fact]
    public async Task One_box_finds_an_order_an_account_and_a_code_and_no_code_stands_in_an_address()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var (buyer, number) = await host.Bought();
        var (_, codes) = await (await host.Administrator()).Issue(new { count = 1 });
        await using var visit = await chromium.Office(host);
        var page = visit.Page;
        await visit.Open("");
        var box = page.GetByRole(AriaRole.Search).GetByRole(AriaRole.Textbox);
        await Seek(codes[0]);
        await Expect(page.Locator(".section .rows li")).ToContainTextAsync(codes[0][^4..]);
        Assert.DoesNotContain(codes[0], page.Url, StringComparison.Ordinal);
        await page.Locator(".section .rows li a").ClickAsync();
        await Expect(page.Locator("h2#facts")).ToContainTextAsync(codes[0][^4..]);
        Assert.DoesNotContain(codes[0], page.Url, StringComparison.Ordinal);

        await Seek("nothing is named so");
        await Expect(page.Locator(".nothing")).ToContainTextAsync("Nothing is named nothing is named so");
        await Seek(buyer.Subject);
        await page.Link(buyer.Subject).ClickAsync();
        await Expect(page.Heading($"Account {buyer.Subject}")).ToBeVisibleAsync();
        await Expect(page.GetByText("100 credits").First).ToBeVisibleAsync();
        await Seek(number[..10].ToLowerInvariant());
        await page.Locator(".section").Link(number).ClickAsync();
        await Expect(page.Heading($"Order {number}")).ToBeVisibleAsync();
        visit.HasNoComplaint();

        async Task Seek(string text)
        {
            await box.FillAsync(text);
            await box.PressAsync("Enter");
            // What was there before it has rows of its own.
            await Expect(page.Heading("Found")).ToBeVisibleAsync();
        }
    }

    [Fact]
    public async Task Who_types_while_a_page_is_coming_goes_on_typing_and_who_has_found_something_goes_on_there()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var (_, number) = await host.Bought();
        await using var visit = await chromium.Office(host);
        var page = visit.Page;
        await visit.Open("");
        await Expect(page.Locator(".tiles")).ToContainTextAsync("¥");
        var box = page.GetByRole(AriaRole.Search).GetByRole(AriaRole.Textbox);
        // The pages' code comes when they are asked for.
        var arrival = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.RouteAsync("**/assets/**", async route =>
        {
            await arrival.Task;
            await route.ContinueAsync();
        });
        await page.Link("Refunds").ClickAsync();
        await box.FillAsync(number);
        arrival.SetResult();
        await Expect(page.Heading("Refunds")).ToBeVisibleAsync();
        await Expect(box).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Heading("Found")).ToBeVisibleAsync();
        await Expect(page.Locator("main")).ToBeFocusedAsync();
        await box.PressAsync("Enter");
        await Expect(page.Locator("main")).ToBeFocusedAsync();
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task The_overview_counts_what_was_sold_in_charts_and_in_tables()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await host.Bought();
        await host.Bought(("do", "pay"), ("news", "now"), ("amount", "1.00"));
        await using var visit = await chromium.Office(host);
        var page = visit.Page;
        await visit.Open("");
        await Expect(page.Locator(".chart .recharts-bar-rectangle path").First).ToBeVisibleAsync();
        await Expect(page.Locator(".tiles")).ToContainTextAsync("¥");
        await Expect(page.Locator("section[aria-labelledby=plans]")).ToContainTextAsync("starter");
        await page.Locator("summary", new() { HasText = "As a table" }).First.ClickAsync();
        // Below their heads seven days, and at any other time than midnight a part of one.
        var rows = page.GetByRole(AriaRole.Table).First.GetByRole(AriaRole.Row);
        await Expect(rows.Nth(7)).ToBeVisibleAsync();
        await Expect(rows.Nth(9)).ToHaveCountAsync(0);
        await page.Field("Range").SelectOptionAsync("day");
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("range=day"));
        await page.Locator("summary", new() { HasText = "As a table" }).First.ClickAsync();
        await Expect(rows.Nth(24)).ToBeVisibleAsync();
        await page.Locator(".section a[href$='kind=AMOUNT_MISMATCH']").ClickAsync();
        await Expect(page.Locator(".item").First).ToContainTextAsync("Wrong amount");
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task A_day_is_compared_with_the_providers_records_and_one_that_is_not_over_is_not()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Office(host);
        var page = visit.Page;
        await visit.Open("reconciliations");
        await visit.Button("Compare a day", "").ClickAsync();
        var (today, before) = (DateTime.UtcNow.Date, DateTime.UtcNow.Date.AddDays(-40).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await visit.Dialog().Field("Day").FillAsync(today.AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        await visit.Confirm(note: null);
        await Expect(visit.Dialog().GetByRole(AriaRole.Alert).Filter(new() { HasTextRegex = new(".") })).ToHaveCountAsync(1);
        await visit.Dialog().Field("Day").FillAsync(before);
        await visit.Confirm(note: null);
        await Expect(page.Heading($"sandbox, {before}")).ToBeVisibleAsync();
        await Expect(page.Locator("section[aria-labelledby=facts] .tag")).ToHaveTextAsync("Agrees", new() { Timeout = 60_000 });
        await Expect(page.GetByText("Nothing differs.")).ToBeVisibleAsync();
        await page.Link("All reports").ClickAsync();
        await Expect(page.Link($"{before} · sandbox")).ToBeVisibleAsync();
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task A_page_that_cannot_be_loaded_says_so_and_can_be_tried_again()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Office(host);
        var page = visit.Page;
        await page.RouteAsync("**/graphql", route => route.FulfillAsync(new() { Status = 502, ContentType = "text/html", Body = "<h1>Bad gateway</h1>" }));
        await visit.Go("admin/audit");
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "cannot be reached" })).ToBeVisibleAsync();
        await page.UnrouteAllAsync();
        await visit.Button("Try again", "").ClickAsync();
        await Expect(page.Locator(".section tbody tr, .section .nothing").First).ToBeVisibleAsync();
    }
}
