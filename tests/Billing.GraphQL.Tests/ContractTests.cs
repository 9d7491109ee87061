using Billing.Channels;
using Billing.Codes;
using Billing.GraphQL.Callbacks;
using Billing.Storage;
using Billing.Webhooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.GraphQL.Tests;

/// <summary>The API as it is printed stands in the repository, so that every change of it is seen and reviewed.</summary>
public sealed class ContractTests
{
    [Fact]
    public void The_printed_schema_is_the_one_in_the_repository()
    {
        using var services = Services();
        var printed = services.GetRequiredService<BillingSchema>().Print().ReplaceLineEndings("\n").TrimEnd() + "\n";
        var file = Path.Combine(Root(), "schema.graphql");
        if (Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1") File.WriteAllText(file, printed);

        Assert.True(
            File.Exists(file) && File.ReadAllText(file) == printed,
            "The API has changed. Look at the difference after `UPDATE_SNAPSHOTS=1 ./test.sh`; once published, it changes by adding and deprecating only.");
    }

    [Fact]
    public void The_same_schema_is_printed_every_time()
    {
        using var one = Services();
        using var other = Services();
        Assert.Equal(one.GetRequiredService<BillingSchema>().Print(), other.GetRequiredService<BillingSchema>().Print());
    }

    // Nothing of this is called: the schema only looks at which services there are.
    static ServiceProvider Services() => new ServiceCollection()
        .AddSingleton<IConfiguration>(new ConfigurationBuilder().Build())
        .AddBillingStorage(new StorageOptions { SqlitePath = Path.Combine(Path.GetTempPath(), "never-opened.db") })
        .AddSingleton<IGrainFactory>(_ => throw new InvalidOperationException("No grain is called."))
        .AddSingleton<CodeVault>(_ => throw new InvalidOperationException("No code is read."))
        .AddSingleton<WebhookSecrets>(_ => throw new InvalidOperationException("No secret is made."))
        .AddSingleton<IPaymentMethods>(_ => throw new InvalidOperationException("No method is used."))
        .AddSingleton<ICallbackReplay>(_ => throw new InvalidOperationException("No callback is replayed."))
        .AddBillingGraphQL()
        .AddBillingNouns()
        .BuildServiceProvider();

    static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Billing.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run inside the repository.");
    }
}
