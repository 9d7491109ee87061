using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Storage;
using Orleans.Utilities;

namespace Billing.Codes;

/// <summary>
/// The batch's shell. Its codes are stored and disabled in bulk, without a grain for each: a code's version guards it against whoever redeems it at the same moment.
/// </summary>
[GrainType(CodeBatchDocument.Noun)]
sealed partial class CodeBatchGrain(IGrainFactory grains, ICodeStore codes, IRedemptions redemptions, CodeVault vault, IOptions<CodeSettings> options)
    : DocumentGrain<CodeBatch, CodeBatchEvent, CodeBatchCommand, CodeBatchError>(CodeBatchDocument.Kind), ICodeBatchGrain, IDisposable
{
    // So many codes are disabled between two looks at the journal, and so many at the same time.
    const int DisableAtOnce = 1_000;

    // So many unused codes are looked at together; each that cannot be given was used or given meanwhile.
    const int Candidates = 16;

    // Two chance codes have never been the same; a third try is for the unthinkable.
    const int IssueTries = 3;

    readonly CodeSettings settings = options.Value;
    readonly SemaphoreSlim giving = new(1);
    ObserverManager<ICodeBatchWatcher>? watchers;
    int? givenUpTo;

    string Id => this.GetPrimaryKeyString();

    /// <summary>A batch of a million takes a hundred steps, and as many disabled codes a thousand.</summary>
    protected override int MaxSteps => 10_000;

    public Task<Versioned<CodeBatch>?> Get() => Task.FromResult(Visible);

    public async Task<Reply<BatchIssued, CodeBatchError>> Issue(CodeBatchTerms terms, SealedCode? vanity, Actor actor)
    {
        var obeyed = await Obey(new OrderBatch(Id, terms, vanity, actor.Name), actor);
        if (obeyed.Refusal is { } refusal) return refusal;
        await WorkFor(settings.BatchPatience);
        return State!.Refusal is { } remembered ? remembered : new BatchIssued(Stored!, obeyed.Events.Count == 0);
    }

    public async Task<Reply<Versioned<CodeBatch>, CodeBatchError>> Disable(string note, Actor actor)
    {
        var obeyed = await Obey(new DisableBatch(actor.Name, note), actor);
        if (obeyed.Refusal is { } refusal) return refusal;
        await WorkFor(settings.BatchPatience);
        return Stored!;
    }

    public async Task<Reply<Versioned<CodeBatch>, CodeBatchError>> TakePlace(string reference)
    {
        try
        {
            var reply = await Answer(new TakePlace(reference), Actor.System);
            if (reply.Value is not null || Visible is null || !await redemptions.HasPlace(Id, reference, CancellationToken.None)) return reply;
        }
        catch (UniqueTakenException)
        {
            // As below.
        }

        // Taken longer ago than the document remembers: it keeps its place though there is none left for others.
        return Stored!;
    }

    public async Task<Reply<CodeGiven, CodeBatchError>> Give(string account, string source, string? note, Actor actor)
    {
        if (Visible is null) return new CodeBatchNotFound();
        await giving.WaitAsync();
        try
        {
            if (await Given(account, source) is { } before) return before;
            if (State!.Disabling is not null || State.Terms.ValidUntil <= Now) return new NoCodeLeft();
            return await GiveUnused(account, source, note, actor);
        }
        finally
        {
            giving.Release();
        }
    }

    public Task<Reply<Versioned<CodeBatch>, CodeBatchError>> Reveal(int codes, Actor actor) => Answer(new RevealCodes(codes), actor);

    public Task<Reply<Versioned<CodeBatch>, CodeBatchError>> Export(Actor actor) => Answer(new ExportCodes(), actor);

    public async Task Watch(ICodeBatchWatcher watcher)
    {
        watchers ??= Watchers.Of<ICodeBatchWatcher>(Log);
        watchers.Subscribe(watcher, watcher);
        if (Visible is { } now) await watcher.Changed(now);
    }

    public Task Unwatch(ICodeBatchWatcher watcher)
    {
        watchers?.Unsubscribe(watcher);
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (watchers is { Count: > 0 }) await watchers.Notify(watcher => watcher.Renew());
        await base.OnDeactivateAsync(reason, cancellationToken);
    }

    public void Dispose() => giving.Dispose();

    protected override Decision<CodeBatchEvent, CodeBatchError> Decide(CodeBatch? state, CodeBatchCommand command, DateTimeOffset now) => CodeBatchRules.Decide(state, command, now);

    protected override void Changed()
    {
        if (watchers is { Count: > 0 } && Visible is { } now) watchers.Notify(watcher => watcher.Changed(now)).Ignore();
    }

    protected override async Task<bool> TakeStep()
    {
        if (State is null) return false;
        switch (CodeBatch.Next(State))
        {
            case IssueMore issue:
                await IssueMore(issue.After);
                return true;
            case DisableMore disable:
                await DisableMore(disable.Disabling.UpTo);
                return true;
            default:
                return false;
        }
    }

    // A refused wish keeps its key, but nobody sees a batch.
    Versioned<CodeBatch>? Visible => Stored is { State.Refusal: null } stored ? stored : null;

    async Task<Reply<Versioned<CodeBatch>, CodeBatchError>> Answer(CodeBatchCommand command, Actor actor)
    {
        var obeyed = await Obey(command, actor);
        return obeyed.Refusal is { } refusal ? refusal : new Versioned<CodeBatch>(obeyed.State!, obeyed.Version);
    }

    // What takes longer goes on by itself; should this process end, the sweep takes it up.
    async Task WorkFor(TimeSpan patience)
    {
        try
        {
            await Work().WaitAsync(patience, TimeProvider.System);
        }
        catch (TimeoutException)
        {
            // Its progress can be watched.
        }
        catch (Exception fault) when (fault is OutcomeUnknownException or StoreBusyException or OrleansException)
        {
            // What was ordered is stored: it is taken up again.
            LogInterrupted(Log, fault, Id);
        }
    }

    async Task IssueMore(int after)
    {
        // A transaction may have been committed and its process ended before the batch could note it.
        var stored = await codes.IssuedUpTo(Id, CancellationToken.None);
        for (var tries = 1; stored <= after; tries++)
        {
            var upTo = Math.Min(State!.Terms.Count, after + settings.IssueAtOnce);
            var (batch, now, actor) = (State, Now, new Actor(State.CreatedBy));
            try
            {
                // Off the grain's own thread: making thousands of codes takes a while, and others ask the batch meanwhile.
                if (!await Task.Run(() => codes.Issue(Make(batch, after, upTo, now), actor, CancellationToken.None)))
                {
                    // It was disabled meanwhile, and the next step is to disable what is stored.
                    if (State.Disabling is not null) return;
                    DeactivateOnIdle();
                    throw new OutcomeUnknownException($"Batch {Id} was disabled by another activation; this one is replaced.");
                }

                stored = upTo;
            }
            catch (UniqueTakenException taken)
            {
                LogTaken(Log, Id, taken.Index);
                stored = await codes.IssuedUpTo(Id, CancellationToken.None);
                if (stored > after) break;
                if (batch.Vanity is not null)
                {
                    await Obey(new RecordVanityTaken(), Actor.System);
                    return;
                }

                if (tries == IssueTries) throw;
            }
        }

        await Obey(new RecordIssued(stored), Actor.System);
        LogIssued(Log, Id, stored, State!.Terms.Count);
    }

    IEnumerable<CodeIssued> Make(CodeBatch batch, int after, int upTo, DateTimeOffset now)
    {
        var terms = batch.Terms;
        if (batch.Vanity is { } vanity)
        {
            yield return new(now, terms.VanityKey!, batch.Id, 1, vanity.Text, vanity.Tail, terms.MaxRedemptionsPerCode);
            yield break;
        }

        var random = new byte[CodeText.RandomBytes];
        for (var ordinal = after + 1; ordinal <= upTo; ordinal++)
        {
            RandomNumberGenerator.Fill(random);
            var code = CodeText.Make(terms.Prefix, random);
            var key = vault.KeyOf(code);
            yield return new(now, key, batch.Id, ordinal, vault.Seal(code, key), code.Tail, terms.MaxRedemptionsPerCode);
        }
    }

    async Task DisableMore(int after)
    {
        var page = await codes.After(Id, after, DisableAtOnce, CancellationToken.None);
        var actor = new Actor(State!.Disabling!.By);
        var disabled = await Task.WhenAll(page.Select(code => Disable(code, actor)));
        await Obey(new RecordDisabled(page.Count == 0 ? after : page[^1].State.Ordinal, disabled.Count(done => done), page.Count < DisableAtOnce), Actor.System);
    }

    /// <summary>Disables a code with its batch, and says whether it is: one that was used up, or disabled by itself, is not.</summary>
    async Task<bool> Disable(Versioned<Code> code, Actor actor)
    {
        // What was disabled before this process took over counts too.
        if (code.State.Disabled is { } how) return how == DisabledAs.WithBatch;
        // A redemption that waits for its place may be refused it: its grain knows.
        if (code.State is { Status: CodeStatus.Redeemed, Placing.IsEmpty: true }) return false;
        // A code that nobody has used is in nobody's memory, most likely; its version tells if it is, and then its grain decides who came first.
        return code.State.Redemptions == 0 && await DisableStored(code, actor)
            || await grains.GetGrain<ICodeGrain>(code.State.Key).Disable(DisabledAs.WithBatch, null, actor) is { Value.Code.State.Disabled: DisabledAs.WithBatch };
    }

    async Task<bool> DisableStored(Versioned<Code> code, Actor actor)
    {
        var now = Now;
        var decision = CodeRules.Decide(code.State, new DisableCode(DisabledAs.WithBatch, null), now);
        var document = new Document
        {
            State = decision.Aggregate(code.State, (state, happened) => Code.After(state, happened)),
            Entries = [.. decision.Select(happened => new JournalEntry(happened, now, actor))],
        };
        var written = new GrainState<Document>(document, code.Version.ToString(CultureInfo.InvariantCulture)) { RecordExists = true };
        try
        {
            await ServiceProvider.GetRequiredKeyedService<IGrainStorage>(StorageName).WriteStateAsync(CodeDocument.Noun, GrainId.Create(CodeDocument.Noun, code.State.Key), written);
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
        catch (Exception fault) when (fault is not (OutcomeUnknownException or StoreBusyException))
        {
            // As in the shell of documents; the next look at the code tells.
            throw new OutcomeUnknownException("The write failed and its outcome is unknown.", fault);
        }
    }

    /// <summary>The code that was given for this source; null when none was.</summary>
    async Task<Reply<CodeGiven, CodeBatchError>?> Given(string account, string source)
    {
        if (await redemptions.GivenFor(Id, source, CancellationToken.None) is not { } key) return null;
        var code = (await grains.GetGrain<ICodeGrain>(key).Get())!.State;
        return code.AssignedTo == account ? new CodeGiven(code, Replayed: true) : new BatchKeyReused(["accountId"]);
    }

    async Task<Reply<CodeGiven, CodeBatchError>> GiveUnused(string account, string source, string? note, Actor actor)
    {
        var from = givenUpTo ??= await codes.GivenUpTo(Id, CancellationToken.None);
        // From the last given one to the end, then from the beginning: some may have been passed over.
        var wrapped = from == 0;
        while (true)
        {
            var candidates = await codes.Unused(Id, from, Candidates, CancellationToken.None);
            if (candidates.Count == 0)
            {
                if (wrapped) return new NoCodeLeft();
                (from, wrapped) = (0, true);
                continue;
            }

            foreach (var candidate in candidates)
            {
                from = candidate.State.Ordinal;
                try
                {
                    var reply = await grains.GetGrain<ICodeGrain>(candidate.State.Key).Assign(account, source, note, actor);
                    if (reply.Value is not { } given) continue;
                    givenUpTo = from;
                    return new CodeGiven(given.State, Replayed: false);
                }
                catch (UniqueTakenException)
                {
                    // Another activation of this batch gave one for the same source a moment ago.
                    return await Given(account, source) ?? throw new OutcomeUnknownException($"Batch {Id}: a code is being given for this source.");
                }
            }
        }
    }

    [LoggerMessage(5101, LogLevel.Information, "Batch {Batch}: {Issued} of {Count} codes are stored.")]
    static partial void LogIssued(ILogger log, string batch, int issued, int count);

    [LoggerMessage(5102, LogLevel.Warning, "Batch {Batch}: codes were there already ({Index}); looking what is stored.")]
    static partial void LogTaken(ILogger log, string batch, string index);

    [LoggerMessage(5103, LogLevel.Warning, "Batch {Batch}: its work was interrupted; it is taken up again.")]
    static partial void LogInterrupted(ILogger log, Exception fault, string batch);
}
