using Billing.Reconciliations;

namespace Billing.Storage.Reconciliations;

/// <summary>Where a page of reconciliations ended.</summary>
/// <param name="Day">The last one's day.</param>
/// <param name="MethodId">Its method.</param>
public readonly record struct ReconciliationCursor(DateOnly Day, string MethodId);

/// <summary>Lists the comparisons with the providers.</summary>
public sealed class ReconciliationReader
{
    /// <summary>Newest first; the cursor is the last row's (day, method_id).</summary>
    internal const string Newest = """
        SELECT document FROM reconciliations
        WHERE (day, method_id) < (@day, @after) /* filter */
        ORDER BY day DESC, method_id DESC LIMIT @limit
        """;

    /// <summary>Those of these (method, day).</summary>
    internal const string Many = """
        SELECT document FROM reconciliations
        WHERE (method_id, day) IN (VALUES /* pairs */)
        """;

    internal const string OfMethod = "\n    AND method_id = @methodId";

    readonly Reader reader;
    readonly Reconciliations store;

    internal ReconciliationReader(Database database) => (reader, store) = (new(database), new(database));

    /// <summary>A page, newest first, after the cursor; of one method when it is given.</summary>
    public async Task<IReadOnlyList<Reconciliation>> NewestFirst(string? methodId, ReconciliationCursor? after, int limit, CancellationToken cancellation)
    {
        var (day, method) = after ?? new(DateOnly.MaxValue, "");
        var parameters = new Dictionary<string, object>(StringComparer.Ordinal) { ["day"] = Reconciliations.Text(day), ["after"] = method, ["limit"] = limit };
        if (methodId is not null) parameters.Add("methodId", methodId);
        var rows = await reader.All<string>(Newest.Replace("/* filter */", methodId is null ? "" : OfMethod, StringComparison.Ordinal), parameters, cancellation);
        return [.. rows.Select(Reconciliations.Read)];
    }

    /// <summary>These methods' days; what was not compared is left out.</summary>
    public async Task<IReadOnlyList<Reconciliation>> Find(IReadOnlyCollection<(string MethodId, DateOnly Day)> days, CancellationToken cancellation)
    {
        var rows = await reader.OfPairs<string>(Many, [.. days.Select(one => ((object)one.MethodId, (object)Reconciliations.Text(one.Day)))], cancellation);
        return [.. rows.Select(Reconciliations.Read)];
    }

    /// <summary>A method's day; null when it was not compared.</summary>
    public Task<Reconciliation?> Find(string methodId, DateOnly day, CancellationToken cancellation) => store.Find(methodId, day, cancellation);
}
