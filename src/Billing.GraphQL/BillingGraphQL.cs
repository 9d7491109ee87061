using System.Reflection;
using Billing.GraphQL.Engine;
using Billing.GraphQL.Transport;
using GraphQL;
using GraphQL.Execution;
using GraphQL.Types;
using GraphQL.Validation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Billing.GraphQL;

/// <summary>Wires the API into a host.</summary>
public static class BillingGraphQL
{
    /// <summary>The name of the meter that the API measures with.</summary>
    public const string MeterName = Metrics.Name;

    /// <summary>The name of the source of the API's spans.</summary>
    public const string ActivitySourceName = "GraphQL";

    /// <summary>Adds the API. A fault in the schema, or a resolver's service that nobody registered, ends the host's start.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Sets options, after those bound from configuration.</param>
    /// <param name="nouns">Where the marked records and static classes are; this assembly when none is given.</param>
    public static IServiceCollection AddBillingGraphQL(this IServiceCollection services, Action<BillingGraphQLOptions>? configure = null, params Assembly[] nouns)
    {
        ArgumentNullException.ThrowIfNull(nouns);
        var options = services.AddOptions<BillingGraphQLOptions>().ValidateOnStart();
        if (configure is not null) options.Configure(configure);
        options.Validate(
            o => o is { MaxBodyBytes: > 0, MaxDocumentLength: > 0, MaxSelections: > 0, MaxDepth: > 0, MaxComplexity: > 0, MaxMutations: > 0, MaxErrors: > 0 }
                && o is { DocumentCacheLength: > 0, MaxSocketMessageBytes: > 0, MaxOperationsPerSocket: > 0, MaxWaitingResults: > 0 }
                && o is { PurchasesAtOnce: > 0, MaxConnectionsPerAccount: > 0, MaxConnectionsPerAddress: > 0 } && o.PurchaseRecovery > TimeSpan.Zero && o.ClockSkew >= TimeSpan.Zero
                && o.Timeout > TimeSpan.Zero && o.ConnectionInitTimeout > TimeSpan.Zero && o.KeepAliveInterval > TimeSpan.Zero && o.KeepAliveTimeout > TimeSpan.Zero,
            "Every bound of the GraphQL API is positive.");

        services.AddMetrics();
        services.AddLogging();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(new ApiTypes(nouns.Length == 0 ? [typeof(BillingGraphQL).Assembly] : nouns));
        services.AddSingleton(typeof(RecordType<>)).AddSingleton(typeof(ContractType<>)).AddSingleton(typeof(MarkerUnion<>));
        services.AddSingleton<DateTimeScalar>().AddSingleton<DecimalScalar>().AddSingleton<UrlScalar>().AddSingleton<CurrencyCodeScalar>();
        services.AddSingleton<IGraphTypeMappingProvider, ApiTypeMapping>();
        services.AddScoped<Nodes>();

        services.AddSingleton(provider => provider.GetRequiredService<IOptions<BillingGraphQLOptions>>().Value);
        services.AddSingleton<DocumentCache>().AddSingleton<OperationPlans>().AddSingleton<Guard>().AddSingleton<Faults>().AddSingleton<Metrics>().AddSingleton<Engine.Engine>();
        services.AddSingleton<IErrorInfoProvider, Engine.ErrorInfo>();
        services.AddSingleton<IDocumentBuilder, BoundedDocumentBuilder>().AddSingleton<IDocumentValidator, KnownDocumentValidator>();

        services.AddSingleton(provider => (AnswerSerializer)provider.GetRequiredService<IGraphQLSerializer>());
        services.AddSingleton<HttpTransport>().AddSingleton<SocketTransport>().AddSingleton<EventStream>().AddSingleton<Origins>().AddSingleton<Connections>();

        services.AddGraphQL(builder => builder
            .AddSchema<BillingSchema>()
            .AddSerializer<AnswerSerializer>()
            .AddScopedSubscriptionExecutionStrategy()
            .ValidateServices()

            // A document may carry a redemption code as a literal.
            .UseTelemetry(telemetry => telemetry.RecordDocument = false));
        services.AddHostedService<SchemaCheck>();
        return services;
    }

    /// <summary>Serves the API over GET, POST, Server-Sent Events and WebSocket. The host calls <c>UseWebSockets</c> before.</summary>
    public static IEndpointConventionBuilder MapBillingGraphQL(this IEndpointRouteBuilder endpoints, string pattern = "/graphql")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var http = endpoints.ServiceProvider.GetRequiredService<HttpTransport>();
        var socket = endpoints.ServiceProvider.GetRequiredService<SocketTransport>();

        // A WebSocket over HTTP/2 arrives as CONNECT.
        return endpoints
            .MapMethods(pattern, ["GET", "POST", "CONNECT"], context => context.WebSockets.IsWebSocketRequest ? socket.Serve(context) : http.Serve(context))
            .WithDisplayName("GraphQL");
    }

    /// <summary>Builds the schema while the host starts, not on the first request.</summary>
    sealed class SchemaCheck(BillingSchema schema) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            schema.Initialize();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
