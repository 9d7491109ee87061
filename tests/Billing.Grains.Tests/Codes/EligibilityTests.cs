using Billing.Codes;
using static Billing.Tests.Codes.CodeSamples;

namespace Billing.Tests.Codes;

public class EligibilityTests
{
    [Theory]
    [InlineData(0, true)]
    [InlineData(30, true)]
    [InlineData(31, false)]
    public void A_new_account_registered_lately(int daysAgo, bool met) =>
        Assert.Equal(met, Met(new NewAccountsOnly(30), Alice with { RegisteredAt = Noon.AddDays(-daysAgo) }));

    [Fact]
    public void An_account_is_new_until_its_last_moment_and_not_when_nobody_says_since_when()
    {
        Assert.False(Met(new NewAccountsOnly(30), Alice with { RegisteredAt = Noon.AddDays(-30).AddTicks(-10) }));
        Assert.False(Met(new NewAccountsOnly(30), Alice));
        // A clock of the sign-in's that goes ahead of ours does not make an account old.
        Assert.True(Met(new NewAccountsOnly(30), Alice with { RegisteredAt = Noon.AddMinutes(1) }));
    }

    [Fact]
    public void A_group_is_one_of_those_that_are_named_letter_by_letter()
    {
        AccountGroups staff = new(["staff", "beta"]);
        Assert.True(Met(staff, Alice with { Groups = ["other", "beta"] }));
        Assert.False(Met(staff, Alice with { Groups = ["Staff"] }));
        Assert.False(Met(staff, Alice));
    }

    [Fact]
    public void A_named_account_is_named_letter_by_letter()
    {
        Assert.True(Met(new NamedAccounts(["bob", "alice"]), Alice));
        Assert.False(Met(new NamedAccounts(["bob", "Alice"]), Alice));
    }

    [Fact]
    public void A_first_purchase_is_before_any_order_was_paid()
    {
        Assert.True(Met(new FirstPurchaseOnly(), Alice));
        Assert.False(Met(new FirstPurchaseOnly(), Alice, new(HasPaidOrder: true, [])));
    }

    [Fact]
    public void A_subscriber_has_a_tier_that_runs()
    {
        SubscribersOf pro = new(["pro", "team"]);
        Assert.True(Met(pro, Alice, new(false, ["free", "team"])));
        Assert.False(Met(pro, Alice, new(false, ["free"])));
        Assert.False(Met(pro, Alice));
    }

    [Fact]
    public void Every_rule_must_be_met_and_the_refusal_says_which_are_not()
    {
        var batch = Batch(Terms with { Eligibility = [new NewAccountsOnly(30), new AccountGroups(["beta"]), new FirstPurchaseOnly(), new SubscribersOf(["pro"])] });
        Redeemer good = new("alice", ["beta"], Noon);
        RedeemerFacts facts = new(false, ["pro"]);
        GivenCode(Issued).When(Redeem(good, batch, facts: facts)).Then(ByAlice);
        GivenCode(Issued).When(Redeem(good with { Groups = [] }, batch, facts: facts)).Then(new CodeNotEligible([new AccountGroups(["beta"])]));
        GivenCode(Issued).When(Redeem(batch: batch, facts: new(true, [])))
            .Then(new CodeNotEligible([new NewAccountsOnly(30), new AccountGroups(["beta"]), new FirstPurchaseOnly(), new SubscribersOf(["pro"])]));
    }

    [Fact]
    public void Who_is_not_named_does_not_read_who_is()
    {
        var batch = Batch(Terms with { Eligibility = [new NamedAccounts(["carol", "dave"])] });
        GivenCode(Issued).When(Redeem(batch: batch)).Then(new CodeNotEligible([new NamedAccounts([])]));
        // And cannot tell a code that was given to somebody from one of a batch for named accounts.
        GivenCode(Issued, Given).When(Redeem(Bob)).Then(new CodeNotEligible([new NamedAccounts([])]));
    }

    public static TheoryData<string> Invalid => [.. Bad.Keys];

    static readonly Dictionary<string, EligibilityRule> Bad = new()
    {
        ["no days"] = new NewAccountsOnly(0),
        ["negative days"] = new NewAccountsOnly(-1),
        ["too many days"] = new NewAccountsOnly(EligibilityRule.MaxDays + 1),
        ["no group"] = new AccountGroups([]),
        ["an empty group"] = new AccountGroups(["staff", ""]),
        ["no account"] = new NamedAccounts([]),
        ["no tier"] = new SubscribersOf([]),
        ["a missing list"] = new AccountGroups(default),
        ["a missing name"] = new NamedAccounts([null!]),
        ["a long name"] = new NamedAccounts([new('a', EligibilityRule.MaxNameLength + 1)]),
        ["too many names"] = new NamedAccounts([.. Enumerable.Range(0, EligibilityRule.MaxNames + 1).Select(n => $"a{n}")]),
        ["a control character"] = new SubscribersOf(["pro\n"]),
        ["U+0000"] = new SubscribersOf(["pro\0"]),
        ["half a surrogate pair"] = new AccountGroups(["\uD83D"]),
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void A_rule_that_says_nothing_or_too_much_is_refused(string which)
    {
        Assert.False(Bad[which].IsValid);
        Assert.Equal("eligibility", Assert.IsType<InvalidCodeBatch>(CodeBatchRules.Wrong(Terms with { Eligibility = [Bad[which]] }, Noon)).Field);
    }

    [Fact]
    public void Rules_at_their_bounds_are_accepted() => Assert.Null(CodeBatchRules.Wrong(
        Terms with
        {
            Eligibility =
            [
                new NewAccountsOnly(EligibilityRule.MaxDays), new AccountGroups(["'; DROP TABLE--", "=1+1", "组"]),
                new NamedAccounts([.. Enumerable.Range(0, EligibilityRule.MaxNames).Select(n => new string('a', EligibilityRule.MaxNameLength - 4) + n.ToString("0000", null))]),
                new FirstPurchaseOnly(), new SubscribersOf(["pro"]),
            ],
        },
        Noon));

    static bool Met(EligibilityRule rule, Redeemer by, RedeemerFacts? facts = null) => rule.IsMetBy(by, facts ?? RedeemerFacts.None, Noon);
}
