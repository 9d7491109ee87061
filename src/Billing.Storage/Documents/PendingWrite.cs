namespace Billing.Storage.Documents;

/// <summary>An event on its way to the journal.</summary>
readonly record struct PendingEntry(string Type, DateTimeOffset At, string Actor, string? Reference, string? Claim, string Data);

/// <summary>A document on its way to its table. Everything is text and numbers by now: what the grain does next does not change it.</summary>
sealed class PendingWrite
{
    const int Queued = 0;
    const int Begun = 1;
    const int Withdrawn = 2;

    readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int stage;

    PendingWrite(DocumentKind kind, string key, long version, Document document)
    {
        var state = document.State ?? throw new ArgumentException("A document without a state cannot be stored.", nameof(document));
        Kind = kind;
        Key = StorableText.Checked(key, "key");
        Version = version;
        Shard = Documents.Shard.Of(key);
        Json = StorableText.CheckedJson(kind.WriteState(state), "document");
        NextDeadline = kind.NextDeadline(state);
        Columns = new object?[kind.Columns.Count];
        for (var i = 0; i < Columns.Length; i++) Columns[i] = Value(kind.Columns[i], state);
        Entries = new PendingEntry[document.Entries.Count];
        for (var i = 0; i < Entries.Length; i++) Entries[i] = Entry(kind, document.Entries[i]);
    }

    public DocumentKind Kind { get; }

    public string Key { get; }

    /// <summary>The version that this write makes: the stored one is one less, or there is none when this is 1.</summary>
    public long Version { get; }

    public int Shard { get; }

    public string Json { get; }

    public DateTimeOffset? NextDeadline { get; }

    /// <summary>The values of the kind's columns: strings, longs and times.</summary>
    public object?[] Columns { get; }

    public PendingEntry[] Entries { get; }

    /// <summary>Ends with the write.</summary>
    public Task Done => done.Task;

    public static PendingWrite Of(DocumentKind kind, string key, long storedVersion, Document document) => new(kind, key, storedVersion + 1, document);

    /// <summary>From here on the write is no longer the caller's to take back. False when the caller has.</summary>
    public bool Begin() => Interlocked.CompareExchange(ref stage, Begun, Queued) == Queued;

    /// <summary>The caller's cancellation, which only counts as long as the write waits.</summary>
    public void Withdraw(CancellationToken cancellation)
    {
        if (Interlocked.CompareExchange(ref stage, Withdrawn, Queued) == Queued) done.TrySetCanceled(cancellation);
    }

    public void Written() => done.TrySetResult();

    public void Failed(Exception exception) => done.TrySetException(exception);

    static PendingEntry Entry(DocumentKind kind, JournalEntry entry)
    {
        var (type, data) = kind.WriteEvent(entry.Event);
        var (reference, claim) = (kind.Reference(entry.Event), kind.Claim(entry.Event));
        return new(
            type, entry.At, StorableText.Checked(entry.Actor.Name, "actor"), reference is null ? null : StorableText.Checked(reference, "reference"),
            claim is null ? null : StorableText.Checked(claim, "claim"), StorableText.CheckedJson(data, "event"));
    }

    static object? Value(DocumentColumn column, object state) => (column.Type, column.Value(state)) switch
    {
        (_, null) => null,
        (ColumnType.Text, string text) => StorableText.Checked(text, column.Name),
        (ColumnType.Long, long number) => number,
        (ColumnType.Time, DateTimeOffset time) => time,
        (var type, var other) => throw new InvalidOperationException($"Column {column.Name} is {type}, and its value is of {other.GetType()}."),
    };
}
