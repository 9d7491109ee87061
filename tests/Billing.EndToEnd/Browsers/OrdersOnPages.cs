using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Billing.EndToEnd.Browsers;

/// <summary>What becomes of orders, as people see it.</summary>
public sealed class OrdersOnPages(SharedHosts hosts, Chromium chromium)
{
    [Theory]
    [InlineData("lost")]
    [InlineData("repeated")]
    [InlineData("reordered")]
    public async Task Whatever_happens_to_the_providers_news_the_buyer_sees_that_it_is_credited(string news)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host, Screen.Phone);
        var number = await visit.BuyByCode();
        await host.Pay((await visit.Buyer.Order(number))!, ("do", "pay"), ("news", news), ("times", "3"));
        await visit.Becomes("CREDITED");
        Assert.Equal(100, await visit.Buyer.Credits());
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task An_order_that_is_paid_twice_is_credited_once_and_the_buyer_sees_both()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var number = await visit.BuyByCode();
        await host.Pay((await visit.Buyer.Order(number))!, ("do", "twice"), ("news", "now"));
        await Expect(visit.Page.Locator(".timeline")).ToContainTextAsync("Paid once more");
        await Expect(visit.Page.Locator(".timeline")).ToContainTextAsync("Credited to your account");
        Assert.Equal(100, await visit.Buyer.Credits());
        visit.HasNoComplaint();
    }

    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task A_wrong_amount_is_under_review_with_one_next_step(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host, screen, tongue);
        var number = await visit.BuyByCode();
        await host.Pay((await visit.Buyer.Order(number))!, ("do", "pay"), ("news", "now"), ("amount", "1.00"));
        await visit.Becomes("UNDER_REVIEW");
        await Expect(visit.Result).ToContainTextAsync(visit.Say("Nothing is lost", "款项不会丢失"));
        await Expect(visit.Result).ToContainTextAsync(number);
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task An_order_that_nobody_pays_expires_and_money_that_comes_later_is_credited()
    {
        var host = await hosts.Brief(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var number = await visit.BuyByCode();
        var order = (await visit.Buyer.Order(number))!;
        await visit.Becomes("EXPIRED_UNPAID");
        await Expect(visit.Page.Link("Buy again")).ToBeVisibleAsync();
        await host.Pay(order, ("do", "late"), ("news", "now"));
        await visit.Becomes("CREDITED");
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task A_socket_that_is_cut_while_the_buyer_waits_is_made_up_for_by_asking()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var page = visit.Page;
        // So that nothing but asking for the order itself can tell.
        await page.RouteAsync("**/graphql", route => route.Request.PostData?.Contains("refreshPayment(", StringComparison.Ordinal) == true
            ? route.FulfillAsync(new() { ContentType = "application/json", Body = """{"data":{"refreshPayment":{"__typename":"RefreshPaymentPayload","order":null,"errors":null}}}""" })
            : route.FallbackAsync());
        await page.AddInitScriptAsync("""
            const Real = WebSocket;
            window.sockets = [];
            window.WebSocket = class extends Real {
                constructor(...how) {
                    super(...how);
                    window.sockets.push(this);
                    if (window.cut) this.close();
                }
            };
            """);
        var number = await visit.BuyByCode();
        await page.WaitForFunctionAsync("() => window.sockets.some(socket => socket.readyState === WebSocket.OPEN)");
        await page.EvaluateAsync("() => { window.cut = true; for (const socket of window.sockets) socket.close(); }");
        await host.Pay((await visit.Buyer.Order(number))!, ("do", "pay"), ("news", "now"));
        await visit.Becomes("CREDITED");
        Assert.False(await page.EvaluateAsync<bool>("() => window.sockets.some(socket => socket.readyState === WebSocket.OPEN)"));
        // The browser itself complains of the sockets that were cut, and of nothing else.
        Assert.All(visit.Complaints, complaint => Assert.Contains("WebSocket", complaint, StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_pushed_comes_in_the_language_that_was_chosen_and_not_in_the_browsers()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        await visit.Page.Field("Language").SelectOptionAsync("zh-Hans");
        await Expect(visit.Page.Heading("入门包")).ToBeVisibleAsync();
        var number = await visit.BuyByCode();
        await host.Pay((await visit.Buyer.Order(number))!, ("do", "pay"), ("news", "now"));
        await visit.Becomes("CREDITED");
        await Expect(visit.Result).ToContainTextAsync("已支付，权益已到账");
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task Who_has_paid_and_sees_nothing_presses_one_button()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host, Screen.Phone);
        var page = visit.Page;
        var number = await visit.BuyByCode();
        await visit.Button("Check my payment", "").ClickAsync();
        await Expect(page.Locator(".help > [role=status]")).ToContainTextAsync("knows of no payment yet");
        await Expect(page.Locator(".help")).ToContainTextAsync(number);
        await host.Pay((await visit.Buyer.Order(number))!, ("do", "pay"), ("news", "lost"));
        try
        {
            await visit.Button("Check my payment", "").ClickAsync(new() { Timeout = 5_000 });
        }
        catch (TimeoutException)
        {
            // The page asks by itself now and then: if it did so at this moment, there is no button any more.
        }

        await visit.Becomes("CREDITED");
        visit.HasNoComplaint();
    }

    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task An_order_is_paid_another_way_or_cancelled(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host, screen, tongue);
        var page = visit.Page;
        await visit.BuyByCode();
        await page.Locator(".pay summary").ClickAsync();
        await page.Button(visit.Say("Pay with Sandbox", "使用 Sandbox 支付")).ClickAsync();
        // The browser goes there by itself, and the way back leads to the order.
        await Expect(page.Locator("summary")).ToHaveTextAsync("Make trouble");
        await page.GoBackAsync();
        await Expect(page.Locator(".pay a.go")).ToHaveTextAsync(visit.Say("Pay with Sandbox", "使用 Sandbox 支付"));
        await Expect(page.Locator(".pay img")).ToHaveCountAsync(0);
        await visit.Button("Cancel this order", "取消订单").ClickAsync();
        await visit.Button("Yes, cancel it", "确定取消").ClickAsync();
        await visit.Becomes("CANCELLED");
        visit.HasNoComplaint();
    }

    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task A_refund_is_asked_for_taken_back_asked_for_again_and_seen_as_it_is_approved(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host, screen, tongue);
        var page = visit.Page;
        var number = await visit.BuyByCode();
        await host.Pay((await visit.Buyer.Order(number))!, ("do", "pay"), ("news", "now"));
        await visit.Becomes("CREDITED");

        await visit.Button("Ask for a refund", "申请退款").ClickAsync();
        await page.Field(visit.Say("A part of it", "部分退款")).CheckAsync();
        await page.Field(visit.Say("Amount (CNY)", "金额 (CNY)")).FillAsync("9.91");
        var send = page.Locator(".request button[type=submit]");
        await send.ClickAsync();
        await Expect(page.Locator(".request .wrong:not(:empty)")).ToHaveCountAsync(2);
        await page.Field(visit.Say("Amount (CNY)", "金额 (CNY)")).FillAsync("4.95");
        await page.Field(visit.Say("Why?", "退款原因")).FillAsync("No need");
        await Expect(send).ToContainTextAsync("¥4.95");
        await send.ClickAsync();
        await visit.Becomes("REFUND_IN_PROGRESS");
        await Expect(page.Locator(".refunds")).ToContainTextAsync(visit.Say("50 credits are set aside", "冻结 50 额度"));
        await visit.Button("Take the request back", "撤回申请").ClickAsync();
        await visit.Becomes("CREDITED");

        await visit.Button("Ask for a refund", "申请退款").ClickAsync();
        await page.Field(visit.Say("Why?", "退款原因")).FillAsync("No need at all");
        await send.ClickAsync();
        await visit.Becomes("REFUND_IN_PROGRESS");
        var refund = (await visit.Buyer.Refunds(number))["refunds"]!.AsArray()[^1]!;
        await (await host.Administrator()).ApproveRefund((string)refund["id"]!, (long)refund["version"]!);
        await visit.Becomes("REFUNDED");
        await Expect(page.Locator(".timeline")).ToContainTextAsync(visit.Say("Money given back", "款项已退回"));
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task What_was_spent_is_refused_beside_the_form_with_what_can_be_given_back()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var page = visit.Page;
        var number = await visit.BuyByCode();
        await host.Pay((await visit.Buyer.Order(number))!, ("do", "pay"), ("news", "now"));
        await visit.Becomes("CREDITED");
        await (await host.SignIn("gateway", "billing:service")).Spend(visit.Buyer.Subject, "50");
        await visit.Button("Ask for a refund", "").ClickAsync();
        await page.Field("Why?").FillAsync("No need");
        await page.Locator(".request button[type=submit]").ClickAsync();
        await Expect(page.Locator(".request .wrong:not(:empty)")).ToContainTextAsync("¥4.95 can be given back");
        visit.HasNoComplaint();
    }

    [Theory]
    [MemberData(nameof(Looks.All), MemberType = typeof(Looks))]
    public async Task Orders_are_listed_page_by_page_and_by_status(Screen screen, Tongue tongue)
    {
        var host = await hosts.Shop(Engine.Sqlite);
        var buyer = await host.NewBuyer();
        for (var placed = 0; placed < 21; placed++) await buyer.Cancel((string)(await buyer.Place("starter"))["number"]!);
        var open = (string)(await buyer.Place("starter"))["number"]!;
        await using var visit = await chromium.Visit(host, screen, tongue, buyer);
        var page = visit.Page;
        await visit.Go("orders");
        var lines = page.Locator(screen == Screen.Phone ? ".cards > li" : "tbody > tr");
        await Expect(lines).ToHaveCountAsync(20);
        await Expect(lines.First).ToContainTextAsync(open);
        await Expect(page.Locator("table")).ToHaveCountAsync(screen == Screen.Phone ? 0 : 1);
        await visit.Button("Show more", "显示更多").ClickAsync();
        await Expect(lines).ToHaveCountAsync(22);
        await page.Field(visit.Say("Show", "筛选")).SelectOptionAsync("AWAITING_PAYMENT");
        await Expect(lines).ToHaveCountAsync(1);
        await lines.GetByRole(AriaRole.Link).ClickAsync();
        await visit.Becomes("WAITING_FOR_PAYMENT");
        await page.GoBackAsync();
        await Expect(lines).ToHaveCountAsync(1);
        visit.HasNoComplaint();
    }

    [Fact]
    public async Task A_sign_in_that_ends_is_told_and_signing_in_again_comes_back_to_the_same_place()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host, buyer: await host.SignIn("alice"));
        var page = visit.Page;
        var number = (string)(await visit.Buyer.Place("starter", "sandbox-qr"))["number"]!;
        await visit.Go($"orders/{number}");
        await visit.Becomes("WAITING_FOR_PAYMENT");
        await page.EvaluateAsync("() => sessionStorage.setItem('billing.token', sessionStorage.getItem('billing.token').slice(0, -4) + 'AAAA')");
        await visit.Button("Check my payment", "").ClickAsync();
        var banner = page.Locator(".banner");
        await Expect(banner).ToContainTextAsync("Your sign-in has ended");
        await banner.GetByRole(AriaRole.Button).ClickAsync();
        await page.Link("Alice, a buyer").ClickAsync();
        await visit.Becomes("WAITING_FOR_PAYMENT");
        Assert.Equal(number, visit.Number);
        await visit.Buyer.Cancel(number);
    }
}
