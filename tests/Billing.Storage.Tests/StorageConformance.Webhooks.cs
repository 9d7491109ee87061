using Billing.Accounts;
using Billing.Storage.Webhooks;
using Billing.Webhooks;
using CsCheck;

namespace Billing.Storage.Tests;

/// <summary>How the journal is read in its order, and how deliveries are kept.</summary>
public abstract partial class StorageConformance
{
    const string Hook = "WEBHOOKWEBHOOKWE";
    const string Host = "host 1";

    static readonly IReadOnlyList<string> Spends = ["account.CreditsSpent"];
    static readonly WebhookAnswer Failure = new WebhookUnanswered("timeout");

    IWebhookDeliveries Deliveries => store.Get<IWebhookDeliveries>();

    /// <summary>
    /// Eight hosts write as fast as they can while the journal is read: what was read is, at the end, all there is. What is lost without waiting for late commits is
    /// rare in this race; <see cref="PostgresJournalTests.A_row_that_commits_late_is_not_skipped"/> forces it.
    /// </summary>
    [Fact]
    public async Task Whoever_reads_the_journal_while_many_write_misses_nothing()
    {
        const int writers = 8;
        const int each = 150;
        var stores = Enumerable.Range(0, writers).Select(_ => new TestStore(options)).ToArray();
        var writing = Task.WhenAll(stores.Select((other, writer) => Task.Run(
            async () =>
            {
                for (var i = 0; i < each; i++) await other.Write(AccountDocument.Kind, $"{writer}-{i}", 0, Some.Account("ada", 0).With(Some.Spent("a"), Some.Spent("b")));
            },
            Cancellation)));
        var read = new List<JournalFact>();
        var (position, end) = (0L, long.MaxValue);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        // To the end, and not only until nothing comes: a transaction of anybody at the server, a neighbour's too, holds the reader back for as long as it is open.
        while (position < end)
        {
            Assert.False(patience.IsCancellationRequested, "In a minute the end was not read.");
            if (end == long.MaxValue && writing.IsCompleted) end = await store.Count("SELECT max(position) FROM journal");
            var page = await Deliveries.Read(position, Spends, 7, Cancellation);
            read.AddRange(page.Rows);
            position = page.UpTo;
        }

        await writing;
        Assert.Equal(await store.Count("SELECT count(*) FROM journal"), read.Count);
        Assert.Equal(2 * writers * each, read.Select(row => (row.Key, row.Version, row.Ordinal)).Distinct().Count());
        Assert.Equal(read.Select(row => row.Position).Order(), read.Select(row => row.Position));
        foreach (var other in stores) await other.DisposeAsync();
    }

    [Fact]
    public async Task The_journal_is_read_by_name_and_as_far_as_was_looked()
    {
        for (var i = 0; i < 5; i++) await store.Write(AccountDocument.Kind, $"a{i}", 0, Some.Account("ada", 0).With(Some.Spent("a")));
        await NewHook();
        var end = await store.Count("SELECT max(position) FROM journal");
        var first = await Deliveries.ReadSettled(0, Spends, 3, Cancellation);
        Assert.Equal(["a0", "a1", "a2"], first.Rows.Select(row => row.Key));
        Assert.Equal(first.Rows[^1].Position, first.UpTo);
        var rest = await Deliveries.ReadSettled(first.UpTo, Spends, 3, Cancellation);
        Assert.Equal(["a3", "a4"], rest.Rows.Select(row => row.Key));
        Assert.Equal(end, rest.UpTo);
        var none = await Deliveries.Read(rest.UpTo, Spends, 3, Cancellation);
        Assert.Equal((0, end), (none.Rows.Count, none.UpTo));
        // A row comes with the first one of its document.
        await store.Write(AccountDocument.Kind, "a0", 1, Some.Account("ada", 0).With(Some.Spent("later")));
        var later = Assert.Single((await Deliveries.ReadSettled(end, Spends, 3, Cancellation)).Rows);
        Assert.Equal(("a0", 2, 0), (later.Key, later.Version, later.Ordinal));
        Assert.Contains("\"later\"", later.Data, StringComparison.Ordinal);
        Assert.Contains("\"a\"", later.First, StringComparison.Ordinal);
        Assert.Equal(Some.Noon, later.At);
    }

    [Fact]
    public async Task An_endpoint_begins_with_its_own_first_row()
    {
        Assert.Null(await Deliveries.Take(Hook, Host, Some.Noon, Some.Noon.AddSeconds(30), Cancellation));
        await store.Write(AccountDocument.Kind, "before", 0, Some.Account("ada", 0).With(Some.Spent("a")));
        await NewHook();
        await store.Write(AccountDocument.Kind, "after", 0, Some.Account("ada", 0).With(Some.Spent("a")));
        var lease = (await Deliveries.Take(Hook, Host, Some.Noon, Some.Noon.AddSeconds(30), Cancellation))!;
        Assert.Null(lease.FailingSince);
        Assert.Equal(["after"], (await Deliveries.ReadSettled(lease.Position, Spends, 10, Cancellation)).Rows.Select(row => row.Key));
        Assert.Equal([Hook], await Deliveries.Enabled("", 10, Cancellation));
        Assert.Empty(await Deliveries.Enabled(Hook, 10, Cancellation));
    }

    [Fact]
    public async Task One_host_at_a_time_has_an_endpoint()
    {
        await NewHook();
        var hosts = Enumerable.Range(0, 4).Select(_ => new TestStore(options)).ToArray();
        for (var round = 0; round < 5; round++)
        {
            var now = Some.Noon.AddMinutes(round);
            var leases = await Task.WhenAll(hosts.Select((host, i) => host.Get<IWebhookDeliveries>().Take(Hook, $"host {i}", now, now.AddSeconds(30), Cancellation)));
            Assert.Single(leases, lease => lease is not null);
        }

        foreach (var host in hosts) await host.DisposeAsync();
        var later = Some.Noon.AddHours(1);
        Assert.NotNull(await Deliveries.Take(Hook, Host, later, later.AddSeconds(30), Cancellation));
        Assert.NotNull(await Deliveries.Take(Hook, Host, later.AddSeconds(10), later.AddSeconds(40), Cancellation));
        Assert.Null(await Deliveries.Take(Hook, "another", later.AddSeconds(39), later.AddSeconds(69), Cancellation));
        await Deliveries.GiveBack(Hook, "another", Cancellation);
        Assert.Null(await Deliveries.Take(Hook, "another", later.AddSeconds(39), later.AddSeconds(69), Cancellation));
        await Deliveries.GiveBack(Hook, Host, Cancellation);
        Assert.NotNull(await Deliveries.Take(Hook, "another", later.AddSeconds(39), later.AddSeconds(69), Cancellation));
        await Deliveries.Failing(Hook, later, Cancellation);
        Assert.Equal(later, (await Deliveries.Take(Hook, "another", later.AddSeconds(40), later.AddSeconds(70), Cancellation))!.FailingSince);
        // Whoever lost it moves nothing.
        Assert.False(await Deliveries.Queue(Hook, Host, 1, 1, [1], later, Cancellation));
        Assert.Empty(await Deliveries.Due(Hook, later.AddDays(1), 10, Cancellation));
    }

    [Fact]
    public async Task What_is_queued_and_how_far_that_is_are_one_write()
    {
        var positions = await Queued(3);
        Assert.Equal(3, (await Deliveries.Pending(Hook, Cancellation)).Count);
        // The same again, from where the endpoint is not any more.
        Assert.False(await Deliveries.Queue(Hook, Host, positions[0] - 1, positions[^1], positions, Some.Noon, Cancellation));
        var due = await Deliveries.Due(Hook, Some.Noon, 10, Cancellation);
        Assert.Equal(positions, due.Select(delivery => delivery.Row.Position));
        Assert.All(due, delivery => Assert.Equal(0, delivery.Attempts));
        Assert.Empty(await Deliveries.Due(Hook, Some.Noon.AddSeconds(-1), 10, Cancellation));
    }

    /// <summary>The rule in <see cref="WebhookRules"/> and both databases' statement say the same of anything that can be.</summary>
    [Fact]
    public async Task What_is_due_is_what_the_rule_says()
    {
        var positions = await Queued(24, objects: 5);
        var rows = (await Deliveries.Due(Hook, Some.Noon, 100, Cancellation)).ToDictionary(delivery => delivery.Row.Position, delivery => delivery.Row);
        await Gen.Int[0, 3].Array[positions.Count].SampleAsync(
            async minutes =>
            {
                await Deliveries.Replay(Hook, positions, Some.Noon, Cancellation);
                var waiting = new List<(JournalFact Row, DateTimeOffset At)>();
                for (var i = 0; i < positions.Count; i++)
                {
                    var at = Some.Noon.AddMinutes(minutes[i]);
                    // Of every fourth kind some is settled.
                    WebhookOutcome outcome = minutes[i] == 3 ? new WebhookDelivered() : new WebhookDelayed(at);
                    await Deliveries.Record(Hook, positions[i], 1, Failure, outcome, Some.Noon, Cancellation);
                    if (outcome is WebhookDelayed) waiting.Add((rows[positions[i]], at));
                }

                for (var minute = 0; minute < 3; minute++)
                {
                    var now = Some.Noon.AddMinutes(minute);
                    Assert.Equal(
                        WebhookRules.Due(waiting, delivery => delivery.Row, delivery => delivery.At, now).Select(delivery => delivery.Row.Position),
                        (await Deliveries.Due(Hook, now, 100, Cancellation)).Select(delivery => delivery.Row.Position));
                }
            },
            iter: 20, threads: 1);
    }

    [Fact]
    public async Task An_attempt_is_written_down_and_shown()
    {
        var positions = await Queued(3, objects: 3);
        var (delayed, delivered, dead) = (positions[0], positions[1], positions[2]);
        await Deliveries.Record(Hook, delayed, 1, new WebhookAnswered(503, null), new WebhookDelayed(Some.Noon.AddMinutes(1)), Some.Noon, Cancellation);
        await Deliveries.Record(Hook, delivered, 2, new WebhookAnswered(204, null), new WebhookDelivered(), Some.Noon, Cancellation);
        await Deliveries.Record(Hook, dead, 12, Failure, new WebhookDead(), Some.Noon, Cancellation);
        var reader = store.Get<WebhookReader>();
        var pending = Assert.Single(await reader.LatestFirst(Hook, WebhookDeliveryStatus.Pending, null, 10, Cancellation));
        Assert.Equal((delayed, 1, 503, null, Some.Noon.AddMinutes(1), null), (pending.Position, pending.Attempts, pending.LastStatus, pending.LastFailure, pending.NextAttemptAt, pending.SettledAt));
        var done = Assert.Single(await reader.LatestFirst(Hook, WebhookDeliveryStatus.Delivered, null, 10, Cancellation));
        Assert.Equal((delivered, 2, 204, null, null, Some.Noon), (done.Position, done.Attempts, done.LastStatus, done.LastFailure, done.NextAttemptAt, done.SettledAt));
        var given = Assert.Single(await reader.Find([(Hook, dead), ("ANOTHERANOTHERAN", delivered), (Hook, 99_999)], Cancellation));
        Assert.Equal(dead, given.Position);
        Assert.Equal((WebhookDeliveryStatus.Dead, 12, null, "timeout"), (given.Status, given.Attempts, given.LastStatus, given.LastFailure));
        Assert.Equal([dead, delivered, delayed], (await reader.LatestFirst(Hook, null, null, 10, Cancellation)).Select(found => found.Position));
        Assert.Equal([delayed], (await reader.LatestFirst(Hook, null, delivered, 10, Cancellation)).Select(found => found.Position));
        Assert.Empty(await reader.Find(Array.Empty<(string, long)>(), Cancellation));

        // Settled is settled: an answer that was lost and comes late changes nothing.
        await Deliveries.Record(Hook, delivered, 1, Failure, new WebhookDelayed(Some.Noon), Some.Noon, Cancellation);
        Assert.Equal(WebhookDeliveryStatus.Delivered, Assert.Single(await reader.Find([(Hook, delivered)], Cancellation)).Status);

        Assert.Equal(2, await Deliveries.Replay(Hook, positions, Some.Noon, Cancellation));
        Assert.Equal([delivered, dead], (await Deliveries.Due(Hook, Some.Noon, 10, Cancellation)).Select(delivery => delivery.Row.Position));
    }

    [Fact]
    public async Task What_was_settled_long_ago_is_thrown_away_and_nothing_else()
    {
        var positions = await Queued(4, objects: 4);
        await Deliveries.Record(Hook, positions[0], 1, new WebhookAnswered(200, null), new WebhookDelivered(), Some.Noon, Cancellation);
        await Deliveries.Record(Hook, positions[1], 1, new WebhookAnswered(200, null), new WebhookDelivered(), Some.Noon.AddHours(2), Cancellation);
        await Deliveries.Record(Hook, positions[2], 12, Failure, new WebhookDead(), Some.Noon, Cancellation);
        await Deliveries.Tidy(Hook, Some.Noon.AddHours(1), Some.Noon, Cancellation);
        Assert.Equal([positions[1], positions[2], positions[3]], (await store.Get<WebhookReader>().LatestFirst(Hook, null, null, 10, Cancellation)).Select(found => found.Position).Order());
        await Deliveries.Tidy(Hook, Some.Noon, Some.Noon.AddHours(1), Cancellation);
        Assert.Equal([positions[1], positions[3]], (await store.Get<WebhookReader>().LatestFirst(Hook, null, null, 10, Cancellation)).Select(found => found.Position).Order());
        await Deliveries.Forget(Hook, Cancellation);
        Assert.Empty(await store.Get<WebhookReader>().LatestFirst(Hook, null, null, 10, Cancellation));
        Assert.Equal(0, await store.Count("SELECT count(*) FROM webhook_cursors"));
    }

    [Fact]
    public async Task Everything_since_a_moment_is_delivered_again()
    {
        await NewHook();
        for (var i = 0; i < 20; i++)
            await store.Write(AccountDocument.Kind, $"a{i:D2}", 0, new() { State = Some.Account("ada", 0), Entries = [new(Some.Spent("a"), Some.Noon.AddHours(i), Actor.System)] });
        var lease = (await Deliveries.Take(Hook, Host, Some.Noon, Some.Noon.AddDays(9), Cancellation))!;
        var page = await Deliveries.ReadSettled(lease.Position, Spends, 100, Cancellation);
        Assert.True(await Deliveries.Queue(Hook, Host, lease.Position, page.UpTo, [.. page.Rows.Select(row => row.Position)], Some.Noon, Cancellation));
        foreach (var row in page.Rows) await Deliveries.Record(Hook, row.Position, 1, new WebhookAnswered(200, null), new WebhookDelivered(), Some.Noon, Cancellation);

        await Deliveries.ReplaySince(Hook, Some.Noon.AddHours(15), Cancellation);
        var moved = (await Deliveries.Take(Hook, Host, Some.Noon, Some.Noon.AddDays(9), Cancellation))!;
        var again = await Deliveries.ReadSettled(moved.Position, Spends, 100, Cancellation);
        Assert.Equal(["a15", "a16", "a17", "a18", "a19"], again.Rows.Select(row => row.Key));
        Assert.True(await Deliveries.Queue(Hook, Host, moved.Position, again.UpTo, [.. again.Rows.Select(row => row.Position)], Some.Noon, Cancellation));
        Assert.Equal(5, (await Deliveries.Due(Hook, Some.Noon, 100, Cancellation)).Count);

        // Never forward; and from the beginning, if that is wanted.
        await Deliveries.ReplaySince(Hook, Some.Noon.AddYears(1), Cancellation);
        Assert.Equal(again.UpTo, (await Deliveries.Take(Hook, Host, Some.Noon, Some.Noon.AddDays(9), Cancellation))!.Position);
        await Deliveries.ReplaySince(Hook, DateTimeOffset.UnixEpoch, Cancellation);
        Assert.Equal(0, (await Deliveries.Take(Hook, Host, Some.Noon, Some.Noon.AddDays(9), Cancellation))!.Position);
    }

    [Fact]
    public async Task Endpoints_are_listed_newest_first_without_those_that_are_deleted()
    {
        for (var i = 0; i < 5; i++) await NewHook($"HOOK{i}", Some.Noon.AddMinutes(i / 2), i == 3 ? WebhookStatus.Deleted : WebhookStatus.Enabled);
        var reader = store.Get<WebhookReader>();
        var first = await reader.NewestFirst(null, 2, Cancellation);
        Assert.Equal(["HOOK4", "HOOK2"], first.Select(endpoint => endpoint.State.Id));
        var rest = await reader.NewestFirst(new(first[^1].State.CreatedAt, first[^1].State.Id), 10, Cancellation);
        Assert.Equal(["HOOK1", "HOOK0"], rest.Select(endpoint => endpoint.State.Id));
        Assert.Equal(["HOOK0", "HOOK4"], (await reader.Find(["HOOK0", "HOOK3", "HOOK4", "none"], Cancellation)).Keys.Order());
    }

    [Fact]
    public async Task What_waits_is_read_from_its_index()
    {
        var positions = await Queued(400, objects: 50);
        await store.Execute($"UPDATE webhook_deliveries SET status = 'DELIVERED', next_attempt_at = NULL WHERE position < {positions[390]}");
        await store.Execute("ANALYZE webhook_deliveries");
        await Uses("webhook_deliveries_", WebhookDeliveries.DueNow, new() { ["endpoint"] = Hook, ["now"] = Some.Noon, ["limit"] = 100 });
        await Uses("webhook_deliveries_by_status", WebhookReader.OfStatus, new() { ["endpoint"] = Hook, ["status"] = "DEAD", ["before"] = long.MaxValue, ["limit"] = 20 });
    }

    Task NewHook(string id = Hook, DateTimeOffset? createdAt = null, WebhookStatus status = WebhookStatus.Enabled)
    {
        var created = new EndpointCreated(createdAt ?? Some.Noon, id, new("https://gateway.example/", [WebhookEventType.CreditsChanged], null), "k.x", null, "admin");
        var endpoint = WebhookEndpoint.After(null, created) with { Status = status };
        return store.Write(WebhookEndpointDocument.Kind, id, 0, endpoint.With(created));
    }

    /// <summary>An endpoint with so many deliveries, of so many accounts in turn; their positions.</summary>
    async Task<IReadOnlyList<long>> Queued(int count, int objects = 1)
    {
        await NewHook();
        for (var i = 0; i < count; i++) await store.Write(AccountDocument.Kind, $"a{i % objects}", i / objects, Some.Account("ada", 0).With(Some.Spent($"s{i}")));
        var lease = (await Deliveries.Take(Hook, Host, Some.Noon, Some.Noon.AddDays(9), Cancellation))!;
        var page = await Deliveries.ReadSettled(lease.Position, Spends, count, Cancellation);
        List<long> positions = [.. page.Rows.Select(row => row.Position)];
        Assert.Equal(count, positions.Count);
        Assert.True(await Deliveries.Queue(Hook, Host, lease.Position, page.UpTo, positions, Some.Noon, Cancellation));
        return positions;
    }
}
