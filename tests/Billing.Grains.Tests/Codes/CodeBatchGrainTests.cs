using System.Threading.Channels;
using Billing.Codes;
using Billing.Tests.Cluster;

namespace Billing.Tests.Codes;

[Collection(nameof(BillingCluster))]
public class CodeBatchGrainTests(BillingCluster cluster)
{
    static readonly Actor Ada = Actor.Administrator("ada");

    // The cluster stores fifty at once.
    static readonly CodeBatchTerms Terms = CodeSamples.Terms with { Count = 120, Prefix = "spring" };

    readonly string id = CodeBatch.IdOf("ada", cluster.Name("key"));

    ICodeBatchGrain Batch => cluster.Grains.GetGrain<ICodeBatchGrain>(id);

    [Fact]
    public async Task A_batch_is_stored_part_by_part_with_a_code_for_each_ordinal()
    {
        var issued = (await Batch.Issue(Terms, null, Ada)).Value!;
        Assert.Equal((false, 120, true), (issued.Replayed, issued.Batch.State.Issued, issued.Batch.State.IsIssued));
        Assert.Equal([50, 100, 120], cluster.Store.Journal(CodeBatchDocument.Noun, id).OfType<CodesIssued>().Select(part => part.UpTo));
        AssertComplete();
    }

    [Fact]
    public async Task The_same_key_is_the_same_batch_and_other_input_under_it_is_refused()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Batch.Issue(Terms, null, Ada)));
        Assert.Single(answers, answer => !answer.Value!.Replayed);
        AssertComplete();
        Assert.Equal(["count"], Assert.IsType<BatchKeyReused>((await Batch.Issue(Terms with { Count = 121 }, null, Ada)).Refusal).Differs);
        AssertComplete();
    }

    [Fact]
    public async Task Bad_input_is_refused_and_its_key_is_free()
    {
        Assert.IsType<CountOutOfRange>((await Batch.Issue(Terms with { Count = 0 }, null, Ada)).Refusal);
        Assert.Null(await Batch.Get());
        Assert.IsType<CodeBatchNotFound>((await Batch.Disable("Over.", Ada)).Refusal);
        Assert.IsType<CodeBatchNotFound>((await Batch.TakePlace("a")).Refusal);
        Assert.IsType<CodeBatchNotFound>((await Batch.Give("alice", "order:1", null, Ada)).Refusal);
        Assert.False((await Batch.Issue(Terms, null, Ada)).Value!.Replayed);
    }

    /// <summary>Each part's codes are stored before the batch can note it. Without a look at what is stored, the next try meets their ordinals, and so does each after it.</summary>
    [Theory]
    [InlineData(0, (int)Fault.AfterCommit)]
    [InlineData(0, (int)Fault.BeforeCommit)]
    [InlineData(1, (int)Fault.AfterCommit)]
    [InlineData(1, (int)Fault.BeforeCommit)]
    [InlineData(2, (int)Fault.AfterCommit)]
    [InlineData(1, (int)Fault.Busy)]
    public async Task A_part_whose_answer_is_lost_is_stored_once(int parts, int fault)
    {
        cluster.Faults.Next(FaultyStore.Issuing, id, [.. Enumerable.Repeat(Fault.None, parts), (Fault)fault]);
        Assert.Null((await Batch.Issue(Terms, null, Ada)).Refusal);
        await cluster.Passing(TimeSpan.FromSeconds(11), () => Task.FromResult(Stored.Issued == 120), "the batch is issued");
        AssertComplete();
    }

    [Theory]
    [InlineData(0, (int)Fault.AfterCommit)]
    [InlineData(1, (int)Fault.BeforeCommit)]
    [InlineData(1, (int)Fault.AfterCommit)]
    [InlineData(2, (int)Fault.Conflict)]
    [InlineData(3, (int)Fault.BeforeCommit)]
    public async Task A_batch_that_leaves_memory_half_way_goes_on_and_has_each_ordinal_once(int writes, int fault)
    {
        cluster.Faults.Next(CodeBatchDocument.Noun, id, [.. Enumerable.Repeat(Fault.None, writes), (Fault)fault]);
        await BillingCluster.Repeated(() => Batch.Issue(Terms, null, Ada));
        await cluster.Deactivate(Batch);
        await cluster.Passing(TimeSpan.FromSeconds(11), () => Task.FromResult(Stored.Issued == 120), "the batch is issued");
        AssertComplete();
    }

    [Fact]
    public async Task Who_issues_many_codes_does_not_wait_for_all_and_their_progress_can_be_watched()
    {
        var watcher = new Watcher();
        using (cluster.Faults.Holding(FaultyStore.Issuing, id))
        {
            var issued = (await Batch.Issue(Terms, null, Ada)).Value!;
            Assert.Equal((0, false), (issued.Batch.State.Issued, issued.Batch.State.IsIssued));
            await Batch.Watch(cluster.Reference<ICodeBatchWatcher>(watcher));
            // Meanwhile it answers.
            Assert.True((await Batch.Issue(Terms, null, Ada)).Value!.Replayed);
        }

        var seen = new List<int>();
        // The present state and one for each part; they may overtake each other.
        while (seen.Count < 4) seen.Add((await watcher.Next()).State.Issued);
        Assert.Equal([0, 50, 100, 120], seen.Order());
        AssertComplete();
    }

    [Fact]
    public async Task A_vanity_code_is_issued_once_in_all_batches()
    {
        var text = CodeText.ReadVanity(cluster.Name("VANITY"))!;
        var key = cluster.Vault.KeyOf(text);
        var terms = Terms with { Count = 1, Prefix = "", VanityKey = key, MaxRedemptionsPerCode = 1_000 };
        Assert.True((await Batch.Issue(terms, Sealed(), Ada)).Value!.Batch.State.IsIssued);
        Assert.True((await Batch.Issue(terms, Sealed(), Ada)).Value!.Replayed);
        Assert.Equal(key, Assert.Single(cluster.Store.Codes(id)).State.Key);
        Assert.NotNull((await cluster.Grains.GetGrain<ICodeGrain>(key).Redeem(new(cluster.Name("redeemer"), [], null), null)).Value);

        var other = cluster.Grains.GetGrain<ICodeBatchGrain>(CodeBatch.IdOf("ada", cluster.Name("key")));
        Assert.IsType<VanityCodeTaken>((await other.Issue(terms, Sealed(), Ada)).Refusal);
        Assert.IsType<VanityCodeTaken>((await other.Issue(terms, Sealed(), Ada)).Refusal);
        Assert.Null(await other.Get());
        Assert.Equal(id, (await cluster.Grains.GetGrain<ICodeGrain>(key).Get())!.State.BatchId);

        SealedCode Sealed() => new(cluster.Vault.Seal(text, key), text.Tail);
    }

    [Theory]
    [InlineData((int)Fault.AfterCommit)]
    [InlineData((int)Fault.BeforeCommit)]
    public async Task A_vanity_code_whose_answer_is_lost_is_the_batchs_own(int fault)
    {
        var text = CodeText.ReadVanity(cluster.Name("VANITY"))!;
        var key = cluster.Vault.KeyOf(text);
        cluster.Faults.Next(FaultyStore.Issuing, id, (Fault)fault);
        Assert.Null((await Batch.Issue(Terms with { Count = 1, Prefix = "", VanityKey = key }, new(cluster.Vault.Seal(text, key), text.Tail), Ada)).Refusal);
        await cluster.Passing(TimeSpan.FromSeconds(11), () => Task.FromResult(Stored.Issued == 1), "the batch is issued");
        Assert.Null(Stored.Refusal);
    }

    [Fact]
    public async Task Of_two_batches_that_want_the_same_vanity_code_at_the_same_instant_one_has_it()
    {
        for (var round = 0; round < 10; round++)
        {
            var text = CodeText.ReadVanity(cluster.Name("VANITY"))!;
            var key = cluster.Vault.KeyOf(text);
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => cluster.Grains.GetGrain<ICodeBatchGrain>(CodeBatch.IdOf("ada", cluster.Name("key")))
                .Issue(Terms with { Count = 1, Prefix = "", VanityKey = key }, new(cluster.Vault.Seal(text, key), text.Tail), Ada)));
            Assert.Equal((1, 3), (answers.Count(answer => answer.Value is not null), answers.Count(answer => answer.Refusal is VanityCodeTaken)));
        }
    }

    [Fact]
    public async Task A_batch_that_is_disabled_while_it_is_issued_issues_no_more_and_disables_what_is_stored()
    {
        // The first part is stored, and the second one is under way.
        cluster.Faults.Next(FaultyStore.Issuing, id, Fault.None, Fault.Busy);
        Assert.Equal(50, (await Batch.Issue(Terms, null, Ada)).Value!.Batch.State.Issued);
        using (var hold = cluster.Faults.Holding(FaultyStore.Issuing, id))
        {
            var issuing = Batch.Issue(Terms, null, Ada);
            await hold.Arrival();
            Assert.Null((await Batch.Disable("Over.", Ada)).Refusal);
            await issuing;
        }

        await cluster.Passing(TimeSpan.FromSeconds(11), () => Task.FromResult(Stored.Disabling is { IsDone: true }), "the batch is disabled");
        Assert.Equal((50, 50, 50), (Stored.Issued, Stored.Disabling!.Disabled, cluster.Store.Codes(id).Count(code => code.State.Disabled == DisabledAs.WithBatch)));
        Assert.Null((await Batch.Disable("Again.", Ada)).Refusal);
        Assert.Equal("Over.", Stored.Disabling.Note);
    }

    [Fact]
    public async Task Codes_that_are_still_being_stored_when_another_activation_has_disabled_their_batch_are_not_stored() => Assert.Empty(await LateCodes());

    /// <summary>That none of a disabled batch's codes is active rests on the look at the batch in the codes' own transaction: without it, the late part stays active for ever.</summary>
    [Fact]
    public async Task Without_a_look_at_the_batch_late_codes_would_stay_active()
    {
        using (cluster.Store.Without(Guards.ClosedBatches)) Assert.Equal(50, (await LateCodes()).Count(code => code.State.Status == CodeStatus.Active));
    }

    /// <summary>The first part is being stored when the batch leaves memory, and arrives when it is disabled to its end: what is stored of it then.</summary>
    async Task<IReadOnlyList<Versioned<Code>>> LateCodes()
    {
        Hold hold;
        using (hold = cluster.Faults.Holding(FaultyStore.Issuing, id))
        {
            _ = await Batch.Issue(Terms, null, Ada);
            await hold.Arrival();
            await cluster.Deactivate(Batch);
            Assert.True((await Batch.Disable("Over.", Ada)).Value!.State.Disabling!.IsDone);
        }

        await hold.Ended;
        return cluster.Store.Codes(id);
    }

    [Theory]
    [InlineData(0, (int)Fault.AfterCommit)]
    [InlineData(1, (int)Fault.BeforeCommit)]
    [InlineData(1, (int)Fault.AfterCommit)]
    [InlineData(1, (int)Fault.Conflict)]
    public async Task Disabling_that_is_interrupted_goes_on_and_counts_each_code_once(int writes, int fault)
    {
        await Batch.Issue(Terms, null, Ada);
        var codes = cluster.Store.Codes(id);
        var used = cluster.Grains.GetGrain<ICodeGrain>(codes[3].State.Key);
        Assert.NotNull((await used.Redeem(new(cluster.Name("redeemer"), [], null), null)).Value);
        await cluster.Grains.GetGrain<ICodeGrain>(codes[5].State.Key).Disable(DisabledAs.OneCode, "Leaked.", Ada);
        // A code's own write fails too: the others of its part are disabled by then.
        cluster.Faults.Next(CodeDocument.Noun, codes[77].State.Key, Fault.BeforeCommit);
        cluster.Faults.Next(CodeBatchDocument.Noun, id, [.. Enumerable.Repeat(Fault.None, writes), (Fault)fault]);
        Assert.Null((await BillingCluster.Repeated(() => Batch.Disable("Over.", Ada))).Refusal);
        await cluster.Deactivate(Batch);
        await cluster.Passing(TimeSpan.FromSeconds(11), () => Task.FromResult(Stored.Disabling is { IsDone: true }), "the batch is disabled");
        Assert.Equal((118, 118), (Stored.Disabling!.Disabled, cluster.Store.Codes(id).Count(code => code.State.Disabled == DisabledAs.WithBatch)));
        Assert.Equal(CodeStatus.Redeemed, cluster.Store.Codes(id)[3].State.Status);
        Assert.Equal(DisabledAs.OneCode, cluster.Store.Codes(id)[5].State.Disabled);
    }

    [Fact]
    public async Task The_same_source_is_given_one_code_however_often_and_to_whomever()
    {
        await Batch.Issue(Terms with { Count = 30 }, null, Ada);
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(n => Batch.Give(n < 15 ? "alice" : "bob", "order:1", "A gift.", Ada)));
        var (owner, others) = answers[0].Value is not null ? (15, 5) : (5, 15);
        Assert.Equal((owner, others), (answers.Count(answer => answer.Value is not null), answers.Count(answer => answer.Refusal is BatchKeyReused { Differs: ["accountId"] })));
        Assert.Single(answers.Where(answer => answer.Value is not null).Select(answer => answer.Value!.Code.Key).Distinct());
        Assert.Single(answers, answer => answer.Value is { Replayed: false });
        Assert.Single(cluster.Store.Codes(id), code => code.State.AssignedTo is not null);
    }

    [Fact]
    public async Task Each_source_is_given_a_code_of_its_own_until_none_is_left()
    {
        await Batch.Issue(Terms with { Count = 30 }, null, Ada);
        var codes = cluster.Store.Codes(id);
        var used = new Redeemer(cluster.Name("redeemer"), [], null);
        Assert.NotNull((await cluster.Grains.GetGrain<ICodeGrain>(codes[2].State.Key).Redeem(used, null)).Value);
        await cluster.Grains.GetGrain<ICodeGrain>(codes[4].State.Key).Disable(DisabledAs.OneCode, null, Ada);
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(n => Batch.Give($"account-{n}", $"order:{n}", null, Ada)));
        Assert.Equal((28, 12), (answers.Count(answer => answer.Value is not null), answers.Count(answer => answer.Refusal is NoCodeLeft)));
        Assert.Equal(28, answers.Select(answer => answer.Value?.Code.Key).OfType<string>().Distinct().Count());
        for (var n = 0; n < 40; n++) Assert.Equal(answers[n].Value?.Code.Key is { } key ? $"account-{n}" : null, answers[n].Value?.Code.AssignedTo);

        // It is the account's alone, and a repeat gives it again after a restart as well.
        var given = answers.First(answer => answer.Value is not null).Value!.Code;
        Assert.IsType<CodeNotEligible>((await cluster.Grains.GetGrain<ICodeGrain>(given.Key).Redeem(used with { Account = "somebody" }, null)).Refusal);
        await cluster.Deactivate(Batch);
        var again = (await Batch.Give(given.AssignedTo!, $"order:{given.AssignedTo!["account-".Length..]}", null, Ada)).Value!;
        Assert.Equal((true, given.Key), (again.Replayed, again.Code.Key));
    }

    [Fact]
    public async Task A_code_whose_giving_had_no_answer_is_the_sources_code()
    {
        await Batch.Issue(Terms with { Count = 3 }, null, Ada);
        cluster.Faults.Next(CodeDocument.Noun, cluster.Store.Codes(id)[0].State.Key, Fault.AfterCommit);
        var given = await BillingCluster.Repeated(() => Batch.Give("alice", "order:1", null, Ada));
        Assert.Equal((true, 1), (given.Value!.Replayed, given.Value.Code.Ordinal));
    }

    [Fact]
    public async Task A_disabled_batch_gives_no_more_and_remembers_what_it_gave()
    {
        await Batch.Issue(Terms with { Count = 3 }, null, Ada);
        Assert.False((await Batch.Give("alice", "order:1", null, Ada)).Value!.Replayed);
        await Batch.Disable("Over.", Ada);
        Assert.True((await Batch.Give("alice", "order:1", null, Ada)).Value!.Replayed);
        Assert.IsType<NoCodeLeft>((await Batch.Give("alice", "order:2", null, Ada)).Refusal);
    }

    [Fact]
    public async Task What_is_shown_in_plain_text_is_written_down_before()
    {
        await Batch.Issue(Terms with { Count = 3 }, null, Ada);
        Assert.Null((await Batch.Reveal(3, Ada)).Refusal);
        Assert.Null((await Batch.Export(Ada)).Refusal);
        Assert.Equal(["BatchOrdered", "CodesIssued", "CodesRevealed", "CodesExported"], cluster.Store.Journal(CodeBatchDocument.Noun, id).Select(happened => happened.GetType().Name));
    }

    void AssertComplete()
    {
        var codes = cluster.Store.Codes(id);
        Assert.Equal(Enumerable.Range(1, 120), codes.Select(code => code.State.Ordinal));
        Assert.All(codes, code =>
        {
            var text = cluster.Vault.Open(code.State.Sealed, code.State.Key);
            Assert.Equal((code.State.Key, code.State.Tail, "SPR1NG"), (cluster.Vault.KeyOf(text), text.Tail, text.Characters[..6]));
            Assert.Single(cluster.Store.Journal(CodeDocument.Noun, code.State.Key));
        });
        Assert.Equal(120, codes.Select(code => code.State.Key).Distinct().Count());
        Assert.Equal(
            CodeBatchDocument.Kind.WriteState(Stored),
            CodeBatchDocument.Kind.WriteState(cluster.Store.Journal(CodeBatchDocument.Noun, id).Aggregate((CodeBatch?)null, (state, happened) => CodeBatch.After(state, (CodeBatchEvent)happened))!));
    }

    CodeBatch Stored => cluster.Store.State<CodeBatch>(CodeBatchDocument.Noun, id)!;

    sealed class Watcher : ICodeBatchWatcher
    {
        /// <summary>The grain has said that it leaves memory.</summary>
        public SemaphoreSlim Forgotten { get; } = new(0);

        readonly Channel<Versioned<CodeBatch>> changes = Channel.CreateUnbounded<Versioned<CodeBatch>>();

        public Task Changed(Versioned<CodeBatch> batch)
        {
            changes.Writer.TryWrite(batch);
            return Task.CompletedTask;
        }

        public Task Renew()
        {
            Forgotten.Release();
            return Task.CompletedTask;
        }

        public async Task<Versioned<CodeBatch>> Next()
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            return await changes.Reader.ReadAsync(patience.Token);
        }
    }
}
