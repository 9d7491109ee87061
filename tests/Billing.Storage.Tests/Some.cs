using System.Collections.Immutable;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Codes;
using Billing.Orders;

namespace Billing.Storage.Tests;

/// <summary>Documents to store. The store does not ask whether they make sense.</summary>
static class Some
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static Order Order(
        string number,
        string account = "ada",
        PaymentStatus payment = PaymentStatus.Unpaid,
        int? openSlot = null,
        int? purchaseSlot = null,
        string plan = "starter",
        DateTimeOffset? createdAt = null,
        DateTimeOffset? expiresAt = null,
        OrderError? refusal = null,
        params WorkItem[] workItems) => new(
            number, new(account, "key-" + number, plan, null, null, null), refusal, new(plan, new("Starter"), [], false), new(990, "EUR"), payment,
            FulfilmentStatus.NotStarted, StockStatus.NotCounted, 0, [], [], [.. workItems], openSlot, purchaseSlot, createdAt ?? Noon,
            expiresAt ?? Noon.AddHours(1), null, null, null, 0);

    public static Account Account(string id, long micro, DateTimeOffset? lapse = null) =>
        new(id, new(micro), [new("gift", new(micro), new(micro), lapse)], [], [], Noon);

    public static Plan Plan(string slug, int sortOrder) => new(
        slug, new(new(slug), null, new(990, "EUR"), null, null, [], [], null, null, true, null, null, sortOrder), null, ImmutableArray<string>.Empty, Noon);

    public static CreditsSpent Spent(string reference, long micro = -1_000, long after = 0, string? note = null) =>
        new(reference, LedgerKind.Spend, new(micro), new(after), note);

    public static CodeIssued Issued(string key, int ordinal, string batch = "BATCH", int maxRedemptions = 1) =>
        new(Noon, key, batch, ordinal, "1.c2VhbGVk", "TA" + (ordinal % 100).ToString("D2", System.Globalization.CultureInfo.InvariantCulture), maxRedemptions);

    public static CodeRedeemed Redeemed(string account, int place = 1, string? id = null, string batch = "BATCH", bool needsPlace = false) =>
        new(Noon, id ?? "by-" + account, account, batch, "TAIL", place, needsPlace);

    /// <summary>A code after these events, as its grain would store it in one write.</summary>
    public static Document Code(CodeIssued issued, params CodeEvent[] events)
    {
        var later = After(Billing.Codes.Code.After(null, issued), events);
        return new() { State = later.State, Entries = [new(issued, issued.At, Actor.System), .. later.Entries] };
    }

    /// <summary>The next write of a code. Who redeems is the journal's actor.</summary>
    public static Document After(Code code, params CodeEvent[] events) => new()
    {
        State = events.Aggregate(code, Billing.Codes.Code.After),
        Entries = [.. events.Select(happened => new JournalEntry(happened, happened.At, happened is CodeRedeemed e ? Actor.Account(e.Account) : Actor.System))],
    };

    public static Document Batch(string id, string name, DateTimeOffset? createdAt = null, CodeBatchError? refusal = null, int count = 1) => new CodeBatch(
        id, new(name, count, [new CreditGrant(Credits.Whole(5), null)], "", null, null, 1, 1, null, null, [], null, null), null, refusal, 0, null, 0, [], null,
        createdAt ?? Noon, "admin").With();

    public static Document With(this object state, params object[] events) =>
        new() { State = state, Entries = [.. events.Select(happened => new JournalEntry(happened, Noon, Actor.System))] };

    /// <summary>The same, to be written in one transaction with these.</summary>
    public static Document Along(this Document document, params DocumentWrite[] companions) =>
        new() { State = document.State, Entries = document.Entries, Companions = companions };
}
