using System.Globalization;
using System.Net;
using System.Text;
using Billing.Channels.Sandbox;

namespace Billing.Channels.Tests.Sandbox;

/// <summary>The channel and the provider, over HTTP.</summary>
public sealed class SandboxApiTests : IAsyncLifetime
{
    SandboxWorld world = null!;

    static CancellationToken Cancellation => SandboxWorld.Cancellation;

    SandboxChannel Scanned => world.Channel(PaymentPresentation.QrCode);

    public async ValueTask InitializeAsync() => world = await SandboxWorld.Start();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public void A_redirect_makes_no_call_and_a_code_does()
    {
        Assert.Equal((true, true, NotFoundMeaning.NotYetOpened), Facts(world.Channel().Traits));
        Assert.Equal((false, true, NotFoundMeaning.NeverCreated), Facts(Scanned.Traits));

        static (bool, bool, NotFoundMeaning) Facts(ChannelTraits traits) => (traits.CreatesWithoutCall, traits.CanClose, traits.NotFoundMeans);
    }

    [Fact]
    public async Task A_redirected_payment_exists_once_the_buyer_arrives()
    {
        var first = await world.Channel().Create(world.Request("P1"), Cancellation);
        Assert.Equal(first, await world.Channel().Create(world.Request("P1"), Cancellation));
        Assert.Equal(Done(new PaymentState.NotFound()), await world.Channel().Query(SandboxWorld.Reference("P1"), Cancellation));
        await world.Arrive("P1");
        await world.Arrive("P1");
        Assert.Equal(Done(new PaymentState.Pending()), await world.Channel().Query(SandboxWorld.Reference("P1"), Cancellation));
    }

    [Theory]
    [InlineData("amount=1990", "amount=1")]
    [InlineData("currency=CNY", "currency=KRW")]
    [InlineData("notify=", "notify=http%3A%2F%2Fevil.example%2F")]
    [InlineData("subject=", "subject=x")]
    [InlineData("number=P1", "number=P2")]
    [InlineData("merchant=shop-1", "merchant=shop-2")]
    [InlineData("signature=", "signature=0")]
    public async Task A_changed_address_opens_nothing(string part, string instead)
    {
        var created = Assert.IsType<ChannelAnswer<Checkout>.Done>(await world.Channel().Create(world.Request("P1"), Cancellation));
        using var answer = await world.Browser.GetAsync(new Uri(created.Value.RedirectUrl!.Replace(part, instead)), Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Equal(Done(new PaymentState.NotFound()), await world.Channel().Query(SandboxWorld.Reference("P1"), Cancellation));
    }

    [Fact]
    public async Task An_address_with_a_name_that_comes_twice_opens_nothing()
    {
        var created = Assert.IsType<ChannelAnswer<Checkout>.Done>(await world.Channel().Create(world.Request("P1"), Cancellation));
        using var answer = await world.Browser.GetAsync(new Uri(created.Value.RedirectUrl + "&amount=1"), Cancellation);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Creating_twice_is_creating_once()
    {
        var first = Assert.IsType<ChannelAnswer<Checkout>.Done>(await Scanned.Create(world.Request("P1"), Cancellation));
        Assert.Equal(first, await Scanned.Create(world.Request("P1"), Cancellation));
        Assert.StartsWith(world.ProviderUrl.AbsoluteUri + "/p/P1?", first.Value.QrCode);
        Assert.Null(first.Value.RedirectUrl);
        using var page = await world.Browser.GetAsync(new Uri(first.Value.QrCode!), Cancellation);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Fact]
    public async Task A_number_with_other_values_is_a_conflict()
    {
        await Scanned.Create(world.Request("P1"), Cancellation);
        var request = world.Request("P1");
        foreach (var other in new[]
        {
            request with { Amount = new(1991, "CNY") },
            request with { Amount = new(1990, "USD") },
            request with { Subject = "x" },
            request with { ExpiresAt = request.ExpiresAt.AddSeconds(1) },
            request with { ReturnUrl = new("https://shop.example/") },
            request with { CallbackUrl = new("https://shop.example/") },
        })
            Assert.Equal(new ChannelAnswer<Checkout>.Refused(RefusalKind.Conflict, "NUMBER_CONFLICT"), await Scanned.Create(other, Cancellation));
    }

    [Fact]
    public async Task A_paid_or_closed_number_is_not_created_again()
    {
        await world.Pay(await world.Arrive("P1"));
        Assert.Equal(new ChannelAnswer<Checkout>.Refused(RefusalKind.AlreadyPaid, "ALREADY_PAID"), await Scanned.Create(world.Request("P1"), Cancellation));
        await world.Pay(await world.Arrive("P2"), "decline");
        Assert.Equal(new ChannelAnswer<Checkout>.Refused(RefusalKind.AlreadyClosed, "ALREADY_CLOSED"), await Scanned.Create(world.Request("P2"), Cancellation));
    }

    [Fact]
    public async Task A_payment_that_cannot_be_is_refused()
    {
        foreach (var other in new[]
        {
            world.Request("P1", new Money(0, "CNY")), world.Request("P1", new Money(1, "XXX")), world.Request("P1") with { Subject = "" },
            world.Request("P1") with { Subject = new('x', 257) }, world.Request("P1") with { ReturnUrl = new("javascript:alert(1)") }, world.Request("no number"),
        })
            Assert.Equal(new ChannelAnswer<Checkout>.Refused(RefusalKind.BadRequest, "INVALID_REQUEST"), await Scanned.Create(other, Cancellation));
    }

    [Fact]
    public async Task A_payment_expires_by_the_clock()
    {
        await Scanned.Create(world.Request("P1", timeToPay: TimeSpan.FromSeconds(10)), Cancellation);
        world.Time.Advance(TimeSpan.FromSeconds(9));
        Assert.Equal(Done(new PaymentState.Pending()), await Scanned.Query(SandboxWorld.Reference("P1"), Cancellation));
        world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Done(new PaymentState.Closed()), await Scanned.Query(SandboxWorld.Reference("P1"), Cancellation));
    }

    [Fact]
    public async Task Closing_twice_is_closing_once()
    {
        Assert.Equal(Done(new PaymentState.NotFound()), await Scanned.Close(SandboxWorld.Reference("P1"), Cancellation));
        await Scanned.Create(world.Request("P1"), Cancellation);
        Assert.Equal(Done(new PaymentState.Closed()), await Scanned.Close(SandboxWorld.Reference("P1"), Cancellation));
        Assert.Equal(Done(new PaymentState.Closed()), await Scanned.Close(SandboxWorld.Reference("P1"), Cancellation));
        Assert.Equal(Done(new PaymentState.Closed()), await Scanned.Query(SandboxWorld.Reference("P1"), Cancellation));
    }

    [Fact]
    public async Task Of_closing_and_paying_at_once_one_wins()
    {
        for (var round = 0; round < 20; round++)
        {
            var number = $"RACE{round}";
            var page = await world.Arrive(number);
            var pay = world.Press(page, "pay");
            var close = world.Channel().Close(SandboxWorld.Reference(number), Cancellation);
            using var paid = await pay;
            var closed = await close;
            if (paid.StatusCode == HttpStatusCode.SeeOther)
                Assert.Equal(new ChannelAnswer<PaymentState>.Refused(RefusalKind.AlreadyPaid, "ALREADY_PAID"), closed);
            else
                Assert.Equal((HttpStatusCode.Conflict, Done(new PaymentState.Closed())), (paid.StatusCode, closed));
        }
    }

    [Fact]
    public async Task A_paid_payment_answers_that_it_cannot_be_closed()
    {
        await world.Pay(await world.Arrive("P1"));
        Assert.Equal(
            new ChannelAnswer<PaymentState>.Refused(RefusalKind.AlreadyPaid, "ALREADY_PAID"), await world.Channel().Close(SandboxWorld.Reference("P1"), Cancellation));
        var done = Assert.IsType<ChannelAnswer<PaymentState>.Done>(await world.Channel().Query(SandboxWorld.Reference("P1"), Cancellation));
        Assert.Equal(done.Value, await world.NextState("P1"));
    }

    [Fact]
    public async Task A_refund_number_gives_money_back_once()
    {
        var paid = await Paid("P1");
        var refund = new RefundRequest(SandboxWorld.Reference("P1"), "R1", paid.TransactionId, new(990, "CNY"));
        var done = Done(new RefundState.Succeeded(new(990, "CNY"), SandboxWorld.Noon));
        Assert.Equal(Done(new RefundState.NotFound()), await world.Channel().QueryRefund(new(refund.Payment, "R1"), Cancellation));
        Assert.Equal(done, await world.Channel().Refund(refund, Cancellation));
        Assert.Equal(done, await world.Channel().Refund(refund, Cancellation));
        Assert.Equal(done, await world.Channel().QueryRefund(new(refund.Payment, "R1"), Cancellation));
        Assert.Equal(
            new CallbackReading.RefundNews("P1", "R1", SandboxWorld.Merchant, new RefundState.Succeeded(new(990, "CNY"), SandboxWorld.Noon)), await world.NextNews());
        Assert.Empty(await world.WhatElseArrives("MARKER"));
    }

    [Fact]
    public async Task More_than_was_paid_is_never_given_back()
    {
        var paid = await Paid("P1");
        Assert.IsType<ChannelAnswer<RefundState>.Done>(await Refund("R1", paid.TransactionId, new(1000, "CNY")));
        Assert.Equal(new ChannelAnswer<RefundState>.Refused(RefusalKind.AmountTooLarge, "REFUND_TOO_LARGE"), await Refund("R2", paid.TransactionId, new(991, "CNY")));
        Assert.IsType<ChannelAnswer<RefundState>.Done>(await Refund("R2", paid.TransactionId, new(990, "CNY")));
        Assert.Equal(new ChannelAnswer<RefundState>.Refused(RefusalKind.AmountTooLarge, "REFUND_TOO_LARGE"), await Refund("R3", paid.TransactionId, new(1, "CNY")));
    }

    [Fact]
    public async Task A_refund_that_cannot_be_is_refused()
    {
        Assert.Equal(new ChannelAnswer<RefundState>.Refused(RefusalKind.NotFound, "PAYMENT_NOT_FOUND"), await Refund("R1", "T1", new(1, "CNY")));
        await world.Arrive("P1");
        Assert.Equal(new ChannelAnswer<RefundState>.Refused(RefusalKind.NotFound, "TRANSACTION_NOT_FOUND"), await Refund("R1", "T1", new(1, "CNY")));
        var paid = await Paid("P1");
        Assert.Equal(new ChannelAnswer<RefundState>.Refused(RefusalKind.BadRequest, "INVALID_REQUEST"), await Refund("R1", paid.TransactionId, new(1, "USD")));
        Assert.Equal(new ChannelAnswer<RefundState>.Refused(RefusalKind.BadRequest, "INVALID_REQUEST"), await Refund("R1", paid.TransactionId, new(0, "CNY")));
        await Refund("R1", paid.TransactionId, new(1, "CNY"));
        Assert.Equal(new ChannelAnswer<RefundState>.Refused(RefusalKind.Conflict, "REFUND_CONFLICT"), await Refund("R1", paid.TransactionId, new(2, "CNY")));
    }

    [Theory]
    [InlineData("Sandbox-Signature", "", 401)]
    [InlineData("Sandbox-Signature", "upper", 401)]
    [InlineData("Sandbox-Signature", "forged", 401)]
    [InlineData("Sandbox-Timestamp", "", 401)]
    [InlineData("Sandbox-Timestamp", "noon", 401)]
    [InlineData("Sandbox-Timestamp", "old", 401)]
    [InlineData("Sandbox-Merchant", "shop-2", 401)]
    [InlineData("path", "?x=1", 401)]
    [InlineData("nothing", "", 404)]
    public async Task A_call_that_the_merchant_did_not_sign_now_is_refused(string what, string value, int status)
    {
        var at = SandboxWorld.Noon.AddSeconds(value == "old" ? -301 : 0);
        var timestamp = value is "old" or "" || what != "Sandbox-Timestamp" ? at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) : value;
        var signature = SignedCallback.SignRequest(
            value == "forged" ? "the secret of somebody who is between us" : SandboxWorld.Secret, "GET", "/sandbox/api/payments/P1", timestamp, body: "");
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(world.ProviderUrl + "/api/payments/P1" + (what == "path" ? value : "")));
        request.Headers.Add("Sandbox-Merchant", what == "Sandbox-Merchant" ? value : SandboxWorld.MerchantId);
        if (what != "Sandbox-Timestamp" || value != "")
            request.Headers.Add("Sandbox-Timestamp", timestamp);
        if (what != "Sandbox-Signature" || value != "")
            request.Headers.Add("Sandbox-Signature", value == "upper" ? signature.ToUpperInvariant() : signature);
        using var answer = await world.Browser.SendAsync(request, Cancellation);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Fact]
    public async Task An_answer_is_signed()
    {
        var timestamp = SandboxWorld.Noon.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(world.ProviderUrl + "/api/payments/P1"));
        request.Headers.Add("Sandbox-Merchant", SandboxWorld.MerchantId);
        request.Headers.Add("Sandbox-Timestamp", timestamp);
        request.Headers.Add("Sandbox-Signature", SignedCallback.SignRequest(SandboxWorld.Secret, "GET", "/sandbox/api/payments/P1", timestamp, body: ""));
        using var answer = await world.Browser.SendAsync(request, Cancellation);
        var body = await answer.Content.ReadAsByteArrayAsync(Cancellation);
        Assert.Equal("""{"code":"PAYMENT_NOT_FOUND"}""", Encoding.UTF8.GetString(body));
        Assert.Equal(SignedCallback.Sign(body, SandboxWorld.Secret, timestamp), Assert.Single(answer.Headers.GetValues("Sandbox-Signature")));
    }

    [Fact]
    public async Task The_oldest_finished_payment_is_forgotten_first()
    {
        await using var small = await SandboxWorld.Start(mostPayments: 3);
        await small.Arrive("OPEN");
        await small.Pay(await small.Arrive("PAID1"));
        await small.Pay(await small.Arrive("PAID2"));
        await small.Arrive("NEW1");
        await small.Arrive("NEW2");
        await small.Arrive("NEW3");
        Assert.Equal(["NEW1", "NEW2", "NEW3"], await Known(small, "OPEN", "PAID1", "PAID2", "NEW1", "NEW2", "NEW3"));
    }

    [Fact]
    public async Task An_open_payment_outlives_finished_ones()
    {
        await using var small = await SandboxWorld.Start(mostPayments: 3);
        await small.Arrive("OPEN");
        await small.Pay(await small.Arrive("PAID1"));
        await small.Pay(await small.Arrive("PAID2"));
        await small.Arrive("NEW1");
        Assert.Equal(["OPEN", "PAID2", "NEW1"], await Known(small, "OPEN", "PAID1", "PAID2", "NEW1"));
    }

    static async Task<List<string>> Known(SandboxWorld world, params string[] numbers)
    {
        var known = new List<string>();
        foreach (var number in numbers)
        {
            if (await world.Channel().Query(SandboxWorld.Reference(number), Cancellation) is ChannelAnswer<PaymentState>.Done { Value: not PaymentState.NotFound })
                known.Add(number);
        }

        return known;
    }

    static ChannelAnswer<PaymentState> Done(PaymentState state) => new ChannelAnswer<PaymentState>.Done(state);

    static ChannelAnswer<RefundState> Done(RefundState state) => new ChannelAnswer<RefundState>.Done(state);

    async Task<PaymentState.Paid> Paid(string number)
    {
        await world.Pay(await world.Arrive(number));
        return Assert.IsType<PaymentState.Paid>(await world.NextState(number));
    }

    Task<ChannelAnswer<RefundState>> Refund(string refundNumber, string transactionId, Money amount) =>
        world.Channel().Refund(new(SandboxWorld.Reference("P1"), refundNumber, transactionId, amount), Cancellation);
}
