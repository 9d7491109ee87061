namespace Billing.Silo.Exports;

/// <summary>Exports under way. Each holds a connection to the database for as long as its reader takes, and the pages need some too.</summary>
sealed class ExportTurns
{
    /// <summary>How many may be under way at once on a host.</summary>
    public const int Most = 4;

    const int RetryAfterSeconds = 30;

    int underWay;

    /// <summary>Takes a turn, which ends when it is disposed of; when there is none, answers so and gives null.</summary>
    public async Task<IDisposable?> Take(HttpResponse response)
    {
        if (Interlocked.Increment(ref underWay) <= Most) return new Turn(this);
        Interlocked.Decrement(ref underWay);
        response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        await Export.Refuse(response, StatusCodes.Status503ServiceUnavailable, $"{Most} exports are under way. Follow the link again in a moment; it is good for ten minutes.");
        return null;
    }

    sealed class Turn(ExportTurns turns) : IDisposable
    {
        int ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref ended, 1) == 0) Interlocked.Decrement(ref turns.underWay);
        }
    }
}
