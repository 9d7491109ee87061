using System.Diagnostics;
using System.Globalization;
using Billing.EndToEnd.Clients;
using Billing.EndToEnd.Hosts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Billing.EndToEnd.Browsers;

/// <summary>People sign in to the pages at an OpenID Connect provider, by the code flow with PKCE. The provider is npm's <c>oidc-provider</c>, with pages of its own.</summary>
public sealed class SigningIn(SharedHosts hosts, Chromium chromium)
{
    [Fact]
    public async Task Who_signs_in_at_the_provider_comes_back_to_where_they_were_and_can_buy()
    {
        var port = HostProcess.FreePort();
        await using var host = new HostProcess(await hosts.NewDatabase(Engine.Sqlite), new Dictionary<string, string?>
        {
            ["Billing__SignIn__Development"] = "false",
            ["Billing__SignIn__Issuer"] = $"http://127.0.0.1:{port}",
            ["Billing__SignIn__Audience"] = "billing",
            ["Billing__Pages__SignIn__ClientId"] = "pages",
        });
        using var provider = await Provider(port, new Uri(host.Url, "signed-in").AbsoluteUri);
        try
        {
            await host.Start();
            await using var visit = await chromium.Anonymous(host, buyer: host.Anybody);
            var page = visit.Page;
            await visit.Go("account");
            await visit.Button("Sign in", "").First.ClickAsync();
            await SignIn(page, "alice");

            await Expect(page).ToHaveURLAsync(visit.Address("account"));
            await Expect(page.Locator("header .name")).ToHaveTextAsync("alice");
            await Expect(page.GetByText("0 credits").First).ToBeVisibleAsync();
            // What the provider sent is not left in the address, and the token is the tab's alone.
            Assert.DoesNotContain("code=", page.Url, StringComparison.Ordinal);
            Assert.Equal(0, await page.EvaluateAsync<int>("() => localStorage.length && Object.keys(localStorage).filter(key => /token|oidc|user/.test(key)).length"));
            var number = await visit.BuyByCode();
            await visit.Becomes("WAITING_FOR_PAYMENT");
            await visit.Go("admin");
            await Expect(page.GetByText("This part is for administrators.")).ToBeVisibleAsync();
            HasNoComplaintOfOurs(visit);

            await using var office = await chromium.Anonymous(host);
            await office.Go("admin/orders");
            await office.Button("Sign in", "").First.ClickAsync();
            await SignIn(office.Page, "carol");
            await Expect(office.Page).ToHaveURLAsync(office.Address("admin/orders"));
            await Expect(office.Page.Link(number).First).ToBeVisibleAsync();
            HasNoComplaintOfOurs(office);
        }
        finally
        {
            provider.Kill();
        }
    }

    // The provider's pages ask for pictures and fonts that are not there.
    static void HasNoComplaintOfOurs(Visit visit) => Assert.DoesNotContain(visit.Complaints, complaint => complaint.Contains(visit.Host.Url.Authority, StringComparison.Ordinal));

    // The provider's own pages: a name, any password, and the consent to be known by it.
    static async Task SignIn(IPage page, string name)
    {
        await page.Locator("input[name=login]").FillAsync(name);
        await page.Locator("input[name=password]").FillAsync("any");
        await page.Locator("button[type=submit]").ClickAsync();
        await page.Button("Continue").ClickAsync();
    }

    static async Task<Process> Provider(int port, string redirect)
    {
        await OtherClients.Install();
        var provider = Process.Start(new ProcessStartInfo("node", ["sign-in.mjs", port.ToString(CultureInfo.InvariantCulture), redirect, "billing"])
        {
            WorkingDirectory = HostProcess.Metadata("ClientsFolder"),
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("ready", await provider.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        return provider;
    }
}
