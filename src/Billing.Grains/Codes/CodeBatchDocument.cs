using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Billing.Codes;

/// <summary>The pinned storage of batches.</summary>
public static class CodeBatchDocument
{
    /// <summary>The noun, which is the grain type's name.</summary>
    public const string Noun = "code-batch";

    /// <summary>Its storage.</summary>
    public static readonly DocumentKind<CodeBatch, CodeBatchEvent> Kind = new(
        Noun,
        "code_batches",
        CodeBatchJson.Default.CodeBatch,
        CodeBatch.After,
        CodeBatch.NextDeadline,
        reference: happened => (happened as PlaceTaken)?.Reference,
        columns:
        [
            Column("status", ColumnType.Text, batch => batch switch
            {
                { Refusal: not null } => CodeBatch.RefusedStatus,
                { Disabling: not null } => "DISABLED",
                { IsIssued: true } => "ISSUED",
                _ => "ISSUING",
            }),
            Column("name", ColumnType.Text, batch => batch.Terms.Name),
            Column("created_at", ColumnType.Time, batch => batch.CreatedAt),
        ],
        events: new Dictionary<string, JsonTypeInfo>
        {
            ["BatchOrdered"] = CodeBatchJson.Default.BatchOrdered,
            ["BatchRefused"] = CodeBatchJson.Default.BatchRefused,
            ["CodesIssued"] = CodeBatchJson.Default.CodesIssued,
            ["BatchDisabled"] = CodeBatchJson.Default.BatchDisabled,
            ["CodesDisabled"] = CodeBatchJson.Default.CodesDisabled,
            ["PlaceTaken"] = CodeBatchJson.Default.PlaceTaken,
            ["CodesRevealed"] = CodeBatchJson.Default.CodesRevealed,
            ["CodesExported"] = CodeBatchJson.Default.CodesExported,
        });

    /// <summary>The terms as they are stored, field by field: records compare lists by identity.</summary>
    internal static Dictionary<string, string> Write(CodeBatchTerms terms) =>
        JsonSerializer.SerializeToElement(terms, CodeBatchJson.Default.CodeBatchTerms).EnumerateObject()
            .ToDictionary(field => field.Name, field => field.Value.GetRawText(), StringComparer.Ordinal);

    static DocumentColumn Column(string name, ColumnType type, Func<CodeBatch, object?> value) => DocumentKind<CodeBatch, CodeBatchEvent>.Column(name, type, value);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowOutOfOrderMetadataProperties = true)]
[JsonSerializable(typeof(CodeBatch))]
[JsonSerializable(typeof(BatchOrdered))]
[JsonSerializable(typeof(BatchRefused))]
[JsonSerializable(typeof(CodesIssued))]
[JsonSerializable(typeof(BatchDisabled))]
[JsonSerializable(typeof(CodesDisabled))]
[JsonSerializable(typeof(PlaceTaken))]
[JsonSerializable(typeof(CodesRevealed))]
[JsonSerializable(typeof(CodesExported))]
sealed partial class CodeBatchJson : JsonSerializerContext;
