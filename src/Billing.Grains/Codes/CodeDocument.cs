using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Billing.Codes;

/// <summary>The pinned storage of codes.</summary>
public static class CodeDocument
{
    /// <summary>The noun, which is the grain type's name.</summary>
    public const string Noun = "code";

    /// <summary>The unique index over the batches' codes.</summary>
    public const string OrdinalIndex = "redemption_codes_of_batch";

    /// <summary>Its storage. A code's journal holds each step of a redemption once, and over all codes an account's place in a batch and a source of assignment once.</summary>
    public static readonly DocumentKind<Code, CodeEvent> Kind = new(
        Noun,
        "redemption_codes",
        CodeJson.Default.Code,
        Code.After,
        Code.NextDeadline,
        reference: happened => happened switch
        {
            CodeRedeemed e => RedeemedReference(e.Id),
            RedemptionRefused e => RefusedReference(e.Id),
            ReversalBegun e => ReversalReference(e.Id),
            RedemptionReversed e => ReversedReference(e.Id),
            _ => null,
        },
        columns:
        [
            Column("batch_id", ColumnType.Text, code => code.BatchId),
            Column("ordinal", ColumnType.Long, code => (long)code.Ordinal),
            Column("status", ColumnType.Text, code => StoredStatus(code.Status)),
            Column("redemptions", ColumnType.Long, code => (long)code.Redemptions),
            Column("redeemed_by", ColumnType.Text, code => code.Last?.Account),
            Column("redeemed_at", ColumnType.Time, code => code.Last?.At),
            Column("assigned_to", ColumnType.Text, code => code.AssignedTo),
            Column("open_work_items", ColumnType.Long, code => (long)code.OpenWorkItems),
        ],
        events: new Dictionary<string, JsonTypeInfo>
        {
            ["CodeIssued"] = CodeJson.Default.CodeIssued,
            ["CodeRedeemed"] = CodeJson.Default.CodeRedeemed,
            ["RedemptionPlaced"] = CodeJson.Default.RedemptionPlaced,
            ["RedemptionRefused"] = CodeJson.Default.RedemptionRefused,
            ["RedemptionCredited"] = CodeJson.Default.RedemptionCredited,
            ["CreditDelayed"] = CodeJson.Default.CreditDelayed,
            ["CreditStuck"] = CodeJson.Default.CreditStuck,
            ["CodeDisabled"] = CodeJson.Default.CodeDisabled,
            ["CodeAssigned"] = CodeJson.Default.CodeAssigned,
            ["ReversalBegun"] = CodeJson.Default.ReversalBegun,
            ["RedemptionReversed"] = CodeJson.Default.RedemptionReversed,
        },
        claim: happened => happened switch
        {
            CodeRedeemed e => PlaceClaim(e.BatchId, e.Account, e.Place),
            CodeAssigned e => SourceClaim(e.BatchId, e.Source),
            _ => null,
        });

    /// <summary>A redemption's reference in the code's journal.</summary>
    public static string RedeemedReference(string id) => "redeemed:" + id;

    /// <summary>The reference of a redemption's refusal by its batch.</summary>
    public static string RefusedReference(string id) => "refused:" + id;

    /// <summary>The reference of a reversal's beginning.</summary>
    public static string ReversalReference(string id) => "reversal:" + id;

    /// <summary>The reference of a reversal's end.</summary>
    public static string ReversedReference(string id) => "reversed:" + id;

    /// <summary>An account's place in a batch: over all codes each is taken once.</summary>
    public static string PlaceClaim(string batchId, string account, int place) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{PlaceClaims(batchId, account)}{place}");

    /// <summary>What the claims of all of an account's places in a batch begin with; a number follows.</summary>
    public static string PlaceClaims(string batchId, string account) => $"account:{batchId}:{account}:";

    /// <summary>A source of assignment: it is given one code of a batch.</summary>
    public static string SourceClaim(string batchId, string source) => $"source:{batchId}:{source}";

    /// <summary>The reference of a redemption in its account's ledger.</summary>
    public static string LedgerReference(string key, string id) => $"code:{key}:{id}";

    /// <summary>A status as it is stored, the same word as in the API. Pinned: a rename does not reach it. Expired is not stored: the batch's window tells.</summary>
    public static string StoredStatus(CodeStatus status) => status switch
    {
        CodeStatus.Active => "ACTIVE",
        CodeStatus.Redeemed => "REDEEMED",
        CodeStatus.Disabled => "DISABLED",
        _ => throw new InvalidOperationException($"{status} is not stored."),
    };

    static DocumentColumn Column(string name, ColumnType type, Func<Code, object?> value) => DocumentKind<Code, CodeEvent>.Column(name, type, value);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(Code))]
[JsonSerializable(typeof(CodeIssued))]
[JsonSerializable(typeof(CodeRedeemed))]
[JsonSerializable(typeof(RedemptionPlaced))]
[JsonSerializable(typeof(RedemptionRefused))]
[JsonSerializable(typeof(RedemptionCredited))]
[JsonSerializable(typeof(CreditDelayed))]
[JsonSerializable(typeof(CreditStuck))]
[JsonSerializable(typeof(CodeDisabled))]
[JsonSerializable(typeof(CodeAssigned))]
[JsonSerializable(typeof(ReversalBegun))]
[JsonSerializable(typeof(RedemptionReversed))]
sealed partial class CodeJson : JsonSerializerContext;
