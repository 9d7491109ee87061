using System.Text;
using System.Threading.Channels;
using Billing.GraphQL.Engine;
using GraphQL;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;

namespace Billing.GraphQL.Transport;

/// <summary>Server-Sent Events, a connection an operation: the distinct connections mode of the GraphQL over SSE protocol.</summary>
sealed class EventStream(
    Engine.Engine engine, BillingGraphQLOptions options, IGraphQLTextSerializer serializer, Faults faults, Metrics metrics, Connections connections, TimeProvider time,
    IHostApplicationLifetime host)
{
    // What a timer can hold.
    static readonly TimeSpan LongestToken = TimeSpan.FromDays(30);

    public async Task Serve(HttpContext context, Operation operation, ApiRequest request)
    {
        using var place = connections.Enter(request.Viewer, request.Client);
        if (place is null)
            throw new HttpRefusal(StatusCodes.Status429TooManyRequests, "Too many connections are open. Close one first.", ErrorCodes.TooManyConnections);
        using var expired = Expiry(context);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, host.ApplicationStopping, expired.Token);
        try
        {
            await Serve(context, operation, request, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Cut without a 'complete', so that the client comes back: with a fresh token, to the next server.
        }
    }

    async Task Serve(HttpContext context, Operation operation, ApiRequest request, CancellationToken ending)
    {
        var response = context.Response;
        response.ContentType = Negotiation.EventStream;

        // Proxies that gather an answer before they pass it on would hold back events.
        response.Headers["X-Accel-Buffering"] = "no";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await Send(response, ":\n\n", ending);

        // Whatever is wrong with the operation is an event too: browsers show a script nothing of an answer that is not 200.
        var result = await engine.Run(operation, request, context.RequestServices, ending);
        if (result.Streams is { Count: > 0 } streams) await SendAll(response, streams.Values.Single(), request, ending);
        else await Send(response, Next(result), ending);
        await Send(response, "event: complete\ndata:\n\n", ending);
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
            var error = exception is SubscriberTooSlowException ? new ApiError(ErrorCodes.TooSlow, exception.Message) : faults.ToError(exception, "A subscription");
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

    // A stream lives no longer than the token that opened it.
    CancellationTokenSource Expiry(HttpContext context)
    {
        if (context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc is not { } until) return new();
        var left = until + options.ClockSkew - time.GetUtcNow();
        return new(left <= TimeSpan.Zero ? TimeSpan.Zero : left < LongestToken ? left : LongestToken, time);
    }

    string Next(ExecutionResult result) => $"event: next\ndata: {serializer.Serialize(result)}\n\n";

    static async Task Send(HttpResponse response, string text, CancellationToken cancel)
    {
        await response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), cancel);
        await response.Body.FlushAsync(cancel);
    }
}
