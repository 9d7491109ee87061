using System.Net;

namespace Billing.Silo.Webhooks;

/// <summary>The addresses that a name stands for.</summary>
interface IHostAddresses
{
    /// <summary>All of them, as they are now; none when there is no such name.</summary>
    Task<IReadOnlyList<IPAddress>> Of(string host, CancellationToken cancellation);
}

/// <summary>As the machine resolves names.</summary>
sealed class HostAddresses : IHostAddresses
{
    public async Task<IReadOnlyList<IPAddress>> Of(string host, CancellationToken cancellation)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellation);
        }
        catch (Exception fault) when (fault is System.Net.Sockets.SocketException or ArgumentException)
        {
            return [];
        }
    }
}
