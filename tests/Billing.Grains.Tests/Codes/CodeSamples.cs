using System.Collections.Immutable;
using Billing.Catalog;
using Billing.Codes;

namespace Billing.Tests.Codes;

/// <summary>Words for stories about one code of a batch that was issued at noon: a code for one redemption, ten credits for thirty days and a week of pro.</summary>
static class CodeSamples
{
    public const string Key = "KEYKEYKEYKEYKEYKEYKEYKEYKE";
    public const string BatchId = "BATCHBATCHBATCHB";

    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly Redeemer Alice = new("alice", [], null);
    public static readonly Redeemer Bob = new("bob", [], null);
    public static readonly ImmutableArray<Grant> Grants = [new CreditGrant(Credits.Whole(10), 30), new SubscriptionGrant("pro", 7)];

    public static readonly CodeBatchTerms Terms = new("Spring", 100, Grants, "", null, null, 1, 1, null, null, [], null, null);

    /// <summary>With one of the batch's own places for each of two redemptions.</summary>
    public static readonly CodeBatchTerms LimitedTerms = Terms with { MaxRedemptions = 2 };

    public static readonly CodeIssued Issued = new(Noon, Key, BatchId, 1, "2026.c2VhbGVk", "TAIL", 1);

    /// <summary>For three redemptions.</summary>
    public static readonly CodeIssued IssuedForThree = Issued with { MaxRedemptions = 3 };

    public static readonly string AlicesId = Redemption.IdOf("alice", null);
    public static readonly string BobsId = Redemption.IdOf("bob", null);

    public static readonly CodeRedeemed ByAlice = new(Noon, AlicesId, "alice", BatchId, "TAIL", 1, NeedsPlace: false);
    public static readonly CodeRedeemed ByBob = new(Noon, BobsId, "bob", BatchId, "TAIL", 1, NeedsPlace: false);
    public static readonly CodeRedeemed ByAliceToBePlaced = ByAlice with { NeedsPlace = true };
    public static readonly RedemptionPlaced HasItsPlace = new(Noon, AlicesId, "alice");
    public static readonly RedemptionCredited Credited = new(Noon, AlicesId);
    public static readonly ReversalBegun Reversing = new(Noon, AlicesId, "key-1", "A mistake.");
    public static readonly RedemptionReversed Reversed = new(Noon, AlicesId, Credits.Whole(6), Credits.Whole(4), 7);
    public static readonly CodeDisabled Disabled = new(Noon, DisabledAs.OneCode, "Leaked.");
    public static readonly CodeAssigned Given = new(Noon, BatchId, "alice", "order:1", "A gift.");

    public static readonly BatchOrdered Ordered = new(Noon, BatchId, Terms, null, "admin:ada");
    public static readonly CodesIssued AllIssued = new(Noon, 100);
    public static readonly BatchDisabled BatchEnds = new(Noon, "admin:ada", "Over.");

    public static Story<Code, CodeEvent, CodeCommand, CodeError> GivenCode(params CodeEvent[] history) => new(CodeDocument.Kind, CodeRules.Decide, [.. history], Noon);

    public static Story<CodeBatch, CodeBatchEvent, CodeBatchCommand, CodeBatchError> GivenBatch(params CodeBatchEvent[] history) =>
        new(CodeBatchDocument.Kind, CodeBatchRules.Decide, [.. history], Noon);

    /// <summary>The batch of these terms, all of it issued, after what else happened to it.</summary>
    public static CodeBatch Batch(CodeBatchTerms? terms = null, params CodeBatchEvent[] then) =>
        new CodeBatchEvent[] { Ordered with { Terms = terms ?? Terms }, new CodesIssued(Noon, (terms ?? Terms).Count) }.Concat(then).Aggregate((CodeBatch?)null, CodeBatch.After)!;

    public static RedeemCode Redeem(Redeemer? by = null, CodeBatch? batch = null, int? place = 1, RedeemerFacts? facts = null, string? key = null) =>
        new(Redemption.IdOf((by ?? Alice).Account, key), by ?? Alice, facts ?? RedeemerFacts.None, batch ?? Batch(), place);

    public static OrderBatch Order(CodeBatchTerms? terms = null, SealedCode? vanity = null) => new(BatchId, terms ?? Terms, vanity, "admin:ada");
}
