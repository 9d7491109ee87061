using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.Channels.Tests.Sandbox;

/// <summary>What a payer can do, and which callbacks follow.</summary>
public sealed class SandboxPageTests : IAsyncLifetime
{
    SandboxWorld world = null!;

    static CancellationToken Cancellation => SandboxWorld.Cancellation;

    public async ValueTask InitializeAsync() => world = await SandboxWorld.Start();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task The_page_shows_what_is_asked_and_encodes_what_the_merchant_wrote()
    {
        using var answer = await world.Browser.GetAsync(await world.Arrive("P1"), Cancellation);
        var html = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("Shop &amp; Sons", html);
        Assert.Contains("Credits &lt;b&gt;&amp; more&lt;/b&gt;", html);
        Assert.Contains("19.90 CNY", html);
        Assert.Contains("in 15 minutes", html);
        Assert.Contains("""<meta http-equiv="refresh" content="901">""", html);
        Assert.DoesNotContain("<script", html);
        Assert.DoesNotContain("style=", html);
        Assert.Equal(
            "default-src 'none'; style-src 'self'; form-action 'self' https://shop.example; base-uri 'none'; frame-ancestors 'none'",
            Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        using var style = await world.Browser.GetAsync(new Uri(world.ProviderUrl + "/style.css"), Cancellation);
        Assert.Equal((HttpStatusCode.OK, "text/css"), (style.StatusCode, style.Content.Headers.ContentType?.MediaType));
    }

    [Fact]
    public async Task A_page_is_shown_to_whoever_was_sent_there()
    {
        var page = (await world.Arrive("P1")).AbsoluteUri;
        foreach (var other in new[] { page[..^1], page + "0", page.Replace("/P1?", "/P2?"), page.Replace("shop-1", "shop-2"), page.Split('?')[0] })
        {
            using var answer = await world.Browser.GetAsync(new Uri(other), Cancellation);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            using var pressed = await world.Press(new(other), "pay");
            Assert.Equal(HttpStatusCode.NotFound, pressed.StatusCode);
        }
    }

    [Fact]
    public async Task Paying_sends_one_callback()
    {
        await world.Pay(await world.Arrive("P1"));
        var paid = Assert.IsType<PaymentState.Paid>(await world.NextState("P1"));
        Assert.Equal((SandboxWorld.Price, SandboxWorld.Noon), (paid.Amount, paid.At));
        Assert.Empty(await world.WhatElseArrives("MARKER"));
    }

    [Fact]
    public async Task A_code_that_was_scanned_is_paid_like_any_other()
    {
        var created = Assert.IsType<ChannelAnswer<Checkout>.Done>(await world.Channel(PaymentPresentation.QrCode).Create(world.Request("P1"), Cancellation));
        await world.Pay(new(created.Value.QrCode!));
        Assert.IsType<PaymentState.Paid>(await world.NextState("P1"));
    }

    [Fact]
    public async Task Declining_closes_and_says_so()
    {
        var page = await world.Arrive("P1");
        await world.Pay(page, "decline");
        Assert.IsType<PaymentState.Closed>(await world.NextState("P1"));
        Assert.Equal(new ChannelAnswer<PaymentState>.Done(new PaymentState.Closed()), await world.Channel().Query(SandboxWorld.Reference("P1"), Cancellation));
        await Refused(page, "pay");
        await Refused(page, "decline");
        await Refused(page, "twice");
    }

    [Fact]
    public async Task Paying_twice_moves_money_twice()
    {
        await world.Pay(await world.Arrive("P1"), "twice");
        var both = new[] { Assert.IsType<PaymentState.Paid>(await world.NextState("P1")), Assert.IsType<PaymentState.Paid>(await world.NextState("P1")) };
        Assert.All(both, paid => Assert.Equal(SandboxWorld.Price, paid.Amount));
        Assert.NotEqual(both[0].TransactionId, both[1].TransactionId);
        Assert.Empty(await world.WhatElseArrives("MARKER"));
        foreach (var (paid, refundNumber) in both.Zip(["R1", "R2"]))
        {
            var refund = await world.Channel().Refund(new(SandboxWorld.Reference("P1"), refundNumber, paid.TransactionId, SandboxWorld.Price), Cancellation);
            Assert.IsType<RefundState.Succeeded>(Assert.IsType<ChannelAnswer<RefundState>.Done>(refund).Value);
        }
    }

    [Fact]
    public async Task A_paid_payment_is_paid_again_only_on_purpose_and_ten_times_at_most()
    {
        var page = await world.Arrive("P1");
        await world.Pay(page);
        await Refused(page, "pay");
        await Refused(page, "late");
        await Refused(page, "decline");
        for (var times = 1; times < 10; times++)
            await world.Pay(page, "twice");
        await Refused(page, "twice");
        var transactions = new HashSet<string>();
        for (var times = 0; times < 10; times++)
            transactions.Add(Assert.IsType<PaymentState.Paid>(await world.NextState("P1")).TransactionId);
        Assert.Equal(10, transactions.Count);
    }

    [Theory]
    [InlineData("0.01", "", 1, "CNY")]
    [InlineData("20", "", 2000, "CNY")]
    [InlineData("", "USD", 1990, "USD")]
    [InlineData("", "JPY", 20, "JPY")]
    [InlineData("", "KWD", 19900, "KWD")]
    [InlineData("1.234", "KWD", 1234, "KWD")]
    public async Task Another_amount_or_currency_is_what_the_callback_and_the_query_say(string amount, string currency, long minor, string inCurrency)
    {
        await world.Pay(await world.Arrive("P1"), "pay", ("amount", amount), ("currency", currency));
        var paid = Assert.IsType<PaymentState.Paid>(await world.NextState("P1"));
        Assert.Equal(new(minor, inCurrency), paid.Amount);
        Assert.Equal(new ChannelAnswer<PaymentState>.Done(paid), await world.Channel().Query(SandboxWorld.Reference("P1"), Cancellation));
    }

    [Theory]
    [InlineData("amount", "0")]
    [InlineData("amount", "-1")]
    [InlineData("amount", "1.999")]
    [InlineData("amount", "1e3")]
    [InlineData("amount", "99999999999999999")]
    [InlineData("amount", "<b>")]
    [InlineData("currency", "XXX")]
    [InlineData("news", "eaten")]
    [InlineData("seconds", "0")]
    [InlineData("seconds", "3601")]
    [InlineData("times", "21")]
    [InlineData("refunds", "perhaps")]
    public async Task A_form_that_makes_no_sense_moves_nothing(string name, string value)
    {
        using var answer = await world.Press(await world.Arrive("P1"), "pay", (name, value));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(new ChannelAnswer<PaymentState>.Done(new PaymentState.Pending()), await world.Channel().Query(SandboxWorld.Reference("P1"), Cancellation));
    }

    [Fact]
    public async Task A_button_that_does_not_exist_moves_nothing()
    {
        using var answer = await world.Press(await world.Arrive("P1"), "steal");
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task An_expired_payment_can_be_paid_late()
    {
        var page = await world.Arrive("P1", timeToPay: TimeSpan.FromSeconds(10));
        world.Time.Advance(TimeSpan.FromSeconds(10));
        await Refused(page, "pay");
        using (var shown = await world.Browser.GetAsync(page, Cancellation))
            Assert.Contains("Pay anyway, late", await shown.Content.ReadAsStringAsync(Cancellation));
        await world.Pay(page, "late");
        var paid = Assert.IsType<PaymentState.Paid>(await world.NextState("P1"));
        Assert.Equal(SandboxWorld.Noon.AddSeconds(10), paid.At);
        Assert.Equal(new ChannelAnswer<PaymentState>.Done(paid), await world.Channel().Query(SandboxWorld.Reference("P1"), Cancellation));
    }

    [Fact]
    public async Task A_closed_payment_can_be_paid_late()
    {
        var page = await world.Arrive("P1");
        Assert.IsType<ChannelAnswer<PaymentState>.Done>(await world.Channel().Close(SandboxWorld.Reference("P1"), Cancellation));
        await Refused(page, "pay");
        await world.Pay(page, "late");
        Assert.IsType<PaymentState.Paid>(await world.NextState("P1"));
    }

    [Fact]
    public async Task A_buyer_may_arrive_late()
    {
        world.Time.Advance(TimeSpan.FromHours(1));
        var page = await world.Arrive("P1");
        await Refused(page, "pay");
        await world.Pay(page, "late");
        Assert.IsType<PaymentState.Paid>(await world.NextState("P1"));
    }

    [Fact]
    public async Task A_delayed_callback_comes_after_its_delay()
    {
        await world.Pay(await world.Arrive("P1"), "pay", ("news", "delayed"), ("seconds", "30"));
        Assert.Empty(await world.WhatElseArrives("MARKER1"));
        world.Time.Advance(TimeSpan.FromSeconds(29));
        Assert.Empty(await world.WhatElseArrives("MARKER2"));
        var message = await world.Next(step: TimeSpan.FromMilliseconds(500));
        Assert.True(SentAt(message) >= SandboxWorld.Noon.AddSeconds(30));
        Assert.Equal(SandboxWorld.Noon, Assert.IsType<PaymentState.Paid>(Assert.IsType<CallbackReading.PaymentNews>(world.Channel().Read(message)).State).At);
    }

    [Fact]
    public async Task A_lost_callback_never_comes_and_the_query_knows()
    {
        await world.Pay(await world.Arrive("P1"), "pay", ("news", "lost"));
        Assert.Empty(await world.WhatElseArrives("MARKER1"));
        world.Time.Advance(TimeSpan.FromDays(1));
        Assert.IsType<PaymentState.Paid>(
            Assert.IsType<ChannelAnswer<PaymentState>.Done>(await world.Channel().Query(SandboxWorld.Reference("P1"), Cancellation)).Value);
        await world.Pay(await world.Arrive("MARKER2", timeToPay: TimeSpan.FromDays(2)));
        await world.NextState("MARKER2");
    }

    [Fact]
    public async Task A_repeated_callback_says_the_same_each_time()
    {
        await world.Pay(await world.Arrive("P1"), "pay", ("news", "repeated"), ("times", "5"));
        var states = new HashSet<PaymentState>();
        for (var times = 0; times < 5; times++)
            states.Add(await world.NextState("P1"));
        Assert.IsType<PaymentState.Paid>(Assert.Single(states));
        Assert.Empty(await world.WhatElseArrives("MARKER"));
    }

    [Fact]
    public async Task A_reordered_callback_is_followed_by_an_older_one()
    {
        await world.Pay(await world.Arrive("P1"), "pay", ("news", "reordered"));
        Assert.IsType<PaymentState.Paid>(await world.NextState("P1"));
        Assert.IsType<PaymentState.Pending>(await world.NextState("P1"));
        Assert.Empty(await world.WhatElseArrives("MARKER"));
    }

    [Fact]
    public async Task A_callback_is_sent_until_it_is_acknowledged_and_signed_anew_each_time()
    {
        // The word without success, a page that has the word in it, another word, a redirect, and at last the word.
        (int Status, string Body)[] answers = [(500, "success"), (200, "<p>success</p>"), (200, "fail"), (302, "success"), (200, " success\n")];
        foreach (var (status, body) in answers)
            world.Answers.Enqueue(new(status, "text/plain", body));
        await world.Pay(await world.Arrive("P1"));
        var attempts = new List<CallbackMessage>();
        for (var attempt = 0; attempt < 5; attempt++)
        {
            attempts.Add(await world.Next(step: TimeSpan.FromMilliseconds(500)));
            // Each is good at the moment at which it arrives, later than the first one's five minutes too.
            Assert.IsType<CallbackReading.PaymentNews>(world.Channel().Read(attempts[^1]));
        }

        Assert.All(attempts, attempt => Assert.Equal(attempts[0].Body.ToArray(), attempt.Body.ToArray()));
        int[] waits = [1, 5, 30, 120];
        for (var attempt = 1; attempt < 5; attempt++)
            Assert.InRange((SentAt(attempts[attempt]) - SentAt(attempts[attempt - 1])).TotalSeconds, waits[attempt - 1], waits[attempt - 1] + 85);
        world.Time.Advance(TimeSpan.FromDays(1));
        await world.Pay(await world.Arrive("MARKER", timeToPay: TimeSpan.FromDays(2)));
        await world.NextState("MARKER");
    }

    [Fact]
    public async Task Deliveries_are_counted()
    {
        var outcomes = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, mine) =>
        {
            if (instrument.Name == "billing.sandbox.callbacks" && instrument.Meter.Scope == world.ProviderServices.GetRequiredService<IMeterFactory>())
                mine.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (outcomes)
                outcomes.Add((string)tags[0].Value!);
        });
        listener.Start();
        world.Answers.Enqueue(new(500, "", "fail"));
        await world.Pay(await world.Arrive("P1"));
        await world.Next();
        await world.Next(step: TimeSpan.FromMilliseconds(500));
        while (true)
        {
            lock (outcomes)
            {
                if (outcomes.Count == 2)
                    break;
            }

            await Task.Delay(10, Cancellation);
        }

        Assert.Equal(["failed", "delivered"], outcomes);
    }

    [Theory]
    [InlineData("fail")]
    [InlineData("no-funds")]
    public async Task Refunds_can_be_made_to_go_wrong(string plan)
    {
        await world.Pay(await world.Arrive("P1"), "pay", ("refunds", plan));
        var paid = Assert.IsType<PaymentState.Paid>(await world.NextState("P1"));
        var answer = await world.Channel().Refund(new(SandboxWorld.Reference("P1"), "R1", paid.TransactionId, SandboxWorld.Price), Cancellation);
        if (plan == "fail")
        {
            Assert.IsType<RefundState.Failed>(Assert.IsType<ChannelAnswer<RefundState>.Done>(answer).Value);
            Assert.IsType<RefundState.Failed>(Assert.IsType<CallbackReading.RefundNews>(await world.NextNews()).State);
        }
        else
        {
            Assert.Equal(new ChannelAnswer<RefundState>.Refused(RefusalKind.InsufficientFunds, "INSUFFICIENT_FUNDS"), answer);
        }
    }

    static DateTimeOffset SentAt(CallbackMessage message) =>
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(message.Headers["Sandbox-Timestamp"], CultureInfo.InvariantCulture));

    async Task Refused(Uri page, string does)
    {
        using var answer = await world.Press(page, does);
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("role=\"alert\"", await answer.Content.ReadAsStringAsync(Cancellation));
    }
}
