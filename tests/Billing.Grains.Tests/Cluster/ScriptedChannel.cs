using System.Collections.Concurrent;
using Billing.Channels;

namespace Billing.Tests.Cluster;

/// <summary>A provider that does as the test says, and remembers what it was asked.</summary>
sealed class ScriptedChannel : IChannel
{
    public ChannelTraits Traits { get; set; } = new(false, true, NotFoundMeaning.NeverCreated, TimeSpan.Zero, TimeSpan.FromMinutes(5),
        new HashSet<string> { "CNY" });

    public Func<PaymentRequest, ChannelAnswer<Checkout>> OnCreate { get; set; } = payment =>
        new ChannelAnswer<Checkout>.Done(new($"https://pay.example/{payment.Number}", null, payment.Number));

    public Func<PaymentReference, ChannelAnswer<PaymentState>> OnQuery { get; set; } = _ => new ChannelAnswer<PaymentState>.Done(new PaymentState.Pending());

    public Func<PaymentReference, ChannelAnswer<PaymentState>> OnClose { get; set; } = _ => new ChannelAnswer<PaymentState>.Done(new PaymentState.Closed());

    public Func<RefundRequest, ChannelAnswer<RefundState>> OnRefund { get; set; } = refund => new ChannelAnswer<RefundState>.Done(new RefundState.Succeeded(refund.Amount, null));

    public Func<RefundReference, ChannelAnswer<RefundState>> OnQueryRefund { get; set; } = _ => new ChannelAnswer<RefundState>.Done(new RefundState.NotFound());

    /// <summary>No query is answered before this.</summary>
    public Task Answering { get; set; } = Task.CompletedTask;

    /// <summary>The calls, as <c>create …01</c>.</summary>
    public ConcurrentQueue<string> Calls { get; } = [];

    public int Count(string call) => Calls.Count(made => made.StartsWith(call, StringComparison.Ordinal));

    public async Task<ChannelAnswer<Checkout>> Create(PaymentRequest payment, CancellationToken cancellation)
    {
        await Task.Yield();
        Calls.Enqueue($"create {payment.Number[^2..]}");
        return OnCreate(payment);
    }

    public async Task<ChannelAnswer<PaymentState>> Query(PaymentReference payment, CancellationToken cancellation)
    {
        await Task.Yield();
        Calls.Enqueue($"query {payment.Number[^2..]}");
        await Answering;
        return OnQuery(payment);
    }

    public async Task<ChannelAnswer<PaymentState>> Close(PaymentReference payment, CancellationToken cancellation)
    {
        await Task.Yield();
        Calls.Enqueue($"close {payment.Number[^2..]}");
        return OnClose(payment);
    }

    public async Task<ChannelAnswer<RefundState>> Refund(RefundRequest refund, CancellationToken cancellation)
    {
        await Task.Yield();
        Calls.Enqueue($"refund {refund.RefundNumber[^3..]}");
        return OnRefund(refund);
    }

    public async Task<ChannelAnswer<RefundState>> QueryRefund(RefundReference refund, CancellationToken cancellation)
    {
        await Task.Yield();
        Calls.Enqueue($"query {refund.RefundNumber[^3..]}");
        return OnQueryRefund(refund);
    }

    public CallbackReading Read(CallbackMessage message) => throw new NotSupportedException();

    public CallbackReply Answer(CallbackVerdict verdict) => throw new NotSupportedException();
}
