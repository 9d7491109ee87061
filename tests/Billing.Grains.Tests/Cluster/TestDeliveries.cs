using System.Collections.Concurrent;
using Billing.Webhooks;

namespace Billing.Tests.Cluster;

/// <summary>The deliveries in memory, over a journal, as both databases keep them.</summary>
sealed class TestDeliveries(Func<IReadOnlyList<JournalFact>> journal) : IWebhookDeliveries
{
    readonly Lock gate = new();
    readonly Dictionary<string, Cursor> cursors = [];
    readonly Dictionary<(string Endpoint, long Position), Delivery> deliveries = [];

    /// <summary>All deliveries of an endpoint in the order of the journal.</summary>
    public IReadOnlyList<Delivery> Of(string endpoint)
    {
        lock (gate) return [.. deliveries.Where(pair => pair.Key.Endpoint == endpoint).OrderBy(pair => pair.Key.Position).Select(pair => pair.Value)];
    }

    public Task<IReadOnlyList<string>> Enabled(string after, int limit, CancellationToken cancellation) => throw new NotSupportedException("The tests ask each endpoint themselves.");

    public Task<WebhookLease?> Take(string endpoint, string owner, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (!cursors.TryGetValue(endpoint, out var cursor))
            {
                var begin = journal().First(row => row.Noun == WebhookEndpointDocument.Noun && row.Key == endpoint).Position;
                cursors[endpoint] = cursor = new() { Position = begin };
            }

            if (cursor.Owner is not null && cursor.Owner != owner && cursor.Until > now) return Task.FromResult<WebhookLease?>(null);
            (cursor.Owner, cursor.Until) = (owner, until);
            return Task.FromResult<WebhookLease?>(new(cursor.Position, cursor.FailingSince));
        }
    }

    public Task GiveBack(string endpoint, string owner, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (cursors.TryGetValue(endpoint, out var cursor) && cursor.Owner == owner) cursor.Owner = null;
        }

        return Task.CompletedTask;
    }

    public Task<JournalPage> Read(long after, IReadOnlyList<string> names, int limit, CancellationToken cancellation)
    {
        var all = journal();
        var rows = all.Where(row => row.Position > after && names.Contains($"{row.Noun}.{row.Type}")).Take(limit).ToList();
        return Task.FromResult(new JournalPage(rows, rows.Count == limit ? rows[^1].Position : Math.Max(after, all.Count)));
    }

    public Task<bool> Queue(
        string endpoint, string owner, long from, long upTo, IReadOnlyCollection<long> positions, DateTimeOffset now, CancellationToken cancellation)
    {
        lock (gate)
        {
            if (!cursors.TryGetValue(endpoint, out var cursor) || cursor.Owner != owner || cursor.Position != from) return Task.FromResult(false);
            cursor.Position = upTo;
            foreach (var row in journal().Where(row => positions.Contains(row.Position)))
            {
                if (!deliveries.TryGetValue((endpoint, row.Position), out var known) || known.Status != WebhookDeliveryStatus.Pending)
                    deliveries[(endpoint, row.Position)] = new(row, WebhookDeliveryStatus.Pending, 0, now);
            }
        }

        return Task.FromResult(true);
    }

    public Task<(int Count, DateTimeOffset? Oldest)> Pending(string endpoint, CancellationToken cancellation)
    {
        var waiting = Of(endpoint).Where(delivery => delivery.Status == WebhookDeliveryStatus.Pending).ToList();
        return Task.FromResult((waiting.Count, waiting.Count == 0 ? (DateTimeOffset?)null : waiting[0].Row.At));
    }

    public Task<IReadOnlyList<PendingDelivery>> Due(string endpoint, DateTimeOffset now, int limit, CancellationToken cancellation)
    {
        var waiting = Of(endpoint).Where(delivery => delivery.Status == WebhookDeliveryStatus.Pending);
        var due = WebhookRules.Due(waiting, delivery => delivery.Row, delivery => delivery.NextAttemptAt, now);
        return Task.FromResult<IReadOnlyList<PendingDelivery>>([.. due.Take(limit).Select(delivery => new PendingDelivery(delivery.Row, delivery.Attempts))]);
    }

    public Task Record(string endpoint, long position, int attempts, WebhookAnswer answer, WebhookOutcome outcome, DateTimeOffset now, CancellationToken cancellation)
    {
        lock (gate)
        {
            var known = deliveries[(endpoint, position)];
            if (known.Status != WebhookDeliveryStatus.Pending) return Task.CompletedTask;
            deliveries[(endpoint, position)] = known with
            {
                Attempts = attempts,
                Status = outcome switch { WebhookDelivered => WebhookDeliveryStatus.Delivered, WebhookDead => WebhookDeliveryStatus.Dead, _ => WebhookDeliveryStatus.Pending },
                NextAttemptAt = outcome is WebhookDelayed delayed ? delayed.At : DateTimeOffset.MaxValue,
            };
        }

        return Task.CompletedTask;
    }

    public Task Failing(string endpoint, DateTimeOffset? since, CancellationToken cancellation)
    {
        lock (gate) cursors[endpoint].FailingSince = since;
        return Task.CompletedTask;
    }

    public Task<int> Replay(string endpoint, IReadOnlyCollection<long> positions, DateTimeOffset now, CancellationToken cancellation)
    {
        lock (gate)
        {
            var again = deliveries.Where(pair => pair.Key.Endpoint == endpoint && positions.Contains(pair.Key.Position) && pair.Value.Status != WebhookDeliveryStatus.Pending).ToList();
            foreach (var (key, delivery) in again) deliveries[key] = new(delivery.Row, WebhookDeliveryStatus.Pending, 0, now);
            return Task.FromResult(again.Count);
        }
    }

    public Task ReplaySince(string endpoint, DateTimeOffset since, CancellationToken cancellation)
    {
        lock (gate)
        {
            var from = journal().FirstOrDefault(row => row.At >= since)?.Position - 1 ?? cursors[endpoint].Position;
            cursors[endpoint].Position = Math.Min(from, cursors[endpoint].Position);
        }

        return Task.CompletedTask;
    }

    public Task Tidy(string endpoint, DateTimeOffset deliveredBefore, DateTimeOffset deadBefore, CancellationToken cancellation) => Task.CompletedTask;

    public Task Forget(string endpoint, CancellationToken cancellation)
    {
        lock (gate)
        {
            cursors.Remove(endpoint);
            foreach (var key in deliveries.Keys.Where(key => key.Endpoint == endpoint).ToList()) deliveries.Remove(key);
        }

        return Task.CompletedTask;
    }

    internal sealed record Delivery(JournalFact Row, WebhookDeliveryStatus Status, int Attempts, DateTimeOffset NextAttemptAt);

    sealed class Cursor
    {
        public long Position { get; set; }

        public string? Owner { get; set; }

        public DateTimeOffset Until { get; set; }

        public DateTimeOffset? FailingSince { get; set; }
    }
}

/// <summary>Endpoints that answer as a test says, and remember what they were told.</summary>
sealed class ScriptedTransport : IWebhookTransport
{
    readonly ConcurrentDictionary<string, ConcurrentQueue<Told>> told = [];
    readonly ConcurrentDictionary<string, Func<Told, Task<WebhookAnswer>>> answers = [];

    /// <summary>How a host answers; 200 when nothing is said.</summary>
    public void Answers(string host, Func<Told, Task<WebhookAnswer>> answer) => answers[host] = answer;

    /// <summary>How a host answers.</summary>
    public void Answers(string host, Func<Told, WebhookAnswer> answer) => answers[host] = message => Task.FromResult(answer(message));

    /// <summary>What reached a host and was taken, in the order of its arrival.</summary>
    public IReadOnlyList<Told> Taken(string host) => [.. told.GetValueOrDefault(host) ?? []];

    public Task<WebhookAddressRefusal?> Check(Uri url, CancellationToken cancellation) =>
        Task.FromResult<WebhookAddressRefusal?>(url.Host.StartsWith("private", StringComparison.Ordinal) ? WebhookAddressRefusal.NotPublic : null);

    public async Task<WebhookAnswer> Send(Uri url, string id, long timestamp, string signature, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        var message = new Told(id, timestamp, signature, System.Text.Encoding.UTF8.GetString(body.Span));
        var answer = answers.TryGetValue(url.Host, out var scripted) ? await scripted(message) : new WebhookAnswered(200, null);
        if (answer is WebhookAnswered { Status: 200 }) told.GetOrAdd(url.Host, _ => new()).Enqueue(message);
        return answer;
    }

    /// <summary>A message as it was sent.</summary>
    internal sealed record Told(string Id, long Timestamp, string Signature, string Body)
    {
        public System.Text.Json.Nodes.JsonNode Json => System.Text.Json.Nodes.JsonNode.Parse(Body)!;
    }
}
