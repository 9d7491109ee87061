using Billing.Codes;
using Billing.GraphQL.Accounts;
using Billing.Storage.Codes;
using GraphQL.DataLoader;
using Domain = Billing.Codes;

namespace Billing.GraphQL.Codes;

/// <summary>A redemption code. Only administrators see it, and only its end.</summary>
/// <param name="Masked">All but the last four characters hidden.</param>
/// <param name="Status">Whether it can be redeemed.</param>
/// <param name="RemainingRedemptions">How often it can still be redeemed, the limits of its batch aside.</param>
/// <param name="CreatedAt">When it was issued.</param>
public sealed record RedemptionCode(string Masked, CodeStatus Status, int RemainingRedemptions, DateTimeOffset CreatedAt) : INode, Search.ISearchHit
{
    /// <inheritdoc/>
    [Id]
    public string Id => GlobalId.Write(nameof(RedemptionCode), Key);

    internal string Key { get; private init; } = "";

    internal string BatchId { get; private init; } = "";

    internal string? Owner { get; private init; }

    /// <summary>A code in its batch: what a code's grain holds in memory may be from before its batch was disabled.</summary>
    internal static RedemptionCode Of(Code code, Domain.CodeBatch batch, DateTimeOffset now)
    {
        var status = code.StatusIn(batch, now);
        return new(CodeText.Mask(code.Tail), status, status == CodeStatus.Active ? code.Remaining : 0, code.CreatedAt)
        {
            Key = code.Key,
            BatchId = code.BatchId,
            Owner = code.AssignedTo,
        };
    }
}

/// <summary>A code's further fields.</summary>
[ObjectType<RedemptionCode>]
public static class RedemptionCodeFields
{
    /// <summary>The issue that it came from.</summary>
    public static IDataLoaderResult<CodeBatch> GetBatch([Parent] RedemptionCode code, CodeBatchLoader batches) =>
        batches.Load(code.BatchId, batch => CodeBatch.Of(batch ?? throw new InvalidOperationException($"Code {code.Key} has no batch.")));

    /// <summary>The only account that may redeem it; null when anybody may.</summary>
    public static IDataLoaderResult<Account?>? GetAssignedTo([Parent] RedemptionCode code, AccountLoader accounts) =>
        code.Owner is { } owner ? accounts.Load(owner) : null;

    /// <summary>Its redemptions, newest first.</summary>
    public static async Task<Connection<Redemption>> GetRedemptions(
        [Parent] RedemptionCode code, int? first, string? after, RedemptionReader redemptions, CancellationToken cancel)
    {
        var page = Page.From(first, after);
        var rows = await redemptions.NewestOfCode(code.Key, page.Cursor is { } cursor ? Position(cursor) : null, page.Rows, cancel);
        return page.Connect(rows, row => Redemption.Of(row.Redemption), row => Cursor.Write((row.Version * EventsInAVersion) + row.Ordinal));

        static (long Version, long Ordinal) Position(string cursor)
        {
            var position = Cursor.ReadPosition(cursor);
            return (position / EventsInAVersion, position % EventsInAVersion);
        }
    }

    // A write carries at most 128 commands of a few events each.
    const long EventsInAVersion = 1_000_000;
}

/// <summary>A code and the batch that it came from.</summary>
/// <param name="Code">The code.</param>
/// <param name="Batch">Its batch.</param>
public sealed record CodeInBatch(Code Code, Domain.CodeBatch Batch);

/// <summary>Loads the codes of a list at once, and their batches.</summary>
public sealed class CodeLoader(CodeReader codes, CodeBatchReader batches) : BatchLoader<string, CodeInBatch>
{
    /// <inheritdoc/>
    protected override Task<IReadOnlyDictionary<string, CodeInBatch>> LoadBatch(IReadOnlyList<string> keys, CancellationToken cancel) => Find(keys, cancel);

    /// <summary>The codes with these keys that there are, by key.</summary>
    internal async Task<IReadOnlyDictionary<string, CodeInBatch>> Find(IReadOnlyList<string> keys, CancellationToken cancel)
    {
        var found = await codes.Find(keys, cancel);
        var of = await batches.Find([.. found.Values.Select(code => code.State.BatchId).Distinct(StringComparer.Ordinal)], cancel);
        return found.Where(code => of.ContainsKey(code.Value.State.BatchId))
            .ToDictionary(code => code.Key, code => new CodeInBatch(code.Value.State, of[code.Value.State.BatchId].State), StringComparer.Ordinal);
    }
}

/// <summary>Finds codes, by their text or their global id.</summary>
public sealed class RedemptionCodes(CodeAttempts attempts, IGrainFactory grains)
{
    const int KeyLength = CodeVault.KeyLength;

    /// <summary>What the grain of a code answers that an administrator names; null when there is none.</summary>
    internal async Task<T?> Ask<T>(string named, Func<ICodeGrain, Task<T?>> ask)
        where T : class
    {
        // No code is as long as a code's global id.
        if (!GlobalId.TryRead(named, out var noun, out var key) || noun != nameof(RedemptionCode)) return await attempts.Find(named, ask);
        return IsKey(key) ? await ask(grains.GetGrain<ICodeGrain>(key)) : null;
    }

    internal static bool IsKey(string text) => text.Length == KeyLength && text.All(character => CheckCharacter.Alphabet.Contains(character, StringComparison.Ordinal));
}

/// <summary>Finds codes by their global id.</summary>
sealed class RedemptionCodeNodes(CodeLoader codes, TimeProvider time) : INodeSource
{
    public string Noun => nameof(RedemptionCode);

    public NodeReaders Readers => NodeReaders.Administrators;

    public async Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel)
    {
        string[] named = [.. keys.Where(RedemptionCodes.IsKey)];
        return named.Length == 0 ? NodeSource.None : NodeSource.Show(await codes.Find(named, cancel), found => RedemptionCode.Of(found.Code, found.Batch, time.GetUtcNow()));
    }
}
