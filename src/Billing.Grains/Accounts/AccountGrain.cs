using System.Collections.Immutable;
using Billing.Catalog;
using Orleans.Utilities;

namespace Billing.Accounts;

/// <summary>The account's shell: the rules decide, the journal's unique index has the last word on what was already applied.</summary>
[GrainType(AccountDocument.Noun)]
sealed class AccountGrain(ILedger ledger) : DocumentGrain<Account, AccountEvent, AccountCommand, AccountError>(AccountDocument.Kind), IAccountGrain
{
    ObserverManager<IAccountWatcher>? watchers;

    string Id => this.GetPrimaryKeyString();

    public Task<Versioned<Account>?> Get() => Task.FromResult(Stored);

    public Task<Reply<Applied, AccountError>> Apply(string reference, LedgerKind kind, ImmutableArray<Grant> grants, string? note, Actor actor) =>
        Apply(new(Id, reference, kind, grants, note), actor, null);

    public Task<Reply<Applied, AccountError>> ApplyWith(string reference, LedgerKind kind, ImmutableArray<Grant> grants, Actor actor, DocumentWrite debtor) =>
        Apply(new(Id, reference, kind, grants, null), actor, debtor);

    public Task<Reply<Applied, AccountError>> Take(string reference, LedgerKind kind, Credits credits, string? note, Actor actor) =>
        Once(new TakeCredits(reference, kind, credits, note), reference, known => known.Differences(kind, -credits.Micro, null, note), actor);

    public async Task<Reply<TakenBack, AccountError>> TakeBack(
        string reference, LedgerKind kind, string source, ImmutableArray<Grant> grants, string? note, Actor actor)
    {
        var granted = await ledger.Find(Id, source, CancellationToken.None);
        var reply = await Once(new TakeBackGrants(Id, reference, kind, source, grants, granted?.At, note), reference, _ => [], actor);
        return reply.Value is { } applied ? new TakenBack(applied.Entry, applied.Entry.Days) : reply.Refusal!;
    }

    public async Task<Reply<Applied, AccountError>> Hold(string reference, string source, ImmutableArray<Grant> grants, WantedHold wanted, Actor actor)
    {
        try
        {
            return await HoldOnce();
        }
        catch (UniqueTakenException)
        {
            // It was to be voided, and was granted at the same moment.
            return await HoldOnce();
        }

        async Task<Reply<Applied, AccountError>> HoldOnce()
        {
            var granted = await ledger.Find(Id, source, CancellationToken.None);
            // What was voided before cannot be voided again; what was granted after all is the account's since then.
            var grantedAt = granted is { Kind: LedgerKind.Refund } ? Now : granted?.At;
            return await Once(new HoldGrants(Id, reference, source, grants, grantedAt, wanted), reference, _ => [], actor);
        }
    }

    public Task<Reply<Applied, AccountError>> Release(string reference, string source, ImmutableArray<Grant> grants, HeldGrants held, int firstNumber, Actor actor) =>
        Once(new ReleaseHold(reference, source, grants, held, firstNumber), reference, _ => [], actor);

    public async Task Watch(IAccountWatcher watcher)
    {
        watchers ??= Watchers.Of<IAccountWatcher>(Log);
        watchers.Subscribe(watcher, watcher);
        if (Stored is { } now) await watcher.Changed(now.State, now.Version);
    }

    public Task Unwatch(IAccountWatcher watcher)
    {
        watchers?.Unsubscribe(watcher);
        return Task.CompletedTask;
    }

    protected override Decision<AccountEvent, AccountError> Decide(Account? state, AccountCommand command, DateTimeOffset now) =>
        AccountRules.Decide(state, command, now);

    protected override async Task<bool> TakeStep()
    {
        if (State?.NextLapse() is not { } lapse || lapse > Now) return false;
        await Obey(new LapseCredits(), Actor.System);
        return false;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (watchers is { Count: > 0 }) await watchers.Notify(watcher => watcher.Renew());
        await base.OnDeactivateAsync(reason, cancellationToken);
    }

    protected override void Changed()
    {
        if (watchers is { Count: > 0 } && Stored is { } now) watchers.Notify(watcher => watcher.Changed(now.State, now.Version)).Ignore();
    }

    Task<Reply<Applied, AccountError>> Apply(ApplyGrants command, Actor actor, DocumentWrite? debtor)
    {
        var credits = command.Grants.OfType<CreditGrant>().Sum(grant => (decimal)grant.Credits.Micro);
        return Once(command, command.Reference, known => known.Differences(command.Kind, credits, command.Grants, command.Note), actor, debtor);
    }

    /// <summary>Obeys a command that carries a reference. When the reference was there before, the first answer is given again.</summary>
    async Task<Reply<Applied, AccountError>> Once(
        AccountCommand command, string reference, Func<LedgerEntry, ImmutableArray<string>> differences, Actor actor, DocumentWrite? companion = null)
    {
        AccountError? refusal = null;
        UniqueTakenException? collision = null;
        try
        {
            var obeyed = await Obey(command, actor, companion);
            refusal = obeyed.Refusal;
            var added = obeyed.Events.FirstOrDefault(happened => happened.Reference == reference);
            if (added is not null) return new Applied(LedgerEntry.Of(Id, added, obeyed.At), obeyed.State!, obeyed.Version, Replayed: false);
        }
        catch (UniqueTakenException taken)
        {
            // Applied longer ago than the document remembers.
            collision = taken;
        }

        // What was applied longer ago than the document remembers may be refused now; the repeat is still owed the first answer.
        var first = await ledger.Find(Id, reference, CancellationToken.None);
        if (first is null && refusal is not null) return refusal;
        if (first is null && collision is not null) throw collision;
        if (first is null) throw new InvalidOperationException($"Account {Id} remembers {reference}, but its journal does not.");
        if (differences(first) is { IsEmpty: false } differs) return new AccountKeyReused(differs);
        return new Applied(first, State!, Version, Replayed: true);
    }
}
