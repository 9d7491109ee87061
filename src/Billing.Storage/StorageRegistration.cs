using System.Diagnostics.Metrics;
using System.Text.Json.Serialization;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Codes;
using Billing.Deadlines;
using Billing.Orders;
using Billing.Reconciliations;
using Billing.Storage.Accounts;
using Billing.Storage.Audit;
using Billing.Storage.Callbacks;
using Billing.Storage.Catalog;
using Billing.Storage.Codes;
using Billing.Storage.Documents;
using Billing.Storage.Methods;
using Billing.Storage.Orders;
using Billing.Storage.Postgres;
using Billing.Storage.Reconciliations;
using Billing.Storage.Search;
using Billing.Storage.Sqlite;
using Billing.Storage.Statistics;
using Billing.Storage.Verify;
using Billing.Storage.Webhooks;
using Billing.Storage.WorkItems;
using Billing.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Orleans.Serialization;
using Orleans.Storage;

namespace Billing.Storage;

/// <summary>Puts the storage into a host.</summary>
public static class StorageRegistration
{
    /// <summary>The name of the ADO.NET storage for grains that hold no money.</summary>
    public const string Housekeeping = "housekeeping";

    const string PostgresInvariant = "Npgsql";

    /// <summary>Orleans' name for Microsoft.Data.Sqlite.</summary>
    const string SqliteInvariant = "System.Data.SQLite";

    /// <summary>
    /// The grain store <c>documents</c> and the readers. The nouns are registered by the caller, as <see cref="DocumentKind"/>s. The schema is applied
    /// before any hosted service starts, the silo among them.
    /// </summary>
    public static IServiceCollection AddBillingStorage(this IServiceCollection services, StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        if (options.UsesPostgres)
        {
            services.AddSingleton<PostgresDatabase>();
            services.AddSingleton<Database>(provider => provider.GetRequiredService<PostgresDatabase>());
        }
        else
        {
            services.AddSingleton<SqliteDatabase>();
            services.AddSingleton<Database>(provider => provider.GetRequiredService<SqliteDatabase>());
        }

        services.AddSingleton(provider => new StorageMetrics(provider.GetRequiredService<IMeterFactory>()));
        services.AddSingleton(provider => new WriteQueue(
            provider.GetRequiredService<Database>().Committers(provider.GetRequiredService<StorageMetrics>()),
            options,
            provider.GetRequiredService<StorageMetrics>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<WriteQueue>>()));
        services.AddKeyedSingleton<IGrainStorage>(DocumentStorage.Name, (provider, _) => new DocumentStorage(
            provider.GetRequiredService<Database>(), provider.GetRequiredService<WriteQueue>(), provider.GetServices<DocumentKind>()));
        services.AddSingleton(provider => new OrderReader(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new RefundReader(provider.GetRequiredService<Database>()));
        services.AddSingleton<IOrderSlots, OrderSlots>();
        services.AddSingleton(provider => new AccountReader(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new LedgerReader(provider.GetRequiredService<Database>()));
        services.AddSingleton<ILedger>(provider => provider.GetRequiredService<LedgerReader>());
        services.AddSingleton<IReservations, Reservations>();
        services.AddSingleton<IPaidOrders, PaidOrders>();
        services.AddSingleton(provider => new CodeReader(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new CodeBatchReader(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new RedemptionReader(provider.GetRequiredService<Database>()));
        services.AddSingleton<IRedemptions>(provider => provider.GetRequiredService<RedemptionReader>());
        services.AddSingleton<ICodeStore, CodeStore>();
        services.AddSingleton(provider => new PlanReader(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new WorkItemReader(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new CallbackStore(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new MethodActivityReader(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new StatisticsReader(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new StatisticsSummary(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new OutstandingReader(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new SearchReader(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new AuditReader(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new ActStore(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new JournalReader(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new RedemptionAudit(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new ColumnReader(provider.GetRequiredService<Database>()));
        services.AddSingleton(provider => new DatabaseHealth(provider.GetRequiredService<Database>()));
        services.AddSingleton<IDeadlines, Deadlines.Deadlines>();
        services.AddSingleton<IReconciliations, Reconciliations.Reconciliations>();
        services.AddSingleton(provider => new ReconciliationReader(provider.GetRequiredService<Database>()));
        services.AddSingleton<IWebhookDeliveries, WebhookDeliveries>();
        services.AddSingleton(provider => new WebhookReader(provider.GetRequiredService<Database>()));
        services.AddHostedService<SchemaAtStart>();
        return services;
    }

    /// <summary>
    /// Orleans' own tables: housekeeping state and reminders, and on PostgreSQL the cluster's membership. On SQLite there is one silo, and the host says so
    /// with <c>UseLocalhostClustering</c>: <see cref="StorageOptions.UsesPostgres"/> tells. Needs <see cref="AddBillingStorage"/> with the same options.
    /// </summary>
    public static ISiloBuilder UseBillingStorage(this ISiloBuilder silo, StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        // Orleans' default serializer drops zeros and falses from what it stores; this one keeps them, and nulls when told to.
        silo.UseSystemTextJsonGrainStorageSerializer();
        silo.Services.Configure<SystemTextJsonGrainStorageSerializerOptions>(
            serializer => serializer.JsonSerializerOptions.DefaultIgnoreCondition = JsonIgnoreCondition.Never);
        // A fault of ours may have the driver's as its reason, or another of ours. Orleans tells a caller on another silo nothing of an exception with a reason that it does not know.
        silo.Services.Configure<ExceptionSerializationOptions>(exceptions => exceptions.SupportedNamespacePrefixes.UnionWith([nameof(Npgsql), nameof(Billing)]));
        if (options.UsesPostgres)
        {
            silo.AddAdoNetGrainStorage(Housekeeping, storage => storage.Configure<PostgresDatabase>((storage, database) =>
            {
                storage.Invariant = PostgresInvariant;
                storage.DataSource = database.Source;
            }));
            silo.UseAdoNetReminderService(reminders => reminders.Configure<PostgresDatabase>((reminders, database) =>
            {
                reminders.Invariant = PostgresInvariant;
                reminders.DataSource = database.Source;
            }));
            silo.UseAdoNetClustering(clustering => clustering.Configure<PostgresDatabase>((clustering, database) =>
            {
                clustering.Invariant = PostgresInvariant;
                clustering.DataSource = database.Source;
            }));
        }
        else
        {
            silo.AddAdoNetGrainStorage(Housekeeping, storage => storage.Configure<SqliteDatabase>((storage, database) =>
            {
                storage.Invariant = SqliteInvariant;
                storage.ConnectionString = database.ConnectionString;
            }));
            silo.UseAdoNetReminderService(reminders => reminders.Configure<SqliteDatabase>((reminders, database) =>
            {
                reminders.Invariant = SqliteInvariant;
                reminders.ConnectionString = database.ConnectionString;
            }));
        }

        return silo;
    }
}
