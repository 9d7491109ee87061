using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Billing.Webhooks;

/// <summary>The pinned storage of webhook endpoints.</summary>
public static class WebhookEndpointDocument
{
    /// <summary>The noun, which is the grain type's name.</summary>
    public const string Noun = "webhook";

    /// <summary>Its storage.</summary>
    public static readonly DocumentKind<WebhookEndpoint, WebhookEndpointEvent> Kind = new(
        Noun,
        "webhook_endpoints",
        WebhookEndpointJson.Default.WebhookEndpoint,
        WebhookEndpoint.After,
        WebhookEndpoint.NextDeadline,
        reference: _ => null,
        columns:
        [
            Column("status", ColumnType.Text, endpoint => StoredStatus(endpoint.Status)),
            Column("created_at", ColumnType.Time, endpoint => endpoint.CreatedAt),
        ],
        events: new Dictionary<string, JsonTypeInfo>
        {
            ["EndpointCreated"] = WebhookEndpointJson.Default.EndpointCreated,
            ["EndpointUpdated"] = WebhookEndpointJson.Default.EndpointUpdated,
            ["EndpointEnabled"] = WebhookEndpointJson.Default.EndpointEnabled,
            ["EndpointDisabled"] = WebhookEndpointJson.Default.EndpointDisabled,
            ["SecretRotated"] = WebhookEndpointJson.Default.SecretRotated,
            ["SecretRetired"] = WebhookEndpointJson.Default.SecretRetired,
            ["EndpointDeleted"] = WebhookEndpointJson.Default.EndpointDeleted,
            ["DeliveriesForgotten"] = WebhookEndpointJson.Default.DeliveriesForgotten,
            ["TestRequested"] = WebhookEndpointJson.Default.TestRequested,
            ["ReplayRequested"] = WebhookEndpointJson.Default.ReplayRequested,
        });

    /// <summary>A status as it is stored, the same word as in the API. Pinned: a rename does not reach it.</summary>
    public static string StoredStatus(WebhookStatus status) => status switch
    {
        WebhookStatus.Enabled => "ENABLED",
        WebhookStatus.Disabled => "DISABLED",
        WebhookStatus.Deleted => "DELETED",
        _ => throw new InvalidOperationException($"{status} is not stored."),
    };

    static DocumentColumn Column(string name, ColumnType type, Func<WebhookEndpoint, object?> value) =>
        DocumentKind<WebhookEndpoint, WebhookEndpointEvent>.Column(name, type, value);
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, AllowOutOfOrderMetadataProperties = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(WebhookEndpoint))]
[JsonSerializable(typeof(EndpointCreated))]
[JsonSerializable(typeof(EndpointUpdated))]
[JsonSerializable(typeof(EndpointEnabled))]
[JsonSerializable(typeof(EndpointDisabled))]
[JsonSerializable(typeof(SecretRotated))]
[JsonSerializable(typeof(SecretRetired))]
[JsonSerializable(typeof(EndpointDeleted))]
[JsonSerializable(typeof(DeliveriesForgotten))]
[JsonSerializable(typeof(TestRequested))]
[JsonSerializable(typeof(ReplayRequested))]
sealed partial class WebhookEndpointJson : JsonSerializerContext;
