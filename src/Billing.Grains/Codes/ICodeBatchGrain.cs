namespace Billing.Codes;

/// <summary>Is told of a batch's progress.</summary>
[Alias("billing.ICodeBatchWatcher")]
public interface ICodeBatchWatcher : IGrainObserver
{
    /// <summary>The batch as it is stored now.</summary>
    [Orleans.Concurrency.OneWay, Alias("Changed")]
    Task Changed(Versioned<CodeBatch> batch);

    /// <summary>The grain leaves memory and forgets who watches it: to be watched anew.</summary>
    [Orleans.Concurrency.OneWay, Alias("Renew")]
    Task Renew();
}

/// <summary>A code that was given to an account.</summary>
/// <param name="Code">The code.</param>
/// <param name="Replayed">Whether it was given for this source before.</param>
[GenerateSerializer, Immutable, Alias("billing.code.given")]
public sealed record CodeGiven(Code Code, bool Replayed);

/// <summary>What issuing led to.</summary>
/// <param name="Batch">The batch; not all of its codes may be stored yet.</param>
/// <param name="Replayed">Whether the key had issued it before.</param>
[GenerateSerializer, Immutable, Alias("billing.code.batch.issued")]
public sealed record BatchIssued(Versioned<CodeBatch> Batch, bool Replayed);

/// <summary>A batch of codes, by <see cref="CodeBatch.IdOf"/>.</summary>
[Alias("billing.ICodeBatchGrain")]
public interface ICodeBatchGrain : IDocumentGrain
{
    /// <summary>The batch as it is; null when there is none.</summary>
    [Alias("Get")]
    Task<Versioned<CodeBatch>?> Get();

    /// <summary>Issues it. The same terms again change nothing; the codes are stored in the background when they are many.</summary>
    [Alias("Issue")]
    Task<Reply<BatchIssued, CodeBatchError>> Issue(CodeBatchTerms terms, SealedCode? vanity, Actor actor);

    /// <summary>Disables it and all of its codes that are not used up; in the background when they are many.</summary>
    [Alias("Disable")]
    Task<Reply<Versioned<CodeBatch>, CodeBatchError>> Disable(string note, Actor actor);

    /// <summary>Takes one of the batch's own places, once for the reference.</summary>
    [Alias("TakePlace")]
    Task<Reply<Versioned<CodeBatch>, CodeBatchError>> TakePlace(string reference);

    /// <summary>Gives an account an unused code; the same source gives the same code.</summary>
    [Alias("Give")]
    Task<Reply<CodeGiven, CodeBatchError>> Give(string account, string source, string? note, Actor actor);

    /// <summary>Writes down that codes are about to be shown in plain text.</summary>
    [Alias("Reveal")]
    Task<Reply<Versioned<CodeBatch>, CodeBatchError>> Reveal(int codes, Actor actor);

    /// <summary>Writes down that all codes are about to be exported in plain text.</summary>
    [Alias("Export")]
    Task<Reply<Versioned<CodeBatch>, CodeBatchError>> Export(Actor actor);

    /// <summary>Tells the watcher of each change, its present state first; to be renewed before <see cref="Watchers.Lease"/> ends.</summary>
    [Alias("Watch")]
    Task Watch([Immutable] ICodeBatchWatcher watcher);

    /// <summary>Stops telling the watcher.</summary>
    [Alias("Unwatch")]
    Task Unwatch([Immutable] ICodeBatchWatcher watcher);
}
