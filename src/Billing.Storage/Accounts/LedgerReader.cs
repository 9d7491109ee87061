using Billing.Accounts;

namespace Billing.Storage.Accounts;

/// <summary>Where a page of the ledger ended: the last entry's version and ordinal.</summary>
/// <param name="Version">With which version of the account it was stored.</param>
/// <param name="Ordinal">Its place among the events of that version.</param>
public readonly record struct LedgerCursor(long Version, long Ordinal);

/// <summary>A line of an account's ledger, and its place in it.</summary>
/// <param name="Cursor">Its place.</param>
/// <param name="Entry">The line.</param>
public sealed record LedgerLine(LedgerCursor Cursor, LedgerEntry Entry);

/// <summary>The accounts' ledgers.</summary>
public sealed class LedgerReader : ILedger
{
    /// <summary>Newest first; the cursor is the last row's (version, ordinal), which is the order in which an account's rows were added.</summary>
    internal const string Newest = """
        SELECT account_id AS Key, version, ordinal, type, at, actor, data FROM ledger
        WHERE account_id = @account AND (version, ordinal) < (@version, @ordinal)
        ORDER BY version DESC, ordinal DESC LIMIT @limit
        """;

    internal const string ByReference = """
        SELECT key, version, ordinal, type, at, actor, data FROM journal
        WHERE noun = 'account' AND key = @account AND reference = @reference
        """;

    /// <summary>The lines of these (account, reference).</summary>
    internal const string ByReferences = """
        SELECT key, version, ordinal, type, at, actor, data FROM journal
        WHERE noun = 'account' AND reference IS NOT NULL AND (key, reference) IN (VALUES /* pairs */)
        """;

    readonly Reader reader;

    internal LedgerReader(Database database) => reader = new(database);

    /// <summary>A page of an account's ledger, newest first, after the cursor.</summary>
    public async Task<IReadOnlyList<LedgerLine>> NewestFirst(string account, LedgerCursor? after, int limit, CancellationToken cancellation)
    {
        var (version, ordinal) = after ?? new(long.MaxValue, long.MaxValue);
        var rows = await reader.All<JournalRow>(Newest, new { account, version, ordinal, limit }, cancellation);
        return [.. rows.Select(row => new LedgerLine(new(row.Version, row.Ordinal), Entry(row)))];
    }

    /// <inheritdoc/>
    public async Task<LedgerEntry?> Find(string account, string reference, CancellationToken cancellation)
    {
        var row = await reader.One<JournalRow>(ByReference, new { account, reference }, cancellation);
        return row is null ? null : Entry(row);
    }

    /// <summary>The lines that these accounts hold under these references; what does not exist is left out.</summary>
    public async Task<IReadOnlyDictionary<(string Account, string Reference), LedgerEntry>> Find(
        IReadOnlyCollection<(string Account, string Reference)> lines, CancellationToken cancellation)
    {
        var rows = await reader.OfPairs<JournalRow>(ByReferences, [.. lines.Select(line => ((object)line.Account, (object)line.Reference))], cancellation);
        return rows.Select(Entry).ToDictionary(entry => (entry.Account, entry.Reference));
    }

    static LedgerEntry Entry(JournalRow row) => LedgerEntry.Of(row.Key, (AccountEvent)AccountDocument.Kind.ReadEvent(row.Type, row.Data), row.At);
}
