using System.Collections.Immutable;

namespace Billing.Webhooks;

/// <summary>Whether an endpoint is told of what happens.</summary>
public enum WebhookStatus
{
    /// <summary>It is.</summary>
    Enabled,

    /// <summary>It is not. What happens meanwhile waits in the journal, and it goes on there once it is enabled again.</summary>
    Disabled,

    /// <summary>It never will be again.</summary>
    Deleted,
}

/// <summary>Why an endpoint is disabled.</summary>
public enum WebhookDisabledFor
{
    /// <summary>An administrator wanted it.</summary>
    Request,

    /// <summary>It answered 410: it wants no more.</summary>
    Gone,

    /// <summary>For days nothing could be delivered.</summary>
    Failures,
}

/// <summary>Where and of what an endpoint is told.</summary>
/// <param name="Url">Where to.</param>
/// <param name="EventTypes">Of which events, by their names in <see cref="WebhookEventType"/>; sorted, each once.</param>
/// <param name="Description">For administrators.</param>
[GenerateSerializer, Immutable, Alias("billing.webhook.terms")]
public sealed record WebhookTerms(string Url, ImmutableArray<string> EventTypes, string? Description)
{
    /// <summary>The longest description.</summary>
    public const int MaxDescriptionLength = 200;

    /// <summary>What a repeat of the same wish has otherwise, by the API's names.</summary>
    public ImmutableArray<string> Differences(WebhookTerms other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var differs = ImmutableArray.CreateBuilder<string>();
        if (Url != other.Url) differs.Add("url");
        if (!EventTypes.SequenceEqual(other.EventTypes)) differs.Add("eventTypes");
        if (Description != other.Description) differs.Add("description");
        return differs.ToImmutable();
    }
}

/// <summary>A secret that deliveries are signed with, as it is stored.</summary>
/// <param name="Sealed">Its text, encrypted for this endpoint by the vault.</param>
/// <param name="ExpiresAt">Until when it is signed with as well, once there is a newer one; null for the newest.</param>
[GenerateSerializer, Immutable, Alias("billing.webhook.secret")]
public sealed record WebhookSecret(string Sealed, DateTimeOffset? ExpiresAt)
{
    /// <summary>Never the secret, not even sealed.</summary>
    public override string ToString() => "webhook secret";
}

/// <summary>How an endpoint came to be disabled.</summary>
/// <param name="At">When.</param>
/// <param name="For">Why.</param>
[GenerateSerializer, Immutable, Alias("billing.webhook.disabling")]
public sealed record WebhookDisabling(DateTimeOffset At, WebhookDisabledFor For);

/// <summary>Somebody who is told what happened, at an address of theirs.</summary>
/// <param name="Id">Its id, derived from who made it and their key.</param>
/// <param name="Terms">Where and of what it is told.</param>
/// <param name="Wished">The same as it was made: a repeat of that wish is known by it.</param>
/// <param name="Status">Whether it is told.</param>
/// <param name="Disabling">Set when it is disabled.</param>
/// <param name="EnabledAt">Since when it is told, or when it last was enabled.</param>
/// <param name="Secrets">What deliveries are signed with, the newest first.</param>
/// <param name="Tests">How many tests were asked for.</param>
/// <param name="Forgetting">Whether what waits for a deleted endpoint is still to be thrown away.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">By whom.</param>
[GenerateSerializer, Immutable, Alias("billing.webhook")]
public sealed record WebhookEndpoint(
    string Id, WebhookTerms Terms, WebhookTerms Wished, WebhookStatus Status, WebhookDisabling? Disabling, DateTimeOffset EnabledAt,
    ImmutableArray<WebhookSecret> Secrets, int Tests, bool Forgetting, DateTimeOffset CreatedAt, string CreatedBy)
{
    /// <summary>How long the secret before the newest is signed with as well.</summary>
    public static readonly TimeSpan SecretOverlap = TimeSpan.FromDays(1);

    /// <summary>How long an id is.</summary>
    public const int IdLength = 16;

    /// <summary>The id of the endpoint that somebody wishes for under a key; the same wish is the same endpoint.</summary>
    public static string IdOf(string subject, string idempotencyKey) => WishName.Of("webhook:" + subject, idempotencyKey, IdLength);

    /// <summary>The secrets that a delivery is signed with at this moment, the newest first.</summary>
    public IEnumerable<WebhookSecret> SecretsAt(DateTimeOffset now) => Secrets.Where(secret => secret.ExpiresAt is not { } until || until > now);

    /// <summary>When it must be looked at again: an old secret is thrown away in time, and what waits for a deleted endpoint at once.</summary>
    public static DateTimeOffset? NextDeadline(WebhookEndpoint endpoint)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return endpoint.Forgetting ? endpoint.CreatedAt : endpoint.Secrets.Min(secret => secret.ExpiresAt);
    }

    /// <summary>The endpoint after one more event.</summary>
    public static WebhookEndpoint After(WebhookEndpoint? endpoint, WebhookEndpointEvent happened) => (endpoint, happened) switch
    {
        (null, EndpointCreated e) => new(e.Id, e.Terms, e.Terms, WebhookStatus.Enabled, null, e.At, [new(e.Sealed, null)], 0, false, e.At, e.By),
        ({ } w, EndpointUpdated e) => w with { Terms = e.Terms },
        ({ } w, EndpointEnabled e) => w with { Status = WebhookStatus.Enabled, Disabling = null, EnabledAt = e.At },
        ({ } w, EndpointDisabled e) => w with { Status = WebhookStatus.Disabled, Disabling = new(e.At, e.For) },
        // Only one older secret is kept: who rotates twice within a day has a reason to.
        ({ } w, SecretRotated e) => w with { Secrets = [new(e.Sealed, null), w.Secrets[0] with { ExpiresAt = e.OldUntil }] },
        ({ } w, SecretRetired) => w with { Secrets = [w.Secrets[0]] },
        ({ } w, EndpointDeleted) => w with { Status = WebhookStatus.Deleted, Secrets = [w.Secrets[0] with { ExpiresAt = null }], Forgetting = true },
        ({ } w, DeliveriesForgotten) => w with { Forgetting = false },
        // Nothing of the endpoint itself changes; the journal says who asked.
        ({ } w, ReplayRequested) => w,
        ({ } w, TestRequested) => w with { Tests = w.Tests + 1 },
        _ => throw new InvalidOperationException($"{happened.GetType().Name} cannot happen to {(endpoint is null ? "no endpoint" : "an endpoint")}."),
    };
}
