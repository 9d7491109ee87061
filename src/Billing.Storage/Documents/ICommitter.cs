using System.Globalization;
using Orleans.Storage;

namespace Billing.Storage.Documents;

/// <summary>Commits gathered writes in one transaction, such that each ends as its own deserves.</summary>
interface ICommitter : IAsyncDisposable
{
    /// <summary>Whether commits end on the thread that called.</summary>
    bool IsSynchronous { get; }

    /// <summary>Commits them, all of different documents, and ends each.</summary>
    ValueTask Commit(IReadOnlyList<PendingWrite> writes);
}

/// <summary>How writes end other than well.</summary>
static class WriteEnds
{
    /// <summary>The document has moved on, or is not what the grain believes.</summary>
    public static void Outdated(this PendingWrite write, StorageMetrics metrics)
    {
        metrics.Conflicted();
        var expected = (write.Own.Version - 1).ToString(CultureInfo.InvariantCulture);
        write.Failed(new InconsistentStateException(
            $"The stored {write.Own.Kind.Noun} {write.Own.Key} is not at version {expected} any more: another activation wrote it.", storedEtag: "", currentEtag: expected));
    }

    /// <summary>One of the others' documents has moved on.</summary>
    public static void CompanionOutdated(this PendingWrite write, StorageMetrics metrics)
    {
        metrics.Conflicted();
        write.Failed(new CompanionOutdatedException($"A document that was to be written with {write.Own.Kind.Noun} {write.Own.Key} has moved on; nothing was written."));
    }

    /// <summary>The write would have broken a unique index.</summary>
    public static void Taken(this PendingWrite write, string index, Exception exception, StorageMetrics metrics)
    {
        metrics.Conflicted();
        write.Failed(new UniqueTakenException(index, exception));
    }

    /// <summary>It was sent, and may or may not have been written.</summary>
    public static void Unknown(this PendingWrite write, Exception exception, StorageMetrics metrics)
    {
        metrics.Faulted();
        write.Failed(new OutcomeUnknownException($"Whether {write.Own.Kind.Noun} {write.Own.Key} was written as version {write.Own.Version} is unknown.", exception));
    }

    /// <summary>It was not sent.</summary>
    public static void NotBegun(this PendingWrite write, Exception exception, StorageMetrics metrics)
    {
        metrics.Faulted();
        write.Failed(new StoreBusyException("The database cannot be reached; nothing was written.", exception));
    }
}
