using Billing.Catalog;

namespace Billing.Storage.Catalog;

/// <summary>Lists the plans.</summary>
public sealed class PlanReader
{
    /// <summary>The shop's order. There are as many plans as people can tell apart: they come in one piece.</summary>
    internal const string InOrder = "SELECT key, document, version FROM plans ORDER BY sort_order, key LIMIT @limit";

    internal const string Many = "SELECT key, document, version FROM plans WHERE key = ANY(@slugs)";

    /// <summary>More plans than this are not shown.</summary>
    public const int MaxPlans = 1_000;

    readonly Reader reader;

    internal PlanReader(Database database) => reader = new(database);

    /// <summary>These plans by their names; what does not exist is left out.</summary>
    public async Task<IReadOnlyDictionary<string, Versioned<Plan>>> Find(IReadOnlyCollection<string> slugs, CancellationToken cancellation)
    {
        var rows = await reader.All<DocumentRow>(Many, new { slugs = slugs.ToArray() }, cancellation);
        return rows.ToDictionary(row => row.Key, row => row.Read<Plan>(PlanDocument.Kind), StringComparer.Ordinal);
    }

    /// <summary>All plans, on sale or not, in the shop's order.</summary>
    public async Task<IReadOnlyList<Versioned<Plan>>> All(CancellationToken cancellation)
    {
        var rows = await reader.All<DocumentRow>(InOrder, new { limit = MaxPlans }, cancellation);
        return [.. rows.Select(row => row.Read<Plan>(PlanDocument.Kind))];
    }
}
