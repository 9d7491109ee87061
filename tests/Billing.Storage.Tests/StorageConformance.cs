using Billing.Accounts;
using Billing.Orders;
using Billing.Storage.Accounts;
using Billing.Storage.Documents;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Storage;

namespace Billing.Storage.Tests;

/// <summary>What a grain may rely on, the same on both databases. Each race says what fails when its guard is taken out.</summary>
public abstract partial class StorageConformance : IAsyncLifetime
{
    StorageOptions options = null!;
    TestStore store = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        options = await NewDatabase();
        store = new(options);
        await store.Database.ApplySchema(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await store.DisposeAsync();
        await Drop(options);
        GC.SuppressFinalize(this);
    }

    protected abstract Task<StorageOptions> NewDatabase();

    protected abstract Task Drop(StorageOptions database);

    [Fact]
    public async Task What_is_written_is_read_back_with_its_version()
    {
        var state = await store.Read(AccountDocument.Kind, "ada");
        Assert.False(state.RecordExists);
        Assert.Null(state.ETag);
        Assert.Null(state.State!.State);

        state.State = Some.Account("ada", 5_000).With(Some.Spent("a"), Some.Spent("b"));
        await store.Documents.WriteStateAsync("account", GrainId.Create("account", "ada"), state);
        Assert.Equal("1", state.ETag);
        Assert.True(state.RecordExists);
        state.State = Some.Account("ada", 0).With(Some.Spent("c"));
        await store.Documents.WriteStateAsync("account", GrainId.Create("account", "ada"), state);
        Assert.Equal("2", state.ETag);

        var again = await store.Read(AccountDocument.Kind, "ada");
        Assert.Equal(("2", true), (again.ETag, again.RecordExists));
        // A balance of zero comes back as zero.
        Assert.Equal(Credits.Zero, Assert.IsType<Account>(again.State!.State).Balance);
        Assert.Empty(again.State!.Entries);
        Assert.Equal(0, await store.Count("SELECT balance_micro FROM accounts WHERE key = 'ada'"));
        Assert.Equal(3, await store.Count("SELECT count(*) FROM journal WHERE noun = 'account' AND key = 'ada'"));
        Assert.Equal(1, await store.Count("SELECT count(*) FROM journal WHERE version = 1 AND ordinal = 1 AND reference = 'b' AND type = 'CreditsSpent'"));
    }

    /// <summary>Without <c>ON CONFLICT</c>'s condition on the version the last one wins, and there are eight winners and eight journal rows of version 1.</summary>
    [Fact]
    public async Task Of_many_first_writes_one_wins()
    {
        var stores = Enumerable.Range(0, 8).Select(_ => new TestStore(options)).ToArray();
        for (var round = 0; round < 10; round++)
        {
            var key = "raced-" + round;
            var ends = await Ends(stores.Select((other, i) => other.Write(AccountDocument.Kind, key, 0, Some.Account(key, i).With(Some.Spent("by-" + i)))));
            Assert.Equal(1, ends.Count(end => end is null));
            Assert.Equal(7, ends.OfType<InconsistentStateException>().Count());
            Assert.Equal(1, await store.Version(AccountDocument.Kind, key));
            Assert.Equal(1, await store.Count("SELECT count(*) FROM journal WHERE key = @key", new { key }));
            var winner = Array.FindIndex(ends, end => end is null);
            Assert.Equal(winner, await store.Count("SELECT balance_micro FROM accounts WHERE key = @key", new { key }));
        }

        foreach (var other in stores) await other.DisposeAsync();
    }

    /// <summary>Without the condition on the version every writer counts, and the sum of what they say they added exceeds the version.</summary>
    [Fact]
    public async Task A_version_is_followed_by_one_next_version()
    {
        await store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 0).With());
        var stores = Enumerable.Range(0, 4).Select(_ => new TestStore(options)).ToArray();
        var wins = await Task.WhenAll(stores.Select(async (other, i) =>
        {
            var won = 0;
            for (var round = 0; round < 25; round++)
            {
                var version = await other.Version(AccountDocument.Kind, "ada");
                try
                {
                    await other.Write(AccountDocument.Kind, "ada", version, Some.Account("ada", version).With(Some.Spent($"{i}/{round}")));
                    won++;
                }
                catch (InconsistentStateException)
                {
                    // Another one was first.
                }
            }

            return won;
        }));
        Assert.Equal(wins.Sum() + 1, await store.Version(AccountDocument.Kind, "ada"));
        Assert.Equal(wins.Sum(), await store.Count("SELECT count(*) FROM journal WHERE key = 'ada'"));
        foreach (var other in stores) await other.DisposeAsync();
    }

    [Fact]
    public async Task A_stale_version_is_refused_and_writes_nothing()
    {
        await store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 1).With());
        await store.Write(AccountDocument.Kind, "ada", 1, Some.Account("ada", 2).With());
        await Assert.ThrowsAsync<InconsistentStateException>(() => store.Write(AccountDocument.Kind, "ada", 1, Some.Account("ada", 3).With(Some.Spent("late"))));
        await Assert.ThrowsAsync<InconsistentStateException>(() => store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 3).With(Some.Spent("late"))));
        Assert.Equal(2, await store.Version(AccountDocument.Kind, "ada"));
        Assert.Equal(0, await store.Count("SELECT count(*) FROM journal"));
    }

    /// <summary>Without the trigger <c>document_begins_with_one</c> PostgreSQL takes the fifth version for a first one.</summary>
    [Fact]
    public async Task A_later_version_of_a_document_that_is_not_there_is_refused()
    {
        await Assert.ThrowsAsync<InconsistentStateException>(() => store.Write(AccountDocument.Kind, "nobody", 4, Some.Account("nobody", 3).With(Some.Spent("x"))));
        Assert.Equal(0, await store.Version(AccountDocument.Kind, "nobody"));
        Assert.Equal(0, await store.Count("SELECT count(*) FROM journal"));
    }

    /// <summary>Without the halving (PostgreSQL) or the savepoints (SQLite) the neighbours fail with the guilty, or the guilty leave rows behind.</summary>
    [Fact]
    public async Task Losers_in_a_gathered_commit_lose_alone()
    {
        await store.Write(AccountDocument.Kind, "stale", 0, Some.Account("stale", 1).With());
        await store.Write(AccountDocument.Kind, "repeat", 0, Some.Account("repeat", 1).With(Some.Spent("same")));
        await store.Write(OrderDocument.Kind, "FIRST", 0, Some.Order("FIRST", openSlot: 1).With(new OrderExpired(Some.Noon)));

        var stale = Pending(AccountDocument.Kind, "stale", 0, Some.Account("stale", 9).With(Some.Spent("stale")));
        var missing = Pending(AccountDocument.Kind, "missing", 7, Some.Account("missing", 9).With(Some.Spent("missing")));
        var repeat = Pending(AccountDocument.Kind, "repeat", 1, Some.Account("repeat", 9).With(Some.Spent("new"), Some.Spent("same")));
        var twice = Pending(AccountDocument.Kind, "twice", 0, Some.Account("twice", 9).With(Some.Spent("both"), Some.Spent("both")));
        var slot = Pending(OrderDocument.Kind, "SECOND", 0, Some.Order("SECOND", openSlot: 1).With(new OrderExpired(Some.Noon)));
        var neighbours = Enumerable.Range(0, 24)
            .Select(i => i % 2 == 0
                ? Pending(AccountDocument.Kind, "fine-" + i, 0, Some.Account("fine-" + i, i).With(Some.Spent("s")))
                : Pending(OrderDocument.Kind, "FINE-" + i, 0, Some.Order("FINE-" + i, "bob", openSlot: i).With(new OrderExpired(Some.Noon))))
            .ToArray();
        await Commit([stale, .. neighbours[..8], missing, repeat, .. neighbours[8..16], twice, slot, .. neighbours[16..]]);

        await Task.WhenAll(neighbours.Select(neighbour => neighbour.Done));
        await Assert.ThrowsAsync<InconsistentStateException>(() => stale.Done);
        await Assert.ThrowsAsync<InconsistentStateException>(() => missing.Done);
        Assert.Equal("journal_reference", (await Assert.ThrowsAsync<UniqueTakenException>(() => repeat.Done)).Index);
        Assert.Equal("journal_reference", (await Assert.ThrowsAsync<UniqueTakenException>(() => twice.Done)).Index);
        Assert.Equal(OrderDocument.OpenSlotIndex, (await Assert.ThrowsAsync<UniqueTakenException>(() => slot.Done)).Index);
        Assert.Equal(1, await store.Version(AccountDocument.Kind, "stale"));
        Assert.Equal(1, await store.Version(AccountDocument.Kind, "repeat"));
        Assert.Equal(0, await store.Version(AccountDocument.Kind, "missing"));
        Assert.Equal(0, await store.Version(AccountDocument.Kind, "twice"));
        Assert.Equal(0, await store.Version(OrderDocument.Kind, "SECOND"));
        foreach (var neighbour in neighbours) Assert.Equal(1, await store.Version(neighbour.Own.Kind, neighbour.Own.Key));
        Assert.Equal(24 + 2, await store.Count("SELECT count(*) FROM journal"));
    }

    /// <summary>Without the unique index <c>journal_reference</c> the second write succeeds: the credit is counted twice.</summary>
    [Fact]
    public async Task A_reference_is_taken_once_for_each_key()
    {
        await store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 1).With(Some.Spent("order:1")));
        var taken = await Assert.ThrowsAsync<UniqueTakenException>(
            () => store.Write(AccountDocument.Kind, "ada", 1, Some.Account("ada", 2).With(Some.Spent("order:1"))));
        Assert.Equal("journal_reference", taken.Index);
        Assert.Equal(1, await store.Version(AccountDocument.Kind, "ada"));
        Assert.Equal(1, await store.Count("SELECT balance_micro FROM accounts WHERE key = 'ada'"));
        await store.Write(AccountDocument.Kind, "bob", 0, Some.Account("bob", 1).With(Some.Spent("order:1")));
    }

    /// <summary>Without the unique indexes all sixteen orders are open in one place.</summary>
    [Fact]
    public async Task A_place_is_taken_once_and_can_be_taken_again_when_it_is_free()
    {
        var ends = await Ends(Enumerable.Range(0, 16).Select(i =>
            store.Write(OrderDocument.Kind, "ORDER" + i, 0, Some.Order("ORDER" + i, openSlot: 3).With(new OrderExpired(Some.Noon)))));
        Assert.Equal(1, ends.Count(end => end is null));
        Assert.All(ends.OfType<UniqueTakenException>(), taken => Assert.Equal(OrderDocument.OpenSlotIndex, taken.Index));
        Assert.Equal(15, ends.OfType<UniqueTakenException>().Count());

        var winner = "ORDER" + Array.FindIndex(ends, end => end is null);
        await store.Write(OrderDocument.Kind, winner, 1, Some.Order(winner, openSlot: 3, payment: PaymentStatus.Expired).With());
        await store.Write(OrderDocument.Kind, "NEXT", 0, Some.Order("NEXT", openSlot: 3, purchaseSlot: 1).With());

        var second = await Assert.ThrowsAsync<UniqueTakenException>(
            () => store.Write(OrderDocument.Kind, "LIMITED", 0, Some.Order("LIMITED", openSlot: 4, purchaseSlot: 1).With()));
        Assert.Equal(OrderDocument.PurchaseSlotIndex, second.Index);
        await store.Write(OrderDocument.Kind, "OTHERPLAN", 0, Some.Order("OTHERPLAN", openSlot: 4, purchaseSlot: 1, plan: "pro").With());

        var places = await store.Get<IOrderSlots>().Taken("ada", "starter", Cancellation);
        Assert.Equal(new Dictionary<int, string> { [3] = "NEXT", [4] = "OTHERPLAN" }, places.Open);
        Assert.Equal([1], places.Purchases);
    }

    [Fact]
    public async Task Two_writes_of_one_key_are_never_in_one_commit()
    {
        var committer = Gated();
        await using var queue = Queue(options, committer);
        var first = queue.Write(Pending(AccountDocument.Kind, "other", 0, Some.Account("other", 0).With()), Cancellation);
        await committer.Arrival();
        var follow = Enumerable.Range(0, 3)
            .Select(version => queue.Write(Pending(AccountDocument.Kind, "ada", version, Some.Account("ada", version).With()), Cancellation))
            .ToArray();
        committer.Open();
        await Task.WhenAll([first, .. follow]);
        Assert.Equal([["other@1"], ["ada@1"], ["ada@2"], ["ada@3"]], committer.Commits);
        Assert.Equal(3, await store.Version(AccountDocument.Kind, "ada"));
    }

    [Fact]
    public async Task What_arrives_during_a_commit_is_committed_together()
    {
        options.CommitSize = 4;
        var committer = Gated();
        await using var queue = Queue(options, committer);
        var writes = new List<Task> { queue.Write(Pending(AccountDocument.Kind, "first", 0, Some.Account("first", 0).With()), Cancellation) };
        await committer.Arrival();
        for (var i = 0; i < 10; i++) writes.Add(queue.Write(Pending(AccountDocument.Kind, "then-" + i, 0, Some.Account("then-" + i, 0).With()), Cancellation));
        committer.Open();
        await Task.WhenAll(writes);
        Assert.Equal([1, 4, 4, 2], committer.Commits.Select(commit => commit.Length));
    }

    /// <summary>Without the wait, the two that come back one after the other are two commits.</summary>
    [Fact]
    public async Task While_many_are_written_a_commit_waits_for_those_that_come_back()
    {
        options.GatherTime = TimeSpan.FromSeconds(3);
        var committer = Gated();
        await using var queue = Queue(options, committer);
        var writes = new List<Task> { Write("first") };
        await committer.Arrival();
        for (var i = 0; i < 5; i++) writes.Add(Write("then-" + i));
        committer.Open();
        await Task.WhenAll(writes);
        var back = Write("back-1");
        await Task.Delay(20, Cancellation);
        await Task.WhenAll(back, Write("back-2"));
        Assert.Equal([1, 5, 2], committer.Commits.Select(commit => commit.Length));

        Task Write(string key) => queue.Write(Pending(AccountDocument.Kind, key, 0, Some.Account(key, 0).With()), Cancellation);
    }

    [Fact]
    public async Task A_commit_of_a_few_waits_for_nobody()
    {
        options.GatherTime = TimeSpan.FromMinutes(1);
        var committer = Gated();
        committer.Open();
        await using var queue = Queue(options, committer);
        var started = TimeProvider.System.GetTimestamp();
        for (var version = 0; version < 5; version++)
            await queue.Write(Pending(AccountDocument.Kind, "ada", version, Some.Account("ada", version).With()), Cancellation);
        Assert.True(TimeProvider.System.GetElapsedTime(started) < options.GatherTime, "It waited.");
        Assert.Equal(5, committer.Commits.Count);
    }

    [Fact]
    public async Task An_answer_that_is_lost_after_the_commit_leaves_the_outcome_unknown_and_a_read_tells()
    {
        var document = Some.Account("ada", 7).With(Some.Spent("a"));
        var committer = Gated();
        committer.LostDocument = document;
        committer.Open();
        await using var queue = Queue(options, committer);
        await Assert.ThrowsAsync<OutcomeUnknownException>(
            () => queue.Write(Pending(AccountDocument.Kind, "ada", 0, document), Cancellation));
        Assert.Equal(1, await store.Version(AccountDocument.Kind, "ada"));
        Assert.NotNull(await store.Get<LedgerReader>().Find("ada", "a", Cancellation));
        // The same again does not count twice: the version tells first, and the reference would.
        await Assert.ThrowsAsync<InconsistentStateException>(() => store.Write(AccountDocument.Kind, "ada", 0, document));
        await Assert.ThrowsAsync<UniqueTakenException>(() => store.Write(AccountDocument.Kind, "ada", 1, document));
    }

    [Fact]
    public async Task A_caller_can_take_back_what_waits_and_not_what_was_begun()
    {
        var committer = Gated();
        await using var queue = Queue(options, committer);
        using var cancelling = new CancellationTokenSource();
        var begun = queue.Write(Pending(AccountDocument.Kind, "begun", 0, Some.Account("begun", 0).With()), cancelling.Token);
        await committer.Arrival();
        var waiting = queue.Write(Pending(AccountDocument.Kind, "waiting", 0, Some.Account("waiting", 0).With()), cancelling.Token);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.False(begun.IsCompleted);
        committer.Open();
        await begun;
        await queue.Write(Pending(AccountDocument.Kind, "after", 0, Some.Account("after", 0).With()), Cancellation);
        Assert.Equal([["begun@1"], ["after@1"]], committer.Commits);
        Assert.Equal(1, await store.Version(AccountDocument.Kind, "begun"));
        Assert.Equal(0, await store.Version(AccountDocument.Kind, "waiting"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => queue.Write(Pending(AccountDocument.Kind, "never", 0, Some.Account("never", 0).With()), cancelling.Token));
    }

    [Fact]
    public async Task A_full_queue_refuses_and_nothing_happened()
    {
        options.QueueLength = 2;
        var committer = Gated();
        await using var queue = Queue(options, committer);
        var begun = queue.Write(Pending(AccountDocument.Kind, "begun", 0, Some.Account("begun", 0).With()), Cancellation);
        await committer.Arrival();
        var waiting = Enumerable.Range(0, 2)
            .Select(i => queue.Write(Pending(AccountDocument.Kind, "waiting-" + i, 0, Some.Account("w", 0).With()), Cancellation))
            .ToArray();
        await Assert.ThrowsAsync<StoreBusyException>(
            () => queue.Write(Pending(AccountDocument.Kind, "refused", 0, Some.Account("refused", 0).With()), Cancellation));
        committer.Open();
        await Task.WhenAll([begun, .. waiting]);
        Assert.Equal(0, await store.Version(AccountDocument.Kind, "refused"));
        await queue.Write(Pending(AccountDocument.Kind, "refused", 0, Some.Account("refused", 0).With()), Cancellation);
    }

    [Fact]
    public async Task A_closing_store_commits_what_is_queued_and_takes_no_more()
    {
        var committer = Gated();
        var queue = Queue(options, committer);
        var writes = Enumerable.Range(0, 20)
            .Select(i => queue.Write(Pending(AccountDocument.Kind, "last-" + i, 0, Some.Account("last", 0).With()), Cancellation))
            .ToArray();
        var closing = queue.DisposeAsync();
        await Assert.ThrowsAsync<StoreBusyException>(() => queue.Write(Pending(AccountDocument.Kind, "late", 0, Some.Account("late", 0).With()), Cancellation));
        committer.Open();
        await closing;
        await Task.WhenAll(writes);
        Assert.Equal(20, await store.Count("SELECT count(*) FROM accounts"));
    }

    [Fact]
    public async Task A_store_that_cannot_finish_closes_all_the_same()
    {
        options.DrainTimeout = TimeSpan.FromMilliseconds(50);
        var committer = Gated();
        var queue = Queue(options, committer);
        var begun = queue.Write(Pending(AccountDocument.Kind, "begun", 0, Some.Account("begun", 0).With()), Cancellation);
        await committer.Arrival();
        var waiting = queue.Write(Pending(AccountDocument.Kind, "waiting", 0, Some.Account("waiting", 0).With()), Cancellation);
        await queue.DisposeAsync();
        await Assert.ThrowsAsync<StoreBusyException>(() => waiting);
        Assert.False(begun.IsCompleted);
        committer.Open();
        await begun;
    }

    /// <summary>Without the last catch in the committers the callers wait for ever.</summary>
    [Fact]
    public async Task What_the_database_fails_has_an_unknown_outcome_and_the_store_goes_on_afterwards()
    {
        await store.Write(AccountDocument.Kind, "before", 0, Some.Account("before", 0).With(Some.Spent("a")));
        await store.Execute("ALTER TABLE journal RENAME TO journal_gone");
        var ends = await Ends(Enumerable.Range(0, 10).Select(i =>
            store.Write(AccountDocument.Kind, "during-" + i, 0, Some.Account("during", 0).With(Some.Spent("a")))));
        Assert.All(ends, end => Assert.True(end is OutcomeUnknownException or StoreBusyException, $"{end}"));
        Assert.Contains(ends, end => end is OutcomeUnknownException);
        await store.Execute("ALTER TABLE journal_gone RENAME TO journal");
        Assert.Equal(1, await store.Count("SELECT count(*) FROM accounts"));
        await store.Write(AccountDocument.Kind, "after", 0, Some.Account("after", 0).With(Some.Spent("a")));
        Assert.Equal(1, await store.Version(AccountDocument.Kind, "after"));
    }

    [Theory]
    [InlineData("UPDATE journal SET actor = 'nobody'")]
    [InlineData("DELETE FROM journal")]
    public async Task The_journal_cannot_be_changed(string statement)
    {
        await store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 0).With(Some.Spent("a")));
        var refused = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => store.Execute(statement));
        Assert.Contains("append-only", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, await store.Count("SELECT count(*) FROM journal WHERE actor = 'system'"));
    }

    [Fact]
    public async Task Keys_are_what_they_are()
    {
        string[] keys =
        [
            "00ABCD", "0ABCD", "ABCD", "abcd", "Abcd", " abcd", "abcd ", "0", "00", "-1", "null", "it's", "\"quoted\"", "a\\b", "%", "_", "$1", "@key", "a;b", "ä", "a\u0308",
            "😀", "a\nb", "a\tb", "é", new string('k', 150), string.Concat(Enumerable.Repeat("😀", 75)), "d3b07384-d113-4c2b-9a2f-1c7d3a0c1f00", "d3b07384d1134c2b9a2f1c7d3a0c1f00",
        ];
        await Task.WhenAll(keys.Select((key, i) => store.Write(AccountDocument.Kind, key, 0, Some.Account(key, i).With(Some.Spent(key)))));
        for (var i = 0; i < keys.Length; i++)
        {
            var account = Assert.IsType<Account>((await store.Read(AccountDocument.Kind, keys[i])).State!.State);
            Assert.Equal((keys[i], (long)i), (account.Id, account.Balance.Micro));
            Assert.Equal(keys[i], (await store.Get<LedgerReader>().Find(keys[i], keys[i], Cancellation))?.Reference);
        }

        var found = await store.Get<AccountReader>().Find(keys, Cancellation);
        Assert.Equal(keys.Length, found.Count);
    }

    /// <summary>Refused before it is queued: PostgreSQL's driver would break the connection in the middle of the neighbours' commit.</summary>
    [Theory]
    [InlineData(0x0000)]
    [InlineData(0xD83D)]
    public async Task Text_that_a_database_cannot_keep_is_refused_at_once(int code)
    {
        var text = "text" + (char)code;
        Assert.Throws<UnstorableTextException>(() => Pending(AccountDocument.Kind, text, 0, Some.Account("ada", 0).With()));
        await Assert.ThrowsAsync<UnstorableTextException>(() => store.Write(AccountDocument.Kind, "ada", 0, Some.Account("ada", 0).With(Some.Spent(text))));
        await Assert.ThrowsAsync<UnstorableTextException>(() => store.Write(AccountDocument.Kind, "ada", 0, Some.Account("nul\0", 0).With()));
        await store.Write(AccountDocument.Kind, "ada", 0, Some.Account(@"\u0000 is no NUL", 0).With());
    }

    [Fact]
    public async Task Moments_keep_their_microseconds()
    {
        var moment = new DateTimeOffset(2026, 10, 25, 2, 30, 59, TimeSpan.FromHours(2)).AddTicks(1_234_560);
        await store.Write(OrderDocument.Kind, "N1", 0, new()
        {
            State = Some.Order("N1", createdAt: moment, expiresAt: moment),
            Entries = [new(new OrderExpired(moment), moment, Actor.Account("ada"))],
        });
        var timeline = await store.Get<Orders.OrderReader>().Timeline(["N1"], Cancellation);
        var entry = Assert.Single(timeline["N1"]);
        Assert.Equal((moment, Actor.Account("ada")), (entry.At, entry.Actor));
        Assert.Equal(moment, Assert.IsType<OrderExpired>(entry.Event).At);
        var microsecond = TimeSpan.FromMicroseconds(1);
        async Task<int> From(DateTimeOffset from) => (await store.Get<Orders.OrderReader>().NewestFirst(new(CreatedFrom: from), null, 10, Cancellation)).Count;
        Assert.Equal((1, 0), (await From(moment), await From(moment + microsecond)));
        async Task<int> Due(DateTimeOffset now) => (await store.Get<Billing.Deadlines.IDeadlines>().Due(0, 1, now, null, 10, Cancellation)).Count;
        Assert.Equal(0, await Due(moment - microsecond));
        Assert.Equal(1, await Due(moment));
    }

    [Fact]
    public async Task Money_is_never_cleared() => await Assert.ThrowsAsync<NotSupportedException>(
        () => store.Documents.ClearStateAsync("account", GrainId.Create("account", "ada"), new GrainState<Document>(new Document())));

    /// <summary>The function's published values: FNV-1a of "" is 811c9dc5, of "a" e40c292c, of "foobar" bf9cf968.</summary>
    [Theory]
    [InlineData("", 0x05)]
    [InlineData("a", 0x2c)]
    [InlineData("foobar", 0x28)]
    public void Shards_are_pinned(string key, int shard) => Assert.Equal(shard, Shard.Of(key));

    static PendingWrite Pending(DocumentKind kind, string key, long version, Document document) => new(PendingDocument.Of(kind, key, version, document));

    static async Task<Exception?[]> Ends(IEnumerable<Task> writes) => await Task.WhenAll(writes.ToArray().Select(async write =>
    {
        try
        {
            await write;
            return null;
        }
        catch (Exception exception)
        {
            return exception;
        }
    }));

    async Task Commit(IReadOnlyList<PendingWrite> writes)
    {
        foreach (var write in writes) Assert.True(write.Begin());
        await using var committer = store.Database.Committers(store.Metrics)[0];
        await committer.Commit(writes);
    }

    GatedCommitter Gated() => new(store.Database.Committers(store.Metrics)[0]);

    WriteQueue Queue(StorageOptions options, GatedCommitter committer) =>
        new([committer], options, store.Metrics, TimeProvider.System, NullLogger<WriteQueue>.Instance);
}
