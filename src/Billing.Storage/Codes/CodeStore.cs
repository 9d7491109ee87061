using Billing.Codes;
using Billing.Storage.Documents;

namespace Billing.Storage.Codes;

/// <summary>Codes in bulk, without a grain for each.</summary>
sealed class CodeStore(Database database) : ICodeStore
{
    internal const string Highest = "SELECT coalesce(max(ordinal), 0) FROM redemption_codes WHERE batch_id = @batchId";

    internal const string HighestGiven = "SELECT coalesce(max(ordinal), 0) FROM redemption_codes WHERE batch_id = @batchId AND assigned_to IS NOT NULL";

    /// <summary>Those in between that were used or given are passed over; the cursor is the last one that was given, so they are few.</summary>
    internal const string UnusedInOrder = """
        SELECT key, document, version FROM redemption_codes
        WHERE batch_id = @batchId AND status = 'ACTIVE' AND ordinal > @ordinal AND redemptions = 0 AND assigned_to IS NULL
        ORDER BY ordinal LIMIT @limit
        """;

    /// <summary>Whether a batch still takes codes. Its row stays as it is until they are stored, so whoever disables it finds them.</summary>
    internal const string IsOpen = "SELECT status <> 'DISABLED' FROM code_batches WHERE key = @batchId FOR SHARE";

    /// <summary>The same where one writes at a time.</summary>
    internal const string IsOpenForOneWriter = "SELECT status <> 'DISABLED' FROM code_batches WHERE key = @batchId";

    readonly Reader reader = new(database);

    public Task<bool> Issue(IEnumerable<CodeIssued> codes, Actor actor, CancellationToken cancellation)
    {
        var batchId = "";
        return database.Insert(CodeDocument.Kind, codes.Select(Made), new(database.Words(IsOpen, IsOpenForOneWriter), () => new { batchId }), cancellation);

        PendingDocument Made(CodeIssued issued)
        {
            batchId = issued.BatchId;
            return First(issued, actor);
        }
    }

    public async Task<int> IssuedUpTo(string batchId, CancellationToken cancellation) => (int)await reader.One<long>(Highest, new { batchId }, cancellation);

    public async Task<IReadOnlyList<Versioned<Code>>> After(string batchId, int ordinal, int limit, CancellationToken cancellation) =>
        Codes(await reader.All<DocumentRow>(CodeReader.InOrder, new { batchId, ordinal, limit }, cancellation));

    public async Task<IReadOnlyList<Versioned<Code>>> Unused(string batchId, int ordinal, int limit, CancellationToken cancellation) =>
        Codes(await reader.All<DocumentRow>(UnusedInOrder, new { batchId, ordinal, limit }, cancellation));

    public async Task<int> GivenUpTo(string batchId, CancellationToken cancellation) => (int)await reader.One<long>(HighestGiven, new { batchId }, cancellation);

    static PendingDocument First(CodeIssued issued, Actor actor) => PendingDocument.Of(
        CodeDocument.Kind, issued.Key, 0, new Document { State = Code.After(null, issued), Entries = [new(issued, issued.At, actor)] });

    static IReadOnlyList<Versioned<Code>> Codes(IReadOnlyList<DocumentRow> rows) => [.. rows.Select(row => row.Read<Code>(CodeDocument.Kind))];
}
