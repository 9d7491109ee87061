namespace Billing.Storage;

/// <summary>Where in the journal a moment is.</summary>
static class JournalPlace
{
    // Hosts' clocks are not the same, and a commit may take a while.
    static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    internal const string AtOrAfter = "SELECT position, at FROM journal WHERE position >= @position ORDER BY position LIMIT 1";

    /// <summary>A position that everything lies after that happened since a moment. Something that happened in the minute before it may lie after it too.</summary>
    public static Task<long> Before(Database database, Reader reader, DateTimeOffset since, CancellationToken cancellation) => Find(database, reader, since - Slack, cancellation);

    /// <summary>A position that everything lies before, or at, that happened until a moment.</summary>
    public static Task<long> After(Database database, Reader reader, DateTimeOffset until, CancellationToken cancellation) => Find(database, reader, until + Slack, cancellation);

    // Positions rise with time, but for what was decided at the same moment: half of what is left is put aside with each look, and nothing else is read.
    static async Task<long> Find(Database database, Reader reader, DateTimeOffset moment, CancellationToken cancellation)
    {
        var (low, high) = (0L, await database.JournalEnd(cancellation));
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var row = await reader.One<PlaceRow>(AtOrAfter, new { position = middle + 1 }, cancellation);
            if (row is null || row.At >= moment) high = middle;
            else low = Math.Min(row.Position, high);
        }

        return low;
    }

    sealed class PlaceRow
    {
        public long Position { get; init; }

        public DateTimeOffset At { get; init; }
    }
}
