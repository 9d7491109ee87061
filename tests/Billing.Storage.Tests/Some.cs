using System.Collections.Immutable;
using Billing.Accounts;
using Billing.Catalog;
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

    public static Document With(this object state, params object[] events) =>
        new() { State = state, Entries = [.. events.Select(happened => new JournalEntry(happened, Noon, Actor.System))] };
}
