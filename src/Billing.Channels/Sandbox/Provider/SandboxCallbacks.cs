using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Billing.Channels.Sandbox.Provider;

/// <summary>News on its way to a merchant. The bytes stay the same at each attempt; the timestamp and the signature are new.</summary>
/// <param name="Address">Where it goes.</param>
/// <param name="Secret">What it is signed with.</param>
/// <param name="Number">The payment that it is about.</param>
/// <param name="Body">What it says.</param>
/// <param name="Attempt">How often it was sent before.</param>
/// <param name="Then">What is sent once the first attempt at this has ended, in whatever way.</param>
sealed record SandboxCallback(Uri Address, byte[] Secret, string Number, byte[] Body, int Attempt = 0, SandboxCallback? Then = null)
{
    internal static byte[] Write(SandboxNews news) => JsonSerializer.SerializeToUtf8Bytes(news, SandboxJson.Default.SandboxNews);
}

/// <summary>Delivers callbacks until they are acknowledged: any 2xx whose body is <c>success</c>.</summary>
sealed partial class SandboxCallbacks(
    SandboxProviderOptions options, IHttpClientFactory clients, TimeProvider time, SandboxMetrics metrics, ILogger<SandboxCallbacks> logger) : BackgroundService
{
    internal const string HttpClientName = "billing.sandbox.callbacks";

    const int Couriers = 8;
    const int LongestAcknowledgement = 4096;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(30),
        TimeSpan.FromHours(1), TimeSpan.FromHours(3), TimeSpan.FromHours(6),
    ];

    readonly Lock gate = new();

    // By the moment at which it is due, and in the order of arrival where that is the same.
    readonly PriorityQueue<SandboxCallback, (DateTimeOffset Due, long Arrival)> waiting = new();
    TaskCompletionSource changed = Changed();
    long arrivals;

    /// <summary>Puts a callback on its way, after a delay if there is one.</summary>
    internal void Enqueue(SandboxCallback callback, TimeSpan delay = default)
    {
        lock (gate)
        {
            if (waiting.Count < options.MostCallbacks)
            {
                waiting.Enqueue(callback, (time.GetUtcNow() + delay, arrivals++));
                changed.SetResult();
                changed = Changed();
                return;
            }
        }

        metrics.Dropped();
        LogDropped(callback.Number, options.MostCallbacks);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(Enumerable.Range(0, Couriers).Select(_ => Deliver(stoppingToken)));

    static TaskCompletionSource Changed() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    async Task Deliver(CancellationToken stopping)
    {
        while (await Next(stopping) is { } callback)
        {
            var acknowledged = await Send(callback, stopping);
            if (stopping.IsCancellationRequested)
                return;
            if (callback is { Attempt: 0, Then: { } then })
                Enqueue(then);
            if (acknowledged)
                metrics.Delivered();
            else
                Repeat(callback);
        }
    }

    void Repeat(SandboxCallback callback)
    {
        metrics.Failed();
        if (callback.Attempt < Waits.Length)
        {
            LogNotAcknowledged(callback.Number, callback.Attempt + 1, Waits[callback.Attempt]);
            Enqueue(callback with { Attempt = callback.Attempt + 1 }, Waits[callback.Attempt]);
        }
        else
        {
            metrics.GivenUp();
            LogGivenUp(callback.Number, callback.Attempt + 1);
        }
    }

    /// <summary>The next callback that is due, or nothing once the host stops.</summary>
    async Task<SandboxCallback?> Next(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            var wait = Timeout.InfiniteTimeSpan;
            Task change;
            lock (gate)
            {
                if (waiting.TryPeek(out _, out var first))
                {
                    var left = first.Due - time.GetUtcNow();
                    if (left <= TimeSpan.Zero)
                        return waiting.Dequeue();
                    // A timer counts whole milliseconds: rounded down, the last one would be spent spinning.
                    wait = left + TimeSpan.FromMilliseconds(1);
                }

                change = changed.Task;
            }

            await change.WaitAsync(wait, time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return null;
    }

    async Task<bool> Send(SandboxCallback callback, CancellationToken stopping)
    {
        var timestamp = SandboxSignature.Timestamp(time.GetUtcNow());
        using var request = new HttpRequestMessage(HttpMethod.Post, callback.Address);
        request.Headers.Add(SandboxSignature.TimestampHeader, timestamp);
        request.Headers.Add(SandboxSignature.SignatureHeader, SandboxSignature.Sign(callback.Secret, timestamp, callback.Body));
        request.Content = new ByteArrayContent(callback.Body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var client = clients.CreateClient(HttpClientName);
        client.Timeout = Patience;
        client.MaxResponseContentBufferSize = LongestAcknowledgement;
        try
        {
            using var response = await client.SendAsync(request, stopping);
            var answer = await response.Content.ReadAsByteArrayAsync(stopping);
            return response.IsSuccessStatusCode && answer.AsSpan().Trim(" \r\n"u8).SequenceEqual("success"u8);
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(LogLevel.Information, "Sandbox payment {Number}: the callback was not acknowledged at attempt {Attempt}; it is sent again in {Wait}.")]
    partial void LogNotAcknowledged(string number, int attempt, TimeSpan wait);

    [LoggerMessage(LogLevel.Warning, "Sandbox payment {Number}: the callback was not acknowledged at attempt {Attempt}, the last one; the merchant has to ask.")]
    partial void LogGivenUp(string number, int attempt);

    [LoggerMessage(LogLevel.Warning, "Sandbox payment {Number}: {Most} callbacks are waiting already; this one is lost.")]
    partial void LogDropped(string number, int most);
}
