using System.Text;
using System.Text.Json;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Api;

/// <summary>A callback about a refund as the sandbox's documentation says that it is made; written apart from the code under test.</summary>
public sealed record SandboxRefundNews
{
    public required string Number { get; init; }

    public required string RefundNumber { get; init; }

    public required string TransactionId { get; init; }

    public string State { get; init; } = "succeeded";

    public long AmountMinor { get; init; } = 990;

    /// <summary>Delivers it, signed now.</summary>
    public Task<(int Status, string Text)> DeliverTo(HostProcess host, string methodId = "sandbox") => SandboxNews.Deliver(host, methodId, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new
    {
        @event = "refund",
        number = Number,
        merchant = "sandbox-shop",
        refundNumber = RefundNumber,
        state = State,
        amountMinor = AmountMinor,
        currency = "CNY",
        transactionId = TransactionId,
        at = "2026-01-31T08:30:00Z",
    })));
}
