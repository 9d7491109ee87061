using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Billing.Channels.Sandbox;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Billing.Channels.Tests.Sandbox;

/// <summary>What the channel makes of failures, row by row, against a provider that answers what a test tells it to.</summary>
public sealed class SandboxErrorsTests : IAsyncLifetime
{
    const string Paid =
        """{"number":"P1","merchant":"shop-1","state":"paid","amountMinor":1990,"currency":"CNY","transactionId":"T1","at":"2026-03-01T12:00:00Z"}""";

    readonly FakeTimeProvider time = new(SandboxWorld.Noon);
    readonly ServiceProvider clients = SandboxWorld.Clients();
    WebApplication gateway = null!;
    RequestDelegate answer = _ => Task.CompletedTask;

    static CancellationToken Cancellation => SandboxWorld.Cancellation;

    public async ValueTask InitializeAsync() => gateway = await SandboxWorld.Host(_ => { }, app => app.Run(context => answer(context)));

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await clients.DisposeAsync();
    }

    [Fact]
    public async Task A_signed_answer_is_believed()
    {
        answer = Signed(200, Paid);
        var done = Assert.IsType<ChannelAnswer<PaymentState>.Done>(await Query());
        Assert.Equal(new PaymentState.Paid(new(1990, "CNY"), "T1", SandboxWorld.Noon), done.Value);
    }

    [Theory]
    [InlineData("INVALID_REQUEST", RefusalKind.BadRequest)]
    [InlineData("SIGNATURE_INVALID", RefusalKind.BadCredentials)]
    [InlineData("TIMESTAMP_INVALID", RefusalKind.BadCredentials)]
    [InlineData("PAYMENT_NOT_FOUND", RefusalKind.NotFound)]
    [InlineData("REFUND_NOT_FOUND", RefusalKind.NotFound)]
    [InlineData("TRANSACTION_NOT_FOUND", RefusalKind.NotFound)]
    [InlineData("ALREADY_PAID", RefusalKind.AlreadyPaid)]
    [InlineData("ALREADY_CLOSED", RefusalKind.AlreadyClosed)]
    [InlineData("NUMBER_CONFLICT", RefusalKind.Conflict)]
    [InlineData("REFUND_CONFLICT", RefusalKind.Conflict)]
    [InlineData("REFUND_TOO_LARGE", RefusalKind.AmountTooLarge)]
    [InlineData("TOO_MANY_MOVEMENTS", RefusalKind.NotAllowed)]
    [InlineData("INSUFFICIENT_FUNDS", RefusalKind.InsufficientFunds)]
    public async Task A_named_code_is_a_refusal(string code, RefusalKind kind)
    {
        answer = Signed(409, $$"""{"code":"{{code}}"}""");
        Assert.Equal(new ChannelAnswer<RefundState>.Refused(kind, code), await Refund());
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(409)]
    public async Task A_code_that_nobody_named_is_unknown(int status)
    {
        answer = Signed(status, """{"code":"COMPUTER_SAYS_NO"}""");
        Assert.Equal(new ChannelAnswer<RefundState>.Unknown(UnknownKind.ProviderError), await Refund());
    }

    [Fact]
    public async Task A_missing_payment_is_an_answer_to_a_query_and_to_a_close()
    {
        answer = Signed(404, """{"code":"PAYMENT_NOT_FOUND"}""");
        Assert.Equal(new ChannelAnswer<PaymentState>.Done(new PaymentState.NotFound()), await Query());
        Assert.Equal(new ChannelAnswer<PaymentState>.Done(new PaymentState.NotFound()), await Channel().Close(SandboxWorld.Reference("P1"), Cancellation));
        Assert.Equal(
            new ChannelAnswer<RefundState>.Done(new RefundState.NotFound()), await Channel().QueryRefund(new(SandboxWorld.Reference("P1"), "R1"), Cancellation));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(599)]
    public async Task A_fault_of_the_providers_is_unknown_even_when_it_is_signed(int status)
    {
        answer = Signed(status, """{"code":"ALREADY_CLOSED"}""");
        Assert.Equal(new ChannelAnswer<PaymentState>.Unknown(UnknownKind.ProviderError), await Query());
    }

    [Theory]
    [InlineData(429, UnknownKind.RateLimited)]
    [InlineData(503, UnknownKind.ProviderError)]
    public async Task The_provider_may_say_when_to_ask_again(int status, UnknownKind kind)
    {
        answer = context =>
        {
            context.Response.Headers.RetryAfter = "7";
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        };
        Assert.Equal(new ChannelAnswer<PaymentState>.Unknown(kind, TimeSpan.FromSeconds(7)), await Query());
    }

    [Theory]
    [InlineData(200)]
    [InlineData(302)]
    [InlineData(404)]
    public async Task A_page_is_no_answer(int status)
    {
        answer = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "http://127.0.0.1:1/";
            context.Response.ContentType = "text/html";
            return context.Response.WriteAsync("<h1>success</h1>", Cancellation);
        };
        Assert.Equal(new ChannelAnswer<PaymentState>.Unknown(UnknownKind.Unreadable), await Query());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("""{"number":"P2","merchant":"shop-1","state":"closed","amountMinor":1990,"currency":"CNY"}""")]
    [InlineData("""{"number":"P1","merchant":"shop-2","state":"closed","amountMinor":1990,"currency":"CNY"}""")]
    [InlineData("""{"number":"P1","merchant":"shop-1","state":"perhaps","amountMinor":1990,"currency":"CNY"}""")]
    [InlineData("""{"number":"P1","merchant":"shop-1","state":"paid","amountMinor":1990,"currency":"CNY"}""")]
    [InlineData("""{"number":"P1","merchant":"shop-1","state":"paid","amountMinor":-1,"currency":"CNY","transactionId":"T1"}""")]
    [InlineData("""{"number":"P1","merchant":"shop-1","state":"closed","state":"paid","amountMinor":1990,"currency":"CNY"}""")]
    public async Task A_signed_answer_that_does_not_answer_the_question_is_unreadable(string body)
    {
        answer = Signed(200, body);
        Assert.Equal(new ChannelAnswer<PaymentState>.Unknown(UnknownKind.Unreadable), await Query());
    }

    [Fact]
    public async Task A_refusal_without_a_code_is_unreadable()
    {
        answer = Signed(409, """{"message":"no"}""");
        Assert.Equal(new ChannelAnswer<PaymentState>.Unknown(UnknownKind.Unreadable), await Query());
    }

    [Theory]
    [InlineData(200, 0, true)]
    [InlineData(200, -301, false)]
    [InlineData(200, 301, false)]
    [InlineData(409, 0, true)]
    public async Task An_answer_whose_signature_does_not_hold_is_unknown(int status, int age, bool forged)
    {
        answer = Signed(status, status == 200 ? Paid : """{"code":"ALREADY_CLOSED"}""", age, forged ? "the secret of somebody who is between us" : SandboxWorld.Secret);
        Assert.Equal(new ChannelAnswer<PaymentState>.Unknown(UnknownKind.BadSignature), await Query());
    }

    [Fact]
    public async Task An_answer_without_a_signature_is_unknown()
    {
        answer = context =>
        {
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(Paid, Cancellation);
        };
        Assert.Equal(new ChannelAnswer<PaymentState>.Unknown(UnknownKind.BadSignature), await Query());
    }

    [Fact]
    public async Task An_answer_longer_than_64_KiB_is_unreadable()
    {
        answer = Signed(200, Paid.PadRight(64 * 1024 + 1));
        Assert.Equal(new ChannelAnswer<PaymentState>.Unknown(UnknownKind.Unreadable), await Query());
    }

    [Fact]
    public async Task A_connection_that_never_was_sent_nothing()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var channel = Channel(new($"http://127.0.0.1:{port}/sandbox"));
        Assert.Equal(new ChannelAnswer<PaymentState>.Unknown(UnknownKind.NotSent), await channel.Query(SandboxWorld.Reference("P1"), Cancellation));
    }

    [Fact]
    public async Task A_lost_connection_is_unknown()
    {
        answer = context =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        Assert.Equal(new ChannelAnswer<RefundState>.Unknown(UnknownKind.NoAnswer), await Refund());
    }

    [Fact]
    public async Task An_answer_that_breaks_off_is_unknown()
    {
        answer = async context =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("{", Cancellation);
            await context.Response.Body.FlushAsync(Cancellation);
            context.Abort();
        };
        Assert.Equal(new ChannelAnswer<RefundState>.Unknown(UnknownKind.NoAnswer), await Refund());
    }

    [Fact]
    public async Task A_call_that_takes_too_long_is_unknown()
    {
        answer = context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        var channel = Channel(timeout: TimeSpan.FromMilliseconds(200));
        Assert.Equal(new ChannelAnswer<PaymentState>.Unknown(UnknownKind.NoAnswer), await channel.Query(SandboxWorld.Reference("P1"), Cancellation));
    }

    [Fact]
    public async Task A_caller_who_gives_up_is_not_told_a_tale()
    {
        var called = new TaskCompletionSource();
        answer = context =>
        {
            called.TrySetResult();
            return Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        };
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var query = Channel().Query(SandboxWorld.Reference("P1"), patience.Token);
        await called.Task;
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query);
    }

    [Fact]
    public async Task What_could_not_be_an_address_or_is_another_merchants_is_never_sent()
    {
        var calls = 0;
        answer = context =>
        {
            Interlocked.Increment(ref calls);
            return Signed(200, Paid)(context);
        };
        Assert.Equal(
            new ChannelAnswer<PaymentState>.Refused(RefusalKind.BadRequest, "INVALID_REQUEST"), await Channel().Query(SandboxWorld.Reference("../P1"), Cancellation));
        Assert.Equal(
            new ChannelAnswer<PaymentState>.Refused(RefusalKind.NotAllowed, "MERCHANT_MISMATCH"),
            await Channel().Close(SandboxWorld.Reference("P1") with { Merchant = new("shop-2") }, Cancellation));
        Assert.Equal(0, calls);
    }

    Task<ChannelAnswer<PaymentState>> Query() => Channel().Query(SandboxWorld.Reference("P1"), Cancellation);

    Task<ChannelAnswer<RefundState>> Refund() => Channel().Refund(new(SandboxWorld.Reference("P1"), "R1", "T1", SandboxWorld.Price), Cancellation);

    SandboxChannel Channel(Uri? baseUrl = null, TimeSpan? timeout = null) => new(
        new()
        {
            BaseUrl = baseUrl ?? SandboxWorld.Address(gateway, "/sandbox"),
            MerchantId = SandboxWorld.MerchantId,
            Secret = SandboxWorld.Secret,
            Timeout = timeout ?? TimeSpan.FromSeconds(10),
        },
        clients.GetRequiredService<IHttpClientFactory>(),
        time);

    RequestDelegate Signed(int status, string body, int age = 0, string secret = SandboxWorld.Secret) => context =>
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        var timestamp = time.GetUtcNow().AddSeconds(-age).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers["Sandbox-Timestamp"] = timestamp;
        context.Response.Headers["Sandbox-Signature"] = SignedCallback.Sign(bytes, secret, timestamp);
        return context.Response.Body.WriteAsync(bytes, Cancellation).AsTask();
    };
}
