using Billing.Deadlines;
using Billing.Orders;
using Billing.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Billing.Silo.Tests;

public sealed class SettingsTests
{
    [Theory]
    [InlineData("Billing:Orders:MaxOpenOrders", "0")]
    [InlineData("Billing:Orders:TimeToPay", "00:00:00")]
    [InlineData("Billing:Orders:TimeToPay", "-00:30:00")]
    [InlineData("Billing:Orders:ProviderTimeout", "00:00:00")]
    [InlineData("Billing:Orders:RefreshInterval", "-00:00:01")]
    [InlineData("Billing:Codes:IssueAtOnce", "0")]
    [InlineData("Billing:Codes:CreditPatience", "00:01:00")]
    [InlineData("Billing:Codes:NotFoundTime", "-00:00:01")]
    [InlineData("Billing:Deadlines:Shards", "0")]
    [InlineData("Billing:Deadlines:Shards", "5")]
    [InlineData("Billing:Deadlines:Shards", "128")]
    [InlineData("Billing:Deadlines:Rest", "00:00:00")]
    [InlineData("Billing:Deadlines:AtOnce", "0")]
    [InlineData("Billing:Deadlines:PageSize", "0")]
    [InlineData("Billing:Callbacks:QueueLength", "0")]
    [InlineData("Billing:Callbacks:KeepFor", "00:00:00")]
    [InlineData("Billing:WorkItems:AlertAfter", "00:00:00")]
    [InlineData("Billing:WorkItems:Rest", "00:00:00")]
    [InlineData("Billing:Reconciliation:DaysBack", "0")]
    [InlineData("Billing:Reconciliation:QueriesPerSecond", "0")]
    [InlineData("Billing:Reconciliation:AtOnce", "0")]
    [InlineData("Billing:Reconciliation:Tries", "0")]
    [InlineData("Billing:Reconciliation:RestFor", "00:00:00")]
    [InlineData("Billing:Reconciliation:Lease", "00:00:00")]
    [InlineData("Billing:Webhooks:AtOnce", "0")]
    [InlineData("Billing:Webhooks:AttemptTimeout", "00:01:00")]
    [InlineData("Billing:Webhooks:Lease", "00:00:20")]
    [InlineData("Billing:Webhooks:MaxPending", "0")]
    public async Task A_setting_that_cannot_be_used_ends_the_start_and_is_named(string key, string value)
    {
        await using var app = Build((key, value));
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains(key[..key.LastIndexOf(':')] + " cannot be used: " + key[(key.LastIndexOf(':') + 1)..], refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RequestWithin", "-1.00:00:00")]
    [InlineData("AutomaticWithin", "-1.00:00:00")]
    [InlineData("SecondPersonAbove:XXX", "1")]
    [InlineData("AutomaticUpTo:CNY", "-1")]
    public async Task A_setting_of_refunds_that_cannot_be_used_ends_the_start_and_is_named(string key, string value)
    {
        await using var app = Build(($"Billing:Orders:Refunds:{key}", value));
        var refused = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync(TestContext.Current.CancellationToken));
        Assert.Contains("Billing:Orders cannot be used: Refunds", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_that_can_be_used_are()
    {
        await using var app = Build(("Billing:Orders:MaxOpenOrders", "3"), ("Billing:Deadlines:Shards", "8"));
        await app.StartAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, app.Services.GetRequiredService<IOptions<OrderSettings>>().Value.MaxOpenOrders);
        Assert.Equal(8, app.Services.GetRequiredService<IOptions<DeadlineSettings>>().Value.Shards);
    }

    [Fact]
    public void A_store_that_could_never_commit_is_refused()
    {
        foreach (var options in new StorageOptions[]
        {
            new() { QueueLength = 0 }, new() { CommitSize = 0 }, new() { Committers = 0 }, new() { CommandTimeout = TimeSpan.Zero }, new() { DrainTimeout = TimeSpan.Zero },
            new() { SchemaTimeout = TimeSpan.FromSeconds(-1) }, new() { GatherTime = TimeSpan.FromMilliseconds(-1) }, new() { GatherTime = TimeSpan.FromHours(1) }, new() { SqlitePath = " " },
        })
        {
            Assert.Throws<SetupException>(() => new ServiceCollection().AddBillingStorage(options));
        }
    }

    static WebApplication Build(params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddGrainSettings();
        return builder.Build();
    }
}
