using Billing.Accounts;
using Billing.Codes;
using Billing.Orders;
using Billing.Storage.Documents;
using Orleans.Storage;

namespace Billing.Storage.Tests;

/// <summary>Documents of two nouns are written in one transaction or not at all.</summary>
public abstract partial class StorageConformance
{
    [Fact]
    public async Task Joint_documents_are_written_with_their_journals()
    {
        await store.Write(OrderDocument.Kind, "ORDER", 0, Some.Order("ORDER").With());
        await store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 7).With(Some.Spent("order:ORDER")).Along(Expired("ORDER", 1)));
        Assert.Equal((2, 1), (await store.Version(OrderDocument.Kind, "ORDER"), await store.Version(AccountDocument.Kind, "ada")));
        Assert.Equal(1, await store.Count("SELECT count(*) FROM journal WHERE noun = 'order' AND key = 'ORDER' AND version = 2 AND type = 'OrderExpired'"));
        Assert.Equal(1, await store.Count("SELECT count(*) FROM journal WHERE noun = 'account' AND key = 'ada' AND version = 1"));
        Assert.Equal(1, await store.Count("SELECT count(*) FROM orders WHERE key = 'ORDER' AND payment_status = 'EXPIRED'"));
    }

    /// <summary>Without the count of what was written (PostgreSQL) or without undoing the savepoint (SQLite) one document of a pair is there without the other.</summary>
    [Fact]
    public async Task Of_joint_documents_none_is_written_when_one_cannot_be_and_the_neighbours_are()
    {
        await store.Write(OrderDocument.Kind, "MOVED", 0, Some.Order("MOVED").With());
        await store.Write(OrderDocument.Kind, "MOVED", 1, Some.Order("MOVED").With());
        await store.Write(OrderDocument.Kind, "WAITS", 0, Some.Order("WAITS").With());
        await store.Write(OrderDocument.Kind, "OPEN", 0, Some.Order("OPEN", openSlot: 3).With());
        await store.Write(AccountDocument.Kind, "stale", 0, Some.Account("stale", 1).With());
        await store.Write(AccountDocument.Kind, "repeat", 0, Some.Account("repeat", 1).With(Some.Spent("same")));

        var outdated = Joint("of-moved", Some.Spent("a"), Expired("MOVED", 1));
        var missing = Joint("of-missing", Some.Spent("a"), Expired("MISSING", 4));
        var stale = Joint("stale", Some.Spent("a"), Expired("WAITS", 1));
        var repeat = Pair("repeat", 1, Some.Spent("same"), Expired("WAITS", 1));
        var second = Joint("of-second", Some.Spent("a"), DocumentWrite.Of(OrderDocument.Kind, "SECOND", 0, Some.Order("SECOND", openSlot: 3).With()));
        var neighbours = Enumerable.Range(0, 12).Select(i => i % 2 == 0
            ? Joint("fine-" + i, Some.Spent("s"), DocumentWrite.Of(OrderDocument.Kind, "FINE-" + i, 0, Some.Order("FINE-" + i, "bob", openSlot: i).With()))
            : Pending(OrderDocument.Kind, "FINE-" + i, 0, Some.Order("FINE-" + i, "bob", openSlot: i).With())).ToArray();
        await Commit([.. neighbours[..3], outdated, missing, .. neighbours[3..7], stale, second, .. neighbours[7..]]);
        await Commit([repeat]);

        await Task.WhenAll(neighbours.Select(neighbour => neighbour.Done));
        await Assert.ThrowsAsync<CompanionOutdatedException>(() => outdated.Done);
        await Assert.ThrowsAsync<CompanionOutdatedException>(() => missing.Done);
        await Assert.ThrowsAsync<InconsistentStateException>(() => stale.Done);
        Assert.Equal("journal_reference", (await Assert.ThrowsAsync<UniqueTakenException>(() => repeat.Done)).Index);
        Assert.Equal(OrderDocument.OpenSlotIndex, (await Assert.ThrowsAsync<UniqueTakenException>(() => second.Done)).Index);
        foreach (var nobody in new[] { "of-moved", "of-missing", "of-second" }) Assert.Equal(0, await store.Version(AccountDocument.Kind, nobody));
        foreach (var unchanged in new[] { "stale", "repeat" }) Assert.Equal(1, await store.Version(AccountDocument.Kind, unchanged));
        Assert.Equal((2, 1, 0, 0), (
            await store.Version(OrderDocument.Kind, "MOVED"), await store.Version(OrderDocument.Kind, "WAITS"), await store.Version(OrderDocument.Kind, "MISSING"),
            await store.Version(OrderDocument.Kind, "SECOND")));
        foreach (var document in neighbours.SelectMany(neighbour => neighbour.Documents)) Assert.Equal(1, await store.Version(document.Kind, document.Key));
        // The six accounts' own, and the one before.
        Assert.Equal(6 + 1, await store.Count("SELECT count(*) FROM journal"));
    }

    /// <summary>What is unique is so among the documents of one write as well: without the index over the claims an account gets one place twice.</summary>
    [Fact]
    public async Task Two_documents_that_are_written_along_cannot_take_the_same_place()
    {
        DocumentWrite[] along = [await Redeemed("CODE1", 1), await Redeemed("CODE2", 2)];
        var taken = await Assert.ThrowsAsync<UniqueTakenException>(() => store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 1).With(Some.Spent("a")).Along(along)));
        Assert.Equal("journal_claim", taken.Index);
        Assert.Equal((0, 1, 1), (await store.Version(AccountDocument.Kind, "ada"), await store.Version(CodeDocument.Kind, "CODE1"), await store.Version(CodeDocument.Kind, "CODE2")));

        async Task<DocumentWrite> Redeemed(string key, int ordinal)
        {
            var issued = Some.Issued(key, ordinal);
            await store.Write(CodeDocument.Kind, key, 0, Some.Code(issued));
            return DocumentWrite.Of(CodeDocument.Kind, key, 1, Some.After(Code.After(null, issued), Some.Redeemed("ada", place: 1)));
        }
    }

    /// <summary>Without the comparison of the companion's version every account gets the order's credits.</summary>
    [Fact]
    public async Task Of_many_who_would_write_one_document_along_one_does()
    {
        await store.Write(OrderDocument.Kind, "ORDER", 0, Some.Order("ORDER").With());
        var stores = Enumerable.Range(0, 4).Select(_ => new TestStore(options)).ToArray();
        var ends = await Ends(Enumerable.Range(0, 40).Select(i => stores[i % 4].Write(
            AccountDocument.Kind, "account-" + i, 0, Some.Account("account-" + i, 1).With(Some.Spent("order:ORDER")).Along(Expired("ORDER", 1)))));
        Assert.Equal(1, ends.Count(end => end is null));
        Assert.Equal(39, ends.OfType<CompanionOutdatedException>().Count());
        Assert.Equal(1, await store.Count("SELECT count(*) FROM accounts"));
        Assert.Equal(2, await store.Version(OrderDocument.Kind, "ORDER"));
        foreach (var other in stores) await other.DisposeAsync();
    }

    /// <summary>A joint write that waits for one of its documents is not overtaken by what comes for the other: it would be outdated for no reason.</summary>
    [Fact]
    public async Task A_joint_write_that_waits_keeps_its_place()
    {
        var committer = Gated();
        await using var queue = Queue(options, committer);
        var first = queue.Write(Pending(AccountDocument.Kind, "other", 0, Some.Account("other", 0).With()), Cancellation);
        await committer.Arrival();
        Task[] follow =
        [
            queue.Write(Pending(AccountDocument.Kind, "ada", 0, Some.Account("ada", 0).With()), Cancellation),
            queue.Write(Pair("ada", 1, Some.Spent("a"), DocumentWrite.Of(OrderDocument.Kind, "ORDER", 0, Some.Order("ORDER").With())), Cancellation),
            queue.Write(Pending(OrderDocument.Kind, "ORDER", 1, Some.Order("ORDER").With()), Cancellation),
        ];
        committer.Open();
        await Task.WhenAll([first, .. follow]);
        Assert.Equal(["other@1", "ada@1", "ada@2", "ORDER@2"], committer.Commits.SelectMany(commit => commit));
        Assert.Equal(4, committer.Commits.Count);
    }

    [Fact]
    public async Task A_noun_is_never_written_along_with_itself() => await Assert.ThrowsAsync<ArgumentException>(() => store.Write(
        OrderDocument.Kind, "ORDER", 0, Some.Order("ORDER").With().Along(DocumentWrite.Of(OrderDocument.Kind, "OTHER", 0, Some.Order("OTHER").With()))));

    static DocumentWrite Expired(string number, long version) =>
        DocumentWrite.Of(OrderDocument.Kind, number, version, Some.Order(number, payment: PaymentStatus.Expired).With(new OrderExpired(Some.Noon)));

    static PendingWrite Joint(string account, AccountEvent happened, DocumentWrite along) => Pair(account, 0, happened, along);

    static PendingWrite Pair(string account, long version, AccountEvent happened, DocumentWrite along) => new(
        PendingDocument.Of(AccountDocument.Kind, account, version, Some.Account(account, 9).With(happened)), new PendingDocument(OrderDocument.Kind, along));
}
