using System.Globalization;
using Billing.Codes;

namespace Billing.Storage.Codes;

/// <summary>A redemption and its place among all.</summary>
/// <param name="Position">The journal's position of it.</param>
/// <param name="Redemption">It.</param>
public sealed record RedemptionLine(long Position, Redemption Redemption);

/// <summary>The codes' redemptions, as their journal has them.</summary>
public sealed class RedemptionReader : IRedemptions
{
    /// <summary>All that a code's journal says of one redemption: each has a reference of its own.</summary>
    internal const string ByReference = """
        SELECT key, version, ordinal, type, at, actor, data FROM journal
        WHERE noun = 'code' AND key = @key AND reference = ANY(@references)
        """;

    /// <summary>All that journals say of these redemptions, by (code, reference).</summary>
    internal const string ByReferences = """
        SELECT key, version, ordinal, type, at, actor, data FROM journal
        WHERE noun = 'code' AND reference IS NOT NULL AND (key, reference) IN (VALUES /* pairs */)
        """;

    /// <summary>An account's places in a batch: the claims that begin with both; a number follows.</summary>
    internal const string Places = """
        SELECT claim FROM journal
        WHERE noun = 'code' AND claim >= @from AND claim < @to
        """;

    /// <summary>
    /// An account's latest redemption of a code. Its claims in the batch lead to it: there are as many as the batch allows an account, however often others redeemed the code. They are
    /// found first and by themselves, for looking for the newest row in a popular code's journal would read all of it.
    /// </summary>
    internal const string LatestOfAccount = """
        WITH mine AS MATERIALIZED (
            SELECT key, version, ordinal, data FROM journal
            WHERE noun = 'code' AND claim >= @from AND claim < @to AND actor = @actor
        )
        SELECT data FROM mine
        WHERE key = @key AND NOT EXISTS (
            SELECT 1 FROM journal AS refused
            WHERE refused.noun = 'code' AND refused.key = mine.key AND refused.reference = 'refused:' || (mine.data ->> 'id')
        )
        ORDER BY version DESC, ordinal DESC LIMIT 1
        """;

    /// <summary>A place's reference in the batch's journal; there is one at most.</summary>
    internal const string PlaceTaken = """
        SELECT COUNT(*) FROM journal
        WHERE noun = 'code-batch' AND key = @batchId AND reference = @reference
        """;

    internal const string ByClaim = "SELECT key FROM journal WHERE noun = 'code' AND claim = @claim";

    /// <summary>An account's, newest first; the cursor is the last row's position.</summary>
    internal const string OfAccount = """
        SELECT position, code_key AS Key, at, data, reversed_at AS ReversedAt, reversed_data AS ReversedData FROM redemptions
        WHERE actor = @actor AND position < @position
        ORDER BY position DESC LIMIT @limit
        """;

    /// <summary>A code's, newest first; the cursor is the last row's (version, ordinal), which is the order in which they were added.</summary>
    internal const string OfCode = """
        SELECT position, code_key AS Key, version, ordinal, at, data, reversed_at AS ReversedAt, reversed_data AS ReversedData FROM redemptions
        WHERE code_key = @key AND (version, ordinal) < (@version, @ordinal)
        ORDER BY version DESC, ordinal DESC LIMIT @limit
        """;

    readonly Reader reader;

    internal RedemptionReader(Database database) => reader = new(database);

    /// <inheritdoc/>
    public async Task<RecordedRedemption?> Find(string codeKey, string id, CancellationToken cancellation)
    {
        var rows = await reader.All<JournalRow>(ByReference, new { key = codeKey, references = References(id) }, cancellation);
        var events = rows.Select(row => (CodeEvent)CodeDocument.Kind.ReadEvent(row.Type, row.Data)).ToList();
        if (events.OfType<CodeRedeemed>().SingleOrDefault() is not { } redeemed) return null;
        var refused = events.OfType<RedemptionRefused>().SingleOrDefault();
        return new(
            Redemption(codeKey, redeemed, events.OfType<RedemptionReversed>().SingleOrDefault()), refused is not null, refused?.Scope,
            events.OfType<ReversalBegun>().SingleOrDefault()?.IdempotencyKey);
    }

    /// <summary>These redemptions; what does not exist, or was refused by its batch, is left out.</summary>
    public async Task<IReadOnlyDictionary<(string CodeKey, string Id), Redemption>> Find(
        IReadOnlyCollection<(string CodeKey, string Id)> redemptions, CancellationToken cancellation)
    {
        var pairs = redemptions.SelectMany(one => References(one.Id), (one, reference) => ((object)one.CodeKey, (object)reference)).ToArray();
        var events = (await reader.OfPairs<JournalRow>(ByReferences, pairs, cancellation))
            .Select(row => (row.Key, Event: (CodeEvent)CodeDocument.Kind.ReadEvent(row.Type, row.Data))).ToList();
        var refused = events.Select(one => (one.Key, (one.Event as RedemptionRefused)?.Id)).ToHashSet();
        var reversed = events.Where(one => one.Event is RedemptionReversed).ToDictionary(one => (one.Key, ((RedemptionReversed)one.Event).Id), one => (RedemptionReversed)one.Event);
        return events.Where(one => one.Event is CodeRedeemed).Select(one => (one.Key, Redeemed: (CodeRedeemed)one.Event))
            .Where(one => !refused.Contains((one.Key, one.Redeemed.Id)))
            .ToDictionary(one => (one.Key, one.Redeemed.Id), one => Redemption(one.Key, one.Redeemed, reversed.GetValueOrDefault((one.Key, one.Redeemed.Id))));
    }

    /// <inheritdoc/>
    public async Task<Redemption?> Latest(string codeKey, string batchId, string account, CancellationToken cancellation)
    {
        var (from, to) = PlacesOf(batchId, account);
        var data = await reader.One<string>(LatestOfAccount, new { key = codeKey, from, to, actor = Actor.Account(account).Name }, cancellation);
        return data is null ? null : (await Find(codeKey, ((CodeRedeemed)CodeDocument.Kind.ReadEvent(nameof(CodeRedeemed), data)).Id, cancellation))?.Redemption;
    }

    /// <inheritdoc/>
    public async Task<IReadOnlySet<int>> PlacesTaken(string batchId, string account, CancellationToken cancellation)
    {
        var (from, to) = PlacesOf(batchId, account);
        var claims = await reader.All<string>(Places, new { from, to }, cancellation);
        // What an account's name continues with is another account's.
        return claims.Select(claim => int.TryParse(claim.AsSpan(from.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var place) ? place : 0)
            .Where(place => place > 0).ToHashSet();
    }

    /// <inheritdoc/>
    public async Task<bool> HasPlace(string batchId, string reference, CancellationToken cancellation) =>
        await reader.One<long>(PlaceTaken, new { batchId, reference }, cancellation) > 0;

    /// <inheritdoc/>
    public Task<string?> GivenFor(string batchId, string source, CancellationToken cancellation) =>
        reader.One<string>(ByClaim, new { claim = CodeDocument.SourceClaim(batchId, source) }, cancellation);

    /// <summary>A page of an account's redemptions, newest first, after the position.</summary>
    public async Task<IReadOnlyList<RedemptionLine>> NewestOfAccount(string account, long? after, int limit, CancellationToken cancellation)
    {
        var rows = await reader.All<Row>(OfAccount, new { actor = Actor.Account(account).Name, position = after ?? long.MaxValue, limit }, cancellation);
        return [.. rows.Select(row => row.Line())];
    }

    /// <summary>A page of a code's redemptions, newest first, after (version, ordinal); with each its own (version, ordinal).</summary>
    public async Task<IReadOnlyList<(long Version, long Ordinal, Redemption Redemption)>> NewestOfCode(
        string codeKey, (long Version, long Ordinal)? after, int limit, CancellationToken cancellation)
    {
        var (version, ordinal) = after ?? (long.MaxValue, long.MaxValue);
        var rows = await reader.All<Row>(OfCode, new { key = codeKey, version, ordinal, limit }, cancellation);
        return [.. rows.Select(row => (row.Version, row.Ordinal, row.Line().Redemption))];
    }

    /// <summary>Between these lie the claims of an account's places in a batch, and of accounts whose names go on.</summary>
    internal static (string From, string To) PlacesOf(string batchId, string account)
    {
        var from = CodeDocument.PlaceClaims(batchId, account);
        // Everything that begins with a text that ends with a colon lies before the same text with the character after the colon.
        return (from, from[..^1] + ";");
    }

    static string[] References(string id) =>
        [CodeDocument.RedeemedReference(id), CodeDocument.RefusedReference(id), CodeDocument.ReversalReference(id), CodeDocument.ReversedReference(id)];

    static Redemption Redemption(string codeKey, CodeRedeemed redeemed, RedemptionReversed? reversed) => new(
        codeKey, redeemed.Id, redeemed.Account, redeemed.BatchId, redeemed.Tail, redeemed.At,
        reversed is null ? null : new(reversed.At, reversed.TakenBack, reversed.AlreadySpent, reversed.DaysTakenBack));

    sealed class Row
    {
        public long Position { get; init; }

        public string Key { get; init; } = "";

        public long Version { get; init; }

        public long Ordinal { get; init; }

        public DateTimeOffset At { get; init; }

        public string Data { get; init; } = "";

        public DateTimeOffset? ReversedAt { get; init; }

        public string? ReversedData { get; init; }

        public RedemptionLine Line() => new(
            Position,
            Redemption(
                Key,
                (CodeRedeemed)CodeDocument.Kind.ReadEvent(nameof(CodeRedeemed), Data),
                ReversedData is null ? null : (RedemptionReversed)CodeDocument.Kind.ReadEvent(nameof(RedemptionReversed), ReversedData)));
    }
}
