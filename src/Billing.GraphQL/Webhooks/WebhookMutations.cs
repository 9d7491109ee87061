using Billing.Webhooks;
using Domain = Billing.Webhooks;

namespace Billing.GraphQL.Webhooks;

/// <summary>Administrators say who is told of what happens.</summary>
[MutationType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class WebhookMutations
{
    /// <summary>Makes an endpoint. It is told of what happens from then on. Its secret is shown this once.</summary>
    public static async Task<CreateWebhookEndpointPayload> CreateWebhookEndpoint(
        CreateWebhookEndpointInput input, Viewer viewer, WebhookSecrets secrets, IGrainFactory grains, ClientInfo client)
    {
        var id = Domain.WebhookEndpoint.IdOf(viewer.Subject, Checked.Key(input.IdempotencyKey));
        var (shown, kept) = secrets.Make(id);
        var reply = await grains.GetGrain<IWebhookEndpointGrain>(id).Create(
            new(input.Url, [.. input.EventTypes], input.Description), kept, Checked.OptionalNote(input.Note), viewer.Actor);
        return reply.Value is { } created
            ? new(WebhookEndpoint.Of(created.Endpoint), created.Replayed ? null : shown, created.Replayed, null)
            : new(null, null, false, [WebhookErrors.Of<ICreateWebhookEndpointError>(reply.Refusal!, Language.Of(client))]);
    }

    /// <summary>Changes an endpoint. What is not given stays as it is. One that is enabled again is told first what it missed.</summary>
    public static async Task<UpdateWebhookEndpointPayload> UpdateWebhookEndpoint(UpdateWebhookEndpointInput input, Viewer viewer, IGrainFactory grains, ClientInfo client)
    {
        var note = Checked.Note(input.Note);
        var reply = WebhookKeys.Endpoint(input.EndpointId) is { } key
            ? await grains.GetGrain<IWebhookEndpointGrain>(key).Update(new(input.Url, input.EventTypes, input.Description, input.Enabled), note, viewer.Actor)
            : new Domain.WebhookEndpointNotFound();
        return reply.Value is { } endpoint
            ? new(WebhookEndpoint.Of(endpoint), null)
            : new(null, [WebhookErrors.Of<IUpdateWebhookEndpointError>(reply.Refusal!, Language.Of(client))]);
    }

    /// <summary>Gives an endpoint a new secret, which is shown this once. For a day deliveries are signed under the old one as well.</summary>
    public static async Task<RotateWebhookSecretPayload> RotateWebhookSecret(
        RotateWebhookSecretInput input, Viewer viewer, WebhookSecrets secrets, IGrainFactory grains, ClientInfo client)
    {
        var note = Checked.Note(input.Note);
        if (WebhookKeys.Endpoint(input.EndpointId) is not { } key) return Refused(new Domain.WebhookEndpointNotFound());
        var (shown, kept) = secrets.Make(key);
        var reply = await grains.GetGrain<IWebhookEndpointGrain>(key).RotateSecret(kept, note, viewer.Actor);
        return reply.Value is { } endpoint ? new(WebhookEndpoint.Of(endpoint), shown, null) : Refused(reply.Refusal!);

        RotateWebhookSecretPayload Refused(WebhookEndpointError refusal) => new(null, null, [WebhookErrors.Of<IWebhookEndpointError>(refusal, Language.Of(client))]);
    }

    /// <summary>Deletes an endpoint for ever, with what waits for it.</summary>
    public static async Task<DeleteWebhookEndpointPayload> DeleteWebhookEndpoint(DeleteWebhookEndpointInput input, Viewer viewer, IGrainFactory grains, ClientInfo client)
    {
        var note = Checked.Note(input.Note);
        var reply = WebhookKeys.Endpoint(input.EndpointId) is { } key
            ? await grains.GetGrain<IWebhookEndpointGrain>(key).Delete(note, viewer.Actor)
            : new Domain.WebhookEndpointNotFound();
        return reply.Value is { } endpoint
            ? new(WebhookEndpoint.Of(endpoint), null)
            : new(null, [WebhookErrors.Of<IWebhookEndpointError>(reply.Refusal!, Language.Of(client))]);
    }

    /// <summary>Tells an endpoint <c>webhook.test</c>, as everything else is told: signed, repeated until it arrives, and listed.</summary>
    public static async Task<SendTestEventPayload> SendTestEvent(SendTestEventInput input, Viewer viewer, IGrainFactory grains, ClientInfo client)
    {
        var reply = WebhookKeys.Endpoint(input.EndpointId) is { } key
            ? await grains.GetGrain<IWebhookEndpointGrain>(key).SendTest(viewer.Actor)
            : new Domain.WebhookEndpointNotFound();
        return reply.Value is { } endpoint
            ? new(WebhookEndpoint.Of(endpoint), null)
            : new(null, [WebhookErrors.Of<ISendTestEventError>(reply.Refusal!, Language.Of(client))]);
    }

    /// <summary>Has deliveries made again that were delivered or given up: those that are named, or everything since a moment. Their event ids stay the same.</summary>
    public static async Task<ReplayWebhookDeliveriesPayload> ReplayWebhookDeliveries(
        ReplayWebhookDeliveriesInput input, Viewer viewer, IGrainFactory grains, ClientInfo client)
    {
        var language = Language.Of(client);
        if (WebhookKeys.Endpoint(input.EndpointId) is not { } key) return Refused(new Domain.WebhookEndpointNotFound());
        var endpoint = grains.GetGrain<IWebhookEndpointGrain>(key);
        if (input.What.Since is { } since) return Done(await endpoint.ReplaySince(since, viewer.Actor));
        var ids = input.What.DeliveryIds!;
        if (ids.Count > Page.Largest) throw new BadRequestFault(ErrorCodes.PageTooLarge, $"At most {Page.Largest} deliveries can be named at once. Ask in several requests.");
        var positions = new List<long>(ids.Count);
        foreach (var id in ids)
        {
            if (WebhookKeys.ReadDelivery(GlobalId.KeyOf(nameof(WebhookDelivery), id)) is not var (of, position) || of != key)
                return new(null, 0, [WebhookErrors.NoDelivery(id, language)]);
            positions.Add(position);
        }

        return Done(await endpoint.Replay(positions, viewer.Actor));

        ReplayWebhookDeliveriesPayload Done(Reply<WebhookReplayed, WebhookEndpointError> reply) =>
            reply.Value is { } done ? new(WebhookEndpoint.Of(done.Endpoint), done.Deliveries, null) : Refused(reply.Refusal!);

        ReplayWebhookDeliveriesPayload Refused(WebhookEndpointError refusal) => new(null, 0, [WebhookErrors.Of<IReplayWebhookDeliveriesError>(refusal, language)]);
    }
}

/// <summary>An endpoint to make.</summary>
/// <param name="Url">Where to: https, reachable by everybody, without name, password and fragment.</param>
/// <param name="EventTypes">Of which events: order.paid, order.fulfilled, order.refunded, code.redeemed, credits.changed.</param>
/// <param name="Description">For administrators.</param>
/// <param name="Note">Why, for the journal.</param>
/// <param name="IdempotencyKey">The administrator's own name for this endpoint: the same again makes no second one.</param>
public sealed record CreateWebhookEndpointInput(string Url, IReadOnlyList<string> EventTypes, string? Description, string? Note, string IdempotencyKey);

/// <summary>What making an endpoint led to.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Secret">What its deliveries are signed with. It is never shown again; who has lost it rotates it.</param>
/// <param name="Replayed">True when it was made under this key before; the secret was shown at that time.</param>
/// <param name="Errors">Why not.</param>
public sealed record CreateWebhookEndpointPayload(WebhookEndpoint? Endpoint, string? Secret, bool Replayed, IReadOnlyList<ICreateWebhookEndpointError>? Errors);

/// <summary>A change to an endpoint.</summary>
/// <param name="EndpointId">Which one.</param>
/// <param name="Url">Where to.</param>
/// <param name="EventTypes">Of which events, from now on.</param>
/// <param name="Description">For administrators; empty for none.</param>
/// <param name="Enabled">Whether it is told.</param>
/// <param name="Note">Why, for the journal.</param>
public sealed record UpdateWebhookEndpointInput([property: Id] string EndpointId, string? Url, IReadOnlyList<string>? EventTypes, string? Description, bool? Enabled, string Note);

/// <summary>What changing an endpoint led to.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Errors">Why not.</param>
public sealed record UpdateWebhookEndpointPayload(WebhookEndpoint? Endpoint, IReadOnlyList<IUpdateWebhookEndpointError>? Errors);

/// <summary>An endpoint that needs a new secret.</summary>
/// <param name="EndpointId">Which one.</param>
/// <param name="Note">Why, for the journal.</param>
public sealed record RotateWebhookSecretInput([property: Id] string EndpointId, string Note);

/// <summary>What rotating a secret led to.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Secret">The new secret. It is never shown again.</param>
/// <param name="Errors">Why not.</param>
public sealed record RotateWebhookSecretPayload(WebhookEndpoint? Endpoint, string? Secret, IReadOnlyList<IWebhookEndpointError>? Errors);

/// <summary>An endpoint to delete.</summary>
/// <param name="EndpointId">Which one.</param>
/// <param name="Note">Why, for the journal.</param>
public sealed record DeleteWebhookEndpointInput([property: Id] string EndpointId, string Note);

/// <summary>What deleting an endpoint led to.</summary>
/// <param name="Endpoint">The endpoint as it was last.</param>
/// <param name="Errors">Why not.</param>
public sealed record DeleteWebhookEndpointPayload(WebhookEndpoint? Endpoint, IReadOnlyList<IWebhookEndpointError>? Errors);

/// <summary>An endpoint to test.</summary>
/// <param name="EndpointId">Which one.</param>
public sealed record SendTestEventInput([property: Id] string EndpointId);

/// <summary>What asking for a test led to.</summary>
/// <param name="Endpoint">The endpoint; how the test goes is among its deliveries.</param>
/// <param name="Errors">Why not.</param>
public sealed record SendTestEventPayload(WebhookEndpoint? Endpoint, IReadOnlyList<ISendTestEventError>? Errors);

/// <summary>What to deliver again.</summary>
/// <param name="EndpointId">To which endpoint.</param>
/// <param name="What">What.</param>
public sealed record ReplayWebhookDeliveriesInput([property: Id] string EndpointId, WebhookReplayInput What);

/// <summary>What to deliver again: one of its fields.</summary>
/// <param name="DeliveryIds">These, as far as they are listed and settled.</param>
/// <param name="Since">Everything of the chosen types that happened since then, and what happened in the minute before.</param>
[global::GraphQL.OneOf]
public sealed record WebhookReplayInput([property: Id] IReadOnlyList<string>? DeliveryIds, DateTimeOffset? Since);

/// <summary>What a replay led to.</summary>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Deliveries">How many of the named deliveries are made again.</param>
/// <param name="Errors">Why not.</param>
public sealed record ReplayWebhookDeliveriesPayload(WebhookEndpoint? Endpoint, int Deliveries, IReadOnlyList<IReplayWebhookDeliveriesError>? Errors);
