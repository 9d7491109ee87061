using System.Net;
using Billing.Storage;
using Orleans.Configuration;

namespace Billing.Silo;

/// <summary>What the host itself is told: its address, its database, its cluster.</summary>
sealed class HostSettings
{
    /// <summary>The database.</summary>
    public required StorageOptions Storage { get; init; }

    /// <summary>Where buyers and providers reach this service; ends with a slash.</summary>
    public required Uri PublicUrl { get; init; }

    /// <summary>The port that silos reach each other on.</summary>
    public required int SiloPort { get; init; }

    /// <summary>The address that other silos reach this one at; the first of the machine's when it is not given.</summary>
    public required IPAddress? AdvertisedAddress { get; init; }

    public static HostSettings Read(WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        var storage = configuration.GetSection("Billing:Storage").Get<StorageOptions>() ?? new();
        storage.PostgresConnectionString = configuration.GetConnectionString("Billing") ?? storage.PostgresConnectionString;
        return new()
        {
            Storage = storage,
            PublicUrl = ReadPublicUrl(configuration, builder.Environment),
            SiloPort = configuration.GetValue("Billing:Cluster:SiloPort", 11_111),
            AdvertisedAddress = ReadAdvertisedAddress(configuration) ?? (builder.Environment.IsDevelopment() ? IPAddress.Loopback : null),
        };
    }

    /// <summary>On SQLite the silo is alone. On PostgreSQL it finds the others in the database.</summary>
    public void UseCluster(ISiloBuilder silo)
    {
        const string name = "billing";
        if (!Storage.UsesPostgres)
        {
            silo.UseLocalhostClustering(SiloPort, gatewayPort: 0, serviceId: name, clusterId: name);
            return;
        }

        silo.Configure<ClusterOptions>(cluster =>
        {
            // Part of every stored reminder's key: never change it.
            cluster.ServiceId = name;
            cluster.ClusterId = name;
        });
        silo.Configure<EndpointOptions>(endpoint =>
        {
            endpoint.SiloPort = SiloPort;
            endpoint.GatewayPort = 0;
            if (AdvertisedAddress is { } address) endpoint.AdvertisedIPAddress = address;
        });
        // A silo that was killed and comes back at another address waits until its old row is stale: three of these.
        silo.Configure<ClusterMembershipOptions>(membership => membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5));
    }

    static IPAddress? ReadAdvertisedAddress(ConfigurationManager configuration)
    {
        var given = configuration["Billing:Cluster:AdvertisedAddress"];
        if (string.IsNullOrEmpty(given)) return null;
        return IPAddress.TryParse(given, out var address) ? address : throw new SetupException($"Billing:Cluster:AdvertisedAddress is '{given}', which is no IP address.");
    }

    static Uri ReadPublicUrl(ConfigurationManager configuration, IHostEnvironment environment)
    {
        var given = configuration["Billing:PublicUrl"];
        if (given is null && !environment.IsDevelopment())
            throw new SetupException("Set Billing:PublicUrl to the address at which buyers and payment providers reach this service, such as https://billing.example.com/.");
        given ??= configuration["urls"]?.Split(';')[0] ?? "http://localhost:5000";
        var url = given.Replace("://*", "://localhost", StringComparison.Ordinal).Replace("://+", "://localhost", StringComparison.Ordinal)
            .Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal).Replace("://[::]", "://localhost", StringComparison.Ordinal);
        return Uri.TryCreate(url.EndsWith('/') ? url : url + "/", UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", Query: "" }
            ? address
            : throw new SetupException($"Billing:PublicUrl is '{given}', which is no http or https address.");
    }
}
