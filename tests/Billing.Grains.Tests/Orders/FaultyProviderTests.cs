using Billing.Accounts;
using Billing.Channels;
using Billing.Orders;
using Billing.Tests.Cluster;

namespace Billing.Tests.Orders;

/// <summary>
/// An hour with a provider that loses answers after it did the work, reports faults, keeps refunds pending, repeats and reorders its news: through the grains and their
/// deadlines. The seeds are fixed; the model tries many more stories, without grains.
/// </summary>
[Collection(nameof(BillingCluster))]
public sealed class FaultyProviderTests(BillingCluster cluster)
{
    const int Orders = 24;

    static readonly TimeSpan Step = TimeSpan.FromSeconds(20);
    static readonly Actor Ada = Actor.Administrator("ada");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task After_an_hour_of_faults_every_payment_has_its_end_and_no_money_went_back_twice(int seed)
    {
        var (method, channel) = cluster.Method();
        var provider = new FaultyProvider(new Random(seed), channel);
        var plan = await cluster.Plan();
        var orders = new List<(OrderWish Wish, IOrderGrain Grain)>();
        for (var n = 0; n < Orders; n++)
        {
            var (wish, order) = cluster.Wish(plan, methodId: method);
            Assert.Null((await order.Place(wish)).Refusal);
            orders.Add((wish, order));
        }

        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromHours(1); passed += Step)
        {
            foreach (var (wish, order) in orders) await Live(wish, order);
            cluster.Time.Advance(Step);
            await cluster.Sweep();
        }

        provider.IsHealed = true;
        await cluster.Passing(
            TimeSpan.FromSeconds(30),
            async () =>
            {
                foreach (var news in provider.TakeNews()) await Tell(news);
                var states = await Task.WhenAll(orders.Select(async order => (await order.Grain.Get())!.State));
                return states.All(state => Order.NextDeadline(state) is null) && provider.HasNoNews;
            },
            "every order is at rest");

        foreach (var (wish, grain) in orders)
        {
            var order = (await grain.Get())!.State;
            Assert.All(order.Receipts, receipt => Assert.True(order.IsAccountedFor(receipt), $"{receipt} has no end."));
            Assert.Equal(provider.Taken(order.Number), order.Receipts.Length);
            Assert.Equal(
                provider.GivenBack(order.Number), order.Refunds.Where(refund => refund.Status == RefundStatus.Succeeded).Select(refund => (refund.Number, refund.Amount.MinorUnits)).Order());
            Assert.DoesNotContain(order.Refunds, refund => refund.Status == RefundStatus.Processing || refund.Hold is HoldStatus.Wanted or HoldStatus.Excess || refund.Held?.Credits < Credits.Zero);
            Assert.True(order.Settling is null || order.Of(order.Settling).Where(refund => refund.Status == RefundStatus.Succeeded).Sum(refund => refund.Amount.MinorUnits) <= order.Amount.MinorUnits);

            var held = order.Refunds.Aggregate(Credits.Zero, (sum, refund) => sum + (refund.Held?.Credits ?? Credits.Zero));
            var balance = (await cluster.Grains.GetGrain<IAccountGrain>(wish.Account).Get())?.State.Balance ?? Credits.Zero;
            Assert.Equal(order.Payment == PaymentStatus.Paid ? Credits.Whole(1_000) : Credits.Zero, balance + held);
        }

        Assert.True(provider.Faults > 50, $"{provider.Faults} faults make no storm.");

        async Task Live(OrderWish wish, IOrderGrain grain)
        {
            var number = OrderNumber.Of(wish.Account, wish.IdempotencyKey);
            switch (provider.Draw(40))
            {
                case < 4: provider.Pay(OrderNumber.OfPayment(number, 1), BillingCluster.Price); break;
                case 4: provider.Pay(OrderNumber.OfPayment(number, 1), BillingCluster.Price with { MinorUnits = 1 }); break;
                case 5: await grain.Refresh(Ada); break;
                case 6: await grain.RequestRefund($"request {provider.Draw(3)}", null, "Why.", Actor.Account(wish.Account)); break;
                case 7: await grain.RefundOrder($"give {provider.Draw(3)}", new(700, "CNY"), "Why.", evenIfSpent: false, Ada); break;
                case 8 when (await grain.Get())!.State.Refunds.FirstOrDefault(refund => refund.Status == RefundStatus.Requested) is { } open:
                    if (provider.Draw(2) == 0) await grain.ApproveRefund(open.Number, open.Version, null, "Why.", Ada);
                    else await grain.RejectRefund(open.Number, open.Version, "Why.", Ada);
                    break;
                case 9 when (await grain.Get())!.State.WorkItems.FirstOrDefault(item => item.Kind == WorkItemKind.RefundFailed && item.ResolvedAt is null) is { } failed:
                    await grain.Resolve(failed.Id, WorkItemResolution.Retry, "Why.", Ada);
                    break;
            }

            foreach (var news in provider.TakeSomeNews()) await Tell(news);
        }

        async Task Tell(FaultyProvider.News news)
        {
            Assert.True(OrderNumber.TryParsePayment(news.Payment, out var number, out var ordinal));
            var grain = cluster.Grains.GetGrain<IOrderGrain>(number);
            var verdict = news.Refund is null
                ? await grain.Hear(ordinal, method, BillingCluster.Merchant(method), news.Paid!)
                : await grain.HearRefund(ordinal, news.Refund, method, BillingCluster.Merchant(method), provider.StateOf(news.Refund));
            Assert.NotEqual(NewsVerdict.Stranger, verdict);
        }
    }

    /// <summary>Keeps books of what it took and gave back, and says the truth about it, when it says something.</summary>
    sealed class FaultyProvider
    {
        readonly Lock gate = new();
        readonly Random random;
        readonly Dictionary<string, List<PaymentState.Paid>> payments = [];
        readonly HashSet<string> closed = [];
        readonly Dictionary<string, (string Payment, Money Amount, RefundState State)> refunds = [];
        readonly List<News> news = [];
        int transactions;

        public FaultyProvider(Random random, ScriptedChannel channel)
        {
            this.random = random;
            channel.OnCreate = payment => Answer(() => new ChannelAnswer<Checkout>.Done(new($"https://pay.example/{payment.Number}", null, payment.Number)));
            channel.OnQuery = payment => Answer(() => new ChannelAnswer<PaymentState>.Done(State(payment.Number)));
            channel.OnClose = payment => Answer(() => Close(payment.Number));
            channel.OnRefund = refund => Answer(() => GiveBack(refund));
            channel.OnQueryRefund = refund => Answer(() => new ChannelAnswer<RefundState>.Done(StateOf(refund.RefundNumber)));
        }

        public bool IsHealed { get; set; }

        public int Faults { get; private set; }

        public bool HasNoNews => news.Count == 0;

        public int Draw(int below)
        {
            lock (gate) return random.Next(below);
        }

        public void Pay(string payment, Money amount)
        {
            lock (gate)
            {
                if (closed.Contains(payment)) return;
                if (!payments.TryGetValue(payment, out var taken)) payments[payment] = taken = [];
                if (taken.Count == 2) return;
                var paid = new PaymentState.Paid(amount, $"{payment}-{++transactions}", null);
                taken.Add(paid);
                news.Add(new(payment, null, paid));
            }
        }

        public int Taken(string order)
        {
            lock (gate) return payments.Where(payment => payment.Key.StartsWith(order, StringComparison.Ordinal)).Sum(payment => payment.Value.Count);
        }

        public IEnumerable<(string Number, long Minor)> GivenBack(string order)
        {
            lock (gate)
                return [.. refunds.Where(refund => refund.Value.Payment.StartsWith(order, StringComparison.Ordinal) && refund.Value.State is RefundState.Succeeded).Select(refund => (refund.Key, refund.Value.Amount.MinorUnits)).Order()];
        }

        public RefundState StateOf(string refund)
        {
            lock (gate)
            {
                if (!refunds.TryGetValue(refund, out var known)) return new RefundState.NotFound();
                if (known.State is RefundState.Pending && (IsHealed || random.Next(4) == 0))
                    refunds[refund] = known = known with { State = !IsHealed && random.Next(3) == 0 ? new RefundState.Failed("CLOSED") : new RefundState.Succeeded(known.Amount, null) };
                return known.State;
            }
        }

        /// <summary>Some of the news, in any order, and some of them twice.</summary>
        public News[] TakeSomeNews()
        {
            lock (gate)
            {
                if (news.Count == 0 || random.Next(3) > 0) return [];
                var some = news[random.Next(news.Count)];
                if (random.Next(3) > 0) news.Remove(some);
                return [some];
            }
        }

        public News[] TakeNews()
        {
            lock (gate)
            {
                News[] all = [.. news];
                news.Clear();
                return all;
            }
        }

        PaymentState State(string payment)
        {
            lock (gate)
            {
                return payments.TryGetValue(payment, out var taken) ? taken[random.Next(taken.Count)]
                    : closed.Contains(payment) ? new PaymentState.Closed()
                    : new PaymentState.Pending();
            }
        }

        ChannelAnswer<PaymentState> Close(string payment)
        {
            lock (gate)
            {
                if (payments.ContainsKey(payment)) return new ChannelAnswer<PaymentState>.Refused(RefusalKind.AlreadyPaid, "PAID");
                closed.Add(payment);
                return new ChannelAnswer<PaymentState>.Done(new PaymentState.Closed());
            }
        }

        ChannelAnswer<RefundState> GiveBack(RefundRequest refund)
        {
            lock (gate)
            {
                if (!refunds.TryGetValue(refund.RefundNumber, out var known) || known.State is RefundState.Failed)
                {
                    var paid = payments[refund.Payment.Number].Single(one => one.TransactionId == refund.TransactionId);
                    RefundState state = IsHealed ? new RefundState.Succeeded(refund.Amount, null) : random.Next(4) switch
                    {
                        0 => new RefundState.Failed("NO"),
                        1 => new RefundState.Pending(),
                        _ => new RefundState.Succeeded(refund.Amount, null),
                    };
                    refunds[refund.RefundNumber] = (refund.Payment.Number, refund.Amount, state);
                    news.Add(new(refund.Payment.Number, refund.RefundNumber, null));
                    Assert.True(refund.Amount.MinorUnits <= paid.Amount.MinorUnits);
                }

                return new ChannelAnswer<RefundState>.Done(refunds[refund.RefundNumber].State);
            }
        }

        ChannelAnswer<T> Answer<T>(Func<ChannelAnswer<T>> truth)
        {
            var fault = IsHealed ? 9 : Draw(10);
            if (fault < 4) Faults++;
            return fault switch
            {
                0 => new ChannelAnswer<T>.Unknown(UnknownKind.ProviderError),
                1 => new ChannelAnswer<T>.Unknown(UnknownKind.NotSent),
                // The work is done, and its answer is lost.
                2 or 3 when truth() is not null => new ChannelAnswer<T>.Unknown(UnknownKind.NoAnswer),
                _ => truth(),
            };
        }

        public sealed record News(string Payment, string? Refund, PaymentState.Paid? Paid);
    }
}
