using System.Globalization;
using Billing.Storage.Webhooks;
using Billing.Webhooks;
using Domain = Billing.Webhooks;

namespace Billing.GraphQL.Webhooks;

/// <summary>Somebody who is told what happened, at an address of theirs. Only administrators see it.</summary>
/// <param name="Version">Rises with every change.</param>
/// <param name="Url">Where to.</param>
/// <param name="EventTypes">Of which events.</param>
/// <param name="Description">For administrators.</param>
/// <param name="Status">Whether it is told.</param>
/// <param name="DisabledFor">Why it is disabled.</param>
/// <param name="DisabledAt">Since when it is disabled.</param>
/// <param name="OldSecretUntil">Until when deliveries are signed under the secret before the newest as well; null when there is only one.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">By whom.</param>
public sealed record WebhookEndpoint(
    long Version, Uri Url, IReadOnlyList<string> EventTypes, string? Description, WebhookStatus Status, WebhookDisabledFor? DisabledFor, DateTimeOffset? DisabledAt,
    DateTimeOffset? OldSecretUntil, DateTimeOffset CreatedAt, string CreatedBy) : INode
{
    /// <inheritdoc/>
    [Id]
    public string Id => GlobalId.Write(nameof(WebhookEndpoint), Key);

    internal string Key { get; private init; } = "";

    internal static WebhookEndpoint Of(Versioned<Domain.WebhookEndpoint> stored)
    {
        var (endpoint, terms) = (stored.State, stored.State.Terms);
        return new(
            stored.Version, new(terms.Url), [.. terms.EventTypes], terms.Description, endpoint.Status, endpoint.Disabling?.For, endpoint.Disabling?.At,
            endpoint.Secrets.Select(secret => secret.ExpiresAt).FirstOrDefault(until => until is not null), endpoint.CreatedAt, endpoint.CreatedBy)
        {
            Key = endpoint.Id,
        };
    }
}

/// <summary>An event on its way to an endpoint, or at its end. Those that were delivered are listed for some days.</summary>
/// <param name="EventId">The header <c>webhook-id</c>: the same for every attempt and every replay.</param>
/// <param name="EventType">What happened; null when this version of the service cannot read it.</param>
/// <param name="HappenedAt">When.</param>
/// <param name="Status">Where it stands.</param>
/// <param name="Attempts">How many attempts were made since it was last begun.</param>
/// <param name="NextAttemptAt">When the next one is made, unless an earlier event of the same object is still to be delivered.</param>
/// <param name="LastAttemptAt">When the last one was made.</param>
/// <param name="LastStatusCode">What the endpoint answered; null when it did not.</param>
/// <param name="LastFailure">Why it did not, in a word.</param>
/// <param name="SettledAt">When it was delivered, or given up.</param>
/// <param name="Payload">What is sent.</param>
public sealed record WebhookDelivery(
    [property: Id] string EventId, string? EventType, DateTimeOffset HappenedAt, WebhookDeliveryStatus Status, int Attempts, DateTimeOffset? NextAttemptAt,
    DateTimeOffset? LastAttemptAt, int? LastStatusCode, string? LastFailure, DateTimeOffset? SettledAt, string? Payload) : INode
{
    /// <inheritdoc/>
    [Id]
    public string Id => GlobalId.Write(nameof(WebhookDelivery), Key);

    internal string Key { get; private init; } = "";

    internal static WebhookDelivery Of(FoundDelivery found)
    {
        var row = found.Row;
        WebhookMessage.TryOf(row, found.Endpoint, out var message, out _);
        return new(
            WebhookMessage.IdOf(row.Noun, row.Key, row.Version, row.Ordinal), message?.Type, row.At, found.Status, found.Attempts, found.NextAttemptAt, found.LastAttemptAt,
            found.LastStatus, found.LastFailure, found.SettledAt, message?.Body)
        {
            Key = WebhookKeys.Delivery(found.Endpoint, found.Position),
        };
    }
}

static class WebhookKeys
{
    /// <summary>The endpoint's key in an argument, which is the key itself or a global id; null when it can be no endpoint's.</summary>
    public static string? Endpoint(string argument) =>
        IsEndpoint(argument) ? argument : GlobalId.KeyOf(nameof(WebhookEndpoint), argument) is { } key && IsEndpoint(key) ? key : null;

    public static string Delivery(string endpoint, long position) => string.Create(CultureInfo.InvariantCulture, $"{endpoint}:{position}");

    /// <summary>Reads a delivery's key.</summary>
    public static (string Endpoint, long Position)? ReadDelivery(string? key) =>
        key?.Split(':') is [var endpoint, var number] && IsEndpoint(endpoint) && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            ? (endpoint, position)
            : null;

    public static bool IsEndpoint(string text) =>
        text.Length == Domain.WebhookEndpoint.IdLength && text.All(character => CheckCharacter.Alphabet.Contains(character, StringComparison.Ordinal));
}

/// <summary>Finds endpoints by their global id.</summary>
sealed class WebhookEndpointNodes(WebhookReader webhooks) : INodeSource
{
    public string Noun => nameof(WebhookEndpoint);

    public NodeReaders Readers => NodeReaders.Administrators;

    public async Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel)
    {
        string[] ids = [.. keys.Where(WebhookKeys.IsEndpoint)];
        return ids.Length == 0 ? NodeSource.None : NodeSource.Show(await webhooks.Find(ids, cancel), WebhookEndpoint.Of);
    }
}

/// <summary>Finds deliveries by their global id.</summary>
sealed class WebhookDeliveryNodes(WebhookReader webhooks) : INodeSource
{
    public string Noun => nameof(WebhookDelivery);

    public NodeReaders Readers => NodeReaders.Administrators;

    public async Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel)
    {
        var named = NodeSource.Read(keys, WebhookKeys.ReadDelivery);
        var found = (await webhooks.Find([.. named.Values], cancel)).ToDictionary(one => (one.Endpoint, one.Position));
        return NodeSource.Show(named, key => found.TryGetValue(key, out var delivery) ? WebhookDelivery.Of(delivery) : null);
    }
}
