using System.Data.Common;
using Billing.Storage.Documents;

namespace Billing.Storage;

/// <summary>A document as it is stored.</summary>
/// <param name="Document">Its JSON.</param>
/// <param name="Version">Its version.</param>
readonly record struct StoredDocument(string Document, long Version);

/// <summary>A statement that writes what no document is, in the words of <see cref="Database.Words(string)"/>.</summary>
/// <param name="Text">It.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="MustChange">Whether it has to change a row, or nothing is done.</param>
readonly record struct Statement(string Text, object Parameters, bool MustChange = false);

/// <summary>What must hold of a row elsewhere for new documents to be written, and holds until they are: the row is locked while it is asked, last of all.</summary>
/// <param name="Text">Gives whether it holds, in this database's words; no row is no objection.</param>
/// <param name="Parameters">Its parameters, known once the documents are made.</param>
readonly record struct Condition(string Text, Func<object> Parameters);

/// <summary>One of the two databases.</summary>
/// <remarks>
/// Of a database that went away its callers hear as <see cref="OutcomeUnknownException"/>: a driver's exceptions stay in here, since a grain's caller on another host cannot read them.
/// </remarks>
abstract class Database
{
    /// <summary>Whether the database could not be reached, or takes nobody more, rather than refused the statement.</summary>
    public abstract bool IsAway(DbException fault);

    /// <summary>What is told of such a fault.</summary>
    public static OutcomeUnknownException Away(DbException fault) => new("The database went away, or takes nobody more.", fault);

    /// <summary>A connection from the pool, for reading.</summary>
    public abstract ValueTask<DbConnection> Open(CancellationToken cancellation);

    /// <summary>The statement in this database's words. Readers write PostgreSQL, in what both have in common but for <c>= ANY(@list)</c>.</summary>
    public virtual string Words(string statement) => statement;

    /// <summary>The statement for this database, where the two have too little in common.</summary>
    public string Words(string postgres, string sqlite) => Own(postgres, sqlite);

    /// <summary>What is this database's own of the two.</summary>
    public abstract T Own<T>(T postgres, T sqlite);

    /// <summary>
    /// Runs statements in one transaction beside the queue, for what is no document; rolled back when the work throws. The work awaits nothing but its statements.
    /// </summary>
    public Task<T> Transact<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellation) => OrAway(TransactCore(work, cancellation));

    /// <summary>Begins a transaction in which every statement sees the same moment, for reading.</summary>
    public abstract ValueTask<DbTransaction> Snapshot(DbConnection connection, CancellationToken cancellation);

    /// <summary>A document by its key.</summary>
    public Task<StoredDocument?> Read(DocumentKind kind, string key, CancellationToken cancellation) => OrAway(ReadCore(kind, key, cancellation));

    /// <summary>What commits gathered writes; each is used by one loop.</summary>
    public abstract IReadOnlyList<ICommitter> Committers(StorageMetrics metrics);

    /// <summary>Stores many new documents of a noun in one transaction, beside the queue: all of them, or none. False, and nothing stored, when the condition does not hold.</summary>
    /// <exception cref="UniqueTakenException">A unique index refuses one; nothing was written.</exception>
    /// <exception cref="StoreBusyException">Nothing was written; try again.</exception>
    /// <exception cref="OutcomeUnknownException">They may or may not have been written.</exception>
    public abstract Task<bool> Insert(DocumentKind kind, IEnumerable<PendingDocument> writes, Condition condition, CancellationToken cancellation);

    /// <summary>Writes what no document is, in one transaction beside the queue. False, and nothing done, when a statement changed nothing that had to.</summary>
    public Task<bool> Execute(IReadOnlyList<Statement> statements, CancellationToken cancellation) => OrAway(ExecuteCore(statements, cancellation));

    /// <summary>
    /// Reads on in the journal, no further than where every lower position is settled: its row is there to be seen, or will never be. Gives the rows, and how far
    /// they go; nothing and <paramref name="after"/> when there is nothing new, or something is not settled now.
    /// </summary>
    /// <param name="statement">What to read.</param>
    /// <param name="after">After this position.</param>
    /// <param name="parameters">The statement's parameters, given the last position that may be read.</param>
    /// <param name="cancellation">Gives up.</param>
    public Task<(IReadOnlyList<T> Rows, long UpTo)> ReadJournal<T>(string statement, long after, Func<long, object> parameters, CancellationToken cancellation) =>
        OrAway(ReadJournalCore<T>(statement, after, parameters, cancellation));

    /// <summary>The highest position that was given to a row of the journal, whether it can be seen or not.</summary>
    public Task<long> JournalEnd(CancellationToken cancellation) => OrAway(JournalEndCore(cancellation));

    /// <summary>Brings the schema up to date, however many hosts start at once, and checks what Orleans needs to find in it.</summary>
    public abstract Task ApplySchema(CancellationToken cancellation);

    protected abstract Task<T> TransactCore<T>(Func<DbConnection, DbTransaction, Task<T>> work, CancellationToken cancellation);

    protected abstract Task<StoredDocument?> ReadCore(DocumentKind kind, string key, CancellationToken cancellation);

    protected abstract Task<bool> ExecuteCore(IReadOnlyList<Statement> statements, CancellationToken cancellation);

    protected abstract Task<(IReadOnlyList<T> Rows, long UpTo)> ReadJournalCore<T>(string statement, long after, Func<long, object> parameters, CancellationToken cancellation);

    protected abstract Task<long> JournalEndCore(CancellationToken cancellation);

    async Task<T> OrAway<T>(Task<T> asked)
    {
        try
        {
            return await asked;
        }
        catch (DbException fault) when (IsAway(fault))
        {
            throw Away(fault);
        }
    }
}
