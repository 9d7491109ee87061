using System.Runtime.CompilerServices;
using Billing.Codes;

namespace Billing.Storage.Verify;

/// <summary>A redemption beside all that must agree with it.</summary>
/// <param name="CodeKey">The code's key.</param>
/// <param name="Redeemed">It.</param>
/// <param name="IsRefused">Whether its batch refused it.</param>
/// <param name="HasPlace">Whether the batch's journal has the place that it took.</param>
/// <param name="Credited">The credits of its entry in the account's ledger; null when there is none.</param>
/// <param name="IsReversing">Whether its reversal began.</param>
/// <param name="Reversed">The end of its reversal.</param>
/// <param name="TakenBack">The credits of the reversal's entry in the account's ledger, negative; null when there is none.</param>
/// <param name="DaysTakenBack">The days of that entry.</param>
/// <param name="Owing">The code, when it owes something and this redemption lacks something.</param>
public sealed record AuditedRedemption(
    string CodeKey, CodeRedeemed Redeemed, bool IsRefused, bool HasPlace, long? Credited, bool IsReversing, RedemptionReversed? Reversed, long? TakenBack, long? DaysTakenBack,
    Code? Owing);

/// <summary>A batch and the codes that are stored of it.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Stored">How many codes there are.</param>
/// <param name="Ordinals">How many different ordinals they have.</param>
/// <param name="Highest">The highest of these.</param>
/// <param name="Active">How many codes can be redeemed, as their status says.</param>
public sealed record AuditedBatch(CodeBatch Batch, long Stored, long Ordinals, long Highest, long Active);

/// <summary>An entry of an account's ledger that says it is a redemption's, and is nobody's.</summary>
/// <param name="Account">Whose ledger.</param>
/// <param name="Reference">The entry.</param>
public sealed record StrayEntry(string Account, string Reference);

/// <summary>An account that took more places in a batch than it may.</summary>
/// <param name="Account">The account.</param>
/// <param name="BatchId">The batch.</param>
/// <param name="Places">How many it took.</param>
public sealed record OverdrawnAccount(string Account, string BatchId, long Places);

/// <summary>Compares codes, batches and accounts with each other: a statement for each question, hence one moment, and row by row however many there are.</summary>
public sealed class RedemptionAudit
{
    /// <summary>Every redemption with its refusal, its place, its credit and its reversal. The code's document comes along only where one of these is missing and still owed.</summary>
    internal const string Redemptions = """
        SELECT redeemed.key AS CodeKey, redeemed.data AS Redeemed, refused.type AS Refused, place.type AS Place, begun.type AS Begun, reversed.data AS Reversed,
            CAST(entry.data ->> 'credits' AS bigint) AS Credited, CAST(back.data ->> 'credits' AS bigint) AS TakenBack, CAST(back.data ->> 'days' AS bigint) AS DaysTakenBack,
            CASE WHEN code.next_deadline IS NOT NULL AND (
                entry.key IS NULL OR (begun.key IS NOT NULL AND reversed.key IS NULL)
                OR (place.key IS NULL AND CAST(redeemed.data ->> 'needsPlace' AS text) IN ('true', '1'))
            ) THEN code.document END AS Owing
        FROM journal AS redeemed
        LEFT JOIN redemption_codes AS code ON code.key = redeemed.key
        LEFT JOIN journal AS refused
            ON refused.noun = 'code' AND refused.key = redeemed.key AND refused.reference = 'refused:' || (redeemed.data ->> 'id')
        LEFT JOIN journal AS begun
            ON begun.noun = 'code' AND begun.key = redeemed.key AND begun.reference = 'reversal:' || (redeemed.data ->> 'id')
        LEFT JOIN journal AS reversed
            ON reversed.noun = 'code' AND reversed.key = redeemed.key AND reversed.reference = 'reversed:' || (redeemed.data ->> 'id')
        LEFT JOIN journal AS place
            ON place.noun = 'code-batch' AND place.key = (redeemed.data ->> 'batchId') AND place.reference = redeemed.key || ':' || (redeemed.data ->> 'id')
        LEFT JOIN journal AS entry
            ON entry.noun = 'account' AND entry.key = (redeemed.data ->> 'account') AND entry.reference = 'code:' || redeemed.key || ':' || (redeemed.data ->> 'id')
        LEFT JOIN journal AS back
            ON back.noun = 'account' AND back.key = (redeemed.data ->> 'account') AND back.reference = 'reversal:code:' || redeemed.key || ':' || (redeemed.data ->> 'id')
        WHERE redeemed.noun = 'code' AND redeemed.type = 'CodeRedeemed'
        """;

    /// <summary>
    /// A reference is <c>code:</c>, the code's key of 26 characters, <c>:</c> and the redemption's id; of a reversal with <c>reversal:</c> before it.
    /// </summary>
    internal const string Strays = """
        SELECT entry.key AS Account, entry.reference AS Reference
        FROM (
            SELECT key, reference, substr(reference, 1, 9) = 'reversal:' AS is_reversal,
                CASE WHEN substr(reference, 1, 9) = 'reversal:' THEN substr(reference, 10) ELSE reference END AS granted
            FROM journal WHERE noun = 'account' AND (data ->> 'kind') = 'Redemption'
        ) AS entry
        LEFT JOIN journal AS redeemed
            ON redeemed.noun = 'code' AND redeemed.key = substr(entry.granted, 6, 26) AND redeemed.reference = 'redeemed:' || substr(entry.granted, 33)
        LEFT JOIN journal AS refused
            ON refused.noun = 'code' AND refused.key = substr(entry.granted, 6, 26) AND refused.reference = 'refused:' || substr(entry.granted, 33)
        LEFT JOIN journal AS begun
            ON begun.noun = 'code' AND begun.key = substr(entry.granted, 6, 26) AND begun.reference = 'reversal:' || substr(entry.granted, 33)
        WHERE substr(entry.granted, 1, 5) <> 'code:' OR redeemed.key IS NULL OR refused.key IS NOT NULL OR (redeemed.data ->> 'account') <> entry.key
            OR (entry.is_reversal AND begun.key IS NULL)
        """;

    /// <summary>A redemption that was refused keeps its place, so all are counted.</summary>
    internal const string Overdrawn = """
        SELECT taken.account AS Account, taken.batch_id AS BatchId, taken.places AS Places
        FROM (
            SELECT data ->> 'batchId' AS batch_id, data ->> 'account' AS account, count(*) AS places
            FROM journal WHERE noun = 'code' AND type = 'CodeRedeemed'
            GROUP BY data ->> 'batchId', data ->> 'account'
        ) AS taken
        JOIN code_batches AS batch ON batch.key = taken.batch_id
        WHERE taken.places > CAST(batch.document -> 'terms' ->> 'maxRedemptionsPerAccount' AS bigint)
        """;

    internal const string Batches = """
        SELECT batch.document AS Document, coalesce(codes.stored, 0) AS Stored, coalesce(codes.ordinals, 0) AS Ordinals, coalesce(codes.highest, 0) AS Highest,
            coalesce(codes.active, 0) AS Active
        FROM code_batches AS batch
        LEFT JOIN (
            SELECT batch_id, count(*) AS stored, count(DISTINCT ordinal) AS ordinals, max(ordinal) AS highest, count(CASE WHEN status = 'ACTIVE' THEN 1 END) AS active
            FROM redemption_codes GROUP BY batch_id
        ) AS codes ON codes.batch_id = batch.key
        """;

    internal const string Orphans = """
        SELECT DISTINCT batch_id AS BatchId FROM redemption_codes
        WHERE NOT EXISTS (SELECT 1 FROM code_batches AS batch WHERE batch.key = batch_id AND batch.status <> 'REFUSED')
        """;

    readonly Reader reader;

    internal RedemptionAudit(Database database) => reader = new(database);

    /// <summary>Every redemption that was ever stored.</summary>
    public async IAsyncEnumerable<AuditedRedemption> AllRedemptions([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var row in reader.Stream<Row>(Redemptions, new { }, cancellation))
        {
            yield return new(
                row.CodeKey, (CodeRedeemed)CodeDocument.Kind.ReadEvent(nameof(CodeRedeemed), row.Redeemed), row.Refused is not null, row.Place is not null, row.Credited,
                row.Begun is not null, row.Reversed is null ? null : (RedemptionReversed)CodeDocument.Kind.ReadEvent(nameof(RedemptionReversed), row.Reversed), row.TakenBack,
                row.DaysTakenBack, row.Owing is null ? null : (Code)CodeDocument.Kind.ReadState(row.Owing));
        }
    }

    /// <summary>Entries of redemptions that are nobody's.</summary>
    public async IAsyncEnumerable<StrayEntry> StrayEntries([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var row in reader.Stream<AccountRow>(Strays, new { }, cancellation)) yield return new(row.Account, row.Reference);
    }

    /// <summary>Accounts with more places in a batch than they may have.</summary>
    public async IAsyncEnumerable<OverdrawnAccount> OverdrawnAccounts([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var row in reader.Stream<AccountRow>(Overdrawn, new { }, cancellation)) yield return new(row.Account, row.BatchId, row.Places);
    }

    /// <summary>Every batch, refused ones too, and what is stored of it.</summary>
    public async IAsyncEnumerable<AuditedBatch> AllBatches([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var row in reader.Stream<BatchRow>(Batches, new { }, cancellation))
            yield return new((CodeBatch)CodeBatchDocument.Kind.ReadState(row.Document), row.Stored, row.Ordinals, row.Highest, row.Active);
    }

    /// <summary>Ids of batches that have codes and do not exist, or were refused.</summary>
    public async IAsyncEnumerable<string> OrphanedBatchIds([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var row in reader.Stream<OrphanRow>(Orphans, new { }, cancellation)) yield return row.BatchId;
    }

    sealed class Row
    {
        public string CodeKey { get; init; } = "";

        public string Redeemed { get; init; } = "";

        public string? Refused { get; init; }

        public string? Place { get; init; }

        public string? Begun { get; init; }

        public string? Reversed { get; init; }

        public long? Credited { get; init; }

        public long? TakenBack { get; init; }

        public long? DaysTakenBack { get; init; }

        public string? Owing { get; init; }
    }

    sealed class AccountRow
    {
        public string Account { get; init; } = "";

        public string Reference { get; init; } = "";

        public string BatchId { get; init; } = "";

        public long Places { get; init; }
    }

    sealed class OrphanRow
    {
        public string BatchId { get; init; } = "";
    }

    sealed class BatchRow
    {
        public string Document { get; init; } = "";

        public long Stored { get; init; }

        public long Ordinals { get; init; }

        public long Highest { get; init; }

        public long Active { get; init; }
    }
}
