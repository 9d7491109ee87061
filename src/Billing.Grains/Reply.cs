namespace Billing;

/// <summary>A grain's answer: what is so now, stored; or why it was refused. A fault is an exception and neither.</summary>
/// <typeparam name="T">What is so now.</typeparam>
/// <typeparam name="TError">The noun's refusals.</typeparam>
[GenerateSerializer, Immutable, Alias("billing.reply`2")]
public sealed record Reply<T, TError>(T? Value, TError? Refusal)
    where T : class
    where TError : class
{
    /// <summary>Done, or already so.</summary>
    public static implicit operator Reply<T, TError>(T value) => new(value, null);

    /// <summary>Refused; nothing changed.</summary>
    public static implicit operator Reply<T, TError>(TError refusal) => new(null, refusal);
}
