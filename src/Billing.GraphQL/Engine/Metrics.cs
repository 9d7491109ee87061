using System.Diagnostics;
using System.Diagnostics.Metrics;
using GraphQL;
using GraphQL.Execution;
using GraphQLParser.AST;

namespace Billing.GraphQL.Engine;

/// <summary>What the API measures. Its tags come from short lists of our own, never from a client.</summary>
sealed class Metrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "Billing.GraphQL";

    readonly Meter meter;
    readonly Counter<long> operations;
    readonly Histogram<double> duration;
    readonly UpDownCounter<long> streams;
    readonly UpDownCounter<long> sockets;

    public Metrics(IMeterFactory meters)
    {
        meter = meters.Create(Name);
        operations = meter.CreateCounter<long>("billing.graphql.operations", "{operation}", "Operations, by type and outcome.");
        duration = meter.CreateHistogram<double>("billing.graphql.duration", "s", "How long an operation took; for a subscription, until it began.");
        streams = meter.CreateUpDownCounter<long>("billing.graphql.streams", "{stream}", "Subscriptions that are open.");
        sockets = meter.CreateUpDownCounter<long>("billing.graphql.sockets", "{socket}", "WebSockets that are open.");
    }

    public void Done(OperationType? type, ExecutionResult result, long started)
    {
        var tags = new TagList
        {
            { "type", type switch { OperationType.Query => "query", OperationType.Mutation => "mutation", OperationType.Subscription => "subscription", _ => "unknown" } },
            { "outcome", Outcome(result) },
        };
        operations.Add(1, tags);
        duration.Record(Stopwatch.GetElapsedTime(started).TotalSeconds, tags);
    }

    public void StreamOpened() => streams.Add(1);

    public void StreamClosed() => streams.Add(-1);

    public void SocketOpened() => sockets.Add(1);

    public void SocketClosed() => sockets.Add(-1);

    public void Dispose() => meter.Dispose();

    static string Outcome(ExecutionResult result)
    {
        if (result.Errors is not { Count: > 0 } errors) return "ok";
        if (errors.Any(error => error is UnhandledError || error.Code == ErrorCodes.Internal)) return "fault";
        if (errors.Any(error => error.Code is ErrorCodes.OutcomeUnknown or ErrorCodes.Timeout)) return "unknown";
        if (errors.Any(error => error.Code is ErrorCodes.TryAgain)) return "busy";
        return result.Executed ? "partial" : "refused";
    }
}
