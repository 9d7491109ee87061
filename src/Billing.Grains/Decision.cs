using System.Collections;
using System.Runtime.CompilerServices;

namespace Billing;

/// <summary>What a rule says to a command: the events that follow, none when it is already so, or a refusal.</summary>
/// <typeparam name="TEvent">The noun's events.</typeparam>
/// <typeparam name="TError">The noun's refusals.</typeparam>
[CollectionBuilder(typeof(Decision), nameof(Decision.Of))]
public readonly struct Decision<TEvent, TError> : IEnumerable<TEvent>
    where TError : class
{
    readonly TEvent[]? events;

    internal Decision(TEvent[] events) => this.events = events;

    Decision(TError refusal) => Refusal = refusal;

    /// <summary>Why not, when it was refused.</summary>
    public TError? Refusal { get; }

    /// <summary>What follows, in order.</summary>
    public IReadOnlyList<TEvent> Events => events ?? [];

    /// <summary>A refusal is a decision.</summary>
    public static implicit operator Decision<TEvent, TError>(TError refusal) => new(refusal);

    /// <inheritdoc/>
    public IEnumerator<TEvent> GetEnumerator() => Events.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Lets a row of a rule be written as <c>[new OrderExpired()]</c>.</summary>
public static class Decision
{
    /// <summary>The decision that these events follow.</summary>
    public static Decision<TEvent, TError> Of<TEvent, TError>(ReadOnlySpan<TEvent> events)
        where TError : class => new(events.ToArray());
}
