namespace Billing.GraphQL;

/// <summary>
/// Asked before a request runs that selects counted fields (<see cref="CountedAttribute"/>), once for each kind. A host that counts attempts over time
/// registers one; a rate limit on requests would count a hundred aliases as one. What a single request may do is bounded before that, by
/// <see cref="BillingGraphQLOptions.FieldsPerRequest"/>.
/// </summary>
public interface IFieldLimits
{
    /// <summary>Takes the fields from the viewer's allowance. Null when they may run; otherwise when to come again.</summary>
    ValueTask<FieldRefusal?> Ask(FieldUse use, CancellationToken cancel);
}

/// <summary>A request is about to run fields of one kind.</summary>
/// <param name="Kind">What is counted.</param>
/// <param name="Count">How often the document selects it, aliases and fragments counted.</param>
/// <param name="Viewer">Who asks.</param>
/// <param name="Client">From where.</param>
public sealed record FieldUse(string Kind, int Count, Viewer Viewer, ClientInfo Client);

/// <summary>The request must not run.</summary>
/// <param name="Message">For people, with what to do.</param>
/// <param name="RetryAfter">When it may; null when waiting does not help.</param>
public sealed record FieldRefusal(string Message, TimeSpan? RetryAfter);
