using System.Text;
using Billing.Codes;
using Billing.Orders;
using Billing.Storage.Codes;
using Billing.Storage.Orders;
using Billing.Storage.Verify;
using Billing.Storage.WorkItems;
using Orleans.Storage;

namespace Billing.Storage.Tests;

public abstract partial class StorageConformance
{
    [Fact]
    public async Task A_claim_is_taken_once_over_all_keys_of_a_noun_and_not_over_nouns()
    {
        var claim = CodeDocument.PlaceClaim("BATCH", "ada", 1);
        await store.Execute($$"""
            INSERT INTO journal (noun, key, version, ordinal, type, at, actor, claim, data)
            VALUES ('other', 'X', 1, 0, 'Claimed', '2026-03-01T12:00:00.000000Z', 'system', '{{claim}}', '{}')
            """);
        await store.Write(CodeDocument.Kind, "C1", 0, Some.Code(Some.Issued("C1", 1), Some.Redeemed("ada")));
        await store.Write(CodeDocument.Kind, "C2", 0, Some.Code(Some.Issued("C2", 2), Some.Redeemed("bob")));
        await store.Write(CodeDocument.Kind, "C3", 0, Some.Code(Some.Issued("C3", 3)));

        var third = await Stored("C3");
        var taken = await Assert.ThrowsAsync<UniqueTakenException>(() => store.Write(CodeDocument.Kind, "C3", 1, Some.After(third, Some.Redeemed("ada"))));
        Assert.Equal("journal_claim", taken.Index);
        Assert.Equal(1, await store.Version(CodeDocument.Kind, "C3"));
        Assert.Equal(1, await store.Count("SELECT count(*) FROM journal WHERE key = 'C3'"));
        await store.Write(CodeDocument.Kind, "C3", 1, Some.After(third, Some.Redeemed("ada", place: 2)));
        Assert.Equal(2, await store.Count("SELECT count(*) FROM journal WHERE claim = @claim", new { claim }));
    }

    /// <summary>Without the halving (PostgreSQL) or the savepoints (SQLite) the neighbours fail with the guilty.</summary>
    [Fact]
    public async Task Who_finds_a_claim_taken_in_a_gathered_commit_loses_alone()
    {
        await store.Write(CodeDocument.Kind, "FIRST", 0, Some.Code(Some.Issued("FIRST", 1), Some.Redeemed("ada")));
        var late = Pending(CodeDocument.Kind, "LATE", 0, Some.Code(Some.Issued("LATE", 2), Some.Redeemed("ada")));
        var twin = Pending(CodeDocument.Kind, "TWIN", 0, Some.Code(Some.Issued("TWIN", 3), Some.Redeemed("bob")));
        var other = Pending(CodeDocument.Kind, "OTHER", 0, Some.Code(Some.Issued("OTHER", 4), Some.Redeemed("bob")));
        var place = Pending(CodeDocument.Kind, "PLACE", 0, Some.Code(Some.Issued("PLACE", 1)));
        var neighbours = Enumerable.Range(0, 24)
            .Select(i => Pending(CodeDocument.Kind, "FINE-" + i, 0, Some.Code(Some.Issued("FINE-" + i, 10 + i), Some.Redeemed("fine-" + i)))).ToArray();
        await Commit([late, .. neighbours[..8], twin, .. neighbours[8..16], other, place, .. neighbours[16..]]);

        await Task.WhenAll(neighbours.Select(neighbour => neighbour.Done));
        Assert.Equal("journal_claim", (await Assert.ThrowsAsync<UniqueTakenException>(() => late.Done)).Index);
        Assert.Equal(CodeDocument.OrdinalIndex, (await Assert.ThrowsAsync<UniqueTakenException>(() => place.Done)).Index);
        var ends = await Ends([twin.Done, other.Done]);
        Assert.Equal("journal_claim", Assert.IsType<UniqueTakenException>(Assert.Single(ends, end => end is not null)).Index);
        Assert.Equal(1 + 24 + 1, await store.Count("SELECT count(*) FROM redemption_codes"));
        Assert.Equal(2 * (1 + 24 + 1), await store.Count("SELECT count(*) FROM journal"));
    }

    /// <summary>Without the unique index <c>journal_claim</c> all eight have the place: that is what the second half shows.</summary>
    [Fact]
    public async Task Of_many_who_claim_one_place_at_once_one_has_it()
    {
        var stores = Enumerable.Range(0, 8).Select(_ => new TestStore(options)).ToArray();
        for (var round = 0; round < 10; round++)
        {
            var ends = await Race(round);
            Assert.Equal(1, ends.Count(end => end is null));
            Assert.All(ends.OfType<UniqueTakenException>(), taken => Assert.Equal("journal_claim", taken.Index));
            Assert.Equal(7, ends.OfType<UniqueTakenException>().Count());
            Assert.Equal([1], await store.Get<IRedemptions>().PlacesTaken("B" + round, "ada", Cancellation));
        }

        await store.Execute("DROP INDEX journal_claim");
        Assert.All(await Race(10), Assert.Null);
        foreach (var other in stores) await other.DisposeAsync();

        Task<Exception?[]> Race(int round) => Ends(stores.Select((other, i) =>
        {
            var (key, batch) = ($"R{round}-{i}", "B" + round);
            return other.Write(CodeDocument.Kind, key, 0, Some.Code(Some.Issued(key, i + 1, batch), Some.Redeemed("ada", batch: batch)));
        }));
    }

    [Fact]
    public async Task Codes_that_are_issued_in_bulk_are_what_their_grains_would_have_stored()
    {
        var issued = Codes(250, maxRedemptions: 3).ToList();
        await store.Get<ICodeStore>().Issue(issued, Actor.Account("admin"), Cancellation);

        foreach (var one in issued.Where(one => one.Ordinal % 50 == 1))
        {
            var read = await store.Read(CodeDocument.Kind, one.Key);
            Assert.Equal(("1", true), (read.ETag, read.RecordExists));
            Assert.Equal(Json(Code.After(null, one)), Json(read.State!.State!));
        }

        Assert.Equal(250, await store.Count("SELECT count(*) FROM journal WHERE noun = 'code' AND version = 1 AND ordinal = 0 AND type = 'CodeIssued' AND actor = 'account:admin'"));
        await NothingDiffers(250);
        Assert.Equal(250, await store.Get<ICodeStore>().IssuedUpTo("BATCH", Cancellation));
        Assert.Equal(0, await store.Get<ICodeStore>().IssuedUpTo("OTHER", Cancellation));

        // The grain goes on where the bulk ended.
        var code = await Stored(issued[7].Key);
        await store.Write(CodeDocument.Kind, code.Key, 1, Some.After(code, Some.Redeemed("ada")));
        Assert.Equal(2, await store.Version(CodeDocument.Kind, code.Key));
        await NothingDiffers(250);
    }

    [Theory]
    [InlineData("an ordinal twice", 30, "NEW", 30, CodeDocument.OrdinalIndex)]
    [InlineData("an ordinal that is stored", 30, "NEW", 1, CodeDocument.OrdinalIndex)]
    [InlineData("a key twice", 30, "KEY-00029", 99, null)]
    [InlineData("a key that is stored", 30, "KEY-00001", 99, null)]
    public async Task A_bulk_in_which_one_is_there_already_stores_nothing(string what, int count, string key, int ordinal, string? index)
    {
        await store.Get<ICodeStore>().Issue(Codes(1), Actor.System, Cancellation);
        var taken = await Assert.ThrowsAsync<UniqueTakenException>(
            () => store.Get<ICodeStore>().Issue([.. Codes(count).Skip(1), Some.Issued(key, ordinal)], Actor.System, Cancellation));
        if (index is not null) Assert.Equal(index, taken.Index);
        Assert.True(await store.Count("SELECT count(*) FROM redemption_codes") == 1, what);
        Assert.Equal(1, await store.Count("SELECT count(*) FROM journal"));

        // Nothing is left behind that would stop the next one.
        await store.Get<ICodeStore>().Issue(Codes(count).Skip(1), Actor.System, Cancellation);
        Assert.Equal(count, await store.Get<ICodeStore>().IssuedUpTo("BATCH", Cancellation));
    }

    /// <summary>Codes are made as they are stored. On SQLite, where one writes at a time, a bulk that made them under the lock would wait here for ever.</summary>
    [Fact]
    public async Task Commits_go_on_beside_a_bulk()
    {
        var commits = 0;
        for (var chunk = 0; chunk < 3; chunk++) await store.Get<ICodeStore>().Issue(Made(chunk), Actor.System, Cancellation);
        Assert.Equal(6, commits);
        Assert.Equal(300, await store.Get<ICodeStore>().IssuedUpTo("BATCH", Cancellation));
        await NothingDiffers(300);

        IEnumerable<CodeIssued> Made(int chunk)
        {
            foreach (var code in Codes(100, from: chunk * 100))
            {
                if (code.Ordinal % 50 == 25)
                {
                    var commit = store.Write(Billing.Accounts.AccountDocument.Kind, "beside-" + code.Ordinal, 0, Some.Account("beside", 0).With());
                    Assert.True(commit.Wait(TimeSpan.FromSeconds(30), Cancellation), "A commit waits for a bulk that is still being made.");
                    commits++;
                }

                yield return code;
            }
        }
    }

    [Fact]
    public async Task A_cancelled_bulk_stores_nothing()
    {
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => store.Get<ICodeStore>().Issue(Made(), Actor.System, cancelled.Token));
        Assert.Equal(0, await store.Count("SELECT count(*) FROM redemption_codes"));
        Assert.Equal(0, await store.Count("SELECT count(*) FROM journal"));
        await store.Get<ICodeStore>().Issue(Codes(100), Actor.System, Cancellation);
        await NothingDiffers(100);

        IEnumerable<CodeIssued> Made()
        {
            foreach (var code in Codes(100))
            {
                if (code.Ordinal == 60) cancelled.Cancel();
                yield return code;
            }
        }
    }

    /// <summary>A bulk that never was is a reason to try again, and not a broken machine.</summary>
    [Fact]
    public async Task A_bulk_that_the_database_fails_says_that_nothing_happened()
    {
        await store.Execute("ALTER TABLE journal RENAME TO journal_gone");
        await Assert.ThrowsAsync<StoreBusyException>(() => store.Get<ICodeStore>().Issue(Codes(100), Actor.System, Cancellation));
        await store.Execute("ALTER TABLE journal_gone RENAME TO journal");
        Assert.Equal(0, await store.Count("SELECT count(*) FROM redemption_codes"));
        await store.Get<ICodeStore>().Issue(Codes(100), Actor.System, Cancellation);
        await NothingDiffers(100);
    }

    /// <summary>
    /// A batch is disabled while its codes are being made: they are not stored. Without the look at the batch in the bulk's own transaction they would be, and stay
    /// active when whoever disables the batch has read on.
    /// </summary>
    [Fact]
    public async Task A_bulk_whose_batch_is_disabled_meanwhile_stores_nothing()
    {
        await using var other = new TestStore(options);
        await store.Write(CodeBatchDocument.Kind, "BATCH", 0, Some.Batch("BATCH", "Spring", Some.Noon));
        Assert.True(await store.Get<ICodeStore>().Issue(Codes(50), Actor.System, Cancellation));
        Assert.False(await store.Get<ICodeStore>().Issue(Made(), Actor.System, Cancellation));
        Assert.False(await store.Get<ICodeStore>().Issue(Codes(50, from: 50), Actor.System, Cancellation));
        Assert.Equal(50, await store.Get<ICodeStore>().IssuedUpTo("BATCH", Cancellation));
        Assert.Equal(50, await store.Count("SELECT count(*) FROM journal WHERE noun = 'code'"));
        await NothingDiffers(50);

        IEnumerable<CodeIssued> Made()
        {
            foreach (var code in Codes(50, from: 50))
            {
                if (code.Ordinal == 75) Assert.True(Disable().Wait(TimeSpan.FromSeconds(30), Cancellation), "Disabling waits for codes that are still being made.");
                yield return code;
            }
        }

        async Task Disable()
        {
            var batch = (CodeBatch)(await store.Read(CodeBatchDocument.Kind, "BATCH")).State!.State!;
            var disabled = new BatchDisabled(Some.Noon, "admin", "Over.");
            await other.Write(CodeBatchDocument.Kind, "BATCH", 1, CodeBatch.After(batch, disabled).With(disabled));
        }
    }

    /// <summary>However they meet: what is stored of a batch can be read by whoever has disabled it, and nothing comes later.</summary>
    [Fact]
    public async Task Of_a_bulk_and_the_disabling_of_its_batch_at_once_nothing_is_stored_after()
    {
        await using var other = new TestStore(options);
        for (var round = 0; round < 40; round++)
        {
            var id = $"B{round:D2}";
            var batch = Some.Batch(id, "Spring", Some.Noon);
            await store.Write(CodeBatchDocument.Kind, id, 0, batch);
            var disabled = new BatchDisabled(Some.Noon, "admin", "Over.");
            var issuing = Task.Run(() => store.Get<ICodeStore>().Issue(Codes(20, batch: id), Actor.System, Cancellation), Cancellation);
            if (round % 2 == 0) await Task.Delay(round / 4, Cancellation);
            await other.Write(CodeBatchDocument.Kind, id, 1, CodeBatch.After((CodeBatch)batch.State!, disabled).With(disabled));
            var seen = await other.Get<ICodeStore>().IssuedUpTo(id, Cancellation);
            Assert.Equal(await issuing ? 20 : 0, seen);
            Assert.Equal(seen, await store.Get<ICodeStore>().IssuedUpTo(id, Cancellation));
        }
    }

    /// <summary>Without the condition on the version both win: a code that is disabled and redeemed.</summary>
    [Fact]
    public async Task Of_a_disabling_and_a_redemption_at_once_one_happens()
    {
        await using var other = new TestStore(options);
        await store.Get<ICodeStore>().Issue(Codes(40), Actor.System, Cancellation);
        foreach (var issued in Codes(40))
        {
            var code = Code.After(null, issued);
            var ends = await Ends(
            [
                store.Write(CodeDocument.Kind, code.Key, 1, Some.After(code, new CodeDisabled(Some.Noon, DisabledAs.WithBatch, null))),
                other.Write(CodeDocument.Kind, code.Key, 1, Some.After(code, Some.Redeemed("ada", place: issued.Ordinal))),
            ]);
            Assert.IsType<InconsistentStateException>(Assert.Single(ends, end => end is not null));
            var stored = await Stored(code.Key);
            Assert.Equal(ends[0] is null ? (CodeStatus.Disabled, 0) : (CodeStatus.Redeemed, 1), (stored.Status, stored.Redemptions));
        }

        await NothingDiffers(40);
    }

    [Fact]
    public async Task A_journal_tells_what_became_of_a_redemption()
    {
        var redemptions = store.Get<IRedemptions>();
        Assert.Null(await redemptions.Find("C1", "by-ada", Cancellation));
        await store.Write(CodeDocument.Kind, "C1", 0, Some.Code(Some.Issued("C1", 1, maxRedemptions: 9), Some.Redeemed("ada"), Some.Redeemed("bob", needsPlace: true)));
        var code = await Stored("C1");
        Assert.Equal(
            new RecordedRedemption(new("C1", "by-ada", "ada", "BATCH", "TAIL", Some.Noon, null), false, null, null), await redemptions.Find("C1", "by-ada", Cancellation));
        Assert.Null(await redemptions.Find("C1", "by-eve", Cancellation));
        Assert.Null(await redemptions.Find("C2", "by-ada", Cancellation));

        var later = Some.Noon.AddMicroseconds(1);
        await store.Write(CodeDocument.Kind, "C1", 1, Some.After(
            code, new RedemptionRefused(Some.Noon, "by-bob", LimitScope.Budget), new RedemptionCredited(Some.Noon, "by-ada"), new ReversalBegun(later, "by-ada", "key", "Because.")));
        var refused = (await redemptions.Find("C1", "by-bob", Cancellation))!;
        Assert.Equal((true, (LimitScope?)LimitScope.Budget), (refused.IsRefused, refused.RefusedBy));
        var begun = (await redemptions.Find("C1", "by-ada", Cancellation))!;
        Assert.Equal(("key", 1L), (begun.ReversalKey, begun.Redemption.Version));

        await store.Write(CodeDocument.Kind, "C1", 2, Some.After(await Stored("C1"), new RedemptionReversed(later, "by-ada", new(3), new(4), 5)));
        var reversed = (await redemptions.Find("C1", "by-ada", Cancellation))!;
        Assert.Equal(new Reversal(later, new(3), new(4), 5), reversed.Redemption.Reversal);
        Assert.Equal((2L, "key"), (reversed.Redemption.Version, reversed.ReversalKey));
        // Several at once, without what was refused.
        var found = await store.Get<RedemptionReader>().Find([("C1", "by-ada"), ("C1", "by-bob"), ("C2", "by-ada"), ("C1", "by-eve")], Cancellation);
        Assert.Equal([new(("C1", "by-ada"), reversed.Redemption)], found);
    }

    /// <summary>A claim is text with an account's name in it: what looks like another account's must not be taken for it.</summary>
    [Fact]
    public async Task The_places_of_an_account_are_its_own_whatever_its_name()
    {
        string[] names =
        [
            "a", "a:", "a:1", "a:12", "a:x", "a;", "a\u007f", "ab", "A", "a\u0080", "ä", "a😀", "a\uFFFD", "1", "12", "1:1", ":", "::1", "account:BATCH:a", "a%", "a_", "a 1", "0", "a\u0301",
        ];
        var places = names.Select((name, i) => (name, Taken: Enumerable.Range(1, (i % 3) + 1).Select(n => (n * 100) + i).ToArray())).ToList();
        var ordinal = 0;
        foreach (var (name, taken) in places)
        {
            foreach (var place in taken)
            {
                var key = $"P{++ordinal}";
                await store.Write(CodeDocument.Kind, key, 0, Some.Code(Some.Issued(key, ordinal), Some.Redeemed(name, place)));
                var other = $"Q{ordinal}";
                await store.Write(CodeDocument.Kind, other, 0, Some.Code(Some.Issued(other, ordinal, "OTHER"), Some.Redeemed(name, place + 1_000, batch: "OTHER")));
            }
        }

        foreach (var (name, taken) in places)
            Assert.Equal(taken, (await store.Get<IRedemptions>().PlacesTaken("BATCH", name, Cancellation)).Order());
        Assert.Empty(await store.Get<IRedemptions>().PlacesTaken("BATCH", "nobody", Cancellation));
        Assert.Empty(await store.Get<IRedemptions>().PlacesTaken("BATC", "a", Cancellation));
    }

    [Fact]
    public async Task A_source_is_given_one_code_of_a_batch()
    {
        foreach (var batch in (string[])["BATCH", "OTHER"]) await store.Get<ICodeStore>().Issue(Codes(5, batch: batch), Actor.System, Cancellation);
        await Give(2, "order:1");
        var taken = await Assert.ThrowsAsync<UniqueTakenException>(() => Give(3, "order:1"));
        Assert.Equal("journal_claim", taken.Index);
        await Give(4, "order:12");
        await Give(3, "order:1", "OTHER");

        var redemptions = store.Get<IRedemptions>();
        Assert.Equal(Key(2), await redemptions.GivenFor("BATCH", "order:1", Cancellation));
        Assert.Equal(Key(4), await redemptions.GivenFor("BATCH", "order:12", Cancellation));
        Assert.Equal(Key(3, "OTHER"), await redemptions.GivenFor("OTHER", "order:1", Cancellation));
        Assert.Null(await redemptions.GivenFor("BATCH", "order:", Cancellation));
        Assert.Equal(4, await store.Get<ICodeStore>().GivenUpTo("BATCH", Cancellation));
        Assert.Equal(0, await store.Get<ICodeStore>().GivenUpTo("NONE", Cancellation));

        // Used and given ones are passed over.
        await store.Write(CodeDocument.Kind, Key(1), 1, Some.After(await Stored(Key(1)), Some.Redeemed("eve")));
        Assert.Equal([3, 5], (await store.Get<ICodeStore>().Unused("BATCH", 0, 9, Cancellation)).Select(code => code.State.Ordinal));
        Assert.Equal([3], (await store.Get<ICodeStore>().Unused("BATCH", 2, 1, Cancellation)).Select(code => code.State.Ordinal));
        Assert.Empty(await store.Get<ICodeStore>().Unused("BATCH", 5, 9, Cancellation));

        async Task Give(int ordinal, string source, string batch = "BATCH") => await store.Write(
            CodeDocument.Kind, Key(ordinal, batch), 1, Some.After(await Stored(Key(ordinal, batch)), new CodeAssigned(Some.Noon, batch, "ada", source, null)));
    }

    [Fact]
    public async Task Codes_are_paged_filtered_counted_and_streamed_in_their_order()
    {
        await store.Get<ICodeStore>().Issue(Codes(12, maxRedemptions: 2), Actor.System, Cancellation);
        await store.Get<ICodeStore>().Issue(Codes(3, batch: "OTHER"), Actor.System, Cancellation);
        foreach (var ordinal in new[] { 3, 4 }) await Happens(ordinal, new CodeDisabled(Some.Noon, DisabledAs.OneCode, "Lost."));
        await Happens(5, Some.Redeemed("ada", 1), Some.Redeemed("bob"));
        await Happens(6, Some.Redeemed("ada", 2));

        var reader = store.Get<CodeReader>();
        foreach (var size in new[] { 1, 5, 100 })
        {
            Assert.Equal(Enumerable.Range(1, 12), await Pages(new("BATCH"), size));
            Assert.Equal([3, 4], await Pages(new("BATCH", [CodeStatus.Disabled]), size));
            Assert.Equal([5], await Pages(new("BATCH", [CodeStatus.Redeemed]), size));
            Assert.Equal([1, 2, 6, 7, 8, 9, 10, 11, 12], await Pages(new("BATCH", [CodeStatus.Active]), size));
            Assert.Equal([1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12], await Pages(new("BATCH", [CodeStatus.Active, CodeStatus.Disabled]), size));
        }

        Assert.Empty(await Pages(new("NONE"), 5));
        Assert.Equal([6, 7], (await store.Get<ICodeStore>().After("BATCH", 5, 2, Cancellation)).Select(code => code.State.Ordinal));
        var counts = await reader.Count(["BATCH", "OTHER", "NONE"], Cancellation);
        Assert.Equal([("BATCH", new(3, 2)), ("OTHER", CodeCounts.None)], counts.OrderBy(count => count.Key).Select(count => (count.Key, count.Value)));
        Assert.Empty(await reader.Count([], Cancellation));
        foreach (var batch in (string[])["BATCH", "OTHER", "EMPTY"]) await store.Write(CodeBatchDocument.Kind, batch, 0, Some.Batch(batch, batch, Some.Noon));
        var counted = await reader.Stored(["BATCH", "OTHER", "EMPTY", "NONE"], Cancellation);
        Assert.Equal([("BATCH", 12), ("OTHER", 3)], counted.OrderBy(batch => batch.Key).Select(batch => (batch.Key, batch.Value.Count)));
        Assert.Empty(await reader.Stored([], Cancellation));

        var streamed = new List<int>();
        await foreach (var code in reader.Stream("BATCH", Cancellation)) streamed.Add(code.Ordinal);
        Assert.Equal(Enumerable.Range(1, 12), streamed);
        var found = await reader.Find([Key(1), Key(6), "missing"], Cancellation);
        Assert.Equal([(Key(1), 1L, 0), (Key(6), 2L, 1)], found.OrderBy(code => code.Key).Select(code => (code.Key, code.Value.Version, code.Value.State.Redemptions)));

        async Task Happens(int ordinal, params CodeEvent[] events) =>
            await store.Write(CodeDocument.Kind, Key(ordinal), 1, Some.After(await Stored(Key(ordinal)), events));

        async Task<List<int>> Pages(CodeFilter filter, int size)
        {
            var ordinals = new List<int>();
            while (await reader.Page(filter, ordinals.LastOrDefault(), size, Cancellation) is { Count: > 0 } page) ordinals.AddRange(page.Select(code => code.State.Ordinal));
            return ordinals;
        }
    }

    /// <summary>Its claims in the batch tell what an account redeemed, and a claim is text: what looks like another account's must not be taken for it.</summary>
    [Fact]
    public async Task The_codes_of_an_account_are_those_that_were_given_to_it_and_those_that_it_redeemed()
    {
        await store.Get<ICodeStore>().Issue(Codes(12, maxRedemptions: 3), Actor.System, Cancellation);
        await store.Get<ICodeStore>().Issue(Codes(3, batch: "OTHER", maxRedemptions: 3), Actor.System, Cancellation);
        // Redeemed by others afterwards, given and redeemed, only given, refused by its batch, and disabled since.
        await Happens(2, Some.Redeemed("ada", 1), Some.Redeemed("bob", 1), Some.Redeemed("ada:1", 1));
        await Happens(4, Given("ada", "s4"), Some.Redeemed("ada", 2));
        await Happens(5, Given("ada", "s5"), new CodeDisabled(Some.Noon, DisabledAs.OneCode, null));
        await Happens(7, Some.Redeemed("ada", 3, needsPlace: true), new RedemptionRefused(Some.Noon, "by-ada", LimitScope.Batch));
        await Happens(8, Some.Redeemed("ada:", 1), Some.Redeemed("ada:2", 3, id: "again"));
        await Happens(9, Given("bob", "s9"));
        await HappensTo(Key(1, "OTHER"), Some.Redeemed("ada", 1, batch: "OTHER"));
        await HappensTo(Key(2, "OTHER"), new CodeAssigned(Some.Noon, "OTHER", "ada", "s2", null));

        foreach (var size in new[] { 1, 2, 100 })
        {
            Assert.Equal([2, 4, 5], await Pages("ada", size));
            Assert.Equal([2, 9], await Pages("bob", size));
            Assert.Equal([8], await Pages("ada:", size));
            Assert.Equal([2], await Pages("ada:1", size));
            Assert.Equal([4], await Pages("ada", size, CodeStatus.Active));
            Assert.Equal([4, 5], await Pages("ada", size, CodeStatus.Active, CodeStatus.Disabled));
            Assert.Equal([2], await Pages("ada", size, CodeStatus.Redeemed));
            Assert.Equal([5], await Pages("ada", size, CodeStatus.Disabled));
            Assert.Empty(await Pages("eve", size));
        }

        static CodeAssigned Given(string account, string source) => new(Some.Noon, "BATCH", account, source, null);

        Task Happens(int ordinal, params CodeEvent[] events) => HappensTo(Key(ordinal), events);

        async Task HappensTo(string key, params CodeEvent[] events) => await store.Write(CodeDocument.Kind, key, 1, Some.After(await Stored(key), events));

        async Task<List<int>> Pages(string account, int size, params CodeStatus[] statuses)
        {
            var ordinals = new List<int>();
            while (await store.Get<CodeReader>().Page(new("BATCH", statuses, account), ordinals.LastOrDefault(), size, Cancellation) is { Count: > 0 } page)
                ordinals.AddRange(page.Select(code => code.State.Ordinal));
            return ordinals;
        }
    }

    [Fact]
    public async Task Batches_are_paged_and_found_by_id_or_a_part_of_their_name()
    {
        string[] names = ["Spring 2026", "spring sale", "100% off", "100 off", "a_b", "aXb", @"back\slash", "it's \"quoted\"", "ÄRGER", "ärger", "春节", "Sale"];
        for (var i = 0; i < names.Length; i++) await store.Write(CodeBatchDocument.Kind, $"ID{i:D2}", 0, Some.Batch($"ID{i:D2}", names[i], Some.Noon.AddMinutes(i / 3)));
        await store.Write(CodeBatchDocument.Kind, "REFUSED", 0, Some.Batch("REFUSED", "Spring again", refusal: new VanityCodeTaken()));

        foreach (var size in new[] { 1, 2, 100 }) Assert.Equal(Enumerable.Range(0, 12).Reverse().Select(i => $"ID{i:D2}"), await Pages(null, size));
        Assert.Equal(["spring sale", "Spring 2026"], await Named("SPRING"));
        Assert.Equal(["Sale", "spring sale"], await Named("sale"));
        Assert.Equal(["100% off"], await Named("0%"));
        Assert.Equal(["a_b"], await Named("A_B"));
        Assert.Equal([@"back\slash"], await Named(@"\"));
        Assert.Equal(["it's \"quoted\""], await Named("'"));
        Assert.Equal(["it's \"quoted\""], await Named("\"QUOTED\""));
        Assert.Equal(["春节"], await Named("节"));
        // Letters beyond ASCII are compared as they are, on both databases.
        Assert.Equal(["ÄRGER"], await Named("Ärger"));
        Assert.Equal(["ärger"], await Named("ärGER"));
        Assert.Equal(["Spring 2026"], await Named("ID00"));
        Assert.Empty(await Named("id00"));
        Assert.Empty(await Named("REFUSED"));
        Assert.Equal(["ID01", "ID00"], await Pages("spring", 1));

        var found = await store.Get<CodeBatchReader>().Find(["ID03", "REFUSED", "missing"], Cancellation);
        Assert.Equal(("ID03", 1L), (Assert.Single(found).Key, found["ID03"].Version));

        async Task<IEnumerable<string>> Named(string search) =>
            (await store.Get<CodeBatchReader>().NewestFirst(search, null, 20, Cancellation)).Select(batch => batch.State.Terms.Name);

        async Task<List<string>> Pages(string? search, int size)
        {
            var ids = new List<string>();
            CodeBatchCursor? after = null;
            while (await store.Get<CodeBatchReader>().NewestFirst(search, after, size, Cancellation) is { Count: > 0 } page)
            {
                ids.AddRange(page.Select(batch => batch.State.Id));
                after = new(page[^1].State.CreatedAt, page[^1].State.Id);
            }

            return ids;
        }
    }

    [Fact]
    public async Task Redemptions_are_listed_by_account_and_by_code_without_the_refused()
    {
        for (var ordinal = 1; ordinal <= 5; ordinal++) await store.Write(CodeDocument.Kind, $"C{ordinal}", 0, Some.Code(Some.Issued($"C{ordinal}", ordinal, maxRedemptions: 9)));
        for (var ordinal = 1; ordinal <= 5; ordinal++)
        {
            var code = await Stored($"C{ordinal}");
            // Several in one write: the code's list tells them apart, and so does the account's.
            await store.Write(CodeDocument.Kind, code.Key, 1, Some.After(
                code, Some.Redeemed("ada", ordinal), Some.Redeemed("ada", 10 + ordinal, "again"), Some.Redeemed("bob", ordinal, needsPlace: true), Some.Redeemed("a", ordinal)));
        }

        await store.Write(CodeDocument.Kind, "C2", 2, Some.After(
            await Stored("C2"), new RedemptionRefused(Some.Noon, "by-bob", null), new RedemptionCredited(Some.Noon, "by-ada"), new ReversalBegun(Some.Noon, "by-ada", "key", "Because.")));
        await store.Write(CodeDocument.Kind, "C2", 3, Some.After(await Stored("C2"), new RedemptionReversed(Some.Noon.AddHours(1), "by-ada", new(3), new(4), 5)));

        foreach (var size in new[] { 1, 3, 100 })
        {
            Assert.Equal(
                ["C5 again", "C5 by-ada", "C4 again", "C4 by-ada", "C3 again", "C3 by-ada", "C2 again", "C2 by-ada reversed", "C1 again", "C1 by-ada"], await OfAccount("ada", size));
            Assert.Equal(["C5 by-bob", "C4 by-bob", "C3 by-bob", "C1 by-bob"], await OfAccount("bob", size));
            Assert.Equal(["C2 by-a", "C2 again", "C2 by-ada reversed"], await OfCode("C2", size));
            Assert.Equal(["C3 by-a", "C3 by-bob", "C3 again", "C3 by-ada"], await OfCode("C3", size));
        }

        Assert.Empty(await OfAccount("eve", 9));
        Assert.Empty(await OfCode("C9", 9));

        Assert.Equal("C3 again", await Latest("C3", "ada"));
        Assert.Equal("C3 by-bob", await Latest("C3", "bob"));
        Assert.Equal("C2 by-a", await Latest("C2", "a"));
        Assert.Equal(("", "", "", ""), (await Latest("C2", "bob"), await Latest("C2", "eve"), await Latest("C9", "ada"), await Latest("C2", "ada", "OTHER")));
        var line = (await store.Get<RedemptionReader>().NewestOfAccount("ada", null, 8, Cancellation))[7];
        Assert.Equal(new Redemption("C2", "by-ada", "ada", "BATCH", "TAIL", Some.Noon, new(Some.Noon.AddHours(1), new(3), new(4), 5)), line.Redemption);
        await store.Write(CodeDocument.Kind, "C2", 4, Some.After(await Stored("C2"), new RedemptionRefused(Some.Noon, "again", null)));
        Assert.Equal("C2 by-ada reversed", await Latest("C2", "ada"));

        async Task<string> Latest(string key, string account, string batch = "BATCH") =>
            await store.Get<IRedemptions>().Latest(key, batch, account, Cancellation) is { } latest ? Text(latest) : "";

        async Task<List<string>> OfAccount(string account, int size)
        {
            var lines = new List<RedemptionLine>();
            while (await store.Get<RedemptionReader>().NewestOfAccount(account, lines.LastOrDefault()?.Position, size, Cancellation) is { Count: > 0 } page) lines.AddRange(page);
            return [.. lines.Select(line => Text(line.Redemption))];
        }

        async Task<List<string>> OfCode(string key, int size)
        {
            var lines = new List<string>();
            (long Version, long Ordinal)? after = null;
            while (await store.Get<RedemptionReader>().NewestOfCode(key, after, size, Cancellation) is { Count: > 0 } page)
            {
                lines.AddRange(page.Select(line => Text(line.Redemption)));
                after = (page[^1].Version, page[^1].Ordinal);
            }

            return lines;
        }

        static string Text(Redemption redemption) => $"{redemption.CodeKey} {redemption.Id}{(redemption.Reversal is null ? "" : " reversed")}";
    }

    [Fact]
    public async Task Who_ever_paid_is_known_from_their_orders()
    {
        await Place(Some.Order("A1", "ada", PaymentStatus.Expired));
        await Place(Some.Order("A2", "ada", PaymentStatus.Paid));
        await Place(Some.Order("B1", "bob", PaymentStatus.Held));
        await Place(Some.Order("B2", "bob", PaymentStatus.Unpaid, refusal: new PlanSoldOut()));
        var orders = store.Get<IPaidOrders>();
        Assert.Equal((true, false, false), (await orders.Any("ada", Cancellation), await orders.Any("bob", Cancellation), await orders.Any("a", Cancellation)));
    }

    [Fact]
    public async Task A_code_that_cannot_be_credited_is_among_the_work_items_and_due()
    {
        var at = Some.Noon.AddMinutes(1).AddMicroseconds(7);
        await store.Write(CodeDocument.Kind, "C-1", 0, Some.Code(
            Some.Issued("C-1", 1), Some.Redeemed("ada"), new Billing.Codes.CreditDelayed(Some.Noon, "TooManyBuckets", at), new CreditStuck(at, 1, "Somebody has to look.")));
        await store.Write(CodeDocument.Kind, "C-2", 0, Some.Code(Some.Issued("C-2", 2)));

        var item = new WorkItem("C-1-1", WorkItemKind.FulfilmentStuck, "Somebody has to look.", at, null);
        Assert.Equal(new FoundWorkItem("code", "C-1", item), Assert.Single(await store.Get<WorkItemReader>().OldestFirst(true, null, null, 9, Cancellation)));
        Assert.Equal("C-1", Assert.Single(await store.Get<WorkItemReader>().Find(["C-1-1", "C-2-1"], Cancellation)).Key);
        var due = Assert.Single(await store.Get<Billing.Deadlines.IDeadlines>().Due(0, 1, at, null, 9, Cancellation));
        Assert.Equal(("code", "C-1", at), (due.Noun, due.Key, due.At));
    }

    /// <summary>Without the index on what it asks for, each of them reads a table that may hold millions.</summary>
    [Fact]
    public async Task Codes_and_redemptions_are_read_from_their_indexes()
    {
        const int batches = 40, each = 500;
        for (var batch = 0; batch < batches; batch++) await store.Get<ICodeStore>().Issue(Codes(each, batch: $"B{batch:D2}", maxRedemptions: 2), Actor.System, Cancellation);
        await Task.WhenAll(Enumerable.Range(0, batches).SelectMany(batch => Codes(each / 5, batch: $"B{batch:D2}", maxRedemptions: 2).Select(issued =>
        {
            var code = Code.After(null, issued);
            CodeEvent[] events = issued.Ordinal % 50 == 0 ? [new CodeAssigned(Some.Noon, code.BatchId, "ada", "s" + issued.Ordinal, null)]
                : issued.Ordinal % 50 == 1 ? [Some.Redeemed($"account-{batch}", issued.Ordinal, batch: code.BatchId), new CreditStuck(Some.Noon, 1, "Look.")]
                : [Some.Redeemed($"account-{batch}", issued.Ordinal, batch: code.BatchId), new RedemptionCredited(Some.Noon, $"by-account-{batch}")];
            return store.Write(CodeDocument.Kind, code.Key, 1, Some.After(code, events));
        })));
        await Task.WhenAll(Enumerable.Range(0, 2_000).Select(i => store.Write(CodeBatchDocument.Kind, $"N{i:D4}", 0, Some.Batch($"N{i:D4}", "Name", Some.Noon.AddMinutes(i)))));
        await Fill(2_000);
        if (options.UsesPostgres) foreach (var table in new[] { "redemption_codes", "code_batches", "journal", "orders" }) await store.Execute($"VACUUM (ANALYZE) {table}");

        const string batchId = "B17";
        var key = Key(7, batchId);
        await Uses("redemption_codes_of_batch", CodeReader.InOrder, new() { ["batchId"] = batchId, ["ordinal"] = 100L, ["limit"] = 50 });
        await Uses("redemption_codes_of_batch", CodeReader.All, new() { ["batchId"] = batchId });
        await Uses("redemption_codes_by_status", CodeReader.OfStatus, new() { ["batchId"] = batchId, ["status"] = "REDEEMED", ["ordinal"] = 100L, ["limit"] = 50 });
        await Uses("redemption_codes_by_status", CodeReader.Counts, new() { ["batchIds"] = new[] { batchId, "B18" } });
        Dictionary<string, object> mine = new()
        {
            ["batchId"] = batchId,
            ["account"] = "ada",
            ["actor"] = "account:ada",
            ["from"] = $"account:{batchId}:ada:",
            ["to"] = $"account:{batchId}:ada;",
            ["statuses"] = Statuses,
            ["ordinal"] = 0L,
            ["limit"] = 20,
        };
        await Uses("redemption_codes_of_account", CodeReader.OfAccount, mine);
        await Uses("journal_claim", CodeReader.OfAccount, mine);
        await Uses("redemption_codes_of_batch", CodeReader.Highest, new() { ["batchIds"] = new[] { batchId, "B18" } });
        await Uses("redemption_codes_", CodeReader.OfStatuses, new() { ["batchId"] = batchId, ["statuses"] = Unused, ["ordinal"] = 100L, ["limit"] = 50 });
        await Uses("redemption_codes_of_batch", CodeStore.Highest, new() { ["batchId"] = batchId });
        await Uses("redemption_codes_assigned", CodeStore.HighestGiven, new() { ["batchId"] = batchId });
        await Uses("redemption_codes_", CodeStore.UnusedInOrder, new() { ["batchId"] = batchId, ["ordinal"] = 100L, ["limit"] = 16 });
        await Uses("code_batches_newest", CodeBatchReader.Newest, new() { ["createdAt"] = Some.Noon.AddMinutes(900), ["key"] = "N0900", ["limit"] = 20 });
        await Uses("journal_reference", RedemptionReader.ByReference, new() { ["key"] = key, ["references"] = References });
        await Uses("journal_claim", RedemptionReader.Places, new() { ["from"] = $"account:{batchId}:account-17:", ["to"] = $"account:{batchId}:account-17;" });
        await Uses("journal_claim", RedemptionReader.LatestOfAccount, new()
        {
            ["key"] = key,
            ["from"] = $"account:{batchId}:account-17:",
            ["to"] = $"account:{batchId}:account-17;",
            ["actor"] = "account:account-17",
        });
        await Uses("journal_claim", RedemptionReader.ByClaim, new() { ["claim"] = $"source:{batchId}:s50" });
        await Uses("journal_redemptions", RedemptionReader.OfAccount, new() { ["actor"] = "account:account-17", ["position"] = long.MaxValue, ["limit"] = 20 });
        await Uses("journal_reference", RedemptionReader.OfAccount, new() { ["actor"] = "account:account-17", ["position"] = long.MaxValue, ["limit"] = 20 });
        await Uses("journal_version", RedemptionReader.OfCode, new() { ["key"] = key, ["version"] = long.MaxValue, ["ordinal"] = long.MaxValue, ["limit"] = 20 });
        await Uses("journal_reference", RedemptionReader.OfCode, new() { ["key"] = key, ["version"] = long.MaxValue, ["ordinal"] = long.MaxValue, ["limit"] = 20 });
        await Uses("orders_of_account", PaidOrders.OfAccount, new() { ["account"] = "account-7" });
        await Uses("redemption_codes_with_work", WorkItemReader.Oldest.Replace("/* filter */", WorkItemReader.Open, StringComparison.Ordinal), new()
        {
            ["openedAt"] = DateTimeOffset.MinValue,
            ["id"] = "",
            ["limit"] = 20,
        });
        await Uses("redemption_codes_due", Storage.Deadlines.Deadlines.Statement([CodeDocument.Kind, CodeBatchDocument.Kind]), new()
        {
            ["shards"] = Storage.Deadlines.Deadlines.StoredShards(1, 8),
            ["now"] = Some.Noon.AddMinutes(90),
            ["at"] = Some.Noon.AddMinutes(-5),
            ["noun"] = "code",
            ["key"] = "",
            ["limit"] = 50,
        });
    }

    static readonly string[] Statuses = ["ACTIVE", "REDEEMED", "DISABLED"];

    static readonly string[] Unused = ["ACTIVE", "DISABLED"];

    static readonly string[] References = ["redeemed:x", "refused:x", "reversal:x", "reversed:x"];

    static string Key(int ordinal, string batch = "BATCH") => batch == "BATCH" ? $"KEY-{ordinal:D5}" : $"{batch}-{ordinal:D5}";

    static IEnumerable<CodeIssued> Codes(int count, int from = 0, string batch = "BATCH", int maxRedemptions = 1) =>
        Enumerable.Range(from + 1, count).Select(ordinal => Some.Issued(Key(ordinal, batch), ordinal, batch, maxRedemptions));

    async Task<Code> Stored(string key) => Assert.IsType<Code>((await store.Read(CodeDocument.Kind, key)).State!.State);

    /// <summary>Every code is what its journal says, and its columns say what it says.</summary>
    async Task NothingDiffers(int codes)
    {
        await foreach (var difference in store.Get<ColumnReader>().Differences(CodeDocument.Kind, Cancellation)) Assert.Fail($"{difference}");
        var (documents, stored, folded) = (0, "", (object?)null);
        await foreach (var row in store.Get<JournalReader>().Read(CodeDocument.Kind, Cancellation))
        {
            switch (row)
            {
                case StoredRow document:
                    Assert.Equal(stored, folded is null ? "" : Json(folded));
                    (stored, folded) = (document.Json, null);
                    documents++;
                    break;
                case EventRow happened:
                    folded = CodeDocument.Kind.After(folded, CodeDocument.Kind.ReadEvent(happened.Type, happened.Data));
                    break;
            }
        }

        Assert.Equal(stored, Json(folded!));
        Assert.Equal(codes, documents);
    }

    static string Json(object code) => Encoding.UTF8.GetString(CodeDocument.Kind.WriteState(code).Span);
}
