using System.Collections.Immutable;
using System.Text.Json;

namespace Billing.Tests;

/// <summary>A test's story: given what happened, when something is asked, then this follows. Events are compared as they would be stored.</summary>
sealed record Story<TState, TEvent, TCommand, TError>(
    DocumentKind<TState, TEvent> Kind, Func<TState?, TCommand, DateTimeOffset, Decision<TEvent, TError>> Rules, ImmutableArray<TEvent> History,
        DateTimeOffset Now)
    where TState : class
    where TEvent : class
    where TCommand : class
    where TError : class
{
    static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    Decision<TEvent, TError> answer;

    /// <summary>The state that the history led to.</summary>
    public TState? State => History.Aggregate((TState?)null, (state, happened) => (TState)Kind.After(state, happened));

    public Story<TState, TEvent, TCommand, TError> At(DateTimeOffset now) => this with { Now = now };

    public Story<TState, TEvent, TCommand, TError> When(TCommand command)
    {
        var decision = Rules(State, command, Now);
        return this with { History = [.. History, .. decision.Events], answer = decision };
    }

    /// <summary>Exactly these events followed from the last command.</summary>
    public Story<TState, TEvent, TCommand, TError> Then(params ReadOnlySpan<TEvent> expected)
    {
        Assert.Null(answer.Refusal);
        Assert.Equal(expected.ToArray().Select(Text), answer.Events.Select(Text));
        return this;
    }

    /// <summary>It was already so: nothing followed, and it was no refusal.</summary>
    public Story<TState, TEvent, TCommand, TError> ThenNothing() => Then();

    /// <summary>It was refused, and nothing followed.</summary>
    public Story<TState, TEvent, TCommand, TError> Then(TError refusal)
    {
        Assert.Empty(answer.Events);
        Assert.NotNull(answer.Refusal);
        Assert.Equal(Text(refusal), Text(answer.Refusal));
        return this;
    }

    /// <summary>What the state is then.</summary>
    public Story<TState, TEvent, TCommand, TError> And(Action<TState> holds)
    {
        holds(State!);
        return this;
    }

    string Text(TEvent happened)
    {
        var (name, data) = Kind.WriteEvent(happened);
        return $"{name} {data.Text()}";
    }

    static string Text(TError refusal) => $"{refusal.GetType().Name} {JsonSerializer.Serialize(refusal, refusal.GetType(), Readable)}";
}
