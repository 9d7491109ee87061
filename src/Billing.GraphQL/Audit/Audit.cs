using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Codes;
using Billing.Orders;
using Billing.Storage.Audit;
using GraphQL.DataLoader;

namespace Billing.GraphQL.Audit;

/// <summary>Something that an administrator did.</summary>
/// <param name="At">When.</param>
/// <param name="Actor">Who: the subject of their sign-in.</param>
/// <param name="What">What: the event's name in the journal, `PlanUpdated` for example.</param>
/// <param name="Noun">On what kind of thing: `order`, `account`, `plan`, `code`, `code-batch`, `callback` and so on.</param>
/// <param name="Key">On which; empty when it was on all of them.</param>
/// <param name="Note">Why they did it, where they said so.</param>
/// <param name="Data">The event as JSON, its secrets masked.</param>
public sealed record AuditEntry(DateTimeOffset At, string Actor, string What, string Noun, string Key, string? Note, string Data)
{
    internal AuditRow Source { get; private init; } = null!;

    internal static AuditEntry Of(AuditRow row)
    {
        var data = AuditData.Read(row);
        return new(row.At, row.Actor["admin:".Length..], row.Type, row.Noun, row.Key, AuditData.Note(data), data.ToJsonString(AuditData.Written)) { Source = row };
    }
}

/// <summary>What an act changed.</summary>
/// <param name="Field">The field's name.</param>
/// <param name="Before">What it was, as JSON; null when it was nothing.</param>
/// <param name="After">What it is since, as JSON; null when it is nothing.</param>
public sealed record AuditChange(string Field, string? Before, string? After);

/// <summary>Which acts to list; what is not given does not matter.</summary>
/// <param name="Actor">Of this administrator.</param>
/// <param name="Noun">On this kind of thing.</param>
/// <param name="Key">On this one.</param>
/// <param name="From">At that moment or later.</param>
/// <param name="To">Before that moment.</param>
public sealed record AuditFilter(string? Actor, string? Noun, string? Key, DateTimeOffset? From, DateTimeOffset? To);

/// <summary>What administrators did.</summary>
[QueryType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class AuditQueries
{
    /// <summary>Administrators: what administrators did, newest first: every change that bears their name in the journal, what they exported, and what they handed on again.</summary>
    public static async Task<Connection<AuditEntry>> GetAudit(int? first, string? after, AuditFilter? where, AuditReader audit, CancellationToken cancel)
    {
        var page = Page.From(first, after);
        var actor = Checked.Sought(where?.Actor) is { } name ? Actor.Administrator(name).Name : null;
        var rows = await audit.NewestFirst(
            new(actor, Checked.Sought(where?.Noun), Checked.Sought(where?.Key), where?.From, where?.To), page.Cursor is { } cursor ? Position(cursor) : null, page.Rows, cancel);
        return page.Connect(rows, AuditEntry.Of, row => Cursor.Write(row.At, $"{row.Source}:{row.Position.ToString(CultureInfo.InvariantCulture)}"));

        static AuditCursor Position(string cursor)
        {
            var (at, key) = Cursor.ReadTimeAndKey(cursor);
            var colon = key.IndexOf(':', StringComparison.Ordinal);
            return colon > 0 && long.TryParse(key.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var position)
                ? new(at, key[..colon], position)
                : throw new BadRequestFault(ErrorCodes.BadCursor, "This is not a cursor of this list.");
        }
    }
}

/// <summary>An act's further fields.</summary>
[ObjectType<AuditEntry>]
public static class AuditFields
{
    static readonly string[] PlanEvents = ["PlanCreated", "PlanUpdated"];

    /// <summary>The thing that it was done to, as it is now; null when it has no id in this API, or is not kept any more.</summary>
    [Cost(2)]
    public static IDataLoaderResult<INode?>? GetSubject([Parent] AuditEntry entry, Viewer viewer, IServiceProvider services, ClientInfo client) =>
        NodeOf(entry.Noun) is { } noun && entry.Key.Length > 0
            ? ((Nodes)services.GetService(typeof(Nodes))!).Load((GlobalId.Write(noun, entry.Key), new(viewer, Language.Of(client))))
            : null;

    /// <summary>What it changed, field by field, where the journal tells: the terms of a plan, the balance of an account.</summary>
    [Cost(2)]
    public static async Task<IReadOnlyList<AuditChange>> GetChanges([Parent] AuditEntry entry, AuditReader audit, CancellationToken cancel)
    {
        var after = AuditData.Read(entry.Source);
        switch (entry.Noun, entry.What)
        {
            case (PlanDocument.Noun, "PlanUpdated"):
                if (await audit.Previous(entry.Source, PlanEvents, cancel) is not { } previous) return [];
                var before = AuditData.Read(previous);
                return [.. AuditData.Differences(before["terms"] as JsonObject, after["terms"] as JsonObject), .. AuditData.Difference("stock", before["stock"], after["stock"])];
            case (AccountDocument.Noun, _) when after["balanceAfter"] is { } balance && after["credits"] is { } credits:
                return [new("balance", Credit(balance.GetValue<long>() - credits.GetValue<long>()), Credit(balance.GetValue<long>()))];
            default:
                return [];
        }
    }

    static string Credit(long micro) => new Credits(micro).Amount.ToString("0.######", CultureInfo.InvariantCulture);

    static string? NodeOf(string noun) => noun switch
    {
        OrderDocument.Noun => nameof(Orders.Order),
        AccountDocument.Noun => nameof(Accounts.Account),
        PlanDocument.Noun => nameof(Catalog.Plan),
        CodeDocument.Noun => nameof(Codes.RedemptionCode),
        CodeBatchDocument.Noun => nameof(Codes.CodeBatch),
        "callback" => nameof(Callbacks.Callback),
        "reconciliation" => nameof(Reconciliations.Reconciliation),
        _ => null,
    };
}

/// <summary>An event's data as the audit shows it. Pure.</summary>
static class AuditData
{
    const string Mask = "***";

    public static readonly JsonSerializerOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static readonly string[] Notes = ["note", "reason", "decisionNote"];

    /// <summary>What opens codes, and the signed addresses that let somebody pay. Wherever these names stand, and whatever they hold, they are masked.</summary>
    static readonly HashSet<string> Secrets = new(StringComparer.OrdinalIgnoreCase) { "sealed", "text", "vanity", "checkout", "secret", "signature", "code" };

    /// <summary>The data, its secrets masked.</summary>
    public static JsonObject Read(AuditRow row) => JsonNode.Parse(row.Data) is JsonObject data ? Masked(data) : [];

    /// <summary>Why, where the event says.</summary>
    public static string? Note(JsonObject data) =>
        Notes.Select(name => data[name]).OfType<JsonValue>().Select(value => value.TryGetValue<string>(out var text) ? text : null).FirstOrDefault(text => text is not null);

    /// <summary>The fields in which two objects differ, in the order of their names.</summary>
    public static IEnumerable<AuditChange> Differences(JsonObject? before, JsonObject? after) =>
        (before ?? []).Select(field => field.Key).Union((after ?? []).Select(field => field.Key)).Order(StringComparer.Ordinal)
            .SelectMany(name => Difference(name, before?[name], after?[name]));

    /// <summary>One field's difference; none when it is the same.</summary>
    public static IEnumerable<AuditChange> Difference(string name, JsonNode? before, JsonNode? after) =>
        JsonNode.DeepEquals(before, after) ? [] : [new(name, before?.ToJsonString(Written), after?.ToJsonString(Written))];

    static JsonObject Masked(JsonObject data)
    {
        var masked = new JsonObject();
        foreach (var (name, value) in data) masked[name] = Secrets.Contains(name) && value is not null ? Mask : Masked(value);
        return masked;
    }

    static JsonNode? Masked(JsonNode? node) => node switch
    {
        JsonObject named => Masked(named),
        JsonArray list => new JsonArray([.. list.Select(Masked)]),
        _ => node?.DeepClone(),
    };
}
