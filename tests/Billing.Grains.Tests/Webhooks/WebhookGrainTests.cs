using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Billing.Accounts;
using Billing.Tests.Cluster;
using Billing.Webhooks;

namespace Billing.Tests.Webhooks;

/// <summary>Endpoints and their deliveries as grains, over the test store.</summary>
[Collection(nameof(BillingCluster))]
public sealed class WebhookGrainTests(BillingCluster cluster)
{
    static readonly Actor Carol = Actor.Administrator("carol");

    [Fact]
    public async Task An_endpoint_is_made_once_for_its_key()
    {
        var (grain, host) = Somebody();
        var made = (await Create(grain, host, WebhookEventType.OrderPaid, WebhookEventType.CreditsChanged, WebhookEventType.OrderPaid)).Value!;
        Assert.False(made.Replayed);
        // Sorted, each once: so a repeat in another order is the same wish.
        Assert.Equal([WebhookEventType.CreditsChanged, WebhookEventType.OrderPaid], made.Endpoint.State.Terms.EventTypes);
        var again = (await Create(grain, host, WebhookEventType.CreditsChanged, WebhookEventType.OrderPaid)).Value!;
        Assert.True(again.Replayed);
        Assert.Equal(made.Endpoint.State.Secrets, again.Endpoint.State.Secrets);
        Assert.Equal(["eventTypes"], Assert.IsType<WebhookKeyReused>((await Create(grain, host, WebhookEventType.OrderPaid)).Refusal).Differs);
    }

    [Fact]
    public async Task What_cannot_be_an_endpoint_is_refused_and_nothing_is_stored()
    {
        var (grain, _) = Somebody();
        Assert.Equal("url", Assert.IsType<InvalidWebhookEndpoint>((await Try("http://gateway.example/")).Refusal).Field);
        Assert.Equal("url", Assert.IsType<InvalidWebhookEndpoint>((await Try("https://user:secret@gateway.example/")).Refusal).Field);
        Assert.Equal(WebhookAddressRefusal.NotPublic, Assert.IsType<WebhookAddressRefused>((await Try("https://private.example/")).Refusal).Reason);
        Assert.Equal("eventTypes", Assert.IsType<InvalidWebhookEndpoint>((await Try("https://gateway.example/", [])).Refusal).Field);
        Assert.Equal("eventTypes", Assert.IsType<InvalidWebhookEndpoint>((await Try("https://gateway.example/", ["order.teleported"])).Refusal).Field);
        Assert.Equal("eventTypes", Assert.IsType<InvalidWebhookEndpoint>((await Try("https://gateway.example/", [WebhookEventType.Test])).Refusal).Field);
        Assert.Equal("description", Assert.IsType<InvalidWebhookEndpoint>((await Try("https://gateway.example/", description: new('x', 201))).Refusal).Field);
        Assert.IsType<WebhookEndpointNotFound>((await grain.Update(new("https://private.example/", null, null, null), "Why.", Carol)).Refusal);
        Assert.IsType<WebhookEndpointNotFound>((await grain.SendTest(Carol)).Refusal);
        Assert.Null(await grain.Get());

        Task<Reply<WebhookCreated, WebhookEndpointError>> Try(string url, string[]? types = null, string? description = null) =>
            grain.Create(new(url, [.. types ?? [WebhookEventType.OrderPaid]], description), "k.sealed", null, Carol);
    }

    [Fact]
    public async Task A_new_secret_and_the_old_one_both_sign_for_a_day()
    {
        var (grain, host) = Somebody();
        await Create(grain, host, WebhookEventType.CreditsChanged);
        var id = grain.GetPrimaryKeyString();
        var (second, secondSealed) = Secrets.Make(id);
        Assert.NotNull((await grain.RotateSecret(secondSealed, "Why.", Carol)).Value);
        await grain.SendTest(Carol);
        await Deliver(grain);
        var test = Assert.Single(cluster.Transport.Taken(host));
        Assert.Equal(2, test.Signature.Split(' ').Length);
        Assert.StartsWith(Signature(second, test), test.Signature, StringComparison.Ordinal);

        cluster.Time.Advance(WebhookEndpoint.SecretOverlap + TimeSpan.FromSeconds(1));
        await grain.SendTest(Carol);
        await Deliver(grain);
        var later = cluster.Transport.Taken(host)[^1];
        Assert.Equal(Signature(second, later), later.Signature);
        // And the old one does not stay in the store.
        await cluster.Passing(TimeSpan.FromSeconds(1), async () => (await grain.Get())!.State.Secrets.Length == 1, "the old secret is thrown away");
    }

    /// <summary>
    /// Fifty events of ten accounts, an endpoint that is down for an hour and then answers as it likes for a while: each event arrives, and of each account in
    /// their order. It fails when the grain goes on with an object whose delivery has failed.
    /// </summary>
    [Fact]
    public async Task After_an_hour_of_silence_everything_arrives_and_each_accounts_events_in_their_order()
    {
        var (grain, host) = Somebody();
        await Create(grain, host, WebhookEventType.CreditsChanged);
        var chance = new Random(7);
        var downUntil = cluster.Time.GetUtcNow() + TimeSpan.FromHours(1);
        cluster.Transport.Answers(host, _ =>
            cluster.Time.GetUtcNow() < downUntil ? new WebhookUnanswered("connection failed")
            : chance.Next(3) == 0 ? new WebhookAnswered(500, null)
            : new WebhookAnswered(200, null));
        var accounts = Enumerable.Range(0, 10).Select(_ => NewAccount()).ToList();
        for (var step = 0; step < 5; step++)
        {
            foreach (var account in accounts) await Spend(account);
            await Deliver(grain);
            cluster.Time.Advance(TimeSpan.FromMinutes(step == 4 ? 0 : 10));
        }

        Assert.Empty(cluster.Transport.Taken(host));
        await cluster.Passing(TimeSpan.FromMinutes(5), async () =>
        {
            await Deliver(grain);
            return (await cluster.Deliveries.Pending(grain.GetPrimaryKeyString(), TestContext.Current.CancellationToken)).Count == 0;
        }, "nothing waits any more");

        var taken = cluster.Transport.Taken(host).Select(message => (Id: (string)message.Json["data"]!["id"]!, Version: (long)message.Json["data"]!["version"]!)).ToList();
        foreach (var account in accounts)
            Assert.Equal([1, 2, 3, 4, 5], taken.Where(message => message.Id == account.Id).Select(message => message.Version));
    }

    [Fact]
    public async Task One_accounts_trouble_holds_back_no_other()
    {
        var (grain, host) = Somebody();
        await Create(grain, host, WebhookEventType.CreditsChanged);
        var (bad, good) = (NewAccount(), NewAccount());
        cluster.Transport.Answers(host, message => message.Body.Contains(bad.Id, StringComparison.Ordinal) ? new WebhookAnswered(500, null) : new WebhookAnswered(200, null));
        for (var step = 0; step < 3; step++)
        {
            await Spend(bad);
            await Spend(good);
        }

        await Deliver(grain);
        Assert.Equal([1, 2, 3], cluster.Transport.Taken(host).Select(message => (long)message.Json["data"]!["version"]!));
        Assert.Equal([1, 0, 0], Waiting(grain).Select(delivery => delivery.Attempts));
    }

    [Fact]
    public async Task What_fails_for_days_is_given_up_and_can_be_replayed_under_the_same_id()
    {
        var (grain, host) = Somebody();
        await Create(grain, host, WebhookEventType.CreditsChanged);
        var (account, id) = (NewAccount(), grain.GetPrimaryKeyString());
        var ids = new ConcurrentBag<string>();
        var works = false;
        cluster.Transport.Answers(host, message =>
        {
            if (!IsOfIt(message)) return new WebhookAnswered(200, null);
            ids.Add(message.Id);
            return works ? new WebhookAnswered(200, null) : new WebhookUnanswered("timeout");
        });
        // What others did before is not what is asked for again.
        cluster.Time.Advance(TimeSpan.FromSeconds(1));
        var began = cluster.Time.GetUtcNow();
        await Spend(account);
        await cluster.Passing(TimeSpan.FromHours(1), async () =>
        {
            await Deliver(grain);
            return OfIt() is [{ Status: WebhookDeliveryStatus.Dead }];
        }, "it is given up");
        Assert.Equal(WebhookRules.BackOff.Length + 1, ids.Count);

        works = true;
        var dead = OfIt()[0].Row.Position;
        Assert.Equal(1, (await grain.Replay([dead], Carol)).Value!.Deliveries);
        await Deliver(grain);
        Assert.Equal(cluster.Transport.Taken(host).Single(IsOfIt).Id, Assert.Single(ids.Distinct()));
        // Everything since a moment: again, under the same ids.
        await grain.ReplaySince(began, Carol);
        await Deliver(grain);
        Assert.Equal(2, cluster.Transport.Taken(host).Count(IsOfIt));
        Assert.Single(ids.Distinct());

        // In all those days credits of other tests' accounts may lapse.
        bool IsOfIt(ScriptedTransport.Told message) => (string?)message.Json["data"]!["id"] == account.Id;
        IReadOnlyList<TestDeliveries.Delivery> OfIt() => [.. cluster.Deliveries.Of(id).Where(delivery => delivery.Row.Key == account.Id)];
    }

    [Fact]
    public async Task Who_answers_410_is_disabled_and_told_what_it_missed_when_it_is_enabled_again()
    {
        var (grain, host) = Somebody();
        await Create(grain, host, WebhookEventType.CreditsChanged);
        cluster.Transport.Answers(host, _ => new WebhookAnswered(410, null));
        await Spend(NewAccount());
        await Deliver(grain);
        var disabled = (await grain.Get())!.State;
        Assert.Equal((WebhookStatus.Disabled, WebhookDisabledFor.Gone), (disabled.Status, disabled.Disabling!.For));
        Assert.IsType<WebhookEndpointDisabled>((await grain.SendTest(Carol)).Refusal);
        await Spend(NewAccount());
        Assert.Equal(0, await Deliver(grain));

        cluster.Transport.Answers(host, _ => new WebhookAnswered(200, null));
        Assert.Equal(WebhookStatus.Enabled, (await grain.Update(new(null, null, null, true), "It listens again.", Carol)).Value!.State.Status);
        cluster.Time.Advance(TimeSpan.FromMinutes(1));
        await Deliver(grain);
        Assert.Equal(2, cluster.Transport.Taken(host).Count);
    }

    [Fact]
    public async Task After_days_of_nothing_but_failures_an_endpoint_is_disabled()
    {
        var (grain, host) = Somebody();
        await Create(grain, host, WebhookEventType.CreditsChanged);
        cluster.Transport.Answers(host, _ => new WebhookUnanswered("TLS failed"));
        var began = cluster.Time.GetUtcNow();
        await cluster.Passing(TimeSpan.FromHours(12), async () =>
        {
            if ((await grain.Get())!.State.Status == WebhookStatus.Disabled) return true;
            await Spend(NewAccount());
            await Deliver(grain);
            return false;
        }, "it is disabled");
        Assert.Equal(WebhookDisabledFor.Failures, (await grain.Get())!.State.Disabling!.For);
        Assert.InRange(cluster.Time.GetUtcNow() - began, TimeSpan.FromDays(5), TimeSpan.FromDays(7));

        // Enabled again, it has its days again.
        await grain.Update(new(null, null, null, true), "Once more.", Carol);
        cluster.Time.Advance(TimeSpan.FromDays(1));
        await Deliver(grain);
        Assert.Equal(WebhookStatus.Enabled, (await grain.Get())!.State.Status);
    }

    /// <summary>A second delivering host would break the order of an object's events.</summary>
    [Fact]
    public async Task An_endpoint_that_another_host_looks_after_is_left_alone_until_its_lease_is_over()
    {
        var (grain, host) = Somebody();
        await Create(grain, host, WebhookEventType.CreditsChanged);
        var id = grain.GetPrimaryKeyString();
        await Spend(NewAccount());
        Assert.NotNull(await cluster.Deliveries.Take(id, "another host", cluster.Time.GetUtcNow(), cluster.Time.GetUtcNow() + TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        Assert.Equal(0, await Deliver(grain));
        cluster.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(1, await Deliver(grain));
    }

    [Fact]
    public async Task A_deleted_endpoint_is_told_nothing_and_leaves_nothing()
    {
        var (grain, host) = Somebody();
        await Create(grain, host, WebhookEventType.CreditsChanged);
        cluster.Transport.Answers(host, _ => new WebhookAnswered(500, null));
        await Spend(NewAccount());
        await Deliver(grain);
        Assert.Single(Waiting(grain));
        var deleted = (await grain.Delete("Over.", Carol)).Value!.State;
        Assert.Equal((WebhookStatus.Deleted, false), (deleted.Status, deleted.Forgetting));
        Assert.Empty(Waiting(grain));
        Assert.Equal(0, await Deliver(grain));
        Assert.IsType<WebhookEndpointNotFound>((await grain.RotateSecret("k.x", "Why.", Carol)).Refusal);
        Assert.True((await Create(grain, host, WebhookEventType.CreditsChanged)).Value!.Replayed);
    }

    [Fact]
    public async Task While_too_much_waits_the_journal_is_not_read_on_and_nothing_is_lost()
    {
        var (grain, host) = Somebody();
        await Create(grain, host, WebhookEventType.CreditsChanged);
        cluster.Transport.Answers(host, _ => new WebhookAnswered(500, null));
        for (var i = 0; i < BillingCluster.MostPendingDeliveries + 5; i++) await Spend(NewAccount());
        await Deliver(grain);
        Assert.Equal(BillingCluster.MostPendingDeliveries, Waiting(grain).Count);
        cluster.Transport.Answers(host, _ => new WebhookAnswered(200, null));
        cluster.Time.Advance(TimeSpan.FromMinutes(1));
        await Deliver(grain);
        Assert.Equal(BillingCluster.MostPendingDeliveries + 5, cluster.Transport.Taken(host).Count);
    }

    WebhookSecrets Secrets => new(cluster.Vault);

    (IWebhookEndpointGrain Grain, string Host) Somebody()
    {
        var name = cluster.Name("endpoint");
        return (cluster.Grains.GetGrain<IWebhookEndpointGrain>(WebhookEndpoint.IdOf("carol", name)), name + ".example");
    }

    Task<Reply<WebhookCreated, WebhookEndpointError>> Create(IWebhookEndpointGrain grain, string host, params string[] types) =>
        grain.Create(new($"https://{host}/billing", [.. types], null), Secrets.Make(grain.GetPrimaryKeyString()).Sealed, null, Carol);

    Task<int> Deliver(IWebhookEndpointGrain grain) => cluster.Grains.GetGrain<IWebhookDeliveryGrain>(grain.GetPrimaryKeyString()).Deliver();

    IReadOnlyList<TestDeliveries.Delivery> Waiting(IWebhookEndpointGrain grain) =>
        [.. cluster.Deliveries.Of(grain.GetPrimaryKeyString()).Where(delivery => delivery.Status == WebhookDeliveryStatus.Pending)];

    static string Signature(string shown, ScriptedTransport.Told message) => WebhookSignature.Sign(
        [Convert.FromBase64String(shown[WebhookSignature.SecretPrefix.Length..])], message.Id, message.Timestamp, Encoding.UTF8.GetBytes(message.Body));

    /// <summary>An account whose journal the test writes itself.</summary>
    WrittenAccount NewAccount() => new(cluster.Name("account"));

    /// <summary>Something happens to it.</summary>
    async Task Spend(WrittenAccount account)
    {
        var state = new Account(account.Id, Credits.Zero, [], [], [], cluster.Time.GetUtcNow());
        var spent = new CreditsSpent($"spend:{account.Version}", LedgerKind.Spend, -Credits.Whole(1), Credits.Zero, null);
        var document = new Document { State = state, Entries = [new(spent, cluster.Time.GetUtcNow(), Actor.System)] };
        var written = new GrainState<Document>(document, account.Version == 0 ? null! : account.Version.ToString(CultureInfo.InvariantCulture));
        await cluster.Store.WriteStateAsync(AccountDocument.Noun, GrainId.Create(AccountDocument.Noun, account.Id), written);
        account.Version++;
    }

    sealed class WrittenAccount(string id)
    {
        public string Id => id;

        public long Version { get; set; }
    }
}
