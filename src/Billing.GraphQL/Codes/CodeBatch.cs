using Billing.Codes;
using Billing.GraphQL.Catalog;
using Billing.Storage.Codes;
using GraphQL.DataLoader;
using Domain = Billing.Codes;

namespace Billing.GraphQL.Codes;

/// <summary>An issue of redemption codes. Only administrators see it.</summary>
/// <param name="Version">Rises with every change.</param>
/// <param name="Name">For administrators.</param>
/// <param name="Grants">What one redemption grants.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Progress">How far issuing, or disabling, has come.</param>
/// <param name="Count">How many codes there are.</param>
/// <param name="Prefix">What every code begins with; null when they begin with nothing.</param>
/// <param name="Note">Why it was issued.</param>
/// <param name="ValidFrom">From when they can be redeemed; at once when null.</param>
/// <param name="ValidUntil">Until when, exclusive; for ever when null.</param>
/// <param name="MaxRedemptionsPerCode">How often each code can be redeemed.</param>
/// <param name="MaxRedemptionsPerAccount">How often one account can redeem, over all codes of the batch.</param>
/// <param name="MaxRedemptions">How often the batch's codes can be redeemed in all; null when only the codes limit it.</param>
/// <param name="CreditBudget">How many credits the batch may grant in all; null when only the codes limit it.</param>
/// <param name="Eligibility">Who may redeem: every rule must be met.</param>
/// <param name="CreatedAt">When it was issued.</param>
/// <param name="CreatedBy">By whom.</param>
public sealed record CodeBatch(
    long Version, string Name, IReadOnlyList<IGrant> Grants, CodeBatchStatus Status, CodeBatchProgress Progress, int Count, string? Prefix, string? Note,
    DateTimeOffset? ValidFrom, DateTimeOffset? ValidUntil, int MaxRedemptionsPerCode, int MaxRedemptionsPerAccount, int? MaxRedemptions, decimal? CreditBudget,
    IReadOnlyList<IEligibilityRule> Eligibility, DateTimeOffset CreatedAt, string CreatedBy) : INode, Search.ISearchHit
{
    /// <inheritdoc/>
    [Id]
    public string Id => GlobalId.Write(nameof(CodeBatch), Key);

    internal string Key { get; private init; } = "";

    internal CodeBatchTerms Terms => State.Terms;

    internal Domain.CodeBatch State { get; private init; } = null!;

    internal static CodeBatch Of(Versioned<Domain.CodeBatch> stored)
    {
        var (batch, terms) = (stored.State, stored.State.Terms);
        return new(
            stored.Version, terms.Name, terms.Grants.Show(), StatusOf(batch), CodeBatchProgress.Of(batch), terms.Count,
            terms.Prefix.Length > 0 ? terms.Prefix : null, terms.Note, terms.ValidFrom, terms.ValidUntil, terms.MaxRedemptionsPerCode, terms.MaxRedemptionsPerAccount,
            terms.MaxRedemptions, terms.CreditBudget?.Amount, [.. terms.Eligibility.Select(rule => EligibilityRules.Show(rule, seesNames: true))], batch.CreatedAt,
            batch.CreatedBy)
        {
            Key = batch.Id,
            State = batch,
        };
    }

    static CodeBatchStatus StatusOf(Domain.CodeBatch batch) => batch switch
    {
        { Disabling: { IsDone: true } } => CodeBatchStatus.Disabled,
        { Disabling: not null } => CodeBatchStatus.Disabling,
        { IsIssued: true } => CodeBatchStatus.Issued,
        _ => CodeBatchStatus.Issuing,
    };
}

/// <summary>How far a batch is.</summary>
public enum CodeBatchStatus
{
    /// <summary>Its codes are being stored; those that are can be redeemed.</summary>
    Issuing,

    /// <summary>All of its codes are stored.</summary>
    Issued,

    /// <summary>Nothing of it can be redeemed any more; its codes are being marked.</summary>
    Disabling,

    /// <summary>It is disabled, with every code that was not used up.</summary>
    Disabled,
}

/// <summary>How far issuing, or disabling, has come.</summary>
/// <param name="Done">So many codes are done.</param>
/// <param name="Total">Of so many.</param>
public sealed record CodeBatchProgress(int Done, int Total)
{
    internal static CodeBatchProgress Of(Domain.CodeBatch batch) => batch.Disabling switch
    {
        null => new(batch.Issued, batch.Terms.Count),
        { IsDone: true } done => new(Math.Max(batch.Issued, done.UpTo), Math.Max(batch.Issued, done.UpTo)),
        { } disabling => new(disabling.UpTo, Math.Max(batch.Issued, disabling.UpTo)),
    };
}

/// <summary>A batch's further fields.</summary>
[ObjectType<CodeBatch>]
public static class CodeBatchFields
{
    // Both are counted over all codes of the batch, of which there may be a million.
    const int Counting = 50;

    /// <summary>How many of them are stored; they can be redeemed from then on.</summary>
    public static IDataLoaderResult<int> GetIssued([Parent] CodeBatch batch, StoredCodesLoader stored) => stored.Load(batch.Key, codes => codes?.Count ?? 0);

    /// <summary>How often its codes were redeemed.</summary>
    [Cost(Counting)]
    public static IDataLoaderResult<long> GetRedeemed([Parent] CodeBatch batch, CodeCountLoader counts) => counts.Load(batch.Key, counted => counted?.Redemptions ?? 0);

    /// <summary>How many of its codes are disabled.</summary>
    [Cost(Counting)]
    public static IDataLoaderResult<int> GetDisabled([Parent] CodeBatch batch, CodeCountLoader counts) => counts.Load(batch.Key, counted => counted?.Disabled ?? 0);

    /// <summary>
    /// Its codes in the order of their issue; of one status when it is given, and of one account when its id is: those that were given to it, and those that it redeemed.
    /// </summary>
    public static async Task<Connection<RedemptionCode>> GetCodes(
        [Parent] CodeBatch batch, int? first, string? after, CodeStatus? status, [Id] string? account, CodeReader codes, TimeProvider time, CancellationToken cancel)
    {
        var page = Page.From(first, after);
        var ordinal = page.Cursor is { } cursor ? (int)Math.Clamp(Cursor.ReadPosition(cursor), 0, int.MaxValue) : 0;
        var (now, of) = (time.GetUtcNow(), account is null ? null : Checked.Account(account));
        var rows = StoredAs(status, batch.State, now) is { } stored ? await codes.Page(new(batch.Key, stored, of), ordinal, page.Rows, cancel) : [];
        // After the rows, so that it is not less than they are.
        var total = status is null && of is null ? (await codes.Stored([batch.Key], cancel)).GetValueOrDefault(batch.Key)?.Count ?? 0 : (int?)null;
        return page.Connect(rows, row => RedemptionCode.Of(row.State, batch.State, now), row => Cursor.Write(row.State.Ordinal), total);
    }

    /// <summary>The stored statuses of what is shown so, none for all; null when nothing is: no code is stored as expired, and a disabled batch's are marked one after the other.</summary>
    static CodeStatus[]? StoredAs(CodeStatus? status, Domain.CodeBatch batch, DateTimeOffset now)
    {
        var active = batch.Disabling is not null ? CodeStatus.Disabled : batch.Terms.IsOver(now) ? CodeStatus.Expired : CodeStatus.Active;
        return status switch
        {
            null => [],
            CodeStatus.Disabled when active == CodeStatus.Disabled => [CodeStatus.Active, CodeStatus.Disabled],
            CodeStatus.Redeemed or CodeStatus.Disabled => [status.Value],
            _ => status == active ? [CodeStatus.Active] : null,
        };
    }

    /// <summary>A link that streams every code as CSV. It is good for ten minutes, for whoever has it; its use is written down. Until all codes are stored it answers 409.</summary>
    public static Uri GetExportUrl([Parent] CodeBatch batch, Viewer viewer, ExportLinks links) => links.Of(batch.Key, viewer.Subject);
}

/// <summary>Loads the batches of a list at once.</summary>
public sealed class CodeBatchLoader(CodeBatchReader batches) : BatchLoader<string, Versioned<Domain.CodeBatch>>
{
    /// <inheritdoc/>
    protected override Task<IReadOnlyDictionary<string, Versioned<Domain.CodeBatch>>> LoadBatch(IReadOnlyList<string> keys, CancellationToken cancel) =>
        batches.Find(keys, cancel);
}

/// <summary>Tells of the batches of a list at once how many codes are stored.</summary>
public sealed class StoredCodesLoader(CodeReader codes) : BatchLoader<string, StoredCodes>
{
    /// <inheritdoc/>
    protected override Task<IReadOnlyDictionary<string, StoredCodes>> LoadBatch(IReadOnlyList<string> keys, CancellationToken cancel) => codes.Stored(keys, cancel);
}

/// <summary>Counts the codes of the batches of a list at once.</summary>
public sealed class CodeCountLoader(CodeReader codes) : BatchLoader<string, CodeCounts>
{
    /// <inheritdoc/>
    protected override Task<IReadOnlyDictionary<string, CodeCounts>> LoadBatch(IReadOnlyList<string> keys, CancellationToken cancel) => codes.Count(keys, cancel);
}

static class CodeBatchKey
{
    // As long as a batch's id is.
    const int Length = 16;

    /// <summary>The batch's id in an argument, which is the id itself or a global id; null when it can be no batch's.</summary>
    public static string? Of(string argument) =>
        IsKey(argument) ? argument : GlobalId.KeyOf(nameof(CodeBatch), argument) is { } key && IsKey(key) ? key : null;

    public static bool IsKey(string text) => text.Length == Length && text.All(character => CheckCharacter.Alphabet.Contains(character, StringComparison.Ordinal));
}

/// <summary>Finds batches by their global id.</summary>
sealed class CodeBatchNodes(CodeBatchReader batches) : INodeSource
{
    public string Noun => nameof(CodeBatch);

    public NodeReaders Readers => NodeReaders.Administrators;

    public async Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel)
    {
        string[] ids = [.. keys.Where(CodeBatchKey.IsKey)];
        return ids.Length == 0 ? NodeSource.None : NodeSource.Show(await batches.Find(ids, cancel), CodeBatch.Of);
    }
}
