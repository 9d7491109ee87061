using System.Diagnostics;

namespace Billing.EndToEnd.Hosts;

/// <summary>Waits for conditions, with a patience that only a fault outlasts.</summary>
public static class Until
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks until the answer is good, and gives it.</summary>
    public static async Task<T> Is<T>(Func<Task<T>> ask, Func<T, bool> good, string what, TimeSpan? patience = null)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var answer = await ask();
            if (good(answer)) return answer;
            if (Stopwatch.GetElapsedTime(start) > (patience ?? Patience)) Assert.Fail($"It never became so: {what}. The last answer was: {answer}");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// Asks until there is an answer. Who is told to try again, or that the outcome is unknown, repeats it, as clients do: for some seconds after a host was killed,
    /// what was in its memory is looked for there.
    /// </summary>
    public static async Task<T> Answered<T>(Func<Task<T>> ask)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await ask();
            }
            catch (Xunit.Sdk.XunitException refused) when (IsToRepeat(refused) && Stopwatch.GetElapsedTime(start) < Patience)
            {
                await Task.Delay(100, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Whether an answer says that it can be asked again.</summary>
    public static bool IsToRepeat(Xunit.Sdk.XunitException refused) =>
        refused.Message.Contains("TRY_AGAIN", StringComparison.Ordinal) || refused.Message.Contains("OUTCOME_UNKNOWN", StringComparison.Ordinal);
}
