using Billing.Testing;

[assembly: AssemblyFixture(typeof(Billing.Storage.Tests.PostgresFixture))]

namespace Billing.Storage.Tests;

/// <summary>The server that all tests of this assembly share.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    public PostgresServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await PostgresServer.Start();

    public async ValueTask DisposeAsync() => await Server.DisposeAsync();
}
