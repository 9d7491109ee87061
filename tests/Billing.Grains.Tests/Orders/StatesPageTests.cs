using System.Text;
using Billing.Accounts;
using Billing.Channels;
using Billing.Codes;
using Billing.Orders;
using Billing.Tests.Codes;
using static Billing.Tests.Orders.OrderSamples;
using CreditDelayed = Billing.Orders.CreditDelayed;

namespace Billing.Tests.Orders;

/// <summary>Asks every command of an order in every state, and prints what it says to <c>docs/states.md</c>; codes and their batches follow.</summary>
public class StatesPageTests
{
    static readonly Money Less = new(1989, "CNY");
    static readonly DateTimeOffset After = Ends + Knows.Grace;

    /// <summary>An order that stands for all in its state.</summary>
    sealed record Sample(string Name, DateTimeOffset Now, params OrderEvent[] History)
    {
        public Order? State => History.Aggregate((Order?)null, Order.After);
    }

    sealed record Question(string Name, OrderCommand Command);

    static readonly OrderEvent[] Pending = [Ordered, Started(), Prepared()];
    static readonly PaymentHeld Held = new(Noon, 1, "txn-0", Less, WorkItemKind.AmountMismatch, "19.89 CNY came for a price of 19.90 CNY.");

    // The payment that is asked about is always number 1.
    static readonly Sample[] Orders =
    [
        new("UNPAID", Noon, Ordered),
        new("UNPAID, time over", After, Ordered),
        new("PENDING, not prepared", Noon, Ordered, Started()),
        new("PENDING", Noon, Pending),
        new("PENDING, replaced", Noon, [.. Pending, Started(2, "wechat")]),
        new("PENDING, time over", After, Pending),
        new("PENDING, closed before", Noon, [.. Pending, Started(2, "wechat"), Closed()]),
        new("PAID", Noon, [.. Pending, Received("txn-0")]),
        new("PAID, fulfilled", Noon, [.. Pending, Received("txn-0"), new OrderFulfilled(Noon)]),
        new("EXPIRED", After, [.. Pending, Closed(status: PaymentStatus.Expired), new OrderExpired(Ends)]),
        new("CANCELLED, still open", Noon, [.. Pending, Cancelled]),
        new("CANCELLED", Noon, [.. Pending, Cancelled, Closed()]),
        new("HELD", Noon, [.. Pending, Held]),
    ];

    static readonly Question[] Asked =
    [
        new("start, same method", Start()),
        new("start, other method", Start("epay")),
        new("start, unusable method", Start("epay") with { Merchant = null }),
        new("start, by a stranger", Start(by: Bob)),
        new("cancel", new CancelOrder(Alice)),
        new("cancel, by a stranger", new CancelOrder(Bob)),
        new("expire", new ExpireOrder()),
    ];

    static readonly Question[] Created =
    [
        new("created", OrderSamples.Created()),
        new("create unanswered", new RecordCheckout(1, new ChannelAnswer<Checkout>.Unknown(UnknownKind.NoAnswer))),
        new("create refused", new RecordCheckout(1, new ChannelAnswer<Checkout>.Refused(RefusalKind.BadRequest, "E1"))),
        new("create: is paid already", new RecordCheckout(1, new ChannelAnswer<Checkout>.Refused(RefusalKind.AlreadyPaid, "E2"))),
    ];

    static readonly Question[] Said =
    [
        new("paid", Paid()),
        new("paid, known money", Paid("txn-0")),
        new("paid, other amount", Paid(amount: Less)),
        new("paid, late is held", Paid(holdLate: true)),
        new("closed", Says(new PaymentState.Closed())),
        new("pending", Says(new PaymentState.Pending())),
        new("pending, cannot close", Says(new PaymentState.Pending(), Opens)),
        new("not found: never created", Says(new PaymentState.NotFound())),
        new("not found: not opened", Says(new PaymentState.NotFound(), Opens)),
        new("not found: forgotten?", Says(new PaymentState.NotFound(), Forgets)),
        new("close refused: is paid", Refuses(RefusalKind.AlreadyPaid)),
        new("close refused: is closed", Refuses(RefusalKind.AlreadyClosed)),
        new("other refusal", Refuses(RefusalKind.BadCredentials)),
        new("no answer", Unknown()),
    ];

    static readonly Sample[] Fulfilling =
    [
        new("not counted", Noon, Ordered),
        new("wanted", Noon, OrderedLimited),
        new("wanted, cancelled", Noon, OrderedLimited, Cancelled),
        new("wanted, paid late", Noon, OrderedLimited, Secured, Started(), Cancelled, new StockGivenBack(Noon), Received(late: true)),
        new("taken", Noon, OrderedLimited, Secured),
        new("returning", Noon, OrderedLimited, Secured, Cancelled),
        new("returning, paid late", Noon, OrderedLimited, Secured, Started(), Cancelled, Received(late: true)),
        new("without", Noon, OrderedLimited, Secured, Cancelled, new StockGivenBack(Noon)),
        new("PAID, in progress", Noon, [.. Pending, Received()]),
        new("PAID, 4 failures", Noon, [.. Pending, Received(),
            .. Enumerable.Repeat(new CreditDelayed(Noon, "NoAnswer", Noon), FulfilmentRules.StuckAfter - 1)]),
        new("PAID, fulfilled", Noon, [.. Pending, Received(), new OrderFulfilled(Noon)]),
    ];

    static readonly Question[] Fulfilment =
    [
        new("piece taken", new RecordStock(true)),
        new("sold out", new RecordStock(false)),
        new("piece returned", new RecordStockReturned()),
        new("credited", new RecordCredit(null)),
        new("crediting failed", new RecordCredit("NoAnswer")),
    ];

    static readonly Sample[] Placing =
    [
        new("new key", Noon),
        new("placed", Noon, Ordered),
        new("refused before", Noon, new OrderRefused(Noon, Number, Wish, new PlanSoldOut())),
    ];

    static readonly Question[] Wishes =
    [
        new("a good wish", Place()),
        new("with a payment", Place(start: Start())),
        new("no such plan", Place() with { Plan = null }),
        new("plan off sale", Place(plan: Starter with { Terms = Terms with { OnSale = false } })),
        new("sold out", Place(plan: Starter with { Stock = 0 })),
        new("bought too often", Place(plan: Starter with { Terms = Terms with { PurchaseLimitPerAccount = 1 } })),
        new("too many open", Place(openSlot: null)),
        new("method unusable", Place(start: Start() with { Merchant = null })),
        new("another plan", Place(Wish with { PlanSlug = "other" })),
        new("an amount", Place(Wish with { Amount = Less })),
        new("another price expected", Place(Wish with { ExpectedPrice = Less })),
    ];

    static readonly string RefundNumber = OrderNumber.OfRefund(Number, 1);
    static readonly Actor Ada = Actor.Administrator("ada");
    static readonly RefundSettings Limits = new() { SecondPersonAbove = { ["CNY"] = 1_000 } };
    static readonly HeldGrants Taken = new([new($"order:{Number}", Credits.Whole(1_000), Credits.Whole(1_000), null)], [], Voided: false, Noon, 1990);
    static readonly OrderEvent[] Credited = [.. Pending, Received("txn-0"), new OrderFulfilled(Noon)];
    static readonly OrderEvent[] Requested = [.. Credited, new RefundRequested(Noon, RefundNumber, 1, "txn-0", Price, true, false, Alice.Name, "key", "Why."), new RefundHeld(Noon, RefundNumber, Taken)];
    static readonly OrderEvent[] Approved = [.. Requested, new RefundApproved(Noon, RefundNumber, Price, Ada.Name, "Why.")];
    static readonly DisputeOpened Disputed = new(Noon, RefundNumber, "D1", 1, "txn-0", Price, true, "Why.");
    static readonly RefundFailed NotDone = new(Noon, RefundNumber, "CLOSED", "Why.");

    static readonly Sample[] Refunds =
    [
        new("NONE", Noon, Credited),
        new("NONE, not credited", Noon, [.. Pending, Received("txn-0")]),
        new("NONE, after the window", Noon.AddDays(8), Credited),
        new("REQUESTED, not held", Noon, [.. Requested[..^1]]),
        new("REQUESTED", Noon, Requested),
        new("REQUESTED, one approved", Noon, [.. Requested, new RefundApprovedFirst(Noon, RefundNumber, Price, Ada.Name, "Why.")]),
        new("REJECTED, held", Noon, [.. Requested, new RefundRejected(Noon, RefundNumber, Ada.Name, "Why.")]),
        new("REJECTED, not held", Noon, [.. Requested[..^1], new RefundRejected(Noon, RefundNumber, Ada.Name, "Why.")]),
        new("WITHDRAWN", Noon, [.. Requested, new RefundWithdrawn(Noon, RefundNumber), new RefundHoldReleased(Noon, RefundNumber, null)]),
        new("PROCESSING", Noon, Approved),
        new("SUCCEEDED", Noon, [.. Approved, new RefundSucceeded(Noon, RefundNumber, Price)]),
        new("FAILED", Noon, [.. Approved, NotDone]),
        new("FAILED, given up", Noon, [.. Approved, NotDone, new WorkItemResolved(Noon, $"{Number}-1", WorkItemResolution.Dismiss, Ada.Name, "Why."), new RefundGivenUp(Noon, RefundNumber)]),
        new("refused", Noon, [.. Requested[..^1], new RefundRefused(Noon, RefundNumber, Credits.Zero)]),
        new("DISPUTED", Noon, [.. Credited, Disputed]),
        new("DISPUTED, held", Noon, [.. Credited, Disputed, new RefundHeld(Noon, RefundNumber, Taken)]),
        new("DISPUTE_WON", Noon, [.. Credited, Disputed, new RefundHeld(Noon, RefundNumber, Taken), new DisputeWon(Noon, RefundNumber, "Why.")]),
        new("dispute lost", Noon, [.. Credited, Disputed, new RefundHeld(Noon, RefundNumber, Taken), new DisputeLost(Noon, RefundNumber, Price)]),
        new("part went back", Noon, [.. Credited, new RefundRequested(Noon, RefundNumber, 1, "txn-0", Less, true, true, Ada.Name, "key", "Why."), new RefundApproved(Noon, RefundNumber, Less, Ada.Name, null),
            new RefundHeld(Noon, RefundNumber, Taken with { For = Less.MinorUnits }), new RefundSucceeded(Noon, RefundNumber, Less)]),
    ];

    static readonly Question[] Decided =
    [
        new("request", new RequestRefund("another", null, "Why.", Alice, Credits.Whole(1_000), Limits)),
        new("request again, same key", new RequestRefund("key", null, "Why.", Alice, Credits.Whole(1_000), Limits)),
        new("request, spent", new RequestRefund("another", null, "Why.", Alice, Credits.Zero, Limits)),
        new("request, too much", new RequestRefund("another", new(1991, "CNY"), "Why.", Alice, Credits.Whole(1_000), Limits)),
        new("withdraw", new WithdrawRefund(Alice)),
        new("approve", new ApproveRefund(RefundNumber, 2, new(1_000, "CNY"), "Why.", Ada, Limits)),
        new("approve, above the limit", new ApproveRefund(RefundNumber, 2, null, "Why.", Ada, Limits)),
        new("approve, another", new ApproveRefund(RefundNumber, 3, null, "Why.", Actor.Administrator("bea"), Limits)),
        new("reject", new RejectRefund(RefundNumber, 2, "Why.", Ada)),
        new("refund without a request", new RefundOrder("give", new(1, "CNY"), "Why.", false, Ada, Credits.Whole(1_000), Limits)),
        new("refund it whole", new RefundOrder("give", Price, "Why.", true, Ada, Credits.Zero, Limits)),
    ];

    static readonly Question[] Done =
    [
        new("held", new RecordHold(RefundNumber, Taken, Credits.Zero, null)),
        new("nothing to hold", new RecordHold(RefundNumber, null, Credits.Zero, null)),
        new("account silent", new RecordHold(RefundNumber, null, Credits.Zero, "NoAnswer")),
        new("given back", new RecordRelease(RefundNumber, null, null)),
        new("sent: done", Refunded(new RefundState.Succeeded(Price, Noon))),
        new("sent: pending", Refunded(new RefundState.Pending())),
        new("failed", Refunded(new RefundState.Failed("CLOSED"))),
        new("refused", new RecordRefund(RefundNumber, new ChannelAnswer<RefundState>.Refused(RefusalKind.NotAllowed, "NO"), true)),
        new("no funds", new RecordRefund(RefundNumber, new ChannelAnswer<RefundState>.Refused(RefusalKind.InsufficientFunds, "NO"), true)),
        new("asked: not found", new RecordRefund(RefundNumber, new ChannelAnswer<RefundState>.Done(new RefundState.NotFound()), false)),
        new("no answer", new RecordRefund(RefundNumber, new ChannelAnswer<RefundState>.Unknown(UnknownKind.NoAnswer), true)),
        new("disputed", Dispute(DisputeStage.Opened)),
        new("dispute won", Dispute(DisputeStage.Won)),
        new("dispute lost", Dispute(DisputeStage.Lost)),
        new("dispute lost, in part", Dispute(DisputeStage.Lost, Less)),
        new("records differ", new RecordDifference(new(Billing.Reconciliations.DifferenceKind.PaidHereNotThere, 1, null, "txn-0", Price, null))),
        new("made elsewhere", new RecordRefundElsewhere(1, "X1", new RefundState.Succeeded(Less, Noon))),
    ];

    // The work item that is decided is always number 1.
    static readonly Sample[] Stuck =
    [
        new("AMOUNT_MISMATCH", Noon, [.. Pending, Held]),
        new("AMOUNT_MISMATCH, other currency", Noon, [.. Pending, Held with { Amount = new(1990, "USD") }]),
        new("LATE_PAYMENT", Noon, [.. Pending, Cancelled, Held with { Kind = WorkItemKind.LatePayment, Amount = Price }]),
        new("AMOUNT_MISMATCH, paid meanwhile", Noon, [.. Pending, Held, Received("txn-1")]),
        new("DUPLICATE_PAYMENT", Noon, [.. Credited, new PaymentDuplicated(Noon, 1, "txn-1", Price, "Why.")]),
        new("DUPLICATE_PAYMENT, going back", Noon, [.. Credited, new PaymentDuplicated(Noon, 1, "txn-1", Price, "Why."),
            new RefundRequested(Noon, RefundNumber, 1, "txn-1", Price, false, true, "system", "duplicate:txn-1", null), new RefundApproved(Noon, RefundNumber, Price, "system", null)]),
        new("FULFILMENT_STUCK", Noon, [.. Pending, Received("txn-0"), new FulfilmentStuck(Noon, "Why.")]),
        new("PROVIDER_SILENT, payment", Noon, [.. Pending, new ProviderFellSilent(Noon, 1, "Why.")]),
        new("REFUND_FAILED", Noon, [.. Approved, NotDone]),
        new("DISPUTE", Noon, [.. Credited, new RefundMadeElsewhere(Noon, RefundNumber, "X1", 1, "txn-0", Price, true, "Why.")]),
        new("DISPUTE, not decided", Noon, [.. Credited, Disputed]),
        new("RECORDS_DIFFER", Noon, [.. Credited, new RecordsDiffered(Noon, 1, "key", "Why.")]),
        new("resolved", Noon, [.. Pending, Held, new WorkItemResolved(Noon, $"{Number}-1", WorkItemResolution.Dismiss, Ada.Name, "Because.")]),
    ];

    static readonly Question[] Resolutions =
        [.. Enum.GetValues<WorkItemResolution>().Select(resolution => new Question(resolution.ToString(), new ResolveWorkItem($"{Number}-1", resolution, "Why.", Ada, Limits)))];

    static RecordDispute Dispute(DisputeStage stage, Money? amount = null) => new(1, new("D1", stage, amount ?? Price, Noon));

    static RecordRefund Refunded(RefundState state) => new(RefundNumber, new ChannelAnswer<RefundState>.Done(state), true);

    [Fact]
    public void The_page_of_states_is_what_the_rules_say()
    {
        var page = new StringBuilder("""
            # What an order says

            Printed by the tests from the rules (`PlacementRules`, `PaymentRules`, `FulfilmentRules`, `RefundRules`, `DisputeRules`, `ResolutionRules`), by asking everything of an order in every state; codes and their batches
            follow below. Do not edit: change the rules and run the tests of Billing.Grains with `UPDATE_SNAPSHOTS=1`.

            A cell names the **events** that follow; `·` means that it is already so or changes nothing; *italics* are a refusal. Money always arrives as one of
            `PaymentReceived`, `PaymentHeld` and `PaymentDuplicated`, unless it is known money.

            ## Status and the machines

            The one word that a buyer reads follows from where the money and the grants are; what is owed next is read from the document.


            """.ReplaceLineEndings("\n"));
        page.Append("| state | payment | fulfilment | status | next step | next look |\n| --- | --- | --- | --- | --- | --- |\n");
        foreach (var sample in Orders.Concat(Fulfilling.Where(sample => sample.Name.StartsWith("wanted", StringComparison.Ordinal)
            || sample.Name.StartsWith("returning", StringComparison.Ordinal))))
        {
            var order = sample.State!;
            page.Append(Row([
                sample.Name, StoredNames.Of(order.Payment), order.Fulfilment.ToString(), StoredNames.Of(order.Status),
                Order.Next(order, sample.Now)?.GetType().Name ?? "·", Order.NextDeadline(order) is { } due ? Moment(due) : "·",
            ]));
        }

        page.Append("\n## Placing\n\nThe wish against what its key has seen before. A refusal to place is stored, as `OrderRefused`, and given again.\n\n")
            .Append(Table(Placing, Wishes));
        page.Append("\n## Payment\n\nThe order was placed at noon and can be paid until 12:30; \"time over\" is 12:35, when the providers' grace of five minutes is over too. News are about payment 1.\n\n")
            .Append("What is asked:\n\n").Append(Table(Orders, Asked))
            .Append("\nWhat a provider answers to creating payment 1:\n\n").Append(Table(Orders, Created))
            .Append("\nWhat a provider says of payment 1, asked or by itself:\n\n").Append(Table(Orders, Said));
        page.Append("\n## Fulfilment\n\nWhere the order's piece of a limited plan is, and where its grants are.\n\n").Append(Table(Fulfilling, Fulfilment));
        page.Append("\n## Refunds\n\nOf an order of 19.90 CNY that was paid at noon, with refund number 1, which is of all of it; above 10.00 CNY two administrators must approve.\n\n")
            .Append("What buyers and administrators ask:\n\n").Append(Table(Refunds, Decided))
            .Append("\nWhat the account and the provider say:\n\n").Append(Table(Refunds, Done));
        page.Append("\n## Work items\n\nWhat an administrator decides about work item 1.\n\n").Append(Table(Stuck, Resolutions));
        page.Append(CodeStates.Print());
        Snapshot.Is("docs/states.md", page.ToString());
    }

    [Fact]
    public void The_page_shows_every_command_status_and_event()
    {
        var questions = Asked.Concat(Created).Concat(Said).Concat(Fulfilment).Concat(Wishes).Concat(Decided).Concat(Done).Concat(Resolutions).Select(question => question.Command.GetType()).ToHashSet();
        questions.UnionWith(CodeStates.Commands);
        Assert.Superset(
            typeof(OrderCommand).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(OrderCommand)) || type.IsSubclassOf(typeof(CodeCommand)) || type.IsSubclassOf(typeof(CodeBatchCommand)))
                .ToHashSet(),
            questions);
        Assert.Equal([CodeStatus.Active, CodeStatus.Redeemed, CodeStatus.Disabled], CodeStates.Statuses.Distinct().Order());
        Assert.Equal(Enum.GetValues<RefundStatus>().Except([RefundStatus.Refused]), Refunds.Select(sample => sample.State!.RefundStatus).Distinct().Order());
        Assert.Equal(Enum.GetValues<WorkItemKind>().Except([WorkItemKind.UnknownOrder]), Stuck.Select(sample => sample.State!.WorkItems[0].Kind).Distinct().Order());
        var states = Orders.Concat(Fulfilling).Concat(Refunds).Select(sample => sample.State!).ToList();
        Assert.Equal(Enum.GetValues<PaymentStatus>(), states.Select(order => order.Payment).Distinct().Order());
        Assert.Equal(Enum.GetValues<FulfilmentStatus>(), states.Select(order => order.Fulfilment).Distinct().Order());
        Assert.Equal(Enum.GetValues<StockStatus>(), states.Select(order => order.Stock).Distinct().Order());
        Assert.Equal(Enum.GetValues<OrderStatus>(), states.Select(order => order.Status).Distinct().Order());

        // After a day of silence only: PaymentRulesTests tells that story.
        var page = File.ReadAllText(Snapshot.PathOf("docs/states.md"));
        // Codes are issued by their batch, in bulk.
        var codes = CodeDocument.Kind.EventNames.Except(["CodeIssued"]).Concat(CodeBatchDocument.Kind.EventNames.Except(["BatchRefused"]));
        Assert.All(OrderDocument.Kind.EventNames.Except(["ProviderFellSilent", "RefundFellSilent"]).Concat(codes), name => Assert.Contains(name, page, StringComparison.Ordinal));
    }

    static string Table(Sample[] samples, Question[] questions)
    {
        var table = new StringBuilder(Row(["", .. questions.Select(question => question.Name)]) + Row([.. Enumerable.Repeat("---", questions.Length + 1)]));
        foreach (var sample in samples) table
            .Append(Row([$"**{sample.Name}**", .. questions.Select(question => Cell(OrderRules.Decide(sample.State, question.Command, sample.Now)))]));
        return table.ToString();
    }

    static string Cell(Decision<OrderEvent, OrderError> decision) => decision switch
    {
        { Refusal: { } refusal } => $"*{refusal.GetType().Name}*",
        { Events.Count: 0 } => "·",
        _ => string.Join("<br>", decision.Events.Select(Word)),
    };

    static string Word(OrderEvent happened) => happened switch
    {
        OrderRefused refused => $"OrderRefused *{refused.Refusal.GetType().Name}*",
        PaymentReceived { Late: true } => "PaymentReceived late",
        PaymentHeld held => $"PaymentHeld {StoredNames.Of(held.Kind)}",
        _ => happened.GetType().Name,
    };

    static string Row(string[] cells) => $"| {string.Join(" | ", cells)} |\n";

    static string Moment(DateTimeOffset at) => at.ToString("HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);
}
