using System.Buffers;
using System.Diagnostics.Metrics;
using System.IO.Pipelines;
using Billing.Channels;
using Billing.GraphQL.Callbacks;
using Billing.Orders;
using Billing.Storage.Callbacks;
using Billing.Unclaimed;
using Orleans.Storage;

namespace Billing.Silo.Callbacks;

/// <summary>
/// Where providers report, <c>/payments/{methodId}/callback</c>: read the raw bytes, verify, compare with the pinned payment, store, and only then
/// acknowledge in the provider's own words. What came, and what became of it, is kept in the inbox, beside the answer.
/// </summary>
sealed partial class CallbackEndpoint(
    IPaymentMethods methods, IGrainFactory grains, CallbackInbox inbox, TimeProvider time, IMeterFactory meters, ILogger<CallbackEndpoint> log) : ICallbackReplay
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Billing.Callbacks";

    /// <summary>The largest callback; providers' are a few kilobytes.</summary>
    public const int MaxBytes = 64 * 1024;

    readonly Counter<long> counter = meters.Create(MeterName).CreateCounter<long>("billing.callbacks", description: "Callbacks by method and outcome.");

    /// <summary>Serves one callback.</summary>
    public async Task Serve(HttpContext http, string methodId)
    {
        if (methods.Find(methodId) is not { } method)
        {
            // Not counted by its name: anybody can make names up.
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (await ReadBody(http.Request.BodyReader, http.RequestAborted) is not { } body)
        {
            Count(method, "too large");
            inbox.Sample(method, Message(http.Request, default), "TooLarge");
            http.Response.StatusCode = StatusCodes.Status413PayloadTooLarge;
            return;
        }

        var message = Message(http.Request, body);
        var reading = method.Channel.Read(message);
        // Unless it is known better.
        var verdict = CallbackVerdict.TryAgain;
        try
        {
            verdict = await Judge(method, reading);
        }
        finally
        {
            inbox.Keep(method, message, reading, OutcomeOf(verdict));
        }

        var reply = method.Channel.Answer(verdict);
        http.Response.StatusCode = reply.Status;
        http.Response.ContentType = reply.ContentType;
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsync(reply.Body);
    }

    /// <inheritdoc/>
    public async Task<CallbackOutcome?> Replay(string methodId, CallbackNews news) =>
        methods.Find(methodId) is { } method ? OutcomeOf(await Judge(method, news.ToReading())) : null;

    static CallbackOutcome OutcomeOf(CallbackVerdict verdict) => verdict switch
    {
        CallbackVerdict.Accepted => CallbackOutcome.Stored,
        CallbackVerdict.AlreadyKnown => CallbackOutcome.Known,
        CallbackVerdict.Ignored => CallbackOutcome.Ignored,
        CallbackVerdict.NotAuthentic => CallbackOutcome.Rejected,
        CallbackVerdict.NotOurs => CallbackOutcome.Stranger,
        CallbackVerdict.TryAgain => CallbackOutcome.TryAgain,
        _ => throw new InvalidOperationException($"No outcome for {verdict}."),
    };

    async Task<CallbackVerdict> Judge(PaymentMethod method, CallbackReading reading)
    {
        switch (reading)
        {
            case CallbackReading.PaymentNews news:
                return await Stored(method, news.PaymentNumber, () => Hear(method, news));

            case CallbackReading.RefundNews news:
                return await Stored(method, news.PaymentNumber, () => Hear(method, news));

            case CallbackReading.DisputeNews news:
                return await Stored(method, news.PaymentNumber, () => Hear(method, news));

            case CallbackReading.NotOurBusiness:
                Count(method, "ignored");
                return CallbackVerdict.Ignored;

            case CallbackReading.Rejected rejected:
                LogRejected(method.Id, rejected.Reason);
                Count(method, rejected.Reason.ToString());
                return CallbackVerdict.NotAuthentic;

            default:
                throw new InvalidOperationException("No rule for this reading.");
        }
    }

    async Task<CallbackVerdict> Hear(PaymentMethod method, CallbackReading.PaymentNews news)
    {
        var heard = OrderNumber.TryParsePayment(news.PaymentNumber, out var number, out var ordinal)
            ? await grains.GetGrain<IOrderGrain>(number).Hear(ordinal, method.Id, news.Merchant, news.State)
            : NewsVerdict.Stranger;
        Count(method, heard.ToString());
        if (heard == NewsVerdict.Stored) return CallbackVerdict.Accepted;
        if (heard == NewsVerdict.Known) return CallbackVerdict.AlreadyKnown;

        // Authentic, and nobody's: money among it is kept for a person to find its owner.
        LogStranger(method.Id, news.PaymentNumber);
        if (news.State is PaymentState.Paid paid)
        {
            await grains.GetGrain<IUnclaimedPaymentGrain>(UnclaimedPayments.KeyOf(method.Id, paid.TransactionId))
                .Report(method.Id, news.PaymentNumber, paid.TransactionId, paid.Amount);
        }

        return CallbackVerdict.NotOurs;
    }

    async Task<CallbackVerdict> Hear(PaymentMethod method, CallbackReading.RefundNews news)
    {
        var heard = OrderNumber.TryParsePayment(news.PaymentNumber, out var number, out var ordinal)
            ? await grains.GetGrain<IOrderGrain>(number).HearRefund(ordinal, news.RefundNumber, method.Id, news.Merchant, news.State)
            : NewsVerdict.Stranger;
        Count(method, heard.ToString());
        if (heard == NewsVerdict.Stored) return CallbackVerdict.Accepted;
        if (heard == NewsVerdict.Known) return CallbackVerdict.AlreadyKnown;
        LogStrangeRefund(method.Id, news.PaymentNumber);
        return CallbackVerdict.NotOurs;
    }

    async Task<CallbackVerdict> Hear(PaymentMethod method, CallbackReading.DisputeNews news)
    {
        var heard = OrderNumber.TryParsePayment(news.PaymentNumber, out var number, out var ordinal)
            ? await grains.GetGrain<IOrderGrain>(number).HearDispute(ordinal, method.Id, news.Merchant, news.State)
            : NewsVerdict.Stranger;
        Count(method, heard.ToString());
        if (heard == NewsVerdict.Stored) return CallbackVerdict.Accepted;
        if (heard == NewsVerdict.Known) return CallbackVerdict.AlreadyKnown;
        LogStrangeDispute(method.Id, news.PaymentNumber);
        return CallbackVerdict.NotOurs;
    }

    async Task<CallbackVerdict> Stored(PaymentMethod method, string paymentNumber, Func<Task<CallbackVerdict>> hear)
    {
        try
        {
            return await hear();
        }
        catch (Exception fault) when (fault is OutcomeUnknownException or StoreBusyException or InconsistentStateException or TimeoutException or OrleansException)
        {
            // Not stored, perhaps: only a repeat can tell, and a repeat of what was stored changes nothing.
            LogNotStored(fault, method.Id, paymentNumber);
            Count(method, "try again");
            return CallbackVerdict.TryAgain;
        }
    }

    CallbackMessage Message(HttpRequest request, ReadOnlyMemory<byte> body) => new(
        request.Method, request.QueryString.HasValue ? request.QueryString.Value![1..] : "",
        request.Headers.ToDictionary(header => header.Key, header => header.Value.FirstOrDefault() ?? "", StringComparer.OrdinalIgnoreCase), body, time.GetUtcNow());

    /// <summary>The raw bytes; null when there are more than <see cref="MaxBytes"/>.</summary>
    static async Task<ReadOnlyMemory<byte>?> ReadBody(PipeReader reader, CancellationToken cancellation)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellation);
            if (read.Buffer.Length > MaxBytes)
            {
                // Given back all the same: a reader that is left in the middle breaks the connection, and the next request on it.
                reader.AdvanceTo(read.Buffer.End);
                return null;
            }

            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }

            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    void Count(PaymentMethod method, string outcome) => counter.Add(1, new("method", method.Id), new KeyValuePair<string, object?>("outcome", outcome));

    [LoggerMessage(3001, LogLevel.Warning, "Callback through {Method}: not believed ({Reason}).")]
    partial void LogRejected(string method, CallbackRejection reason);

    [LoggerMessage(3002, LogLevel.Error, "Callback through {Method}: payment {PaymentNumber} does not exist here, or is another method's. Money is kept as a work item.")]
    partial void LogStranger(string method, string paymentNumber);

    [LoggerMessage(3003, LogLevel.Error, "Callback through {Method}: payment {PaymentNumber} could not be stored; the provider is asked to repeat it.")]
    partial void LogNotStored(Exception fault, string method, string paymentNumber);

    [LoggerMessage(3005, LogLevel.Error, "Callback through {Method}: a dispute of payment {PaymentNumber}, which does not exist here, is another method's, or was never paid.")]
    partial void LogStrangeDispute(string method, string paymentNumber);

    [LoggerMessage(3004, LogLevel.Error, "Callback through {Method}: a refund of payment {PaymentNumber}, which does not exist here, is another method's, or was never paid.")]
    partial void LogStrangeRefund(string method, string paymentNumber);
}
