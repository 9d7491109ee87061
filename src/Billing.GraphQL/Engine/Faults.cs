using GraphQL;
using GraphQL.Execution;
using GraphQLParser.AST;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Billing.GraphQL.Engine;

/// <summary>What an exception is to a client. Nothing of it is shown but a fault of the request's own.</summary>
sealed partial class Faults(ILogger<Faults> log)
{
    internal const string InternalMessage = "Something went wrong on our side. It has been recorded.";

    internal const string BusyMessage = "The service is busy and did nothing. Try again in a moment.";

    internal const string OutcomeUnknownMessage = "It may or may not have happened. Repeat the request with the same idempotency key: the answer will tell.";

    /// <summary>Translates an exception that a resolver, or the engine itself, let through.</summary>
    public Task Translate(UnhandledExceptionContext context)
    {
        var exception = context.OriginalException;
        context.Exception = ToError(exception, Where(context), context.Context?.Operation.Operation == OperationType.Mutation);
        return Task.CompletedTask;
    }

    /// <summary>The error for an exception; what is our fault or the machine's is logged.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="where">The field, or what else was being done.</param>
    /// <param name="changes">Whether something may have been changed before it was thrown.</param>
    public ExecutionError ToError(Exception exception, string where, bool changes = false)
    {
        switch (exception)
        {
            case ExecutionError known:
                return known;
            case BadRequestFault fault:
                return new ApiError(fault.Code, fault.Message);

            // The parser gives up on nesting without calling it a syntax error.
            case GraphQLParser.Exceptions.GraphQLMaxDepthExceededException:
                return new ApiError(ErrorCodes.TooDeep, "The document is nested too deeply to be read.");
            case StoreBusyException:
                Busy(where);
                return new ApiError(ErrorCodes.TryAgain, BusyMessage);

            // A time-out is not a refusal: the write may be under way, or done. Who only reads has nothing to find out.
            case OutcomeUnknownException or InconsistentStateException or TimeoutException or SiloUnavailableException or OrleansMessageRejectionException:
                Unknown(where, Kind(exception), exception.StackTrace);
                return changes ? new ApiError(ErrorCodes.OutcomeUnknown, OutcomeUnknownMessage) : new ApiError(ErrorCodes.TryAgain, BusyMessage);
            default:
                Failed(where, Kind(exception), exception.StackTrace);
                return new ApiError(ErrorCodes.Internal, InternalMessage);
        }
    }

    // The schema's own names only: an alias, an operation's name and an exception's message may carry what a client typed, and that may be a code.
    static string Where(UnhandledExceptionContext context) =>
        context.FieldContext is { } field ? $"{field.ParentType.Name}.{field.FieldDefinition.Name}" : "The request";

    static string Kind(Exception exception) =>
        exception.InnerException is { } inner ? $"{exception.GetType().FullName} ← {Kind(inner)}" : exception.GetType().FullName!;

    [LoggerMessage(LogLevel.Error, "{Field}: {Exception}; the client is told INTERNAL.\n{Stack}")]
    partial void Failed(string field, string exception, string? stack);

    [LoggerMessage(LogLevel.Warning, "{Field}: {Exception}; the client is told to repeat it.\n{Stack}")]
    partial void Unknown(string field, string exception, string? stack);

    [LoggerMessage(LogLevel.Warning, "{Field}: the store is busy; the client is told to try again.")]
    partial void Busy(string field);
}
