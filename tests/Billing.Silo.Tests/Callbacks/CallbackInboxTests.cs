using System.Diagnostics.Metrics;
using System.Text;
using Billing.Channels;
using Billing.Silo.Callbacks;
using Billing.Storage;
using Billing.Storage.Callbacks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Billing.Silo.Tests.Callbacks;

public sealed class CallbackInboxTests : IAsyncLifetime
{
    static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    static readonly CallbackReading Paid = new CallbackReading.PaymentNews("P01", new("shop"), new PaymentState.Paid(new(990, "CNY"), "t", Noon));

    readonly string folder = Directory.CreateTempSubdirectory("billing-inbox-").FullName;
    readonly FakeTimeProvider time = new(Noon);
    readonly MeterListener listener = new();
    readonly Lock counting = new();
    readonly Dictionary<string, long> counted = new(StringComparer.Ordinal);
    IHost host = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    CallbackStore Store => host.Services.GetRequiredService<CallbackStore>();

    public async ValueTask InitializeAsync()
    {
        host = Build("billing.db");
        await host.StartAsync(Cancellation);
        var meters = host.Services.GetRequiredService<IMeterFactory>();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Scope == meters) listening.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            lock (counting) counted[instrument.Name] = counted.GetValueOrDefault(instrument.Name) + value;
        });
        listener.Start();
    }

    public async ValueTask DisposeAsync()
    {
        listener.Dispose();
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Without the reading to the end at the stop, what waited for the next batch is gone, and nobody counted it.</summary>
    [Fact]
    public async Task What_waits_when_the_host_stops_is_written_down()
    {
        using var inbox = Inbox();
        await inbox.StartAsync(Cancellation);
        for (var i = 0; i < 1_000; i++) inbox.Keep(Method(), Message("{}"), Paid, CallbackOutcome.Stored);
        await inbox.StopAsync(Cancellation);
        Assert.Equal(1_000, (await Store.NewestFirst(new(), null, 2_000, Cancellation)).Count);
        Assert.Equal((1_000, 0), (Counted("billing.callbacks.kept"), Counted("billing.callbacks.dropped")));
    }

    [Fact]
    public async Task An_inbox_that_is_full_holds_nobody_up_and_counts_what_it_drops()
    {
        using var inbox = Inbox(queueLength: 2);
        // Nobody reads yet: each of these returns all the same.
        for (var i = 0; i < 5; i++) inbox.Keep(Method(), Message("{}"), Paid, CallbackOutcome.Stored);
        Assert.Equal(3, Counted("billing.callbacks.dropped"));
        await inbox.StartAsync(Cancellation);
        await inbox.StopAsync(Cancellation);
        Assert.Equal(2, (await Store.NewestFirst(new(), null, 10, Cancellation)).Count);
    }

    [Fact]
    public void Large_bodies_that_wait_are_bounded_by_their_size()
    {
        using var inbox = Inbox();
        for (var i = 0; i < 300; i++) inbox.Keep(Method(), Message(new('x', 64 * 1024)), Paid, CallbackOutcome.Stored);
        Assert.Equal(300 - 256, Counted("billing.callbacks.dropped"));
    }

    [Fact]
    public async Task What_the_database_does_not_take_is_tried_again_and_then_counted()
    {
        // Nobody applied the schema: there is no such table.
        using var broken = Build("empty.db");
        using var inbox = Inbox(broken.Services.GetRequiredService<CallbackStore>());
        await inbox.StartAsync(Cancellation);
        inbox.Keep(Method(), Message("{}"), Paid, CallbackOutcome.Stored);
        for (var waited = 0; Counted("billing.callbacks.dropped") == 0; waited++)
        {
            Assert.True(waited < 2_000, "It was never given up.");
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, Cancellation);
        }

        Assert.Equal((0, 1), (Counted("billing.callbacks.kept"), Counted("billing.callbacks.dropped")));
        await inbox.StopAsync(Cancellation);
    }

    /// <summary>Without the minute that is taken once, a flood of forged callbacks fills the table.</summary>
    [Fact]
    public async Task Of_what_is_not_believed_one_a_minute_is_kept_for_each_reason_without_its_body()
    {
        using var inbox = Inbox();
        for (var minute = 0; minute < 2; minute++)
        {
            Parallel.For(0, 200, _ => inbox.Keep(Method(), Message("{\"secret\":1}"), new CallbackReading.Rejected(CallbackRejection.BadSignature), CallbackOutcome.Rejected));
            inbox.Keep(Method(), Message("{}"), new CallbackReading.Rejected(CallbackRejection.TooOld), CallbackOutcome.Rejected);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        await inbox.StartAsync(Cancellation);
        await inbox.StopAsync(Cancellation);
        var kept = await Store.NewestFirst(new(), null, 100, Cancellation);
        Assert.Equal(["BadSignature", "BadSignature", "TooOld", "TooOld"], kept.Select(callback => callback.Record.Rejection).Order());
        Assert.All(kept, callback => Assert.Equal((null, null, CallbackOutcome.Rejected), (callback.Record.Content.Body, callback.Record.News, callback.Record.Outcome)));
    }

    [Fact]
    public async Task A_channel_that_cannot_mask_costs_its_own_body_and_nobody_elses()
    {
        using var inbox = Inbox();
        inbox.Keep(Method(new Channel(_ => throw new FormatException("A bug."))), Message("Ada"), Paid, CallbackOutcome.Stored);
        inbox.Keep(Method(), Message("Bob"), Paid, CallbackOutcome.Known);
        await inbox.StartAsync(Cancellation);
        await inbox.StopAsync(Cancellation);
        var kept = await Store.NewestFirst(new(), null, 10, Cancellation);
        Assert.Equal([CallbackOutcome.Known, CallbackOutcome.Stored], kept.Select(callback => callback.Record.Outcome));
        Assert.Equal(["masked", null], kept.Select(callback => callback.Record.Content.Body));
    }

    long Counted(string name)
    {
        lock (counting) return counted.GetValueOrDefault(name);
    }

    CallbackInbox Inbox(CallbackStore? store = null, int queueLength = 4_096) => new(
        store ?? Store, Options.Create(new CallbackSettings { QueueLength = queueLength }), time, host.Services.GetRequiredService<IMeterFactory>(), NullLogger<CallbackInbox>.Instance);

    IHost Build(string file)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddBillingStorage(new() { SqlitePath = Path.Combine(folder, file) });
        return builder.Build();
    }

    static PaymentMethod Method(IChannel? channel = null) => new(
        "m", "M", PaymentMethodKind.Sandbox, PaymentPresentation.Redirect, new("shop"), channel ?? new Channel(_ => new(new Dictionary<string, string?>(), "", "masked")),
        "https://shop.example/{order}", new("https://shop.example/callback"));

    CallbackMessage Message(string body) =>
        new("POST", "", new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Content-Type"] = "application/json" }, Encoding.UTF8.GetBytes(body), time.GetUtcNow());

    /// <summary>Masks as the test says, and is asked nothing else.</summary>
    sealed class Channel(Func<CallbackMessage, RedactedCallback> redact) : IChannel
    {
        public ChannelTraits Traits => throw new NotSupportedException();

        public RedactedCallback Redact(CallbackMessage message) => redact(message);

        public Task<ChannelAnswer<Checkout>> Create(PaymentRequest payment, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<ChannelAnswer<PaymentState>> Query(PaymentReference payment, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<ChannelAnswer<PaymentState>> Close(PaymentReference payment, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<ChannelAnswer<RefundState>> Refund(RefundRequest refund, CancellationToken cancellation) => throw new NotSupportedException();

        public Task<ChannelAnswer<RefundState>> QueryRefund(RefundReference refund, CancellationToken cancellation) => throw new NotSupportedException();

        public CallbackReading Read(CallbackMessage message) => throw new NotSupportedException();

        public CallbackReply Answer(CallbackVerdict verdict) => throw new NotSupportedException();
    }
}
