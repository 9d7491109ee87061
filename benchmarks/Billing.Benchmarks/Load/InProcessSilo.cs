using System.Collections.Immutable;
using System.Security.Cryptography;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Codes;
using Billing.Orders;
using Billing.Storage;
using Billing.Unclaimed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;

namespace Billing.Benchmarks.Load;

/// <summary>A silo in the driver's process over either database: grains and their store, and nothing of the API.</summary>
static class InProcessSilo
{
    const int UsualPort = 11_511;

    /// <summary>The storage that the command line names.</summary>
    public static StorageOptions Storage(Options options)
    {
        var storage = new StorageOptions();
        storage.Committers = options.Number("--committers", storage.Committers);
        if (options.Text("--database") == "postgres") storage.PostgresConnectionString = options.Text("--at");
        else storage.SqlitePath = options.Text("--at");
        return storage;
    }

    public static async Task<IHost> Start(Options options)
    {
        var (storage, port) = (Storage(options), options.Number("--silo-port", UsualPort));
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        foreach (var kind in new DocumentKind[] { OrderDocument.Kind, AccountDocument.Kind, PlanDocument.Kind, UnclaimedPaymentDocument.Kind, CodeDocument.Kind, CodeBatchDocument.Kind })
            builder.Services.AddSingleton(kind);
        // Nobody else shall read these codes.
        builder.Services.AddSingleton(new CodeVault([new("benchmark", [.. RandomNumberGenerator.GetBytes(CodeKey.MinSecretLength)])]));
        builder.Services.Configure<CodeSettings>(codes => codes.IssueAtOnce = options.Number("--at-once", codes.IssueAtOnce));
        builder.Services.AddBillingStorage(storage);
        builder.UseOrleans(silo =>
        {
            silo.UseBillingStorage(storage);
            if (storage.UsesPostgres)
            {
                silo.Configure<EndpointOptions>(endpoint => (endpoint.SiloPort, endpoint.GatewayPort, endpoint.AdvertisedIPAddress) = (port, 0, System.Net.IPAddress.Loopback));
                silo.Configure<ClusterOptions>(cluster => (cluster.ServiceId, cluster.ClusterId) = ("billing", "billing"));
            }
            else
            {
                silo.UseLocalhostClustering(port, gatewayPort: 0, serviceId: "billing", clusterId: "billing");
            }
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    /// <summary>Terms of a batch whose codes grant one credit.</summary>
    public static CodeBatchTerms Terms(int count, int maxRedemptionsPerCode = 1, int maxRedemptionsPerAccount = 1) => new(
        "Benchmark", count, [new CreditGrant(Credits.Whole(1), null)], "", null, null, maxRedemptionsPerCode, maxRedemptionsPerAccount, null, null,
        ImmutableArray<EligibilityRule>.Empty, null, null);
}
