using System.Collections.Concurrent;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Billing.EndToEnd.Browsers;

/// <summary>The pages in a Chromium, as people see them. The database under them does not matter.</summary>
public sealed class Pages(SharedHosts hosts, Chromium chromium) : IClassFixture<Chromium>
{
    static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];

    [Fact]
    public async Task A_plan_is_bought_by_redirect_and_the_page_says_credited_without_a_reload()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var page = await visit.Buy("Starter", "Sandbox");
        var order = page.Url;
        await page.GetByRole(AriaRole.Link, new() { Name = "Pay with Sandbox" }).ClickAsync();
        // The provider's news takes some seconds, so the buyer is back on the order's page before it.
        await page.Locator("summary").First.ClickAsync();
        await page.Locator("input[name=news][value=delayed]").CheckAsync();
        await page.Locator("input[name=seconds]").FillAsync("6");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pay like this" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(order);
        await Expect(page.Locator("[data-status=AWAITING_PAYMENT]")).ToBeVisibleAsync();
        await page.EvaluateAsync("() => { window.stayed = true }");
        await Expect(page.Locator(".result.credited")).ToBeVisibleAsync();
        Assert.True(await page.EvaluateAsync<bool>("() => window.stayed === true"));
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task A_QR_code_shows_and_paying_it_elsewhere_is_seen_here()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var order = await visit.Buy("Starter", "Sandbox (QR code)");
        var picture = order.GetByAltText("QR code: scan it to pay");
        await Expect(picture).ToBeVisibleAsync();
        // Drawn, not broken.
        Assert.True(await picture.EvaluateAsync<int>("async image => { await image.decode(); return image.naturalWidth }") > 0);
        var number = new Uri(order.Url).Segments[^1];
        await host.Pay((await (await host.Administrator()).Order(number))!, ("do", "pay"), ("news", "now"));
        await Expect(order.Locator(".result.credited")).ToBeVisibleAsync();
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task The_explorer_runs_a_query_and_the_console_stays_silent()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var page = visit.Page;
        await page.GotoAsync(new Uri(host.Url, "explorer").AbsoluteUri);
        // A query stands there to begin with; it only has to be run.
        await Expect(page.Locator(".graphiql-query-editor")).ToContainTextAsync("plans");
        await page.Locator("button.graphiql-execute-button").ClickAsync();
        await Expect(page.Locator(".result-window")).ToContainTextAsync("starter");
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task An_administrator_finds_an_order()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host, "carol");
        var number = (string)(await (await host.NewBuyer()).Place("starter"))["number"]!;
        var page = visit.Page;
        await page.GotoAsync(new Uri(host.Url, "admin").AbsoluteUri);
        await Expect(page.GetByText(number).First).ToBeVisibleAsync();
        Assert.Empty(visit.Complaints);
    }

    [Fact]
    public async Task Codes_that_an_administrator_issues_are_looked_at_and_redeemed_once()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var office = await chromium.Visit(host, "carol");
        var admin = office.Page;
        await admin.GotoAsync(new Uri(host.Url, "admin").AbsoluteUri);
        var form = admin.Locator("form").Filter(new() { Has = admin.GetByRole(AriaRole.Button, new() { Name = "Issue" }) });
        await form.GetByLabel("Name").FillAsync("From the page");
        await form.GetByLabel("How many").FillAsync("3");
        await form.GetByLabel("Credits each").FillAsync("12.5");
        await form.GetByRole(AriaRole.Button, new() { Name = "Issue" }).ClickAsync();
        await Expect(form.Locator("pre.codes")).ToBeVisibleAsync();
        var code = (await form.Locator("pre.codes").InnerTextAsync()).Split('\n')[0].Trim();

        await using var visit = await chromium.Visit(host, "bob");
        var page = visit.Page;
        await page.GotoAsync(new Uri(host.Url, "redeem").AbsoluteUri);
        var main = page.Locator("main");
        // As somebody types it from paper.
        await page.GetByLabel("Code").FillAsync(code.ToLowerInvariant().Replace('-', ' '));
        await page.GetByRole(AriaRole.Button, new() { Name = "What does it give?" }).ClickAsync();
        await Expect(main.Locator(".gives")).ToContainTextAsync("12.5 credits");
        await page.GetByRole(AriaRole.Button, new() { Name = "Redeem", Exact = true }).ClickAsync();
        await Expect(main.Locator(".result.credited")).ToContainTextAsync("12.5 credits");
        await Expect(main.GetByText("••••-" + code[^4..])).ToBeVisibleAsync();

        await page.GetByLabel("Code").FillAsync(code);
        await page.GetByRole(AriaRole.Button, new() { Name = "Redeem", Exact = true }).ClickAsync();
        await Expect(main.Locator(".result.credited")).ToContainTextAsync("already");
        await page.GetByLabel("Code").FillAsync("0000-0000-0000-0001");
        await page.GetByRole(AriaRole.Button, new() { Name = "Redeem", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no such code");
        Assert.Empty(visit.Complaints);
        Assert.Empty(office.Complaints);
    }

    /// <summary>The program.</summary>
    internal static string Find() => Names
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name)))
        .First(File.Exists);
}

/// <summary>The machine's own Chromium, one for all tests of the class.</summary>
public sealed class Chromium : IAsyncLifetime
{
    static readonly string[] Arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];

    IPlaywright playwright = null!;
    IBrowser browser = null!;

    public async ValueTask InitializeAsync()
    {
        SetDefaultExpectTimeout(30_000);
        playwright = await Playwright.CreateAsync();
        browser = await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Pages.Find(), Headless = true, Args = Arguments });
    }

    /// <summary>Somebody comes and signs in.</summary>
    public async Task<Visit> Visit(HostProcess host, string subject = "alice")
    {
        var context = await browser.NewContextAsync(new() { Locale = "en-GB" });
        var page = await context.NewPageAsync();
        var visit = new Visit(host, page);
        await page.GotoAsync(new Uri(host.Url, $"dev/sign-in/{subject}?return=/purchase").AbsoluteUri);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Starter" })).ToBeVisibleAsync();
        return visit;
    }

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        playwright.Dispose();
    }
}

/// <summary>A visit of one person.</summary>
public sealed class Visit : IAsyncDisposable
{
    readonly HostProcess host;
    readonly ConcurrentQueue<string> complaints = new();

    public Visit(HostProcess host, IPage page)
    {
        (this.host, Page) = (host, page);
        var context = page.Context;
        context.SetDefaultTimeout(30_000);
        context.Console += (_, message) =>
        {
            if (message.Type == "error") complaints.Enqueue($"{message.Text} ({message.Location})");
        };
        context.WebError += (_, error) => complaints.Enqueue(error.Error);
    }

    /// <summary>The one page: a sign-in is its tab's alone.</summary>
    public IPage Page { get; }

    /// <summary>Errors in the console, and those that nothing caught.</summary>
    public IReadOnlyCollection<string> Complaints => complaints;

    /// <summary>Buys in the shop and gives the order's page.</summary>
    public async Task<IPage> Buy(string plan, string method)
    {
        var page = Page;
        await page.GotoAsync(new Uri(host.Url, "purchase").AbsoluteUri);
        var card = page.Locator("article").Filter(new() { Has = page.GetByRole(AriaRole.Heading, new() { Name = plan }) });
        await card.GetByLabel("Payment method").SelectOptionAsync(new SelectOptionValue { Label = method });
        await card.GetByRole(AriaRole.Button, new() { Name = "Buy" }).ClickAsync();
        await Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/orders/[0-9A-Z]{16}$"));
        await Expect(page.Locator(".result")).ToBeVisibleAsync();
        return page;
    }

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();
}
