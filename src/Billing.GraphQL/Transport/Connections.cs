namespace Billing.GraphQL.Transport;

/// <summary>
/// How many sockets and event streams are open, by account; by address where nobody has signed in. Each holds memory and, while it watches, a grain: nobody shall hold all that there
/// is.
/// </summary>
sealed class Connections(BillingGraphQLOptions options)
{
    // Names of who has at least one open: as many as there are connections at most.
    readonly Dictionary<string, int> open = new(StringComparer.Ordinal);
    readonly Lock gate = new();

    /// <summary>How many accounts and addresses have one open.</summary>
    public int Count
    {
        get
        {
            lock (gate) return open.Count;
        }
    }

    /// <summary>How many are open of an account.</summary>
    public int Of(Viewer account)
    {
        lock (gate) return open.GetValueOrDefault(AccountName(account));
    }

    /// <summary>Takes a place; null when there is none left.</summary>
    public Place? Enter(Viewer viewer, ClientInfo client)
    {
        var (name, most) = Name(viewer, client);
        return Take(name, most) ? new(this, client, name) : null;
    }

    static string AccountName(Viewer viewer) => "account:" + viewer.Subject;

    (string? Name, int Most) Name(Viewer viewer, ClientInfo client) => viewer.IsSignedIn
        ? (AccountName(viewer), options.MaxConnectionsPerAccount)
        // An address that is not known is everybody's: it has no bound.
        : ClientInfo.NetworkOf(client.Address) is { Length: > 0 } network ? ("address:" + network, options.MaxConnectionsPerAddress) : (null, int.MaxValue);

    bool Take(string? name, int most)
    {
        if (name is null) return true;
        lock (gate)
        {
            var now = open.GetValueOrDefault(name);
            if (now >= most) return false;
            open[name] = now + 1;
            return true;
        }
    }

    void GiveBack(string? name)
    {
        if (name is null) return;
        lock (gate)
        {
            if (open[name] > 1) open[name]--;
            else open.Remove(name);
        }
    }

    /// <summary>The place of a connection that is open.</summary>
    internal sealed class Place(Connections connections, ClientInfo client, string? taken) : IDisposable
    {
        string? name = taken;

        /// <summary>The connection is this viewer's from now on. False, and nothing changed, when they have as many as they may.</summary>
        public bool MoveTo(Viewer viewer)
        {
            var (next, most) = connections.Name(viewer, client);
            if (next == name) return true;
            if (!connections.Take(next, most)) return false;
            connections.GiveBack(name);
            name = next;
            return true;
        }

        public void Dispose()
        {
            connections.GiveBack(name);
            name = null;
        }
    }
}
