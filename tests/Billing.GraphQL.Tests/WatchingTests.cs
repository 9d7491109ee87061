namespace Billing.GraphQL.Tests;

public sealed class WatchingTests
{
    [Fact]
    public async Task A_watch_that_cannot_be_called_off_at_its_grain_is_forgotten_here()
    {
        var forgotten = 0;
        var watch = Watching.Of(
            Watching.Latest<string>(), -1, new Versioned<string>("paid", 1), "reference", _ => Task.CompletedTask, _ => throw new TimeoutException("The silo is gone."), _ => forgotten++,
            TimeProvider.System, TestContext.Current.CancellationToken);

        await Assert.ThrowsAsync<TimeoutException>(async () =>
        {
            await foreach (var state in watch) break;
        });
        Assert.Equal(1, forgotten);
    }
}
