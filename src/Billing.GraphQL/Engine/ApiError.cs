using GraphQL;
using GraphQL.Execution;
using GraphQL.Validation;

namespace Billing.GraphQL.Engine;

/// <summary>An error as clients see it. It has no inner exception, because the engine would print that one's type.</summary>
sealed class ApiError : ExecutionError
{
    public ApiError(string code, string message)
        : base(message) => Code = code;

    public ApiError(string code, string message, string extension, object? value)
        : this(code, message) => Extensions = new Dictionary<string, object?> { [extension] = value };
}

/// <summary>Shows an error's message, its code and what was put beside the code; nothing of the exception behind it.</summary>
sealed class ErrorInfo : IErrorInfoProvider
{
    public global::GraphQL.Execution.ErrorInfo GetInfo(ExecutionError executionError)
    {
        ArgumentNullException.ThrowIfNull(executionError);
        var extensions = new Dictionary<string, object?>(executionError.Extensions?.Count + 1 ?? 1);
        if (executionError is UnhandledError)
        {
            // Every exception is translated before it comes here; should one slip through, its type stays inside.
            extensions["code"] = ErrorCodes.Internal;
            return new() { Message = Faults.InternalMessage, Extensions = extensions };
        }

        if (executionError.Extensions is { } more)
            foreach (var (key, value) in more) extensions[key] = value;
        extensions["code"] = executionError.Code ?? ErrorCodes.BadRequest;

        // Of a variable the engine says only that it cannot be converted; our scalars said why.
        var why = executionError is InvalidVariableError { InnerException: FormatException reason } ? " " + reason.Message : "";
        return new() { Message = executionError.Message + why, Extensions = extensions };
    }
}
