using System.Globalization;
using System.Net;

namespace Billing.Channels.Tests.Sandbox;

/// <summary>The provider's bill, and its disputes, over HTTP.</summary>
public sealed class SandboxBillTests : IAsyncLifetime
{
    // As the provider documents it.
    const int PageOfABill = 100;

    SandboxWorld world = null!;

    static CancellationToken Cancellation => SandboxWorld.Cancellation;

    public async ValueTask InitializeAsync() => world = await SandboxWorld.Start();

    public ValueTask DisposeAsync() => world.DisposeAsync();

    [Fact]
    public async Task The_bill_has_every_movement_of_its_period_page_by_page()
    {
        var paid = new List<string>();
        for (var i = 0; i < PageOfABill + 3; i++)
        {
            var number = string.Create(CultureInfo.InvariantCulture, $"P{i:D3}");
            await world.Pay(await world.Arrive(number));
            paid.Add(number);
            if (i % 40 == 0) world.Time.Advance(TimeSpan.FromSeconds(1));
        }

        await world.Arrive("UNPAID");
        await world.Pay(await world.Arrive("BACK"), "pay", ("refunds", "unsaid"));
        var back = await Transaction("BACK");
        await world.Channel().Refund(new(SandboxWorld.Reference("BACK"), "R1", back, new(990, "CNY")), Cancellation);
        world.Time.Advance(TimeSpan.FromMinutes(1));
        var now = world.Time.GetUtcNow();
        await world.Pay(await world.Arrive("LATER", timeToPay: TimeSpan.FromHours(1)));
        world.Time.Advance(TimeSpan.FromMinutes(1));

        var lines = await Lines(SandboxWorld.Noon, now);
        Assert.Equal(paid.Append("BACK").Append("BACK"), lines.Select(line => line.PaymentNumber));
        Assert.Equal(lines.Count - 1, lines.Count(line => line.RefundNumber is null && line.Amount == SandboxWorld.Price && line.Merchant == SandboxWorld.Merchant));
        Assert.Equal(("R1", back, new Money(990, "CNY")), (lines[^1].RefundNumber, lines[^1].TransactionId, lines[^1].Amount));
        Assert.Equal(["LATER"], (await Lines(now, now.AddMinutes(1))).Select(line => line.PaymentNumber));
        Assert.Empty(await Lines(SandboxWorld.Noon.AddDays(-1), SandboxWorld.Noon));
    }

    [Fact]
    public async Task A_period_that_is_not_over_has_no_bill() =>
        Assert.Equal(UnknownKind.ProviderError, (await Assert.ThrowsAsync<BillUnavailableException>(() => Lines(SandboxWorld.Noon, SandboxWorld.Noon.AddSeconds(1)))).Kind);

    [Fact]
    public async Task A_refund_that_is_unsaid_is_done_and_nobody_is_told()
    {
        await world.Pay(await world.Arrive("P1"), "pay", ("refunds", "unsaid"));
        Assert.IsType<PaymentState.Paid>(await world.NextState("P1"));
        var refund = new RefundRequest(SandboxWorld.Reference("P1"), "R1", await Transaction("P1"), SandboxWorld.Price);
        Assert.IsType<RefundState.Succeeded>(Assert.IsType<ChannelAnswer<RefundState>.Done>(await world.Channel().Refund(refund, Cancellation)).Value);
        Assert.Empty(await world.WhatElseArrives("marker"));
    }

    [Theory]
    [InlineData("dispute-won", DisputeStage.Won, 0)]
    [InlineData("dispute-lost", DisputeStage.Lost, 1)]
    public async Task A_dispute_is_announced_and_decided(string decision, DisputeStage stage, int refunds)
    {
        var page = await world.Arrive("P1");
        Assert.Equal(HttpStatusCode.Conflict, (await world.Press(page, "dispute")).StatusCode);
        await world.Pay(page);
        Assert.IsType<PaymentState.Paid>(await world.NextState("P1"));
        Assert.Equal(HttpStatusCode.Conflict, (await world.Press(page, decision)).StatusCode);

        await world.Pay(page, "dispute", ("amount", "5"));
        var opened = Assert.IsType<CallbackReading.DisputeNews>(await world.NextNews());
        Assert.Equal(("P1", SandboxWorld.Merchant, DisputeStage.Opened, new Money(500, "CNY")), (opened.PaymentNumber, opened.Merchant, opened.State.Stage, opened.State.Amount));
        Assert.Equal(HttpStatusCode.Conflict, (await world.Press(page, "dispute")).StatusCode);
        // What is disputed cannot be given back beside that.
        var refund = new RefundRequest(SandboxWorld.Reference("P1"), "R1", await Transaction("P1"), SandboxWorld.Price);
        Assert.Equal(RefusalKind.AmountTooLarge, Assert.IsType<ChannelAnswer<RefundState>.Refused>(await world.Channel().Refund(refund, Cancellation)).Kind);

        await world.Pay(page, decision, ("news", "repeated"), ("times", "2"));
        for (var i = 0; i < 2; i++)
        {
            var decided = Assert.IsType<CallbackReading.DisputeNews>(await world.NextNews());
            Assert.Equal((opened.State.DisputeId, stage, new Money(500, "CNY")), (decided.State.DisputeId, decided.State.Stage, decided.State.Amount));
        }

        world.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(refunds, (await Lines(SandboxWorld.Noon, world.Time.GetUtcNow())).Count(line => line.RefundNumber == opened.State.DisputeId));
    }

    [Theory]
    [InlineData("""{"event":"dispute","number":"P1","merchant":"shop-1","disputeId":"D1","state":"opened","amountMinor":1,"currency":"CNY","at":"2026-03-01T12:00:00Z"}""", true)]
    [InlineData("""{"event":"dispute","number":"P1","merchant":"shop-1","state":"opened","amountMinor":1,"currency":"CNY","at":"2026-03-01T12:00:00Z"}""", false)]
    [InlineData("""{"event":"dispute","number":"P1","merchant":"shop-1","disputeId":"D1","state":"pending","amountMinor":1,"currency":"CNY","at":"2026-03-01T12:00:00Z"}""", false)]
    [InlineData("""{"event":"dispute","number":"P1","merchant":"shop-1","disputeId":"D1","state":"lost","amountMinor":0,"currency":"CNY","at":"2026-03-01T12:00:00Z"}""", false)]
    public void News_of_a_dispute_say_all_that_they_must(string body, bool isRead)
    {
        var reading = world.Channel().Read(SignedCallback.Of(body, SandboxWorld.Secret, SandboxWorld.Noon));
        Assert.Equal(isRead, reading is CallbackReading.DisputeNews);
        if (!isRead) Assert.Equal(new CallbackReading.Rejected(CallbackRejection.Malformed), reading);
    }

    async Task<List<BillLine>> Lines(DateTimeOffset from, DateTimeOffset to) => await world.Channel().Bill(from, to, Cancellation).ToListAsync(Cancellation);

    async Task<string> Transaction(string number) => Assert.IsType<PaymentState.Paid>(
        Assert.IsType<ChannelAnswer<PaymentState>.Done>(await world.Channel().Query(SandboxWorld.Reference(number), Cancellation)).Value).TransactionId;
}
