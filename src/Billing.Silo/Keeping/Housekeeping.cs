using Billing.Silo.Callbacks;
using Billing.Storage.Callbacks;
using Billing.Storage.Statistics;
using Microsoft.Extensions.Options;

namespace Billing.Silo.Keeping;

/// <summary>What may be done now or later: sums the journal up for the statistics, and forgets old callbacks. Every host does it; what one has done, another finds done.</summary>
sealed partial class Housekeeping(StatisticsSummary summary, CallbackStore callbacks, IOptions<CallbackSettings> settings, TimeProvider time, ILogger<Housekeeping> log)
    : BackgroundService
{
    const int ForgetAtOnce = 1_000;

    static readonly TimeSpan Rest = TimeSpan.FromSeconds(20);
    static readonly TimeSpan BetweenPieces = TimeSpan.FromMilliseconds(20);

    // A piece takes longer the busier the database is; this leaves four fifths of the time to those who pay.
    const int RestsForAPiece = 4;
    static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);

    DateTimeOffset forgotten;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Summarize(stoppingToken);
                await Forget(stoppingToken);
                await Task.Delay(Rest, time, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault)
            {
                // Nothing depends on when it is done: statistics read what is not summed up from the journal.
                LogLater(fault);
                if (!await Paused(stoppingToken)) return;
            }
        }
    }

    async Task<bool> Paused(CancellationToken stopping)
    {
        try
        {
            await Task.Delay(Rest, time, stopping);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    async Task Summarize(CancellationToken stopping)
    {
        // While somebody holds a transaction open, nothing beyond it; the next round looks anew.
        var settled = await summary.Settled(stopping);
        var began = time.GetTimestamp();
        while (await summary.Advance(settled, stopping))
        {
            var rest = RestsForAPiece * time.GetElapsedTime(began);
            await Task.Delay(rest > BetweenPieces ? rest : BetweenPieces, time, stopping);
            began = time.GetTimestamp();
        }
    }

    async Task Forget(CancellationToken stopping)
    {
        var now = time.GetUtcNow();
        if (now - forgotten < ForgetEvery) return;
        var all = 0;
        while (await callbacks.Forget(now - settings.Value.KeepFor, ForgetAtOnce, stopping) is > 0 and var some)
        {
            all += some;
            await Task.Delay(BetweenPieces, time, stopping);
        }

        forgotten = now;
        if (all > 0) LogForgotten(all);
    }

    [LoggerMessage(4201, LogLevel.Warning, "Housekeeping failed and is tried again.")]
    partial void LogLater(Exception fault);

    [LoggerMessage(4202, LogLevel.Information, "{Count} callbacks were older than is kept, and are forgotten.")]
    partial void LogForgotten(int count);
}
