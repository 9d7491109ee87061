using Billing.GraphQL.Engine;

namespace Billing.GraphQL.Orders;

/// <summary>
/// How often an account may do what calls a provider: placing orders, and starting payments and asking about them, each from an allowance of its own, so that who has placed
/// too many can still pay for them. A buyer never comes near either; a script that places and cancels would spend what the providers let us ask.
/// </summary>
sealed class PurchaseLimits : IFieldLimits
{
    /// <summary>An order is placed.</summary>
    public const string Orders = "order";

    /// <summary>A payment is started or asked about.</summary>
    public const string Payments = "payment";

    readonly Allowances orders;
    readonly Allowances payments;
    readonly int atOnce;

    /// <summary>Nothing was bought yet.</summary>
    public PurchaseLimits(BillingGraphQLOptions options, TimeProvider time)
    {
        atOnce = options.PurchasesAtOnce;
        orders = new(atOnce, options.PurchaseRecovery, TimeSpan.Zero, time);
        payments = new(atOnce, options.PurchaseRecovery, TimeSpan.Zero, time);
    }

    /// <inheritdoc/>
    public ValueTask<FieldRefusal?> Ask(FieldUse use, CancellationToken cancel)
    {
        if (use.Viewer.IsAdministrator || use.Viewer.IsService || Of(use.Kind) is not { } allowances) return default;
        var language = Language.Of(use.Client);
        if (use.Count > atOnce)
        {
            return new(new FieldRefusal(
                language.Say($"At most {atOnce} of these can be asked for at once. Send fewer.", $"一次最多可提交 {atOnce} 个，请减少数量。"), null));
        }

        var wait = allowances.Take(use.Viewer.Subject, use.Count);
        if (wait <= TimeSpan.Zero) return default;
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        return new(new FieldRefusal(
            use.Kind == Orders
                ? language.Say($"Too many orders were placed at once. Nothing was done; try again in {seconds} s.", $"下单过于频繁，本次未执行任何操作，请 {seconds} 秒后再试。")
                : language.Say($"Too many payments were started or asked about at once. Nothing was done; try again in {seconds} s.", $"支付操作过于频繁，本次未执行任何操作，请 {seconds} 秒后再试。"),
            wait));
    }

    Allowances? Of(string kind) => kind switch
    {
        Orders => orders,
        Payments => payments,
        _ => null,
    };
}
