namespace Billing.Webhooks;

/// <summary>Brings messages to endpoints.</summary>
public interface IWebhookTransport
{
    /// <summary>Why nothing is sent to this address; null when it can be.</summary>
    Task<WebhookAddressRefusal?> Check(Uri url, CancellationToken cancellation);

    /// <summary>Sends a message once. A failure is an answer too; nothing is thrown for it.</summary>
    /// <param name="url">Where to.</param>
    /// <param name="id">The header <c>webhook-id</c>.</param>
    /// <param name="timestamp">The header <c>webhook-timestamp</c>.</param>
    /// <param name="signature">The header <c>webhook-signature</c>.</param>
    /// <param name="body">What is sent: JSON in UTF-8.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    Task<WebhookAnswer> Send(Uri url, string id, long timestamp, string signature, ReadOnlyMemory<byte> body, CancellationToken cancellation);
}
