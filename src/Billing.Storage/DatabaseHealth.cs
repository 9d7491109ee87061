using System.Data.Common;

namespace Billing.Storage;

/// <summary>Whether the database answers.</summary>
public sealed class DatabaseHealth
{
    readonly Database database;

    internal DatabaseHealth(Database database) => this.database = database;

    /// <summary>Null when it does, otherwise why not.</summary>
    public async Task<Exception?> Answers(CancellationToken cancellation)
    {
        try
        {
            await using var connection = await database.Open(cancellation);
            await using var command = connection.CreateCommand();
            command.CommandText = "SELECT 1";
            await command.ExecuteScalarAsync(cancellation);
            return null;
        }
        catch (Exception fault) when (fault is DbException or TimeoutException or InvalidOperationException)
        {
            return fault;
        }
    }
}
