using System.Collections.Immutable;
using Billing.Catalog;
using Billing.Codes;
using CsCheck;
using static Billing.Tests.Codes.CodeSamples;

namespace Billing.Tests.Codes;

public class CodeBatchRulesTests
{
    static readonly SealedCode Vanity = new("2026.c2VhbGVk", "C0ME");
    static readonly Gen<int> Number = Gen.Frequency((2, (IGen<int>)Gen.Int[1, 1_000]), (1, Gen.Int));
    static readonly Gen<long> Amount = Gen.Frequency((2, (IGen<long>)Gen.Long[1, Credits.Max.Micro]), (1, Gen.Long));
    static readonly CodeBatchTerms VanityTerms = Terms with { Count = 1, VanityKey = Key };

    [Fact]
    public void A_batch_is_ordered_once_and_issued_step_by_step() =>
        GivenBatch().When(Order()).Then(Ordered)
            .And(batch => Assert.Equal((0, false, Noon.AddSeconds(10), new IssueMore(0)), (batch.Issued, batch.IsIssued, CodeBatch.NextDeadline(batch), CodeBatch.Next(batch))))
            .When(Order()).ThenNothing()
            .When(new RecordIssued(40)).Then(new CodesIssued(Noon, 40)).And(batch => Assert.Equal((new IssueMore(40), Noon.AddSeconds(10)), (CodeBatch.Next(batch), CodeBatch.NextDeadline(batch))))
            .When(new RecordIssued(40)).ThenNothing()
            .When(new RecordIssued(20)).ThenNothing()
            .When(new RecordIssued(100)).Then(AllIssued).And(batch => Assert.Equal((true, null, null), (batch.IsIssued, CodeBatch.Next(batch), CodeBatch.NextDeadline(batch))))
            .When(Order()).ThenNothing();

    [Fact]
    public void The_same_key_with_other_input_is_told_what_differs()
    {
        var ordered = GivenBatch(Ordered);
        ordered.When(Order(Terms with { Name = "Autumn", Count = 5 })).Then(new BatchKeyReused(["name", "count"]));
        ordered.When(Order(Terms with { Grants = [new CreditGrant(Credits.Whole(11), 30), Grants[1]] })).Then(new BatchKeyReused(["grants"]));
        ordered.When(Order(Terms with { Eligibility = [new FirstPurchaseOnly()] })).Then(new BatchKeyReused(["eligibility"]));
        ordered.When(Order(VanityTerms with { Count = Terms.Count })).Then(new BatchKeyReused(["vanityCode"]));
        ordered.When(Order(Terms with { ValidUntil = Noon.AddDays(1), CreditBudget = Credits.Whole(1), Note = "n" })).Then(new BatchKeyReused(["validUntil", "creditBudget", "note"]));
        // Also when the other input is wrong, and lists are compared by what is in them.
        ordered.When(Order(Terms with { Count = 0 })).Then(new BatchKeyReused(["count"]));
        ordered.When(Order(Terms with { Grants = [.. Terms.Grants.Select(grant => grant)] })).ThenNothing();
    }

    [Fact]
    public void A_replay_is_one_though_its_window_is_over_by_now() =>
        GivenBatch(Ordered with { Terms = Terms with { ValidUntil = Noon.AddDays(1) } }).At(Noon.AddDays(2)).When(Order(Terms with { ValidUntil = Noon.AddDays(1) })).ThenNothing();

    [Fact]
    public void A_vanity_code_that_is_taken_is_refused_and_the_key_remembers_it()
    {
        var refused = GivenBatch().When(Order(VanityTerms, Vanity)).When(new RecordVanityTaken()).Then(new BatchRefused(Noon, new VanityCodeTaken()))
            .And(batch => Assert.Equal((null, null), (CodeBatch.Next(batch), CodeBatch.NextDeadline(batch))));
        refused.When(Order(VanityTerms, Vanity with { Text = "2026.b3RoZXI=" })).Then(new VanityCodeTaken());
        refused.When(Order(VanityTerms with { Name = "Other" }, Vanity)).Then(new BatchKeyReused(["name"]));
        CodeBatchCommand[] others = [new RecordVanityTaken(), new RecordIssued(1), new DisableBatch("a", "n"), new RecordDisabled(1, 1, true), new TakePlace("a"), new RevealCodes(1), new ExportCodes()];
        Assert.All(others, command => refused.When(command).Then(new CodeBatchNotFound()));
        Assert.All(others, command => GivenBatch().When(command).Then(new CodeBatchNotFound()));
    }

    [Fact]
    public void A_vanity_code_that_is_stored_is_the_batchs_own() =>
        GivenBatch(Ordered with { Terms = VanityTerms, Vanity = Vanity }, new CodesIssued(Noon, 1)).When(new RecordVanityTaken()).ThenNothing();

    [Fact]
    public void A_batch_is_disabled_step_by_step_and_nothing_more_is_issued_or_redeemed()
    {
        var disabled = GivenBatch(Ordered, new CodesIssued(Noon, 40)).When(new DisableBatch("admin:ada", "Over.")).Then(BatchEnds)
            .And(batch => Assert.Equal((true, Noon.AddSeconds(10)), (batch.IsIssued, CodeBatch.NextDeadline(batch))))
            .And(batch => Assert.Equal(new DisableMore(new(Noon, "admin:ada", "Over.", 0, 0, false)), CodeBatch.Next(batch)));
        disabled.When(new DisableBatch("admin:bob", "Again.")).ThenNothing();
        disabled.When(new TakePlace("a")).Then(new CodeBatchNotFound());
        disabled.When(new RecordIssued(60)).Then(new CodesIssued(Noon, 60)).And(batch => Assert.IsType<DisableMore>(CodeBatch.Next(batch)));
        disabled.When(new RecordVanityTaken()).ThenNothing();
        disabled.When(new RecordDisabled(20, 19, false)).Then(new CodesDisabled(Noon, 20, 19, false))
            .When(new RecordDisabled(20, 19, false)).ThenNothing()
            .When(new RecordDisabled(40, 20, true)).Then(new CodesDisabled(Noon, 40, 20, true))
            .And(batch => Assert.Equal((40, 39, true), (batch.Disabling!.UpTo, batch.Disabling.Disabled, batch.Disabling.IsDone)))
            .And(batch => Assert.Null(CodeBatch.NextDeadline(batch)))
            .When(new RecordDisabled(41, 1, true)).ThenNothing();
    }

    [Fact]
    public void An_empty_batch_is_disabled_too() =>
        GivenBatch(Ordered, BatchEnds).When(new RecordDisabled(0, 0, true)).Then(new CodesDisabled(Noon, 0, 0, true)).And(batch => Assert.Null(CodeBatch.Next(batch)));

    [Fact]
    public void A_batchs_places_are_taken_once_for_a_reference_and_no_oftener_than_there_are()
    {
        var one = GivenBatch(Ordered with { Terms = LimitedTerms }, AllIssued).When(new TakePlace("a")).Then(new PlaceTaken(Noon, "a")).When(new TakePlace("a")).ThenNothing();
        var two = one.When(new TakePlace("b")).Then(new PlaceTaken(Noon, "b")).And(batch => Assert.True(batch.IsExhausted));
        two.When(new TakePlace("c")).Then(new NoPlaceLeft(LimitScope.Batch));
        two.When(new TakePlace("a")).ThenNothing();
        // What was taken stays taken.
        two.When(new DisableBatch("admin:ada", "Over.")).When(new TakePlace("b")).ThenNothing();
    }

    [Fact]
    public void The_document_remembers_a_bounded_number_of_places_and_the_journal_all()
    {
        var story = GivenBatch(Ordered with { Terms = Terms with { MaxRedemptionsPerCode = 100, MaxRedemptions = 1_000 } }, AllIssued);
        for (var n = 0; n < 100; n++) story = story.When(new TakePlace($"r{n}"));
        story.And(batch => Assert.Equal((100L, 64, "r36", "r99"), (batch.Places, batch.LatestPlaces.Length, batch.LatestPlaces[0], batch.LatestPlaces[^1])));
        Assert.Equal("r1", CodeBatchDocument.Kind.Reference(new PlaceTaken(Noon, "r1")));
        Assert.Null(CodeBatchDocument.Kind.Claim(new PlaceTaken(Noon, "r1")));
    }

    [Fact]
    public void What_is_shown_in_plain_text_is_written_down() =>
        GivenBatch(Ordered).When(new RevealCodes(3)).Then(new CodesRevealed(Noon, 3)).When(new ExportCodes()).Then(new CodesExported(Noon));

    [Fact]
    public void A_batchs_limits_are_a_number_of_places()
    {
        var codes = Terms with { Count = 10, MaxRedemptionsPerCode = 10 };
        Assert.Null(codes.Places());
        Assert.Null((codes with { MaxRedemptions = 100 }).Places());
        Assert.Equal((99L, LimitScope.Batch), Limit(codes with { MaxRedemptions = 99 }));
        // Ten credits each.
        Assert.Equal((3L, LimitScope.Budget), Limit(codes with { CreditBudget = Credits.Whole(39) }));
        Assert.Equal((4L, LimitScope.Budget), Limit(codes with { CreditBudget = Credits.Whole(40), MaxRedemptions = 5 }));
        Assert.Equal((4L, LimitScope.Batch), Limit(codes with { CreditBudget = Credits.Whole(50), MaxRedemptions = 4 }));
        Assert.Null((codes with { CreditBudget = Credits.Whole(1_000) }).Places());
        Assert.Equal(Credits.Whole(30).Micro, (codes with { CreditBudget = Credits.Whole(39) }).MaximumMicro());
        Assert.Equal(Credits.Whole(1_000).Micro, codes.MaximumMicro());
    }

    /// <summary>What is wrong with the terms, in the order of precedence: each row has everything wrong that the rows below it have.</summary>
    [Fact]
    public void What_is_wrong_is_said_in_its_order()
    {
        var wrong = Terms with
        {
            Count = 0,
            Name = "",
            Prefix = "A-B",
            VanityKey = Key,
            MaxRedemptionsPerCode = 0,
            MaxRedemptionsPerAccount = 0,
            MaxRedemptions = 0,
            ValidFrom = Noon,
            ValidUntil = Noon,
            Grants = [],
            CreditBudget = new Credits(0),
            Eligibility = [new NewAccountsOnly(0)],
            Note = "\0",
        };
        (CodeBatchError Says, Func<CodeBatchTerms, CodeBatchTerms> Mended)[] rows =
        [
            (new CountOutOfRange(1, 1_000_000), terms => terms with { Count = 2 }),
            (new CountOutOfRange(1, 1), terms => terms with { Count = 1 }),
            (Invalid("name"), terms => terms with { Name = "Spring" }),
            (Invalid("note"), terms => terms with { Note = "Why." }),
            (Invalid("prefix"), terms => terms with { Prefix = "AB" }),
            (Invalid("prefix"), terms => terms with { Prefix = "" }),
            (Invalid("maxRedemptionsPerCode"), terms => terms with { MaxRedemptionsPerCode = 1 }),
            (Invalid("maxRedemptionsPerAccount"), terms => terms with { MaxRedemptionsPerAccount = 1 }),
            (Invalid("maxRedemptions"), terms => terms with { MaxRedemptions = 1 }),
            (new InvalidValidity(), terms => terms with { ValidFrom = Noon.AddDays(-1) }),
            (new InvalidValidity(), terms => terms with { ValidUntil = Noon.AddDays(1) }),
            (new InvalidCodeGrant(), terms => terms with { Grants = [new SubscriptionGrant("pro", 1)] }),
            (Invalid("creditBudget"), terms => terms with { CreditBudget = Credits.Whole(1) }),
            (Invalid("creditBudget"), terms => terms with { Grants = Grants }),
            (Invalid("creditBudget"), terms => terms with { CreditBudget = Credits.Whole(10) }),
            (Invalid("eligibility"), terms => terms with { Eligibility = [] }),
        ];
        foreach (var (says, mended) in rows)
        {
            var said = CodeBatchRules.Wrong(wrong, Noon);
            Assert.Equal(says is InvalidCodeBatch field ? field.Field : says.ToString(), said is InvalidCodeBatch other ? other.Field : said?.ToString());
            wrong = mended(wrong);
        }

        Assert.Null(CodeBatchRules.Wrong(wrong, Noon));
        Assert.Throws<ArgumentNullException>(() => CodeBatchRules.Wrong(null!, Noon));
    }

    [Theory]
    [InlineData(-1, 1, 1, null)]
    [InlineData(0, 1, 1, null)]
    [InlineData(1_000_001, 1, 1, null)]
    [InlineData(int.MinValue, 1, 1, null)]
    [InlineData(1, -1, 1, null)]
    [InlineData(1, 0, 1, null)]
    [InlineData(1, 10_000_001, 1, null)]
    [InlineData(1, 1, -1, null)]
    [InlineData(1, 1, 0, null)]
    [InlineData(1, 1, 1_001, null)]
    [InlineData(1, 1, 1, 0)]
    [InlineData(1, 1, 1, -5)]
    public void Numbers_out_of_their_range_are_refused(int count, int perCode, int perAccount, int? inAll) => Assert.NotNull(CodeBatchRules.Wrong(
        Terms with { Count = count, MaxRedemptionsPerCode = perCode, MaxRedemptionsPerAccount = perAccount, MaxRedemptions = inAll }, Noon));

    [Fact]
    public void Numbers_at_their_bounds_are_accepted() => Assert.Null(CodeBatchRules.Wrong(
        Terms with
        {
            Count = CodeBatchTerms.MaxCount,
            MaxRedemptionsPerCode = CodeBatchTerms.MostRedemptionsPerCode,
            MaxRedemptionsPerAccount = CodeBatchTerms.MostRedemptionsPerAccount,
            MaxRedemptions = int.MaxValue,
            Grants = [new CreditGrant(new(1), null)],
        },
        Noon));

    [Theory]
    [InlineData(-1, 0, false)]
    [InlineData(0, 0, false)]
    [InlineData(0, 1, true)]
    [InlineData(5, 4, false)]
    [InlineData(5, 5, false)]
    [InlineData(4, 5, true)]
    [InlineData(-9, -8, false)]
    [InlineData(-9, 1, true)]
    public void A_window_ends_after_it_begins_and_after_now(int from, int until, bool isGood) =>
        Assert.Equal(isGood ? null : new InvalidValidity(), CodeBatchRules.Wrong(Terms with { ValidFrom = Noon.AddHours(from), ValidUntil = Noon.AddHours(until) }, Noon));

    [Fact]
    public void A_window_may_be_open_on_either_side()
    {
        Assert.Null(CodeBatchRules.Wrong(Terms with { ValidFrom = Noon.AddYears(1) }, Noon));
        Assert.Null(CodeBatchRules.Wrong(Terms with { ValidFrom = Noon.AddYears(-1) }, Noon));
        Assert.Null(CodeBatchRules.Wrong(Terms with { ValidUntil = Noon.AddTicks(10) }, Noon));
    }

    [Fact]
    public void Grants_that_grant_nothing_or_too_much_are_refused()
    {
        ImmutableArray<Grant>[] bad =
        [
            [], [null!], [new CreditGrant(Credits.Zero, null)], [new CreditGrant(new(-1), null)], [new CreditGrant(new(Credits.Max.Micro + 1), null)], [new CreditGrant(Credits.Whole(1), 0)],
            [new SubscriptionGrant("", 1)], [new SubscriptionGrant("pro", 0)], [new SubscriptionGrant("pro\0", 1)], [Grants[0], new SubscriptionGrant("pro", -1)],
            [.. Enumerable.Repeat(Grants[1], CodeBatchTerms.MaxGrants + 1)],
        ];
        Assert.All(bad, grants => Assert.IsType<InvalidCodeGrant>(CodeBatchRules.Wrong(Terms with { Grants = grants }, Noon)));
        Assert.Null(CodeBatchRules.Wrong(Terms with { Grants = [.. Enumerable.Repeat(Grants[1], CodeBatchTerms.MaxGrants)] }, Noon));
    }

    [Fact]
    public void All_redemptions_together_grant_no_more_than_can_be_counted()
    {
        var most = Terms with { Count = 1, Grants = [new CreditGrant(Credits.Max, null)] };
        Assert.Null(CodeBatchRules.Wrong(most, Noon));
        Assert.IsType<InvalidCodeGrant>(CodeBatchRules.Wrong(most with { Count = 2 }, Noon));
        Assert.IsType<InvalidCodeGrant>(CodeBatchRules.Wrong(most with { MaxRedemptionsPerCode = 2 }, Noon));
        Assert.IsType<InvalidCodeGrant>(CodeBatchRules.Wrong(most with { Grants = [most.Grants[0], new CreditGrant(new(1), null)] }, Noon));
        // The batch's own limits keep it countable.
        Assert.Null(CodeBatchRules.Wrong(most with { Count = 2, MaxRedemptions = 1 }, Noon));
        Assert.Null(CodeBatchRules.Wrong(most with { Count = 2, CreditBudget = Credits.Max }, Noon));
        // More than a decimal can hold.
        Assert.IsType<InvalidCodeGrant>(CodeBatchRules.Wrong(
            Terms with
            {
                Count = CodeBatchTerms.MaxCount,
                MaxRedemptionsPerCode = CodeBatchTerms.MostRedemptionsPerCode,
                Grants = [.. Enumerable.Repeat(new CreditGrant(Credits.Max, null), CodeBatchTerms.MaxGrants)],
            },
            Noon));
    }

    [Fact]
    public void Whatever_numbers_are_sent_the_answer_is_no_exception_and_what_is_accepted_can_be_counted() => Gen.Select(
        Number, Number, Number, Number, Amount, Amount.Array[0, 3]).Sample((count, perCode, perAccount, inAll, budget, credits) =>
    {
        var terms = Terms with
        {
            Count = count,
            MaxRedemptionsPerCode = perCode,
            MaxRedemptionsPerAccount = perAccount,
            MaxRedemptions = inAll % 2 == 0 ? null : inAll,
            CreditBudget = budget % 2 == 0 ? null : new Credits(budget),
            Grants = [.. credits.Select(one => new CreditGrant(new(one), null))],
        };
        if (CodeBatchRules.Wrong(terms, Noon) is null) Assert.InRange(terms.MaximumMicro(), 1, Credits.Max.Micro);
    });

    [Theory]
    [InlineData("'; DROP TABLE code_batches;--")]
    [InlineData("=HYPERLINK(\"http://x\";\"y\")")]
    [InlineData("+1,\"a\";b|c")]
    [InlineData("@SUM(1)")]
    [InlineData("春季活动 🎁")]
    [InlineData("%_\\")]
    [InlineData("<script>")]
    public void A_name_is_anybodys_text_and_is_stored_as_it_is(string name) =>
        GivenBatch().When(Order(Terms with { Name = name })).Then(Ordered with { Terms = Terms with { Name = name } }).And(batch =>
            Assert.Equal(name, ((CodeBatch)CodeBatchDocument.Kind.ReadState(CodeBatchDocument.Kind.WriteState(batch).Text())).Terms.Name));

    [Fact]
    public void A_name_that_is_no_text_or_cannot_be_stored_is_refused()
    {
        string[] bad = ["", " ", "\t", "a\0", "a\nb", "a\u0085b", "a\u001Bb", "a\uD83D", "\uDC00", new('a', CodeBatchTerms.MaxNameLength + 1), null!];
        Assert.All(bad, name => Assert.Equal("name", Assert.IsType<InvalidCodeBatch>(CodeBatchRules.Wrong(Terms with { Name = name }, Noon)).Field));
        Assert.Null(CodeBatchRules.Wrong(Terms with { Name = new('a', CodeBatchTerms.MaxNameLength) }, Noon));
    }

    [Fact]
    public void A_note_that_cannot_be_stored_is_refused_and_lines_in_it_are_fine()
    {
        Assert.All(["a\0", "a\uD83D"], note => Assert.Equal("note", Assert.IsType<InvalidCodeBatch>(CodeBatchRules.Wrong(Terms with { Note = note }, Noon)).Field));
        Assert.Null(CodeBatchRules.Wrong(Terms with { Note = "Two\nlines." }, Noon));
    }

    [Fact]
    public void A_batch_has_each_kind_of_rule_once()
    {
        Assert.IsType<InvalidCodeBatch>(CodeBatchRules.Wrong(Terms with { Eligibility = [new FirstPurchaseOnly(), new FirstPurchaseOnly()] }, Noon));
        Assert.IsType<InvalidCodeBatch>(CodeBatchRules.Wrong(Terms with { Eligibility = [new AccountGroups(["a"]), new AccountGroups(["b"])] }, Noon));
        Assert.IsType<InvalidCodeBatch>(CodeBatchRules.Wrong(Terms with { Eligibility = [null!] }, Noon));
        Assert.Null(CodeBatchRules.Wrong(Terms with { Eligibility = [new FirstPurchaseOnly(), new AccountGroups(["a"])] }, Noon));
    }

    [Fact]
    public void A_batchs_id_follows_from_who_issues_it_under_which_key()
    {
        Assert.Equal(CodeBatch.IdOf("ada", "key"), CodeBatch.IdOf("ada", "key"));
        Assert.NotEqual(CodeBatch.IdOf("ada", "key"), CodeBatch.IdOf("ada", "key-2"));
        Assert.NotEqual(CodeBatch.IdOf("ada", "key"), CodeBatch.IdOf("bob", "key"));
    }

    static (long?, LimitScope) Limit(CodeBatchTerms terms) => (terms.Places(), terms.Scope());

    static InvalidCodeBatch Invalid(string field) => new(field, "");
}
