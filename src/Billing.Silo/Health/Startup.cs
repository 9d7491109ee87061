using Billing.Channels;
using Billing.Codes;
using Billing.Deadlines;
using Billing.Reconciliations;
using Billing.Silo.Demonstration;
using Billing.Webhooks;
using Microsoft.Extensions.Options;

namespace Billing.Silo.Health;

/// <summary>What is done once the silo runs: the deadlines are swept, webhooks are told, the providers' records are compared, and the demonstration's plans and codes are there if they are wanted.</summary>
sealed partial class Startup(
    IGrainFactory grains, CodeVault vault, IPaymentMethods methods, IOptions<DeadlineSettings> deadlines, IConfiguration configuration, ILogger<Startup> log, TimeProvider time) : BackgroundService
{
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Whether it is done: the host is ready.</summary>
    public bool IsDone { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                for (var shard = 0; shard < deadlines.Value.Shards; shard++) await grains.GetGrain<IDeadlineGrain>(shard).Ensure();
                await grains.GetGrain<IWebhookDispatchGrain>(0).Ensure();
                foreach (var method in methods.All) await grains.GetGrain<IReconciliationGrain>(method.Id).Ensure();
                if (configuration.GetValue<bool>("Billing:Demonstration"))
                {
                    await new DemonstrationPlans(grains).Make();
                    await new DemonstrationCodes(grains, vault).Make();
                }

                IsDone = true;
                return;
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // The database or the cluster is not ready; neither is this host, and it says so.
                LogNotReady(fault);
                await Task.Delay(Pause, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(4001, LogLevel.Warning, "The deadlines could not be started; trying again.")]
    partial void LogNotReady(Exception fault);
}
