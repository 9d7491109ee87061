using System.Diagnostics;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Browsers;

/// <summary>From the provider's <c>paid</c> to <c>credited</c> on the page. A measurement for <c>benchmarks/RESULTS.md</c>, run when it is asked for.</summary>
public sealed class Speed(SharedHosts hosts, Chromium chromium)
{
    const int Times = 30;

    [Fact(Explicit = true)]
    public async Task A_payment_shows_on_the_page()
    {
        var host = await hosts.Shop(Engine.Sqlite);
        await using var visit = await chromium.Visit(host);
        var took = new List<double>();
        for (var time = 0; time <= Times; time++)
        {
            var number = await visit.BuyByCode();
            var order = (await visit.Buyer.Order(number))!;
            var form = await host.Open(order);
            // The page notes the moment itself, by the clock that this test reads too: both are of one machine.
            await visit.Page.EvaluateAsync("""
                () => { window.creditedAt = new Promise(resolve => new MutationObserver((_, observer) => {
                    if (!document.querySelector("[data-result=CREDITED]")) return;
                    observer.disconnect();
                    resolve(Date.now());
                }).observe(document.body, { subtree: true, childList: true, attributes: true })) }
                """);
            var before = DateTimeOffset.UtcNow;
            var clock = Stopwatch.GetTimestamp();
            await host.Submit(form, ("do", "pay"), ("news", "now"));
            var posted = Stopwatch.GetElapsedTime(clock);
            var at = await visit.Page.EvaluateAsync<double>("() => window.creditedAt");
            // The first is warm-up.
            if (time > 0) took.Add(at - before.ToUnixTimeMilliseconds());
            TestContext.Current.TestOutputHelper!.WriteLine($"{number}: {at - before.ToUnixTimeMilliseconds():0} ms, of these {posted.TotalMilliseconds:0} until the provider had answered its payer");
        }

        took.Sort();
        Assert.Equal(Times, took.Count);
        await File.WriteAllTextAsync(
            Path.Combine(Path.GetTempPath(), "billing-page-speed.txt"),
            $"n {took.Count}, p50 {took[took.Count / 2]:0} ms, p95 {took[(int)Math.Ceiling(took.Count * 0.95) - 1]:0} ms, max {took[^1]:0} ms\n", TestContext.Current.CancellationToken);
    }
}
