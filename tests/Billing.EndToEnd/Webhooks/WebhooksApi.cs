using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;

namespace Billing.EndToEnd.Webhooks;

/// <summary>What administrators do with webhooks.</summary>
static class WebhooksApi
{
    public const string EndpointFields = "id version url eventTypes description status disabledFor disabledAt oldSecretUntil createdBy";

    public static readonly string[] AllTypes = ["order.paid", "order.fulfilled", "order.refunded", "code.redeemed", "credits.changed"];

    public static Task<JsonNode> TryToListen(this Caller administrator, string url, string[]? eventTypes = null, string? key = null, string? description = null) => administrator.Do(
        "createWebhookEndpoint", "CreateWebhookEndpointInput",
        new { url, eventTypes = eventTypes ?? AllTypes, description, idempotencyKey = key ?? Guid.NewGuid().ToString("N") },
        $"secret replayed endpoint {{ {EndpointFields} }} errors {{ ... on InvalidWebhookEndpoint {{ field }} ... on WebhookAddressRefused {{ reason }} ... on IdempotencyKeyReused {{ differs }} }}");

    /// <summary>Makes an endpoint, which must succeed, and gives its id and its secret.</summary>
    public static async Task<(string Id, string Secret)> Listen(this Caller administrator, Uri url, params string[] eventTypes)
    {
        var payload = await administrator.TryToListen(url.AbsoluteUri, eventTypes.Length == 0 ? AllTypes : eventTypes);
        Assert.True(payload["errors"] is null, payload.ToJsonString());
        return ((string)payload["endpoint"]!["id"]!, (string)payload["secret"]!);
    }

    public static Task<JsonNode> SendTest(this Caller administrator, string endpointId) =>
        administrator.Do("sendTestEvent", "SendTestEventInput", new { endpointId }, $"endpoint {{ {EndpointFields} }}");

    public static Task<JsonNode> UpdateEndpoint(this Caller administrator, string endpointId, bool? enabled = null, string? url = null, string[]? eventTypes = null) => administrator.Do(
        "updateWebhookEndpoint", "UpdateWebhookEndpointInput", new { endpointId, enabled, url, eventTypes, note = "For the test." }, $"endpoint {{ {EndpointFields} }}");

    public static Task<JsonNode> Rotate(this Caller administrator, string endpointId) =>
        administrator.Do("rotateWebhookSecret", "RotateWebhookSecretInput", new { endpointId, note = "For the test." }, $"secret endpoint {{ {EndpointFields} }}");

    public static Task<JsonNode> DeleteEndpoint(this Caller administrator, string endpointId) =>
        administrator.Do("deleteWebhookEndpoint", "DeleteWebhookEndpointInput", new { endpointId, note = "For the test." }, $"endpoint {{ {EndpointFields} }}");

    public static Task<JsonNode> Replay(this Caller administrator, string endpointId, object what) =>
        administrator.Do("replayWebhookDeliveries", "ReplayWebhookDeliveriesInput", new { endpointId, what }, "deliveries errors { ... on WebhookDeliveryNotFound { deliveryId } }");

    public static async Task<JsonNode?> Endpoint(this Caller administrator, string id) =>
        (await administrator.Ask($"query($id: ID!) {{ webhookEndpoint(id: $id) {{ {EndpointFields} }} }}", new { id }))["webhookEndpoint"];

    /// <summary>An endpoint's deliveries, the latest first.</summary>
    public static async Task<JsonNode[]> Deliveries(this Caller administrator, string endpointId, string? status = null) => [.. (await administrator.Ask(
        """
        query($endpointId: ID!, $status: WebhookDeliveryStatus) { webhookDeliveries(endpointId: $endpointId, status: $status, first: 100) {
            nodes { id eventId eventType status attempts nextAttemptAt lastAttemptAt lastStatusCode lastFailure happenedAt settledAt payload }
        } }
        """,
        new { endpointId, status }))["webhookDeliveries"]!["nodes"]!.AsArray().Select(node => node!)];
}
