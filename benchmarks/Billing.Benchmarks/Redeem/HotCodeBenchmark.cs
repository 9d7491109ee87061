using System.Globalization;
using Billing.Benchmarks.Load;
using Billing.Codes;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.Benchmarks.Redeem;

/// <summary>One code that many may redeem, each time by another account, through the grains of a silo in this process.</summary>
static class HotCodeBenchmark
{
    public static async Task<int> Run(Options options)
    {
        var (database, callers) = (options.Text("--database"), options.Number("--callers", 64));
        using var host = await InProcessSilo.Start(options);
        var loop = new ClosedLoop(new(0, options.PostmasterPid));
        try
        {
            var grains = host.Services.GetRequiredService<IGrainFactory>();
            var id = CodeBatch.IdOf("benchmark", Guid.NewGuid().ToString("N"));
            var issued = await grains.GetGrain<ICodeBatchGrain>(id).Issue(
                InProcessSilo.Terms(1, CodeBatchTerms.MostRedemptionsPerCode), null, Actor.Account("benchmark"));
            if (issued.Refusal is { } refusal) throw new InvalidOperationException(refusal.ToString());
            var code = grains.GetGrain<ICodeGrain>((await host.Services.GetRequiredService<ICodeStore>().After(id, 0, 1, CancellationToken.None))[0].State.Key);
            var (run, done) = (Guid.NewGuid().ToString("N")[..8], 0L);
            await loop.Run(callers, options, async (caller, number) =>
            {
                var reply = await code.Redeem(new(string.Create(CultureInfo.InvariantCulture, $"{run}-{caller}-{number}"), [], null), null);
                if (reply.Value is not { Replayed: false }) throw new InvalidOperationException($"{reply.Refusal}");
                Interlocked.Increment(ref done);
            });
            var counted = (await code.Get())!.State.Redemptions;
            return Result.Print(
                $"redeem one code through grains, {database}", "billing", callers, loop, counted == done ? null : $"{done} redemptions were answered, and the code counts {counted}.");
        }
        finally
        {
            await host.StopAsync();
        }
    }
}
