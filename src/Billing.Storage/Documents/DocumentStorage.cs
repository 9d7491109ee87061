using System.Globalization;
using Orleans.Storage;

namespace Billing.Storage.Documents;

/// <summary>
/// Orleans' storage for money grains: a <see cref="Document"/> with the events that led to it, in one transaction that fails when the version has moved on.
/// The state's name is the noun; the ETag is the version.
/// </summary>
/// <remarks>
/// A write ends with <see cref="InconsistentStateException"/> when the document has moved on, <see cref="CompanionOutdatedException"/> when one that was to be written with it
/// has, <see cref="UniqueTakenException"/> when a unique index refuses it,
/// <see cref="StoreBusyException"/> when it was not begun, and <see cref="OutcomeUnknownException"/> when it may or may not have been written. The caller's
/// cancellation counts only while the write waits: once begun, it ends as it ends.
/// </remarks>
public sealed class DocumentStorage : IGrainStorage
{
    /// <summary>The name under which grains find it.</summary>
    public const string Name = "documents";

    readonly Database database;
    readonly WriteQueue queue;
    readonly Dictionary<string, DocumentKind> kinds;

    internal DocumentStorage(Database database, WriteQueue queue, IEnumerable<DocumentKind> kinds)
    {
        this.database = database;
        this.queue = queue;
        this.kinds = kinds.ToDictionary(kind => kind.Noun, StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var state = Typed(grainState);
        var kind = Kind(stateName);
        var stored = await database.Read(kind, Key(grainId), cancellationToken);
        state.State = new Document { State = stored is { } row ? kind.ReadState(row.Document) : null };
        state.ETag = stored?.Version.ToString(CultureInfo.InvariantCulture);
        state.RecordExists = stored is not null;
    }

    /// <inheritdoc/>
    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    /// <inheritdoc/>
    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var state = Typed(grainState);
        var stored = string.IsNullOrEmpty(state.ETag) ? 0 : long.Parse(state.ETag, CultureInfo.InvariantCulture);
        var document = state.State ?? throw new ArgumentException("There is nothing to store.", nameof(grainState));
        var own = PendingDocument.Of(Kind(stateName), Key(grainId), stored, document);
        var write = document.Companions.Count == 0 ? new PendingWrite(own) : new PendingWrite([own, .. document.Companions.Select(other => new PendingDocument(Kind(other.Noun), other))]);
        await queue.Write(write, cancellationToken);
        state.ETag = own.Version.ToString(CultureInfo.InvariantCulture);
        state.RecordExists = true;
    }

    /// <summary>Refused: what was money once is never cleared.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        throw new NotSupportedException($"A stored {stateName} is never cleared.");

    static string Key(GrainId grainId) => grainId.Key.ToString() ?? throw new ArgumentException("A grain without a key cannot be stored.", nameof(grainId));

    static IGrainState<Document> Typed<T>(IGrainState<T> state) => state as IGrainState<Document>
        ?? throw new NotSupportedException($"The storage '{Name}' keeps {nameof(Document)}s, not {typeof(T)}.");

    DocumentKind Kind(string noun) => kinds.TryGetValue(noun, out var kind)
        ? kind
        : throw new InvalidOperationException($"No {nameof(DocumentKind)} named '{noun}' is registered.");
}
