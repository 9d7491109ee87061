using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Billing.GraphQL;

/// <summary>What a watcher was told and its reader has not seen: the newest state only, and whether the grain is to be watched anew.</summary>
sealed class Watched<T> : IDisposable
    where T : class
{
    readonly Channel<bool> news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    readonly Lock gate = new();
    Versioned<T>? newest;
    bool isForgotten;

    /// <summary>The grain has changed. News are sent one way and may overtake each other.</summary>
    public void Changed(Versioned<T> state)
    {
        lock (gate)
        {
            if (newest is null || newest.Version < state.Version) newest = state;
        }

        news.Writer.TryWrite(true);
    }

    /// <summary>The grain has forgotten its watchers.</summary>
    public void Renew()
    {
        lock (gate) isForgotten = true;
        news.Writer.TryWrite(true);
    }

    /// <summary>Waits for news, and takes them.</summary>
    public async ValueTask<(Versioned<T>? Newest, bool IsForgotten)> Next(CancellationToken cancel)
    {
        await news.Reader.ReadAsync(cancel);
        lock (gate)
        {
            var told = (newest, isForgotten);
            (newest, isForgotten) = (null, false);
            return told;
        }
    }

    public void Dispose() => news.Writer.TryComplete();
}

/// <summary>Turns a grain's watcher into a stream. Between two reads only the newest state is kept: a slow reader skips states and never falls behind.</summary>
static class Watching
{
    // A quarter of the lease, so that a lost renewal does not end the watch; it also brings what a silo's crash kept back.
    static readonly TimeSpan Renewal = Watchers.Lease / 4;

    // A grain that leaves memory says so; where it comes up again may take a moment to be known.
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);

    /// <summary>The present state, when it is newer than what is known, and then every newer one.</summary>
    public static async IAsyncEnumerable<Versioned<T>> Of<T, TWatcher>(
        Watched<T> watched, long known, Versioned<T>? first, TWatcher reference, Func<TWatcher, Task> watch, Func<TWatcher, Task> unwatch, Action<TWatcher> forget,
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

            var wait = Renewal;
            while (!cancel.IsCancellationRequested)
            {
                Versioned<T>? next = null;
                try
                {
                    using var renewal = new CancellationTokenSource(wait, time);
                    using var either = CancellationTokenSource.CreateLinkedTokenSource(renewal.Token, cancel);
                    (next, var isForgotten) = await watched.Next(either.Token);
                    wait = !isForgotten || await IsWatchedAnew() ? Renewal : Soon;
                }
                catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
                {
                    await watch(reference);
                    wait = Renewal;
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

        async Task<bool> IsWatchedAnew()
        {
            try
            {
                await watch(reference);
                return true;
            }
            catch (Exception fault) when (fault is OrleansException or TimeoutException or OutcomeUnknownException)
            {
                // Its silo is on its way out, perhaps: the renewal is the next try.
                return false;
            }
        }
    }
}
