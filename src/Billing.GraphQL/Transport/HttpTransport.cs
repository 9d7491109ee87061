using System.Buffers;
using Billing.GraphQL.Engine;
using GraphQL;
using Microsoft.AspNetCore.Http;

namespace Billing.GraphQL.Transport;

/// <summary>GraphQL over HTTP: GET and POST, answered once or by an event stream.</summary>
sealed class HttpTransport(Engine.Engine engine, EventStream events, BillingSchema schema, BillingGraphQLOptions options, AnswerSerializer serializer, Faults faults)
{
    public async Task Serve(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Vary = "Accept";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        var get = HttpMethods.IsGet(context.Request.Method);
        if (get && context.Request.Query.ContainsKey("sdl"))
        {
            await WriteSchema(context);
            return;
        }

        var form = Negotiation.Choose(context.Request.Headers.Accept);
        try
        {
            if (form is null) throw new HttpRefusal(StatusCodes.Status406NotAcceptable, "Accept application/json, application/graphql-response+json or text/event-stream.");
            if (!get && !HttpMethods.IsPost(context.Request.Method)) throw new HttpRefusal(StatusCodes.Status405MethodNotAllowed, "Use GET or POST.");
            if (!get && !Negotiation.Reads(context.Request))
                throw new HttpRefusal(StatusCodes.Status415UnsupportedMediaType, "Send the request as application/json in UTF-8.");
            var operation = get
                ? RequestReader.ReadQuery(context.Request.Query, serializer)
                : await RequestReader.ReadBody(context.Request, options.MaxBodyBytes, serializer, context.RequestAborted);
            await Answer(context, operation, form.Value, get);
        }
        catch (HttpRefusal refusal)
        {
            if (refusal.Status == StatusCodes.Status405MethodNotAllowed) context.Response.Headers.Allow = "GET, POST";
            await Write(context, new ExecutionResult(new ApiError(refusal.Code, refusal.Message)), form is Form.Response ? Form.Response : Form.Json, refusal.Status);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has left; there is nobody to answer.
        }
        catch (Exception exception) when (!context.Response.HasStarted)
        {
            // The last line before the server's own error page: a fault anywhere in here is masked as those of resolvers are.
            await Write(context, new ExecutionResult(faults.ToError(exception, "The request", changes: true)), form is Form.Response ? Form.Response : Form.Json, 500);
        }
    }

    async Task Answer(HttpContext context, Operation operation, Form form, bool get)
    {
        var way = (form, get) switch
        {
            (Form.EventStream, true) => Way.GetStream,
            (Form.EventStream, false) => Way.Stream,
            (_, true) => Way.Get,
            _ => Way.Post,
        };
        var request = new ApiRequest(context.User, Viewer.Of(context.User), Client(context), way);
        if (form is Form.EventStream)
        {
            await events.Serve(context, operation, request);
            return;
        }

        var result = await engine.Run(operation, request, context.RequestServices, context.RequestAborted);
        var status = Status(result, form);
        if (request.WrongWay && get)
        {
            status = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "POST";
        }

        await Write(context, result, form, status);
    }

    public static ClientInfo Client(HttpContext context) => new(
        context.Connection.RemoteIpAddress, context.Request.Headers.AcceptLanguage is { Count: > 0 } languages ? languages.ToString() : null);

    async Task Write(HttpContext context, ExecutionResult result, Form form, int status)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = form is Form.Response ? Negotiation.Response : Negotiation.Json;
        // Whole, and so with its length. It is copied into the pipe: what is sent later, or by whatever stands between, is no longer in the buffer.
        await JsonBuffer.Write(
            (context, result, serializer),
            static (it, writer) => it.serializer.Write(writer, it.result),
            static (it, text) =>
            {
                it.context.Response.ContentLength = text.Length;
                it.context.Response.BodyWriter.Write(text.Span);
                return it.context.Response.BodyWriter.FlushAsync(it.context.RequestAborted);
            });
    }

    async Task WriteSchema(HttpContext context)
    {
        if (!options.ExposeIntrospection)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync(schema.Print(), context.RequestAborted);
    }

    // A request that was not run has no data; only the newer form may say so by its status.
    static int Status(ExecutionResult result, Form form) => (form, result) switch
    {
        (Form.Json, _) or (_, { Executed: true }) => StatusCodes.Status200OK,
        _ => result.Errors?.FirstOrDefault()?.Code switch
        {
            ErrorCodes.NotAuthenticated => StatusCodes.Status401Unauthorized,
            ErrorCodes.NotAuthorized => StatusCodes.Status403Forbidden,
            ErrorCodes.RateLimited => StatusCodes.Status429TooManyRequests,
            ErrorCodes.Internal => StatusCodes.Status500InternalServerError,
            ErrorCodes.TryAgain or ErrorCodes.OutcomeUnknown or ErrorCodes.Timeout => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status400BadRequest,
        },
    };
}
