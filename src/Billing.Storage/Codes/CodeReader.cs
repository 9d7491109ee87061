using System.Text;
using Billing.Codes;

namespace Billing.Storage.Codes;

/// <summary>How many codes of a batch are where.</summary>
/// <param name="Redemptions">How often its codes were redeemed.</param>
/// <param name="Disabled">How many of its codes are disabled.</param>
public sealed record CodeCounts(long Redemptions, int Disabled)
{
    /// <summary>Of a batch without codes.</summary>
    public static readonly CodeCounts None = new(0, 0);
}

/// <summary>The codes of a batch that are stored.</summary>
/// <param name="Count">How many they are.</param>
public sealed record StoredCodes(int Count);

/// <summary>What codes to list: all of these hold.</summary>
/// <param name="BatchId">Of this batch.</param>
/// <param name="Statuses">With one of these stored statuses, any when there are none; expired is none, the batch's window tells.</param>
/// <param name="Account">Given to this account or redeemed by it; anybody's when null.</param>
public sealed record CodeFilter(string BatchId, IReadOnlyCollection<CodeStatus>? Statuses = null, string? Account = null);

/// <summary>Finds, lists and counts codes.</summary>
public sealed class CodeReader
{
    internal const string Many = "SELECT key, document, version FROM redemption_codes WHERE key = ANY(@keys)";

    /// <summary>A batch's codes in their order; the cursor is the last row's ordinal.</summary>
    internal const string InOrder = """
        SELECT key, document, version FROM redemption_codes
        WHERE batch_id = @batchId AND ordinal > @ordinal
        ORDER BY ordinal LIMIT @limit
        """;

    /// <summary>Those of a status, from the index over both.</summary>
    internal const string OfStatus = """
        SELECT key, document, version FROM redemption_codes
        WHERE batch_id = @batchId AND status = @status AND ordinal > @ordinal
        ORDER BY ordinal LIMIT @limit
        """;

    /// <summary>Those of several statuses, in the order of the batch: as long as it is being disabled, nearly all are.</summary>
    internal const string OfStatuses = """
        SELECT key, document, version FROM redemption_codes
        WHERE batch_id = @batchId AND status = ANY(@statuses) AND ordinal > @ordinal
        ORDER BY ordinal LIMIT @limit
        """;

    /// <summary>
    /// An account's codes of a batch: those that were given to it, by their index, and those that it redeemed, by its claims in the batch, which are as many as it may
    /// redeem. Claims that begin so may be of an account whose name goes on; redemptions that the batch had no place for do not count.
    /// </summary>
    internal const string OfAccount = """
        SELECT code.key, code.document, code.version FROM (
            SELECT given.key FROM redemption_codes AS given
            WHERE given.assigned_to = @account AND given.batch_id = @batchId AND given.ordinal > @ordinal
            UNION
            SELECT redeemed.key FROM journal AS redeemed
            WHERE redeemed.noun = 'code' AND redeemed.claim >= @from AND redeemed.claim < @to AND redeemed.actor = @actor
                AND NOT EXISTS (
                    SELECT 1 FROM journal AS refused
                    WHERE refused.noun = 'code' AND refused.key = redeemed.key AND refused.reference = 'refused:' || (redeemed.data ->> 'id')
                )
        ) AS mine
        JOIN redemption_codes AS code ON code.key = mine.key
        WHERE code.ordinal > @ordinal AND code.status = ANY(@statuses)
        ORDER BY code.ordinal LIMIT @limit
        """;

    /// <summary>Ordinals have no gaps, so the highest one says how many there are: a look at the end of the index for each batch.</summary>
    internal const string Highest = """
        SELECT batch.key AS BatchId, (SELECT max(code.ordinal) FROM redemption_codes AS code WHERE code.batch_id = batch.key) AS Codes
        FROM code_batches AS batch WHERE batch.key = ANY(@batchIds)
        """;

    /// <summary>The index holds all that is asked.</summary>
    internal const string Counts = """
        SELECT batch_id AS BatchId, status, count(*) AS Codes, sum(redemptions) AS Redemptions FROM redemption_codes
        WHERE batch_id = ANY(@batchIds)
        GROUP BY batch_id, status
        """;

    /// <summary>All codes of a batch in their order, for an export.</summary>
    internal const string All = "SELECT key, document, version FROM redemption_codes WHERE batch_id = @batchId ORDER BY ordinal";

    static readonly string[] Every = [.. new[] { CodeStatus.Active, CodeStatus.Redeemed, CodeStatus.Disabled }.Select(CodeDocument.StoredStatus)];

    readonly Reader reader;

    internal CodeReader(Database database) => reader = new(database);

    /// <summary>These codes by their keys; what does not exist is left out.</summary>
    public async Task<IReadOnlyDictionary<string, Versioned<Code>>> Find(IReadOnlyCollection<string> keys, CancellationToken cancellation)
    {
        var rows = await reader.All<DocumentRow>(Many, new { keys = keys.ToArray() }, cancellation);
        return rows.ToDictionary(row => row.Key, row => row.Read<Code>(CodeDocument.Kind), StringComparer.Ordinal);
    }

    /// <summary>A page of a batch's codes in their order, after an ordinal.</summary>
    public async Task<IReadOnlyList<Versioned<Code>>> Page(CodeFilter filter, int afterOrdinal, int limit, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(filter);
        var (batchId, ordinal) = (filter.BatchId, afterOrdinal);
        var statuses = (filter.Statuses ?? []).Select(CodeDocument.StoredStatus).ToArray();
        var rows = (filter.Account, statuses) switch
        {
            ({ } account, _) => await reader.All<DocumentRow>(OfAccount, Mine(account), cancellation),
            (_, []) => await reader.All<DocumentRow>(InOrder, new { batchId, ordinal, limit }, cancellation),
            (_, [var status]) => await reader.All<DocumentRow>(OfStatus, new { batchId, status, ordinal, limit }, cancellation),
            _ => await reader.All<DocumentRow>(OfStatuses, new { batchId, statuses, ordinal, limit }, cancellation),
        };
        return [.. rows.Select(row => row.Read<Code>(CodeDocument.Kind))];

        object Mine(string account)
        {
            var (from, to) = RedemptionReader.PlacesOf(batchId, account);
            return new { batchId, account, actor = Actor.Account(account).Name, from, to, statuses = statuses is [] ? Every : statuses, ordinal, limit };
        }
    }

    /// <summary>How many codes of these batches are stored, of those that have any.</summary>
    public async Task<IReadOnlyDictionary<string, StoredCodes>> Stored(IReadOnlyCollection<string> batchIds, CancellationToken cancellation)
    {
        var rows = await reader.All<HighestRow>(Highest, new { batchIds = batchIds.ToArray() }, cancellation);
        return rows.Where(row => row.Codes is not null).ToDictionary(row => row.BatchId, row => new StoredCodes((int)row.Codes!.Value), StringComparer.Ordinal);
    }

    /// <summary>The counts of these batches; a batch without codes is left out.</summary>
    public async Task<IReadOnlyDictionary<string, CodeCounts>> Count(IReadOnlyCollection<string> batchIds, CancellationToken cancellation)
    {
        var rows = await reader.All<CountRow>(Counts, new { batchIds = batchIds.ToArray() }, cancellation);
        return rows.GroupBy(row => row.BatchId, StringComparer.Ordinal).ToDictionary(
            batch => batch.Key,
            batch => new CodeCounts(
                batch.Sum(row => row.Redemptions), (int)batch.Where(row => row.Status == CodeDocument.StoredStatus(CodeStatus.Disabled)).Sum(row => row.Codes)),
            StringComparer.Ordinal);
    }

    /// <summary>All codes of a batch in their order, row by row: none of them is kept.</summary>
    public async IAsyncEnumerable<Code> Stream(string batchId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in reader.Stream<DocumentRow>(All, new { batchId }, cancellation)) yield return row.Read<Code>(CodeDocument.Kind).State;
    }

    sealed class HighestRow
    {
        public string BatchId { get; init; } = "";

        public long? Codes { get; init; }
    }

    sealed class CountRow
    {
        public string BatchId { get; init; } = "";

        public string Status { get; init; } = "";

        public long Codes { get; init; }

        public long Redemptions { get; init; }
    }
}

/// <summary>Where a page of batches ended.</summary>
/// <param name="CreatedAt">When the last one was issued.</param>
/// <param name="Id">Its id.</param>
public readonly record struct CodeBatchCursor(DateTimeOffset CreatedAt, string Id);

/// <summary>Finds and lists batches. Those that were refused were never issued: nothing here shows them.</summary>
public sealed class CodeBatchReader
{
    internal const string Many = """
        SELECT key, document, version FROM code_batches
        WHERE key = ANY(@ids) AND status <> 'REFUSED'
        """;

    /// <summary>Newest first; the cursor is the last row's (created_at, key).</summary>
    internal const string Newest = """
        SELECT key, document, version FROM code_batches
        WHERE status <> 'REFUSED' AND (created_at, key) < (@createdAt, @key) /* filter */
        ORDER BY created_at DESC, key DESC LIMIT @limit
        """;

    // Names are compared without case; the pattern's own characters stand for themselves.
    const string Named = "\n    AND (key = @search OR lower(name) LIKE @pattern ESCAPE '\\')";

    readonly Reader reader;

    internal CodeBatchReader(Database database) => reader = new(database);

    /// <summary>These batches by their ids; what does not exist is left out.</summary>
    public async Task<IReadOnlyDictionary<string, Versioned<CodeBatch>>> Find(IReadOnlyCollection<string> ids, CancellationToken cancellation)
    {
        var rows = await reader.All<DocumentRow>(Many, new { ids = ids.ToArray() }, cancellation);
        return rows.ToDictionary(row => row.Key, row => row.Read<CodeBatch>(CodeBatchDocument.Kind), StringComparer.Ordinal);
    }

    /// <summary>A page, newest first, after the cursor; of those whose id this is or whose name has this text in it.</summary>
    public async Task<IReadOnlyList<Versioned<CodeBatch>>> NewestFirst(string? search, CodeBatchCursor? after, int limit, CancellationToken cancellation)
    {
        var (createdAt, key) = after ?? new(DateTimeOffset.MaxValue, "");
        var parameters = new Dictionary<string, object>(StringComparer.Ordinal) { ["createdAt"] = createdAt, ["key"] = key, ["limit"] = limit };
        if (search is not null)
        {
            parameters.Add("search", search);
            parameters.Add("pattern", Pattern(search));
        }

        var rows = await reader.All<DocumentRow>(Newest.Replace("/* filter */", search is null ? "" : Named, StringComparison.Ordinal), parameters, cancellation);
        return [.. rows.Select(row => row.Read<CodeBatch>(CodeBatchDocument.Kind))];
    }

    /// <summary>SQLite lowers ASCII letters only, and so does this: both databases find the same.</summary>
    internal static string Lower(string text) =>
        string.Concat(text.Select(character => char.IsAsciiLetterUpper(character) ? char.ToLowerInvariant(character) : character));

    static string Pattern(string search)
    {
        var pattern = new StringBuilder("%");
        foreach (var character in Lower(search))
        {
            if (character is '%' or '_' or '\\') pattern.Append('\\');
            pattern.Append(character);
        }

        return pattern.Append('%').ToString();
    }
}
