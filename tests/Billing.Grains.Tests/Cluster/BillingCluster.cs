using System.Collections.Concurrent;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Channels;
using Billing.Codes;
using Billing.Deadlines;
using Billing.Orders;
using Billing.Reconciliations;
using Billing.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.Storage;
using Orleans.TestingHost;

namespace Billing.Tests.Cluster;

/// <summary>
/// A silo over the test store, whose grains live by a clock that only tests move. One for all tests of the collection: each takes accounts, plans and methods of its
/// own, so that they do not meet.
/// </summary>
public sealed class BillingCluster : IAsyncLifetime
{
    InProcessTestCluster cluster = null!;
    Task<BillingCluster>? twin;
    int names;

    internal TestStore Store { get; }

    internal FaultyStore Faults { get; }

    internal FakeTimeProvider Time { get; private init; } = new(new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    internal Methods PaymentMethods { get; private init; } = new();

    internal CodeVault Vault { get; } = new([new("test", [.. Enumerable.Repeat((byte)7, CodeKey.MinSecretLength)])]);

    /// <summary>So many deliveries wait for an endpoint at most.</summary>
    internal const int MostPendingDeliveries = 60;

    internal TestDeliveries Deliveries { get; }

    internal TestReconciliations Reconciliations { get; }

    internal ScriptedTransport Transport { get; } = new();

    internal IGrainFactory Grains => cluster.Client;

    public BillingCluster()
        : this(new TestStore())
    {
    }

    BillingCluster(TestStore store)
        : this(store, new(store))
    {
    }

    BillingCluster(TestStore store, FaultyStore faults)
    {
        (Store, Faults) = (store, faults);
        Deliveries = new(Store.Facts);
        Reconciliations = new(Store);
    }

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.AddMemoryGrainStorage("housekeeping").UseInMemoryReminderService();
            silo.Services
                .AddKeyedSingleton<IGrainStorage>("documents", Faults)
                .AddKeyedSingleton<TimeProvider>(TimeProviderNames.Grains, Time)
                .AddSingleton<ILedger>(Store)
                .AddSingleton<IReservations>(Store)
                .AddSingleton<IOrderSlots>(Store)
                .AddSingleton<IDeadlines>(Store)
                .AddSingleton<IPaidOrders>(Store)
                .AddSingleton<IRedemptions>(Store)
                .AddSingleton<ICodeStore>(Faults)
                .AddSingleton<IWebhookDeliveries>(Deliveries)
                .AddSingleton<IReconciliations>(Reconciliations)
                .AddSingleton<IWebhookTransport>(Transport)
                .AddSingleton<WebhookSecrets>()
                .AddSingleton(Vault)
                .AddSingleton<IPaymentMethods>(PaymentMethods)
                .Configure<WebhookSettings>(settings => settings.MaxPending = MostPendingDeliveries)
                .Configure<ReconciliationSettings>(settings =>
                {
                    (settings.QueriesPerSecond, settings.AtOnce, settings.Tries) = (1_000, 1, 1);
                    (settings.RestFor, settings.GiveUpAfter, settings.Lease) = (TimeSpan.FromMinutes(10), TimeSpan.FromHours(1), TimeSpan.FromMinutes(5));
                })
                .Configure<OrderSettings>(settings => settings.MaxOpenOrders = 10)
                .Configure<CodeSettings>(settings =>
                {
                    settings.IssueAtOnce = 50;
                    settings.CreditPatience = TimeSpan.FromMilliseconds(500);
                    settings.BatchPatience = TimeSpan.FromSeconds(5);
                });
        });
        cluster = builder.Build();
        await cluster.DeployAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (twin is not null) await (await twin).DisposeAsync();
        await cluster.DisposeAsync();
    }

    /// <summary>
    /// Another silo over the same store and providers, which does not know of this one: what is a grain here has a second activation there, as when a cluster falls
    /// apart. Then the store is the only guard.
    /// </summary>
    internal Task<BillingCluster> Twin()
    {
        return twin ??= Started();

        async Task<BillingCluster> Started()
        {
            var started = new BillingCluster(Store, Faults) { PaymentMethods = PaymentMethods, Time = Time };
            await started.InitializeAsync();
            return started;
        }
    }

    /// <summary>A name that no other test has.</summary>
    internal string Name(string kind) => $"{kind}-{Interlocked.Increment(ref names)}";

    /// <summary>A method of the test's own.</summary>
    internal (string Id, ScriptedChannel Channel) Method()
    {
        var channel = new ScriptedChannel();
        var id = Name("method");
        PaymentMethods.Add(new(id, id, PaymentMethodKind.Sandbox, PaymentPresentation.Redirect, Merchant(id), channel, "https://shop.example/{order}",
            new("https://shop.example/callback")));
        return (id, channel);
    }

    /// <summary>A method of the test's own whose provider has a bill.</summary>
    internal (string Id, ScriptedChannel Channel, BillingChannel Bill) MethodWithBill()
    {
        var (id, channel) = Method();
        var bill = new BillingChannel(channel);
        PaymentMethods.Add(PaymentMethods.Find(id)! with { Channel = bill });
        return (id, channel, bill);
    }

    internal static MerchantIdentity Merchant(string methodId) => new("merchant of " + methodId);

    /// <summary>A plan of the test's own.</summary>
    internal async Task<string> Plan(int? stock = null, int? purchaseLimit = null)
    {
        var slug = Name("plan");
        var reply = await Grains.GetGrain<IPlanGrain>(slug).Create(Terms with { PurchaseLimitPerAccount = purchaseLimit }, stock, null, Actor.System);
        Assert.Null(reply.Refusal);
        return slug;
    }

    internal static readonly Money Price = new(1990, "CNY");

    static readonly PlanTerms Terms = new(new("Starter"), null, Price, null, null, [new CreditGrant(Credits.Whole(1_000), 30)], [], null, null, true, null,
        null, 1);

    /// <summary>A wish of an account's and its order.</summary>
    internal (OrderWish Wish, IOrderGrain Order) Wish(string plan, string? account = null, string? methodId = null)
    {
        var wish = new OrderWish(account ?? Name("account"), Name("key"), plan, null, methodId, null);
        return (wish, Grains.GetGrain<IOrderGrain>(OrderNumber.Of(wish.Account, wish.IdempotencyKey)));
    }

    /// <summary>The grain leaves memory, as in a crash: what it had in hand is gone.</summary>
    internal async Task Deactivate(IAddressable grain)
    {
        var id = grain.GetGrainId();
        var management = cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0);
        await Eventually(
            async () =>
            {
                // One that has something in hand at this moment is not collected: again, then.
                await management.ForceActivationCollection(TimeSpan.Zero);
                return await management.GetActivationAddress(grain) is null;
            },
            $"{id} leaves memory");
    }

    /// <summary>Whether the grain is in memory.</summary>
    internal async Task<bool> IsActive(IAddressable grain) =>
        await cluster.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>().GetGrain<IManagementGrain>(0).GetActivationAddress(grain) is not null;

    internal T Reference<T>(T observer)
        where T : IGrainObserver => cluster.Client.CreateObjectReference<T>(observer);

    /// <summary>Sweeps all shards.</summary>
    internal async Task Sweep()
    {
        for (var shard = 0; shard < new DeadlineSettings().Shards; shard++) await Grains.GetGrain<IDeadlineGrain>(shard).Sweep();
    }

    /// <summary>Awaits what must become so.</summary>
    internal static async Task Eventually(Func<Task<bool>> holds, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await holds())
        {
            if (patience.IsCancellationRequested) Assert.Fail($"In 20 seconds it did not become so: {what}.");
            await Task.Delay(5, CancellationToken.None);
        }
    }

    /// <summary>Lets time pass until it is so.</summary>
    internal Task Passing(TimeSpan step, Func<Task<bool>> holds, string what) => Eventually(
        async () =>
        {
            if (await holds()) return true;
            Time.Advance(step);
            await Sweep();
            return await holds();
        },
        what);

    /// <summary>A race in which two write a document: both have decided before either is written.</summary>
    internal Task<T> Meeting<T>(string noun, string key, Func<Task<T>> race) => Meeting([(noun, key), (noun, key)], race);

    /// <summary>A race in which nothing of these documents is written before all these writes have come.</summary>
    internal async Task<T> Meeting<T>(IReadOnlyList<(string Noun, string Key)> writes, Func<Task<T>> race)
    {
        var holds = writes.Distinct().ToDictionary(id => id, id => Faults.Holding(id.Noun, id.Key));
        Task<T> racing;
        try
        {
            racing = race();
            foreach (var write in writes) await holds[write].Arrival();
        }
        finally
        {
            foreach (var hold in holds.Values) hold.Dispose();
        }

        return await racing;
    }

    /// <summary>Asks again while the outcome is unknown, as a caller does.</summary>
    internal static async Task<T> Repeated<T>(Func<Task<T>> call)
    {
        const int tries = 100;
        for (var made = 1; ; made++)
        {
            try
            {
                return await call();
            }
            catch (Exception fault) when (made < tries && fault is OutcomeUnknownException or InconsistentStateException or StoreBusyException)
            {
                await Task.Yield();
            }
        }
    }

    internal sealed class Methods : IPaymentMethods
    {
        readonly ConcurrentDictionary<string, PaymentMethod> methods = [];

        public IReadOnlyList<PaymentMethod> All => [.. methods.Values];

        public PaymentMethod? Find(string id) => methods.GetValueOrDefault(id);

        public void Add(PaymentMethod method) => methods[method.Id] = method;

        public void Remove(string id) => methods.TryRemove(id, out _);
    }
}

[CollectionDefinition(nameof(BillingCluster))]
public sealed class BillingClusterTests : ICollectionFixture<BillingCluster>;
