using System.Data.Common;
using Microsoft.Extensions.Hosting;

namespace Billing.Storage;

/// <summary>Applies the schema before any hosted service starts: the silo reads its membership and its statements first of all.</summary>
sealed class SchemaAtStart(Database database, StorageOptions options) : IHostedLifecycleService
{
    /// <exception cref="SetupException">There is no database to be had, or it cannot be used.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        try
        {
            await database.ApplySchema(cancellationToken);
        }
        catch (DbException fault)
        {
            throw options.Unusable(fault);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
