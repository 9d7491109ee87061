using Billing.Orders;

namespace Billing.Storage.WorkItems;

/// <summary>A work item and where it is.</summary>
/// <param name="Noun">The noun of the document that it belongs to.</param>
/// <param name="Key">That document's key: an order's number, or an unclaimed payment's id.</param>
/// <param name="Item">The item.</param>
public sealed record FoundWorkItem(string Noun, string Key, WorkItem Item);

/// <summary>Where a page of work items ended.</summary>
/// <param name="OpenedAt">When the last one was opened.</param>
/// <param name="Id">Its id.</param>
public readonly record struct WorkItemCursor(DateTimeOffset OpenedAt, string Id);

/// <summary>How many work items of a kind are open.</summary>
/// <param name="Kind">Which kind.</param>
/// <param name="Count">How many.</param>
/// <param name="OldestOpenedAt">Since when the oldest waits.</param>
public sealed record OpenWorkItems(WorkItemKind Kind, long Count, DateTimeOffset OldestOpenedAt);

/// <summary>Lists what needs a person.</summary>
public sealed class WorkItemReader
{
    /// <summary>Oldest first, because that is the order in which they should be decided; the cursor is the last row's (opened_at, id).</summary>
    internal const string Oldest = """
        SELECT noun, key, id, kind, detail, opened_at AS OpenedAt, resolved_at AS ResolvedAt, resolution, resolved_by AS ResolvedBy, note,
            refund_number AS RefundNumber FROM work_items
        WHERE (opened_at, id) > (@openedAt, @id) /* filter */
        ORDER BY opened_at, id LIMIT @limit
        """;

    /// <summary>An item's id is its document's key and a number.</summary>
    internal const string Many = """
        SELECT noun, key, id, kind, detail, opened_at AS OpenedAt, resolved_at AS ResolvedAt, resolution, resolved_by AS ResolvedBy, note,
            refund_number AS RefundNumber FROM work_items
        WHERE key = ANY(@keys) AND id = ANY(@ids)
        """;

    /// <summary>By kind, from the indexes over what is open.</summary>
    internal const string Counts = """
        SELECT kind, count(*) AS Count, min(opened_at) AS OldestOpenedAt FROM work_items
        WHERE open_work_items > 0 AND resolved_at IS NULL
        GROUP BY kind ORDER BY kind
        """;

    internal const string Open = "\n    AND open_work_items > 0 AND resolved_at IS NULL";
    const string Resolved = "\n    AND resolved_at IS NOT NULL";
    const string OfKinds = "\n    AND kind = ANY(@kinds)";

    readonly Reader reader;

    internal WorkItemReader(Database database) => reader = new(database);

    /// <summary>A page, oldest first, after the cursor: from indexes over the documents that have open ones, or ever had any.</summary>
    public async Task<IReadOnlyList<FoundWorkItem>> OldestFirst(
        bool? open, IReadOnlyCollection<WorkItemKind>? kinds, WorkItemCursor? after, int limit, CancellationToken cancellation)
    {
        var (openedAt, id) = after ?? new(DateTimeOffset.MinValue, "");
        var filter = open switch { true => Open, false => Resolved, null => "" };
        var parameters = new Dictionary<string, object>(StringComparer.Ordinal) { ["openedAt"] = openedAt, ["id"] = id, ["limit"] = limit };
        if (kinds is not null)
        {
            filter += OfKinds;
            // In documents a kind is written as it is named in the code, where its stored name is pinned.
            parameters.Add("kinds", kinds.Select(kind => kind.ToString()).ToArray());
        }

        var rows = await reader.All<Row>(Oldest.Replace("/* filter */", filter, StringComparison.Ordinal), parameters, cancellation);
        return [.. rows.Select(row => row.Found())];
    }

    /// <summary>These items by their ids; what does not exist is left out.</summary>
    public async Task<IReadOnlyList<FoundWorkItem>> Find(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        var keys = ids.Where(id => id.Contains('-', StringComparison.Ordinal)).Select(id => id[..id.LastIndexOf('-')]).Distinct().ToArray();
        var rows = await reader.All<Row>(Many, new { keys, ids = ids.ToArray() }, cancellation);
        return [.. rows.Select(row => row.Found())];
    }

    /// <summary>How many are open, of each kind that there is.</summary>
    public async Task<IReadOnlyList<OpenWorkItems>> CountOpen(CancellationToken cancellation) =>
        [.. (await reader.All<CountRow>(Counts, new { }, cancellation)).Select(row => new OpenWorkItems(Enum.Parse<WorkItemKind>(row.Kind), row.Count, row.OldestOpenedAt))];

    sealed class CountRow
    {
        public string Kind { get; init; } = "";

        public long Count { get; init; }

        public DateTimeOffset OldestOpenedAt { get; init; }
    }

    sealed class Row
    {
        public string Noun { get; init; } = "";

        public string Key { get; init; } = "";

        public string Id { get; init; } = "";

        public string Kind { get; init; } = "";

        public string Detail { get; init; } = "";

        public DateTimeOffset OpenedAt { get; init; }

        public DateTimeOffset? ResolvedAt { get; init; }

        public string? Resolution { get; init; }

        public string? ResolvedBy { get; init; }

        public string? Note { get; init; }

        public string? RefundNumber { get; init; }

        public FoundWorkItem Found() => new(Noun, Key, new(Id, Enum.Parse<WorkItemKind>(Kind), Detail, OpenedAt, ResolvedAt)
        {
            Resolution = Resolution is null ? null : Enum.Parse<WorkItemResolution>(Resolution),
            ResolvedBy = ResolvedBy,
            Note = Note,
            RefundNumber = RefundNumber,
        });
    }
}
