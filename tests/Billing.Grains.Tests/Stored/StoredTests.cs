using System.Text.Json.Nodes;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Codes;
using Billing.Orders;
using Billing.Reconciliations;
using Billing.Tests.Codes;
using Billing.Unclaimed;
using Billing.Webhooks;
using static Billing.Tests.Orders.OrderSamples;

namespace Billing.Tests.Stored;

/// <summary>
/// What is stored outlives us: each file beside this one is a document or an event as some version stored it, and must be read for ever. A file is written once,
/// by <c>UPDATE_SNAPSHOTS=1</c> when it is missing, and never again: when a shape changes, the old file stays and a sample of the new shape joins it.
/// </summary>
public class StoredTests
{
    static readonly DocumentKind[] Kinds =
    [
        OrderDocument.Kind, AccountDocument.Kind, PlanDocument.Kind, UnclaimedPaymentDocument.Kind, CodeDocument.Kind, CodeBatchDocument.Kind,
        WebhookEndpointDocument.Kind,
    ];

    static readonly PlanTerms FullTerms = new(
        new("Top-up", "充值"), new("More."), Price, new(2990, "CNY"), new(new(100, "CNY"), new(100_000, "CNY"), 50.5m, [new(new(10_000, "CNY"), 12.5m)], 90),
        [new CreditGrant(Credits.Whole(1_000), null), new SubscriptionGrant("pro", 30)], [new("Fast", "快")], new("Hot"), 3, true, Noon, Ends, 7);

    static readonly WorkItem Item = new($"{Number}-1", WorkItemKind.AmountMismatch, "19.89 CNY came for a price of 19.90 CNY.", Noon, Ends);

    static readonly Order FullOrder = new(
        Number, new("alice", "key-1", "starter", Price, "alipay", Price), null, new("starter", Terms.Name, FullTerms.Grants, true), Price,
            PaymentStatus.Paid, FulfilmentStatus.InProgress,
        StockStatus.Taken, 2,
        [
            new(1, "alipay", Merchant, Price, PaymentStatus.Cancelled, null, Noon, Ends, Noon, 3, true, null),
            new(2, "wechat", Merchant, Price, PaymentStatus.Paid, new("https://pay.example/2", "weixin://2", "p-2"), Noon, Ends, Ends, 0, false, "txn-1"),
        ],
        [new(2, "txn-1", Price)],
        [Item, .. Enum.GetValues<WorkItemKind>().Where(kind => kind <= WorkItemKind.ProviderSilent).Select((kind, n) => new WorkItem($"{Number}-{n + 2}", kind, "Why.", Noon, null))],
        3, 1, Noon, Ends, Noon, null, Noon, 4);

    static readonly HeldGrants FullHeld = new([new("order:1", Credits.Whole(10), Credits.Whole(5), Ends)], [new("pro", TimeSpan.FromDays(3.5))], Voided: true, Noon, 1990);

    static readonly Refund FullRefund = new(
        $"{Number}R01", 2, "txn-1", Price, RefundStatus.Processing, HoldStatus.Held, FullHeld, true, "account:alice", "key", "Why.", Noon, 7, Ends, 2, true)
    {
        Requested = new(2990, "CNY"),
        FirstApproval = new("admin:ada", Price, "Why."),
        DecidedAt = Noon,
        DecidedBy = "admin:bea",
        DecisionNote = "Why.",
        CompletedAt = Ends,
        ProviderNumber = "X1",
        WasVoided = true,
    };

    static readonly WorkItem DecidedItem = Item with
    {
        TransactionId = "txn-1",
        Ordinal = 2,
        RefundNumber = $"{Number}R01",
        Resolution = WorkItemResolution.Dismiss,
        ResolvedBy = "admin:ada",
        Note = "Why.",
    };

    static readonly Account FullAccount = new(
        "alice", Credits.Whole(15), [new("order:1", Credits.Whole(10), new(9_500_000), Ends), new("code:2", Credits.Whole(6), new(5_500_000), null)],
            [new("pro", Noon, Ends)],
        ["order:1", "code:2"], Noon);

    static readonly UnclaimedPayment FullUnclaimed = new("ABC", "alipay", "X01", "txn-9",
        Price, [new("ABC-1", WorkItemKind.UnknownOrder, "Why.", Noon, null)], Noon);

    static readonly Code FullCode = new(
        CodeSamples.Key, CodeSamples.BatchId, 7, "2026.c2VhbGVk", "TAIL", 3, 2, DisabledAs.WithBatch, "alice", new("alice", Noon), ["R1"], ["R2"], ["R3"], 5, Ends,
        [new($"{CodeSamples.Key}-1", WorkItemKind.FulfilmentStuck, "Why.", Noon, Ends)], Noon);

    static readonly CodeBatchTerms FullCodeTerms = new(
        "Spring, \"26\"; 'x'", 1, FullTerms.Grants, "", Noon, Ends, 3, 2, 5, Credits.Whole(50),
        [new NewAccountsOnly(30), new AccountGroups(["staff"]), new NamedAccounts(["alice"]), new FirstPurchaseOnly(), new SubscribersOf(["pro"])], CodeSamples.Key, "A note.");

    static readonly CodeBatch FullBatch = new(
        CodeSamples.BatchId, FullCodeTerms, new("2026.c2VhbGVk", "TAIL"), null, 1, new(Ends, "admin:bob", "Over.", 1, 1, true), 2, ["K:R1", "K:R2"], Ends, Noon, "admin:ada");

    static readonly WebhookTerms FullWebhookTerms = new("https://gateway.example/billing", [WebhookEventType.CreditsChanged, WebhookEventType.OrderPaid], "The gateway.");

    static readonly WebhookEndpoint FullWebhook = new(
        "WEBHOOKWEBHOOKWE", FullWebhookTerms, FullWebhookTerms, WebhookStatus.Disabled, new(Ends, WebhookDisabledFor.Failures), Noon,
        [new("k1.c2VhbGVk", null), new("k1.b2xkZXI=", Ends)], 2, false, Noon, "admin:ada");

    /// <summary>What each file holds: <c>noun.state[.variant]</c> or <c>noun.Event[.variant]</c>.</summary>
    static readonly Dictionary<string, object> Samples = new Dictionary<string, object>
    {
        ["order.state.full"] = FullOrder,
        ["order.state.refused"] = Order.After(null, new OrderRefused(Noon, Number, Wish, new PriceChanged(Price))),
        ["order.OrderPlaced"] = OrderedLimited,
        ["order.OrderPlaced.chosen-amount"] = Ordered with { Wish = FullOrder.Wish, Plan = FullOrder.Plan! },
        ["order.StockSecured"] = Secured,
        ["order.StockGivenBack"] = new StockGivenBack(Noon),
        ["order.PaymentStarted"] = Started(),
        ["order.PaymentStarted.address"] = Started(checkout: Address),
        ["order.PaymentPrepared"] = Prepared(),
        ["order.PaymentAsked"] = new PaymentAsked(Noon, 1, "pending", Ends),
        ["order.PaymentClosed"] = Closed(),
        ["order.PaymentReceived"] = Received(late: true),
        ["order.PaymentHeld"] = new PaymentHeld(Noon, 1, "txn-1", new(1989, "USD"), WorkItemKind.AmountMismatch, "Why."),
        ["order.PaymentDuplicated"] = new PaymentDuplicated(Noon, 1, "txn-2", Price, "Why."),
        ["order.LatePaymentUnhonoured"] = new LatePaymentUnhonoured(Noon, "Why."),
        ["order.ProviderFellSilent"] = new ProviderFellSilent(Noon, 1, "Why."),
        ["order.OrderFulfilled"] = new OrderFulfilled(Noon),
        ["order.CreditDelayed"] = new Billing.Orders.CreditDelayed(Noon, "TimeoutException", Ends),
        ["order.FulfilmentStuck"] = new FulfilmentStuck(Noon, "Why."),
        ["order.state.refunded"] = FullOrder with { AllRefunds = [FullRefund, FullRefund with { Number = $"{Number}R02", Held = null, Hold = HoldStatus.NotNeeded }], GrantsInProportion = FullTerms.Grants, WorkItems = [DecidedItem] },
        ["order.RefundRequested"] = new RefundRequested(Noon, $"{Number}R01", 2, "txn-1", Price, true, false, "account:alice", "key", "Why."),
        ["order.RefundHeld"] = new RefundHeld(Noon, $"{Number}R01", FullHeld),
        ["order.RefundRefused"] = new RefundRefused(Noon, $"{Number}R01", Credits.Whole(3)),
        ["order.RefundWithdrawn"] = new RefundWithdrawn(Noon, $"{Number}R01"),
        ["order.RefundRejected"] = new RefundRejected(Noon, $"{Number}R01", "admin:ada", "Why."),
        ["order.RefundApprovedFirst"] = new RefundApprovedFirst(Noon, $"{Number}R01", Price, "admin:ada", "Why."),
        ["order.RefundApproved"] = new RefundApproved(Noon, $"{Number}R01", Price, "admin:ada", "Why."),
        ["order.RefundHoldReleased"] = new RefundHoldReleased(Noon, $"{Number}R01", FullHeld),
        ["order.RefundHoldReleased.all"] = new RefundHoldReleased(Noon, $"{Number}R01", null),
        ["order.RefundAsked"] = new RefundAsked(Noon, $"{Number}R01", "pending", Ends, true),
        ["order.RefundFellSilent"] = new RefundFellSilent(Noon, $"{Number}R01", "Why."),
        ["order.RefundSucceeded"] = new RefundSucceeded(Noon, $"{Number}R01", Price),
        ["order.RefundFailed"] = new RefundFailed(Noon, $"{Number}R01", "CLOSED", "Why."),
        ["order.RefundRetried"] = new RefundRetried(Noon, $"{Number}R01"),
        ["order.RefundGivenUp"] = new RefundGivenUp(Noon, $"{Number}R01"),
        ["order.RefundMadeElsewhere"] = new RefundMadeElsewhere(Noon, $"{Number}R01", "X1", 2, "txn-1", Price, true, "Why."),
        ["order.DisputeOpened"] = new DisputeOpened(Noon, $"{Number}R01", "D1", 2, "txn-1", Price, true, "Why."),
        ["order.DisputeWon"] = new DisputeWon(Noon, $"{Number}R01", "Why."),
        ["order.DisputeLost"] = new DisputeLost(Noon, $"{Number}R01", Price),
        ["order.state.disputed"] = FullOrder with
        {
            AllRefunds = [FullRefund with { Status = RefundStatus.Disputed, ProviderNumber = "D1", CompletedAt = null }, FullRefund with { Number = $"{Number}R02", Status = RefundStatus.DisputeWon }],
        },
        ["order.RecordsDiffered"] = new RecordsDiffered(Noon, 2, "PaidHereNotThere/2//txn-1/1990CNY/", "Why."),
        ["order.state.differing"] = FullOrder with
        {
            WorkItems = [new($"{Number}-1", WorkItemKind.RecordsDiffer, "Why.", Noon, null) { Ordinal = 2, Difference = "PaidHereNotThere/2//txn-1/1990CNY/" }],
        },
        ["order.HeldPaymentAccepted"] = new HeldPaymentAccepted(Noon, 2, "txn-1", Price, FullTerms.Grants),
        ["order.HeldPaymentAccepted.whole"] = new HeldPaymentAccepted(Noon, 2, "txn-1", Price, null),
        ["order.CreditRetried"] = new CreditRetried(Noon),
        ["order.WorkItemResolved"] = new WorkItemResolved(Noon, $"{Number}-1", WorkItemResolution.Dismiss, "admin:ada", "Why."),
        ["order.OrderExpired"] = Expired,
        ["order.OrderCancelled"] = Cancelled,
        ["order.OrderRefused.PLAN_NOT_FOUND"] = Refused(new PlanNotFound()),
        ["order.OrderRefused.PLAN_NOT_ON_SALE"] = Refused(new PlanNotOnSale()),
        ["order.OrderRefused.PLAN_SOLD_OUT"] = Refused(new PlanSoldOut()),
        ["order.OrderRefused.PRICE_CHANGED"] = Refused(new PriceChanged(Price)),
        ["order.OrderRefused.AMOUNT_OUT_OF_RANGE"] = Refused(new AmountOutOfRange(Price, new(2990, "CNY"))),
        ["order.OrderRefused.PURCHASE_LIMIT_REACHED"] = Refused(new PurchaseLimitReached(2)),
        ["order.OrderRefused.TOO_MANY_OPEN_ORDERS"] = Refused(Limit),
        ["order.OrderRefused.PAYMENT_METHOD_UNAVAILABLE"] = Refused(new PaymentMethodUnavailable()),
        ["account.state"] = FullAccount,
        ["account.GrantsApplied"] = new GrantsApplied(
            "order:1", LedgerKind.Purchase, Credits.Whole(10), Credits.Whole(15), "alice", FullTerms.Grants, FullAccount.Buckets,
                FullAccount.Entitlements, "A note.", Noon),
        ["account.GrantsApplied.poured"] = new GrantsApplied(
            "order:13", LedgerKind.Purchase, Credits.Whole(5), Credits.Whole(20), "alice", [new CreditGrant(Credits.Whole(5), null)],
            [new("order:13", Credits.Whole(5), Credits.Whole(5), null)], [], null, Noon, Poured: 2),
        ["account.CreditsSpent"] = new CreditsSpent("spend:1", LedgerKind.Spend, -Credits.Whole(1), Credits.Whole(14), "A call."),
        ["account.CreditsLapsed"] = new CreditsLapsed("lapse:order:1", LedgerKind.Expiry, -Credits.Whole(1), Credits.Whole(14)),
        ["account.GrantsTakenBack"] = new GrantsTakenBack(
            "reversal:code:2", LedgerKind.Redemption, -Credits.Whole(5), Credits.Whole(10), "code:2", FullAccount.Entitlements, 3, "A note."),
        ["account.GrantsVoided"] = new GrantsVoided("order:1", LedgerKind.Refund, Credits.Zero, Credits.Whole(15), "alice", Noon),
        ["account.GrantsHeld"] = new GrantsHeld("refund:1R01", LedgerKind.Refund, -Credits.Whole(5), Credits.Whole(10), "order:1", FullHeld, FullAccount.Entitlements),
        ["account.HoldReleased"] = new HoldReleased("refund-released:1R01:all", LedgerKind.Refund, Credits.Whole(5), Credits.Whole(15), "order:1", FullAccount.Buckets, FullAccount.Entitlements),
        ["code.state"] = FullCode,
        ["code.state.least"] = Code.After(null, CodeSamples.Issued),
        ["code.CodeIssued"] = CodeSamples.Issued,
        ["code.CodeRedeemed"] = CodeSamples.ByAlice,
        ["code.CodeRedeemed.to-be-placed"] = CodeSamples.ByAliceToBePlaced,
        ["code.RedemptionPlaced"] = CodeSamples.HasItsPlace,
        ["code.RedemptionRefused.batch"] = new RedemptionRefused(Noon, CodeSamples.AlicesId, LimitScope.Batch),
        ["code.RedemptionRefused.budget"] = new RedemptionRefused(Noon, CodeSamples.AlicesId, LimitScope.Budget),
        ["code.RedemptionRefused.disabled"] = new RedemptionRefused(Noon, CodeSamples.AlicesId, null),
        ["code.RedemptionCredited"] = CodeSamples.Credited,
        ["code.CreditDelayed"] = new Billing.Codes.CreditDelayed(Noon, "TimeoutException", Ends),
        ["code.CreditStuck"] = new CreditStuck(Noon, 2, "Why."),
        ["code.CodeDisabled"] = CodeSamples.Disabled,
        ["code.CodeDisabled.with-batch"] = new CodeDisabled(Noon, DisabledAs.WithBatch, null),
        ["code.CodeAssigned"] = CodeSamples.Given,
        ["code.ReversalBegun"] = CodeSamples.Reversing,
        ["code.RedemptionReversed"] = CodeSamples.Reversed,
        ["code-batch.state"] = FullBatch,
        ["code-batch.state.least"] = CodeBatch.After(null, CodeSamples.Ordered),
        ["code-batch.state.refused"] = FullBatch with { Refusal = new VanityCodeTaken(), Issued = 0, Disabling = null, Places = 0, LatestPlaces = [], LookAt = null },
        ["code-batch.BatchOrdered"] = CodeSamples.Ordered,
        ["code-batch.BatchOrdered.vanity"] = CodeSamples.Ordered with { Terms = FullCodeTerms, Vanity = FullBatch.Vanity },
        ["code-batch.BatchRefused"] = new BatchRefused(Noon, new VanityCodeTaken()),
        ["code-batch.CodesIssued"] = CodeSamples.AllIssued,
        ["code-batch.BatchDisabled"] = CodeSamples.BatchEnds,
        ["code-batch.CodesDisabled"] = new CodesDisabled(Noon, 100, 99, true),
        ["code-batch.PlaceTaken"] = new PlaceTaken(Noon, $"{CodeSamples.Key}:{CodeSamples.AlicesId}"),
        ["code-batch.CodesRevealed"] = new CodesRevealed(Noon, 20),
        ["code-batch.CodesExported"] = new CodesExported(Noon),
        ["plan.state"] = new Plan("top-up", FullTerms, 5, ["taken:A:1"], Noon),
        ["plan.state.least"] = Starter,
        ["plan.PlanCreated"] = new PlanCreated("top-up", FullTerms, 5, "first", Noon),
        ["plan.PlanUpdated"] = new PlanUpdated(Terms, null, "why"),
        ["plan.StockTaken"] = new StockTaken($"taken:{Number}:1"),
        ["plan.StockReturned"] = new StockReturned($"returned:{Number}:1"),
        ["webhook.state"] = FullWebhook,
        ["webhook.state.deleted"] = FullWebhook with { Status = WebhookStatus.Deleted, Disabling = null, Secrets = [new("k1.c2VhbGVk", null)], Forgetting = true },
        ["webhook.EndpointCreated"] = new EndpointCreated(Noon, FullWebhook.Id, FullWebhookTerms, "k1.c2VhbGVk", "A note.", "admin:ada"),
        ["webhook.EndpointUpdated"] = new EndpointUpdated(Noon, FullWebhookTerms with { Description = null }, "Why."),
        ["webhook.EndpointEnabled"] = new EndpointEnabled(Noon, "Why."),
        ["webhook.EndpointDisabled"] = new EndpointDisabled(Noon, WebhookDisabledFor.Request, "Why."),
        ["webhook.EndpointDisabled.gone"] = new EndpointDisabled(Noon, WebhookDisabledFor.Gone, null),
        ["webhook.SecretRotated"] = new SecretRotated(Noon, "k1.bmV3ZXI=", Ends, "Why."),
        ["webhook.SecretRetired"] = new SecretRetired(Noon),
        ["webhook.EndpointDeleted"] = new EndpointDeleted(Noon, "Why."),
        ["webhook.DeliveriesForgotten"] = new DeliveriesForgotten(Noon),
        ["webhook.TestRequested"] = new TestRequested(Noon),
        ["webhook.ReplayRequested"] = new ReplayRequested(Noon, null, 3),
        ["webhook.ReplayRequested.since"] = new ReplayRequested(Noon, Ends, 0),
        ["unclaimed-payment.state"] = FullUnclaimed,
        ["unclaimed-payment.UnclaimedPaymentResolved"] = new UnclaimedPaymentResolved(Noon, WorkItemResolution.Dismiss, "admin:ada", "Why."),
        ["unclaimed-payment.UnclaimedPaymentReported"] = new UnclaimedPaymentReported(Noon, "ABC", "alipay", "X01", "txn-9", Price),
    };

    /// <summary>Writes what is missing before anything is compared.</summary>
    public StoredTests()
    {
        if (Snapshot.Update) WriteWhatIsMissing();
    }

    static string Folder => Snapshot.PathOf("tests/Billing.Grains.Tests/Stored");

    [Fact]
    public void Everything_that_was_ever_stored_is_read_as_it_was_meant()
    {
        var files = Directory.GetFiles(Folder, "*.json").ToDictionary(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText);
        Assert.Equal(Samples.Keys.Order(StringComparer.Ordinal), files.Keys.Order(StringComparer.Ordinal));
        Assert.All(files, file =>
        {
            var (kind, name) = KindOf(file.Key);
            var read = name == "state" ? kind.ReadState(file.Value) : kind.ReadEvent(name, file.Value);
            Assert.Equal(Samples[file.Key].GetType(), read.GetType());
            Assert.Equal(Write(kind, Samples[file.Key]), Write(kind, read));
        });
    }

    [Fact]
    public void What_is_stored_today_has_the_shape_of_its_file() => Assert.All(Samples, sample =>
    {
        var file = Path.Combine(Folder, sample.Key + ".json");
        Assert.True(JsonNode.DeepEquals(WithoutNulls(JsonNode.Parse(File.ReadAllText(file))), JsonNode.Parse(Write(KindOf(sample.Key).Kind, sample.Value))),
            $"{sample.Key} is stored in another shape.");
    });

    [Fact]
    public void A_database_may_sort_the_names_in_a_document() => Assert.All(Samples, sample =>
    {
        // PostgreSQL's jsonb keeps names by length, then by bytes.
        var (kind, name) = KindOf(sample.Key);
        var sorted = Sorted(JsonNode.Parse(Write(kind, sample.Value)))!.ToJsonString();
        Assert.Equal(Write(kind, sample.Value), Write(kind, name == "state" ? kind.ReadState(sorted) : kind.ReadEvent(name, sorted)));
    });

    [Fact]
    public void What_is_nothing_is_left_out() =>
        Assert.All(Samples, sample => Assert.DoesNotContain("null", Write(KindOf(sample.Key).Kind, sample.Value), StringComparison.Ordinal));

    [Fact]
    public void Nothing_is_escaped_for_a_page() =>
        Assert.Contains("\"note\":\"R&D <b>充值</b>\"", Write(PlanDocument.Kind, new PlanUpdated(Terms, null, "R&D <b>充值</b>")), StringComparison.Ordinal);

    [Fact]
    public void Money_is_stored_as_its_minor_units_and_nothing_else() =>
        Assert.Contains("\"amount\":{\"minorUnits\":1990,\"currency\":\"CNY\"}", Write(OrderDocument.Kind, FullOrder), StringComparison.Ordinal);

    [Fact]
    public void Every_noun_and_event_has_its_sample() => Assert.All(Kinds, kind =>
        Assert.Equal(kind.EventNames.Append("state").Order(), Samples.Keys.Where(key => key.StartsWith(kind.Noun + ".", StringComparison.Ordinal))
            .Select(key => KindOf(key).Name).Distinct().Order()));

    [Fact]
    public void Every_enumeration_that_is_stored_has_pinned_names()
    {
        Assert.Equal(["Unpaid", "Pending", "Paid", "Expired", "Cancelled", "Held"], Enum.GetNames<PaymentStatus>());
        Assert.Equal(["NotStarted", "InProgress", "Fulfilled", "Reversed"], Enum.GetNames<FulfilmentStatus>());
        Assert.Equal(["NotCounted", "Wanted", "Taken", "Returning", "Without"], Enum.GetNames<StockStatus>());
        Assert.Equal(["AmountMismatch", "DuplicatePayment", "LatePayment", "UnknownOrder", "FulfilmentStuck", "ProviderSilent", "RefundFailed", "Dispute", "RecordsDiffer"], Enum.GetNames<WorkItemKind>());
        Assert.Equal(["AcceptAsPaid", "CreditInProportion", "Refund", "Retry", "Dismiss"], Enum.GetNames<WorkItemResolution>());
        Assert.Equal(["None", "Requested", "Rejected", "Withdrawn", "Processing", "Succeeded", "Failed", "Refused", "Disputed", "DisputeWon"], Enum.GetNames<RefundStatus>());
        Assert.Equal(["NotNeeded", "Wanted", "Held", "Excess", "Released"], Enum.GetNames<HoldStatus>());
        Assert.Equal(["Queries", "Bill"], Enum.GetNames<ReconciliationSource>());
        Assert.Equal(["Bill", "Lines", "Day", "Unfinished", "Done"], Enum.GetNames<ReconciliationPhase>());
        Assert.Equal(["Healed", "WorkItem", "Noted"], Enum.GetNames<DifferenceEnd>());
        Assert.Equal(
            [
                "PaidThereNotHere", "PaidHereNotThere", "AmountDiffers", "RefundedThereNotHere", "RefundedHereNotThere", "RefundAmountDiffers", "ClosedThereOpenHere",
                "OpenThereClosedHere", "UnknownPayment", "UnknownRefund", "AgreesNow",
            ],
            Enum.GetNames<DifferenceKind>());
        Assert.Equal("AmountDiffers/2/R/t/1990CNY/", new RecordsDifference(DifferenceKind.AmountDiffers, 2, "R", "t", Price, null).Key);
        Assert.Equal(["OneCode", "WithBatch"], Enum.GetNames<DisabledAs>());
        Assert.Equal(["AccountInBatch", "Batch", "Budget"], Enum.GetNames<LimitScope>());
        Assert.Equal(["Enabled", "Disabled", "Deleted"], Enum.GetNames<WebhookStatus>());
        Assert.Equal(["Request", "Gone", "Failures"], Enum.GetNames<WebhookDisabledFor>());
        Assert.Equal(["ENABLED", "DISABLED", "DELETED"], Enum.GetValues<WebhookStatus>().Select(WebhookEndpointDocument.StoredStatus));
        Assert.Equal(["ACTIVE", "REDEEMED", "DISABLED"], new[] { CodeStatus.Active, CodeStatus.Redeemed, CodeStatus.Disabled }.Select(CodeDocument.StoredStatus));
        Assert.Equal(["Purchase", "Redemption", "Spend", "Refund", "Adjustment", "Expiry"], Enum.GetNames<LedgerKind>());
    }

    [Fact]
    public void Tables_columns_and_event_names_are_pinned()
    {
        Assert.Equal(
            [
                "order orders: account_id Text, status Text, payment_status Text, plan_slug Text, method_id Text, refund_status Text, refund_at Time, open_refunds Long, created_at Time, amount_minor Long, currency Text, open_slot Long, purchase_slot Long, open_work_items Long, all_work_items Long",
                "account accounts: created_at Time, balance_micro Long",
                "plan plans: created_at Time, sort_order Long",
                "unclaimed-payment unclaimed_payments: method_id Text, created_at Time, open_work_items Long",
                "code redemption_codes: batch_id Text, ordinal Long, status Text, redemptions Long, redeemed_by Text, redeemed_at Time, assigned_to Text, open_work_items Long",
                "code-batch code_batches: status Text, name Text, created_at Time",
                "webhook webhook_endpoints: status Text, created_at Time",
            ],
            Kinds.Select(kind => $"{kind.Noun} {kind.Table}: {string.Join(", ", kind.Columns.Select(column => $"{column.Name} {column.Type}"))}"));
        Assert.Equal(
            [
                "OrderPlaced", "OrderRefused", "StockSecured", "StockGivenBack", "PaymentStarted", "PaymentPrepared", "PaymentAsked", "PaymentClosed", "PaymentReceived", "PaymentHeld",
                "PaymentDuplicated", "LatePaymentUnhonoured", "ProviderFellSilent", "OrderFulfilled", "CreditDelayed", "FulfilmentStuck",
                "RefundRequested", "RefundHeld", "RefundRefused", "RefundWithdrawn", "RefundRejected", "RefundApprovedFirst", "RefundApproved", "RefundHoldReleased", "RefundAsked",
                "RefundFellSilent", "RefundSucceeded", "RefundFailed", "RefundRetried", "RefundGivenUp", "RefundMadeElsewhere", "DisputeOpened", "DisputeWon", "DisputeLost",
                "RecordsDiffered", "HeldPaymentAccepted", "CreditRetried", "WorkItemResolved", "OrderExpired", "OrderCancelled",
            ],
            OrderDocument.Kind.EventNames);
        Assert.Equal(["GrantsApplied", "CreditsSpent", "GrantsTakenBack", "GrantsVoided", "GrantsHeld", "HoldReleased", "CreditsLapsed"], AccountDocument.Kind.EventNames);
        Assert.Equal(
            [
                "CodeIssued", "CodeRedeemed", "RedemptionPlaced", "RedemptionRefused", "RedemptionCredited", "CreditDelayed", "CreditStuck", "CodeDisabled", "CodeAssigned", "ReversalBegun",
                "RedemptionReversed",
            ],
            CodeDocument.Kind.EventNames);
        Assert.Equal(
            ["BatchOrdered", "BatchRefused", "CodesIssued", "BatchDisabled", "CodesDisabled", "PlaceTaken", "CodesRevealed", "CodesExported"], CodeBatchDocument.Kind.EventNames);
        Assert.Equal(
            [
                "EndpointCreated", "EndpointUpdated", "EndpointEnabled", "EndpointDisabled", "SecretRotated", "SecretRetired", "EndpointDeleted", "DeliveriesForgotten",
                "TestRequested", "ReplayRequested",
            ],
            WebhookEndpointDocument.Kind.EventNames);
        Assert.Equal("redemption_codes_of_batch", CodeDocument.OrdinalIndex);
        Assert.Equal(["PlanCreated", "PlanUpdated", "StockTaken", "StockReturned"], PlanDocument.Kind.EventNames);
        Assert.Equal(["UnclaimedPaymentReported", "UnclaimedPaymentResolved"], UnclaimedPaymentDocument.Kind.EventNames);
        Assert.Equal(("orders_open_slot", "orders_purchase_slot"), (OrderDocument.OpenSlotIndex, OrderDocument.PurchaseSlotIndex));
    }

    [Fact]
    public void The_kinds_of_a_rule_and_the_statuses_of_a_batch_have_pinned_names()
    {
        Assert.All(["new-accounts", "groups", "accounts", "no-paid-order", "subscribers"], kind =>
            Assert.Contains($"{{\"kind\":\"{kind}\"", Write(CodeBatchDocument.Kind, FullBatch), StringComparison.Ordinal));
        Assert.Equal(
            ["ISSUING", "ISSUED", "DISABLED", "REFUSED"],
            new[] { CodeSamples.GivenBatch(CodeSamples.Ordered).State!, CodeSamples.Batch(), FullBatch, FullBatch with { Refusal = new VanityCodeTaken() } }
                .Select(batch => CodeBatchDocument.Kind.Columns.Single(column => column.Name == "status").Value(batch)));
    }

    [Fact]
    public void Columns_hold_what_their_type_says() => Assert.All(Samples.Where(sample => KindOf(sample.Key).Name == "state"), sample =>
        Assert.All(KindOf(sample.Key).Kind.Columns, column =>
        Assert.True(
            column.Value(sample.Value) switch
            {
                null => true,
                string => column.Type == ColumnType.Text,
                long => column.Type == ColumnType.Long,
                DateTimeOffset => column.Type == ColumnType.Time,
                _ => false,
            },
            $"{sample.Key} {column.Name}")));

    [Fact]
    public void An_event_of_a_newer_version_is_not_guessed_at() =>
        Assert.Throws<InvalidOperationException>(() => OrderDocument.Kind.ReadEvent("OrderTeleported", "{}"));

    static (DocumentKind Kind, string Name) KindOf(string file)
    {
        var parts = file.Split('.');
        return (Kinds.Single(kind => kind.Noun == parts[0]), parts[1]);
    }

    static string Write(DocumentKind kind, object sample) =>
        (sample is Order or Account or Plan or UnclaimedPayment or Code or CodeBatch or WebhookEndpoint ? kind.WriteState(sample) : kind.WriteEvent(sample).Data).Text();

    // What is nothing is left out today, and was once written as null.
    static JsonNode? WithoutNulls(JsonNode? node) => node switch
    {
        JsonObject named => new JsonObject(named.Where(member => member.Value is not null).Select(member => KeyValuePair.Create(member.Key, WithoutNulls(member.Value)))),
        JsonArray list => new JsonArray([.. list.Select(WithoutNulls)]),
        _ => node?.DeepClone(),
    };

    static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject named => new JsonObject(named.OrderBy(pair => pair.Key.Length).ThenBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => KeyValuePair.Create(pair.Key, Sorted(pair.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    static OrderRefused Refused(OrderError refusal) => new(Noon, Number, Wish, refusal);

    static void WriteWhatIsMissing()
    {
        foreach (var (name, sample) in Samples)
        {
            var file = Path.Combine(Folder, name + ".json");
            if (!File.Exists(file)) File.WriteAllText(file, Write(KindOf(name).Kind, sample) + "\n");
        }
    }
}
