using System.Collections.Immutable;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Tests.Cluster;

namespace Billing.Tests.Accounts;

/// <summary>The account's grain, and with it what all documents' grains have in common.</summary>
[Collection(nameof(BillingCluster))]
public class AccountGrainTests(BillingCluster cluster)
{
    readonly string id = cluster.Name("account");

    IAccountGrain Account => cluster.Grains.GetGrain<IAccountGrain>(id);

    [Fact]
    public async Task What_a_reply_says_has_been_stored()
    {
        var applied = await Grant("a", 10);
        Assert.Equal((Credits.Whole(10), 1L, false), (applied.Value!.Account.Balance, applied.Value.Version, applied.Value.Replayed));
        Assert.Equal(Credits.Whole(10), Stored!.Balance);
    }

    [Theory]
    [InlineData(Fault.BeforeCommit, 10)]
    [InlineData(Fault.Conflict, 10)]
    [InlineData(Fault.AfterCommit, 15)]
    internal async Task A_write_with_an_unknown_outcome_discards_the_activation_and_the_document_is_read_again(Fault fault, long balance)
    {
        await Grant("a", 10);
        cluster.Faults.Next(AccountDocument.Noun, id, fault);
        await Assert.ThrowsAnyAsync<Exception>(() => Grant("b", 5));
        await BillingCluster.Eventually(async () => (await Account.Get())!.State.Balance == Credits.Whole(balance), "the account is what was stored");

        // The same command again tells.
        Reply<Applied, AccountError>? again = null;
        await BillingCluster.Eventually(
            async () =>
            {
                try
                {
                    again = await Grant("b", 5);
                    return true;
                }
                catch (OutcomeUnknownException)
                {
                    return false;
                }
            },
            "a new activation answers");
        Assert.Equal(fault == Fault.AfterCommit, again!.Value!.Replayed);
        Assert.Equal(Credits.Whole(15), Stored!.Balance);
    }

    [Fact]
    public async Task Nothing_that_was_not_committed_is_visible()
    {
        await Grant("a", 10);
        using (var hold = cluster.Faults.Holding(AccountDocument.Noun, id))
        {
            cluster.Faults.Next(AccountDocument.Noun, id, Fault.BeforeCommit);
            var writing = Grant("b", 5);
            await hold.Arrival();
            Assert.Equal(Credits.Whole(10), (await Account.Get())!.State.Balance);
            hold.Dispose();
            await Assert.ThrowsAsync<OutcomeUnknownException>(() => writing);
        }

        Assert.Equal(Credits.Whole(10), (await Account.Get())!.State.Balance);
    }

    [Fact]
    public async Task Commands_that_arrive_during_a_write_are_written_together()
    {
        await Grant("first", 1);
        var before = cluster.Store.Writes(AccountDocument.Noun, id);
        var hold = cluster.Faults.Holding(AccountDocument.Noun, id);
        var writing = Grant("held", 1);
        await hold.Arrival();
        var others = Enumerable.Range(0, 100).Select(n => Grant($"g{n}", 1)).ToList();
        await AllAreQueued();
        hold.Dispose();
        await Task.WhenAll(others.Append(writing));
        Assert.Equal(Credits.Whole(102), Stored!.Balance);
        // The held one and one for all others; a call that the scheduler kept back may come after the hold and take another. Alone they would be 101.
        Assert.InRange(cluster.Store.Writes(AccountDocument.Noun, id) - before, 2, 5);
    }

    [Fact]
    public async Task A_reference_that_the_journal_knows_fails_alone_and_its_neighbours_are_written()
    {
        await Grant("old", 7);
        for (var n = 0; n < Billing.Accounts.Account.RememberedReferences; n++) await Grant($"fill{n}", 1);
        var hold = cluster.Faults.Holding(AccountDocument.Noun, id);
        var writing = Grant("held", 1);
        await hold.Arrival();
        var left = Grant("left", 1);
        var guilty = Grant("old", 7);
        var right = Grant("right", 1);
        await AllAreQueued();
        hold.Dispose();
        Assert.All(await Task.WhenAll(writing, left, right), reply => Assert.False(reply.Value!.Replayed));
        Assert.Equal((true, Credits.Whole(7)), ((await guilty).Value!.Replayed, (await guilty).Value!.Entry.BalanceAfter));
        Assert.Equal(Credits.Whole(7 + 16 + 3), Stored!.Balance);
        Assert.Single(cluster.Store.Journal(AccountDocument.Noun, id), happened => ((AccountEvent)happened).Reference == "old");
    }

    [Fact]
    public async Task A_rule_that_throws_harms_only_its_own_command()
    {
        await Grant("a", 1);
        var hold = cluster.Faults.Holding(AccountDocument.Noun, id);
        var writing = Grant("held", 1);
        await hold.Arrival();
        var left = Grant("left", 1);
        var guilty = Account.Apply("bug", LedgerKind.Purchase, [null!], null, Actor.System);
        var right = Grant("right", 1);
        await AllAreQueued();
        hold.Dispose();
        await Assert.ThrowsAsync<NullReferenceException>(() => guilty);
        await Task.WhenAll(writing, left, right);
        Assert.Equal(Credits.Whole(4), Stored!.Balance);
    }

    [Fact]
    public async Task A_busy_store_has_done_nothing_and_the_grain_goes_on()
    {
        await Grant("a", 10);
        cluster.Faults.Next(AccountDocument.Noun, id, Fault.Busy);
        await Assert.ThrowsAsync<StoreBusyException>(() => Grant("b", 5));
        Assert.False((await Grant("b", 5)).Value!.Replayed);
        Assert.Equal(Credits.Whole(15), Stored!.Balance);
    }

    [Fact]
    public async Task A_repeated_spend_is_given_its_first_answer_though_nothing_is_left()
    {
        await Grant("a", 10);
        await Spend("spend:1", 10);
        for (var n = 0; n < Billing.Accounts.Account.RememberedReferences; n++)
        {
            await Grant($"g{n}", 1);
            await Spend($"s{n}", 1);
        }

        var again = await Spend("spend:1", 10);
        Assert.Equal((true, Credits.Zero), (again.Value!.Replayed, again.Value.Entry.BalanceAfter));
        Assert.Equal(new InsufficientCredits(Credits.Zero), (await Spend("spend:2", 1)).Refusal);
    }

    [Fact]
    public async Task Another_command_under_the_same_reference_is_refused_and_told_what_differs()
    {
        ImmutableArray<Grant> ten = [new CreditGrant(Credits.Whole(10), null), new SubscriptionGrant("pro", 30)];
        Assert.Null((await Account.Apply("a", LedgerKind.Adjustment, ten, "Why.", Actor.System)).Refusal);
        Assert.True((await Account.Apply("a", LedgerKind.Adjustment, ten, "Why.", Actor.System)).Value!.Replayed);
        await Differs(["credits"], Account.Apply("a", LedgerKind.Adjustment, [new CreditGrant(Credits.Whole(11), null), ten[1]], "Why.", Actor.System));
        await Differs(["validDays"], Account.Apply("a", LedgerKind.Adjustment, [new CreditGrant(Credits.Whole(10), 7), ten[1]], "Why.", Actor.System));
        await Differs(["grants"], Account.Apply("a", LedgerKind.Adjustment, [ten[0], new SubscriptionGrant("pro", 31)], "Why.", Actor.System));
        await Differs(["note"], Account.Apply("a", LedgerKind.Adjustment, ten, null, Actor.System));
        await Differs(["kind", "credits", "note"], Account.Apply("a", LedgerKind.Purchase, [new CreditGrant(Credits.Whole(1), null)], "For it.", Actor.System));
        await Differs(["credits"], Account.Take("a", LedgerKind.Adjustment, Credits.Whole(10), "Why.", Actor.System));
        Assert.Null((await Spend("s", 1)).Refusal);
        Assert.True((await Spend("s", 1)).Value!.Replayed);
        await Differs(["credits"], Spend("s", 2));
        await Differs(["note"], Account.Take("s", LedgerKind.Spend, Credits.Whole(1), "For tea.", Actor.System));
        await Differs(["kind"], Account.Take("s", LedgerKind.Adjustment, Credits.Whole(1), null, Actor.System));
        Assert.Equal(Credits.Whole(9), Stored!.Balance);

        static async Task Differs(string[] names, Task<Reply<Applied, AccountError>> asked) =>
            Assert.Equal(names, Assert.IsType<AccountKeyReused>((await asked).Refusal).Differs);
    }

    /// <summary>When it counts as a write of unknown outcome, its neighbours fail with it.</summary>
    [Fact]
    public async Task Text_that_cannot_be_stored_fails_alone_and_its_neighbours_are_written()
    {
        await Grant("first", 1);
        var hold = cluster.Faults.Holding(AccountDocument.Noun, id);
        var writing = Grant("held", 1);
        await hold.Arrival();
        var left = Grant("left", 1);
        var guilty = Grant("half\0", 1);
        var right = Grant("right", 1);
        await AllAreQueued();
        hold.Dispose();
        Assert.All(await Task.WhenAll(writing, left, right), reply => Assert.False(reply.Value!.Replayed));
        await Assert.ThrowsAsync<UnstorableTextException>(() => guilty);
        Assert.Equal(Credits.Whole(4), Stored!.Balance);
        // The activation was never in doubt.
        Assert.Equal(4, (await Account.Get())!.Version);
    }

    /// <summary>In one silo, the grain itself is the guard: it decides one after the other, and remembers the latest references.</summary>
    [Fact]
    public async Task The_same_grant_a_hundred_times_at_once_is_applied_once()
    {
        var replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Grant("order:1", 10)));
        Assert.Single(replies, reply => !reply.Value!.Replayed);
        Assert.Equal(Credits.Whole(10), Stored!.Balance);
    }

    [Theory]
    [InlineData((int)Guards.None)]
    [InlineData((int)Guards.Versions)]
    [InlineData((int)Guards.ReferenceIndex)]
    public async Task The_same_grant_in_two_silos_that_do_not_know_of_each_other_is_applied_once(int without)
    {
        var twin = await cluster.Twin();
        using var gap = cluster.Store.Without((Guards)without);
        for (var round = 0; round < 10; round++) Assert.Equal(1, await TimesGranted(twin));
    }

    /// <summary>Between silos, there are two guards, of which each will do: the document's version, and the unique index over its references.</summary>
    [Fact]
    public async Task Without_the_version_and_the_index_a_grant_would_be_applied_twice()
    {
        var twin = await cluster.Twin();
        using (cluster.Store.Without(Guards.Versions | Guards.ReferenceIndex)) Assert.Equal(2, await TimesGranted(twin));
    }

    async Task<int> TimesGranted(BillingCluster twin)
    {
        var account = cluster.Name("account");
        await cluster.Meeting(AccountDocument.Noun, account, () => Task.WhenAll(Enumerable.Range(0, 20)
            .Select(n => BillingCluster.Repeated(() => Grant(In(n % 2 == 0 ? cluster : twin, account), "order:1", 10)))));
        return cluster.Store.Journal(AccountDocument.Noun, account).Count;
    }

    /// <summary>In one silo, the grain itself is the guard: it decides one after the other.</summary>
    [Fact]
    public async Task Spending_from_all_sides_never_takes_more_than_there_is()
    {
        await Grant("a", 30);
        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => Spend($"s{n}", 1)));
        Assert.Equal((30, 20), (replies.Count(reply => reply.Value is not null), replies.Count(reply => reply.Refusal is InsufficientCredits)));
        Assert.Equal(Credits.Zero, Stored!.Balance);
    }

    [Fact]
    public async Task Spending_in_two_silos_that_do_not_know_of_each_other_never_takes_more_than_there_is()
    {
        var twin = await cluster.Twin();
        for (var round = 0; round < 5; round++) Assert.Equal(10, await TimesSpent(twin));
    }

    /// <summary>Between silos, the document's version is the guard, and nothing else is.</summary>
    [Fact]
    public async Task Without_the_version_more_would_be_spent_than_there_is()
    {
        var twin = await cluster.Twin();
        using (cluster.Store.Without(Guards.Versions)) Assert.Equal(20, await TimesSpent(twin));
    }

    /// <summary>Twenty spend one credit each of ten: how many were told that they had it.</summary>
    async Task<int> TimesSpent(BillingCluster twin)
    {
        var account = cluster.Name("account");
        await Grant(In(cluster, account), "a", 10);
        var replies = await cluster.Meeting(AccountDocument.Noun, account, () => Task.WhenAll(Enumerable.Range(0, 20).Select(n => BillingCluster.Repeated(
            () => In(n % 2 == 0 ? cluster : twin, account).Take($"s{n}", LedgerKind.Spend, Credits.Whole(1), null, Actor.System)))));
        return replies.Count(reply => reply.Value is not null);
    }

    [Fact]
    public async Task Credits_lapse_at_their_deadline_by_the_sweep()
    {
        await Account.Apply("a", LedgerKind.Purchase, [new CreditGrant(Credits.Whole(5), 1)], null, Actor.System);
        cluster.Time.Advance(TimeSpan.FromDays(1));
        await cluster.Sweep();
        Assert.Equal(Credits.Zero, Stored!.Balance);
    }

    [Fact]
    public async Task Watchers_see_the_present_state_first_and_then_each_change()
    {
        await Grant("a", 1);
        var watcher = new Watcher();
        var reference = cluster.Reference<IAccountWatcher>(watcher);
        await Account.Watch(reference);
        await watcher.Sees(Credits.Whole(1));
        await Grant("b", 2);
        await watcher.Sees(Credits.Whole(3));
        await Account.Unwatch(reference);
        await Grant("c", 4);
        await Account.Watch(reference);
        await watcher.Sees(Credits.Whole(7));
        Assert.Equal([1, 3, 7], watcher.Seen.Select(credits => (int)credits.Amount));
    }

    Account? Stored => cluster.Store.State<Account>(AccountDocument.Noun, id);

    static IAccountGrain In(BillingCluster silo, string account) => silo.Grains.GetGrain<IAccountGrain>(account);

    Task<Reply<Applied, AccountError>> Grant(string reference, long credits) => Grant(Account, reference, credits);

    static Task<Reply<Applied, AccountError>> Grant(IAccountGrain account, string reference, long credits) =>
        account.Apply(reference, LedgerKind.Purchase, ImmutableArray.Create<Grant>(new CreditGrant(Credits.Whole(credits), null)), null, Actor.System);

    Task<Reply<Applied, AccountError>> Spend(string reference, long credits) =>
        Account.Take(reference, LedgerKind.Spend, Credits.Whole(credits), null, Actor.System);

    // The grain takes calls about in the order in which they come: when these are answered, those before them are in its queue.
    async Task AllAreQueued()
    {
        for (var i = 0; i < 10; i++) await Account.Get();
    }

    sealed class Watcher : IAccountWatcher
    {
        /// <summary>The grain has said that it leaves memory.</summary>
        public SemaphoreSlim Forgotten { get; } = new(0);

        readonly System.Threading.Channels.Channel<Credits> changes = System.Threading.Channels.Channel.CreateUnbounded<Credits>();

        public List<Credits> Seen { get; } = [];

        public Task Changed(Account account, long version)
        {
            changes.Writer.TryWrite(account.Balance);
            return Task.CompletedTask;
        }

        public Task Renew()
        {
            Forgotten.Release();
            return Task.CompletedTask;
        }

        public async Task Sees(Credits balance)
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            Seen.Add(await changes.Reader.ReadAsync(patience.Token));
            Assert.Equal(balance, Seen[^1]);
        }
    }
}
