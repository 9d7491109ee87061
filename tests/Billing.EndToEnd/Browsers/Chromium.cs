using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

[assembly: AssemblyFixture(typeof(Billing.EndToEnd.Browsers.Chromium))]

namespace Billing.EndToEnd.Browsers;

/// <summary>How wide the window is.</summary>
public enum Screen
{
    /// <summary>390 pixels, with touch.</summary>
    Phone,

    /// <summary>1440 pixels.</summary>
    Desk,
}

/// <summary>What the browser speaks.</summary>
public enum Tongue
{
    /// <summary>English.</summary>
    English,

    /// <summary>Simplified Chinese.</summary>
    Chinese,
}

/// <summary>The machine's own Chromium, one for all tests, started when the first visits.</summary>
public sealed class Chromium : IAsyncLifetime
{
    static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome"];
    static readonly string[] Arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];

    readonly Lazy<Task<(IPlaywright Playwright, IBrowser Browser)>> started = new(Start);

    public ValueTask InitializeAsync()
    {
        SetDefaultExpectTimeout(30_000);
        return ValueTask.CompletedTask;
    }

    /// <summary>Somebody comes, signed in as an account that nobody used before, or as who is named.</summary>
    public async Task<Visit> Visit(HostProcess host, Screen screen = Screen.Desk, Tongue tongue = Tongue.English, Caller? buyer = null, bool dark = false)
    {
        var somebody = buyer ?? await host.NewBuyer();
        var visit = await Anonymous(host, screen, tongue, dark, somebody);
        // As the development sign-in sends people back.
        await visit.Page.GotoAsync(visit.Address($"purchase#token={somebody.Token}"));
        await Expect(visit.Page.Locator("header .name")).ToHaveCountAsync(1);
        return visit;
    }

    /// <summary>Somebody comes who is not signed in.</summary>
    public async Task<Visit> Anonymous(HostProcess host, Screen screen = Screen.Desk, Tongue tongue = Tongue.English, bool dark = false, Caller? buyer = null)
    {
        var (_, browser) = await started.Value;
        var context = await browser.NewContextAsync(new()
        {
            Locale = tongue == Tongue.Chinese ? "zh-CN" : "en-GB",
            ViewportSize = screen == Screen.Phone ? new() { Width = 390, Height = 844 } : new() { Width = 1440, Height = 900 },
            HasTouch = screen == Screen.Phone,
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            DeviceScaleFactor = 1,
        });
        return new(host, await context.NewPageAsync(), buyer ?? host.Anybody, screen, tongue);
    }

    public async ValueTask DisposeAsync()
    {
        if (!started.IsValueCreated) return;
        var (playwright, browser) = await started.Value;
        await browser.DisposeAsync();
        playwright.Dispose();
    }

    static async Task<(IPlaywright Playwright, IBrowser Browser)> Start()
    {
        var playwright = await Playwright.CreateAsync();
        return (playwright, await playwright.Chromium.LaunchAsync(new() { ExecutablePath = Find(), Headless = true, Args = Arguments }));
    }

    static string Find() => Names
        .SelectMany(name => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, name)))
        .First(File.Exists);
}

/// <summary>A visit of one person.</summary>
public sealed partial class Visit : IAsyncDisposable
{
    readonly ConcurrentQueue<string> complaints = new();

    public Visit(HostProcess host, IPage page, Caller buyer, Screen screen, Tongue tongue)
    {
        (Host, Page, Buyer, Screen, Tongue) = (host, page, buyer, screen, tongue);
        var context = page.Context;
        context.SetDefaultTimeout(30_000);
        context.Console += (_, message) =>
        {
            if (message.Type == "error") complaints.Enqueue($"{message.Text} ({message.Location})");
        };
        context.WebError += (_, error) => complaints.Enqueue(error.Error);
    }

    public HostProcess Host { get; }

    /// <summary>The first page: a sign-in is its tab's alone.</summary>
    public IPage Page { get; }

    /// <summary>The same person at the API.</summary>
    public Caller Buyer { get; }

    public Screen Screen { get; }

    public Tongue Tongue { get; }

    /// <summary>Errors in the console, and those that nothing caught.</summary>
    public IReadOnlyCollection<string> Complaints => complaints;

    /// <summary>How the order on the page stands.</summary>
    public ILocator Result => Page.Locator("[data-result]");

    /// <summary>What the page says in the visitor's language.</summary>
    public string Say(string english, string chinese) => Tongue == Tongue.Chinese ? chinese : english;

    public string Address(string path) => new Uri(Host.Url, Host.Prefix + path).AbsoluteUri;

    public Task Go(string path) => Page.GotoAsync(Address(path));

    /// <summary>The button with this name.</summary>
    public ILocator Button(string english, string chinese) => Page.Button(Say(english, chinese));

    /// <summary>Chooses a plan and a method, up to the button that buys.</summary>
    public async Task<ILocator> Choose(string slug, string methodId)
    {
        await Go("purchase");
        await Page.Locator($"a[href$='/purchase?plan={slug}']").ClickAsync();
        await Page.Locator($".methods input[value={methodId}]").CheckAsync();
        return Page.Locator(".checkout button[type=submit]");
    }

    /// <summary>Buys by QR code, and gives the order's number.</summary>
    public async Task<string> BuyByCode(string slug = "starter")
    {
        await (await Choose(slug, "sandbox-qr")).ClickAsync();
        await Expect(Page).ToHaveURLAsync(AnOrder());
        await Expect(Page.Locator(".pay img")).ToBeVisibleAsync();
        return Number;
    }

    /// <summary>The number of the order in the address.</summary>
    public string Number => new Uri(Page.Url).Segments[^1];

    /// <summary>Waits until the order on the page stands like this.</summary>
    public Task Becomes(string result) => Expect(Page.Locator($"[data-result={result}]")).ToBeVisibleAsync();

    /// <summary>The next time it is asked for, the mutation is done and its answer does not arrive.</summary>
    public async Task<TaskCompletionSource> LoseOneAnswer(string mutation)
    {
        var lost = new TaskCompletionSource();
        await Page.RouteAsync("**/graphql", async route =>
        {
            if (lost.Task.IsCompleted || route.Request.PostData?.Contains(mutation + "(", StringComparison.Ordinal) != true)
            {
                await route.FallbackAsync();
                return;
            }

            await route.FetchAsync();
            lost.SetResult();
            await route.AbortAsync();
        });
        return lost;
    }

    /// <summary>Nothing went wrong that the visitor did not see.</summary>
    public void HasNoComplaint() => Assert.Empty(complaints);

    public async ValueTask DisposeAsync() => await Page.Context.DisposeAsync();

    [GeneratedRegex("/orders/[0-9A-Z]{16}$")]
    internal static partial Regex AnOrder();
}
