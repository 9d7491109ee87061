using Billing.GraphQL.Accounts;
using Billing.GraphQL.Callbacks;
using Billing.GraphQL.Catalog;
using Billing.GraphQL.Codes;
using Billing.GraphQL.Orders;
using Billing.GraphQL.Reconciliations;
using Billing.GraphQL.Search;
using Billing.GraphQL.Statistics;
using Billing.GraphQL.Webhooks;
using Billing.GraphQL.WorkItems;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.GraphQL;

/// <summary>Puts the nouns' loaders and sources into a host.</summary>
public static class NounRegistration
{
    /// <summary>What the resolvers of this assembly take beside grains and readers.</summary>
    public static IServiceCollection AddBillingNouns(this IServiceCollection services) => services
        .AddScoped<PlanLoader>().AddScoped<AccountLoader>().AddScoped<OrderLoader>().AddScoped<TimelineLoader>().AddScoped<CodeBatchLoader>().AddScoped<CodeCountLoader>()
        .AddScoped<CodeLoader>().AddScoped<StoredCodesLoader>()
        .AddSingleton<AttemptLimits>().AddSingleton<CodeAttempts>().AddSingleton<RedemptionCodes>().AddSingleton<CodeIssue>().AddSingleton<ExportLinks>()
        .AddSingleton<IFieldLimits, PurchaseLimits>().AddSingleton<OrderExportLinks>().AddSingleton<Outstanding>().AddScoped<AdministratorSearch>()
        .AddScoped<CallbackLoader>().AddScoped<CallbackReplayLoader>().AddScoped<INodeSource, CallbackNodes>()
        .AddScoped<INodeSource, AccountNodes>().AddScoped<INodeSource, LedgerEntryNodes>().AddScoped<INodeSource, OrderNodes>().AddScoped<INodeSource, RefundNodes>()
        .AddScoped<INodeSource, PlanNodes>().AddScoped<INodeSource, WorkItemNodes>()
        .AddScoped<INodeSource, CodeBatchNodes>().AddScoped<INodeSource, RedemptionCodeNodes>().AddScoped<INodeSource, RedemptionNodes>()
        .AddScoped<INodeSource, WebhookEndpointNodes>().AddScoped<INodeSource, WebhookDeliveryNodes>()
        .AddScoped<INodeSource, ReconciliationNodes>();
}
