using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Api;

/// <summary>A callback as the sandbox's documentation says that it is made and signed; written apart from the code under test.</summary>
public sealed record SandboxNews
{
    static int transactions;

    public required string Number { get; init; }

    public string Merchant { get; init; } = "sandbox-shop";

    public string State { get; init; } = "paid";

    public long AmountMinor { get; init; } = 990;

    public string Currency { get; init; } = "CNY";

    public string TransactionId { get; init; } = NewTransaction();

    public string Json => JsonSerializer.Serialize(new
    {
        @event = "payment",
        number = Number,
        merchant = Merchant,
        state = State,
        amountMinor = AmountMinor,
        currency = Currency,
        transactionId = TransactionId,
        at = "2026-01-31T08:30:00Z",
    });

    /// <summary>A movement of money that never was before.</summary>
    public static string NewTransaction() => $"TEST{Guid.NewGuid():N}{Interlocked.Increment(ref transactions)}";

    /// <summary>Delivers it, signed now.</summary>
    public Task<(int Status, string Text)> DeliverTo(HostProcess host, string methodId = "sandbox") => Deliver(host, methodId, Encoding.UTF8.GetBytes(Json));

    /// <summary>Delivers a body with the signature that it must have, unless another one is given; an empty one is left out.</summary>
    public static async Task<(int Status, string Text)> Deliver(HostProcess host, string methodId, byte[] body, DateTimeOffset? at = null, string? signature = null)
    {
        var timestamp = (at ?? DateTimeOffset.UtcNow).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, $"payments/{methodId}/callback")
        {
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.Add("Sandbox-Timestamp", timestamp);
        signature ??= Sign(body, timestamp);
        if (signature.Length > 0) request.Headers.Add("Sandbox-Signature", signature);
        using var response = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public static string Sign(byte[] body, string timestamp, string secret = HostProcess.SandboxSecret) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. Encoding.ASCII.GetBytes(timestamp + "."), .. body]));
}
