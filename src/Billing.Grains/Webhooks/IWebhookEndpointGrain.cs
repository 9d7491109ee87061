namespace Billing.Webhooks;

/// <summary>What making an endpoint led to.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Replayed">Whether it was made under this key before; its secret is then the one that was shown at that time.</param>
[GenerateSerializer, Immutable, Alias("billing.webhook.created")]
public sealed record WebhookCreated(Versioned<WebhookEndpoint> Endpoint, bool Replayed);

/// <summary>What a replay led to.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Deliveries">How many named deliveries are made again.</param>
[GenerateSerializer, Immutable, Alias("billing.webhook.replayed")]
public sealed record WebhookReplayed(Versioned<WebhookEndpoint> Endpoint, int Deliveries);

/// <summary>A webhook endpoint, by its id.</summary>
[Alias("billing.IWebhookEndpointGrain")]
public interface IWebhookEndpointGrain : IDocumentGrain
{
    /// <summary>The endpoint as it is; null when there is none.</summary>
    [Alias("Get")]
    Task<Versioned<WebhookEndpoint>?> Get();

    /// <summary>Makes it. Making the same endpoint again changes nothing.</summary>
    [Alias("Create")]
    Task<Reply<WebhookCreated, WebhookEndpointError>> Create(WebhookTerms terms, string sealedSecret, string? note, Actor actor);

    /// <summary>Changes it.</summary>
    [Alias("Update")]
    Task<Reply<Versioned<WebhookEndpoint>, WebhookEndpointError>> Update(WebhookEndpointChange change, string note, Actor actor);

    /// <summary>Gives it a new secret; the one before is signed with as well for a day.</summary>
    [Alias("RotateSecret")]
    Task<Reply<Versioned<WebhookEndpoint>, WebhookEndpointError>> RotateSecret(string sealedSecret, string note, Actor actor);

    /// <summary>Deletes it, with what waits for it.</summary>
    [Alias("Delete")]
    Task<Reply<Versioned<WebhookEndpoint>, WebhookEndpointError>> Delete(string note, Actor actor);

    /// <summary>Disables it because of how it answers.</summary>
    [Alias("Disable")]
    Task Disable(WebhookDisabledFor reason);

    /// <summary>Has it told of a test.</summary>
    [Alias("SendTest")]
    Task<Reply<Versioned<WebhookEndpoint>, WebhookEndpointError>> SendTest(Actor actor);

    /// <summary>Has settled deliveries, by their positions, made again.</summary>
    [Alias("Replay")]
    Task<Reply<WebhookReplayed, WebhookEndpointError>> Replay(IReadOnlyList<long> positions, Actor actor);

    /// <summary>Has everything delivered again that happened since a moment.</summary>
    [Alias("ReplaySince")]
    Task<Reply<WebhookReplayed, WebhookEndpointError>> ReplaySince(DateTimeOffset since, Actor actor);
}
