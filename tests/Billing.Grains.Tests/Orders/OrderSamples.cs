using Billing.Catalog;
using Billing.Channels;
using Billing.Orders;

namespace Billing.Tests.Orders;

/// <summary>Words for stories about one order of Alice's, placed at noon, for CNY 19.90 and 1,000 credits.</summary>
static class OrderSamples
{
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Ends = Noon.AddMinutes(30);
    public static readonly Money Price = new(1990, "CNY");
    public static readonly string Number = OrderNumber.Of("alice", "key-1");
    public static readonly Actor Alice = Actor.Account("alice");
    public static readonly Actor Bob = Actor.Account("bob");
    public static readonly MerchantIdentity Merchant = new("2088");
    public static readonly Checkout Address = new("https://pay.example/1", null, "p-1");
    public static readonly OrderWish Wish = new("alice", "key-1", "starter", null, null, null);

    public static readonly PlanTerms Terms = new(
        new("Starter", "入门"), null, Price, null, null, [new CreditGrant(Credits.Whole(1_000), 30)], [], null, null, true, null, null, 1);

    public static readonly Plan Starter = new("starter", Terms, null, [], Noon.AddDays(-1));

    public static readonly TooManyOpenOrders Limit = new(10, ["A", "B"]);

    public static readonly OrderPlaced Ordered = new(Noon, Number, Wish, new("starter", Terms.Name, Terms.Grants, false), Price, Ends, 3, null);

    /// <summary>Of a plan with a counted stock and a purchase limit.</summary>
    public static readonly OrderPlaced OrderedLimited = Ordered with { Plan = Ordered.Plan with { CountsStock = true }, PurchaseSlot = 1 };

    public static readonly StockSecured Secured = new(Noon);
    public static readonly OrderExpired Expired = new(Ends);
    public static readonly OrderCancelled Cancelled = new(Noon);

    /// <summary>A provider that closes, and that knows every payment from its creation.</summary>
    public static readonly ChannelTraits Knows = new(false, true, NotFoundMeaning.NeverCreated, TimeSpan.Zero, TimeSpan.FromMinutes(5),
        new HashSet<string> { "CNY" });

    /// <summary>A provider that cannot close, and that knows a payment once the buyer has arrived.</summary>
    public static readonly ChannelTraits Opens = Knows with { CreatesWithoutCall = true, CanClose = false, NotFoundMeans = NotFoundMeaning.NotYetOpened };

    /// <summary>A provider that forgets.</summary>
    public static readonly ChannelTraits Forgets = Knows with { NotFoundMeans = NotFoundMeaning.MaybeForgotten };

    public static Story<Order, OrderEvent, OrderCommand, OrderError> Given(params OrderEvent[] history) =>
        new(OrderDocument.Kind, OrderRules.Decide, [.. history], Noon);

    public static PlaceOrder Place(OrderWish? wish = null, Plan? plan = null, int? openSlot = 3, int? purchaseSlot = null, StartPayment? start = null) =>
        new(Number, wish ?? Wish, plan ?? Starter, Ends, openSlot, purchaseSlot, Limit, start);

    public static PaymentStarted Started(int ordinal = 1, string method = "alipay", Checkout? checkout = null) =>
        new(Noon, ordinal, method, Merchant, Price, Ends, checkout, checkout is null ? Noon : Noon.AddMinutes(1));

    public static PaymentPrepared Prepared(int ordinal = 1) => new(Noon, ordinal, Address, Noon.AddMinutes(1));

    public static PaymentClosed Closed(int ordinal = 1, string reason = "closed", PaymentStatus status = PaymentStatus.Cancelled, DateTimeOffset? at = null) =>
        new(at ?? Noon, ordinal, status, reason);

    public static PaymentReceived Received(string transaction = "txn-1", int ordinal = 1, bool late = false, DateTimeOffset? at = null) =>
        new(at ?? Noon, ordinal, transaction, Price, late);

    public static StartPayment Start(string method = "alipay", Actor? by = null) => new(method, Merchant, null, 0, by ?? Alice);

    public static RecordState Paid(string transaction = "txn-1", Money? amount = null, int ordinal = 1, bool holdLate = false) =>
        new(ordinal, new ChannelAnswer<PaymentState>.Done(new PaymentState.Paid(amount ?? Price, transaction, null)), Knows, holdLate);

    public static RecordState Says(PaymentState state, ChannelTraits? traits = null, int ordinal = 1) =>
        new(ordinal, new ChannelAnswer<PaymentState>.Done(state), traits ?? Knows);

    public static RecordState Refuses(RefusalKind kind, ChannelTraits? traits = null, int ordinal = 1) =>
        new(ordinal, new ChannelAnswer<PaymentState>.Refused(kind, kind.ToString()), traits ?? Knows);

    public static RecordState Unknown(UnknownKind kind = UnknownKind.NoAnswer, TimeSpan? askAgainAfter = null, ChannelTraits? traits = null) =>
        new(1, new ChannelAnswer<PaymentState>.Unknown(kind, askAgainAfter), traits ?? Knows);

    public static RecordCheckout Created(int ordinal = 1) => new(ordinal, new ChannelAnswer<Checkout>.Done(Address));
}
