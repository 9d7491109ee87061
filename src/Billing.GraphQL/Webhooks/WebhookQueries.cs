using Billing.Storage.Webhooks;
using Billing.Webhooks;

namespace Billing.GraphQL.Webhooks;

/// <summary>Who is told of what happens, and how that goes.</summary>
[QueryType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class WebhookQueries
{
    /// <summary>Administrators: every endpoint that is not deleted, newest first.</summary>
    public static async Task<Connection<WebhookEndpoint>> GetWebhookEndpoints(int? first, string? after, WebhookReader webhooks, CancellationToken cancel)
    {
        var page = Page.From(first, after);
        var rows = await webhooks.NewestFirst(page.Cursor is { } cursor ? Position(cursor) : null, page.Rows, cancel);
        return page.Connect(rows, WebhookEndpoint.Of, row => Cursor.Write(row.State.CreatedAt, row.State.Id));

        static WebhookEndpointCursor Position(string cursor)
        {
            var (at, id) = Cursor.ReadTimeAndKey(cursor);
            return new(at, id);
        }
    }

    /// <summary>Administrators: an endpoint.</summary>
    public static async Task<WebhookEndpoint?> GetWebhookEndpoint([Id] string id, IGrainFactory grains) =>
        WebhookKeys.Endpoint(id) is { } key && await grains.GetGrain<IWebhookEndpointGrain>(key).Get() is { State.Status: not WebhookStatus.Deleted } endpoint
            ? WebhookEndpoint.Of(endpoint)
            : null;

    /// <summary>Administrators: what an endpoint is told, the latest first; of one status when it is given. <c>DEAD</c> is what was given up.</summary>
    public static async Task<Connection<WebhookDelivery>> GetWebhookDeliveries(
        [Id] string endpointId, WebhookDeliveryStatus? status, int? first, string? after, WebhookReader webhooks, CancellationToken cancel)
    {
        var page = Page.From(first, after);
        var rows = WebhookKeys.Endpoint(endpointId) is { } key
            ? await webhooks.LatestFirst(key, status, page.Cursor is { } cursor ? Cursor.ReadPosition(cursor) : null, page.Rows, cancel)
            : [];
        return page.Connect(rows, WebhookDelivery.Of, row => Cursor.Write(row.Position));
    }
}
