using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Billing.GraphQL;

/// <summary>Turns a grain's watcher into a stream. Between two reads only the newest state is kept: a slow reader skips states and never falls behind.</summary>
static class Watching
{
    // A quarter of the lease, so that a lost renewal does not end the watch; it also brings what a silo's crash kept back.
    static readonly TimeSpan Renewal = Watchers.Lease / 4;

    /// <summary>A place for the newest state.</summary>
    public static Channel<Versioned<T>> Latest<T>()
        where T : class => Channel.CreateBounded<Versioned<T>>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

    /// <summary>The present state, when it is newer than what is known, and then every newer one.</summary>
    public static async IAsyncEnumerable<Versioned<T>> Of<T, TWatcher>(
        Channel<Versioned<T>> changes, long known, Versioned<T>? first, TWatcher reference, Func<TWatcher, Task> watch, Func<TWatcher, Task> unwatch, Action<TWatcher> forget,
        TimeProvider time, [EnumeratorCancellation] CancellationToken cancel)
        where T : class
    {
        try
        {
            // Watching begins before the first state is given: no change can fall between.
            await watch(reference);
            if (first is not null && first.Version > known)
            {
                known = first.Version;
                yield return first;
            }

            while (!cancel.IsCancellationRequested)
            {
                Versioned<T>? next = null;
                try
                {
                    using var renewal = new CancellationTokenSource(Renewal, time);
                    using var either = CancellationTokenSource.CreateLinkedTokenSource(renewal.Token, cancel);
                    next = await changes.Reader.ReadAsync(either.Token);
                }
                catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
                {
                    await watch(reference);
                }
                catch (OperationCanceledException)
                {
                    break;
                }

                if (next is null || next.Version <= known) continue;
                known = next.Version;
                yield return next;
            }
        }
        finally
        {
            try
            {
                await unwatch(reference);
            }
            finally
            {
                // Whether or not the grain could be told: the reference is this process's own, and would be kept for good.
                forget(reference);
            }
        }
    }
}
