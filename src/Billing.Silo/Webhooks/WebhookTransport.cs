using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Billing.Webhooks;
using Microsoft.Extensions.Options;

namespace Billing.Silo.Webhooks;

/// <summary>
/// Sends messages over HTTP. Administrators say where to, and this host could reach machines that they cannot: so the address that is connected to is the very one
/// that was looked at, with every new connection. No redirect is followed, no proxy asked, no cookie kept, and nothing read of an answer but its head.
/// </summary>
sealed class WebhookTransport(IHttpClientFactory clients, IHostAddresses names, IOptions<WebhookSettings> options, TimeProvider time) : IWebhookTransport
{
    /// <summary>The name of its client.</summary>
    public const string Client = "webhooks";

    static readonly TimeSpan NameTimeout = TimeSpan.FromSeconds(5);
    static readonly MediaTypeHeaderValue Json = new("application/json");

    readonly WebhookSettings settings = options.Value;

    public async Task<WebhookAddressRefusal?> Check(Uri url, CancellationToken cancellation)
    {
        if (settings.AllowPrivateAddresses) return null;
        using var limit = new CancellationTokenSource(NameTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            return await Addresses(names, url.IdnHost, either.Token) switch
            {
                [] => WebhookAddressRefusal.Unresolvable,
                var found when !found.All(PublicAddress.IsPublic) => WebhookAddressRefusal.NotPublic,
                _ => null,
            };
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return WebhookAddressRefusal.Unresolvable;
        }
    }

    public async Task<WebhookAnswer> Send(Uri url, string id, long timestamp, string signature, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        // A setting that was taken back holds for endpoints that were made under it.
        if (url.Scheme != Uri.UriSchemeHttps && !settings.AllowHttp) return new WebhookUnanswered("http is not allowed");
        using var limit = new CancellationTokenSource(settings.AttemptTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(body) };
            request.Content.Headers.ContentType = Json;
            request.Headers.Add("webhook-id", id);
            request.Headers.Add("webhook-timestamp", timestamp.ToString(CultureInfo.InvariantCulture));
            request.Headers.Add("webhook-signature", signature);
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Billing-Webhooks", "1"));
            using var client = clients.CreateClient(Client);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return new WebhookAnswered((int)response.StatusCode, RetryAfter(response.Headers.RetryAfter));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new WebhookUnanswered("timeout");
        }
        catch (HttpRequestException fault)
        {
            return new WebhookUnanswered(Word(fault));
        }
    }

    /// <summary>The handler that it sends with.</summary>
    public static SocketsHttpHandler Handler(IHostAddresses names, WebhookSettings settings) => new()
    {
        AllowAutoRedirect = false,
        // A proxy would connect to what it resolves itself.
        UseProxy = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        // In kilobytes.
        MaxResponseHeadersLength = 16,
        MaxResponseDrainSize = 4_096,
        ResponseDrainTimeout = TimeSpan.FromSeconds(1),
        MaxConnectionsPerServer = settings.AtOnce,
        // Names move: a connection that is kept for ever would not notice.
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        ConnectCallback = (context, cancellation) => Connect(names, settings, context.DnsEndPoint, cancellation),
    };

    static async ValueTask<Stream> Connect(IHostAddresses names, WebhookSettings settings, DnsEndPoint to, CancellationToken cancellation)
    {
        var addresses = await Addresses(names, to.Host, cancellation);
        if (addresses.Count == 0) throw new SocketException((int)SocketError.HostNotFound);
        // All of them: a name that leads inside with one of its addresses is not to be trusted with another.
        if (!settings.AllowPrivateAddresses && !addresses.All(PublicAddress.IsPublic)) throw new AddressRefusedException();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync([.. addresses], to.Port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    static async Task<IReadOnlyList<IPAddress>> Addresses(IHostAddresses names, string host, CancellationToken cancellation) =>
        IPAddress.TryParse(host, out var address) ? [address] : await names.Of(host, cancellation);

    TimeSpan? RetryAfter(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > time.GetUtcNow() => date - time.GetUtcNow(),
        _ => null,
    };

    static string Word(HttpRequestException fault) => fault switch
    {
        { InnerException: AddressRefusedException } => "address is not public",
        { HttpRequestError: HttpRequestError.NameResolutionError } => "name not resolved",
        { HttpRequestError: HttpRequestError.SecureConnectionError } => "TLS failed",
        { HttpRequestError: HttpRequestError.ConnectionError } => "connection failed",
        _ => "no valid answer",
    };

    /// <summary>The name leads to an address that is not public.</summary>
    sealed class AddressRefusedException() : IOException("The address is not public.");
}
