using System.Collections.Immutable;
using Billing.Accounts;
using Billing.Catalog;

namespace Billing.Tests.Accounts;

public class AccountRulesTests
{
    static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_grant_makes_the_account() =>
        Given().When(Grant("order:1", For(10))).Then(Granted("order:1", 10, 10, 10))
            .And(account => Assert.Equal(("alice", Credits.Whole(10), Noon), (account.Id, account.Balance, account.CreatedAt)));

    [Fact]
    public void A_repeated_reference_changes_nothing()
    {
        var once = Given().When(Grant("order:1", For(10)));
        once.When(Grant("order:1", For(10))).ThenNothing();
        once.When(Grant("order:1", For(99))).ThenNothing();
        once.When(Spend("s", 4)).When(Spend("s", 4)).ThenNothing().And(account => Assert.Equal(Credits.Whole(6), account.Balance));
    }

    [Fact]
    public void What_lapses_first_is_spent_first_and_what_never_lapses_last() =>
        Given().When(Grant("ever", For(10))).When(Grant("late", For(10, 60))).When(Grant("soon", For(10, 30))).When(Grant("late-2", For(10, 60)))
            .And(account => Assert.Equal(["soon", "late", "late-2", "ever"], account.Buckets.Select(bucket => bucket.Source)))
            .When(Spend("s", 25)).Then(new CreditsSpent("s", LedgerKind.Spend, -Credits.Whole(25), Credits.Whole(15), null))
            .And(account => Assert.Equal([("late-2", Credits.Whole(5)), ("ever", Credits.Whole(10))], account.Buckets
                .Select(bucket => (bucket.Source, bucket.Remaining))));

    [Fact]
    public void All_can_be_spent_and_not_a_micro_credit_more()
    {
        var account = Given().When(Grant("g", For(1)));
        account.When(new TakeCredits("s", LedgerKind.Spend, new(1_000_001), null)).Then(new InsufficientCredits(Credits.Whole(1)));
        account.When(new TakeCredits("s", LedgerKind.Spend, new(1_000_000), null)).And(now => Assert.Empty(now.Buckets)).When(Spend("t", 1))
            .Then(new InsufficientCredits(Credits.Zero));
    }

    [Fact]
    public void An_account_that_was_never_credited_has_nothing_to_spend() => Given().When(Spend("s", 1)).Then(new InsufficientCredits(Credits.Zero));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Nothing_negative_or_beyond_all_bounds_is_granted_or_spent(long micro)
    {
        var account = Given().When(Grant("g", For(1)));
        account.When(new TakeCredits("s", LedgerKind.Spend, new(micro), null)).Then(new CreditsOutOfRange(Credits.Max));
        account.When(Grant("x", new CreditGrant(new(micro), null))).Then(new CreditsOutOfRange(Credits.Max));
    }

    [Fact]
    public void Grants_that_grant_nothing_are_refused()
    {
        Given().When(Grant("x")).Then(new CreditsOutOfRange(Credits.Max));
        Given().When(Grant("x", For(1, 0))).Then(new CreditsOutOfRange(Credits.Max));
        Given().When(Grant("x", For(1, Billing.Catalog.Grant.MaxDays + 1))).Then(new CreditsOutOfRange(Credits.Max));
        Given().When(Grant("x", new SubscriptionGrant(" ", 1))).Then(new CreditsOutOfRange(Credits.Max));
        Given().When(Grant("x", For(1), new SubscriptionGrant("pro", 0))).Then(new CreditsOutOfRange(Credits.Max));
    }

    [Fact]
    public void An_account_holds_a_trillion_credits_and_no_more()
    {
        var full = Given().When(Grant("g", new CreditGrant(Credits.Max, null)));
        full.When(Grant("more", new CreditGrant(new(1), null))).Then(new CreditsOutOfRange(Credits.Max));
        Given().When(Grant("x", [.. Enumerable.Repeat<Grant>(new CreditGrant(Credits.Max, null), 20)])).Then(new CreditsOutOfRange(Credits.Max));
        full.When(Spend("s", 1)).When(Grant("more", For(1))).And(account => Assert.Equal(Credits.Max, account.Balance));
    }

    [Fact]
    public void An_account_holds_a_bounded_number_of_buckets()
    {
        var grants = Enumerable.Range(0, Account.MaxBuckets).Select(day => (Grant)For(1, day + 1)).ToArray();
        Given().When(Grant("g", grants)).When(Grant("more", For(1))).Then(new TooManyBuckets(Account.MaxBuckets))
            .When(Grant("tier", new SubscriptionGrant("pro", 1))).And(account => Assert.Single(account.Entitlements));
    }

    [Fact]
    public void The_oldest_credits_that_never_lapse_are_poured_together_and_spent_first()
    {
        var account = Given().When(Grant("soon", For(1, 30)));
        for (var n = 1; n <= Account.MaxSteadyBuckets + 3; n++) account = account.When(Grant($"g{n}", For(n)));
        account
            .And(now => Assert.Equal(
                ["soon", CreditBucket.Earlier, .. Enumerable.Range(5, Account.MaxSteadyBuckets - 1).Select(n => $"g{n}")], now.Buckets.Select(bucket => bucket.Source)))
            .And(now => Assert.Equal(Credits.Whole(1 + 2 + 3 + 4), now.Buckets[1].Remaining))
            .When(Spend("s", 1 + 10 + 5 + 1))
            .And(now => Assert.Equal(("g6", Credits.Whole(5)), (now.Buckets[0].Source, now.Buckets[0].Remaining)));
    }

    [Fact]
    public void An_account_that_buys_and_never_spends_stays_a_small_document()
    {
        var account = Given();
        for (var n = 0; n < 500; n++) account = account.When(Grant($"order:0123456789ABCD{n:00}", For(100)));
        account.And(now => Assert.Equal(Credits.Whole(50_000), now.Balance))
            .And(now => Assert.InRange(AccountDocument.Kind.WriteState(now).Length, 1, 2_047));
    }

    [Fact]
    public void What_has_lapsed_is_gone_before_anything_else_happens()
    {
        var account = Given().When(Grant("a", For(10, 1))).When(Grant("b", For(5, 2))).When(Grant("c", For(3))).At(Noon.AddDays(1));
        account.When(Spend("s", 9)).Then(new InsufficientCredits(Credits.Whole(8)));
        account.When(Spend("s", 6)).Then(
            new CreditsLapsed("lapse:a", LedgerKind.Expiry, -Credits.Whole(10), Credits.Whole(8)),
            new CreditsSpent("s", LedgerKind.Spend, -Credits.Whole(6), Credits.Whole(2), null));
        account.When(Grant("d", For(1)))
            .Then(new CreditsLapsed("lapse:a", LedgerKind.Expiry, -Credits.Whole(10), Credits.Whole(8)), Granted("d", 1, 9, 1, account.Now));
        account.At(Noon.AddDays(2)).When(new LapseCredits()).Then(
            new CreditsLapsed("lapse:a", LedgerKind.Expiry, -Credits.Whole(10), Credits.Whole(8)),
            new CreditsLapsed("lapse:b", LedgerKind.Expiry, -Credits.Whole(5), Credits.Whole(3))).When(new LapseCredits()).ThenNothing();
    }

    [Fact]
    public void Credits_last_until_their_end_exclusive()
    {
        var account = Given().When(Grant("a", For(10, 1)));
        account.At(Noon.AddDays(1).AddTicks(-1)).When(new LapseCredits()).ThenNothing().And(now => Assert.Equal(Noon.AddDays(1), now.NextLapse()));
        account.At(Noon.AddDays(1)).When(new LapseCredits()).And(now => Assert.Null(now.NextLapse()));
    }

    [Fact]
    public void Nothing_lapses_where_nothing_is() => Given().When(new LapseCredits()).ThenNothing();

    [Fact]
    public void Buckets_of_one_grant_and_of_similar_references_have_names_of_their_own() =>
        Given().When(Grant("x", For(1, 1), For(2, 1), For(3, 1))).When(Grant("x/2", For(4, 1), For(5, 1))).When(Grant("x/2/1", For(6, 1)))
            .At(Noon.AddDays(1)).When(new LapseCredits())
            .And(_ => { })
            .Then([.. new[] { ("x", 20), ("x/2", 18), ("x/3", 15), ("x/2/1", 11), ("x/2/2", 6), ("x/2/1/1", 0) }
                .Select((lapse, n) => new CreditsLapsed($"lapse:{lapse.Item1}", LedgerKind.Expiry, -Credits.Whole(n + 1), Credits.Whole(lapse.Item2)))]);

    [Fact]
    public void A_tiers_time_is_added_to_the_end_of_what_runs()
    {
        var pro = Given().When(Grant("a", new SubscriptionGrant("pro", 30)));
        pro.At(Noon.AddDays(10)).When(Grant("b", new SubscriptionGrant("pro", 30)))
            .And(account => Assert.Equal([new("pro", Noon, Noon.AddDays(60))], account.Entitlements));
        pro.At(Noon.AddDays(30)).When(Grant("b", new SubscriptionGrant("pro", 30)))
            .And(account => Assert.Equal([new("pro", Noon.AddDays(30), Noon.AddDays(60))], account.Entitlements));
        pro.When(Grant("b", new SubscriptionGrant("team", 1), new SubscriptionGrant("team", 2)))
            .And(account => Assert.Equal([new("pro", Noon, Noon.AddDays(30)), new("team", Noon, Noon.AddDays(3))], account.Entitlements));
    }

    [Fact]
    public void Time_that_is_stacked_beyond_the_calendar_ends_with_it()
    {
        var story = Given();
        for (var century = 0; century < 90; century++) story = story.When(Grant($"g{century}", new SubscriptionGrant("pro", Billing.Catalog.Grant.MaxDays)));
        story.And(account => Assert.Equal(9999, account.Entitlements.Single().ExpiresAt.Year)).And(account => Assert.Equal(0, account.Balance.Micro));
    }

    [Fact]
    public void The_document_remembers_a_bounded_number_of_references()
    {
        var story = Given();
        for (var n = 0; n < 40; n++) story = story.When(Grant($"g{n}", For(1)));
        story.And(account => Assert.Equal(Enumerable.Range(40 - Account.RememberedReferences, Account.RememberedReferences)
            .Select(n => $"g{n}"), account.Latest));
    }

    [Fact]
    public void What_is_unspent_of_a_grant_is_taken_back_once()
    {
        var spent = Given().When(Grant("code:K:1", For(10))).When(Grant("order:1", For(5))).When(Spend("s", 4));
        spent.When(TakeBack("code:K:1", For(10))).Then(Taken("code:K:1", 6, 5))
            .And(account => Assert.Equal(["order:1"], account.Buckets.Select(bucket => bucket.Source)))
            .When(TakeBack("code:K:1", For(10))).ThenNothing();
        spent.When(Spend("t", 8)).When(TakeBack("code:K:1", For(10))).Then(Taken("code:K:1", 0, 3));
        // What another source granted is not touched, though this one's is spent.
        spent.When(Spend("t", 8)).When(TakeBack("code:K:1", For(10))).When(Spend("u", 3)).And(account => Assert.Equal(Credits.Zero, account.Balance));
    }

    [Fact]
    public void What_has_lapsed_is_not_taken_back_a_second_time()
    {
        var lapsing = Given().When(Grant("code:K:1", For(10, 1), For(20, 30), For(5))).At(Noon.AddDays(1));
        lapsing.When(TakeBack("code:K:1", For(35))).Then(
            new CreditsLapsed("lapse:code:K:1", LedgerKind.Expiry, -Credits.Whole(10), Credits.Whole(25)), Taken("code:K:1", 25, 0))
            .And(account => Assert.Empty(account.Buckets));
        lapsing.At(Noon.AddDays(31)).When(TakeBack("code:K:1", For(35))).And(account => Assert.Equal(Credits.Zero, account.Balance));
    }

    [Fact]
    public void Buckets_of_similar_references_are_kept_apart()
    {
        var similar = Given().When(Grant("x", For(1), For(2))).When(Grant("x/2", For(4))).When(Grant("x/2/1", For(8))).When(Grant("x/", For(16))).When(Grant("xy", For(32)));
        similar.When(TakeBack("x", For(3))).Then(Taken("x", 3, 60));
        similar.When(TakeBack("x/2", For(4))).Then(Taken("x/2", 4, 59));
        similar.When(TakeBack("x/2/1", For(8))).Then(Taken("x/2/1", 8, 55));
        similar.When(TakeBack("x/", For(16))).Then(Taken("x/", 16, 47));
    }

    [Fact]
    public void A_subscription_ends_sooner_but_what_has_run_is_used_up()
    {
        var pro = Given().When(Grant("code:K:1", new SubscriptionGrant("pro", 30)));
        TakeBackGrants back = TakeBack("code:K:1", new SubscriptionGrant("pro", 30));
        // Stacked on others' time: a month less of it.
        var stacked = pro.When(Grant("order:1", new SubscriptionGrant("pro", 30)));
        stacked.At(Noon.AddDays(10)).When(back).Then(Taken("code:K:1", 0, 0, 30, new Entitlement("pro", Noon, Noon.AddDays(30))));
        // Never before now, and a day that has begun counts whole.
        stacked.At(Noon.AddDays(40.5)).When(back).Then(Taken("code:K:1", 0, 0, 20, new Entitlement("pro", Noon, Noon.AddDays(40.5))));
        pro.At(Noon.AddDays(29.5)).When(back).Then(Taken("code:K:1", 0, 0, 1, new Entitlement("pro", Noon, Noon.AddDays(29.5))));
        pro.At(Noon.AddDays(30)).When(back).Then(Taken("code:K:1", 0, 0));
        // Each tier by itself.
        Given().When(Grant("code:K:1", new SubscriptionGrant("pro", 2), new SubscriptionGrant("team", 3), new SubscriptionGrant("pro", 1)))
            .When(TakeBack("code:K:1", new SubscriptionGrant("pro", 2), new SubscriptionGrant("team", 3), new SubscriptionGrant("pro", 1)))
            .Then(Taken("code:K:1", 0, 0, 6, new Entitlement("pro", Noon, Noon), new Entitlement("team", Noon, Noon)));
    }

    /// <summary>Otherwise an old code's reversal would take the days of a subscription that was paid for later.</summary>
    [Fact]
    public void A_subscription_that_began_after_the_grants_time_was_over_is_not_shortened() =>
        Given().When(Grant("code:K:1", new SubscriptionGrant("pro", 30))).At(Noon.AddDays(31)).When(Grant("order:1", new SubscriptionGrant("pro", 30)))
            .At(Noon.AddDays(32)).When(TakeBack("code:K:1", new SubscriptionGrant("pro", 30))).Then(Taken("code:K:1", 0, 0))
            .And(account => Assert.Equal(Noon.AddDays(61), account.Entitlements.Single().ExpiresAt));

    [Fact]
    public void Nothing_is_taken_back_of_what_was_never_granted()
    {
        Given().When(TakeBack("code:K:1", For(1))).Then(new InsufficientCredits(Credits.Zero));
        Given().When(Grant("order:1", For(1), new SubscriptionGrant("pro", 30))).When(TakeBack("code:K:1", new SubscriptionGrant("pro", 30)) with { GrantedAt = null })
            .Then(new InsufficientCredits(Credits.Zero));
    }

    static TakeBackGrants TakeBack(string source, params Grant[] grants) =>
        new("alice", "reversal:" + source, LedgerKind.Redemption, source, [.. grants], Noon, null);

    static GrantsTakenBack Taken(string source, long credits, long balance, int days = 0, params Entitlement[] entitlements) =>
        new("reversal:" + source, LedgerKind.Redemption, -Credits.Whole(credits), Credits.Whole(balance), source, [.. entitlements], days, null);

    static Story<Account, AccountEvent, AccountCommand, AccountError> Given() => new(AccountDocument.Kind, AccountRules.Decide, [], Noon);

    static CreditGrant For(long credits, int? days = null) => new(Credits.Whole(credits), days);

    static ApplyGrants Grant(string reference, params Grant[] grants) => new("alice", reference, LedgerKind.Purchase, [.. grants], null);

    static TakeCredits Spend(string reference, long credits) => new(reference, LedgerKind.Spend, Credits.Whole(credits), null);

    static GrantsApplied Granted(string reference, long credits, long balance, long bucket, DateTimeOffset? at = null) => new(
        reference, LedgerKind.Purchase, Credits.Whole(credits), Credits.Whole(balance), "alice", [For(credits)],
        [new(reference, Credits.Whole(bucket), Credits.Whole(bucket), null)], ImmutableArray<Entitlement>.Empty, null, at ?? Noon);
}
