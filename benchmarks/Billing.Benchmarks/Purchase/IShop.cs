namespace Billing.Benchmarks.Purchase;

/// <summary>What is measured, as a buyer and a payment provider see it. Anything but the documented outcome throws.</summary>
interface IShop
{
    /// <summary>What a paid order adds to <see cref="Balance"/>.</summary>
    long BalanceEach { get; }

    /// <summary>Makes the accounts ready, before anything is measured.</summary>
    Task Open(IReadOnlyList<string> accounts);

    Task<decimal> Balance(string account);

    /// <summary>Places an order and gives its number.</summary>
    Task<string> Place(string account, string key);

    /// <summary>The provider's signed word that it was paid.</summary>
    Task Pay(string order);

    Task<bool> IsCredited(string account, string order);
}
