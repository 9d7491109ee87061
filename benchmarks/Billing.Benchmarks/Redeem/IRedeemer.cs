namespace Billing.Benchmarks.Redeem;

/// <summary>Codes as whoever issues and redeems them sees it. Anything but the documented outcome throws.</summary>
interface IRedeemer
{
    /// <summary>Makes the accounts ready, before anything is measured.</summary>
    Task Open(IReadOnlyList<string> accounts);

    /// <summary>Issues codes that grant one credit, and gives their texts.</summary>
    Task<IReadOnlyList<string>> Issue(int count, int maxRedemptionsPerCode, int maxRedemptionsPerAccount);

    /// <summary>Redeems a code; false when others have used it up.</summary>
    Task<bool> Redeem(string account, string code);

    Task<decimal> Balance(string account);
}
