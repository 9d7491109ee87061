using Billing.Codes;
using Billing.GraphQL.Catalog;
using Billing.Storage.Codes;
using Domain = Billing.Codes;

namespace Billing.GraphQL.Codes;

/// <summary>Codes to try, and to administer.</summary>
[QueryType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class CodeQueries
{
    /// <summary>
    /// What a code would give the signed-in account, why it could not be redeemed, and when the account redeemed it before, if it did. Counts as an attempt. By POST only.
    /// </summary>
    [Authorize]
    [TakesSecret]
    public static async Task<RedemptionPreview> GetRedemptionPreview(string code, Viewer viewer, CodeAttempts attempts, ClientInfo client, CancellationToken cancel)
    {
        var (account, language) = (Checked.AccountOf(viewer), Language.Of(client));
        var tried = await attempts.Try<CodePreview>(
            "preview", code, account, client,
            async grain => await grain.Preview(Redeemers.Of(viewer, account)) is var preview and ({ Refusal: not Domain.CodeNotFound } or { Earlier: not null }) ? preview : null,
            preview => preview.Refusal, cancel);
        return tried switch
        {
            { RetryAfter: { } wait } => new(false, [], [CodeErrors.RateLimited(wait, language)], null),
            { Answer: null } => new(false, [], [CodeErrors.NotFound(language)], null),
            { Answer: { } preview } => new(
                preview.Refusal is null, preview.Grants.Show(), preview.Refusal is { } refusal ? [CodeErrors.Of<IRedeemCodeError>(refusal, language)] : [],
                preview.Earlier is { } earlier ? Redemption.Of(earlier) : null),
        };
    }

    /// <summary>Administrators: every batch, newest first. The search finds an id, or a part of a name.</summary>
    public static async Task<Connection<CodeBatch>> GetCodeBatches(int? first, string? after, string? search, CodeBatchReader batches, CancellationToken cancel)
    {
        var page = Page.From(first, after);
        var sought = string.IsNullOrWhiteSpace(search) ? null : Checked.Sought(search.Trim());
        var rows = await batches.NewestFirst(
            sought is null ? null : CodeBatchKey.Of(sought) ?? sought, page.Cursor is { } cursor ? Position(cursor) : null, page.Rows, cancel);
        return page.Connect(rows, CodeBatch.Of, row => Cursor.Write(row.State.CreatedAt, row.State.Id));

        static CodeBatchCursor Position(string cursor)
        {
            var (at, id) = Cursor.ReadTimeAndKey(cursor);
            return new(at, id);
        }
    }

    /// <summary>Administrators: a batch.</summary>
    public static async Task<CodeBatch?> GetCodeBatch([Id] string id, IGrainFactory grains) =>
        CodeBatchKey.Of(id) is { } key && await grains.GetGrain<ICodeBatchGrain>(key).Get() is { } batch ? CodeBatch.Of(batch) : null;

    /// <summary>Administrators: a code, by its text as somebody typed it, or by its id. By POST only.</summary>
    [TakesSecret]
    public static async Task<RedemptionCode?> GetRedemptionCode(string code, RedemptionCodes codes, IGrainFactory grains, TimeProvider time) =>
        await codes.Ask(code, grain => grain.Get()) is { } found && await grains.GetGrain<ICodeBatchGrain>(found.State.BatchId).Get() is { } batch
            ? RedemptionCode.Of(found.State, batch.State, time.GetUtcNow())
            : null;
}

/// <summary>What redeeming a code would lead to.</summary>
/// <param name="Redeemable">Whether it could be redeemed now. With an earlier redemption that is once more, and takes an idempotencyKey of its own.</param>
/// <param name="Grants">What it would grant.</param>
/// <param name="Errors">Why not.</param>
/// <param name="Earlier">What the account has of this code already: its latest redemption of it, whatever has become of the code since; null when it has none. After a lost answer it tells that nothing is left to do.</param>
public sealed record RedemptionPreview(bool Redeemable, IReadOnlyList<IGrant> Grants, IReadOnlyList<IRedeemCodeError> Errors, Redemption? Earlier);

static class Redeemers
{
    /// <summary>The viewer as the domain judges them.</summary>
    public static Redeemer Of(Viewer viewer, string account) => new(account, [.. viewer.Groups], viewer.RegisteredAt);
}
