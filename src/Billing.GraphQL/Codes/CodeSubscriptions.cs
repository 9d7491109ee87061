using System.Runtime.CompilerServices;
using Billing.Codes;
using Domain = Billing.Codes;

namespace Billing.GraphQL.Codes;

/// <summary>Batches as they change.</summary>
[SubscriptionType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class CodeSubscriptions
{
    /// <summary>Administrators: how far the issue, or the disabling, of a batch has come; its present state first.</summary>
    public static IAsyncEnumerable<CodeBatch> CodeBatchChanged([Id] string id, IGrainFactory grains, TimeProvider time, CancellationToken cancel)
    {
        return Watch(cancel);

        async IAsyncEnumerable<CodeBatch> Watch([EnumeratorCancellation] CancellationToken token)
        {
            if (CodeBatchKey.Of(id) is not { } key) throw NotFound();
            var grain = grains.GetGrain<ICodeBatchGrain>(key);
            if (await grain.Get() is not { } first) throw NotFound();
            using var watcher = new CodeBatchWatcher();
            await foreach (var batch in Watching.Of(
                watcher.Watched, -1, first, grains.CreateObjectReference<ICodeBatchWatcher>(watcher),
                grain.Watch, grain.Unwatch, grains.DeleteObjectReference<ICodeBatchWatcher>, time, token))
            {
                yield return CodeBatch.Of(batch);
            }
        }

        static BadRequestFault NotFound() => new("CODE_BATCH_NOT_FOUND", "There is no such batch. Check its id.");
    }

    sealed class CodeBatchWatcher : ICodeBatchWatcher, IDisposable
    {
        public Watched<Domain.CodeBatch> Watched { get; } = new();

        public Task Changed(Versioned<Domain.CodeBatch> batch)
        {
            Watched.Changed(batch);
            return Task.CompletedTask;
        }

        public Task Renew()
        {
            Watched.Renew();
            return Task.CompletedTask;
        }

        public void Dispose() => Watched.Dispose();
    }
}
