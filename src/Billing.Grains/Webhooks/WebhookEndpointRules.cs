namespace Billing.Webhooks;

/// <summary>What can be asked of an endpoint.</summary>
public abstract record WebhookEndpointCommand;

/// <summary>Make it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Terms">Where and of what it is told.</param>
/// <param name="Sealed">Its first secret, encrypted.</param>
/// <param name="Note">Why.</param>
/// <param name="By">Who makes it.</param>
public sealed record CreateEndpoint(string Id, WebhookTerms Terms, string Sealed, string? Note, string By) : WebhookEndpointCommand;

/// <summary>Change it.</summary>
/// <param name="Change">What is to be otherwise.</param>
/// <param name="Note">Why.</param>
public sealed record UpdateEndpoint(WebhookEndpointChange Change, string Note) : WebhookEndpointCommand;

/// <summary>Give it a new secret.</summary>
public sealed record RotateSecret(string Sealed, string Note) : WebhookEndpointCommand;

/// <summary>Throw the old secret away, if its time is over.</summary>
public sealed record RetireSecret : WebhookEndpointCommand;

/// <summary>Disable it, because of how it answers.</summary>
public sealed record DisableEndpoint(WebhookDisabledFor For) : WebhookEndpointCommand;

/// <summary>Delete it.</summary>
public sealed record DeleteEndpoint(string Note) : WebhookEndpointCommand;

/// <summary>What waited for it is thrown away.</summary>
public sealed record RecordForgotten : WebhookEndpointCommand;

/// <summary>Tell it something, to see whether it listens.</summary>
public sealed record RequestTest : WebhookEndpointCommand;

/// <summary>Tell it again what it was told.</summary>
/// <param name="Since">All that happened since; null when deliveries are named.</param>
/// <param name="Deliveries">How many are named.</param>
public sealed record RequestReplay(DateTimeOffset? Since, int Deliveries) : WebhookEndpointCommand;

/// <summary>What an administrator wants changed: what is null stays as it is.</summary>
/// <param name="Url">Where to.</param>
/// <param name="EventTypes">Of which events.</param>
/// <param name="Description">For administrators; empty for none.</param>
/// <param name="Enabled">Whether it is told.</param>
[GenerateSerializer, Immutable, Alias("billing.webhook.change")]
public sealed record WebhookEndpointChange(string? Url, IReadOnlyList<string>? EventTypes, string? Description, bool? Enabled);

/// <summary>How an endpoint answers. Pure.</summary>
public static class WebhookEndpointRules
{
    /// <summary>What follows from the command.</summary>
    public static Decision<WebhookEndpointEvent, WebhookEndpointError> Decide(WebhookEndpoint? endpoint, WebhookEndpointCommand command, DateTimeOffset now) =>
        (endpoint, command) switch
        {
            (null, CreateEndpoint create) when Wrong(create.Terms) is { } wrong => wrong,
            (null, CreateEndpoint create) => [new EndpointCreated(now, create.Id, create.Terms, create.Sealed, create.Note, create.By)],
            ({ } w, CreateEndpoint create) when w.Wished.Differences(create.Terms) is { IsEmpty: false } differs => new WebhookKeyReused(differs),
            (_, CreateEndpoint) => [],

            ({ Forgetting: true }, RecordForgotten) => [new DeliveriesForgotten(now)],
            (_, RecordForgotten) => [],

            (null or { Status: WebhookStatus.Deleted }, _) => new WebhookEndpointNotFound(),

            ({ } w, UpdateEndpoint update) when Wrong(With(w.Terms, update.Change)) is { } wrong => wrong,
            ({ } w, UpdateEndpoint update) => [.. Changes(w, update, now)],

            ({ } w, RotateSecret rotate) => [new SecretRotated(now, rotate.Sealed, now + WebhookEndpoint.SecretOverlap, rotate.Note)],
            ({ Secrets: [_, { ExpiresAt: { } until }, ..] }, RetireSecret) when until <= now => [new SecretRetired(now)],
            (_, RetireSecret) => [],

            ({ Status: WebhookStatus.Enabled }, DisableEndpoint disable) => [new EndpointDisabled(now, disable.For, null)],
            (_, DisableEndpoint) => [],

            (_, DeleteEndpoint delete) => [new EndpointDeleted(now, delete.Note)],

            ({ Status: WebhookStatus.Disabled }, RequestTest) => new WebhookEndpointDisabled(),
            (_, RequestTest) => [new TestRequested(now)],

            (_, RequestReplay replay) => [new ReplayRequested(now, replay.Since, replay.Deliveries)],

            _ => throw new InvalidOperationException($"No rule for {command.GetType().Name}."),
        };

    /// <summary>The terms as a change leaves them, in the form in which they are compared.</summary>
    public static WebhookTerms With(WebhookTerms terms, WebhookEndpointChange change)
    {
        ArgumentNullException.ThrowIfNull(terms);
        ArgumentNullException.ThrowIfNull(change);
        return new(
            change.Url ?? terms.Url,
            change.EventTypes is { } types ? [.. types.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)] : terms.EventTypes,
            change.Description switch { null => terms.Description, "" => null, var text => text });
    }

    /// <summary>What is wrong with these terms, their address aside; null when nothing is.</summary>
    public static WebhookEndpointError? Wrong(WebhookTerms terms) => terms switch
    {
        null => throw new ArgumentNullException(nameof(terms)),
        { EventTypes.IsDefaultOrEmpty: true } => new InvalidWebhookEndpoint("eventTypes", "An endpoint is told of something: choose at least one event type."),
        _ when terms.EventTypes.Any(type => !WebhookEventType.All.Contains(type)) => new InvalidWebhookEndpoint("eventTypes", $"The event types are {string.Join(", ", WebhookEventType.All)}."),
        { Description: { } text } when text.Length > WebhookTerms.MaxDescriptionLength || text.Any(char.IsControl) || !text.IsStorable() =>
            new InvalidWebhookEndpoint("description", $"A description is a line of at most {WebhookTerms.MaxDescriptionLength} characters."),
        _ => null,
    };

    static IEnumerable<WebhookEndpointEvent> Changes(WebhookEndpoint endpoint, UpdateEndpoint update, DateTimeOffset now)
    {
        var terms = With(endpoint.Terms, update.Change);
        if (!endpoint.Terms.Differences(terms).IsEmpty) yield return new EndpointUpdated(now, terms, update.Note);
        if (update.Change.Enabled == true && endpoint.Status == WebhookStatus.Disabled) yield return new EndpointEnabled(now, update.Note);
        if (update.Change.Enabled == false && endpoint.Status == WebhookStatus.Enabled) yield return new EndpointDisabled(now, WebhookDisabledFor.Request, update.Note);
    }
}
