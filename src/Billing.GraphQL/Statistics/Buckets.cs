using NodaTime;
using NodaTime.TimeZones;

namespace Billing.GraphQL.Statistics;

/// <summary>How long a bucket is.</summary>
public enum StatisticsInterval
{
    /// <summary>An hour of the clock.</summary>
    Hour,

    /// <summary>A day, from midnight; of 23 or 25 hours where the clocks change.</summary>
    Day,

    /// <summary>A week, from Monday.</summary>
    Week,

    /// <summary>A month.</summary>
    Month,
}

/// <summary>Divides time as a time zone's calendar does. Pure.</summary>
static class Buckets
{
    /// <summary>The most buckets in one question: a month of hours, and three years of days.</summary>
    public const int Most = 1_100;

    static readonly Instant Earliest = Instant.FromUtc(1970, 1, 1, 0, 0);
    static readonly Instant Latest = Instant.FromUtc(9000, 1, 1, 0, 0);

    /// <summary>The zone with this IANA name; null when there is none.</summary>
    public static DateTimeZone? Zone(string name) => DateTimeZoneProviders.Tzdb.GetZoneOrNull(name);

    /// <summary>
    /// The boundaries of the buckets that have a moment of the range in them, ascending: from the beginning of the first to the end of the last. Empty when the range
    /// is; null when there are more than <see cref="Most"/> buckets, or the range leaves the calendar.
    /// </summary>
    public static IReadOnlyList<DateTimeOffset>? Between(DateTimeOffset from, DateTimeOffset to, StatisticsInterval interval, DateTimeZone zone)
    {
        if (from >= to) return [];
        var (first, last) = (Instant.FromDateTimeOffset(from), Instant.FromDateTimeOffset(to));
        if (first < Earliest || last > Latest) return null;
        var boundaries = new List<DateTimeOffset>();
        var at = Beginning(first, interval, zone);
        // Clocks that went back across midnight told the day before once more, when the next had begun; that hour is the new day's, as on St John's until 2011.
        while (Next(at, interval, zone) is var next && next <= first) at = next;
        while (true)
        {
            boundaries.Add(at.ToDateTimeOffset());
            if (at >= last) return boundaries;
            if (boundaries.Count > Most) return null;
            at = Next(at, interval, zone);
        }
    }

    static readonly ZoneLocalMappingResolver OnlyForward = Resolvers.CreateMappingResolver(Resolvers.ReturnEarlier, Resolvers.ReturnStartOfIntervalAfter);

    static Instant Beginning(Instant at, StatisticsInterval interval, DateTimeZone zone)
    {
        var local = at.InZone(zone).LocalDateTime;
        return interval switch
        {
            StatisticsInterval.Hour => BeginningOfHour(at, zone),
            StatisticsInterval.Day => Midnight(local.Date, zone),
            StatisticsInterval.Week => Midnight(local.Date.PlusDays(1 - (int)local.DayOfWeek), zone),
            _ => Midnight(new LocalDate(local.Year, local.Month, 1), zone),
        };
    }

    static Instant Next(Instant beginning, StatisticsInterval interval, DateTimeZone zone)
    {
        // A day may begin after midnight, where the clocks go forward then; its date is what it is.
        var date = beginning.InZone(zone).Date;
        return interval switch
        {
            StatisticsInterval.Hour => NextHour(beginning, zone),
            StatisticsInterval.Day => Midnight(date.PlusDays(1), zone),
            StatisticsInterval.Week => Midnight(date.PlusDays(7), zone),
            _ => Midnight(date.PlusMonths(1), zone),
        };
    }

    // Its beginning where the clocks go forward then; and a day that a place left out begins with the next one, as the 30th of December 2011 did on Samoa.
    static Instant Midnight(LocalDate date, DateTimeZone zone) => zone.ResolveLocal(date.AtMidnight(), OnlyForward).ToInstant();

    // Where the clocks change within an hour, or by half of one, an hour of the clock is cut there.
    static Instant BeginningOfHour(Instant at, DateTimeZone zone)
    {
        var interval = zone.GetZoneInterval(at);
        var local = at.InZone(zone).LocalDateTime;
        var beginning = at - Duration.FromTicks(local.TimeOfDay.TickOfDay % NodaConstants.TicksPerHour);
        return interval.HasStart && interval.Start > beginning ? interval.Start : beginning;
    }

    static Instant NextHour(Instant beginning, DateTimeZone zone)
    {
        var interval = zone.GetZoneInterval(beginning);
        var local = beginning.InZone(zone).LocalDateTime;
        var next = beginning + Duration.FromTicks(NodaConstants.TicksPerHour - (local.TimeOfDay.TickOfDay % NodaConstants.TicksPerHour));
        return interval.HasEnd && interval.End < next ? interval.End : next;
    }
}
