using Billing.Channels;
using Billing.GraphQL.Accounts;
using Billing.Orders;
using GraphQL.DataLoader;
using QRCoder;
using PaymentMethod = Billing.GraphQL.Catalog.PaymentMethod;

namespace Billing.GraphQL.Orders;

/// <summary>An order's further fields.</summary>
[ObjectType<Order>]
public static class OrderFields
{
    /// <summary>Whose order it is.</summary>
    public static IDataLoaderResult<Account> GetAccount([Parent] Order order, AccountLoader accounts) => accounts.Require(order.Source.Account);

    /// <summary>The payment that settled it, else the newest.</summary>
    public static Payment? GetPayment([Parent] Order order) => order.Source.CurrentPayment is { } payment ? Payment.Of(order.Source, payment) : null;

    /// <summary>All attempts to pay it, oldest first.</summary>
    public static IReadOnlyList<Payment> GetPayments([Parent] Order order) => [.. order.Source.Payments.Select(payment => Payment.Of(order.Source, payment))];

    /// <summary>What was, and is to be, given back, oldest first.</summary>
    public static IReadOnlyList<Refund> GetRefunds([Parent] Order order, Viewer viewer) => [.. order.Source.Refunds.Select(refund => Refund.From(refund, order, viewer))];

    /// <summary>Where its newest refund is.</summary>
    public static RefundStatus GetRefundStatus([Parent] Order order) => order.Source.RefundStatus;

    /// <summary>How much can still be given back; refunds under way count.</summary>
    public static Money GetRefundableAmount([Parent] Order order) => Money.Of(order.Source.Refundable);

    /// <summary>Everything that happened to this order, oldest first.</summary>
    public static IDataLoaderResult<IReadOnlyList<OrderEvent>> GetTimeline([Parent] Order order, TimelineLoader timelines) => timelines.Require(order.Number);
}

/// <summary>A payment's further fields.</summary>
[ObjectType<Payment>]
public static class PaymentFields
{
    /// <summary>Through which method.</summary>
    public static PaymentMethod GetMethod([Parent] Payment payment, IPaymentMethods methods) =>
        methods.Find(payment.MethodId) is { } method
            ? PaymentMethod.Of(method)
            // A method that was taken out of the configuration still has its name.
            : new(payment.MethodId, payment.MethodId, PaymentMethodKind.Sandbox, PaymentPresentation.Redirect);

    /// <summary>The QR code drawn as SVG.</summary>
    [Cost(5)]
    public static string? GetQrCodeSvg([Parent] Payment payment)
    {
        if (payment.QrCode is not { } text) return null;
        using var drawn = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        using var svg = new SvgQRCode(drawn);
        return svg.GetGraphic(4);
    }
}
