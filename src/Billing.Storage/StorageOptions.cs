namespace Billing.Storage;

/// <summary>Where the documents are kept, and how much is gathered into one commit.</summary>
public sealed class StorageOptions
{
    static readonly TimeSpan LongestGatherTime = TimeSpan.FromSeconds(1);

    /// <summary>A PostgreSQL database, for any number of silos. Without one, the documents are in <see cref="SqlitePath"/>.</summary>
    public string? PostgresConnectionString { get; set; }

    /// <summary>The embedded database's file, for one silo. Its folder is made when it is missing.</summary>
    public string SqlitePath { get; set; } = "data/billing.db";

    /// <summary>How many writes may wait. The next one is refused with <see cref="StoreBusyException"/>.</summary>
    public int QueueLength { get; set; } = 8_192;

    /// <summary>How many documents are committed together at most.</summary>
    public int CommitSize { get; set; } = 128;

    /// <summary>How many commits may be under way at once on PostgreSQL. SQLite has one writer.</summary>
    public int Committers { get; set; } = 1;

    /// <summary>
    /// How long a commit to PostgreSQL waits for more documents while many are written: it spares the database's processor and costs the writers time. Zero, the
    /// usual, never waits: what comes during a commit is gathered by the next one all the same.
    /// </summary>
    public TimeSpan GatherTime { get; set; } = TimeSpan.Zero;

    /// <summary>After how long a statement is given up. What it was to write has then an unknown outcome.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the store may take at shutdown to commit what is queued.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a starting host waits for another one that is applying the schema.</summary>
    public TimeSpan SchemaTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Whether the documents are in PostgreSQL, which serves a cluster; SQLite serves one silo, whose clustering is the host's affair.</summary>
    public bool UsesPostgres => !string.IsNullOrWhiteSpace(PostgresConnectionString);

    /// <summary>What is said when there is no database to be had. The connection string has a password, and is not repeated.</summary>
    public SetupException Unusable(Exception fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        var whereToLook = UsesPostgres
            ? "See that the server runs, and that ConnectionStrings:Billing names it, a database of it, and who may use that."
            : $"Billing:Storage:SqlitePath is {Path.GetFullPath(SqlitePath)}.";
        return new($"The database cannot be used: {fault.Message.TrimEnd('.')}. {whereToLook}", fault);
    }

    /// <summary>Says what is wrong with these options, before anything is written through them: a queue that nobody empties would hang every write.</summary>
    /// <exception cref="SetupException">An option cannot be used.</exception>
    internal void Validate()
    {
        var problem = this switch
        {
            { QueueLength: < 1 } => "QueueLength is at least 1.",
            { CommitSize: < 1 } => "CommitSize is at least 1.",
            { Committers: < 1 } => "Committers is at least 1.",
            _ when GatherTime < TimeSpan.Zero || GatherTime > LongestGatherTime => "GatherTime is between zero and a second.",
            _ when CommandTimeout <= TimeSpan.Zero => "CommandTimeout is above zero.",
            _ when DrainTimeout <= TimeSpan.Zero => "DrainTimeout is above zero.",
            _ when SchemaTimeout <= TimeSpan.Zero => "SchemaTimeout is above zero.",
            _ when !UsesPostgres && string.IsNullOrWhiteSpace(SqlitePath) => "SqlitePath names a file.",
            _ => null,
        };
        if (problem is not null) throw new SetupException($"Billing:Storage cannot be used: {problem}");
    }
}
