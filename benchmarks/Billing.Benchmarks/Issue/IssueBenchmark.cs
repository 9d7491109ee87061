using System.Diagnostics;
using System.Globalization;
using Billing.Benchmarks.Load;
using Billing.Codes;
using Billing.Storage.Codes;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.Benchmarks.Issue;

/// <summary>
/// A batch of codes from the order until the last code is stored, through the grain of a silo in this process: made, hashed, encrypted, and stored with their
/// journal rows. What is there afterwards is read again, code by code.
/// </summary>
static class IssueBenchmark
{
    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(12);

    public static async Task<int> Run(Options options)
    {
        var (database, count, id) = (options.Text("--database"), options.Number("--count", 100_000), CodeBatch.IdOf("benchmark", Guid.NewGuid().ToString("N")));
        using var host = await InProcessSilo.Start(options);
        try
        {
            var batch = host.Services.GetRequiredService<IGrainFactory>().GetGrain<ICodeBatchGrain>(id);
            // What .NET compiles, it compiles here.
            await Issued(host.Services.GetRequiredService<IGrainFactory>().GetGrain<ICodeBatchGrain>(CodeBatch.IdOf("benchmark", "warm-up" + id)), 20_000);
            GC.Collect();
            var idle = Math.Round(Environment.WorkingSet / (1024.0 * 1024));
            var cpu = new CpuMeter(0, options.PostmasterPid);
            var (used, began) = (cpu.Read(), Stopwatch.GetTimestamp());
            await Issued(batch, count);
            var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
            var use = cpu.Read() - used;
            var peak = PeakMemory.Megabytes();
            return Result.Print(
                $"issue {count} codes, {database}", "billing", count, seconds, use, await Wrong(host.Services.GetRequiredService<CodeReader>(), host.Services.GetRequiredService<CodeVault>(), id, count),
                string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s, {idle:0} MB before, at most {peak:0} MB"));
        }
        finally
        {
            await host.StopAsync();
        }
    }

    static async Task Issued(ICodeBatchGrain batch, int count)
    {
        var began = Stopwatch.GetTimestamp();
        var reply = await batch.Issue(InProcessSilo.Terms(count), null, Actor.Account("benchmark"));
        if (reply.Refusal is { } refusal) throw new InvalidOperationException(refusal.ToString());
        while (!(await batch.Get())!.State.IsIssued)
        {
            if (Stopwatch.GetElapsedTime(began) > Patience) throw new TimeoutException($"{(await batch.Get())!.State.Issued} of {count} codes are issued.");
            await Task.Delay(Look);
        }
    }

    static async Task<string?> Wrong(CodeReader codes, CodeVault vault, string batchId, int count)
    {
        var next = 1;
        await foreach (var code in codes.Stream(batchId, CancellationToken.None))
        {
            if (code.Ordinal != next++) return $"After code {next - 2} comes {code.Ordinal}.";
            if (vault.KeyOf(vault.Open(code.Sealed, code.Key)) != code.Key) return $"Code {code.Ordinal} is not what was sealed.";
        }

        return next - 1 == count ? null : $"{next - 1} codes are stored.";
    }
}
