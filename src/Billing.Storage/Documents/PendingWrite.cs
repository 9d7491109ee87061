namespace Billing.Storage.Documents;

/// <summary>A document on its way to its table, checked.</summary>
sealed class PendingDocument
{
    public PendingDocument(DocumentKind kind, DocumentWrite write)
    {
        Kind = kind;
        Key = StorableText.Checked(write.Key, "key");
        Version = write.Version;
        Shard = Documents.Shard.Of(write.Key);
        Json = StorableText.CheckedJson(write.Json, "document");
        NextDeadline = write.NextDeadline;
        Columns = write.Columns;
        Entries = write.Entries;
        for (var i = 0; i < Columns.Count; i++) Check(kind.Columns[i], Columns[i]);
        for (var i = 0; i < Entries.Count; i++) Check(Entries[i]);
    }

    public DocumentKind Kind { get; }

    public string Key { get; }

    /// <inheritdoc cref="DocumentWrite.Version"/>
    public long Version { get; }

    public int Shard { get; }

    public ReadOnlyMemory<byte> Json { get; }

    public DateTimeOffset? NextDeadline { get; }

    /// <inheritdoc cref="DocumentWrite.Columns"/>
    public IReadOnlyList<object?> Columns { get; }

    public IReadOnlyList<EntryWrite> Entries { get; }

    public static PendingDocument Of(DocumentKind kind, string key, long storedVersion, Document document) =>
        new(kind, DocumentWrite.Of(kind, key, storedVersion, document));

    static void Check(EntryWrite entry)
    {
        StorableText.Checked(entry.Actor, "actor");
        if (entry.Reference is { } reference) StorableText.Checked(reference, "reference");
        if (entry.Claim is { } claim) StorableText.Checked(claim, "claim");
        StorableText.CheckedJson(entry.Data, "event");
    }

    static void Check(DocumentColumn column, object? value)
    {
        switch (column.Type, value)
        {
            case (_, null) or (ColumnType.Long, long) or (ColumnType.Time, DateTimeOffset): return;
            case (ColumnType.Text, string text): StorableText.Checked(text, column.Name); return;
            default: throw new InvalidOperationException($"Column {column.Name} is {column.Type}, and its value is of {value.GetType()}.");
        }
    }
}

/// <summary>What a grain waits for: its document, and those of others that are written with it or not at all.</summary>
sealed class PendingWrite
{
    const int Queued = 0;
    const int Begun = 1;
    const int Withdrawn = 2;

    readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int stage;

    /// <summary>The grain's own document first. No two are of one noun's key, and none of the others is of its noun.</summary>
    public PendingWrite(params IReadOnlyList<PendingDocument> documents)
    {
        Documents = documents;
        for (var i = 1; i < documents.Count; i++)
        {
            if (documents[i].Kind == Own.Kind) throw new ArgumentException($"No {Own.Kind.Noun} is written along with another.", nameof(documents));
        }
    }

    public IReadOnlyList<PendingDocument> Documents { get; }

    /// <summary>The grain's own.</summary>
    public PendingDocument Own => Documents[0];

    /// <summary>Whether there are others.</summary>
    public bool IsJoint => Documents.Count > 1;

    /// <summary>Ends with the write.</summary>
    public Task Done => done.Task;

    /// <summary>From here on the write is no longer the caller's to take back. False when the caller has.</summary>
    public bool Begin() => Interlocked.CompareExchange(ref stage, Begun, Queued) == Queued;

    /// <summary>The caller's cancellation, which only counts as long as the write waits.</summary>
    public void Withdraw(CancellationToken cancellation)
    {
        if (Interlocked.CompareExchange(ref stage, Withdrawn, Queued) == Queued) done.TrySetCanceled(cancellation);
    }

    public void Written() => done.TrySetResult();

    public void Failed(Exception exception) => done.TrySetException(exception);
}
