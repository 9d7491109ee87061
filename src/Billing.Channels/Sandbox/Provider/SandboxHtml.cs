using System.Globalization;
using System.Text.Encodings.Web;

namespace Billing.Channels.Sandbox.Provider;

/// <summary>The payers' pages as text. Whatever a merchant wrote is encoded; there is no script and no style in them.</summary>
static class SandboxHtml
{
    /// <summary>The stylesheet of all pages.</summary>
    internal const string Style = """
        :root { color-scheme: light dark; --ink: #1c2430; --soft: #667085; --line: #e3e7ee; --card: #fff; --page: #f3f5f9; --go: #0f7b52; --warn: #9a5b00; }
        @media (prefers-color-scheme: dark) {
          :root { --ink: #e8ecf3; --soft: #98a2b3; --line: #2c3442; --card: #171c25; --page: #0e1218; --go: #2ea775; --warn: #e0a84a; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--page); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        main { max-width: 26rem; margin: 0 auto; padding: 1rem; }
        .ribbon { text-align: center; color: var(--warn); font-size: .85rem; margin: .5rem 0 1rem; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: 1rem; padding: 1.5rem; }
        .merchant { color: var(--soft); margin: 0; }
        .subject { font-size: 1.1rem; margin: .25rem 0 0; overflow-wrap: anywhere; }
        .amount { font-size: 2.5rem; font-weight: 650; margin: 1rem 0 .25rem; font-variant-numeric: tabular-nums; }
        .until, .number, .hint { color: var(--soft); font-size: .85rem; margin: .25rem 0; overflow-wrap: anywhere; }
        .notice { border: 1px solid var(--warn); color: var(--warn); border-radius: .6rem; padding: .6rem .8rem; margin: 0 0 1rem; }
        form { margin: 1rem 0 0; }
        button { width: 100%; min-height: 3rem; margin-top: .6rem; border-radius: .75rem; border: 1px solid var(--line); }
        button { background: transparent; color: inherit; font: inherit; cursor: pointer; }
        button.go { background: var(--go); border-color: var(--go); color: #fff; font-weight: 600; }
        button:focus-visible, summary:focus-visible, input:focus-visible, select:focus-visible { outline: 3px solid #4c8dff; outline-offset: 2px; }
        details { margin-top: 1rem; }
        summary { cursor: pointer; padding: .6rem 0; }
        fieldset { border: 1px solid var(--line); border-radius: .75rem; margin: .8rem 0; padding: .6rem 1rem 1rem; }
        legend { color: var(--soft); font-size: .85rem; padding: 0 .4rem; }
        label { display: block; margin-top: .5rem; }
        input:not([type=radio]), select { width: 100%; min-height: 2.75rem; padding: .3rem .7rem; border: 1px solid var(--line); border-radius: .6rem; }
        input:not([type=radio]), select { font: inherit; color: inherit; background: transparent; }
        select option { color: #1c2430; background: #fff; }
        """;

    /// <summary>A page that says one thing.</summary>
    internal static string Sentence(string stylePath, string sentence) =>
        Page(stylePath, refreshAfter: null, "Sandbox", $"""<p class="subject">{Text(sentence)}</p>""");

    /// <summary>A payment's page.</summary>
    internal static string Payment(
        string stylePath, string action, string merchantName, SandboxPayment payment, IEnumerable<string> currencies, DateTimeOffset now, string? notice)
    {
        var request = payment.Request;
        var standing = payment.Standing(now);
        var left = request.ExpiresAt - now;
        // Once, when the time is over: a page that reloads all the time loses what was typed.
        int? refresh = standing == SandboxStanding.Open ? (int)Math.Min(Math.Ceiling(left.TotalSeconds) + 1, int.MaxValue) : null;
        var body = $"""
            {(notice is null ? "" : $"""<p class="notice" role="alert">{Text(notice)}</p>""")}
            <p class="merchant">{Text(merchantName)}</p>
            <h1 class="subject">{Text(request.Subject)}</h1>
            <p class="amount">{Text(request.Amount.ToString())}</p>
            <p class="until">{Text(Until(payment, standing, left))}</p>
            <p class="number">Payment {Text(request.Number)}</p>
            {(standing == SandboxStanding.Open ? PlainForms(action) : "")}
            <details{(standing == SandboxStanding.Open ? "" : " open")}>
              <summary>Make trouble</summary>
              {TroubleForm(action, payment, standing, currencies)}
            </details>
            """;
        return Page(stylePath, refresh, $"{request.Amount} · {merchantName}", body);
    }

    static string Until(SandboxPayment payment, SandboxStanding standing, TimeSpan left) => standing switch
    {
        SandboxStanding.Paid when payment.OpenDispute is { } dispute => $"Paid, and {dispute.Amount} of it is disputed.",
        SandboxStanding.Paid when payment.Movements.Length == 1 => "Paid.",
        SandboxStanding.Paid => $"Paid {payment.Movements.Length} times.",
        SandboxStanding.Closed when payment.IsClosed => "Closed. It takes no more money in the ordinary way.",
        SandboxStanding.Closed => $"Expired at {Moment(payment.Request.ExpiresAt)}. It takes no more money in the ordinary way.",
        _ => $"Pay before {Moment(payment.Request.ExpiresAt)}, in {Length(left)}.",
    };

    static string PlainForms(string action) => $"""
        <form method="post" action="{Text(action)}"><button class="go" name="do" value="pay">Pay</button></form>
        <form method="post" action="{Text(action)}"><button name="do" value="decline">Decline</button></form>
        """;

    static string TroubleForm(string action, SandboxPayment payment, SandboxStanding standing, IEnumerable<string> currencies)
    {
        var price = payment.Request.Amount;
        var options = currencies.Prepend(price.Currency).Distinct().Select(code => $"<option>{Text(code)}</option>");
        var buttons = standing switch
        {
            SandboxStanding.Open => """
                <button class="go" name="do" value="pay">Pay like this</button>
                <button name="do" value="twice">Pay twice</button>
                <button name="do" value="decline">Decline</button>
                """,
            SandboxStanding.Paid when payment.OpenDispute is not null => """
                <button class="go" name="do" value="dispute-won">Decide the dispute for the merchant</button>
                <button name="do" value="dispute-lost">Decide the dispute for the payer</button>
                """,
            SandboxStanding.Paid => """
                <button class="go" name="do" value="twice">Pay once more</button>
                <button name="do" value="dispute">Dispute it</button>
                """,
            _ => """<button class="go" name="do" value="late">Pay anyway, late</button>""",
        };
        return $"""
            <form method="post" action="{Text(action)}">
              <fieldset><legend>What is paid</legend>
                <label>Amount <input name="amount" inputmode="decimal" maxlength="18" autocomplete="off" placeholder="the price"></label>
                <label>Currency <select name="currency">{string.Concat(options)}</select></label>
              </fieldset>
              <fieldset><legend>The callback</legend>
                <label><input type="radio" name="news" value="now" checked> is sent at once</label>
                <label><input type="radio" name="news" value="delayed"> is delayed</label>
                <label><input type="radio" name="news" value="lost"> is lost</label>
                <label><input type="radio" name="news" value="repeated"> is repeated</label>
                <label><input type="radio" name="news" value="reordered"> is followed by an older one, “pending”</label>
                <label>Seconds of delay <input name="seconds" type="number" min="1" max="3600" value="10"></label>
                <label>Number of repeats <input name="times" type="number" min="1" max="20" value="3"></label>
              </fieldset>
              <fieldset><legend>Refunds of this payment</legend>
                <label>They <select name="refunds">
                  <option value="succeed">succeed</option>
                  <option value="unsaid">succeed, and are not reported</option>
                  <option value="fail">fail</option>
                  <option value="no-funds">are refused: the merchant has no funds</option>
                </select></label>
              </fieldset>
              {buttons}
            </form>
            """;
    }

    static string Page(string stylePath, int? refreshAfter, string title, string body) => $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        {(refreshAfter is { } seconds ? $"""<meta http-equiv="refresh" content="{seconds.ToString(CultureInfo.InvariantCulture)}">""" : "")}
        <meta name="robots" content="noindex">
        <title>{Text(title)}</title>
        <link rel="stylesheet" href="{Text(stylePath)}">
        </head>
        <body><main>
        <p class="ribbon">Sandbox: no real money moves here.</p>
        <section class="card">
        {body}
        </section>
        </main></body>
        </html>
        """;

    static string Moment(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    static string Length(TimeSpan left) => left switch
    {
        { TotalDays: >= 2 } => $"{(int)left.TotalDays} days",
        { TotalHours: >= 2 } => $"{(int)left.TotalHours} hours",
        { TotalMinutes: >= 2 } => $"{(int)left.TotalMinutes} minutes",
        _ => $"{(int)Math.Ceiling(left.TotalSeconds)} seconds",
    };

    static string Text(string text) => HtmlEncoder.Default.Encode(text);
}
