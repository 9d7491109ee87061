using System.Runtime.CompilerServices;
using Billing.Orders;
using Domain = Billing.Orders;

namespace Billing.GraphQL.Orders;

/// <summary>Orders as they change.</summary>
[SubscriptionType]
[Authorize]
public static class OrderSubscriptions
{
    /// <summary>The order after each change, its present state first; with <c>sinceVersion</c>, only what is newer.</summary>
    public static IAsyncEnumerable<Order> OrderChanged(
        [Id] string number, long? sinceVersion, Viewer viewer, IGrainFactory grains, TimeProvider time, ClientInfo client, CancellationToken cancel)
    {
        var language = Language.Of(client);
        return Watch(cancel);

        async IAsyncEnumerable<Order> Watch([EnumeratorCancellation] CancellationToken token)
        {
            if (OrderKey.Of(number) is not { } key) throw NotFound();
            var grain = grains.GetGrain<IOrderGrain>(key);
            if (await grain.Get() is not { } first || !viewer.MaySee(first.State.Account)) throw NotFound();
            using var watcher = new OrderWatcher();
            await foreach (var order in Watching.Of(
                watcher.Watched, sinceVersion ?? -1, first, grains.CreateObjectReference<IOrderWatcher>(watcher),
                grain.Watch, grain.Unwatch, grains.DeleteObjectReference<IOrderWatcher>, time, token))
            {
                yield return Order.Of(order, language, time.GetUtcNow());
            }
        }

        static BadRequestFault NotFound() => new("ORDER_NOT_FOUND", "There is no such order. Check the number.");
    }

    sealed class OrderWatcher : IOrderWatcher, IDisposable
    {
        public Watched<Domain.Order> Watched { get; } = new();

        public Task Changed(Versioned<Domain.Order> order)
        {
            Watched.Changed(order);
            return Task.CompletedTask;
        }

        public Task Renew()
        {
            Watched.Renew();
            return Task.CompletedTask;
        }

        public void Dispose() => Watched.Dispose();
    }
}
