using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Billing;

/// <summary>How a column is typed in both databases.</summary>
public enum ColumnType
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>A 64-bit integer.</summary>
    Long,

    /// <summary>A moment, UTC, to the microsecond.</summary>
    Time,
}

/// <summary>A typed copy of a part of the document, for filters, sorting and uniqueness.</summary>
/// <param name="Name">The column's name in the noun's table.</param>
/// <param name="Type">Its type; <see cref="Value"/> returns a string, a long or a <see cref="DateTimeOffset"/>, or null.</param>
/// <param name="Value">Reads it from the state.</param>
public sealed record DocumentColumn(string Name, ColumnType Type, Func<object, object?> Value);

/// <summary>An event as the journal keeps it.</summary>
/// <param name="Event">One of the noun's events.</param>
/// <param name="At">When it was decided.</param>
/// <param name="Actor">Who asked.</param>
public sealed record JournalEntry(object Event, DateTimeOffset At, Actor Actor);

/// <summary>What the grain store reads and writes under a grain's key: the state, and with a write the events that led to it.</summary>
public sealed class Document
{
    /// <summary>The state; null when nothing was ever stored.</summary>
    public object? State { get; init; }

    /// <summary>The events since the stored version, in order. Empty after a read.</summary>
    public IReadOnlyList<JournalEntry> Entries { get; init; } = [];

    /// <summary>Documents of other nouns that are written in the same transaction; when one of them has moved on, nothing is written.</summary>
    public IReadOnlyList<DocumentWrite> Companions { get; init; } = [];
}

/// <summary>
/// A noun as it is stored: its table, its typed columns, and the pinned names of its events. Stored names outlive us: they never follow a rename.
/// </summary>
public abstract class DocumentKind
{
    private protected DocumentKind(string noun, string table, IReadOnlyList<DocumentColumn> columns)
    {
        Noun = noun;
        Table = table;
        Columns = columns;
    }

    /// <summary>The grain type's name, and the journal's noun.</summary>
    public string Noun { get; }

    /// <summary>The table; its key column is always <c>key</c>, its others <c>version</c>, <c>document</c>, <c>next_deadline</c>, <c>shard</c> and <see cref="Columns"/>.</summary>
    public string Table { get; }

    /// <summary>The noun's own typed columns.</summary>
    public IReadOnlyList<DocumentColumn> Columns { get; }

    /// <summary>The stored names of the events.</summary>
    public abstract IReadOnlyCollection<string> EventNames { get; }

    /// <summary>The state as stored: JSON in UTF-8.</summary>
    public abstract ReadOnlyMemory<byte> WriteState(object state);

    /// <summary>The state as it was stored.</summary>
    public abstract object ReadState(string json);

    /// <summary>The event's stored name, and its data: JSON in UTF-8.</summary>
    public abstract (string Name, ReadOnlyMemory<byte> Data) WriteEvent(object @event);

    /// <summary>The event as it was stored.</summary>
    /// <exception cref="InvalidOperationException">No event has this name: a newer version wrote it.</exception>
    public abstract object ReadEvent(string name, string data);

    /// <summary>What the noun may hold only once for each key, when the event has one: the journal's unique <c>reference</c>.</summary>
    public abstract string? Reference(object @event);

    /// <summary>What the noun may hold only once over all of its keys, when the event has one: the journal's unique <c>claim</c>. A limit that spans documents is places claimed so.</summary>
    public abstract string? Claim(object @event);

    /// <summary>The state after one more event.</summary>
    public abstract object After(object? state, object @event);

    /// <summary>When the document must be looked at again, if ever.</summary>
    public abstract DateTimeOffset? NextDeadline(object state);
}

/// <summary>A noun's pinned storage, typed.</summary>
/// <typeparam name="TState">The document.</typeparam>
/// <typeparam name="TEvent">The events' base.</typeparam>
public sealed class DocumentKind<TState, TEvent> : DocumentKind
    where TState : class
    where TEvent : class
{
    readonly JsonTypeInfo<TState> state;
    readonly Func<TState?, TEvent, TState> after;
    readonly Func<TState, DateTimeOffset?> nextDeadline;
    readonly Func<TEvent, string?> reference;
    readonly Func<TEvent, string?>? claim;
    readonly Dictionary<string, JsonTypeInfo> byName;
    readonly Dictionary<Type, string> names;

    /// <summary>Pins a noun.</summary>
    /// <param name="noun">The grain type's name.</param>
    /// <param name="table">The table.</param>
    /// <param name="state">How the state is written.</param>
    /// <param name="after">The fold.</param>
    /// <param name="nextDeadline">When the document must be looked at again.</param>
    /// <param name="reference">What an event makes unique, or null.</param>
    /// <param name="columns">The typed columns.</param>
    /// <param name="events">The stored name of each event, and how it is written.</param>
    /// <param name="claim">What an event makes unique over all keys; nothing when left out.</param>
    [SuppressMessage("Design", "CA1062", Justification = "Called by our own static initialisers.")]
    public DocumentKind(
        string noun,
        string table,
        JsonTypeInfo<TState> state,
        Func<TState?, TEvent, TState> after,
        Func<TState, DateTimeOffset?> nextDeadline,
        Func<TEvent, string?> reference,
        IReadOnlyList<DocumentColumn> columns,
        IReadOnlyDictionary<string, JsonTypeInfo> events,
        Func<TEvent, string?>? claim = null)
        : base(noun, table, columns)
    {
        this.state = state;
        this.after = after;
        this.nextDeadline = nextDeadline;
        this.reference = reference;
        this.claim = claim;
        byName = new(events, StringComparer.Ordinal);
        names = events.ToDictionary(pair => pair.Value.Type, pair => pair.Key);
    }

    /// <inheritdoc/>
    public override IReadOnlyCollection<string> EventNames => byName.Keys;

    /// <inheritdoc/>
    public override ReadOnlyMemory<byte> WriteState(object state) => Json(state, this.state);

    /// <inheritdoc/>
    public override object ReadState(string json) =>
        JsonSerializer.Deserialize(json, state) ?? throw new InvalidOperationException($"A stored {Noun} is null.");

    /// <inheritdoc/>
    public override (string Name, ReadOnlyMemory<byte> Data) WriteEvent(object @event)
    {
        ArgumentNullException.ThrowIfNull(@event);
        var name = names.TryGetValue(@event.GetType(), out var pinned)
            ? pinned
            : throw new InvalidOperationException($"{@event.GetType().Name} has no stored name in {Noun}.");
        return (name, Json(@event, byName[name]));
    }

    /// <inheritdoc/>
    public override object ReadEvent(string name, string data) =>
        byName.TryGetValue(name, out var type)
            ? JsonSerializer.Deserialize(data, type) ?? throw new InvalidOperationException($"A stored {Noun} event is null.")
            : throw new InvalidOperationException($"The journal holds {Noun} event '{name}', which this version does not know. Run a newer version.");

    /// <inheritdoc/>
    public override string? Reference(object @event) => reference((TEvent)@event);

    /// <inheritdoc/>
    public override string? Claim(object @event) => claim?.Invoke((TEvent)@event);

    /// <inheritdoc/>
    public override object After(object? state, object @event) => after((TState?)state, (TEvent)@event);

    /// <inheritdoc/>
    public override DateTimeOffset? NextDeadline(object state) => nextDeadline((TState)state);

    static byte[] Json(object value, JsonTypeInfo type) =>
        JsonBuffer.Write((value, type), static (it, writer) => JsonSerializer.Serialize(writer, it.value, it.type), static (_, text) => text.ToArray());

    /// <summary>A typed column.</summary>
    public static DocumentColumn Column(string name, ColumnType type, Func<TState, object?> value) => new(name, type, state => value((TState)state));
}
