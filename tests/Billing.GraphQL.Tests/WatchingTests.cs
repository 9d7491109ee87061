using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Billing.GraphQL.Tests;

public sealed class WatchingTests
{
    [Fact]
    public async Task A_watch_that_cannot_be_called_off_at_its_grain_is_forgotten_here()
    {
        var forgotten = 0;
        using var watched = new Watched<string>();
        var watch = Watching.Of(
            watched, -1, new Versioned<string>("paid", 1), "reference", _ => Task.CompletedTask, _ => throw new TimeoutException("The silo is gone."), _ => forgotten++,
            TimeProvider.System, TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            await foreach (var state in watch) break;
        });
        Assert.Equal(1, forgotten);
    }

    /// <summary>The clock stands still: without the grain's word, what changes would be seen at the next renewal only.</summary>
    [Fact]
    public async Task A_grain_that_left_memory_is_watched_anew_at_once()
    {
        using var watched = new Watched<string>();
        var watches = 0;
        var stream = Watching.Of(
            watched, -1, new Versioned<string>("placed", 1), "reference", Watch, _ => Task.CompletedTask, _ => { }, new FakeTimeProvider(), TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        await using (stream)
        {
            Assert.True(await stream.MoveNextAsync());
            watched.Renew();
            Assert.True(await stream.MoveNextAsync());
            Assert.Equal((new Versioned<string>("paid", 2), 2), (stream.Current, watches));
        }

        Task Watch(string reference)
        {
            // As a grain does, it tells its present state.
            if (++watches == 2) watched.Changed(new("paid", 2));
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task A_watch_that_cannot_be_renewed_yet_goes_on_and_is_tried_again_soon()
    {
        using var watched = new Watched<string>();
        var time = new Waits();
        var watches = 0;
        var stream = Watching.Of(
            watched, -1, new Versioned<string>("placed", 1), "reference", Watch, _ => Task.CompletedTask, _ => { }, time, TestContext.Current.CancellationToken)
            .GetAsyncEnumerator(TestContext.Current.CancellationToken);
        await using (stream)
        {
            Assert.True(await stream.MoveNextAsync());
            watched.Renew();
            var next = stream.MoveNextAsync().AsTask();
            Assert.Equal(TimeSpan.FromSeconds(30), await time.Begun.Reader.ReadAsync(TestContext.Current.CancellationToken));
            Assert.Equal(TimeSpan.FromSeconds(1), await time.Begun.Reader.ReadAsync(TestContext.Current.CancellationToken));
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.True(await next);
            Assert.Equal(("paid", 3), (stream.Current.State, watches));
        }

        Task Watch(string reference)
        {
            if (++watches == 2) throw new TimeoutException("The silo is gone.");
            if (watches == 3) watched.Changed(new("paid", 2));
            return Task.CompletedTask;
        }
    }

    [Fact]
    public async Task News_that_overtook_older_news_are_not_replaced_by_them()
    {
        using var watched = new Watched<string>();
        watched.Changed(new("paid", 2));
        watched.Changed(new("placed", 1));
        Assert.Equal((new Versioned<string>("paid", 2), false), await watched.Next(TestContext.Current.CancellationToken));
    }

    /// <summary>A clock that tells for how long it is waited.</summary>
    sealed class Waits : FakeTimeProvider
    {
        public Channel<TimeSpan> Begun { get; } = Channel.CreateUnbounded<TimeSpan>();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Begun.Writer.TryWrite(dueTime);
            return timer;
        }
    }
}
