using Billing.GraphQL.Transport;
using GraphQL;

namespace Billing.GraphQL.Tests.Transport;

public sealed class ResultStreams
{
    [Fact]
    public async Task A_reader_that_falls_behind_is_ended_after_what_waits()
    {
        var source = new Source();
        using var stream = new ResultStream(source, 3);
        for (var i = 0; i < 10; i++) source.Observer!.OnNext(new ExecutionResult());
        for (var i = 0; i < 3; i++) await stream.Results.ReadAsync(TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<SubscriberTooSlowException>(async () => await stream.Results.WaitToReadAsync(TestContext.Current.CancellationToken));
    }

    sealed class Source : IObservable<ExecutionResult>, IDisposable
    {
        public IObserver<ExecutionResult>? Observer { get; private set; }

        public IDisposable Subscribe(IObserver<ExecutionResult> observer)
        {
            Observer = observer;
            return this;
        }

        public void Dispose()
        {
        }
    }
}
