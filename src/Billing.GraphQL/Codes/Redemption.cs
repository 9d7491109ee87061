using Billing.Codes;
using Billing.GraphQL.Accounts;
using Billing.GraphQL.Catalog;
using Billing.Storage.Codes;
using GraphQL.DataLoader;
using Domain = Billing.Codes;

namespace Billing.GraphQL.Codes;

/// <summary>A code's redemption by an account. Its owner and administrators see it.</summary>
/// <param name="Version">Rises with every change.</param>
/// <param name="At">When.</param>
/// <param name="Masked">The code, all but its last four characters hidden.</param>
/// <param name="ReversedAt">When an administrator took back what was unspent of it; null when nobody did.</param>
/// <param name="TakenBack">The credits that were taken back.</param>
/// <param name="AlreadySpent">The credits that were spent by then, or had lapsed.</param>
public sealed record Redemption(long Version, DateTimeOffset At, string Masked, DateTimeOffset? ReversedAt, decimal? TakenBack, decimal? AlreadySpent) : INode
{
    /// <inheritdoc/>
    [Id]
    public string Id => GlobalId.Write(nameof(Redemption), $"{CodeKey}:{Key}");

    internal string CodeKey { get; private init; } = "";

    internal string Key { get; private init; } = "";

    internal string Owner { get; private init; } = "";

    internal string BatchId { get; private init; } = "";

    internal static Redemption Of(Domain.Redemption redemption) => new(
        redemption.Version, redemption.At, CodeText.Mask(redemption.Tail), redemption.Reversal?.At, redemption.Reversal?.TakenBack.Amount,
        redemption.Reversal?.AlreadySpent.Amount)
    {
        CodeKey = redemption.CodeKey,
        Key = redemption.Id,
        Owner = redemption.Account,
        BatchId = redemption.BatchId,
    };
}

/// <summary>A redemption's further fields.</summary>
[ObjectType<Redemption>]
public static class RedemptionFields
{
    /// <summary>Whose it is.</summary>
    public static IDataLoaderResult<Account> GetAccount([Parent] Redemption redemption, AccountLoader accounts) => accounts.Require(redemption.Owner);

    /// <summary>Administrators: the code that was redeemed.</summary>
    [Authorize(Roles = Viewer.AdministratorRole)]
    public static IDataLoaderResult<RedemptionCode?> GetCode([Parent] Redemption redemption, CodeLoader codes, TimeProvider time) => codes.Load(
        redemption.CodeKey, found => found is null ? null : RedemptionCode.Of(found.Code, found.Batch, time.GetUtcNow()));

    /// <summary>Administrators: the issue that its code came from.</summary>
    [Authorize(Roles = Viewer.AdministratorRole)]
    public static IDataLoaderResult<CodeBatch?> GetBatch([Parent] Redemption redemption, CodeBatchLoader batches) => batches.Load(
        redemption.BatchId, batch => batch is null ? null : CodeBatch.Of(batch));

    /// <summary>What it granted.</summary>
    public static IDataLoaderResult<IReadOnlyList<IGrant>> GetGrants([Parent] Redemption redemption, CodeBatchLoader batches) => batches.Load(
        redemption.BatchId, batch => (batch ?? throw new InvalidOperationException($"Redemption {redemption.Key} has no batch.")).State.Terms.Grants.Show());
}

/// <summary>An account's redemptions.</summary>
[ObjectType<Account>]
public static class AccountRedemptions
{
    /// <summary>The codes that it redeemed, newest first.</summary>
    public static async Task<Connection<Redemption>> GetRedemptions(
        [Parent] Account account, int? first, string? after, RedemptionReader redemptions, CancellationToken cancel)
    {
        var page = Page.From(first, after);
        var rows = await redemptions.NewestOfAccount(account.AccountId, page.Cursor is { } cursor ? Cursor.ReadPosition(cursor) : null, page.Rows, cancel);
        return page.Connect(rows, row => Redemption.Of(row.Redemption), row => Cursor.Write(row.Position));
    }
}

static class RedemptionKey
{
    // As long as a redemption's id is.
    const int Length = 16;

    /// <summary>Reads the code's key and the redemption's id; null when it is neither.</summary>
    public static (string Code, string Id)? Read(string text) => text.Split(':') is [var code, { Length: Length } id] && RedemptionCodes.IsKey(code) && CodeBatchKey.IsKey(id)
        ? (code, id)
        : null;
}

/// <summary>Finds redemptions by their global id.</summary>
sealed class RedemptionNodes(RedemptionReader redemptions) : INodeSource
{
    public string Noun => nameof(Redemption);

    public NodeReaders Readers => NodeReaders.SignedIn;

    public async Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel)
    {
        var named = NodeSource.Read(keys, RedemptionKey.Read);
        var found = await redemptions.Find([.. named.Values], cancel);
        return NodeSource.Show(named, key => found.TryGetValue(key, out var one) && request.Viewer.MaySee(one.Account) ? Redemption.Of(one) : null);
    }
}
