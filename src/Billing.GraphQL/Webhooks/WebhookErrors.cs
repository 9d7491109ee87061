using Billing.GraphQL.Orders;
using Billing.Webhooks;
using Domain = Billing.Webhooks;

namespace Billing.GraphQL.Webhooks;

/// <summary>Why an endpoint was not made.</summary>
[UnionType]
public interface ICreateWebhookEndpointError;

/// <summary>Why an endpoint was not changed.</summary>
[UnionType]
public interface IUpdateWebhookEndpointError;

/// <summary>Why an endpoint has no new secret, or was not deleted.</summary>
[UnionType]
public interface IWebhookEndpointError;

/// <summary>Why no test is sent.</summary>
[UnionType]
public interface ISendTestEventError;

/// <summary>Why nothing is delivered again.</summary>
[UnionType]
public interface IReplayWebhookDeliveriesError;

/// <summary>There is no such endpoint.</summary>
public sealed record WebhookEndpointNotFound(string Message, string Code)
    : IError, IUpdateWebhookEndpointError, IWebhookEndpointError, ISendTestEventError, IReplayWebhookDeliveriesError;

/// <summary>The endpoint is disabled: nothing is delivered to it.</summary>
public sealed record WebhookEndpointDisabled(string Message, string Code) : IError, ISendTestEventError;

/// <summary>Something of the endpoint cannot be so.</summary>
/// <param name="Message">What is wrong, and what to do.</param>
/// <param name="Code">For programs.</param>
/// <param name="Field">Which field of the input is wrong.</param>
public sealed record InvalidWebhookEndpoint(string Message, string Code, string Field) : IError, ICreateWebhookEndpointError, IUpdateWebhookEndpointError;

/// <summary>The address is none that everybody can reach: nothing is sent to a private network, to this machine itself, or to what a cloud serves to its machines.</summary>
/// <param name="Message">What is wrong, and what to do.</param>
/// <param name="Code">For programs.</param>
/// <param name="Reason">What is wrong with it.</param>
public sealed record WebhookAddressRefused(string Message, string Code, WebhookAddressRefusal Reason) : IError, ICreateWebhookEndpointError, IUpdateWebhookEndpointError;

/// <summary>This is no delivery of the endpoint's.</summary>
/// <param name="Message">What is wrong.</param>
/// <param name="Code">For programs.</param>
/// <param name="DeliveryId">What was given for one.</param>
public sealed record WebhookDeliveryNotFound(string Message, string Code, [property: Id] string DeliveryId) : IError, IReplayWebhookDeliveriesError;

static class WebhookErrors
{
    /// <summary>A refusal as the API shows it. Which of them a payload's union takes is the caller's word.</summary>
    public static T Of<T>(WebhookEndpointError refusal, Language language)
        where T : class => Show(refusal, language) as T ?? throw new InvalidOperationException($"{refusal.GetType().Name} is no {typeof(T).Name}.");

    public static WebhookDeliveryNotFound NoDelivery(string id, Language language) =>
        new(language.Say("This is no delivery of this endpoint. Check its id.", "这不是该端点的投递记录，请核对其标识。"), "WEBHOOK_DELIVERY_NOT_FOUND", id);

    static IError Show(WebhookEndpointError refusal, Language language) => refusal switch
    {
        Domain.WebhookEndpointNotFound => new WebhookEndpointNotFound(
            language.Say("There is no such endpoint. Check its id.", "没有这个端点，请核对其标识。"), "WEBHOOK_ENDPOINT_NOT_FOUND"),
        Domain.WebhookEndpointDisabled => new WebhookEndpointDisabled(
            language.Say("The endpoint is disabled. Enable it first.", "该端点已停用，请先启用。"), "WEBHOOK_ENDPOINT_DISABLED"),
        Domain.InvalidWebhookEndpoint e => new InvalidWebhookEndpoint(language.Say(e.Problem, Chinese(e.Field)), "INVALID_WEBHOOK_ENDPOINT", e.Field),
        Domain.WebhookAddressRefused { Reason: WebhookAddressRefusal.Unresolvable } e => new WebhookAddressRefused(
            language.Say("The address's name leads nowhere. Check it.", "该地址的域名无法解析，请核对。"), "WEBHOOK_ADDRESS_REFUSED", e.Reason),
        Domain.WebhookAddressRefused e => new WebhookAddressRefused(
            language.Say("The address is not of the public internet. Give one that everybody can reach.", "该地址不是公网地址，请提供可公开访问的地址。"), "WEBHOOK_ADDRESS_REFUSED", e.Reason),
        WebhookKeyReused e => IdempotencyKeyReused.Of(e.Differs, language),
        _ => throw new InvalidOperationException($"{refusal.GetType().Name} is not shown."),
    };

    static string Chinese(string field) => field switch
    {
        "url" => $"地址须为不含用户名、密码和片段的 https 绝对地址，最多 {WebhookUrl.MaxLength} 个字符。",
        "eventTypes" => $"请至少选择一种事件：{string.Join("、", WebhookEventType.All)}。",
        "description" => $"说明为一行文本，最多 {WebhookTerms.MaxDescriptionLength} 个字符。",
        _ => "端点内容有误。",
    };
}
