using System.Globalization;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Billing.Channels.Sandbox.Provider;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Billing.Channels.Sandbox;

/// <summary>The adapter for the sandbox provider. It knows of the provider what its addresses and its secret let it know, and nothing else.</summary>
public sealed class SandboxChannel : IChannel, IBillSource
{
    /// <summary>The name of the <see cref="HttpClient"/> that calls the provider.</summary>
    public const string HttpClientName = "billing.sandbox";

    // Nobody at the provider pays within these but a machine: short enough to watch an order expire.
    static readonly TimeSpan ShortestExpiry = TimeSpan.FromSeconds(10);
    static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    static readonly HashSet<string> Nothing = [];
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };

    static readonly CallbackReply Success = new(200, "text/plain", SandboxWords.Acknowledged);
    static readonly CallbackReply Refusal = new(400, "text/plain", SandboxWords.NotAcknowledged);
    static readonly CallbackReply Later = new(500, "text/plain", SandboxWords.NotAcknowledged);

    static readonly CallbackReading NoSignature = new CallbackReading.Rejected(CallbackRejection.NoSignature);
    static readonly CallbackReading BadSignature = new CallbackReading.Rejected(CallbackRejection.BadSignature);
    static readonly CallbackReading TooOld = new CallbackReading.Rejected(CallbackRejection.TooOld);
    static readonly CallbackReading Malformed = new CallbackReading.Rejected(CallbackRejection.Malformed);

    static readonly PaymentState Pending = new PaymentState.Pending();
    static readonly PaymentState Closed = new PaymentState.Closed();

    readonly SandboxOptions options;
    readonly IHttpClientFactory clients;
    readonly TimeProvider time;
    readonly MerchantIdentity merchant;
    readonly byte[] secret;
    readonly string baseUrl;
    readonly string publicUrl;
    readonly string publicPath;

    /// <summary>A channel with these settings.</summary>
    /// <exception cref="SetupException">A setting cannot be used; the message says which and what to do.</exception>
    public SandboxChannel(SandboxOptions options, IHttpClientFactory clients, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        this.options = options;
        this.clients = clients;
        this.time = time;
        merchant = new(options.MerchantId);
        secret = Encoding.UTF8.GetBytes(options.Secret);
        baseUrl = options.BaseUrl.AbsoluteUri.TrimEnd('/');
        publicUrl = (options.PublicUrl ?? options.BaseUrl).AbsoluteUri.TrimEnd('/');
        publicPath = new Uri(publicUrl).AbsolutePath.TrimEnd('/');
        Traits = new(
            CreatesWithoutCall: options.Presentation == PaymentPresentation.Redirect,
            CanClose: true,
            NotFoundMeans: options.Presentation == PaymentPresentation.Redirect ? NotFoundMeaning.NotYetOpened : NotFoundMeaning.NeverCreated,
            ShortestExpiry,
            Grace,
            options.Currencies);
    }

    /// <inheritdoc/>
    public ChannelTraits Traits { get; }

    /// <summary>A channel from the host's registrations (<see cref="SandboxRegistration.AddSandboxChannel"/>).</summary>
    /// <exception cref="SetupException">A setting cannot be used, or the environment is one where the sandbox may not run.</exception>
    public static SandboxChannel Create(IServiceProvider services, SandboxOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        SandboxProvider.EnsureAllowed(services.GetRequiredService<IHostEnvironment>(), options.AllowOutsideDevelopment);
        return new(options, services.GetRequiredService<IHttpClientFactory>(), services.GetRequiredService<TimeProvider>());
    }

    /// <inheritdoc/>
    public async Task<ChannelAnswer<Checkout>> Create(PaymentRequest payment, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(payment);
        if (Forbids<Checkout>(payment.Merchant, payment.Number) is { } refused)
            return refused;
        if (options.Presentation == PaymentPresentation.Redirect)
            return new ChannelAnswer<Checkout>.Done(new(EntryUrl(payment), QrCode: null, ProviderReference: null));
        var body = new SandboxPaymentBody(
            payment.Number, payment.Amount.MinorUnits, payment.Amount.Currency, payment.Subject, payment.ExpiresAt.ToUnixTimeSeconds(),
            payment.ReturnUrl.AbsoluteUri, payment.CallbackUrl.AbsoluteUri);
        var reply = await Call(HttpMethod.Post, "/api/payments", JsonSerializer.SerializeToUtf8Bytes(body, SandboxJson.Default.SandboxPaymentBody), cancellation);
        return Understand(reply, SandboxJson.Default.SandboxPaymentAnswer, answer => ReadCheckout(answer, payment.Number));
    }

    /// <inheritdoc/>
    public async Task<ChannelAnswer<PaymentState>> Query(PaymentReference payment, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(payment);
        if (Forbids<PaymentState>(payment.Merchant, payment.Number) is { } refused)
            return refused;
        var reply = await Call(HttpMethod.Get, $"/api/payments/{payment.Number}", body: [], cancellation);
        return Understand(reply, SandboxJson.Default.SandboxPaymentAnswer, answer => ReadState(answer, payment.Number), NoPayment);
    }

    /// <inheritdoc/>
    public async Task<ChannelAnswer<PaymentState>> Close(PaymentReference payment, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(payment);
        if (Forbids<PaymentState>(payment.Merchant, payment.Number) is { } refused)
            return refused;
        var reply = await Call(HttpMethod.Post, $"/api/payments/{payment.Number}/close", body: [], cancellation);
        return Understand(reply, SandboxJson.Default.SandboxPaymentAnswer, answer => ReadState(answer, payment.Number), NoPayment);
    }

    /// <inheritdoc/>
    public async Task<ChannelAnswer<RefundState>> Refund(RefundRequest refund, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(refund);
        if (Forbids<RefundState>(refund.Payment.Merchant, refund.Payment.Number, refund.RefundNumber) is { } refused)
            return refused;
        var body = new SandboxRefundBody(refund.RefundNumber, refund.TransactionId, refund.Amount.MinorUnits, refund.Amount.Currency);
        var reply = await Call(
            HttpMethod.Post, $"/api/payments/{refund.Payment.Number}/refunds", JsonSerializer.SerializeToUtf8Bytes(body, SandboxJson.Default.SandboxRefundBody),
            cancellation);
        return Understand(reply, SandboxJson.Default.SandboxRefundAnswer, answer => ReadRefund(answer, refund.Payment.Number, refund.RefundNumber));
    }

    /// <inheritdoc/>
    public async Task<ChannelAnswer<RefundState>> QueryRefund(RefundReference refund, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(refund);
        if (Forbids<RefundState>(refund.Payment.Merchant, refund.Payment.Number, refund.RefundNumber) is { } refused)
            return refused;
        var reply = await Call(HttpMethod.Get, $"/api/payments/{refund.Payment.Number}/refunds/{refund.RefundNumber}", body: [], cancellation);
        return Understand(
            reply,
            SandboxJson.Default.SandboxRefundAnswer,
            answer => ReadRefund(answer, refund.Payment.Number, refund.RefundNumber),
            code => code is SandboxCodes.RefundNotFound or SandboxCodes.PaymentNotFound ? new RefundState.NotFound() : null);
    }

    /// <inheritdoc/>
    public CallbackReading Read(CallbackMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (message.HttpMethod != "POST" || message.Body.Length is 0 or > SandboxWords.LongestBody)
            return Malformed;
        if (!message.Headers.TryGetValue(SandboxSignature.SignatureHeader, out var signature) || signature.Length == 0
            || !message.Headers.TryGetValue(SandboxSignature.TimestampHeader, out var timestamp) || timestamp.Length == 0)
            return NoSignature;
        if (!SandboxSignature.TryReadTimestamp(timestamp, out var seconds))
            return Malformed;
        if (!SandboxSignature.Verify(secret, timestamp, message.Body.Span, signature))
            return BadSignature;
        return SandboxSignature.IsRecent(seconds, message.ReceivedAt) ? ReadNews(message.Body) : TooOld;
    }

    /// <inheritdoc/>
    public CallbackReply Answer(CallbackVerdict verdict) => verdict switch
    {
        CallbackVerdict.Accepted or CallbackVerdict.AlreadyKnown or CallbackVerdict.Ignored => Success,
        CallbackVerdict.NotAuthentic or CallbackVerdict.NotOurs => Refusal,
        CallbackVerdict.TryAgain => Later,
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, message: null),
    };

    /// <inheritdoc/>
    public RedactedCallback Redact(CallbackMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return new(
            CallbackRedaction.Headers(message, SandboxSignature.TimestampHeader, SandboxSignature.SignatureHeader),
            CallbackRedaction.Form(message.Query, Nothing),
            CallbackRedaction.Json(message.Body, SandboxWords.HarmlessFields));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BillLine> Bill(DateTimeOffset from, DateTimeOffset to, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var period = string.Create(CultureInfo.InvariantCulture, $"from={from.ToUnixTimeSeconds()}&to={to.ToUnixTimeSeconds()}");
        string? after = null;
        do
        {
            var reply = await Call(HttpMethod.Get, $"/api/bill?{period}{(after is null ? "" : $"&after={Uri.EscapeDataString(after)}")}", body: [], cancellation);
            var page = Understand(reply, SandboxJson.Default.SandboxBillAnswer, answer => answer.Merchant == merchant.Id && answer.Period == period ? answer : null) switch
            {
                ChannelAnswer<SandboxBillAnswer>.Done { Value: var read } when read.Lines?.All(IsLine) == true => read,
                ChannelAnswer<SandboxBillAnswer>.Unknown unknown => throw new BillUnavailableException(unknown.Kind, $"The sandbox has no bill for {period} now."),
                _ => throw new BillUnavailableException(UnknownKind.Unreadable, $"The sandbox's bill for {period} cannot be read."),
            };
            foreach (var line in page.Lines)
                yield return new(line.Number, merchant, line.TransactionId, line.RefundNumber, new(line.AmountMinor, line.Currency), line.At);
            after = page.Next;
        }
        while (after is not null);

        static bool IsLine(SandboxBillLine line) => SandboxWords.IsNumber(line.Number) && line.TransactionId is { Length: > 0 and <= SandboxWords.LongestTransactionId }
            && (line.RefundNumber is null || SandboxWords.IsNumber(line.RefundNumber)) && new Money(line.AmountMinor, line.Currency).IsPayable;
    }

    static PaymentState? NoPayment(string code) => code == SandboxCodes.PaymentNotFound ? new PaymentState.NotFound() : null;

    // A number is part of an address, and a payment that was pinned to another merchant is none of this account's business: neither is ever sent.
    ChannelAnswer<T>.Refused? Forbids<T>(MerchantIdentity pinned, params ReadOnlySpan<string> numbers)
    {
        if (pinned != merchant)
            return new(RefusalKind.NotAllowed, "MERCHANT_MISMATCH");
        foreach (var number in numbers)
        {
            if (!SandboxWords.IsNumber(number))
                return new(RefusalKind.BadRequest, SandboxCodes.InvalidRequest);
        }

        return null;
    }

    // Made and signed here: the provider learns of the payment when the buyer arrives.
    string EntryUrl(PaymentRequest payment)
    {
        var text = SandboxWords.EntryText(
            publicPath + "/pay",
            payment.Number,
            payment.Merchant.Id,
            payment.Amount.MinorUnits.ToString(CultureInfo.InvariantCulture),
            payment.Amount.Currency,
            payment.Subject,
            payment.ExpiresAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            payment.ReturnUrl.AbsoluteUri,
            payment.CallbackUrl.AbsoluteUri);
        return publicUrl[..^publicPath.Length] + text + "&signature=" + SandboxSignature.SignRequest(secret, "GET", text, timestamp: "", body: []);
    }

    Checkout? ReadCheckout(SandboxPaymentAnswer answer, string number) =>
        IsAbout(answer.Number, answer.Merchant, number) && answer.PayUrl is { Length: > 0 } address
            ? new(RedirectUrl: null, QrCode: address, ProviderReference: null)
            : null;

    PaymentState? ReadState(SandboxPaymentAnswer answer, string number) =>
        IsAbout(answer.Number, answer.Merchant, number) ? State(answer.State, new(answer.AmountMinor, answer.Currency), answer.TransactionId, answer.At) : null;

    RefundState? ReadRefund(SandboxRefundAnswer answer, string number, string refundNumber) =>
        IsAbout(answer.Number, answer.Merchant, number) && answer.RefundNumber == refundNumber
            ? RefundOutcome(answer.State, new(answer.AmountMinor, answer.Currency), answer.At)
            : null;

    // An answer's signature does not cover the question, so the answer itself has to say what it is about.
    bool IsAbout(string number, string merchantId, string asked) => number == asked && merchantId == merchant.Id;

    static PaymentState? State(string? state, Money amount, string? transactionId, DateTimeOffset? at) => (amount.IsPayable, state) switch
    {
        (true, SandboxWords.Pending) => Pending,
        (true, SandboxWords.Closed) => Closed,
        (true, SandboxWords.Paid) when transactionId is { Length: > 0 and <= SandboxWords.LongestTransactionId } => new PaymentState.Paid(amount, transactionId, at),
        _ => null,
    };

    static RefundState? RefundOutcome(string? state, Money amount, DateTimeOffset? at) => (amount.IsPayable, state) switch
    {
        (true, SandboxWords.Pending) => new RefundState.Pending(),
        (true, SandboxWords.Succeeded) => new RefundState.Succeeded(amount, at),
        (true, SandboxWords.Failed) => new RefundState.Failed("REFUND_FAILED"),
        _ => null,
    };

    static CallbackReading ReadNews(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? ReadNews(document.RootElement) : Malformed;
        }
        catch (JsonException)
        {
            return Malformed;
        }
        catch (InvalidOperationException)
        {
            // A text that is no text: bytes that are not UTF-8, or half of a surrogate pair.
            return Malformed;
        }
    }

    static CallbackReading ReadNews(JsonElement news)
    {
        if (Text(news, "event") is not { } kind)
            return Malformed;
        if (kind is not (SandboxWords.PaymentEvent or SandboxWords.RefundEvent or SandboxWords.DisputeEvent))
            return new CallbackReading.NotOurBusiness(kind);
        if (Text(news, "number") is not { } number || !SandboxWords.IsNumber(number)
            || Text(news, "merchant") is not { } merchantId || !SandboxWords.IsNumber(merchantId)
            || !news.TryGetProperty("amountMinor", out var minor) || minor.ValueKind != JsonValueKind.Number || !minor.TryGetInt64(out var amountMinor)
            || Text(news, "currency") is not { } currency
            || !news.TryGetProperty("at", out var moment) || moment.ValueKind != JsonValueKind.String || !moment.TryGetDateTimeOffset(out var at))
            return Malformed;
        var amount = new Money(amountMinor, currency);
        if (kind == SandboxWords.PaymentEvent)
        {
            return State(Text(news, "state"), amount, Text(news, "transactionId"), at) is { } state
                ? new CallbackReading.PaymentNews(number, new(merchantId), state)
                : Malformed;
        }

        if (kind == SandboxWords.DisputeEvent)
        {
            return Text(news, "disputeId") is { } disputeId && SandboxWords.IsNumber(disputeId) && amount.IsPayable && Stage(Text(news, "state")) is { } stage
                ? new CallbackReading.DisputeNews(number, new(merchantId), new(disputeId, stage, amount, at))
                : Malformed;
        }

        return Text(news, "refundNumber") is { } refundNumber && SandboxWords.IsNumber(refundNumber) && RefundOutcome(Text(news, "state"), amount, at) is { } outcome
            ? new CallbackReading.RefundNews(number, refundNumber, new(merchantId), outcome)
            : Malformed;
    }

    static DisputeStage? Stage(string? state) => state switch
    {
        SandboxWords.Opened => DisputeStage.Opened,
        SandboxWords.Won => DisputeStage.Won,
        SandboxWords.Lost => DisputeStage.Lost,
        _ => null,
    };

    static string? Text(JsonElement news, string name) =>
        news.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    async Task<Reply> Call(HttpMethod method, string path, byte[] body, CancellationToken cancellation)
    {
        var address = new Uri(baseUrl + path);
        var timestamp = SandboxSignature.Timestamp(time.GetUtcNow());
        using var request = new HttpRequestMessage(method, address);
        request.Headers.Accept.Add(new("application/json"));
        request.Headers.Add(SandboxSignature.MerchantHeader, merchant.Id);
        request.Headers.Add(SandboxSignature.TimestampHeader, timestamp);
        request.Headers.Add(SandboxSignature.SignatureHeader, SandboxSignature.SignRequest(secret, method.Method, address.PathAndQuery, timestamp, body));
        if (body.Length > 0)
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new("application/json") } };
        using var client = clients.CreateClient(HttpClientName);
        client.Timeout = options.Timeout;
        client.MaxResponseContentBufferSize = SandboxWords.LongestBody;
        try
        {
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseContentRead, cancellation);
            return Authenticate(response, await response.Content.ReadAsByteArrayAsync(cancellation));
        }
        catch (HttpRequestException lost)
        {
            return new(SandboxErrors.OfExchange(lost.HttpRequestError));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(UnknownKind.NoAnswer);
        }
    }

    Reply Authenticate(HttpResponseMessage response, byte[] body)
    {
        if (SandboxErrors.OfStatus(response.StatusCode) is { } unknown)
            return new(unknown, Wish(response.Headers.RetryAfter));
        // A page of something between us and the provider is no answer, and no alarm either.
        if (response.Content.Headers.ContentType?.MediaType != "application/json")
            return new(UnknownKind.Unreadable);
        return Single(response, SandboxSignature.TimestampHeader) is { } timestamp
            && Single(response, SandboxSignature.SignatureHeader) is { } signature
            && SandboxSignature.TryReadTimestamp(timestamp, out var seconds)
            && SandboxSignature.Verify(secret, timestamp, body, signature)
            && SandboxSignature.IsRecent(seconds, time.GetUtcNow())
                ? new(response.IsSuccessStatusCode, body)
                : new(UnknownKind.BadSignature);
    }

    TimeSpan? Wish(RetryConditionHeaderValue? retry) => (retry?.Delta ?? (retry?.Date - time.GetUtcNow())) is { } wait && wait > TimeSpan.Zero ? wait : null;

    static string? Single(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) && values.Take(2).ToArray() is [var only] ? only : null;

    /// <summary>Puts an answer into the contract's words; <paramref name="asValue"/> names the codes that are themselves what was asked for.</summary>
    static ChannelAnswer<T> Understand<T, TWire>(Reply reply, JsonTypeInfo<TWire> shape, Func<TWire, T?> read, Func<string, T?>? asValue = null)
        where T : class
        where TWire : class
    {
        if (reply.Unknown is { } unknown)
            return new ChannelAnswer<T>.Unknown(unknown, reply.AskAgainAfter);
        if (reply.Succeeded)
        {
            return Parse(reply.Body, shape) is { } answer && read(answer) is { } value
                ? new ChannelAnswer<T>.Done(value)
                : new ChannelAnswer<T>.Unknown(UnknownKind.Unreadable);
        }

        if (Parse(reply.Body, SandboxJson.Default.SandboxErrorAnswer) is not { Code: { } code })
            return new ChannelAnswer<T>.Unknown(UnknownKind.Unreadable);
        if (asValue?.Invoke(code) is { } named)
            return new ChannelAnswer<T>.Done(named);
        return SandboxErrors.OfCode(code) is { } kind ? new ChannelAnswer<T>.Refused(kind, code) : new ChannelAnswer<T>.Unknown(UnknownKind.ProviderError);
    }

    static T? Parse<T>(byte[] body, JsonTypeInfo<T> shape)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, shape);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What came of a call: bytes that are the provider's, or what was seen instead.</summary>
    readonly record struct Reply(bool Succeeded, byte[] Body, UnknownKind? Unknown, TimeSpan? AskAgainAfter)
    {
        internal Reply(bool succeeded, byte[] body)
            : this(succeeded, body, Unknown: null, AskAgainAfter: null)
        {
        }

        internal Reply(UnknownKind unknown, TimeSpan? askAgainAfter = null)
            : this(Succeeded: false, [], unknown, askAgainAfter)
        {
        }
    }
}
