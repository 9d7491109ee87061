namespace Billing.Codes;

/// <summary>A redemption code, by the keyed hash of its text.</summary>
[Alias("billing.ICodeGrain")]
public interface ICodeGrain : IDocumentGrain
{
    /// <summary>The code as it is; null when there is none.</summary>
    [Alias("Get")]
    Task<Versioned<Code>?> Get();

    /// <summary>
    /// Redeems it. The same account's same wish gives the first answer again, whatever has become of the code since; a wish without a key is the same wish each time.
    /// </summary>
    /// <exception cref="StoreBusyException">Nothing happened; try again.</exception>
    [Alias("Redeem")]
    Task<Reply<Redeemed, CodeError>> Redeem(Redeemer by, string? idempotencyKey);

    /// <summary>What redeeming would lead to, and what the account redeemed of it before, whatever has become of the code since. Redeems nothing.</summary>
    [Alias("Preview")]
    Task<CodePreview> Preview(Redeemer by);

    /// <summary>Disables what is left of it. A code that was used up stays used.</summary>
    [Alias("Disable")]
    Task<Reply<CodeIsDisabled, CodeError>> Disable(DisabledAs how, string? note, Actor actor);

    /// <summary>Gives it to an account, which alone may redeem it from then on.</summary>
    /// <exception cref="UniqueTakenException">The source was given another code.</exception>
    [Alias("Assign")]
    Task<Reply<Versioned<Code>, CodeError>> Assign(string account, string source, string? note, Actor actor);

    /// <summary>Takes back what is unspent of a redemption, once. The code cannot be used again.</summary>
    [Alias("Reverse")]
    Task<Reply<Redemption, CodeError>> Reverse(string redemptionId, long expectedVersion, string note, string idempotencyKey, Actor actor);
}
