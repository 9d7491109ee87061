using System.Diagnostics.Metrics;
using Billing.Orders;
using Billing.Storage.WorkItems;
using Microsoft.Extensions.Options;

namespace Billing.Silo.WorkItems;

/// <summary>Counts the open work items for the meter <see cref="MeterName"/>, and calls for somebody when the oldest has waited too long.</summary>
sealed partial class WorkItemWatch : BackgroundService
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Billing.WorkItems";

    readonly WorkItemReader items;
    readonly WorkItemSettings settings;
    readonly TimeProvider time;
    readonly ILogger<WorkItemWatch> log;
    IReadOnlyList<OpenWorkItems> open = [];

    public WorkItemWatch(WorkItemReader items, IOptions<WorkItemSettings> settings, TimeProvider time, IMeterFactory meters, ILogger<WorkItemWatch> log)
    {
        this.items = items;
        this.settings = settings.Value;
        this.time = time;
        this.log = log;
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge(
            "billing.work_items.open", () => open.Select(some => new Measurement<long>(some.Count, new KeyValuePair<string, object?>("kind", StoredNames.Of(some.Kind)))), "{item}",
            "Work items that wait for a person, by kind.");
        meter.CreateObservableGauge("billing.work_items.oldest", () => Oldest().TotalSeconds, "s", "How long the oldest open work item has waited; zero when there is none.");
        meter.CreateObservableGauge(
            "billing.work_items.overdue", () => Oldest() > this.settings.AlertAfter ? 1 : 0, description: "1 when the oldest open work item has waited longer than it may.");
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(settings.Rest, time);
        do
        {
            try
            {
                open = await items.CountOpen(stoppingToken);
                if (Oldest() is var waited && waited > settings.AlertAfter) LogOverdue(open.Sum(some => some.Count), waited);
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // The last counts stand until the next look.
                LogNotCounted(fault);
            }
        }
        while (await Next(timer, stoppingToken));
    }

    static async Task<bool> Next(PeriodicTimer timer, CancellationToken stopping)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    TimeSpan Oldest() => open.Count == 0 ? TimeSpan.Zero : time.GetUtcNow() - open.Min(some => some.OldestOpenedAt);

    [LoggerMessage(4301, LogLevel.Error, "{Open} work items are open, and the oldest has waited for {Waited}: money needs a person. See the administration.")]
    partial void LogOverdue(long open, TimeSpan waited);

    [LoggerMessage(4302, LogLevel.Warning, "The open work items could not be counted; tried again.")]
    partial void LogNotCounted(Exception fault);
}
