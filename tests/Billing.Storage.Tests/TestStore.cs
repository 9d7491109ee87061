using Billing.Accounts;
using Billing.Catalog;
using Billing.Codes;
using Billing.Orders;
using Billing.Storage.Documents;
using Billing.Unclaimed;
using Billing.Webhooks;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orleans.Storage;

namespace Billing.Storage.Tests;

/// <summary>A store as a host has it, over some database; several may be over the same one.</summary>
sealed class TestStore : IAsyncDisposable
{
    readonly ServiceProvider services;

    public TestStore(StorageOptions options)
    {
        var collection = new ServiceCollection();
        collection.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        foreach (var kind in Kinds) collection.AddSingleton(kind);
        collection.AddBillingStorage(options);
        services = collection.BuildServiceProvider();
        Options = options;
    }

    public static IReadOnlyList<DocumentKind> Kinds { get; } =
    [
        OrderDocument.Kind, AccountDocument.Kind, PlanDocument.Kind, UnclaimedPaymentDocument.Kind, CodeDocument.Kind, CodeBatchDocument.Kind,
        WebhookEndpointDocument.Kind,
    ];

    public StorageOptions Options { get; }

    public Database Database => services.GetRequiredService<Database>();

    public StorageMetrics Metrics => services.GetRequiredService<StorageMetrics>();

    public IGrainStorage Documents => services.GetRequiredKeyedService<IGrainStorage>(DocumentStorage.Name);

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    public async Task<GrainState<Document>> Read(DocumentKind kind, string key)
    {
        var state = new GrainState<Document>(new Document());
        await Documents.ReadStateAsync(kind.Noun, GrainId.Create(kind.Noun, key), state);
        return state;
    }

    /// <summary>Writes over <paramref name="version"/>, which is 0 when nothing is there.</summary>
    public async Task Write(DocumentKind kind, string key, long version, Document document)
    {
        var state = new GrainState<Document>(document, version == 0 ? null! : version.ToString(System.Globalization.CultureInfo.InvariantCulture));
        await Documents.WriteStateAsync(kind.Noun, GrainId.Create(kind.Noun, key), state);
    }

    public async Task<long> Version(DocumentKind kind, string key) =>
        await Database.Read(kind, key, TestContext.Current.CancellationToken) is { } stored ? stored.Version : 0;

    public async Task<long> Count(string statement, object? parameters = null)
    {
        await using var connection = await Database.Open(TestContext.Current.CancellationToken);
        return await connection.ExecuteScalarAsync<long>(statement, parameters);
    }

    public async Task Execute(string statement)
    {
        await using var connection = await Database.Open(TestContext.Current.CancellationToken);
        await connection.ExecuteAsync(statement);
    }

    public ValueTask DisposeAsync() => services.DisposeAsync();
}

/// <summary>Lets commits begin when the test says so, records what they held, and may fail them after they were done.</summary>
sealed class GatedCommitter(ICommitter inner) : ICommitter
{
    readonly SemaphoreSlim gate = new(0);
    readonly SemaphoreSlim arrived = new(0);

    public List<string[]> Commits { get; } = [];

    /// <summary>When it is set, each commit writes it and loses the answer.</summary>
    public Document? LostDocument { get; set; }

    public bool IsSynchronous => false;

    public async ValueTask Commit(IReadOnlyList<PendingWrite> writes)
    {
        Commits.Add([.. writes.Select(write => $"{write.Own.Key}@{write.Own.Version}")]);
        arrived.Release();
        await gate.WaitAsync();
        if (LostDocument is null)
        {
            await inner.Commit(writes);
            return;
        }

        // Twins of the writes, so that the answer reaches nobody.
        await inner.Commit([.. writes.Select(write => new PendingWrite(PendingDocument.Of(write.Own.Kind, write.Own.Key, write.Own.Version - 1, LostDocument!)))]);
        throw new IOException("The answer was lost.");
    }

    public Task Arrival() => arrived.WaitAsync(TimeSpan.FromSeconds(30));

    public void Open(int commits = 1_000) => gate.Release(commits);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
