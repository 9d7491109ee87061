using System.Threading.Channels;
using GraphQL;

namespace Billing.GraphQL.Transport;

/// <summary>
/// A subscription's results for a reader that takes them one by one. The engine pushes without asking, so what waits is bounded: a reader that falls behind
/// is ended, subscribes again and gets the present state first.
/// </summary>
sealed class ResultStream : IObserver<ExecutionResult>, IDisposable
{
    readonly Channel<ExecutionResult> waiting;
    readonly IDisposable subscription;

    public ResultStream(IObservable<ExecutionResult> source, int mostWaiting)
    {
        waiting = Channel.CreateBounded<ExecutionResult>(new BoundedChannelOptions(mostWaiting) { SingleReader = true });
        subscription = source.Subscribe(this);
    }

    /// <summary>The results until the source ends.</summary>
    /// <exception cref="SubscriberTooSlowException">More was waiting than may.</exception>
    public ChannelReader<ExecutionResult> Results => waiting.Reader;

    public void OnNext(ExecutionResult value)
    {
        if (!waiting.Writer.TryWrite(value)) waiting.Writer.TryComplete(new SubscriberTooSlowException());
    }

    public void OnError(Exception error) => waiting.Writer.TryComplete(error);

    public void OnCompleted() => waiting.Writer.TryComplete();

    public void Dispose()
    {
        subscription.Dispose();
        waiting.Writer.TryComplete();
    }
}

/// <summary>The subscriber reads slower than results come.</summary>
sealed class SubscriberTooSlowException() : Exception("The subscriber fell behind. Subscribe again: the present state comes first.");
