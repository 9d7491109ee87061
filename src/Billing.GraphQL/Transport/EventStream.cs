using System.Text;
using System.Threading.Channels;
using Billing.GraphQL.Engine;
using GraphQL;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

namespace Billing.GraphQL.Transport;

/// <summary>Server-Sent Events, a connection an operation: the distinct connections mode of the GraphQL over SSE protocol.</summary>
sealed class EventStream(
    Engine.Engine engine, BillingGraphQLOptions options, IGraphQLTextSerializer serializer, Faults faults, Metrics metrics, TimeProvider time, IHostApplicationLifetime host)
{
    public async Task Serve(HttpContext context, Operation operation, ApiRequest request)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, host.ApplicationStopping);
        var response = context.Response;
        response.ContentType = Negotiation.EventStream;

        // Proxies that gather an answer before they pass it on would hold back events.
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await Send(response, ":\n\n", ending.Token);

        // Whatever is wrong with the operation is an event too: browsers show a script nothing of an answer that is not 200.
        var result = await engine.Run(operation, request, context.RequestServices, ending.Token);
        if (result.Streams is { Count: > 0 } streams) await SendAll(response, streams.Values.Single(), request, ending.Token);
        else await Send(response, Next(result), ending.Token);
        await Send(response, "event: complete\ndata:\n\n", ending.Token);
    }

    async Task SendAll(HttpResponse response, IObservable<ExecutionResult> source, ApiRequest request, CancellationToken cancel)
    {
        metrics.StreamOpened();
        using var stream = new ResultStream(source, options.MaxWaitingResults);
        try
        {
            while (await More(stream.Results, response, cancel))
                while (stream.Results.TryRead(out var result)) await Send(response, Next(engine.Bound(result, request.Operation)), cancel);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            var error = exception is SubscriberTooSlowException ? new ApiError(Codes.TooSlow, exception.Message) : faults.ToError(exception, "A subscription");
            await Send(response, Next(new ExecutionResult(error)), cancel);
        }
        finally
        {
            metrics.StreamClosed();
        }
    }

    // Waits for a result, and meanwhile shows that the connection lives: to proxies, and to us when it does not.
    async Task<bool> More(ChannelReader<ExecutionResult> results, HttpResponse response, CancellationToken cancel)
    {
        var more = results.WaitToReadAsync(cancel).AsTask();
        while (true)
        {
            try
            {
                return await more.WaitAsync(options.KeepAliveInterval, time, cancel);
            }
            catch (TimeoutException) when (!more.IsCompleted)
            {
                await Send(response, ":\n\n", cancel);
            }
        }
    }

    string Next(ExecutionResult result) => $"event: next\ndata: {serializer.Serialize(result)}\n\n";

    static async Task Send(HttpResponse response, string text, CancellationToken cancel)
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);
        await response.Body.FlushAsync(cancel);
    }
}
