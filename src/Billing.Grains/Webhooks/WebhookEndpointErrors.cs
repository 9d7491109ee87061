using System.Collections.Immutable;

namespace Billing.Webhooks;

/// <summary>Why an endpoint refused.</summary>
[GenerateSerializer, Immutable, Alias("billing.webhook.error")]
public abstract record WebhookEndpointError;

/// <summary>There is no such endpoint, or it is deleted.</summary>
[GenerateSerializer, Immutable, Alias("billing.webhook.not-found")]
public sealed record WebhookEndpointNotFound : WebhookEndpointError;

/// <summary>The endpoint is disabled: nothing is delivered to it.</summary>
[GenerateSerializer, Immutable, Alias("billing.webhook.disabled")]
public sealed record WebhookEndpointDisabled : WebhookEndpointError;

/// <summary>Something of it cannot be so.</summary>
/// <param name="Field">The API's name of it.</param>
/// <param name="Problem">What is wrong, in English.</param>
[GenerateSerializer, Immutable, Alias("billing.webhook.invalid")]
public sealed record InvalidWebhookEndpoint(string Field, string Problem) : WebhookEndpointError;

/// <summary>The address is none that everybody can reach.</summary>
/// <param name="Reason">Why not.</param>
[GenerateSerializer, Immutable, Alias("billing.webhook.address-refused")]
public sealed record WebhookAddressRefused(WebhookAddressRefusal Reason) : WebhookEndpointError;

/// <summary>The key came before with other input.</summary>
[GenerateSerializer, Immutable, Alias("billing.webhook.key-reused")]
public sealed record WebhookKeyReused(ImmutableArray<string> Differs) : WebhookEndpointError;

/// <summary>Why an address is refused.</summary>
public enum WebhookAddressRefusal
{
    /// <summary>It is private, of the loopback, link-local, reserved or otherwise not public.</summary>
    NotPublic,

    /// <summary>Its name has no address.</summary>
    Unresolvable,
}
