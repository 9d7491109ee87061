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
}
