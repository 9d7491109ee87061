namespace Billing;

/// <summary>Who asked; it lands in the journal with what followed.</summary>
/// <param name="Name"><c>account:…</c>, <c>admin:…</c>, <c>service:…</c>, <c>provider:…</c> or <c>system</c>.</param>
[GenerateSerializer, Immutable, Alias("billing.actor")]
public readonly record struct Actor(string Name)
{
    /// <summary>The service itself: deadlines, retries.</summary>
    public static readonly Actor System = new("system");

    /// <summary>The account's owner.</summary>
    public static Actor Account(string account) => new("account:" + account);

    /// <summary>An administrator.</summary>
    public static Actor Administrator(string subject) => new("admin:" + subject);

    /// <summary>The gateway or another trusted program.</summary>
    public static Actor Service(string subject) => new("service:" + subject);

    /// <summary>A payment provider, by the method it was reached through.</summary>
    public static Actor Provider(string methodId) => new("provider:" + methodId);

    /// <summary>Whether this actor may act on what belongs to the account: its owner, and everyone who is no account.</summary>
    public bool MayActFor(string account) => !Name.StartsWith("account:", StringComparison.Ordinal) || Name.AsSpan("account:".Length).SequenceEqual(account);

    /// <inheritdoc/>
    public override string ToString() => Name;
}
