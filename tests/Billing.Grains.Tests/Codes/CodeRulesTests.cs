using Billing.Codes;
using Billing.Orders;
using static Billing.Tests.Codes.CodeSamples;
using CreditDelayed = Billing.Codes.CreditDelayed;

namespace Billing.Tests.Codes;

public class CodeRulesTests
{
    [Fact]
    public void A_code_that_nobody_issued_is_not_found_whatever_is_asked()
    {
        CodeCommand[] commands =
        [
            Redeem(), new RecordPlace(AlicesId, "alice", true, null), new RecordCredited(AlicesId), new RecordCreditFailure("X"), new DisableCode(DisabledAs.OneCode, null),
            new AssignCode("alice", "order:1", null), new BeginReversal(AlicesId, "key", "Why."), new RecordReversal(AlicesId, Credits.Zero, Credits.Zero, 0),
        ];
        Assert.All(commands, command => GivenCode().When(command).Then(new CodeNotFound()));
    }

    [Fact]
    public void A_redemption_is_stored_first_and_credited_next() =>
        GivenCode(Issued).When(Redeem()).Then(ByAlice)
            .And(code => Assert.Equal((CodeStatus.Redeemed, 1, 0, new LastRedemption("alice", Noon), Noon.AddSeconds(5)), (code.Status, code.Redemptions, code.Remaining, code.Last, Code.NextDeadline(code))))
            .When(new RecordCredited(AlicesId)).Then(Credited)
            .And(code => Assert.Equal((0, null), (code.Owed, Code.NextDeadline(code))))
            .When(new RecordCredited(AlicesId)).ThenNothing();

    [Fact]
    public void The_same_wish_while_it_is_settled_is_the_same_redemption() =>
        GivenCode(IssuedForThree, ByAlice).When(Redeem(place: null)).ThenNothing()
            .When(Redeem(Bob)).Then(ByBob).And(code => Assert.Equal((2, 1), (code.Redemptions, code.Remaining)));

    [Fact]
    public void A_code_is_redeemed_as_often_as_it_says()
    {
        var twice = GivenCode(Issued with { MaxRedemptions = 2 }).When(Redeem()).When(Redeem(Bob)).Then(ByBob);
        twice.When(Redeem(new("carol", [], null))).Then(new CodeAlreadyRedeemed());
        // Credited or not: it counts from its being stored.
        twice.When(new RecordCredited(AlicesId)).When(Redeem(key: "again", place: 2)).Then(new CodeAlreadyRedeemed());
    }

    [Fact]
    public void A_redemption_of_a_batch_that_counts_waits_for_its_place()
    {
        var placing = GivenCode(Issued).When(Redeem(batch: Batch(LimitedTerms))).Then(ByAliceToBePlaced)
            .And(code => Assert.Equal((1, 0, null), (code.Placing.Length, code.Crediting.Length, code.Last)));
        placing.When(new RecordPlace(AlicesId, "alice", true, null)).Then(HasItsPlace)
            .And(code => Assert.Equal((0, 1, "alice"), (code.Placing.Length, code.Crediting.Length, code.Last!.Account)))
            .When(new RecordPlace(AlicesId, "alice", false, LimitScope.Batch)).ThenNothing();
        placing.When(new RecordPlace(AlicesId, "alice", false, LimitScope.Budget)).Then(new RedemptionRefused(Noon, AlicesId, LimitScope.Budget))
            .And(code => Assert.Equal((CodeStatus.Active, 0, 0, null), (code.Status, code.Redemptions, code.Owed, Code.NextDeadline(code))))
            .When(new RecordPlace(AlicesId, "alice", true, null)).ThenNothing();
        // Not credited before it has its place.
        placing.When(new RecordCredited(AlicesId)).ThenNothing();
    }

    /// <summary>The refusals in the order of their precedence: each row has everything wrong that the rows below it have.</summary>
    /// <summary>A batch's codes are marked one after the other, and what memory holds of one may be older: none of them is shown as one that can be redeemed.</summary>
    [Fact]
    public void A_codes_status_is_what_its_batch_lets_it_be()
    {
        var over = Terms with { ValidUntil = Noon };
        var active = Code.After(null, Issued);
        var used = Code.After(active, ByAlice);
        Assert.Equal((CodeStatus.Active, CodeStatus.Expired), (active.StatusIn(Batch(), Noon), active.StatusIn(Batch(over), Noon)));
        Assert.Equal((CodeStatus.Disabled, CodeStatus.Disabled), (active.StatusIn(Batch(null, BatchEnds), Noon), active.StatusIn(Batch(over, BatchEnds), Noon)));
        Assert.Equal((CodeStatus.Redeemed, CodeStatus.Redeemed), (used.StatusIn(Batch(over), Noon), used.StatusIn(Batch(null, BatchEnds), Noon)));
        Assert.Equal(CodeStatus.Disabled, Code.After(active, Disabled).StatusIn(Batch(over), Noon));
    }

    [Fact]
    public void Refusals_take_precedence_in_their_order()
    {
        var terms = LimitedTerms with { ValidFrom = Noon.AddHours(1), ValidUntil = Noon.AddHours(2), Eligibility = [new AccountGroups(["staff"]), new NamedAccounts(["carol"])] };
        var full = new CodeBatchEvent[] { new PlaceTaken(Noon, "a"), new PlaceTaken(Noon, "b") };
        var batch = Batch(terms, full);
        var worst = Redeem(Bob, batch, place: null);
        var used = GivenCode(Issued, Given, ByAlice);
        used.When(new DisableCode(DisabledAs.OneCode, null)).Then(new CodeAlreadyRedeemed());
        GivenCode(IssuedForThree, ByAlice, Disabled).When(worst).Then(new CodeNotFound());
        used.When(worst with { Batch = Batch(terms, [.. full, BatchEnds]) }).Then(new CodeNotFound());
        used.When(worst).Then(new CodeNotYetValid(Noon.AddHours(1)));
        used.At(Noon.AddHours(1)).When(worst).Then(new CodeAlreadyRedeemed());
        used.At(Noon.AddHours(2)).When(worst).Then(new CodeAlreadyRedeemed());
        var given = GivenCode(Issued, Given);
        given.At(Noon.AddHours(2)).When(worst).Then(new CodeExpired(Noon.AddHours(2)));
        given.At(Noon.AddHours(2).AddTicks(-10)).When(worst).Then(new CodeNotEligible([new NamedAccounts([])]));
        var open = GivenCode(Issued).At(Noon.AddHours(1));
        open.When(worst).Then(new CodeNotEligible([new AccountGroups(["staff"]), new NamedAccounts([])]));
        var meant = new Redeemer("carol", ["staff"], null);
        open.When(worst with { By = meant }).Then(new RedemptionLimitReached(LimitScope.AccountInBatch));
        open.When(worst with { By = meant, Place = 1 }).Then(new RedemptionLimitReached(LimitScope.Batch));
        open.When(worst with { By = meant, Place = 1, Batch = Batch(terms) }).And(code => Assert.Equal(1, code.Redemptions));
    }

    [Fact]
    public void A_window_begins_with_its_first_moment_and_ends_before_its_last()
    {
        var window = Batch(Terms with { ValidFrom = Noon, ValidUntil = Noon.AddDays(1) });
        GivenCode(Issued).At(Noon.AddTicks(-10)).When(Redeem(batch: window)).Then(new CodeNotYetValid(Noon));
        GivenCode(Issued).When(Redeem(batch: window)).Then(ByAlice);
        GivenCode(Issued).At(Noon.AddDays(1)).When(Redeem(batch: window)).Then(new CodeExpired(Noon.AddDays(1)));
    }

    [Theory]
    [InlineData(null, 15L, LimitScope.Budget)]
    [InlineData(1, 25L, LimitScope.Batch)]
    [InlineData(2, 10L, LimitScope.Budget)]
    public void A_batch_says_which_of_its_limits_is_reached(int? maxRedemptions, long budget, LimitScope scope)
    {
        var terms = Terms with { MaxRedemptions = maxRedemptions, CreditBudget = Credits.Whole(budget) };
        GivenCode(Issued).When(Redeem(batch: Batch(terms, new PlaceTaken(Noon, "a")))).Then(new RedemptionLimitReached(scope));
    }

    [Fact]
    public void A_given_code_is_for_its_account_alone()
    {
        var given = GivenCode(Issued).When(new AssignCode("alice", "order:1", "A gift.")).Then(Given);
        given.When(Redeem(Bob)).Then(new CodeNotEligible([new NamedAccounts([])]));
        given.When(Redeem()).Then(ByAlice);
        given.When(new AssignCode("alice", "order:2", null)).Then(new CodeNotAssignable());
        given.When(new AssignCode("bob", "order:1", null)).Then(new CodeNotAssignable());
    }

    [Fact]
    public void Only_a_code_that_nobody_used_is_given()
    {
        AssignCode give = new("alice", "order:1", null);
        GivenCode(IssuedForThree, ByBob).When(give).Then(new CodeNotAssignable());
        GivenCode(Issued, ByBob).When(give).Then(new CodeNotAssignable());
        GivenCode(Issued, Disabled).When(give).Then(new CodeNotAssignable());
        GivenCode(Issued, ByAliceToBePlaced, new RedemptionRefused(Noon, AlicesId, LimitScope.Batch)).When(give).Then(Given with { Note = null });
    }

    [Fact]
    public void What_is_left_of_a_code_is_disabled_once_and_what_is_used_stays_used()
    {
        DisableCode disable = new(DisabledAs.OneCode, "Leaked.");
        GivenCode(Issued).When(disable).Then(Disabled).And(code => Assert.Equal((CodeStatus.Disabled, 0), (code.Status, code.Remaining)))
            .When(disable).ThenNothing()
            .When(disable with { As = DisabledAs.WithBatch }).ThenNothing().And(code => Assert.Equal(DisabledAs.OneCode, code.Disabled))
            .When(Redeem()).Then(new CodeNotFound());
        GivenCode(Issued, ByAlice).When(disable).Then(new CodeAlreadyRedeemed());
        // Half used: what was redeemed is credited, the rest is gone.
        GivenCode(IssuedForThree, ByAlice).When(disable).Then(Disabled).When(Redeem(Bob)).Then(new CodeNotFound())
            .When(Redeem()).ThenNothing().When(new RecordCredited(AlicesId)).Then(Credited).And(code => Assert.Equal((1, 0), (code.Redemptions, code.Owed)));
    }

    [Fact]
    public void A_reversal_begins_once_it_is_credited_and_gives_no_redemption_back()
    {
        BeginReversal begin = new(AlicesId, "key-1", "A mistake.");
        GivenCode(Issued, ByAlice).When(begin).Then(new RedemptionNotFound());
        GivenCode(Issued, ByAliceToBePlaced).When(begin).Then(new RedemptionNotFound());
        GivenCode(Issued, ByAlice, Credited).When(begin).Then(Reversing).When(begin with { IdempotencyKey = "key-2" }).ThenNothing()
            .When(new RecordReversal(AlicesId, Credits.Whole(6), Credits.Whole(4), 7)).Then(Reversed)
            .And(code => Assert.Equal((CodeStatus.Redeemed, 0, null), (code.Status, code.Remaining, Code.NextDeadline(code))))
            .When(new RecordReversal(AlicesId, Credits.Whole(6), Credits.Whole(4), 7)).ThenNothing()
            .When(Redeem(Bob)).Then(new CodeAlreadyRedeemed());
    }

    [Fact]
    public void Each_step_of_a_redemption_is_in_the_journal_once()
    {
        CodeEvent[] steps = [ByAlice, new RedemptionRefused(Noon, AlicesId, null), Reversing, Reversed];
        Assert.Equal(
            [$"redeemed:{AlicesId}", $"refused:{AlicesId}", $"reversal:{AlicesId}", $"reversed:{AlicesId}"], steps.Select(CodeDocument.Kind.Reference));
        Assert.Equal(
            [$"account:{BatchId}:alice:1", null, null, null, $"source:{BatchId}:order:1"], steps.Append(Given).Select(CodeDocument.Kind.Claim));
        Assert.Equal("code:K:I", CodeDocument.LedgerReference("K", "I"));
    }

    [Fact]
    public void Crediting_that_fails_is_tried_later_and_later_and_a_person_is_told()
    {
        var story = GivenCode(Issued, ByAlice);
        for (var failures = 0; failures < CodeRules.StuckAfter - 1; failures++)
            story = story.When(new RecordCreditFailure("TimeoutException")).Then(new CreditDelayed(Noon, "TimeoutException", Noon.AddSeconds(1 << failures)));
        story = story.When(new RecordCreditFailure("TimeoutException"))
            .And(code => Assert.Equal((WorkItemKind.FulfilmentStuck, $"{Key}-1", 1), (code.WorkItems.Single().Kind, code.WorkItems.Single().Id, code.OpenWorkItems)));
        for (var failures = CodeRules.StuckAfter; failures < 20; failures++) story = story.When(new RecordCreditFailure("TimeoutException"));
        story.And(code => Assert.Equal((Noon.AddMinutes(10), 1), (Code.NextDeadline(code), code.WorkItems.Length)))
            .When(new RecordCredited(AlicesId)).And(code => Assert.Equal((0, 0, Noon), (code.Failures, code.OpenWorkItems, code.WorkItems.Single().ResolvedAt!.Value)));
    }

    /// <summary>A code that many redeem is credited all the time: one account that cannot be credited must not hide behind the others.</summary>
    [Fact]
    public void Failures_count_on_while_others_are_credited()
    {
        var story = GivenCode(IssuedForThree with { MaxRedemptions = 1_000 }, ByAlice);
        for (var failures = 0; failures < CodeRules.StuckAfter; failures++)
        {
            Redeemer other = new($"other-{failures}", [], null);
            story = story.When(new RecordCreditFailure("X")).When(Redeem(other)).When(new RecordCredited(Redemption.IdOf(other.Account, null)));
        }

        story.And(code => Assert.Equal(1, code.OpenWorkItems)).When(new RecordCredited(AlicesId)).And(code => Assert.Equal((0, 0), (code.OpenWorkItems, code.Failures)));
    }

    [Fact]
    public void What_else_a_code_owes_is_tried_later_and_later_too()
    {
        GivenCode(Issued, ByAliceToBePlaced).When(new RecordCreditFailure("X")).Then(new CreditDelayed(Noon, "X", Noon.AddSeconds(1)));
        var story = GivenCode(Issued, ByAlice, Credited, Reversing);
        for (var failures = 0; failures < CodeRules.StuckAfter; failures++) story = story.When(new RecordCreditFailure("X"));
        story.And(code => Assert.Equal(1, code.OpenWorkItems))
            .When(new RecordReversal(AlicesId, Credits.Zero, Credits.Whole(10), 0)).And(code => Assert.Equal((0, 0), (code.OpenWorkItems, code.Failures)));
        GivenCode(Issued, ByAlice, Credited).When(new RecordCreditFailure("X")).ThenNothing();
    }

    [Fact]
    public void A_code_owes_a_bounded_number_of_redemptions_and_then_asks_to_wait()
    {
        var story = GivenCode(Issued with { MaxRedemptions = 1_000 });
        for (var n = 0; n < Code.MaxOwed; n++) story = story.When(Redeem(new($"account-{n}", [], null)));
        Assert.Throws<StoreBusyException>(() => story.When(Redeem()));
        // The same wish is no new one, and what is refused anyway need not wait.
        story.When(Redeem(new("account-0", [], null))).ThenNothing();
        story.When(Redeem(place: null)).Then(new RedemptionLimitReached(LimitScope.AccountInBatch));
        story.When(new RecordCredited(Redemption.IdOf("account-7", null))).When(Redeem()).Then(ByAlice);
    }

    [Fact]
    public void Reversals_are_bounded_with_the_rest()
    {
        var story = GivenCode(Issued with { MaxRedemptions = 1_000 });
        for (var n = 0; n < Code.MaxOwed; n++)
        {
            var id = Redemption.IdOf($"account-{n}", null);
            story = story.When(Redeem(new($"account-{n}", [], null))).When(new RecordCredited(id)).When(new BeginReversal(id, "key", "Why."));
        }

        Assert.Throws<StoreBusyException>(() => story.When(new BeginReversal(AlicesId, "key", "Why.")));
        story.When(new BeginReversal(Redemption.IdOf("account-0", null), "key", "Why.")).ThenNothing();
    }

    /// <summary>Every redemption writes the document: at its worst it stays below four kilobytes, as UTF-8.</summary>
    [Fact]
    public void The_document_stays_below_four_kilobytes_at_its_worst()
    {
        // Twelve bytes a pair of surrogates in JSON, and the longest account that the service takes.
        var account = string.Concat(Enumerable.Repeat("😀", OrderNumber.MaxAccountLength / 2));
        var vault = new CodeVault([new(new('k', CodeKey.MaxIdLength), [.. new byte[CodeKey.MinSecretLength]])]);
        var text = CodeText.Make(new('Z', CodeText.MaxPrefixLength), [.. Enumerable.Repeat((byte)0xFF, CodeText.RandomBytes)]);
        var late = new DateTimeOffset(2026, 12, 31, 23, 59, 59, TimeSpan.Zero).AddTicks(9_999_990);
        WorkItem Item(int number) => new(
            $"{Key}-{number}", WorkItemKind.FulfilmentStuck, $"{Code.MaxOwed} of its redemptions could not be settled in {CodeRules.StuckAfter} tries: {new string('X', 64)}.", late, late);
        var code = new Code(
            Key, BatchId, CodeBatchTerms.MaxCount, vault.Seal(text, Key), text.Tail, CodeBatchTerms.MostRedemptionsPerCode, CodeBatchTerms.MostRedemptionsPerCode, DisabledAs.WithBatch, account,
            new(account, late), [], [.. Enumerable.Range(0, Code.MaxOwed).Select(n => Redemption.IdOf(account, $"{n}"))], [], int.MaxValue, late, [Item(int.MaxValue - 1), Item(int.MaxValue)], late);
        Assert.InRange(CodeDocument.Kind.WriteState(code).Length, 3_000, 4_095);
    }

    [Fact]
    public void Work_items_in_the_document_are_the_last_two_and_their_numbers_go_on()
    {
        var story = GivenCode(IssuedForThree with { MaxRedemptions = 1_000 });
        for (var stuck = 1; stuck <= 12; stuck++)
        {
            Redeemer other = new($"other-{stuck}", [], null);
            story = story.When(Redeem(other));
            for (var failures = 0; failures < CodeRules.StuckAfter; failures++) story = story.When(new RecordCreditFailure("X"));
            story = story.When(new RecordCredited(Redemption.IdOf(other.Account, null)));
        }

        story.And(code => Assert.Equal([$"{Key}-11", $"{Key}-12"], code.WorkItems.Select(item => item.Id)));
    }

    [Fact]
    public void What_cannot_happen_to_a_code_is_a_bug()
    {
        Assert.Throws<InvalidOperationException>(() => Code.After(null, ByAlice));
        Assert.Throws<InvalidOperationException>(() => CodeBatch.After(null, AllIssued));
        Assert.Throws<InvalidOperationException>(() => CodeDocument.StoredStatus(CodeStatus.Expired));
    }
}
