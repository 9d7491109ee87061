using System.Text.RegularExpressions;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Billing.EndToEnd.Browsers;

/// <summary>What administrators do about money, as far as its effect.</summary>
public sealed class AdminMoney(SharedHosts hosts, Chromium chromium)
{
    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task A_refund_is_approved_in_part_and_another_one_rejected_with_a_reason_that_the_buyer_reads(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var (alice, approved) = await host.Bought();
        var (bob, rejected) = await host.Bought();
        await alice.RequestRefund(approved, reason: "Half is enough");
        await bob.RequestRefund(rejected);
        await using var visit = await chromium.Office(host, screen, tongue);
        var page = visit.Page;
        await visit.Open("refunds");

        var mine = page.Locator("article").Filter(new() { HasText = approved });
        await Expect(mine).ToContainTextAsync("Half is enough");
        await mine.GetByRole(AriaRole.Button).First.ClickAsync();
        var dialog = visit.Dialog();
        await Expect(dialog.Locator(".says")).ToContainTextAsync("¥9.90");
        // More than was asked for is refused by the service, beside the field.
        await dialog.Locator("[name=amount]").FillAsync("99.00");
        await visit.Confirm();
        await Expect(dialog.Locator(".field", new() { Has = page.Locator("[name=amount]") }).Locator(".wrong")).ToContainTextAsync(new Regex("."));
        await dialog.Locator("[name=amount]").FillAsync("4.95");
        await Expect(dialog.Locator(".says")).ToContainTextAsync("¥4.95");
        await dialog.Locator("button[type=submit]").ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0);
        await alice.OrderIs(approved, "PARTIALLY_REFUNDED");
        await Expect(mine).ToHaveCountAsync(0);

        var other = page.Locator("article").Filter(new() { HasText = rejected });
        await other.GetByRole(AriaRole.Button).Last.ClickAsync();
        await dialog.Locator("button[type=submit]").ClickAsync();
        await Expect(dialog.Locator(".wrong:not(:empty)")).ToHaveTextAsync(visit.Say("Write something here.", "此项必填。"));
        await dialog.Locator("[name=reason]").FillAsync("It was used.");
        await dialog.Locator("button[type=submit]").ClickAsync();
        await Expect(other).ToHaveCountAsync(0);
        var refund = (await bob.Refunds(rejected))["refunds"]!.AsArray()[^1]!;
        Assert.Equal(("REJECTED", "It was used."), ((string?)refund["status"], (string?)refund["decisionNote"]));
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task A_large_refund_waits_for_a_second_administrator()
    {
        var host = await hosts.Refunds(Engine.Sqlite);
        var slug = await (await host.Administrator()).NewPlan(new { price = new { minorUnits = 60_000, currency = "CNY" } });
        var buyer = await host.NewBuyer();
        var order = await buyer.Place(slug);
        var number = (string)order["number"]!;
        await host.Pay(order, ("do", "pay"), ("news", "now"));
        await buyer.OrderIs(number, "COMPLETED");
        await buyer.RequestRefund(number);
        var approve = $"Approve the refund of ¥600.00, order {number}";

        await using (var carol = await chromium.Office(host))
        {
            await carol.Open($"orders/{number}");
            await carol.Page.Button(approve).ClickAsync();
            await carol.Confirm();
            await Expect(carol.Dialog()).ToHaveCountAsync(0);
            await Expect(carol.Page.Locator("article").First).ToContainTextAsync("carol has approved it. A second administrator must");
            await carol.Page.Button(approve).ClickAsync();
            await carol.Confirm();
            await Expect(carol.Dialog().GetByRole(AriaRole.Alert).Filter(new() { HasTextRegex = new(".") })).ToBeVisibleAsync();
            carol.HasNoComplaint();
        }

        await using var dave = await chromium.Office(host, administrator: await host.SignIn("dave", "billing:admin"));
        await dave.Open($"orders/{number}");
        await dave.Page.Button(approve).ClickAsync();
        await dave.Confirm();
        await Expect(dave.Dialog()).ToHaveCountAsync(0);
        await buyer.OrderIs(number, "REFUNDED");
        dave.HasNoComplaint();
    }

    [Theory]
    [InlineData("Credit in proportion", 10)]
    [InlineData("Accept as paid", 100)]
    public async Task A_wrong_amount_is_decided_upon_from_the_list_of_work(string name, int credits)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var (buyer, number) = await host.Bought(("do", "pay"), ("news", "now"), ("amount", "0.99"));
        await using var visit = await chromium.Office(host);
        await visit.Open("work?kind=AMOUNT_MISMATCH");
        var item = visit.Page.Locator("article").Filter(new() { HasText = number });
        await item.Button(name).ClickAsync();
        await Expect(visit.Dialog()).ToContainTextAsync("0.99");
        await visit.Confirm("They wrote to us.");
        await Expect(item).ToHaveCountAsync(0);
        await buyer.OrderIs(number, "COMPLETED");
        Assert.Equal(credits, await buyer.Credits());
        await visit.Open($"orders/{number}");
        await Expect(visit.Page.Locator("article").First).ToContainTextAsync($"{name}, by admin:carol");
        await Expect(visit.Page.Locator("article").First).ToContainTextAsync("They wrote to us.");
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task Money_is_given_back_that_nobody_asked_for_also_when_its_credits_are_spent()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var (buyer, number) = await host.Bought();
        await (await host.SignIn("gateway", "billing:service")).Spend(buyer.Subject, "80");
        await using var visit = await chromium.Office(host);
        var dialog = visit.Dialog();
        await visit.Open($"orders/{number}");
        await visit.Button("Give money back", "").ClickAsync();
        await dialog.Locator("[name=amount]").FillAsync("9.9x");
        await visit.Confirm();
        await Expect(dialog.Locator(".wrong:not(:empty)")).ToHaveTextAsync("Write an amount, such as 9.90.");
        await dialog.Locator("[name=amount]").FillAsync("9.90");
        await dialog.Locator("button[type=submit]").ClickAsync();
        // What was spent is in the way, and the answer stands beside the amount.
        await Expect(dialog.Locator(".wrong:not(:empty)")).ToContainTextAsync("spent");
        await dialog.Locator("[name=evenIfSpent]").CheckAsync();
        await Expect(dialog.Locator(".says")).ToContainTextAsync("even if the credits are spent");
        await dialog.Locator("button[type=submit]").ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0);
        await buyer.OrderIs(number, "REFUNDED");
        Assert.Equal(0, await buyer.Credits());
        visit.HasNoComplaint();
    }

    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task A_balance_is_changed_once_however_often_the_button_is_pressed(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var buyer = await host.NewBuyer();
        await using var visit = await chromium.Office(host, screen, tongue);
        var (page, dialog) = (visit.Page, visit.Dialog());
        await visit.Open("accounts");
        await page.Field(visit.Say("Account", "账户")).FillAsync(buyer.Subject);
        await page.Keyboard.PressAsync("Enter");
        await visit.Button("Change the balance", "调整余额").ClickAsync();
        await dialog.Locator("[name=credits]").FillAsync("-1");
        await visit.Confirm();
        await Expect(dialog.Locator(".field", new() { Has = page.Locator("[name=credits]") }).Locator(".wrong")).ToContainTextAsync(new Regex("."));
        await dialog.Locator("[name=credits]").FillAsync("12.5");
        await Expect(dialog.Locator(".says")).ToContainTextAsync("12.5");
        // The first answer is lost on its way: what happened is not known, and the same again settles it.
        var lost = 0;
        await page.RouteAsync("**/graphql", async route =>
        {
            if (route.Request.PostData?.Contains("adjustCredits(", StringComparison.Ordinal) != true || Interlocked.Exchange(ref lost, 1) == 1)
            {
                await route.FallbackAsync();
                return;
            }

            await route.FetchAsync();
            await route.FulfillAsync(new() { Status = 502, ContentType = "text/html", Body = "" });
        });
        var press = dialog.Locator("button[type=submit]");
        await press.DblClickAsync();
        await Expect(dialog.Locator(".note.alert")).ToBeVisibleAsync();
        await press.ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0);
        await Expect(page.Locator(".big")).ToContainTextAsync("12.5");
        await Expect(page.Locator("section[aria-labelledby=ledger]").Locator(screen == Screen.Phone ? ".cards > li" : "tbody tr")).ToHaveCountAsync(1);
        await Expect(page.Locator("section[aria-labelledby=ledger]")).ToContainTextAsync("For the test.");
        Assert.Equal(12.5m, await buyer.Credits());
        Assert.DoesNotContain(visit.Complaints, complaint => !complaint.Contains("502", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Orders_are_found_by_what_they_are_and_exported_as_they_are_found()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var (buyer, number) = await host.Bought();
        await buyer.Place("starter");
        await using var visit = await chromium.Office(host);
        var page = visit.Page;
        await visit.Open("orders");
        await page.Field("Account").FillAsync(buyer.Subject);
        await visit.Button("Filter", "").ClickAsync();
        var lines = page.Locator("tbody tr");
        await Expect(lines).ToHaveCountAsync(2);
        await page.Field("Status").SelectOptionAsync("COMPLETED");
        await Expect(lines).ToHaveCountAsync(1);
        var download = await page.RunAndWaitForDownloadAsync(() => visit.Button("Export as CSV", "").ClickAsync());
        var csv = await File.ReadAllTextAsync(await download.PathAsync(), TestContext.Current.CancellationToken);
        Assert.Contains(number, csv, StringComparison.Ordinal);
        Assert.Equal(2, csv.Trim().Split('\n').Length);
        await lines.Link(number).ClickAsync();
        await Expect(page.Locator(".timeline li").First).ToBeVisibleAsync();
        // Back to what was filtered.
        await page.GoBackAsync();
        await Expect(lines).ToHaveCountAsync(1);
        await page.Field("Least amount").FillAsync("100");
        await visit.Button("Filter", "").ClickAsync();
        await Expect(page.Locator(".nothing")).ToBeVisibleAsync();
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task A_callback_is_read_masked_and_replayed_and_the_audit_says_who_did_it_and_why()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var (_, number) = await host.Bought();
        await using var visit = await chromium.Office(host);
        var page = visit.Page;
        await visit.Open($"callbacks?order={number}");
        var callback = page.Locator(".callback").First;
        await Expect(callback).ToContainTextAsync("Stored");
        await callback.Locator("summary").ClickAsync();
        await Expect(callback.Locator("pre")).ToContainTextAsync(number);
        await callback.GetByRole(AriaRole.Button).ClickAsync();
        var why = "Ticket " + Guid.NewGuid().ToString("N");
        await visit.Confirm(why);
        await Expect(visit.Dialog().Locator(".note.alert")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("Escape");
        await visit.Open("audit?actor=carol");
        await Expect(page.Locator("tbody tr").Filter(new() { HasText = why })).ToHaveCountAsync(1);
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task Payment_methods_show_what_went_through_them()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var (buyer, _) = await host.Bought();
        await buyer.Place("starter", "sandbox-qr");
        await using var visit = await chromium.Office(host);
        await visit.Open("methods");
        var sandbox = visit.Page.Locator("section[aria-labelledby=method-sandbox]");
        await Expect(sandbox.GetByRole(AriaRole.Row, new() { Name = "of these paid" }).GetByRole(AriaRole.Cell).Last).ToHaveTextAsync(new Regex("^[1-9]"));
        await Expect(sandbox.GetByText("Last believed callback").Locator("..").Locator("time")).ToBeVisibleAsync();
        await Expect(visit.Page.Locator("section[aria-labelledby=method-sandbox-qr]").GetByText("The oldest of them since")).ToBeVisibleAsync();
        visit.HasNoComplaint();
    }
}
