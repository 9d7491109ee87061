using System.Text;

namespace Billing.Storage.Audit;

/// <summary>Where a page of the audit ended: the last row's (at, source, position).</summary>
/// <param name="At">When the last act was.</param>
/// <param name="Source">Where it is kept.</param>
/// <param name="Position">Its place there.</param>
public readonly record struct AuditCursor(DateTimeOffset At, string Source, long Position);

/// <summary>Which acts; what is null does not matter.</summary>
/// <param name="Actor">Whose, as the journal names them: <c>admin:carol</c>.</param>
/// <param name="Noun">On what kind of thing.</param>
/// <param name="Key">On which.</param>
/// <param name="From">At or after.</param>
/// <param name="To">Before.</param>
public sealed record AuditFilter(string? Actor = null, string? Noun = null, string? Key = null, DateTimeOffset? From = null, DateTimeOffset? To = null);

/// <summary>An administrator's act.</summary>
/// <param name="Source">Where it is kept: <c>journal</c> or <c>act</c>.</param>
/// <param name="Position">Its place there.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who, with <c>admin:</c> before the name.</param>
/// <param name="Noun">On what kind of thing.</param>
/// <param name="Key">On which.</param>
/// <param name="Version">With which version of the document; 0 of an act that changed none.</param>
/// <param name="Type">What: the event's stored name.</param>
/// <param name="Data">The event as it is stored, with its secrets.</param>
public sealed record AuditRow(string Source, long Position, DateTimeOffset At, string Actor, string Noun, string Key, long Version, string Type, string Data);

/// <summary>What administrators did, from the journal and the acts.</summary>
public sealed class AuditReader
{
    /// <summary>
    /// Newest first; the cursor is the last row's (at, source, position). Each of the two is read from an index of its own, no further than a page. The conditions on
    /// the actor and the type are written as the journal's partial index has them.
    /// </summary>
    internal const string Newest = """
        SELECT source, position, at, actor, noun, key, version, type, data FROM (
            SELECT * FROM (
                SELECT 'journal' AS source, position, at, actor, noun, key, version, type, data FROM journal
                WHERE actor >= 'admin:' AND actor < 'admin;' AND type <> 'CodeIssued' AND at <= @at AND (at, 'journal', position) < (@at, @source, @position) /* filter */
                ORDER BY at DESC, position DESC LIMIT @limit
            ) AS documents
            UNION ALL
            SELECT * FROM (
                SELECT 'act' AS source, position, at, actor, noun, key, 0 AS version, type, data FROM acts
                WHERE at <= @at AND (at, 'act', position) < (@at, @source, @position) /* filter */
                ORDER BY at DESC, position DESC LIMIT @limit
            ) AS others
        ) AS both_of_them
        ORDER BY at DESC, source DESC, position DESC LIMIT @limit
        """;

    /// <summary>The last event of one of these types before a version: what the document said until then.</summary>
    internal const string Before = """
        SELECT 'journal' AS Source, position, at, actor, noun, key, version, type, data FROM journal
        WHERE noun = @noun AND key = @key AND version < @version AND type = ANY(@types)
        ORDER BY version DESC, ordinal DESC LIMIT 1
        """;

    readonly Reader reader;

    internal AuditReader(Database database) => reader = new(database);

    /// <summary>A page, newest first, after the cursor.</summary>
    public async Task<IReadOnlyList<AuditRow>> NewestFirst(AuditFilter filter, AuditCursor? after, int limit, CancellationToken cancellation)
    {
        var (clauses, parameters) = Clauses(filter, after, limit);
        var rows = await reader.All<Row>(Newest.Replace("/* filter */", clauses, StringComparison.Ordinal), parameters, cancellation);
        return [.. rows.Select(row => row.Read())];
    }

    /// <summary>The event of these types that an act of the journal came after; null when there is none.</summary>
    public async Task<AuditRow?> Previous(AuditRow act, IReadOnlyCollection<string> types, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(act);
        return (await reader.One<Row>(Before, new { noun = act.Noun, key = act.Key, version = act.Version, types = types.ToArray() }, cancellation))?.Read();
    }

    internal static (string Clauses, Dictionary<string, object> Parameters) Clauses(AuditFilter filter, AuditCursor? after, int limit)
    {
        // Above every source's name.
        var (at, source, position) = after ?? new(DateTimeOffset.MaxValue, "~", long.MaxValue);
        var clauses = new StringBuilder();
        var parameters = new Dictionary<string, object>(StringComparer.Ordinal) { ["at"] = at, ["source"] = source, ["position"] = position, ["limit"] = limit };
        Where("actor = @actor", "actor", filter.Actor);
        Where("noun = @noun", "noun", filter.Noun);
        Where("key = @key", "key", filter.Key);
        Where("at >= @from", "from", filter.From);
        Where("at < @to", "to", filter.To);
        return (clauses.ToString(), parameters);

        void Where(string clause, string name, object? value)
        {
            if (value is null) return;
            clauses.Append("\n            AND ").Append(clause);
            parameters.Add(name, value);
        }
    }

    sealed class Row
    {
        public string Source { get; init; } = "";

        public long Position { get; init; }

        public DateTimeOffset At { get; init; }

        public string Actor { get; init; } = "";

        public string Noun { get; init; } = "";

        public string Key { get; init; } = "";

        public long Version { get; init; }

        public string Type { get; init; } = "";

        public string Data { get; init; } = "";

        public AuditRow Read() => new(Source, Position, At, Actor, Noun, Key, Version, Type, Data);
    }
}
