using System.Collections.Immutable;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Codes;
using Billing.Tests.Cluster;

namespace Billing.Tests.Codes;

[Collection(nameof(BillingCluster))]
public class CodeGrainTests(BillingCluster cluster)
{
    static readonly Actor Ada = Actor.Administrator("ada");
    static readonly ImmutableArray<Grant> TenCredits = [new CreditGrant(Credits.Whole(10), null)];
    static readonly CodeBatchTerms Terms = CodeSamples.Terms with { Count = 1, Grants = TenCredits };

    [Fact]
    public async Task A_code_is_redeemed_and_its_account_credited_before_the_answer_comes()
    {
        var (batch, code) = await One();
        var by = Somebody();
        var redeemed = (await code.Redeem(by, null)).Value!;
        Assert.Equal((false, by.Account, batch, Redemption.IdOf(by.Account, null)), (redeemed.Replayed, redeemed.Redemption.Account, redeemed.Redemption.BatchId, redeemed.Redemption.Id));
        Assert.Equal(Credits.Whole(10), await Balance(by));
        await Settled(code);
        Assert.Equal((CodeStatus.Redeemed, by.Account), (Stored(code).Status, Stored(code).Last!.Account));
        Assert.Equal(["CodeIssued", "CodeRedeemed", "RedemptionCredited"], Journal(code));
        var entry = Assert.Single(Ledger(by));
        Assert.Equal((CodeDocument.LedgerReference(Key(code), redeemed.Redemption.Id), LedgerKind.Redemption), (entry.Reference, entry.Kind));
    }

    [Fact]
    public async Task What_is_stored_opens_to_the_code_that_leads_to_its_grain()
    {
        var (_, code) = await One(Terms with { Prefix = "spring" });
        var text = cluster.Vault.Open(Stored(code).Sealed, Key(code));
        Assert.Equal(Key(code), cluster.Vault.KeyOf(CodeText.Read(text.Format("spring"))!));
        Assert.Equal((text.Tail, true), (Stored(code).Tail, text.Format("spring").StartsWith("SPRING-", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_code_that_nobody_issued_is_not_found()
    {
        var code = Code(cluster.Name("NOBODYS"));
        Assert.IsType<CodeNotFound>((await code.Redeem(Somebody(), null)).Refusal);
        Assert.Equal(new CodeNotFound(), (await code.Preview(Somebody())).Refusal);
        Assert.IsType<CodeNotFound>((await code.Disable(DisabledAs.OneCode, null, Ada)).Refusal);
        Assert.IsType<CodeNotFound>((await code.Assign("a", "s", null, Ada)).Refusal);
        Assert.IsType<RedemptionNotFound>((await code.Reverse("id", 1, "Why.", "key", Ada)).Refusal);
        Assert.Null(await code.Get());
    }

    /// <summary>Codes are stored beside their grains. A grain that left memory because it found nothing would have Orleans forward a burst until it gives up.</summary>
    [Fact]
    public async Task Of_a_burst_for_a_code_that_is_not_there_yet_each_is_told_so_and_then_it_is_there()
    {
        var text = CodeText.ReadVanity(cluster.Name("BURST"))!;
        var code = Code(cluster.Vault.KeyOf(text));
        for (var burst = 0; burst < 20; burst++) Assert.All(await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => code.Get())), Assert.Null);
        var terms = Terms with { Count = 1, Prefix = "", VanityKey = code.GetPrimaryKeyString() };
        Assert.Null((await Batch(CodeBatch.IdOf("ada", cluster.Name("key"))).Issue(terms, new(cluster.Vault.Seal(text, terms.VanityKey), text.Tail), Ada)).Refusal);
        Assert.Null((await code.Redeem(Somebody(), null)).Refusal);
    }

    [Fact]
    public async Task The_same_wish_again_has_the_first_answer_whatever_became_of_the_code()
    {
        var (batch, code) = await One(Terms with { MaxRedemptionsPerCode = 2, MaxRedemptionsPerAccount = 2 });
        var by = Somebody();
        var first = (await code.Redeem(by, "key")).Value!;
        Assert.False((await code.Redeem(by, "other key")).Value!.Replayed);
        await Settled(code);
        Assert.Equal(Credits.Whole(20), await Balance(by));
        async Task Again()
        {
            var again = (await code.Redeem(by, "key")).Value!;
            Assert.Equal((true, first.Redemption), (again.Replayed, again.Redemption));
        }

        await Again();
        Assert.Null((await Batch(batch).Disable("Over.", Ada)).Refusal);
        await Again();
        await cluster.Deactivate(code);
        await Again();
        Assert.IsType<CodeNotFound>((await code.Redeem(by, "third key")).Refusal);
        Assert.Equal(Credits.Whole(20), await Balance(by));
    }

    [Fact]
    public async Task The_same_account_a_hundred_times_at_once_is_one_redemption_and_one_answer()
    {
        var (_, code) = await One(Terms with { MaxRedemptionsPerCode = 1_000, MaxRedemptionsPerAccount = 1_000 });
        var by = Somebody();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => code.Redeem(by, null)));
        Assert.Single(answers, answer => !answer.Value!.Replayed);
        Assert.Single(answers.Select(answer => answer.Value!.Redemption).Distinct());
        await Settled(code);
        Assert.Equal((1, Credits.Whole(10)), (Stored(code).Redemptions, await Balance(by)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(100)]
    public async Task Of_a_hundred_accounts_at_once_as_many_redeem_a_code_as_it_says(int most)
    {
        var (_, code) = await One(Terms with { MaxRedemptionsPerCode = most });
        var all = Enumerable.Range(0, 100).Select(_ => Somebody()).ToList();
        var answers = await Task.WhenAll(all.Select(by => code.Redeem(by, null)));
        Assert.Equal((most, 100 - most), (answers.Count(answer => answer.Value is not null), answers.Count(answer => answer.Refusal is CodeAlreadyRedeemed)));
        await Settled(code);
        Assert.Equal(most, Stored(code).Redemptions);
        for (var n = 0; n < all.Count; n++) Assert.Equal(answers[n].Value is null ? 0 : 10, (await Balance(all[n])).Amount);
        AssertFolded(code);
    }

    [Theory]
    [InlineData(1, 10)]
    [InlineData(3, 10)]
    [InlineData(40, 40)]
    public async Task An_account_redeems_a_code_as_often_as_it_may_with_keys_of_its_own(int limit, int wishes)
    {
        var (_, code) = await One(Terms with { MaxRedemptionsPerCode = 100, MaxRedemptionsPerAccount = limit });
        var by = Somebody();
        var answers = await Task.WhenAll(Enumerable.Range(0, wishes).Select(n => code.Redeem(by, $"key-{n}")));
        Assert.Equal(limit, answers.Count(answer => answer.Value is not null));
        Assert.All(answers.Where(answer => answer.Value is null), answer => Assert.Equal(new RedemptionLimitReached(LimitScope.AccountInBatch), answer.Refusal));
        await Settled(code);
        Assert.Equal(Credits.Whole(10 * limit), await Balance(by));
    }

    [Fact]
    public async Task Two_codes_of_one_batch_at_the_same_instant_are_one_redemption_of_an_account()
    {
        for (var round = 0; round < 1_000; round++) Assert.Equal(1, await RedeemTwoAtOnce());
    }

    /// <summary>The limit over a batch's codes rests on the journal's unique claims and on nothing else: without them, both codes are redeemed.</summary>
    [Fact]
    public async Task Without_the_unique_claim_the_limit_over_codes_would_not_hold()
    {
        using (cluster.Store.Without(Guards.ClaimIndex)) Assert.Equal(2, await RedeemTwoAtOnce());
    }

    [Fact]
    public async Task An_account_redeems_as_many_codes_of_a_batch_as_it_may()
    {
        var (batch, codes) = await Many(Terms with { Count = 12, MaxRedemptionsPerAccount = 5 });
        var by = Somebody();
        var answers = await Task.WhenAll(codes.Select(code => code.Redeem(by, null)));
        Assert.Equal((5, 7), (answers.Count(answer => answer.Value is not null), answers.Count(answer => answer.Refusal is RedemptionLimitReached { Scope: LimitScope.AccountInBatch })));
        foreach (var code in codes) await Settled(code);
        Assert.Equal((5, Credits.Whole(50)), (cluster.Store.Codes(batch).Sum(code => code.State.Redemptions), await Balance(by)));
    }

    /// <summary>
    /// A batch's own places are taken in its document, one after the other. Who looks whether one is left and counts it afterwards (<c>CodeBatchRules</c> without the
    /// row that says <c>NoPlaceLeft</c>) lets more through, for many look before the others have taken theirs.
    /// </summary>
    [Theory]
    [InlineData(10, null, LimitScope.Batch)]
    [InlineData(null, 105L, LimitScope.Budget)]
    [InlineData(20, 100L, LimitScope.Budget)]
    [InlineData(10, 200L, LimitScope.Batch)]
    public async Task Of_thirty_codes_at_once_as_many_are_redeemed_as_the_batch_allows(int? maxRedemptions, long? budget, LimitScope scope)
    {
        var (batch, codes) = await Many(Terms with { Count = 30, MaxRedemptions = maxRedemptions, CreditBudget = budget is { } credits ? Credits.Whole(credits) : null });
        var all = codes.Select(_ => Somebody()).ToList();
        var answers = await Task.WhenAll(codes.Zip(all).Select(pair => pair.First.Redeem(pair.Second, null)));
        Assert.Equal(10, answers.Count(answer => answer.Value is not null));
        Assert.All(answers.Where(answer => answer.Value is null), answer => Assert.Equal(new RedemptionLimitReached(scope), answer.Refusal));
        foreach (var code in codes) await Settled(code);
        Assert.Equal((10, 10L), (cluster.Store.Codes(batch).Sum(code => code.State.Redemptions), StoredBatch(batch).Places));
        Assert.Equal(10, cluster.Store.Codes(batch).Count(code => code.State.Status == CodeStatus.Redeemed));
        var balances = await Task.WhenAll(all.Select(Balance));
        Assert.Equal(10, balances.Count(balance => balance == Credits.Whole(10)));
        // A refusal is given again, too.
        var refused = answers.ToList().FindIndex(answer => answer.Value is null);
        Assert.Equal(new RedemptionLimitReached(scope), (await codes[refused].Redeem(all[refused], null)).Refusal);
        foreach (var code in codes) AssertFolded(code);
    }

    [Fact]
    public async Task A_place_that_was_taken_long_ago_is_kept_though_the_batch_is_full_by_now()
    {
        var (batch, codes) = await Many(Terms with { Count = 100, MaxRedemptions = 80 });
        // The place is taken and the answer lost; the code's process ends before it asks again.
        cluster.Faults.Next(CodeBatchDocument.Noun, batch, Fault.AfterCommit);
        var by = Somebody();
        await Assert.ThrowsAnyAsync<Exception>(() => codes[0].Redeem(by, null));
        await cluster.Deactivate(codes[0]);
        var others = await Task.WhenAll(codes.Skip(1).Select(code => BillingCluster.Repeated(() => code.Redeem(Somebody(), null))));
        Assert.Equal(79, others.Count(answer => answer.Value is not null));
        Assert.Equal(80, StoredBatch(batch).Places);
        Assert.Equal(Redemption.IdOf(by.Account, null), (await codes[0].Redeem(by, null)).Value!.Redemption.Id);
        Assert.Equal(Credits.Whole(10), await Balance(by));
    }

    [Fact]
    public async Task Who_asks_again_while_the_sweep_is_refused_a_place_is_refused_too()
    {
        var (batch, codes) = await Many(Terms with { Count = 2, MaxRedemptions = 1 });
        var by = Somebody();
        cluster.Faults.Next(CodeBatchDocument.Noun, batch, Fault.BeforeCommit);
        await Assert.ThrowsAnyAsync<Exception>(() => codes[0].Redeem(by, null));
        Assert.NotNull((await BillingCluster.Repeated(() => codes[1].Redeem(Somebody(), null))).Value);
        cluster.Time.Advance(TimeSpan.FromSeconds(6));
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => codes[0].Redeem(by, null)).Append(Sweeping()));
        Assert.All(answers.OfType<Reply<Redeemed, CodeError>>(), answer => Assert.Equal(new RedemptionLimitReached(LimitScope.Batch), answer.Refusal));
        Assert.Equal(0, Stored(codes[0]).Redemptions);

        async Task<Reply<Redeemed, CodeError>> Sweeping()
        {
            await codes[0].Wake();
            return await codes[0].Redeem(by, null);
        }
    }

    public static TheoryData<string, int, int> Crashes
    {
        get
        {
            var crashes = new TheoryData<string, int, int>();
            foreach (var (noun, writes) in new[] { (CodeDocument.Noun, 3), (CodeBatchDocument.Noun, 1), (AccountDocument.Noun, 1) })
            {
                for (var before = 0; before < writes; before++)
                {
                    foreach (var fault in new[] { Fault.BeforeCommit, Fault.AfterCommit, Fault.Conflict, Fault.Busy }) crashes.Add(noun, before, (int)fault);
                }
            }

            return crashes;
        }
    }

    /// <summary>Redeemed, placed, credited, noted: each of these writes is lost, or its answer is, and all ends as without.</summary>
    [Theory]
    [MemberData(nameof(Crashes))]
    public async Task A_crash_at_any_write_delays_and_no_more(string noun, int before, int fault)
    {
        var (batch, codes) = await Many(Terms with { Count = 2, MaxRedemptions = 1 });
        var by = Somebody();
        var key = noun == CodeDocument.Noun ? Key(codes[0]) : noun == CodeBatchDocument.Noun ? batch : by.Account;
        cluster.Faults.Next(noun, key, [.. Enumerable.Repeat(Fault.None, before), (Fault)fault]);
        Assert.NotNull((await BillingCluster.Repeated(() => codes[0].Redeem(by, null))).Value);
        await cluster.Passing(TimeSpan.FromSeconds(6), () => Task.FromResult(Stored(codes[0]).Owed == 0), "nothing is owed");
        Assert.Equal((1, 1L, Credits.Whole(10)), (Stored(codes[0]).Redemptions, StoredBatch(batch).Places, await Balance(by)));
        Assert.Single(Ledger(by));
        Assert.True((await codes[0].Redeem(by, null)).Value!.Replayed);
        Assert.Equal(new RedemptionLimitReached(LimitScope.Batch), (await codes[1].Redeem(Somebody(), null)).Refusal);
        AssertFolded(codes[0]);
    }

    [Theory]
    [InlineData(CodeBatchDocument.Noun)]
    [InlineData(AccountDocument.Noun)]
    public async Task The_sweep_takes_up_what_a_crash_left_between_the_writes(string noun)
    {
        var (batch, codes) = await Many(Terms with { Count = 2, MaxRedemptions = 1 });
        var by = Somebody();
        cluster.Faults.Next(noun, noun == AccountDocument.Noun ? by.Account : batch, Fault.AfterCommit);
        // The place's answer is the redeemer's own; the credit's is not waited for.
        if (noun == CodeBatchDocument.Noun)
            await Assert.ThrowsAnyAsync<Exception>(() => codes[0].Redeem(by, null));
        else
            Assert.NotNull((await codes[0].Redeem(by, null)).Value);
        await cluster.Deactivate(codes[0]);
        Assert.Equal(1, Stored(codes[0]).Owed);
        cluster.Time.Advance(TimeSpan.FromSeconds(6));
        await cluster.Sweep();
        Assert.Equal((0, 1, 1L, Credits.Whole(10)), (Stored(codes[0]).Owed, Stored(codes[0]).Redemptions, StoredBatch(batch).Places, await Balance(by)));
        Assert.Single(Ledger(by));
    }

    [Fact]
    public async Task A_busy_store_has_done_nothing()
    {
        var (_, code) = await One();
        // Neither together with its account nor alone.
        cluster.Faults.Next(CodeDocument.Noun, Key(code), Fault.Busy, Fault.Busy);
        await Assert.ThrowsAsync<StoreBusyException>(() => code.Redeem(Somebody(), null));
        Assert.Equal(0, Stored(code).Redemptions);
        Assert.NotNull((await code.Redeem(Somebody(), null)).Value);
    }

    [Fact]
    public async Task A_redemption_and_its_credit_are_one_write()
    {
        var (_, code) = await One();
        var by = Somebody();
        Assert.NotNull((await code.Redeem(by, null)).Value);
        Assert.Equal((1, 1), (cluster.Store.Writes(CodeDocument.Noun, Key(code)), cluster.Store.Writes(AccountDocument.Noun, by.Account)));
        Assert.Equal((0, Credits.Whole(10)), (Stored(code).Owed, await Balance(by)));
        AssertFolded(code);
    }

    [Fact]
    public async Task A_redeemer_does_not_wait_for_a_slow_account_which_is_credited_later()
    {
        var (_, code) = await One();
        var by = Somebody();
        using (cluster.Faults.Holding(AccountDocument.Noun, by.Account))
        {
            Assert.NotNull((await code.Redeem(by, null)).Value);
            Assert.Equal((1, Credits.Zero), (Stored(code).Crediting.Length, await Balance(by)));
        }

        await Settled(code);
        Assert.Equal(Credits.Whole(10), await Balance(by));
        Assert.Single(Ledger(by));
    }

    [Fact]
    public async Task An_account_that_refuses_makes_a_work_item_and_is_credited_when_it_can_be()
    {
        var (_, code) = await One();
        var by = Somebody();
        var account = cluster.Grains.GetGrain<IAccountGrain>(by.Account);
        await account.Apply("all", LedgerKind.Adjustment, [new CreditGrant(Credits.Max, null)], null, Ada);
        Assert.NotNull((await code.Redeem(by, null)).Value);
        await cluster.Passing(TimeSpan.FromSeconds(20), () => Task.FromResult(Stored(code).OpenWorkItems == 1), "a person is told");
        Assert.Equal(CodeRules.StuckAfter, Stored(code).Failures);
        Assert.Contains(nameof(CreditsOutOfRange), Stored(code).WorkItems.Single().Detail, StringComparison.Ordinal);
        await account.Take("room", LedgerKind.Spend, Credits.Whole(10), null, Ada);
        await cluster.Passing(TimeSpan.FromMinutes(1), () => Task.FromResult(Stored(code).Owed == 0), "the account is credited");
        Assert.Equal((0, Credits.Max), (Stored(code).OpenWorkItems, await Balance(by)));
        AssertFolded(code);
    }

    [Fact]
    public async Task A_preview_says_what_redeeming_would_lead_to_and_changes_nothing()
    {
        var (_, code) = await One();
        var by = Somebody();
        var preview = await code.Preview(by);
        Assert.Equal((TenCredits[0], null), (preview.Grants.Single(), preview.Refusal));
        Assert.Equal(["CodeIssued"], Journal(code));
        await code.Redeem(by, null);
        Assert.Equal(new CodeAlreadyRedeemed(), (await code.Preview(Somebody())).Refusal);
        await code.Disable(DisabledAs.OneCode, null, Ada);

        var (_, codes) = await Many(Terms with { Count = 3 });
        await codes[0].Redeem(by, null);
        Assert.Equal(new RedemptionLimitReached(LimitScope.AccountInBatch), (await codes[1].Preview(by)).Refusal);
        await codes[2].Disable(DisabledAs.OneCode, null, Ada);
        var disabled = await codes[2].Preview(by);
        Assert.Equal((0, new CodeNotFound()), (disabled.Grants.Length, disabled.Refusal));
    }

    [Fact]
    public async Task Who_redeemed_it_is_told_so_whatever_became_of_the_code()
    {
        var (batch, code) = await One(Terms with { MaxRedemptionsPerCode = 3, MaxRedemptionsPerAccount = 2 });
        var by = Somebody();
        Assert.Equal((null, null, 1), await Told(by));
        var first = (await code.Redeem(by, null)).Value!.Redemption;
        Assert.Equal((first.Id, null, 1), await Told(by));
        var second = (await code.Redeem(by, "once more")).Value!.Redemption;
        Assert.Equal((second.Id, new RedemptionLimitReached(LimitScope.AccountInBatch), 1), await Told(by));

        // It is nobody else's business.
        Assert.Equal((null, null, 1), await Told(Somebody()));
        await code.Redeem(Somebody(), null);
        Assert.Equal((second.Id, new CodeAlreadyRedeemed(), 1), await Told(by));
        Assert.Equal((null, new CodeAlreadyRedeemed(), 1), await Told(Somebody()));

        await Settled(code);
        Assert.NotNull((await code.Reverse(second.Id, 1, "A mistake.", "key", Ada)).Value);
        Assert.Equal(Credits.Whole(10), (await code.Preview(by)).Earlier!.Reversal!.TakenBack);
        await Batch(batch).Disable("Over.", Ada);
        await cluster.Deactivate(code);
        Assert.Equal((second.Id, new CodeNotFound(), 1), await Told(by));
        Assert.Equal((null, new CodeNotFound(), 0), await Told(Somebody()));

        async Task<(string? Earlier, CodeError? Refusal, int Grants)> Told(Redeemer who)
        {
            var preview = await code.Preview(who);
            return (preview.Earlier?.Id, preview.Refusal, preview.Grants.Length);
        }
    }

    /// <summary>Its process ended before the batch's answer came: without asking the batch, the preview shows what may still be refused.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_redemption_that_waits_for_its_place_is_shown_when_it_has_it_and_not_when_it_is_refused(bool isRefused)
    {
        var (batch, codes) = await Many(Terms with { Count = 2, MaxRedemptions = 1, MaxRedemptionsPerAccount = 2 });
        var by = Somebody();
        cluster.Faults.Next(CodeBatchDocument.Noun, batch, Fault.BeforeCommit);
        await Assert.ThrowsAnyAsync<Exception>(() => codes[0].Redeem(by, null));
        if (isRefused) Assert.NotNull((await BillingCluster.Repeated(() => codes[1].Redeem(Somebody(), null))).Value);
        await cluster.Deactivate(codes[0]);
        var preview = await BillingCluster.Repeated(() => codes[0].Preview(by));
        Assert.Equal(isRefused ? null : Redemption.IdOf(by.Account, null), preview.Earlier?.Id);
        Assert.Equal(isRefused ? new RedemptionLimitReached(LimitScope.Batch) : new CodeAlreadyRedeemed(), preview.Refusal);
        Assert.Equal((0, isRefused ? 0 : 1), (Stored(codes[0]).Placing.Length, Stored(codes[0]).Redemptions));
    }

    [Fact]
    public async Task Rules_about_what_the_service_knows_are_asked_of_the_service()
    {
        var (_, codes) = await Many(Terms with { Count = 4, Eligibility = [new FirstPurchaseOnly()] });
        var buyer = Somebody();
        Assert.NotNull((await codes[0].Redeem(Somebody(), null)).Value);
        var (method, _) = cluster.Method();
        var (wish, order) = cluster.Wish(await cluster.Plan(), buyer.Account, method);
        await order.Place(wish);
        Assert.Null((await codes[1].Preview(buyer)).Refusal);
        await order.Hear(1, method, BillingCluster.Merchant(method), new Billing.Channels.PaymentState.Paid(BillingCluster.Price, "txn-1", null));
        Assert.IsType<FirstPurchaseOnly>(Assert.Single(Assert.IsType<CodeNotEligible>((await codes[1].Redeem(buyer, null)).Refusal).Unmet));

        var (_, pro) = await One(Terms with { Eligibility = [new SubscribersOf(["pro"])] });
        var subscriber = Somebody();
        Assert.IsType<CodeNotEligible>((await pro.Redeem(subscriber, null)).Refusal);
        await cluster.Grains.GetGrain<IAccountGrain>(subscriber.Account).Apply("gift", LedgerKind.Adjustment, [new SubscriptionGrant("pro", 1)], null, Ada);
        Assert.Null((await pro.Preview(subscriber)).Refusal);
        cluster.Time.Advance(TimeSpan.FromDays(1));
        Assert.IsType<CodeNotEligible>((await pro.Redeem(subscriber, null)).Refusal);
    }

    /// <summary>One grain decides both, one after the other, from what is stored.</summary>
    [Fact]
    public async Task Of_redeeming_and_disabling_at_the_same_instant_one_wins_and_the_other_is_told()
    {
        for (var round = 0; round < 30; round++)
        {
            var (_, code) = await One();
            var by = Somebody();
            var (redeeming, disabling) = round % 2 == 0
                ? (code.Redeem(by, null), code.Disable(DisabledAs.OneCode, "Leaked.", Ada))
                : Swapped(code.Disable(DisabledAs.OneCode, "Leaked.", Ada), code.Redeem(by, null));
            var (redeemed, disabled) = (await redeeming, await disabling);
            await Settled(code);
            if (redeemed.Value is not null)
                Assert.Equal((CodeStatus.Redeemed, new CodeAlreadyRedeemed(), Credits.Whole(10)), (Stored(code).Status, disabled.Refusal, await Balance(by)));
            else
                Assert.Equal((CodeStatus.Disabled, new CodeNotFound(), Credits.Zero), (Stored(code).Status, redeemed.Refusal, await Balance(by)));
        }

        static (Task<Reply<Redeemed, CodeError>>, Task<Reply<CodeIsDisabled, CodeError>>) Swapped(Task<Reply<CodeIsDisabled, CodeError>> first, Task<Reply<Redeemed, CodeError>> second) =>
            (second, first);
    }

    [Theory]
    [InlineData(1, null)]
    [InlineData(3, null)]
    [InlineData(1, 25)]
    public async Task Of_redeeming_all_codes_and_disabling_their_batch_each_code_has_one_end_and_the_count_is_true(int perCode, int? places)
    {
        for (var round = 0; round < 5; round++)
        {
            var (batch, codes) = await Many(Terms with { Count = 40, MaxRedemptionsPerCode = perCode, MaxRedemptions = places });
            var all = codes.Select(_ => Somebody()).ToList();
            var redeeming = codes.Zip(all).Take(20).Select(pair => BillingCluster.Repeated(() => pair.First.Redeem(pair.Second, null))).ToList();
            var disabling = BillingCluster.Repeated(() => Batch(batch).Disable("Over.", Ada));
            redeeming.AddRange(codes.Zip(all).Skip(20).Select(pair => BillingCluster.Repeated(() => pair.First.Redeem(pair.Second, null))));
            var answers = await Task.WhenAll(redeeming);
            Assert.Null((await disabling).Refusal);
            await Disabled(batch);
            foreach (var code in codes) await Settled(code);
            for (var n = 0; n < codes.Count; n++)
            {
                var redeemed = answers[n].Value is not null;
                if (!redeemed) Assert.True(answers[n].Refusal is CodeNotFound or RedemptionLimitReached);
                Assert.Equal(redeemed ? 1 : 0, Stored(codes[n]).Redemptions);
                Assert.Equal(redeemed ? Credits.Whole(10) : Credits.Zero, await Balance(all[n]));
                Assert.Equal(redeemed && perCode == 1 ? CodeStatus.Redeemed : CodeStatus.Disabled, Stored(codes[n]).Status);
                AssertFolded(codes[n]);
            }

            Assert.Equal(StoredBatch(batch).Disabling!.Disabled, cluster.Store.Codes(batch).Count(code => code.State.Disabled == DisabledAs.WithBatch));
        }
    }

    /// <summary>A redemption that waits for its place looks like a used code; its batch has none for it any more, and what is left must not stay active.</summary>
    [Fact]
    public async Task A_code_whose_redemption_waits_for_a_place_is_disabled_with_its_batch()
    {
        var (batch, codes) = await Many(Terms with { Count = 2, MaxRedemptions = 1 });
        cluster.Faults.Next(CodeBatchDocument.Noun, batch, Fault.BeforeCommit);
        await Assert.ThrowsAnyAsync<Exception>(() => codes[0].Redeem(Somebody(), null));
        Assert.Single(Stored(codes[0]).Placing);
        Assert.Null((await BillingCluster.Repeated(() => Batch(batch).Disable("Over.", Ada))).Refusal);
        await Disabled(batch);
        Assert.Equal((CodeStatus.Disabled, 0, 2), (Stored(codes[0]).Status, Stored(codes[0]).Redemptions, StoredBatch(batch).Disabling!.Disabled));
    }

    [Fact]
    public async Task What_is_unspent_is_taken_back_once_and_the_code_stays_used()
    {
        var (_, code) = await One(Terms with { Grants = [.. TenCredits, new SubscriptionGrant("pro", 30)] });
        var by = Somebody();
        var redemption = (await code.Redeem(by, null)).Value!.Redemption;
        await Settled(code);
        await cluster.Grains.GetGrain<IAccountGrain>(by.Account).Take("spend", LedgerKind.Spend, Credits.Whole(4), null, Ada);
        Assert.Equal(new RedemptionChanged(1), (await code.Reverse(redemption.Id, 7, "A mistake.", "key-1", Ada)).Refusal);
        Assert.IsType<RedemptionNotFound>((await code.Reverse("no such redemption", 1, "A mistake.", "key-1", Ada)).Refusal);
        var reversed = (await code.Reverse(redemption.Id, 1, "A mistake.", "key-1", Ada)).Value!;
        Assert.Equal((2L, Credits.Whole(6), Credits.Whole(4), 30), (reversed.Version, reversed.Reversal!.TakenBack, reversed.Reversal.AlreadySpent, reversed.Reversal.DaysTakenBack));
        Assert.Equal(Credits.Zero, await Balance(by));
        Assert.Equal(reversed, (await code.Reverse(redemption.Id, 1, "A mistake.", "key-1", Ada)).Value);
        Assert.Equal(new AlreadyReversed(), (await code.Reverse(redemption.Id, 2, "Again.", "key-2", Ada)).Refusal);
        Assert.Equal(new CodeAlreadyRedeemed(), (await code.Redeem(Somebody(), null)).Refusal);
        Assert.Equal(redemption with { Reversal = reversed.Reversal }, (await code.Redeem(by, null)).Value!.Redemption);
        Assert.Equal(3, Ledger(by).Count);
        AssertFolded(code);
    }

    [Fact]
    public async Task Two_administrators_at_the_same_instant_reverse_once_and_one_is_told()
    {
        for (var round = 0; round < 10; round++)
        {
            var (_, code) = await One();
            var by = Somebody();
            var redemption = (await code.Redeem(by, null)).Value!.Redemption;
            await Settled(code);
            var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(n => code.Reverse(redemption.Id, 1, "A mistake.", $"key-{n / 3}", Ada)));
            Assert.Equal(3, answers.Count(answer => answer.Value is { Reversal: not null }));
            Assert.Equal(3, answers.Count(answer => answer.Refusal is AlreadyReversed));
            Assert.Equal((2, Credits.Zero), (Ledger(by).Count, await Balance(by)));
        }
    }

    [Theory]
    [InlineData(CodeDocument.Noun, 0, (int)Fault.AfterCommit)]
    [InlineData(CodeDocument.Noun, 0, (int)Fault.BeforeCommit)]
    [InlineData(CodeDocument.Noun, 1, (int)Fault.AfterCommit)]
    [InlineData(CodeDocument.Noun, 1, (int)Fault.BeforeCommit)]
    [InlineData(AccountDocument.Noun, 0, (int)Fault.AfterCommit)]
    [InlineData(AccountDocument.Noun, 0, (int)Fault.BeforeCommit)]
    public async Task A_reversal_that_is_interrupted_is_finished_once(string noun, int before, int fault)
    {
        var (_, code) = await One();
        var by = Somebody();
        var redemption = (await code.Redeem(by, null)).Value!.Redemption;
        await Settled(code);
        cluster.Faults.Next(noun, noun == CodeDocument.Noun ? Key(code) : by.Account, [.. Enumerable.Repeat(Fault.None, before), (Fault)fault]);
        await Assert.ThrowsAnyAsync<Exception>(() => code.Reverse(redemption.Id, 1, "A mistake.", "key-1", Ada));
        if (before > 0 || noun == AccountDocument.Noun) await cluster.Passing(TimeSpan.FromSeconds(6), () => Task.FromResult(Stored(code).Owed == 0), "the sweep took it up");
        var reversed = await BillingCluster.Repeated(() => code.Reverse(redemption.Id, 1, "A mistake.", "key-1", Ada));
        Assert.Equal(Credits.Whole(10), reversed.Value!.Reversal!.TakenBack);
        Assert.Equal((2, Credits.Zero, 0), (Ledger(by).Count, await Balance(by), Stored(code).Owed));
        AssertFolded(code);
    }

    [Fact]
    public async Task Of_forty_codes_each_is_either_redeemed_or_disabled_with_its_batch()
    {
        for (var round = 0; round < 10; round++) Assert.Equal(40, await EndsOfForty());
    }

    [Fact]
    public async Task A_code_that_is_redeemed_while_its_batch_is_disabled_has_one_end()
    {
        for (var round = 0; round < 10; round++) Assert.Equal(1, await EndsOfOne());
    }

    /// <summary>A batch disables its codes past their grains: what a redemption wrote meanwhile is seen by the code's version and by nothing else.</summary>
    [Fact]
    public async Task Without_the_version_a_redeemed_code_would_be_disabled_too()
    {
        using (cluster.Store.Without(Guards.Versions)) Assert.Equal(2, await EndsOfOne());
    }

    /// <summary>Two activations of a code, as two silos that lost each other have for a moment: what the other one disabled is seen by the version alone.</summary>
    [Fact]
    public async Task A_code_that_another_activation_disabled_is_not_redeemed() => Assert.Equal((CodeStatus.Disabled, 0), await RedeemedBesideItsTwin());

    /// <inheritdoc cref="A_code_that_another_activation_disabled_is_not_redeemed"/>
    [Fact]
    public async Task Without_the_version_a_code_that_was_disabled_would_be_redeemed()
    {
        using (cluster.Store.Without(Guards.Versions)) Assert.Equal(1, (await RedeemedBesideItsTwin()).Redemptions);
    }

    /// <summary>Two activations of a batch: that the other one took the last place is seen by the version alone.</summary>
    [Fact]
    public async Task A_place_that_another_activation_took_is_not_taken_again() => Assert.Equal(1, await PlacesBesideItsTwin());

    /// <inheritdoc cref="A_place_that_another_activation_took_is_not_taken_again"/>
    [Fact]
    public async Task Without_the_version_a_batchs_limit_would_not_hold()
    {
        using (cluster.Store.Without(Guards.Versions)) Assert.Equal(2, await PlacesBesideItsTwin());
    }

    /// <summary>A code is disabled past its grain, which has it in memory, and then redeemed.</summary>
    async Task<(CodeStatus Status, int Redemptions)> RedeemedBesideItsTwin()
    {
        var ((_, code), by) = (await One(), Somebody());
        var held = (await code.Get())!;
        await cluster.Store.Append(CodeDocument.Kind, Key(code), held.Version, new CodeDisabled(cluster.Time.GetUtcNow(), DisabledAs.OneCode, "Leaked."));
        var answer = await BillingCluster.Repeated(() => code.Redeem(by, null));
        await Settled(code);
        Assert.Equal(answer.Value is null ? 0 : 1, cluster.Store.Journal(CodeDocument.Noun, Key(code)).OfType<CodeRedeemed>().Count());
        return (Stored(code).Status, cluster.Store.Journal(CodeDocument.Noun, Key(code)).OfType<CodeRedeemed>().Count());
    }

    /// <summary>The only place of a batch is taken past its grain, which has it in memory, and then a code is redeemed: how many places are taken.</summary>
    async Task<int> PlacesBesideItsTwin()
    {
        var ((batch, codes), by) = (await Many(Terms with { Count = 2, MaxRedemptions = 1 }), Somebody());
        var held = (await Batch(batch).Get())!;
        await cluster.Store.Append(CodeBatchDocument.Kind, batch, held.Version, new PlaceTaken(cluster.Time.GetUtcNow(), "another:redemption"));
        var answer = await BillingCluster.Repeated(() => codes[0].Redeem(by, null));
        await Settled(codes[0]);
        var taken = cluster.Store.Journal(CodeBatchDocument.Noun, batch).OfType<PlaceTaken>().Count();
        Assert.Equal(taken == 1 ? new RedemptionLimitReached(LimitScope.Batch) : null, answer.Refusal);
        return taken;
    }

    /// <summary>Whoever comes when thousands wait for one code is told at once, and those who wait have their answers.</summary>
    [Fact]
    public async Task More_than_can_be_served_are_told_so_and_nothing_happened_to_them()
    {
        const int served = Billing.Codes.Code.MaxOwed + 5_000, more = 50;
        // Of a batch that counts places: such a code is not written with its account, which would not be waited for as long as this takes.
        var code = (await Many(Terms with { Count = 2, MaxRedemptions = 1 })).Codes[0];
        Task<Reply<Redeemed, CodeError>>[] redeeming;
        using (var hold = cluster.Faults.Holding(CodeDocument.Noun, Key(code)))
        {
            redeeming = [.. Enumerable.Range(0, served + more).Select(_ => code.Redeem(Somebody(), null))];
            await hold.Arrival();
            await BillingCluster.Eventually(() => Task.FromResult(redeeming.Count(one => one.IsFaulted) == more), "those who are too many are told");
        }

        var answers = new List<Reply<Redeemed, CodeError>>();
        foreach (var one in redeeming)
        {
            if (one.IsFaulted) Assert.IsType<StoreBusyException>(one.Exception!.InnerException);
            else answers.Add(await one);
        }

        Assert.Equal((1, served - 1), (answers.Count(answer => answer.Value is not null), answers.Count(answer => answer.Refusal is CodeAlreadyRedeemed)));
        await Settled(code);
    }

    /// <summary>Forty codes are redeemed while their batch is disabled: how many were redeemed, and how many disabled.</summary>
    async Task<int> EndsOfForty()
    {
        var (batch, codes) = await Many(Terms with { Count = 40 });
        var redeeming = codes.Take(20).Select(code => BillingCluster.Repeated(() => code.Redeem(Somebody(), null))).ToList();
        var disabling = BillingCluster.Repeated(() => Batch(batch).Disable("Over.", Ada));
        redeeming.AddRange(codes.Skip(20).Select(code => BillingCluster.Repeated(() => code.Redeem(Somebody(), null))));
        var answers = await Task.WhenAll(redeeming);
        await disabling;
        return answers.Count(answer => answer.Value is not null) + await Disabled(batch);
    }

    /// <summary>A code is redeemed while its batch is disabled, and both have decided before either is written: how many of them did it.</summary>
    async Task<int> EndsOfOne()
    {
        var (batch, code) = await One();
        Task<Reply<Redeemed, CodeError>> redeeming;
        Task disabling;
        using (var hold = cluster.Faults.Holding(CodeDocument.Noun, Key(code)))
        {
            redeeming = BillingCluster.Repeated(() => code.Redeem(Somebody(), null));
            await hold.Arrival();
            disabling = BillingCluster.Repeated(() => Batch(batch).Disable("Over.", Ada));
            await hold.Arrival();
        }

        await disabling;
        return ((await redeeming).Value is null ? 0 : 1) + await Disabled(batch);
    }

    /// <summary>How many codes were disabled with their batch, at its end.</summary>
    async Task<int> Disabled(string batch)
    {
        await cluster.Passing(TimeSpan.FromSeconds(11), () => Task.FromResult(StoredBatch(batch).Disabling is { IsDone: true }), "the batch is disabled");
        return StoredBatch(batch).Disabling!.Disabled;
    }

    async Task<int> RedeemTwoAtOnce()
    {
        var (batch, codes) = await Many(Terms with { Count = 2 });
        var by = Somebody();
        var answers = await Task.WhenAll(codes.Select(code => code.Redeem(by, null)));
        Assert.All(answers.Where(answer => answer.Value is null), answer => Assert.Equal(new RedemptionLimitReached(LimitScope.AccountInBatch), answer.Refusal));
        return cluster.Store.Codes(batch).Sum(code => code.State.Redemptions);
    }

    async Task<(string Batch, ICodeGrain Code)> One(CodeBatchTerms? terms = null)
    {
        var (batch, codes) = await Many(terms ?? Terms);
        return (batch, Assert.Single(codes));
    }

    async Task<(string Batch, IReadOnlyList<ICodeGrain> Codes)> Many(CodeBatchTerms terms)
    {
        var id = CodeBatch.IdOf("ada", cluster.Name("key"));
        Assert.True((await Batch(id).Issue(terms, null, Ada)).Value!.Batch.State.IsIssued);
        return (id, [.. cluster.Store.Codes(id).Select(code => Code(code.State.Key))]);
    }

    Redeemer Somebody() => new(cluster.Name("redeemer"), [], null);

    ICodeGrain Code(string key) => cluster.Grains.GetGrain<ICodeGrain>(key);

    ICodeBatchGrain Batch(string id) => cluster.Grains.GetGrain<ICodeBatchGrain>(id);

    Code Stored(ICodeGrain code) => cluster.Store.State<Code>(CodeDocument.Noun, Key(code))!;

    CodeBatch StoredBatch(string id) => cluster.Store.State<CodeBatch>(CodeBatchDocument.Noun, id)!;

    IEnumerable<string> Journal(ICodeGrain code) => cluster.Store.Journal(CodeDocument.Noun, Key(code)).Select(happened => happened.GetType().Name);

    IReadOnlyList<AccountEvent> Ledger(Redeemer by) => [.. cluster.Store.Journal(AccountDocument.Noun, by.Account).Cast<AccountEvent>()];

    async Task<Credits> Balance(Redeemer by) => (await cluster.Grains.GetGrain<IAccountGrain>(by.Account).Get())?.State.Balance ?? Credits.Zero;

    Task Settled(ICodeGrain code) => BillingCluster.Eventually(() => Task.FromResult(Stored(code).Owed == 0), "what is owed is settled");

    void AssertFolded(ICodeGrain code) => Assert.Equal(
        CodeDocument.Kind.WriteState(Stored(code)),
        CodeDocument.Kind.WriteState(cluster.Store.Journal(CodeDocument.Noun, Key(code)).Aggregate((Code?)null, (state, happened) => Billing.Codes.Code.After(state, (CodeEvent)happened))!));

    static string Key(ICodeGrain code) => code.GetPrimaryKeyString();
}
