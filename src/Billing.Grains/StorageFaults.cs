namespace Billing;

/// <summary>A write would have broken a unique index. Nothing was written; the neighbours in the same commit were.</summary>
[GenerateSerializer, Alias("billing.unique-taken")]
public sealed class UniqueTakenException : Exception
{
    /// <summary>Without details.</summary>
    public UniqueTakenException() => Index = "";

    /// <summary>Names the index.</summary>
    public UniqueTakenException(string index)
        : base($"Another row holds what the unique index '{index}' allows once.") => Index = index;

    /// <summary>Names the index, with the database's own words.</summary>
    public UniqueTakenException(string index, Exception inner)
        : base($"Another row holds what the unique index '{index}' allows once.", inner) => Index = index;

    /// <summary>The index's name, the same in both databases.</summary>
    [Id(0)]
    public string Index { get; }
}

/// <summary>Another grain's document, which was to be written in the same transaction, has moved on. Nothing was written.</summary>
[GenerateSerializer, Alias("billing.companion-outdated")]
public sealed class CompanionOutdatedException : Exception
{
    /// <summary>Without details.</summary>
    public CompanionOutdatedException()
    {
    }

    /// <summary>With what happened.</summary>
    public CompanionOutdatedException(string message)
        : base(message)
    {
    }

    /// <summary>With what happened and why.</summary>
    public CompanionOutdatedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>The write holds text that no database here can store. Nothing was written.</summary>
[GenerateSerializer, Alias("billing.unstorable-text")]
public sealed class UnstorableTextException : Exception
{
    /// <summary>Without details.</summary>
    public UnstorableTextException()
    {
    }

    /// <summary>With what is wrong with which text.</summary>
    public UnstorableTextException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong with which text, and why.</summary>
    public UnstorableTextException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>
/// The store cannot take the write, or its answer was lost: it may or may not have been written. Or it could not be read, before or after a write. Repeat the request
/// with the same idempotency key; the answer will tell.
/// </summary>
[GenerateSerializer, Alias("billing.outcome-unknown")]
public sealed class OutcomeUnknownException : Exception
{
    /// <summary>Without details.</summary>
    public OutcomeUnknownException()
    {
    }

    /// <summary>With what happened.</summary>
    public OutcomeUnknownException(string message)
        : base(message)
    {
    }

    /// <summary>With what happened and why.</summary>
    public OutcomeUnknownException(string message, Exception inner)
        : base(message, inner)
    {
    }
}

/// <summary>The store's queue is full or it is closing: the write was not begun and nothing happened. Try again in a moment.</summary>
[GenerateSerializer, Alias("billing.store-busy")]
public sealed class StoreBusyException : Exception
{
    /// <summary>Without details.</summary>
    public StoreBusyException()
    {
    }

    /// <summary>With what happened.</summary>
    public StoreBusyException(string message)
        : base(message)
    {
    }

    /// <summary>With what happened and why.</summary>
    public StoreBusyException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
