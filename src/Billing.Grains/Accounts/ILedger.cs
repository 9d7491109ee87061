namespace Billing.Accounts;

/// <summary>The journal as the account's ledger, for the one question that its document is too small to answer.</summary>
public interface ILedger
{
    /// <summary>The line that an account holds under this reference, if it does.</summary>
    Task<LedgerEntry?> Find(string account, string reference, CancellationToken cancellation);
}
