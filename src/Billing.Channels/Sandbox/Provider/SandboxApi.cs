using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Billing.Channels.Sandbox.Provider;

/// <summary>The merchants' API: requests are signed by the merchant, answers by the provider, with the same secret.</summary>
sealed class SandboxApi(SandboxProvider provider, string prefix)
{
    internal Task Create(HttpContext context) => Serve(context, (merchant, body) =>
    {
        if (Parse(body, SandboxJson.Default.SandboxPaymentBody) is not { } asked
            || Request(
                merchant, asked.Number, new(asked.AmountMinor, asked.Currency), asked.Subject, asked.ExpiresAt, asked.ReturnUrl, asked.NotifyUrl) is not { } request)
            return Error(SandboxCodes.InvalidRequest);
        return Answer(provider.Open(request), payment => payment.Standing(provider.Time.GetUtcNow()) switch
        {
            SandboxStanding.Paid => Error(SandboxCodes.AlreadyPaid),
            SandboxStanding.Closed => Error(SandboxCodes.AlreadyClosed),
            _ => Answer(payment, context),
        });
    });

    internal Task Query(HttpContext context) => Serve(context, (merchant, _) =>
        provider.Find(merchant, Number(context)) is { } payment ? Answer(payment, context) : Error(SandboxCodes.PaymentNotFound));

    internal Task Close(HttpContext context) => Serve(context, (merchant, _) =>
        Answer(provider.Close(merchant, Number(context)), payment => Answer(payment, context)));

    internal Task Refund(HttpContext context) => Serve(context, (merchant, body) =>
    {
        if (Parse(body, SandboxJson.Default.SandboxRefundBody) is not { } asked)
            return Error(SandboxCodes.InvalidRequest);
        var made = provider.Refund(merchant, Number(context), asked.RefundNumber, asked.TransactionId, new(asked.AmountMinor, asked.Currency));
        return Answer(made, refund => Answer(refund, merchant, Number(context)));
    });

    internal Task QueryRefund(HttpContext context) => Serve(context, (merchant, _) =>
        Answer(
            provider.FindRefund(merchant, Number(context), context.Request.RouteValues["refundNumber"] as string ?? ""),
            refund => Answer(refund, merchant, Number(context))));

    internal Task Dispute(HttpContext context) => Serve(context, (merchant, body) =>
    {
        SandboxAct? act = Parse(body, SandboxJson.Default.SandboxDisputeBody) is not { } asked ? null : asked.State switch
        {
            SandboxWords.Opened => SandboxAct.Dispute,
            SandboxWords.Won => SandboxAct.WinDispute,
            SandboxWords.Lost => SandboxAct.LoseDispute,
            _ => null,
        };
        var minor = Parse(body, SandboxJson.Default.SandboxDisputeBody)?.AmountMinor;
        if (act is not { } does || minor <= 0 || provider.Find(merchant, Number(context)) is not { } payment)
            return Error(act is null || minor <= 0 ? SandboxCodes.InvalidRequest : SandboxCodes.PaymentNotFound);
        var taken = provider.Take(merchant, Number(context), new(does, minor is { } some ? payment.Request.Amount with { MinorUnits = some } : payment.Request.Amount));
        return Answer(taken, after => new(200, JsonSerializer.SerializeToUtf8Bytes(
            new(
                Number(context), merchant, after.Disputes[^1].Id, SandboxProvider.Word(after.Disputes[^1].Stage), after.Disputes[^1].Amount.MinorUnits,
                after.Disputes[^1].Amount.Currency),
            SandboxJson.Default.SandboxDisputeAnswer)));
    });

    internal Task Bill(HttpContext context) => Serve(context, (merchant, _) =>
    {
        var query = context.Request.Query;
        var (from, to) = (query["from"].ToString(), query["to"].ToString());
        if (!SandboxSignature.TryReadTimestamp(from, out var first) || !SandboxSignature.TryReadTimestamp(to, out var end))
            return Error(SandboxCodes.InvalidRequest);
        return Answer(provider.Bill(merchant, first, end, query["after"].ToString()), page => new(200, JsonSerializer.SerializeToUtf8Bytes(
            new(merchant, $"from={from}&to={to}", page.Lines, page.Next), SandboxJson.Default.SandboxBillAnswer)));
    });

    /// <summary>A payment from what a merchant wrote, or nothing if it cannot be one.</summary>
    internal static SandboxRequest? Request(
        string merchant, string number, Money amount, string subject, long expires, string returnUrl, string notifyUrl) =>
        expires is > 0 and <= 253_402_300_799 // the last second of the year 9999
        && Uri.TryCreate(returnUrl, UriKind.Absolute, out var back) && Uri.TryCreate(notifyUrl, UriKind.Absolute, out var notify)
            ? new(merchant, number, amount, subject, DateTimeOffset.FromUnixTimeSeconds(expires), back, notify)
            : null;

    /// <summary>Reads a body up to a bound, or nothing when there is more.</summary>
    internal static async Task<byte[]?> ReadBody(HttpRequest request)
    {
        if (request.ContentLength > SandboxWords.LongestBody)
            return null;
        using var body = new MemoryStream();
        var chunk = new byte[4096];
        int read;
        while ((read = await request.Body.ReadAsync(chunk, request.HttpContext.RequestAborted)) > 0)
        {
            if (body.Length + read > SandboxWords.LongestBody)
                return null;
            body.Write(chunk, 0, read);
        }

        return body.ToArray();
    }

    static string Number(HttpContext context) => context.Request.RouteValues["number"] as string ?? "";

    static ApiAnswer Error(string code) => new(Status(code), JsonSerializer.SerializeToUtf8Bytes(new(code), SandboxJson.Default.SandboxErrorAnswer));

    static ApiAnswer Answer<T>(SandboxOutcome<T> outcome, Func<T, ApiAnswer> answer)
        where T : class => outcome.Value is { } value ? answer(value) : Error(outcome.Code!);

    static ApiAnswer Answer(SandboxRefund refund, string merchant, string number) => new(200, JsonSerializer.SerializeToUtf8Bytes(
        new(
            number, merchant, refund.RefundNumber, refund.TransactionId, refund.Succeeded ? SandboxWords.Succeeded : SandboxWords.Failed, refund.Amount.MinorUnits,
            refund.Amount.Currency, refund.At),
        SandboxJson.Default.SandboxRefundAnswer));

    ApiAnswer Answer(SandboxPayment payment, HttpContext context)
    {
        var request = payment.Request;
        var standing = payment.Standing(provider.Time.GetUtcNow());
        var first = payment.Movements is [var counted, ..] ? counted : null;
        var amount = first?.Amount ?? request.Amount;
        var state = standing switch
        {
            SandboxStanding.Paid => SandboxWords.Paid,
            SandboxStanding.Closed => SandboxWords.Closed,
            _ => SandboxWords.Pending,
        };
        return new(200, JsonSerializer.SerializeToUtf8Bytes(
            new(
                request.Number, request.Merchant, state, amount.MinorUnits, amount.Currency, first?.TransactionId, first?.At, PageUrl(context, request),
                [.. payment.Movements.Select(made => new SandboxTransaction(made.TransactionId, made.Amount.MinorUnits, made.Amount.Currency, made.At))]),
            SandboxJson.Default.SandboxPaymentAnswer));
    }

    string PageUrl(HttpContext context, SandboxRequest request)
    {
        var root = provider.Options.PublicUrl?.AbsoluteUri.TrimEnd('/')
            ?? $"{context.Request.Scheme}://{context.Request.Host}{context.Request.PathBase}{prefix}";
        return root + SandboxPages.PagePath(provider, request.Merchant, request.Number);
    }

    static int Status(string code) => code switch
    {
        SandboxCodes.SignatureInvalid or SandboxCodes.TimestampInvalid => 401,
        SandboxCodes.PaymentNotFound or SandboxCodes.RefundNotFound or SandboxCodes.TransactionNotFound or SandboxCodes.DisputeNotFound => 404,
        SandboxCodes.InvalidRequest => 400,
        _ => 409,
    };

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

    async Task Serve(HttpContext context, Func<string, byte[], ApiAnswer> serve)
    {
        var request = context.Request;
        var merchant = request.Headers[SandboxSignature.MerchantHeader].ToString();
        var known = provider.TryGetSecret(merchant, out var secret);
        var body = await ReadBody(request);
        var answer = body is null ? Error(SandboxCodes.InvalidRequest)
            : !known ? Error(SandboxCodes.SignatureInvalid)
            : Objection(request, secret!, body) is { } objection ? Error(objection)
            : serve(merchant, body);

        if (known)
        {
            var timestamp = SandboxSignature.Timestamp(provider.Time.GetUtcNow());
            context.Response.Headers[SandboxSignature.TimestampHeader] = timestamp;
            context.Response.Headers[SandboxSignature.SignatureHeader] = SandboxSignature.Sign(secret, timestamp, answer.Body);
        }

        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Body.Length;
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(answer.Body, context.RequestAborted);
    }

    string? Objection(HttpRequest request, byte[] secret, byte[] body)
    {
        var timestamp = request.Headers[SandboxSignature.TimestampHeader].ToString();
        var signature = request.Headers[SandboxSignature.SignatureHeader].ToString();
        if (!SandboxSignature.TryReadTimestamp(timestamp, out var seconds)
            || !SandboxSignature.VerifyRequest(secret, request.Method, request.GetEncodedPathAndQuery(), timestamp, body, signature))
            return SandboxCodes.SignatureInvalid;
        return SandboxSignature.IsRecent(seconds, provider.Time.GetUtcNow()) ? null : SandboxCodes.TimestampInvalid;
    }

    readonly record struct ApiAnswer(int Status, byte[] Body);
}
