namespace Billing.Codes;

/// <summary>How codes are issued and redeemed.</summary>
public sealed class CodeSettings
{
    /// <summary>How many codes are stored in one transaction while a batch is issued.</summary>
    public int IssueAtOnce { get; set; } = 10_000;

    /// <summary>How long a redemption's answer waits for the account to be credited. What takes longer is credited all the same.</summary>
    public TimeSpan CreditPatience { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the answer to issuing or disabling a batch waits for it to be done. What takes longer goes on by itself, and its progress can be watched.</summary>
    public TimeSpan BatchPatience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How many attempts with a wrong code an account has at once.</summary>
    public int AttemptsOfAccount { get; set; } = 20;

    /// <summary>After how long an account has one attempt more.</summary>
    public TimeSpan AccountRecovery { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>How many attempts with a wrong code an address has at once, whoever's they are.</summary>
    public int AttemptsOfAddress { get; set; } = 100;

    /// <summary>After how long an address has one attempt more.</summary>
    public TimeSpan AddressRecovery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How many attempts with a code that is there and refuses an account has at once: used up, not for it, not in time.</summary>
    public int RefusalsOfAccount { get; set; } = 100;

    /// <summary>After how long an account has one of these more.</summary>
    public TimeSpan RefusalRecovery { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The answer that a code was not found comes after this time or a multiple of it: an unknown, a mistyped and a disabled one shall take equally long.</summary>
    public TimeSpan NotFoundTime { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What is wrong with these settings; null when they can be used.</summary>
    public string? Problem => this switch
    {
        { IssueAtOnce: < 1 or > 100_000 } => "IssueAtOnce is from 1 to 100000.",
        _ when CreditPatience <= TimeSpan.Zero || CreditPatience > TimeSpan.FromSeconds(10) => "CreditPatience is above zero and at most 10 seconds.",
        _ when BatchPatience <= TimeSpan.Zero || BatchPatience > TimeSpan.FromSeconds(10) => "BatchPatience is above zero and at most 10 seconds.",
        { AttemptsOfAccount: < 1 or > 10_000 } or { RefusalsOfAccount: < 1 or > 10_000 } or { AttemptsOfAddress: < 1 or > 1_000_000 } =>
            "There is at least one attempt; at most 10000 of an account and 1000000 of an address.",
        _ when AccountRecovery <= TimeSpan.Zero || AddressRecovery <= TimeSpan.Zero || RefusalRecovery <= TimeSpan.Zero => "A recovery takes longer than nothing.",
        _ when NotFoundTime < TimeSpan.Zero || NotFoundTime > TimeSpan.FromSeconds(5) => "NotFoundTime is not negative and at most 5 seconds.",
        _ => null,
    };
}
