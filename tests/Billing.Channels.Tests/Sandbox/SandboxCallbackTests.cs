using System.Globalization;
using System.Text;
using Billing.Channels.Sandbox;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.Channels.Tests.Sandbox;

/// <summary>What the channel believes.</summary>
public sealed class SandboxCallbackTests : IDisposable
{
    const string Paid =
        """{"event":"payment","number":"0123456789ABCDEF01","merchant":"shop-1","state":"paid","amountMinor":1990,"currency":"CNY","transactionId":"T1","""
        + "\"at\":\"2026-03-01T12:00:00+00:00\"}";

    static readonly DateTimeOffset Noon = SandboxWorld.Noon;
    static readonly DateTimeOffset PaidAt = Noon;

    readonly ServiceProvider clients = SandboxWorld.Clients();

    SandboxChannel Channel => new(
        new() { BaseUrl = new("http://localhost:1/sandbox"), MerchantId = SandboxWorld.MerchantId, Secret = SandboxWorld.Secret },
        clients.GetRequiredService<IHttpClientFactory>(),
        TimeProvider.System);

    public void Dispose() => clients.Dispose();

    [Fact]
    public void A_signed_callback_is_read() => Assert.Equal(
        new CallbackReading.PaymentNews("0123456789ABCDEF01", SandboxWorld.Merchant, new PaymentState.Paid(new(1990, "CNY"), "T1", PaidAt)),
        Channel.Read(Signed(Paid)));

    [Theory]
    [InlineData("pending", typeof(PaymentState.Pending))]
    [InlineData("closed", typeof(PaymentState.Closed))]
    public void News_of_a_payment_without_money_needs_no_transaction(string state, Type expected)
    {
        var body = Paid.Replace("\"paid\"", $"\"{state}\"").Replace("\"transactionId\":\"T1\",", "");
        Assert.IsType(expected, Assert.IsType<CallbackReading.PaymentNews>(Channel.Read(Signed(body))).State);
    }

    [Fact]
    public void News_of_a_refund_is_read()
    {
        var body = Paid.Replace("payment", "refund").Replace("0123456789ABCDEF01", "P1").Replace("\"paid\"", "\"succeeded\",\"refundNumber\":\"R1\"");
        var succeeded = new RefundState.Succeeded(SandboxWorld.Price, Noon);
        Assert.Equal(new CallbackReading.RefundNews("P1", "R1", SandboxWorld.Merchant, succeeded), Channel.Read(Signed(body)));
        Assert.IsType<RefundState.Failed>(Assert.IsType<CallbackReading.RefundNews>(Channel.Read(Signed(body.Replace("succeeded", "failed")))).State);
    }

    [Fact]
    public void Another_merchants_news_says_whose_it_is()
    {
        var news = Assert.IsType<CallbackReading.PaymentNews>(Channel.Read(Signed(Paid.Replace("shop-1", "shop-2"))));
        Assert.Equal(new MerchantIdentity("shop-2"), news.Merchant);
    }

    [Fact]
    public void News_of_another_kind_is_not_our_business() =>
        Assert.Equal(new CallbackReading.NotOurBusiness("payout"), Channel.Read(Signed("""{"event":"payout"}""")));

    [Fact]
    public void Every_changed_byte_is_noticed()
    {
        var message = Signed(Paid);
        for (var at = 0; at < message.Body.Length; at++)
        {
            var bytes = message.Body.ToArray();
            bytes[at] ^= 1;
            Assert.Equal(Rejected(CallbackRejection.BadSignature), Channel.Read(message with { Body = bytes }));
        }
    }

    [Fact]
    public void Every_changed_digit_of_the_signature_is_noticed()
    {
        var message = Signed(Paid);
        var signature = message.Headers["Sandbox-Signature"];
        for (var at = 0; at < signature.Length; at++)
        {
            var changed = signature.ToCharArray();
            changed[at] = changed[at] == '0' ? '1' : '0';
            Assert.Equal(Rejected(CallbackRejection.BadSignature), Channel.Read(message.With("Sandbox-Signature", new(changed))));
        }
    }

    [Fact]
    public void A_signature_has_one_spelling()
    {
        var message = Signed(Paid);
        var signature = message.Headers["Sandbox-Signature"];
        foreach (var other in new[] { signature.ToUpperInvariant(), signature[..^1], signature + "0", " " + signature, "ſ" + signature[1..], "x" })
            Assert.Equal(Rejected(CallbackRejection.BadSignature), Channel.Read(message.With("Sandbox-Signature", other)));
    }

    [Fact]
    public void Another_secret_signs_for_somebody_else() =>
        Assert.Equal(Rejected(CallbackRejection.BadSignature), Channel.Read(SignedCallback.Of(Paid, SandboxWorld.Secret + "!", Noon)));

    [Theory]
    [InlineData("Sandbox-Signature", null)]
    [InlineData("Sandbox-Signature", "")]
    [InlineData("Sandbox-Timestamp", null)]
    [InlineData("Sandbox-Timestamp", "")]
    public void A_callback_without_a_signature_is_named_so(string header, string? value) =>
        Assert.Equal(Rejected(CallbackRejection.NoSignature), Channel.Read(Signed(Paid).With(header, value)));

    [Theory]
    [InlineData(-301, true)]
    [InlineData(-300, false)]
    [InlineData(0, false)]
    [InlineData(300, false)]
    [InlineData(301, true)]
    public void A_callback_is_good_for_five_minutes_in_either_direction(int seconds, bool tooOld)
    {
        var reading = Channel.Read(SignedCallback.Of(Paid, SandboxWorld.Secret, Noon, Noon.AddSeconds(seconds)));
        if (tooOld)
            Assert.Equal(Rejected(CallbackRejection.TooOld), reading);
        else
            Assert.IsType<CallbackReading.PaymentNews>(reading);
    }

    [Theory]
    [InlineData("noon")]
    [InlineData("-1")]
    [InlineData("+1772366400")]
    [InlineData(" 1772366400")]
    [InlineData("1772366400.5")]
    [InlineData("1,772,366,400")]
    [InlineData("9223372036854775807")]
    [InlineData("99999999999999999999999999")]
    [InlineData("١٢٣")]
    public void A_timestamp_is_digits_and_few(string timestamp) =>
        Assert.Equal(Rejected(CallbackRejection.Malformed), Channel.Read(SignedCallback.Of(Encoding.UTF8.GetBytes(Paid), SandboxWorld.Secret, timestamp, Noon)));

    [Fact]
    public void The_longest_timestamp_is_only_too_old() =>
        Assert.Equal(Rejected(CallbackRejection.TooOld), Channel.Read(SignedCallback.Of(Encoding.UTF8.GetBytes(Paid), SandboxWorld.Secret, "999999999999", Noon)));

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("success")]
    public void What_is_not_news_is_malformed(string body) => Assert.Equal(Rejected(CallbackRejection.Malformed), Channel.Read(Signed(body)));

    [Theory]
    [InlineData("\"amountMinor\":1990", "\"amountMinor\":1990,\"amountMinor\":1")]
    [InlineData("\"amountMinor\":1990", "\"amountMinor\":1990,\"amount\\u004Dinor\":1")]
    [InlineData("\"amountMinor\":1990", "\"amountMinor\":1990,\"extra\":1,\"extra\":1")]
    [InlineData("\"amountMinor\":1990", "\"amountMinor\":0")]
    [InlineData("\"amountMinor\":1990", "\"amountMinor\":-1990")]
    [InlineData("\"amountMinor\":1990", "\"amountMinor\":1000000000001")]
    [InlineData("\"amountMinor\":1990", "\"amountMinor\":9223372036854775808")]
    [InlineData("\"amountMinor\":1990", "\"amountMinor\":19.90")]
    [InlineData("\"amountMinor\":1990", "\"amountMinor\":\"1990\"")]
    [InlineData("\"amountMinor\":1990", "\"AmountMinor\":1990")]
    [InlineData("\"amountMinor\":1990,", "")]
    [InlineData("CNY", "XXX")]
    [InlineData("CNY", "cny")]
    [InlineData("\"paid\"", "\"PAID\"")]
    [InlineData("\"paid\"", "7")]
    [InlineData("\"T1\"", "\"\"")]
    [InlineData("\"T1\"", "null")]
    [InlineData("\"0123456789ABCDEF01\"", "\"0123456789ABCDEF01'\"")]
    [InlineData("\"0123456789ABCDEF01\"", "\"\\ud800\"")]
    [InlineData("\"0123456789ABCDEF01\"", "17")]
    [InlineData("\"shop-1\"", "\"\"")]
    [InlineData("2026-03-01T12:00:00+00:00", "yesterday")]
    [InlineData("}", ",}")]
    [InlineData("}", "} ")]
    public void A_signed_callback_that_breaks_its_own_documentation_is_malformed(string part, string instead)
    {
        var reading = Channel.Read(Signed(Paid.Replace(part, instead)));
        // Blanks behind the object are JSON still: the row shows that the test can tell.
        if (instead == "} ")
            Assert.IsType<CallbackReading.PaymentNews>(reading);
        else
            Assert.Equal(Rejected(CallbackRejection.Malformed), reading);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_malformed()
    {
        var bytes = Encoding.UTF8.GetBytes(Paid);
        bytes[Paid.IndexOf("T1", StringComparison.Ordinal)] = 0xFF;
        Assert.Equal(Rejected(CallbackRejection.Malformed), Channel.Read(SignedCallback.Of(bytes, SandboxWorld.Secret, Seconds(Noon), Noon)));
    }

    [Fact]
    public void More_than_64_KiB_is_not_looked_at()
    {
        var most = Paid.PadRight(64 * 1024);
        Assert.IsType<CallbackReading.PaymentNews>(Channel.Read(Signed(most)));
        Assert.Equal(Rejected(CallbackRejection.Malformed), Channel.Read(Signed(most + " ")));
    }

    [Fact]
    public void A_callback_is_posted() => Assert.Equal(Rejected(CallbackRejection.Malformed), Channel.Read(Signed(Paid) with { HttpMethod = "GET" }));

    [Fact]
    public void A_thousand_broken_callbacks_are_read_without_an_exception()
    {
        var chance = new Random(20260301);
        for (var round = 0; round < 1000; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(Paid);
            for (var changes = chance.Next(1, 4); changes > 0; changes--)
                bytes[chance.Next(bytes.Length)] = (byte)chance.Next(256);
            Assert.NotNull(Channel.Read(SignedCallback.Of(bytes, SandboxWorld.Secret, Seconds(Noon), Noon)));
        }
    }

    [Theory]
    [InlineData(CallbackVerdict.Accepted, 200, "success")]
    [InlineData(CallbackVerdict.AlreadyKnown, 200, "success")]
    [InlineData(CallbackVerdict.Ignored, 200, "success")]
    [InlineData(CallbackVerdict.NotAuthentic, 400, "fail")]
    [InlineData(CallbackVerdict.NotOurs, 400, "fail")]
    [InlineData(CallbackVerdict.TryAgain, 500, "fail")]
    public void A_verdict_is_answered_in_the_providers_words(CallbackVerdict verdict, int status, string body) =>
        Assert.Equal(new CallbackReply(status, "text/plain", body), Channel.Answer(verdict));

    [Fact]
    public void Refusing_a_forged_callback_allocates_almost_nothing()
    {
        var channel = Channel;
        var forged = Signed(Paid).With("Sandbox-Signature", new('0', 64));
        channel.Read(forged);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 100; round++)
            channel.Read(forged);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100 * 64);
    }

    static CallbackMessage Signed(string body) => SignedCallback.Of(body, SandboxWorld.Secret, Noon);

    static CallbackReading.Rejected Rejected(CallbackRejection reason) => new(reason);

    static string Seconds(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
}
