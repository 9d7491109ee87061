using Billing.Channels;

namespace Billing.Orders;

/// <summary>
/// How a dispute goes that a provider announces before money moves. What goes with the disputed money is held as for a refund that is never sent from here: lost, it is a
/// refund that was made elsewhere; won, what was held is given back. Pure.
/// </summary>
public static class DisputeRules
{
    const string Won = "The dispute was won: nothing went back.";

    /// <summary>What follows from the news. They may come in any order, and again.</summary>
    public static Decision<OrderEvent, OrderError> Decide(Order order, RecordDispute news, DateTimeOffset now) => (Known(order, news), news.State.Stage) switch
    {
        (null, DisputeStage.Opened) => Open(order, news, now, isOver: false),
        // It was opened before, and the news of that are late: they will find it over.
        (null, DisputeStage.Won) => Open(order, news, now, isOver: true),
        ({ Status: RefundStatus.Disputed } known, DisputeStage.Won) => [new DisputeWon(now, known.Number, Won)],
        ({ Status: RefundStatus.Disputed } known, DisputeStage.Lost) => Lose(order, known, news, now),
        // The money is gone, whatever was announced before it.
        (null or { Status: RefundStatus.DisputeWon }, DisputeStage.Lost) => RefundRules.Elsewhere(order, Refunded(news), now),
        _ => [],
    };

    /// <summary>What is lost of a dispute that is under way. More than was announced is a refund beside it; of less, the rest is not needed any more.</summary>
    internal static Decision<OrderEvent, OrderError> Lose(Order order, Refund known, RecordDispute news, DateTimeOffset now)
    {
        var (lost, announced) = (news.State.Amount, known.Amount);
        // In another currency it is a bank's own reckoning: what it stands for here is what was announced.
        if (lost.Currency != announced.Currency) lost = announced;
        if (lost.MinorUnits <= announced.MinorUnits) return RefundRules.WithEnd(order, [new DisputeLost(now, known.Number, lost)], now);
        OrderEvent ended = new DisputeLost(now, known.Number, announced);
        var more = news with { State = news.State with { DisputeId = $"{news.State.DisputeId}/more", Amount = lost with { MinorUnits = lost.MinorUnits - announced.MinorUnits } } };
        var beside = RefundRules.Elsewhere(Order.After(order, ended), Refunded(more), now);
        return RefundRules.WithEnd(order, [ended, .. beside.Events], now);
    }

    static Decision<OrderEvent, OrderError> Open(Order order, RecordDispute news, DateTimeOffset now, bool isOver)
    {
        var (id, amount) = (news.State.DisputeId, news.State.Amount);
        if (RefundRules.ReceiptFor(order, news.Ordinal, amount) is not { } receipt || RefundRules.NewNumber(order) is not { } number) return new OrderNotFound();
        var opened = new DisputeOpened(
            now, number, id, receipt.Ordinal, receipt.TransactionId, amount, receipt == order.Settling && !isOver,
            $"{amount} is disputed at the provider, as {id}. Answer it there: what goes with it is held until it is decided.");
        return isOver ? [opened, new DisputeWon(now, number, Won)] : [opened];
    }

    // The latest: one that was won may be lost after all.
    static Refund? Known(Order order, RecordDispute news) => order.Refunds.LastOrDefault(refund => refund.ProviderNumber == news.State.DisputeId);

    static RecordRefundElsewhere Refunded(RecordDispute news) => new(news.Ordinal, news.State.DisputeId, new RefundState.Succeeded(news.State.Amount, news.State.At));
}
