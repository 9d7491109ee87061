using System.Diagnostics;
using GraphQL;
using GraphQL.Execution;
using GraphQLParser.AST;
using Microsoft.Extensions.Options;

namespace Billing.GraphQL.Engine;

/// <summary>What a client asks to run.</summary>
sealed record Operation(string? Query, string? OperationName, Inputs? Variables);

/// <summary>Runs operations. Every way in ends here, so that no rule holds on one of them only.</summary>
sealed class Engine(
    IDocumentExecuter executer, BillingSchema schema, DocumentCache cache, Guard guard, Faults faults, Metrics metrics, IOptions<BillingGraphQLOptions> configured)
{
    readonly BillingGraphQLOptions options = configured.Value;

    public async Task<ExecutionResult> Run(Operation operation, ApiRequest request, IServiceProvider services, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        if (string.IsNullOrWhiteSpace(operation.Query))
            return Finish(new ExecutionResult(new ApiError(ErrorCodes.BadRequest, "There is no 'query' to run.")), request, started);

        var known = cache.Find(operation.Query);
        var result = await executer.ExecuteAsync(new ExecutionOptions
        {
            Schema = schema,
            Query = operation.Query,
            Document = known,
            OperationName = operation.OperationName,
            Variables = operation.Variables,
            RequestServices = services,
            User = request.User,
            UserContext = request,
            CancellationToken = cancel,
            Timeout = options.Timeout,
            TimeoutAction = TimeoutAction.ReturnTimeoutError,
            UnhandledExceptionDelegate = faults.Translate,

            // The rules of the specification look at the document alone: it passed them before it was kept.
            ValidationRules = known is null ? null : [],
            Listeners = { guard },
        });
        if (known is null && request.Validated is { } document) cache.Keep(operation.Query, document);
        return Finish(result, request, started);
    }

    /// <summary>The same bounds for an answer and for each event of a subscription.</summary>
    public ExecutionResult Bound(ExecutionResult result, OperationType? operation)
    {
        if (result.Errors is not { Count: > 0 } errors) return result;
        var kept = new ExecutionErrors();
        foreach (var error in errors.Take(options.MaxErrors)) kept.Add(error is TimeoutError ? TimedOut(operation) : error);
        result.Errors = kept;
        return result;
    }

    ExecutionResult Finish(ExecutionResult result, ApiRequest request, long started)
    {
        metrics.Done(request.Operation, Bound(result, request.Operation), started);
        return result;
    }

    // A mutation that was given up on goes on where it runs.
    static ApiError TimedOut(OperationType? operation) => operation == OperationType.Mutation
        ? new(ErrorCodes.OutcomeUnknown, Faults.OutcomeUnknownMessage)
        : new(ErrorCodes.Timeout, "This took too long and was given up. Ask for less, or try again.");
}
