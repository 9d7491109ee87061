using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Billing.GraphQL.Engine;
using GraphQL;
using GraphQL.Transport;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.GraphQL.Transport;

/// <summary>One socket's conversation in <c>graphql-transport-ws</c>: one reader, one writer at a time, an operation each under its id.</summary>
sealed class SocketConversation(
    HttpContext context, WebSocket socket, Connections.Place place, Engine.Engine engine, BillingGraphQLOptions options, IGraphQLTextSerializer serializer, Faults faults, Metrics metrics,
    TimeProvider time, IServiceScopeFactory scopes, CancellationToken stopping) : IDisposable
{
    const int LongestId = 128;
    const int LongestReason = 123;

    // How long a client may take to answer a close before the connection is cut.
    static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    readonly ConcurrentDictionary<string, CancellationTokenSource> running = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<Task, bool> tasks = new();
    readonly SemaphoreSlim writing = new(1, 1);
    ClientInfo client = HttpTransport.Client(context);
    SocketUser? user;
    Viewer viewer = Viewer.Anonymous;
    bool greeted;
    bool closing;

    public async Task Run()
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        await using var greeting = time.CreateTimer(
            _ => { if (user is null) CloseInBackground(CloseCode.NoInit, "Connection initialisation timeout"); }, null, options.ConnectionInitTimeout, Timeout.InfiniteTimeSpan);
        await using var stop = stopping.Register(() => CloseInBackground(CloseCode.GoingAway, "The server is going away"));
        ITimer? expiry = null;
        try
        {
            var buffer = new byte[4096];
            while (await Receive(buffer, ended.Token) is { } message)
            {
                if (Volatile.Read(ref closing)) continue;
                if (!await Take(message, ended.Token)) continue;
                if (user?.Until is { } until && expiry is null)
                {
                    // The client comes back with a fresh token: 4403 is not final to it.
                    var left = until + options.ClockSkew - time.GetUtcNow();
                    expiry = time.CreateTimer(
                        _ => CloseInBackground(CloseCode.Forbidden, "Your token has expired"), null, left > TimeSpan.Zero ? Bounded(left) : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
                }
            }
        }
        catch (Exception lost) when (lost is WebSocketException or OperationCanceledException or IOException)
        {
            // The connection broke off: as good as a close.
        }
        catch (Exception fault)
        {
            _ = faults.ToError(fault, "A socket");
            await Close(CloseCode.Fault, "Internal error");
        }
        finally
        {
            await ended.CancelAsync();
            foreach (var operation in running.Values) await CancelQuietly(operation);
            await Task.WhenAll(tasks.Keys);
            if (expiry is not null) await expiry.DisposeAsync();
            if (!Volatile.Read(ref closing) && socket.State == WebSocketState.CloseReceived) await Close(WebSocketCloseStatus.NormalClosure, "");
        }
    }

    public async Task Close(WebSocketCloseStatus status, string reason)
    {
        if (Interlocked.Exchange(ref closing, true)) return;

        // Now, and not when the client has answered: it may never.
        foreach (var operation in running.Values) await CancelQuietly(operation);
        using var patience = new CancellationTokenSource(CloseTimeout, time);
        try
        {
            await writing.WaitAsync(patience.Token);
            try
            {
                if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                    await socket.CloseOutputAsync(status, Encoding.UTF8.GetByteCount(reason) <= LongestReason ? reason : "", patience.Token);
            }
            finally
            {
                writing.Release();
            }

            // Whoever does not answer is cut off.
            if (socket.State == WebSocketState.CloseSent) AbortLater();
        }
        catch (Exception lost) when (lost is WebSocketException or OperationCanceledException or ObjectDisposedException or IOException)
        {
            socket.Abort();
        }
    }

    public void Dispose() => writing.Dispose();

    void CloseInBackground(WebSocketCloseStatus status, string reason) => _ = Close(status, reason);

    async void AbortLater()
    {
        try
        {
            await Task.Delay(CloseTimeout, time, context.RequestAborted);
            socket.Abort();
        }
        catch (OperationCanceledException)
        {
            // It is gone already.
        }
    }

    /// <summary>One whole message; null when the client has closed. Too long a one closes.</summary>
    async Task<ReadOnlyMemory<byte>?> Receive(byte[] buffer, CancellationToken cancel)
    {
        var whole = new ArrayBufferWriter<byte>();
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), cancel);
            if (part.MessageType == WebSocketMessageType.Close) return null;
            if (whole.WrittenCount + part.Count > options.MaxSocketMessageBytes)
            {
                await Close(CloseCode.TooBig, $"A message may have {options.MaxSocketMessageBytes} bytes at most");
                continue;
            }

            // What still comes after a close is only read to reach the answer to it.
            if (!Volatile.Read(ref closing)) whole.Write(buffer.AsSpan(0, part.Count));
            if (!part.EndOfMessage) continue;
            if (part.MessageType == WebSocketMessageType.Binary) await Close(CloseCode.BadMessage, "Messages are text");
            return whole.WrittenMemory;
        }
    }

    /// <summary>Acts on a message. False when the conversation is over.</summary>
    async Task<bool> Take(ReadOnlyMemory<byte> message, CancellationToken cancel)
    {
        JsonDocument json;
        try
        {
            json = RequestReader.Parse(message);
        }
        catch (HttpRefusal)
        {
            return await Over(CloseCode.BadMessage, "The message is not JSON that can be read, or has a key twice");
        }

        using (json)
        {
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
                return await Over(CloseCode.BadMessage, "A message is an object with a type");
            var payload = root.TryGetProperty("payload", out var given) ? given : default;
            switch (type.GetString())
            {
                case "connection_init":
                    return await Greet(payload);
                case "ping":
                    await Send("""{"type":"pong"}""", cancel);
                    return true;
                case "pong":
                    return true;
                case "subscribe":
                    return await Subscribe(root, payload, cancel);
                case "complete" when Id(root) is { } id:
                    if (running.TryGetValue(id, out var operation)) await CancelQuietly(operation);
                    return true;
                default:
                    return await Over(CloseCode.BadMessage, "A message of this type is not understood");
            }
        }
    }

    async Task<bool> Greet(JsonElement payload)
    {
        if (greeted) return await Over(CloseCode.SecondInit, "Too many initialisation requests");
        if (payload.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null or JsonValueKind.Object))
            return await Over(CloseCode.BadMessage, "The payload of connection_init is an object");
        greeted = true;
        if (await SocketSignIn.SignIn(context, payload) is not { } found) return await Over(CloseCode.Forbidden, "Forbidden");
        if (found.Until is { } until && until + options.ClockSkew <= time.GetUtcNow()) return await Over(CloseCode.Forbidden, "Your token has expired");
        var asked = Viewer.From(found.Principal);
        if (!place.MoveTo(asked)) return await Over(CloseCode.TooManyConnections, "Too many connections are open. Close one first");
        (user, viewer) = (found, asked);
        // A browser sends its own languages with the upgrade; a page knows which one its reader chose.
        if (SocketSignIn.Text(payload, "acceptLanguage") is { } languages) client = client with { AcceptLanguage = languages };
        await Send("""{"type":"connection_ack"}""", context.RequestAborted);
        return true;
    }

    async Task<bool> Subscribe(JsonElement root, JsonElement payload, CancellationToken cancel)
    {
        if (user is null) return await Over(CloseCode.Unauthorized, "Unauthorized");
        if (Id(root) is not { } id) return await Over(CloseCode.BadMessage, $"A subscribe has an id of at most {LongestId} characters");
        Operation operation;
        try
        {
            operation = RequestReader.ReadOperation(payload, serializer);
        }
        catch (HttpRefusal refusal)
        {
            return await Over(CloseCode.BadMessage, refusal.Message);
        }

        if (running.ContainsKey(id)) return await Over(CloseCode.IdInUse, $"Subscriber for {id} already exists");
        if (running.Count >= options.MaxOperationsPerSocket)
        {
            var error = new ApiError(ErrorCodes.TooManyOperations, $"At most {options.MaxOperationsPerSocket} operations run at once on one socket. Complete one first.");
            await SendErrors(id, [error], cancel);
            return true;
        }

        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        running[id] = stop;
        if (Volatile.Read(ref closing)) await CancelQuietly(stop);
        var task = Operate(id, operation, stop);
        tasks[task] = true;
        _ = task.ContinueWith(done => tasks.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return true;
    }

    async Task Operate(string id, Operation operation, CancellationTokenSource stop)
    {
        // The reader goes on at once.
        await Task.Yield();
        var cancel = stop.Token;
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var request = new ApiRequest(user!.Principal, viewer, client, Way.Stream);
            var result = await engine.Run(operation, request, scope.ServiceProvider, cancel);
            if (result.Streams is { Count: > 0 } streams) await SendAll(id, streams.Values.Single(), request, cancel);

            // A source that failed to open counts as executed and has no data: the client must not take it for a result.
            else if (!result.Executed || (request.Operation == GraphQLParser.AST.OperationType.Subscription && result.Data is null))
            {
                Free(id);
                await SendErrors(id, result.Errors ?? [], cancel);
                return;
            }
            else await Send(new OperationMessage { Id = id, Type = "next", Payload = result }, cancel);

            Free(id);
            await Send(new OperationMessage { Id = id, Type = "complete" }, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The client completed it, or is gone.
        }
        catch (WebSocketException)
        {
            // The reader sees it too and ends the conversation.
        }
        catch (Exception exception)
        {
            Free(id);
            var error = exception is SubscriberTooSlowException ? new ApiError(ErrorCodes.TooSlow, exception.Message) : faults.ToError(exception, "A subscription");
            try
            {
                await SendErrors(id, [error], cancel);
            }
            catch (Exception lost) when (lost is OperationCanceledException or WebSocketException)
            {
                // Nobody is there to be told.
            }
        }
        finally
        {
            Free(id);
            stop.Dispose();
        }

        // Before the last message is sent, so that the client may use the id again as soon as it has it.
        void Free(string freed) => running.TryRemove(new(freed, stop));
    }

    async Task SendAll(string id, IObservable<ExecutionResult> source, ApiRequest request, CancellationToken cancel)
    {
        metrics.StreamOpened();
        try
        {
            using var stream = new ResultStream(source, options.MaxWaitingResults);
            await foreach (var result in stream.Results.ReadAllAsync(cancel))
                await Send(new OperationMessage { Id = id, Type = "next", Payload = engine.Bound(result, request.Operation) }, cancel);
        }
        finally
        {
            metrics.StreamClosed();
        }
    }

    Task SendErrors(string id, IEnumerable<ExecutionError> errors, CancellationToken cancel) =>
        Send(new OperationMessage { Id = id, Type = "error", Payload = errors.ToArray() }, cancel);

    Task Send(OperationMessage message, CancellationToken cancel) => Send(serializer.Serialize(message), cancel);

    async Task Send(string message, CancellationToken cancel)
    {
        await writing.WaitAsync(cancel);
        try
        {
            // An aborted send would leave half a message; the socket's keep-alive ends one that nobody reads.
            if (!Volatile.Read(ref closing) && socket.State == WebSocketState.Open)
                await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, endOfMessage: true, context.RequestAborted);
        }
        finally
        {
            writing.Release();
        }
    }

    async Task<bool> Over(WebSocketCloseStatus status, string reason)
    {
        await Close(status, reason);
        return false;
    }

    static string? Id(JsonElement message) =>
        message.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() is { Length: > 0 and <= LongestId } text ? text : null;

    // What a timer can hold; a token of years is looked at again never, since no socket lives that long.
    static TimeSpan Bounded(TimeSpan left) => left > TimeSpan.FromDays(30) ? TimeSpan.FromDays(30) : left;

    static async Task CancelQuietly(CancellationTokenSource operation)
    {
        try
        {
            await operation.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself just now.
        }
    }
}
