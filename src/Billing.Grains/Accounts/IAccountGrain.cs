using System.Collections.Immutable;
using Billing.Catalog;
using Orleans.Concurrency;

namespace Billing.Accounts;

/// <summary>A line of an account's ledger.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Reference">What caused it; unique in the account.</param>
/// <param name="Kind">What kind of cause that was.</param>
/// <param name="Credits">The signed change.</param>
/// <param name="BalanceAfter">The balance after it.</param>
/// <param name="Note">What for.</param>
/// <param name="At">When.</param>
/// <param name="Days">The days of subscriptions that it took back.</param>
/// <param name="Held">What it holds for a refund.</param>
[GenerateSerializer, Immutable, Alias("billing.account.entry")]
public sealed record LedgerEntry(
    string Account, string Reference, LedgerKind Kind, Credits Credits, Credits BalanceAfter, string? Note, DateTimeOffset At, int Days = 0,
    HeldGrants? Held = null)
{
    /// <summary>What it granted; null when it granted nothing.</summary>
    [Id(9)]
    public ImmutableArray<Grant>? Grants { get; init; }

    /// <summary>The line that an event is.</summary>
    public static LedgerEntry Of(string account, AccountEvent happened, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(happened);
        var (note, days) = happened switch
        {
            GrantsApplied granted => (granted.Note, 0),
            CreditsSpent spent => (spent.Note, 0),
            GrantsTakenBack taken => (taken.Note, taken.Days),
            _ => ((string?)null, 0),
        };
        return new(account, happened.Reference, happened.Kind, happened.Credits, happened.BalanceAfter, note, at, days, (happened as GrantsHeld)?.Held)
        {
            Grants = (happened as GrantsApplied)?.Grants,
        };
    }

    /// <summary>The names of the inputs in which another command under the same reference differs from the one that led here.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="credits">The signed change that it asks for.</param>
    /// <param name="grants">What it grants; null when it takes credits.</param>
    /// <param name="note">Its note.</param>
    public ImmutableArray<string> Differences(LedgerKind kind, decimal credits, ImmutableArray<Grant>? grants, string? note)
    {
        var differs = ImmutableArray.CreateBuilder<string>();
        if (Kind != kind) differs.Add("kind");
        if (Credits.Micro != credits) differs.Add("credits");
        if (Grants is { } known && grants is { } asked)
        {
            if (!known.OfType<CreditGrant>().Select(one => one.ValidDays).SequenceEqual(asked.OfType<CreditGrant>().Select(one => one.ValidDays))) differs.Add("validDays");
            if (differs.Count == 0 && !known.SequenceEqual(asked)) differs.Add("grants");
        }

        if (Note != note) differs.Add("note");
        return differs.ToImmutable();
    }
}

/// <summary>What an account did, and what it holds now.</summary>
/// <param name="Entry">The ledger's line; of the first time when it was a repeat.</param>
/// <param name="Account">The account now.</param>
/// <param name="Version">Its version.</param>
/// <param name="Replayed">Whether it had been done before.</param>
[GenerateSerializer, Immutable, Alias("billing.account.applied")]
public sealed record Applied(LedgerEntry Entry, Account Account, long Version, bool Replayed);

/// <summary>What an account gave back.</summary>
/// <param name="Entry">The ledger's line; of the first time when it was a repeat.</param>
/// <param name="DaysTakenBack">The days of subscriptions that ended sooner.</param>
[GenerateSerializer, Immutable, Alias("billing.account.taken-back")]
public sealed record TakenBack(LedgerEntry Entry, int DaysTakenBack);

/// <summary>Is told of an account's changes.</summary>
[Alias("billing.IAccountWatcher")]
public interface IAccountWatcher : IGrainObserver
{
    /// <summary>The account as it is stored now.</summary>
    [OneWay, Alias("Changed")]
    Task Changed(Account account, long version);

    /// <summary>The grain leaves memory and forgets who watches it: to be watched anew.</summary>
    [OneWay, Alias("Renew")]
    Task Renew();
}

/// <summary>An account, by the subject of its owner.</summary>
[Alias("billing.IAccountGrain")]
public interface IAccountGrain : IDocumentGrain
{
    /// <summary>What it holds; null when it was never credited.</summary>
    [Alias("Get")]
    Task<Versioned<Account>?> Get();

    /// <summary>Applies grants, once for the reference.</summary>
    [Alias("Apply")]
    Task<Reply<Applied, AccountError>> Apply(string reference, LedgerKind kind, [Immutable] ImmutableArray<Grant> grants, string? note, Actor actor);

    /// <summary>
    /// Applies grants, once for the reference, and in the same transaction writes the document of whoever owes them. When the grants had been applied before, the
    /// document is not written, and the answer says so.
    /// </summary>
    /// <exception cref="CompanionOutdatedException">The document has moved on; nothing was applied.</exception>
    [Alias("ApplyWith")]
    Task<Reply<Applied, AccountError>> ApplyWith(string reference, LedgerKind kind, [Immutable] ImmutableArray<Grant> grants, Actor actor, DocumentWrite debtor);

    /// <summary>Takes credits, once for the reference.</summary>
    [Alias("Take")]
    Task<Reply<Applied, AccountError>> Take(string reference, LedgerKind kind, Credits credits, string? note, Actor actor);

    /// <summary>Takes back what is unspent of earlier grants, once for the reference. An account that was never credited has nothing to give back.</summary>
    [Alias("TakeBack")]
    Task<Reply<TakenBack, AccountError>> TakeBack(string reference, LedgerKind kind, string source, [Immutable] ImmutableArray<Grant> grants, string? note, Actor actor);

    /// <summary>Holds what a refund takes back, once for the reference; all of the credits that are wanted, unless it says that what is left will do.</summary>
    /// <param name="reference">The refund.</param>
    /// <param name="source">The reference under which it was granted.</param>
    /// <param name="grants">What was granted.</param>
    /// <param name="wanted">What to hold.</param>
    /// <param name="actor">Who asks.</param>
    [Alias("Hold")]
    Task<Reply<Applied, AccountError>> Hold(string reference, string source, [Immutable] ImmutableArray<Grant> grants, WantedHold wanted, Actor actor);

    /// <summary>Gives back what was held, once for the reference.</summary>
    [Alias("Release")]
    Task<Reply<Applied, AccountError>> Release(string reference, string source, [Immutable] ImmutableArray<Grant> grants, HeldGrants held, int firstNumber, Actor actor);

    /// <summary>Tells the watcher of each change, its present state first; to be renewed before <see cref="Watchers.Lease"/> ends.</summary>
    [Alias("Watch")]
    Task Watch([Immutable] IAccountWatcher watcher);

    /// <summary>Stops telling the watcher.</summary>
    [Alias("Unwatch")]
    Task Unwatch([Immutable] IAccountWatcher watcher);
}
