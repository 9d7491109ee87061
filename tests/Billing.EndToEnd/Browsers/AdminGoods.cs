using System.Text.RegularExpressions;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;
using Billing.EndToEnd.Webhooks;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Billing.EndToEnd.Browsers;

/// <summary>What administrators sell, give away and tell others of.</summary>
public sealed class AdminGoods(SharedHosts hosts, Chromium chromium)
{
    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task A_plan_is_made_with_a_look_at_its_card_bought_changed_and_taken_off_sale(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var slug = "made-" + Guid.NewGuid().ToString("N");
        await using var visit = await chromium.Office(host, screen, tongue);
        var page = visit.Page;
        await visit.Open("plans/new");
        await Fill("slug", "Not A Slug");
        await Fill("name.en", "Season pass");
        await Fill("name.zh", "季票");
        await Fill("price", "29.90");
        await Fill("listPrice", "39.90");
        await Fill("badge.en", "Autumn");
        await Fill("badge.zh", "秋季");
        await Fill("features.en", "Fast\nLasting");
        await Fill("features.zh", "快\n持久");
        await Fill("grants.0.credits", "300");
        await visit.Button("Add a grant", "添加权益").ClickAsync();
        await page.Locator("[name='grants.1.kind']").SelectOptionAsync("subscription");
        await Fill("grants.1.tier", "pro");
        await Fill("grants.1.days", "90");
        await Fill("stock", "5");
        var card = page.Locator(".preview .plan");
        await Expect(card).ToContainTextAsync(visit.Say("Season pass", "季票"));
        await Expect(card.Locator("s")).ToContainTextAsync("¥39.90");
        await Expect(card).ToContainTextAsync(visit.Say("Lasting", "持久"));
        await Expect(card).ToContainTextAsync("300");
        await Submit();
        await Expect(Wrong("slug")).ToContainTextAsync(new Regex("."));
        await Fill("slug", slug);
        await Submit();
        await Expect(page.Locator(".told")).ToContainTextAsync(slug);
        await Expect(page.Locator($"a[href$='/admin/plans/{slug}']")).ToHaveTextAsync(visit.Say("Season pass", "季票"));

        var buyer = await host.NewBuyer();
        var bought = await buyer.Place(slug);
        Assert.Equal(2990, (int)bought["amount"]!["minorUnits"]!);

        // One was sold meanwhile: what is left is not written back when it was not touched.
        await visit.Open($"plans/{slug}");
        await Expect(page.Locator("[name='name.zh']")).ToHaveValueAsync("季票");
        await Expect(page.Locator("[name=stock]")).ToHaveValueAsync("4");
        await buyer.Place(slug);
        await Fill("listPrice", "");
        await Fill("price", "29.00");
        await page.Locator("[name=onSale]").SelectOptionAsync("no");
        await Submit();
        await Expect(Wrong("note")).ToContainTextAsync(new Regex("."));
        await Fill("note", "The season is over.");
        await Submit();
        await Expect(page.Locator(".told")).ToContainTextAsync(slug);
        var plan = (await visit.Buyer.Ask("query($slug: String!) { plan(slug: $slug) { price { minorUnits } listPrice { minorUnits } remainingStock onSale features badge } }", new { slug }))["plan"]!;
        Assert.Equal((2900, null, 3, false, 2), ((int)plan["price"]!["minorUnits"]!, plan["listPrice"], (int)plan["remainingStock"]!, (bool)plan["onSale"]!, plan["features"]!.AsArray().Count));
        visit.HasNoComplaint();

        Task Fill(string name, string text) => page.Locator($"[name='{name}']").FillAsync(text);
        Task Submit() => page.Locator(".section form.act button[type=submit]").ClickAsync();
        ILocator Wrong(string name) => page.Locator(".field", new() { Has = page.Locator($"[name='{name}']") }).Locator(".wrong");
    }

    [Fact]
    public async Task Plans_are_put_in_order_by_the_keyboard_alone()
    {
        // Nobody else's plans come between these.
        await using var host = await HostProcess.Start(await hosts.NewDatabase(Engine.Sqlite));
        await using var visit = await chromium.Office(host);
        var page = visit.Page;
        await visit.Open("plans");
        var before = await page.Locator(".sortable a").AllInnerTextsAsync();
        var handle = page.Locator(".handle").First;
        await handle.FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Expect(page.Locator("[id^=DndLiveRegion]")).ToContainTextAsync("place 1 of");
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(page.Locator("[id^=DndLiveRegion]")).ToContainTextAsync("place 2 of");
        await page.Keyboard.PressAsync("Space");
        await visit.Button("Save the order", "").ClickAsync();
        await Expect(page.Locator(".told")).ToContainTextAsync("saved");
        string[] wanted = [before[1], before[0], .. before.Skip(2)];
        Assert.Equal(wanted, await page.Locator(".sortable a").AllInnerTextsAsync());
        await visit.Go("purchase");
        await Expect(page.Locator(".plan h2").First).ToHaveTextAsync(wanted[0]);
        visit.HasNoComplaint();
    }

    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task Codes_are_worked_out_issued_looked_up_taken_back_and_disabled(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Office(host, screen, tongue);
        var (page, dialog) = (visit.Page, visit.Dialog());
        var name = "Page " + Guid.NewGuid().ToString("N");
        await visit.Open("codes/new");
        await Fill("name", name);
        await Fill("count", "3");
        await Fill("prefix", "much too long for one");
        await Fill("grants.0.credits", "12.5");
        await page.Locator(".section button[type=submit]").Last.ClickAsync();
        await Expect(page.Locator(".field", new() { Has = page.Locator("[name=prefix]") }).Locator(".wrong")).ToContainTextAsync(new Regex("."));
        await Fill("prefix", "XM");
        await page.Locator(".section button[type=submit]").Last.ClickAsync();
        await Expect(dialog.Locator(".says")).ToContainTextAsync("37.5");
        // The button alone issues, and two presses do it once.
        await dialog.Locator("button[type=submit]").DblClickAsync();
        await Expect(dialog.Locator(".secret li")).ToHaveCountAsync(3);
        var codes = await dialog.Locator(".secret code").AllInnerTextsAsync();
        await dialog.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(page.Heading(name)).ToBeVisibleAsync();
        await Expect(page.Locator("#facts .tag")).ToHaveTextAsync(visit.Say("Issued", "已生成"));
        var issued = (await visit.Buyer.Ask("query($search: String!) { codeBatches(search: $search) { nodes { count } } }", new { search = name }))["codeBatches"]!["nodes"]!.AsArray();
        Assert.Equal(3, (int)Assert.Single(issued)!["count"]!);

        // Somebody redeems one; the batch, which is watched, and the code say so.
        var buyer = await host.NewBuyer();
        Assert.Null((await buyer.Redeem(codes[0])).Error());
        var lines = page.Locator(screen == Screen.Phone ? ".cards > li" : "tbody tr");
        await page.ReloadAsync();
        await Expect(lines).ToHaveCountAsync(3);
        await page.Field(visit.Say("Status", "状态")).SelectOptionAsync("REDEEMED");
        await Expect(lines).ToHaveCountAsync(1);
        await lines.GetByRole(AriaRole.Link).First.ClickAsync();
        await Expect(page.Locator("#facts .tag")).ToHaveTextAsync(visit.Say("Redeemed", "已兑换"));
        await lines.GetByRole(AriaRole.Button).ClickAsync();
        await visit.Confirm();
        await Expect(dialog.GetByRole(AriaRole.Status)).ToContainTextAsync("12.5");
        await dialog.GetByRole(AriaRole.Button).ClickAsync();
        Assert.Equal(0, await buyer.Credits());
        await Expect(lines).ToContainTextAsync("12.5");

        await visit.Open("codes");
        await page.Field(visit.Say("Look up a code", "查询兑换码")).FillAsync(codes[1].ToLowerInvariant());
        await page.Keyboard.PressAsync("Enter");
        await visit.Button("Disable the code", "停用兑换码").ClickAsync();
        await visit.Confirm();
        await Expect(page.Locator("#facts .tag")).ToHaveTextAsync(visit.Say("Disabled", "已停用"));
        Assert.Equal("CODE_NOT_FOUND", (await buyer.Redeem(codes[1])).Error());

        await page.Locator("dl").Link(name).ClickAsync();
        await visit.Button("Disable the batch", "停用批次").ClickAsync();
        await Expect(dialog.Locator(".says")).ToContainTextAsync("2");
        await visit.Confirm();
        await Expect(page.Locator("#facts .tag")).ToHaveTextAsync(visit.Say("Disabled", "已停用"));
        Assert.Equal("CODE_NOT_FOUND", (await buyer.Redeem(codes[2])).Error());
        visit.HasNoComplaint();

        Task Fill(string field, string text) => page.Locator($"[name='{field}']").FillAsync(text);
    }

    [Fact]
    public async Task A_large_batch_tells_how_far_it_is_until_it_is_issued()
    {
        var host = await hosts.Codes(Engine.Sqlite);
        await using var visit = await chromium.Office(host);
        var (batch, _) = await (await host.Administrator()).Issue(new { count = 2000 });
        await visit.Open($"codes/{batch}");
        await visit.Page.EvaluateAsync("() => { window.stayed = true }");
        await Expect(visit.Page.Locator("#facts .tag")).ToHaveTextAsync("Issued");
        await Expect(visit.Page.Locator("[role=progressbar]")).ToHaveCountAsync(0);
        Assert.True(await visit.Page.EvaluateAsync<bool>("() => window.stayed === true"));
        var export = await visit.Page.RunAndWaitForDownloadAsync(() => visit.Button("Export as CSV", "").ClickAsync());
        Assert.Equal(2001, (await File.ReadAllTextAsync(await export.PathAsync(), TestContext.Current.CancellationToken)).Trim().Split('\n').Length);
        await visit.Button("Give one to an account", "").ClickAsync();
        var dialog = visit.Dialog();
        var buyer = await host.NewBuyer();
        await dialog.Locator("[name=accountId]").FillAsync(buyer.Subject);
        await dialog.Locator("[name=source]").FillAsync("ticket-" + batch);
        await visit.Confirm();
        var code = await dialog.Locator("[role=status] code").InnerTextAsync();
        Assert.Null((await buyer.Redeem(code)).Error());
        visit.HasNoComplaint();
    }

    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task An_endpoint_is_made_tested_repeated_to_disabled_and_deleted(Screen screen, Tongue tongue)
    {
        var host = await hosts.TellingOne(Engine.Sqlite);
        await using var gateway = await Receiver.Start();
        await using var visit = await chromium.Office(host, screen, tongue);
        var (page, dialog) = (visit.Page, visit.Dialog());
        await visit.Open("webhooks");
        await visit.Button("New endpoint", "新建端点").ClickAsync();
        await dialog.Locator("[name=url]").FillAsync("ftp://example.com/");
        await dialog.Locator("button[type=submit]").ClickAsync();
        await Expect(dialog.Locator(".field", new() { Has = page.Locator("[name=url]") }).Locator(".wrong")).ToContainTextAsync(new Regex("."));
        await dialog.Locator("[name=url]").FillAsync(gateway.Url.AbsoluteUri);
        await dialog.Locator("[value='credits.changed']").UncheckAsync();
        await dialog.Locator("button[type=submit]").ClickAsync();
        await Expect(dialog.Locator(".secret code")).ToHaveTextAsync(new Regex("^whsec_"));
        var secret = await dialog.Locator(".secret code").InnerTextAsync();
        await dialog.GetByRole(AriaRole.Button).Last.ClickAsync();
        await page.Link(gateway.Url.AbsoluteUri).ClickAsync();

        await visit.Button("Send a test", "发送测试").ClickAsync();
        await visit.Confirm(note: null);
        var arrival = await gateway.Got(one => one.Type == "webhook.test", "the test arrives");
        Assert.Equal("verified", await Receiver.Verify(arrival, secret));
        await page.ReloadAsync();
        var lines = page.Locator("section[aria-labelledby=deliveries]").Locator(screen == Screen.Phone ? ".cards > li" : "tbody tr");
        await Until.Is(
            async () =>
            {
                await page.ReloadAsync();
                await Expect(lines).ToHaveCountAsync(1);
                return await lines.InnerTextAsync();
            },
            text => text.Contains(visit.Say("Delivered", "已投递"), StringComparison.Ordinal), "the delivery is delivered");
        await lines.GetByRole(AriaRole.Button).Last.ClickAsync();
        await visit.Confirm(note: null);
        await Until.Is(() => Task.FromResult(gateway.Arrivals.Count(one => one.Id == arrival.Id)), times => times >= 2, "the test arrives again");

        await visit.Button("New secret", "更换密钥").ClickAsync();
        await visit.Confirm();
        await Expect(dialog.Locator(".secret code")).ToHaveTextAsync(new Regex("^whsec_"));
        Assert.NotEqual(secret, await dialog.Locator(".secret code").InnerTextAsync());
        await dialog.GetByRole(AriaRole.Button).Last.ClickAsync();
        await page.Button(visit.Say("Disable", "停用")).ClickAsync();
        await visit.Confirm();
        await Expect(page.Locator("#facts .tag")).ToHaveTextAsync(visit.Say("Disabled", "已停用"));
        await visit.Button("Enable", "启用").ClickAsync();
        await visit.Confirm();
        await Expect(page.Locator("#facts .tag")).ToHaveTextAsync(visit.Say("Enabled", "已启用"));
        await visit.Button("Delete", "删除").ClickAsync();
        await Expect(dialog.Locator(".says")).ToContainTextAsync(gateway.Url.AbsoluteUri);
        await visit.Confirm();
        await Expect(page.Heading(visit.Say("Webhooks", "Webhook"))).ToBeVisibleAsync();
        await Expect(page.Link(gateway.Url.AbsoluteUri)).ToHaveCountAsync(0);
        visit.HasNoComplaint();
    }
}
