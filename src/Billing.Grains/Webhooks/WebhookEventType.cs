using System.Collections.Immutable;

namespace Billing.Webhooks;

/// <summary>What an endpoint can be told of. The names are part of the contract with whoever listens: they never change.</summary>
public static class WebhookEventType
{
    /// <summary>The price of an order was received.</summary>
    public const string OrderPaid = "order.paid";

    /// <summary>An order's account was credited.</summary>
    public const string OrderFulfilled = "order.fulfilled";

    /// <summary>Money of an order was given back.</summary>
    public const string OrderRefunded = "order.refunded";

    /// <summary>An account redeemed a code.</summary>
    public const string CodeRedeemed = "code.redeemed";

    /// <summary>What an account holds has changed.</summary>
    public const string CreditsChanged = "credits.changed";

    /// <summary>An administrator's test. Every endpoint is told of its own, whatever it has chosen.</summary>
    public const string Test = "webhook.test";

    /// <summary>Those that can be chosen.</summary>
    public static readonly ImmutableArray<string> All = [OrderPaid, OrderFulfilled, OrderRefunded, CodeRedeemed, CreditsChanged];
}
