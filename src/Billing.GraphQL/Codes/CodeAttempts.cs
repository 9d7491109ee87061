using Billing.Codes;
using Billing.GraphQL.Orders;
using Microsoft.Extensions.Options;
using Orleans.Storage;

namespace Billing.GraphQL.Codes;

/// <summary>Tries what somebody typed: reads it, within the limits, asks the code's grain, and lets nobody see by the time it takes whether a code exists.</summary>
public sealed class CodeAttempts(CodeVault vault, IGrainFactory grains, AttemptLimits limits, IOptions<CodeSettings> settings, TimeProvider time)
{
    // Another writer may win as often as there are others; a batch that is being disabled does so once.
    const int Tries = 3;

    // So long, times the number of the try, for a grain that is being replaced.
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Tries a code.</summary>
    /// <param name="asked">What is asked, for the metrics.</param>
    /// <param name="typed">What was typed.</param>
    /// <param name="account">Who tries.</param>
    /// <param name="client">From where.</param>
    /// <param name="ask">Asks the code's grain; null for what shall pass for no code.</param>
    /// <param name="refusal">Why it refused; null when it did not.</param>
    /// <param name="cancel">Ends the wait for the answer.</param>
    internal async Task<Attempted<T>> Try<T>(
        string asked, string typed, string account, ClientInfo client, Func<ICodeGrain, Task<T?>> ask, Func<T, CodeError?> refusal, CancellationToken cancel)
        where T : class
    {
        var began = time.GetTimestamp();
        if (limits.Take(account, client.Address, out var retryAfter) is not { } attempt)
        {
            limits.Count(asked, nameof(RateLimited));
            return new(null, retryAfter);
        }

        T? answer = null;
        var found = true;
        try
        {
            answer = await Find(typed, ask);
            found = answer is not null;
        }
        finally
        {
            // A fault tells nothing about the code.
            if (!found)
                attempt.Failed();
            else if (answer is not null && refusal(answer) is not null)
                attempt.Refused();
            else
                attempt.Succeeded();
        }

        if (answer is null) await ToTheFull(began, cancel);
        limits.Count(asked, answer is null ? nameof(CodeNotFound) : refusal(answer)?.GetType().Name ?? "Done");
        return new(answer, null);
    }

    /// <summary>What the code's grain answers; null when there is none. What can be no code is looked up nowhere.</summary>
    internal async Task<T?> Find<T>(string typed, Func<ICodeGrain, Task<T?>> ask)
        where T : class
    {
        if (CodeText.Read(typed) is not { } text) return null;
        foreach (var key in vault.KeysOf(text))
        {
            if (await Ask(grains.GetGrain<ICodeGrain>(key), ask, time) is { } answer) return answer;
        }

        return null;
    }

    /// <summary>Another writer won: what it wrote decides, and redeeming again is the same wish. So the loser is told why.</summary>
    static async Task<T?> Ask<T>(ICodeGrain code, Func<ICodeGrain, Task<T?>> ask, TimeProvider time)
        where T : class
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return await ask(code);
            }
            catch (Exception fault) when (fault is InconsistentStateException or OutcomeUnknownException && tries < Tries)
            {
                await Task.Delay(Pause * tries, time);
            }
        }
    }

    // Not a floor alone: under load, or from a cold database, they take longer than that, and not equally long.
    async Task ToTheFull(long began, CancellationToken cancel)
    {
        var step = settings.Value.NotFoundTime;
        if (step <= TimeSpan.Zero) return;
        var end = step * Math.Max(1, Math.Ceiling(time.GetElapsedTime(began) / step));
        while (end - time.GetElapsedTime(began) is var left && left > TimeSpan.Zero) await Task.Delay(left, time, cancel);
    }
}

/// <summary>What became of an attempt.</summary>
/// <param name="Answer">The grain's answer; null when there is no such code, or nothing was asked.</param>
/// <param name="RetryAfter">When the next attempt is possible, if this one was not.</param>
sealed record Attempted<T>(T? Answer, TimeSpan? RetryAfter)
    where T : class;
