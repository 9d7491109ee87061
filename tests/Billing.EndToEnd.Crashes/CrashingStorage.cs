using System.Diagnostics;
using Orleans.Storage;

namespace Billing.EndToEnd.Crashes;

/// <summary>
/// Kills its own process with SIGKILL before or after the n-th write since it was armed. It is armed by a file that says <c>before 3</c> or <c>after 3</c>, and
/// disarmed by removing the file.
/// </summary>
sealed class CrashingStorage(IGrainStorage inner, string plan, bool apart) : IGrainStorage
{
    /// <summary>The variable that, when it is set, has every document written alone.</summary>
    public const string ApartVariable = "BILLING_TEST_WRITE_APART";

    /// <summary>The environment's variable that names the file.</summary>
    public const string Variable = "BILLING_TEST_CRASH_PLAN";

    int writes;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ReadStateAsync(stateName, grainId, grainState);

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        inner.ReadStateAsync(stateName, grainId, grainState, cancellationToken);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        if (apart && grainState.State is Document { Companions.Count: > 0 }) throw new CompanionOutdatedException("Every document is written alone here.");
        var moment = Moment();
        if (moment == "before") Die();
        await inner.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
        if (moment == "after") Die();
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => inner.ClearStateAsync(stateName, grainId, grainState);

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        inner.ClearStateAsync(stateName, grainId, grainState, cancellationToken);

    /// <summary>When to die, if this is the write.</summary>
    string? Moment()
    {
        if (!File.Exists(plan)) return null;
        var words = File.ReadAllText(plan).Split(' ');
        return Interlocked.Increment(ref writes).ToString(System.Globalization.CultureInfo.InvariantCulture) == words[1] ? words[0] : null;
    }

    static void Die()
    {
        // SIGKILL: nothing is flushed, nothing is answered, no finally runs.
        Process.GetCurrentProcess().Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}
