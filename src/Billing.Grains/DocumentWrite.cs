namespace Billing;

/// <summary>An event on its way to the journal.</summary>
/// <param name="Type">Its stored name.</param>
/// <param name="At">When it was decided.</param>
/// <param name="Actor">Who asked.</param>
/// <param name="Reference">What the key's journal holds once.</param>
/// <param name="Claim">What the noun's journal holds once.</param>
/// <param name="Data">The event: JSON in UTF-8.</param>
[GenerateSerializer, Immutable, Alias("billing.entry-write")]
public readonly record struct EntryWrite(string Type, DateTimeOffset At, string Actor, string? Reference, string? Claim, ReadOnlyMemory<byte> Data);

/// <summary>
/// A document on its way to its table. Everything is text and numbers by now: what its grain does next does not change it, and another grain, elsewhere perhaps, can
/// have it written in one transaction with a document of its own.
/// </summary>
/// <param name="Noun">Which noun's.</param>
/// <param name="Key">The grain's key.</param>
/// <param name="Version">The version that this write makes: the stored one is one less, or there is none when this is 1.</param>
/// <param name="Json">The state: JSON in UTF-8.</param>
/// <param name="NextDeadline">When it must be looked at again.</param>
/// <param name="Columns">The values of the kind's columns: strings, longs and times.</param>
/// <param name="Entries">What happened, in order.</param>
[GenerateSerializer, Immutable, Alias("billing.document-write")]
public sealed record DocumentWrite(
    string Noun, string Key, long Version, ReadOnlyMemory<byte> Json, DateTimeOffset? NextDeadline, IReadOnlyList<object?> Columns, IReadOnlyList<EntryWrite> Entries)
{
    /// <summary>What follows the stored version.</summary>
    /// <exception cref="ArgumentException">The document has no state.</exception>
    public static DocumentWrite Of(DocumentKind kind, string key, long storedVersion, Document document)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(document);
        var state = document.State ?? throw new ArgumentException("A document without a state cannot be stored.", nameof(document));
        var columns = new object?[kind.Columns.Count];
        for (var i = 0; i < columns.Length; i++) columns[i] = kind.Columns[i].Value(state);
        var entries = new EntryWrite[document.Entries.Count];
        for (var i = 0; i < entries.Length; i++) entries[i] = Entry(kind, document.Entries[i]);
        return new(kind.Noun, key, storedVersion + 1, kind.WriteState(state), kind.NextDeadline(state), columns, entries);
    }

    static EntryWrite Entry(DocumentKind kind, JournalEntry entry)
    {
        var (type, data) = kind.WriteEvent(entry.Event);
        return new(type, entry.At, entry.Actor.Name, kind.Reference(entry.Event), kind.Claim(entry.Event), data);
    }
}
