using System.Text;
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

    [Fact]
    public void The_page_of_states_is_what_the_rules_say()
    {
        var page = new StringBuilder("""
            # What an order says

            Printed by the tests from the rules (`PlacementRules`, `PaymentRules`, `FulfilmentRules`), by asking everything of an order in every state; codes and their batches
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
        page.Append(CodeStates.Print());
        Snapshot.Is("docs/states.md", page.ToString());
    }

    [Fact]
    public void The_page_shows_every_command_status_and_event()
    {
        var questions = Asked.Concat(Created).Concat(Said).Concat(Fulfilment).Concat(Wishes).Select(question => question.Command.GetType()).ToHashSet();
        questions.UnionWith(CodeStates.Commands);
        Assert.Superset(
            typeof(OrderCommand).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(OrderCommand)) || type.IsSubclassOf(typeof(CodeCommand)) || type.IsSubclassOf(typeof(CodeBatchCommand)))
                .ToHashSet(),
            questions);
        Assert.Equal([CodeStatus.Active, CodeStatus.Redeemed, CodeStatus.Disabled], CodeStates.Statuses.Distinct().Order());
        var states = Orders.Concat(Fulfilling).Select(sample => sample.State!).ToList();
        Assert.Equal(Enum.GetValues<PaymentStatus>(), states.Select(order => order.Payment).Distinct().Order());
        Assert.Equal(Enum.GetValues<FulfilmentStatus>(), states.Select(order => order.Fulfilment).Distinct().Order());
        Assert.Equal(Enum.GetValues<StockStatus>(), states.Select(order => order.Stock).Distinct().Order());
        Assert.Equal(Enum.GetValues<OrderStatus>(), states.Select(order => order.Status).Distinct().Order());

        // After a day of silence only: PaymentRulesTests tells that story.
        var page = File.ReadAllText(Snapshot.PathOf("docs/states.md"));
        // Codes are issued by their batch, in bulk.
        var codes = CodeDocument.Kind.EventNames.Except(["CodeIssued"]).Concat(CodeBatchDocument.Kind.EventNames.Except(["BatchRefused"]));
        Assert.All(OrderDocument.Kind.EventNames.Except(["ProviderFellSilent"]).Concat(codes), name => Assert.Contains(name, page, StringComparison.Ordinal));
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
