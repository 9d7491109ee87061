using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Billing.Channels.Sandbox.Provider;

/// <summary>The payers' pages: plain HTML and plain forms, no script.</summary>
sealed class SandboxPages(SandboxProvider provider, string prefix)
{
    const int LongestDelaySeconds = 3600;
    const int MostRepeats = 20;

    static readonly string[] EntryNames = ["number", "merchant", "amount", "currency", "subject", "expires", "return", "notify", "signature"];

    static readonly string[] OfferedCurrencies = ["CNY", "USD", "EUR", "JPY", "KWD"];

    /// <summary>Where a payment's page is, from the prefix on.</summary>
    internal static string PagePath(SandboxProvider provider, string merchant, string number) =>
        $"/p/{number}?merchant={merchant}&t={provider.PageToken(merchant, number)}";

    /// <summary>The stylesheet.</summary>
    internal static Task Style(HttpContext context)
    {
        context.Response.ContentType = "text/css; charset=utf-8";
        context.Response.Headers.CacheControl = "public, max-age=3600";
        return context.Response.WriteAsync(SandboxHtml.Style, context.RequestAborted);
    }

    /// <summary>A buyer arrives with an address that the merchant signed: the payment is opened, and its page shown.</summary>
    internal Task Enter(HttpContext context)
    {
        var query = context.Request.Query;
        // A name that comes twice is as bad as one that is missing: nobody could say which of the two was signed.
        if (EntryNames.Where(name => query[name].Count == 1).Select(name => One(query[name])).ToArray() is not
            [var number, var merchant, var amount, var currency, var subject, var expires, var back, var notify, var signature])
            return Say(context, 400, "This address is incomplete.");
        var path = context.Request.PathBase.ToUriComponent() + context.Request.Path.ToUriComponent();
        var text = SandboxWords.EntryText(path, number, merchant, amount, currency, subject, expires, back, notify);
        if (!provider.TryGetSecret(merchant, out var secret)
            || !SandboxSignature.VerifyRequest(secret, "GET", text, timestamp: "", body: [], signature))
            return Say(context, 403, "This address was not signed by the merchant.");
        if (!long.TryParse(amount, NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            || !long.TryParse(expires, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || SandboxApi.Request(merchant, number, new(minor, currency), subject, seconds, back, notify) is not { } request)
            return Say(context, 400, "The merchant asked for a payment that cannot be.");
        return provider.Open(request) switch
        {
            { Value: not null } => GoTo(context, context.Request.PathBase.ToUriComponent() + prefix + PagePath(provider, merchant, number)),
            { Code: SandboxCodes.NumberConflict } => Say(context, 409, "The merchant used this payment's number before, for something else."),
            _ => Say(context, 400, "The merchant asked for a payment that cannot be."),
        };
    }

    /// <summary>The payment's page.</summary>
    internal Task Show(HttpContext context) => Invited(context) is { } payment ? Page(context, 200, payment, notice: null) : NotInvited(context);

    /// <summary>The payer pressed a button.</summary>
    internal async Task Act(HttpContext context)
    {
        if (Invited(context) is not { } payment)
        {
            await NotInvited(context);
            return;
        }

        if (await SandboxApi.ReadBody(context.Request) is not { } body || Read(body) is not { } form)
        {
            await Page(context, 400, payment, "That form could not be read.");
            return;
        }

        if (Choice(form, payment.Request.Amount) is not { } choice)
        {
            await Page(context, 400, payment, "That cannot be paid: check the amount, the currency and the numbers.");
            return;
        }

        var taken = provider.Take(payment.Request.Merchant, payment.Request.Number, choice);
        if (taken.Value is { } after)
        {
            await GoTo(context, after.Request.ReturnUrl.AbsoluteUri);
            return;
        }

        await Page(context, 409, provider.Find(payment.Request.Merchant, payment.Request.Number) ?? payment, taken.Code switch
        {
            SandboxCodes.AlreadyPaid => "This payment is paid already.",
            SandboxCodes.AlreadyClosed => "This payment is closed, and takes no more money in the ordinary way.",
            SandboxCodes.TransactionNotFound => "There is nothing of this payment to dispute, or it is disputed already.",
            SandboxCodes.DisputeNotFound => "No dispute of this payment is open.",
            SandboxCodes.TooManyMovements => "This payment was paid as often as the sandbox lets it be.",
            _ => "The sandbox has forgotten this payment.",
        });
    }

    static string One(StringValues values) => values.Count == 1 ? values[0] ?? "" : "";

    static Dictionary<string, StringValues>? Read(byte[] body)
    {
        try
        {
            using var reader = new FormReader(Encoding.UTF8.GetString(body)) { ValueCountLimit = 32, KeyLengthLimit = 64, ValueLengthLimit = 256 };
            return reader.ReadForm();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>What the form asks for, or nothing when it asks for something that cannot be.</summary>
    static SandboxChoice? Choice(Dictionary<string, StringValues> form, Money price)
    {
        string Field(string name) => form.TryGetValue(name, out var values) ? One(values).Trim() : "";

        SandboxAct? act = Field("do") switch
        {
            "pay" => SandboxAct.Pay,
            "decline" => SandboxAct.Decline,
            "twice" => SandboxAct.PayTwice,
            "late" => SandboxAct.PayLate,
            "dispute" => SandboxAct.Dispute,
            "dispute-won" => SandboxAct.WinDispute,
            "dispute-lost" => SandboxAct.LoseDispute,
            _ => null,
        };
        SandboxDelivery? delivery = Field("news") switch
        {
            "" or "now" => SandboxDelivery.AtOnce,
            "delayed" => SandboxDelivery.Delayed,
            "lost" => SandboxDelivery.Lost,
            "repeated" => SandboxDelivery.Repeated,
            "reordered" => SandboxDelivery.Reordered,
            _ => null,
        };
        SandboxRefundPlan? refunds = Field("refunds") switch
        {
            "" or "succeed" => SandboxRefundPlan.Succeed,
            "fail" => SandboxRefundPlan.Fail,
            "no-funds" => SandboxRefundPlan.NoFunds,
            "unsaid" => SandboxRefundPlan.Unsaid,
            _ => null,
        };
        return act is { } does && delivery is { } delivers && refunds is { } plan
            && Amount(Field("amount"), Field("currency"), price) is { } amount
            && Number(Field("seconds"), LongestDelaySeconds, otherwise: 10) is { } seconds
            && Number(Field("times"), MostRepeats, otherwise: 3) is { } times
                ? new(does, amount, delivers, TimeSpan.FromSeconds(seconds), times, plan)
                : null;
    }

    static int? Number(string text, int most, int otherwise) =>
        text.Length == 0 ? otherwise
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number
        : null;

    // Nothing written means the price; in another currency, as many of its units, rounded up to what it has coins for.
    static Money? Amount(string major, string currency, Money price)
    {
        var of = currency.Length == 0 ? price.Currency : currency;
        if (!Currencies.IsKnown(of))
            return null;
        var units = 1m;
        for (var decimals = Currencies.Decimals(of); decimals > 0; decimals--)
            units *= 10;
        var inUnits = 0m;
        if (major.Length == 0)
            inUnits = of == price.Currency ? price.MinorUnits : decimal.Ceiling(price.Major * units);
        else if (major.Length <= 18 && decimal.TryParse(major, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var written))
            inUnits = written * units;
        return inUnits == decimal.Truncate(inUnits) && inUnits <= Money.MaxMinorUnits && new Money((long)inUnits, of) is { IsPayable: true } amount ? amount : null;
    }

    static Task GoTo(HttpContext context, string address)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = address;
        context.Response.Headers.CacheControl = "no-store";
        // Neither the token nor the signature in our address is the next page's business.
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        return Task.CompletedTask;
    }

    SandboxPayment? Invited(HttpContext context)
    {
        var merchant = One(context.Request.Query["merchant"]);
        var number = context.Request.RouteValues["number"] as string ?? "";
        return provider.TryGetSecret(merchant, out _) && IsToken(One(context.Request.Query["t"]), provider.PageToken(merchant, number))
            ? provider.Find(merchant, number)
            : null;
    }

    static bool IsToken(string given, string token) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Encoding.UTF8.GetBytes(token));

    Task NotInvited(HttpContext context) => Say(context, 404, "There is no such payment here. The sandbox forgets everything when it restarts.");

    Task Say(HttpContext context, int status, string sentence) =>
        Write(context, status, "'none'", SandboxHtml.Sentence(StylePath(context), sentence));

    Task Page(HttpContext context, int status, SandboxPayment payment, string? notice)
    {
        var request = payment.Request;
        // Browsers hold the redirect after a form to form-action as well: the merchant's own site must be in it.
        return Write(context, status, "'self' " + request.ReturnUrl.GetLeftPart(UriPartial.Authority), SandboxHtml.Payment(
            StylePath(context),
            context.Request.PathBase.ToUriComponent() + prefix + PagePath(provider, request.Merchant, request.Number),
            provider.Options.Merchants[request.Merchant].Name,
            payment,
            OfferedCurrencies,
            provider.Time.GetUtcNow(),
            notice));
    }

    string StylePath(HttpContext context) => context.Request.PathBase.ToUriComponent() + prefix + "/style.css";

    static Task Write(HttpContext context, int status, string formAction, string html)
    {
        var headers = context.Response.Headers;
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        headers.CacheControl = "no-store";
        headers.ContentSecurityPolicy = $"default-src 'none'; style-src 'self'; form-action {formAction}; base-uri 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        return context.Response.WriteAsync(html, context.RequestAborted);
    }
}
