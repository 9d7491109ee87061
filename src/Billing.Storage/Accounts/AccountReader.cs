using Billing.Accounts;

namespace Billing.Storage.Accounts;

/// <summary>Finds accounts.</summary>
public sealed class AccountReader
{
    internal const string Many = "SELECT key, document, version FROM accounts WHERE key = ANY(@ids)";

    readonly Reader reader;

    internal AccountReader(Database database) => reader = new(database);

    /// <summary>These accounts by their ids; who was never credited is left out.</summary>
    public async Task<IReadOnlyDictionary<string, Versioned<Account>>> Find(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        var rows = await reader.All<DocumentRow>(Many, new { ids = ids.ToArray() }, cancellation);
        return rows.ToDictionary(row => row.Key, row => row.Read<Account>(AccountDocument.Kind), StringComparer.Ordinal);
    }
}
