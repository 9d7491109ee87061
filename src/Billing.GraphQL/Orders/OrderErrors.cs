using System.Globalization;
using Billing.GraphQL.Catalog;
using Billing.GraphQL.Codes;
using Billing.Orders;
using Domain = Billing.Orders;

namespace Billing.GraphQL.Orders;

/// <summary>Why an order was not placed.</summary>
[UnionType]
public interface IPlaceOrderError;

/// <summary>Why a payment was not started.</summary>
[UnionType]
public interface IStartPaymentError;

/// <summary>Why a provider was not asked.</summary>
[UnionType]
public interface IRefreshPaymentError;

/// <summary>Why an order was not cancelled.</summary>
[UnionType]
public interface ICancelOrderError;

/// <summary>Why money was not asked back.</summary>
[UnionType]
public interface IRequestRefundError;

/// <summary>Why a request was not taken back.</summary>
[UnionType]
public interface IWithdrawRefundRequestError;

/// <summary>Why a refund was not decided upon.</summary>
[UnionType]
public interface IRefundDecisionError;

/// <summary>Nothing can be given back: it is not paid, not credited yet, or all of it was given back.</summary>
public sealed record OrderNotRefundable(string Message, string Code, OrderStatus Status) : IError, IRequestRefundError, IRefundDecisionError;

/// <summary>It was paid too long ago for its buyer to ask for money back.</summary>
public sealed record RefundWindowOver(string Message, string Code, DateTimeOffset EndedAt) : IError, IRequestRefundError;

/// <summary>The amount is not above zero, in another currency, or more than can be given back.</summary>
public sealed record RefundAmountOutOfRange(string Message, string Code, Money Refundable) : IError, IRequestRefundError, IRefundDecisionError;

/// <summary>A request is open already.</summary>
public sealed record RefundAlreadyOpen(string Message, string Code) : IError, IRequestRefundError;

/// <summary>No request of the buyer's is open.</summary>
public sealed record NoOpenRefundRequest(string Message, string Code) : IError, IWithdrawRefundRequestError;

/// <summary>What was granted has been spent.</summary>
/// <param name="Message">What happened, and what to do.</param>
/// <param name="Code">For programs.</param>
/// <param name="Refundable">How much of the money what is left stands for.</param>
public sealed record CreditsAlreadySpent(string Message, string Code, Money Refundable) : IError, IRequestRefundError, IRefundDecisionError;

/// <summary>There is no such refund.</summary>
public sealed record RefundNotFound(string Message, string Code) : IError, IRefundDecisionError;

/// <summary>It is past being decided.</summary>
public sealed record RefundAlreadyDecided(string Message, string Code, RefundStatus Status) : IError, IRefundDecisionError;

/// <summary>Another administrator has to approve this amount too.</summary>
public sealed record SecondPersonRequired(string Message, string Code) : IError, IRefundDecisionError;

/// <summary>No plan has this slug.</summary>
public sealed record PlanNotFound(string Message, string Code) : IError, IPlaceOrderError, IPlanError;

/// <summary>The plan is not sold now.</summary>
public sealed record PlanNotOnSale(string Message, string Code) : IError, IPlaceOrderError;

/// <summary>Nothing is left of the plan.</summary>
public sealed record PlanSoldOut(string Message, string Code) : IError, IPlaceOrderError;

/// <summary>The price is not the one that the buyer saw.</summary>
public sealed record PriceChanged(string Message, string Code, Money Price) : IError, IPlaceOrderError;

/// <summary>The amount is out of the plan's range, in another currency, missing, or given where the price is fixed.</summary>
public sealed record AmountOutOfRange(string Message, string Code, Money Minimum, Money Maximum) : IError, IPlaceOrderError;

/// <summary>The account has bought the plan as often as it may.</summary>
public sealed record PurchaseLimitReached(string Message, string Code, int Limit) : IError, IPlaceOrderError;

/// <summary>The account has as many open orders as it may.</summary>
public sealed record TooManyOpenOrders(string Message, string Code, int Limit, IReadOnlyList<Order> OpenOrders) : IError, IPlaceOrderError;

/// <summary>No such method, or it does not take this amount now.</summary>
public sealed record PaymentMethodUnavailable(string Message, string Code) : IError, IPlaceOrderError, IStartPaymentError;

/// <summary>The key came before with other input.</summary>
/// <param name="Message">What happened, and what to do.</param>
/// <param name="Code">For programs.</param>
/// <param name="Differs">The names of the inputs that differ.</param>
public sealed record IdempotencyKeyReused(string Message, string Code, IReadOnlyList<string> Differs)
    : IError, IPlaceOrderError, Accounts.ISpendCreditsError, IIssueRedemptionCodesError, IAssignRedemptionCodeError, IReverseRedemptionError, IRequestRefundError,
    IRefundDecisionError, Webhooks.ICreateWebhookEndpointError
{
    internal static IdempotencyKeyReused Of(IEnumerable<string> differs, Language language) => new(
        language.Say("This key was used before with other input. Take a new key for a new wish.", "该幂等键已用于其他内容的请求，请换用新的键。"), "IDEMPOTENCY_KEY_REUSED",
        [.. differs]);
}

/// <summary>There is no such order.</summary>
public sealed record OrderNotFound(string Message, string Code)
    : IError, IStartPaymentError, IRefreshPaymentError, ICancelOrderError, IRequestRefundError, IWithdrawRefundRequestError, IRefundDecisionError;

/// <summary>The order is past being paid.</summary>
public sealed record OrderNotPayable(string Message, string Code, OrderStatus Status) : IError, IStartPaymentError;

/// <summary>The order is past being cancelled.</summary>
public sealed record OrderNotCancellable(string Message, string Code, OrderStatus Status) : IError, ICancelOrderError;

/// <summary>The provider refused or did not answer; the order is as it was.</summary>
public sealed record PaymentProviderUnavailable(string Message, string Code) : IError, IStartPaymentError, IRefreshPaymentError;

/// <summary>Too often.</summary>
/// <param name="Message">What happened, and what to do.</param>
/// <param name="Code">For programs.</param>
/// <param name="RetryAfterSeconds">When it is possible again.</param>
public sealed record RateLimited(string Message, string Code, int RetryAfterSeconds) : IError, IRefreshPaymentError, IRedeemCodeError;

static class OrderErrors
{
    public static PlanNotFound PlanNotFound(Language language) =>
        new(language.Say("There is no such plan. The shop shows what is sold.", "没有这个套餐，请在商店中查看在售套餐。"), "PLAN_NOT_FOUND");

    /// <summary>A refusal as the API shows it. Which of them a payload's union takes is the caller's word.</summary>
    public static T Of<T>(OrderError refusal, Language language)
        where T : class => Show(refusal, language) as T ?? throw new InvalidOperationException($"{refusal.GetType().Name} is no {typeof(T).Name}.");

    static IError Show(OrderError refusal, Language language) => refusal switch
    {
        Domain.PlanNotFound => PlanNotFound(language),
        Domain.PlanNotOnSale => new PlanNotOnSale(language.Say("This plan is not on sale now.", "该套餐目前不在售。"), "PLAN_NOT_ON_SALE"),
        Domain.PlanSoldOut => new PlanSoldOut(language.Say("This plan is sold out.", "该套餐已售罄。"), "PLAN_SOLD_OUT"),
        Domain.PriceChanged e => new PriceChanged(
            language.Say("The price has changed. Look at the new one and decide again.", "价格已变动，请确认新价格后再下单。"), "PRICE_CHANGED", Money.Of(e.Price)),
        Domain.AmountOutOfRange e when e.Minimum == e.Maximum => new AmountOutOfRange(
            language.Say($"This plan costs {Money.Of(e.Minimum).Formatted}; another amount cannot be chosen.", $"该套餐价格为 {Money.Of(e.Minimum).Formatted}，不能选择其他金额。"),
            "AMOUNT_OUT_OF_RANGE", Money.Of(e.Minimum), Money.Of(e.Maximum)),
        Domain.AmountOutOfRange e => new AmountOutOfRange(
            language.Say(
                $"Choose an amount from {Money.Of(e.Minimum).Formatted} to {Money.Of(e.Maximum).Formatted}.",
                $"请选择 {Money.Of(e.Minimum).Formatted} 至 {Money.Of(e.Maximum).Formatted} 之间的金额。"),
            "AMOUNT_OUT_OF_RANGE", Money.Of(e.Minimum), Money.Of(e.Maximum)),
        Domain.PurchaseLimitReached e => new PurchaseLimitReached(
            language.Say($"This plan can be bought {Times(e.Limit)} by one account.", $"每个账户限购 {e.Limit} 次。"), "PURCHASE_LIMIT_REACHED", e.Limit),
        Domain.PaymentMethodUnavailable => new PaymentMethodUnavailable(
            language.Say("This payment method cannot be used for this order. Choose another one.", "该支付方式不适用于此订单，请选择其他方式。"), "PAYMENT_METHOD_UNAVAILABLE"),
        Domain.IdempotencyKeyReused e => IdempotencyKeyReused.Of(e.Differs, language),
        Domain.OrderNotFound => new OrderNotFound(language.Say("There is no such order. Check the number.", "没有这个订单，请核对订单号。"), "ORDER_NOT_FOUND"),
        Domain.OrderNotPayable e => new OrderNotPayable(
            language.Say("This order can no longer be paid. Look at its status.", "此订单已不能支付，请查看订单状态。"), "ORDER_NOT_PAYABLE", e.Status),
        Domain.OrderNotCancellable e => new OrderNotCancellable(
            language.Say("This order can no longer be cancelled. Look at its status.", "此订单已不能取消，请查看订单状态。"), "ORDER_NOT_CANCELLABLE", e.Status),
        Domain.PaymentProviderUnavailable => new PaymentProviderUnavailable(
            language.Say(
                "The payment provider does not answer as it should. Your order is unchanged: try again, or choose another method.",
                "支付渠道暂时没有正常响应。订单未受影响，请重试或选择其他方式。"),
            "PAYMENT_PROVIDER_UNAVAILABLE"),
        Domain.AskedLately e => new RateLimited(
            language.Say($"The provider was asked a moment ago. Try again in {e.RetryAfterSeconds} s.", $"刚刚已查询过，请 {e.RetryAfterSeconds} 秒后再试。"), "RATE_LIMITED",
            e.RetryAfterSeconds),
        Domain.OrderNotRefundable e => new OrderNotRefundable(
            language.Say("Nothing of this order can be given back now. Look at its status.", "此订单目前无可退款项，请查看订单状态。"), "ORDER_NOT_REFUNDABLE", e.Status),
        Domain.RefundWindowOver e => new RefundWindowOver(
            language.Say("The time to ask for money back is over. Support can still help.", "已超过可申请退款的期限，如需帮助请联系客服。"), "REFUND_WINDOW_OVER", e.EndedAt),
        Domain.RefundAmountOutOfRange e => new RefundAmountOutOfRange(
            language.Say($"Choose an amount above zero and up to {Money.Of(e.Refundable).Formatted}.", $"请选择大于零且不超过 {Money.Of(e.Refundable).Formatted} 的金额。"),
            "REFUND_AMOUNT_OUT_OF_RANGE", Money.Of(e.Refundable)),
        Domain.RefundAlreadyOpen => new RefundAlreadyOpen(
            language.Say("A request for this order is open already. Wait for it, or take it back.", "此订单已有退款申请正在处理，请等待结果或先撤回。"), "REFUND_ALREADY_OPEN"),
        Domain.NoOpenRefundRequest => new NoOpenRefundRequest(
            language.Say("No request of yours is open for this order.", "此订单没有待处理的退款申请。"), "NO_OPEN_REFUND_REQUEST"),
        Domain.CreditsAlreadySpent e => new CreditsAlreadySpent(
            language.Say(
                $"Credits of this order have been spent. Up to {Money.Of(e.Refundable).Formatted} can be given back for the rest.",
                $"此订单的部分额度已使用，剩余部分最多可退 {Money.Of(e.Refundable).Formatted}。"),
            "CREDITS_ALREADY_SPENT", Money.Of(e.Refundable)),
        Domain.RefundNotFound => new RefundNotFound(language.Say("There is no such refund. Check its id.", "没有这笔退款，请核对编号。"), "REFUND_NOT_FOUND"),
        Domain.RefundAlreadyDecided e => new RefundAlreadyDecided(
            language.Say("This refund has been decided already. Look at its status.", "这笔退款已有处理结果，请查看其状态。"), "REFUND_ALREADY_DECIDED", e.Status),
        Domain.RefundChanged e => new ChangedMeanwhile(
            language.Say("This refund has changed meanwhile. Look at it again and decide anew.", "这笔退款已有变动，请刷新后重新处理。"), "CHANGED_MEANWHILE", e.Version),
        Domain.SecondPersonRequired => new SecondPersonRequired(
            language.Say("You have approved this amount. Another administrator has to approve it too.", "您已批准该金额，还需另一位管理员批准。"), "SECOND_PERSON_REQUIRED"),
        Domain.WorkItemNotFound => new WorkItems.WorkItemNotFound(
            language.Say("There is no such work item, or it has ended. Look at the list.", "没有这个待办事项，或已处理完毕，请查看列表。"), "WORK_ITEM_NOT_FOUND"),
        Domain.WorkItemAlreadyResolved => new WorkItems.WorkItemAlreadyResolved(
            language.Say("This work item has been resolved already.", "该待办事项已处理。"), "WORK_ITEM_ALREADY_RESOLVED"),
        Domain.ResolutionNotPossible e => new WorkItems.ResolutionNotPossible(
            e.Possible.IsEmpty
                ? language.Say("This is being settled by itself. Wait for its end.", "该事项正在自动处理，请等待结果。")
                : language.Say("This work item can not be resolved so. Choose one of the possible resolutions.", "该待办事项不能这样处理，请选择可行的方式。"),
            "RESOLUTION_NOT_POSSIBLE", e.Possible),
        _ => throw new InvalidOperationException($"{refusal.GetType().Name} is not shown."),
    };

    public static TooManyOpenOrders TooManyOpenOrders(int limit, IReadOnlyList<Order> open, Language language) => new(
        language.Say($"You have {limit} open orders, which is the most. Pay or cancel one of them.", $"您已有 {limit} 个待支付订单，请先支付或取消其中之一。"),
        "TOO_MANY_OPEN_ORDERS", limit, open);

    static string Times(int limit) => limit switch { 1 => "once", 2 => "twice", _ => limit.ToString(CultureInfo.InvariantCulture) + " times" };
}
