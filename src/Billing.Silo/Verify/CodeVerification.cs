using Billing.Accounts;
using Billing.Codes;
using Billing.Storage.Codes;
using Billing.Storage.Verify;

namespace Billing.Silo.Verify;

/// <summary>
/// Codes, their batches and the accounts say the same: nothing was redeemed more often than it may be, and what was redeemed is credited once. Memory does not grow
/// with how many there are.
/// </summary>
/// <param name="audit">Compares what is stored.</param>
/// <param name="batches">Finds a redemption's batch.</param>
/// <param name="vault">Opens the codes' texts; null when no key is known here.</param>
/// <param name="report">Is told what differs.</param>
sealed class CodeVerification(RedemptionAudit audit, CodeBatchReader batches, CodeVault? vault, VerifyReport report)
{
    // A redemption that was under way when its batch was disabled ends as it was decided, and the clocks of two silos differ a little.
    static readonly TimeSpan UnderWay = TimeSpan.FromMinutes(1);

    // Redemptions of a batch are often neighbours; beyond so many batches the oldest are looked up again.
    const int RememberedBatches = 10_000;

    readonly Dictionary<string, CodeBatch?> remembered = new(StringComparer.Ordinal);

    /// <summary>What one batch's journal must say.</summary>
    public IHistoryCheck Batches => new BatchHistories(vault, report);

    /// <summary>What one code's journal must say.</summary>
    public IHistoryCheck Codes => new CodeHistories(vault, report);

    /// <summary>What batches, codes and accounts must say of each other. Gives the number of redemptions.</summary>
    public async Task<long> CheckTogether()
    {
        await foreach (var batch in audit.AllBatches()) Check(batch);
        await foreach (var id in audit.OrphanedBatchIds()) report.Differs(CodeBatchDocument.Noun, id, "it has codes, and there is no such batch.");
        await foreach (var account in audit.OverdrawnAccounts())
            report.Differs(AccountDocument.Noun, account.Account, $"it took {account.Places} places in batch {account.BatchId}, which is more than it may.");
        await foreach (var entry in audit.StrayEntries())
            report.Differs(AccountDocument.Noun, entry.Account, $"the entry {entry.Reference} is of no redemption or reversal that counts.");
        var redemptions = 0L;
        await foreach (var redemption in audit.AllRedemptions())
        {
            redemptions++;
            await Check(redemption);
        }

        return redemptions;
    }

    void Check(AuditedBatch audited)
    {
        var batch = audited.Batch;
        if (batch.Refusal is not null) return;
        // Codes are stored before the batch notes it: while it is being issued there may be more, and if it was disabled in between for ever.
        var maybeMore = batch.Disabling is not null || batch.Issued < batch.Terms.Count;
        if (maybeMore ? audited.Stored < batch.Issued : audited.Stored != batch.Issued)
            report.Differs(CodeBatchDocument.Noun, batch.Id, $"it says that {batch.Issued} codes are issued, and {audited.Stored} are stored.");
        if (batch.Disabling is { IsDone: true } && audited.Active > 0)
            report.Differs(CodeBatchDocument.Noun, batch.Id, $"it is disabled with all of its codes, and {audited.Active} of them are active.");
        if (audited.Stored > batch.Terms.Count) report.Differs(CodeBatchDocument.Noun, batch.Id, $"{audited.Stored} codes are stored of {batch.Terms.Count}.");
        if (audited.Ordinals != audited.Stored || audited.Highest != audited.Stored)
            report.Differs(CodeBatchDocument.Noun, batch.Id, $"its {audited.Stored} codes have {audited.Ordinals} ordinals up to {audited.Highest}.");
    }

    async Task Check(AuditedRedemption audited)
    {
        var (redeemed, owing) = (audited.Redeemed, audited.Owing);
        if (audited.IsRefused)
        {
            if (audited.Credited is not null) Differs("was refused, and its account was credited.");
            return;
        }

        if (await Batch(redeemed.BatchId) is not { } batch)
        {
            Differs($"is of batch {redeemed.BatchId}, which there is not.");
            return;
        }

        if (batch.Disabling is { } disabling && redeemed.At > disabling.At + UnderWay) Differs("came after its batch was disabled.");
        if (redeemed.Place < 1 || redeemed.Place > batch.Terms.MaxRedemptionsPerAccount)
            Differs($"took place {redeemed.Place} of the {batch.Terms.MaxRedemptionsPerAccount} that an account has.");
        if (redeemed.NeedsPlace != batch.Terms.Places() is not null) Differs("was not counted as its batch's terms say.");
        if (owing?.Placing.Contains(redeemed.Id) == true)
        {
            if (audited.Credited is not null) Differs("has no place of its batch's yet, and its account was credited.");
            return;
        }

        if (redeemed.NeedsPlace && !audited.HasPlace) Differs("has none of its batch's places.");
        var granted = (long)batch.Terms.MicroPerRedemption();
        if (audited.Credited is not { } credited)
        {
            if (owing?.Crediting.Contains(redeemed.Id) != true) Differs($"is not in the ledger of {redeemed.Account}, and is not owed.");
        }
        else if (credited != granted)
        {
            Differs($"grants {new Credits(granted)}, and {redeemed.Account} got {new Credits(credited)}.");
        }

        CheckReversal();

        void CheckReversal()
        {
            if (audited.Reversed is { } reversed)
            {
                if (!audited.IsReversing) Differs("was reversed, and nobody began it.");
                if (audited.TakenBack != -reversed.TakenBack.Micro || audited.DaysTakenBack != reversed.DaysTakenBack)
                    Differs($"says that {reversed.TakenBack} and {reversed.DaysTakenBack} days were taken back, which {redeemed.Account}'s ledger does not.");
                if (reversed.TakenBack.Micro + reversed.AlreadySpent.Micro != granted)
                    Differs($"grants {new Credits(granted)}; {reversed.TakenBack} were taken back and {reversed.AlreadySpent} were spent.");
            }
            else if (audited.IsReversing && owing?.Reversing.Contains(redeemed.Id) != true)
            {
                Differs("has a reversal that began and is neither done nor owed.");
            }
        }

        void Differs(string what) => report.Differs(CodeDocument.Noun, audited.CodeKey, $"its redemption {redeemed.Id} {what}");
    }

    async Task<CodeBatch?> Batch(string id)
    {
        if (remembered.TryGetValue(id, out var known)) return known;
        if (remembered.Count >= RememberedBatches) remembered.Clear();
        var found = await batches.Find([id], CancellationToken.None);
        return remembered[id] = found.GetValueOrDefault(id)?.State;
    }

    /// <summary>Whether the text was sealed for this row and is the code that its key was made of.</summary>
    static string? Unsealed(CodeVault vault, string text, string tail, string key)
    {
        try
        {
            var code = vault.Open(text, key);
            return code.Tail != tail ? "its last characters are others." : vault.KeysOf(code).Contains(key) ? null : "its text is another code's.";
        }
        catch (CodeSealException fault)
        {
            return fault.Message;
        }
    }

    sealed class BatchHistories(CodeVault? vault, VerifyReport report) : IHistoryCheck
    {
        long places;
        bool isDisabled;
        bool isTakenLate;

        public void Begins(string key) => (places, isDisabled, isTakenLate) = (0, false, false);

        public ValueTask Happened(object @event)
        {
            switch (@event)
            {
                case PlaceTaken:
                    places++;
                    isTakenLate |= isDisabled;
                    break;
                case BatchDisabled:
                    isDisabled = true;
                    break;
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask Ends(string key, object state)
        {
            var batch = (CodeBatch)state;
            if (batch.Terms.Places() is { } most && places > most) report.Differs(CodeBatchDocument.Noun, key, $"{places} places were taken of {most}.");
            if (isTakenLate) report.Differs(CodeBatchDocument.Noun, key, "a place was taken after it was disabled.");
            if (vault is not null && batch.Vanity is { } vanity && Unsealed(vault, vanity.Text, vanity.Tail, batch.Terms.VanityKey ?? "") is { } wrong)
                report.Differs(CodeBatchDocument.Noun, key, wrong);
            return ValueTask.CompletedTask;
        }
    }

    sealed class CodeHistories(CodeVault? vault, VerifyReport report) : IHistoryCheck
    {
        long redeemed;
        long refused;
        bool isDisabled;
        bool isRedeemedLate;

        public void Begins(string key) => (redeemed, refused, isDisabled, isRedeemedLate) = (0, 0, false, false);

        public ValueTask Happened(object @event)
        {
            switch (@event)
            {
                case CodeRedeemed:
                    redeemed++;
                    isRedeemedLate |= isDisabled;
                    break;
                case RedemptionRefused:
                    refused++;
                    break;
                case CodeDisabled:
                    isDisabled = true;
                    break;
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask Ends(string key, object state)
        {
            var code = (Code)state;
            // The document has the same number, or its journal would not fold to it.
            if (redeemed - refused > code.MaxRedemptions) report.Differs(CodeDocument.Noun, key, $"it was redeemed {redeemed - refused} times of {code.MaxRedemptions}.");
            if (isRedeemedLate) report.Differs(CodeDocument.Noun, key, "it was redeemed after it was disabled.");
            if (vault is not null && Unsealed(vault, code.Sealed, code.Tail, key) is { } wrong) report.Differs(CodeDocument.Noun, key, wrong);
            return ValueTask.CompletedTask;
        }
    }
}
