using System.Data.Common;
using Billing.Storage.Documents;

namespace Billing.Storage;

/// <summary>A document as it is stored.</summary>
/// <param name="Document">Its JSON.</param>
/// <param name="Version">Its version.</param>
readonly record struct StoredDocument(string Document, long Version);

/// <summary>One of the two databases.</summary>
abstract class Database
{
    /// <summary>A connection from the pool, for reading.</summary>
    public abstract ValueTask<DbConnection> Open(CancellationToken cancellation);

    /// <summary>The statement in this database's words. Readers write PostgreSQL, in what both have in common but for <c>= ANY(@list)</c>.</summary>
    public virtual string Words(string statement) => statement;

    /// <summary>The statement for this database, where the two have too little in common.</summary>
    public abstract string Words(string postgres, string sqlite);

    /// <summary>
    /// Runs statements in one transaction beside the queue, for what is no document; rolled back when the work throws. The work awaits nothing but its statements.
    /// </summary>
    public abstract Task<T> Transact<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellation);

    /// <summary>Begins a transaction in which every statement sees the same moment, for reading.</summary>
    public abstract ValueTask<DbTransaction> Snapshot(DbConnection connection, CancellationToken cancellation);

    /// <summary>A document by its key.</summary>
    public abstract ValueTask<StoredDocument?> Read(DocumentKind kind, string key, CancellationToken cancellation);

    /// <summary>What commits gathered writes; each is used by one loop.</summary>
    public abstract IReadOnlyList<ICommitter> Committers(StorageMetrics metrics);

    /// <summary>Stores many new documents of a noun in one transaction, beside the queue: all of them, or none.</summary>
    /// <exception cref="UniqueTakenException">A unique index refuses one; nothing was written.</exception>
    /// <exception cref="StoreBusyException">Nothing was written; try again.</exception>
    /// <exception cref="OutcomeUnknownException">They may or may not have been written.</exception>
    public abstract Task Insert(DocumentKind kind, IEnumerable<PendingWrite> writes, CancellationToken cancellation);

    /// <summary>Brings the schema up to date, however many hosts start at once, and checks what Orleans needs to find in it.</summary>
    public abstract Task ApplySchema(CancellationToken cancellation);
}
