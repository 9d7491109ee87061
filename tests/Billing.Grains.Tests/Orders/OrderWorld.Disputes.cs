using Billing.Channels;
using Billing.Orders;

namespace Billing.Tests.Orders;

/// <summary>Payers who dispute at the provider, before money moves. The news come late, again, in any order; that of a dispute's opening may never come.</summary>
sealed partial class OrderWorld
{
    readonly HashSet<string> disputes = [];
    readonly List<DisputeNews> disputeNews = [];

    /// <summary>A payer disputes what came by a payment, whole or in part. The provider keeps that much back until it is decided.</summary>
    void Dispute(OrderInWorld order, int how, int which) => WithAttempt(order, which, (attempt, atProvider) =>
    {
        if (atProvider.Transactions.Count == 0) return;
        var paid = atProvider.Transactions[how % atProvider.Transactions.Count];
        var left = Left(order, paid);
        var amount = paid.Amount with { MinorUnits = (how & 4) == 0 ? left : (left + 1) / 2 };
        if (amount.MinorUnits <= 0 || order.State!.Receipts.All(receipt => receipt.TransactionId != paid.TransactionId)) return;
        var number = $"dispute-{disputes.Count + 1}";
        disputes.Add(number);
        providerRefunds.Add(number, new(order, attempt.Ordinal, paid.TransactionId, amount, new RefundState.Pending(), IsOurs: false));
        disputeNews.Add(new(order, attempt.Ordinal, new(number, DisputeStage.Opened, amount, now), MustArrive: false));
    });

    void DecideDispute(int how, int which)
    {
        if (disputes.Count > 0) DecideDispute(disputes.ElementAt(which % disputes.Count), isWon: (how & 1) == 0);
    }

    void DecideDispute(string number, bool isWon)
    {
        var dispute = providerRefunds[number];
        if (dispute.State is not RefundState.Pending) return;
        providerRefunds[number] = dispute with { State = isWon ? new RefundState.Failed("WON") : new RefundState.Succeeded(dispute.Amount, now) };
        disputeNews.Add(new(dispute.Order, dispute.Ordinal, new(number, isWon ? DisputeStage.Won : DisputeStage.Lost, dispute.Amount, now), MustArrive: true));
    }

    void WithDisputeNews(int which, Action<DisputeNews> then)
    {
        if (disputeNews.Count > 0) then(disputeNews[which % disputeNews.Count]);
    }

    void Lose(DisputeNews news)
    {
        if (!news.MustArrive) disputeNews.Remove(news);
    }

    void Deliver(DisputeNews news, bool again)
    {
        // As it was when it was sent, however late it is.
        if (Obey(news.Order, new RecordDispute(news.Ordinal, news.State)) && !again) disputeNews.Remove(news);
    }

    sealed record DisputeNews(OrderInWorld Order, int Ordinal, DisputeState State, bool MustArrive);
}
