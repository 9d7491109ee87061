using Billing.GraphQL.Statistics;
using CsCheck;

namespace Billing.GraphQL.Tests.Statistics;

/// <summary>Time divided as people's calendars do. What a zone's clocks say is asked of the platform here, and of another library in the code under test.</summary>
public sealed class BucketsTests
{
    static readonly string[] Zones =
    [
        "UTC", "Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia",
        "America/New_York",
    ];

    // Years that are over: of the years to come, the two libraries' editions of the zones may know different laws.
    static readonly DateTimeOffset Epoch = new(2008, 1, 1, 0, 0, 0, TimeSpan.Zero);
    const int QuartersOfAnHour = 8 * 365 * 24 * 4;

    [Fact]
    public void Buckets_follow_each_other_hold_the_range_and_begin_where_the_calendar_does() =>
        Gen.Select(Gen.OneOfConst(Zones), Gen.OneOfConst(Enum.GetValues<StatisticsInterval>()), Gen.Int[0, QuartersOfAnHour], Gen.Int[1, 100_000]).Sample((name, interval, quarter, seconds) =>
        {
            var zone = TimeZoneInfo.FindSystemTimeZoneById(name);
            var from = Epoch.AddMinutes(15 * quarter).AddSeconds(seconds % 900);
            var to = from.AddSeconds((long)seconds * interval switch { StatisticsInterval.Hour => 20, StatisticsInterval.Day => 500, StatisticsInterval.Week => 3_000, _ => 3_000 });
            var boundaries = Buckets.Between(from, to, interval, Buckets.Zone(name)!);
            Assert.NotNull(boundaries);
            Assert.True(boundaries[0] <= from && from < boundaries[1], "The range begins in the first bucket.");
            Assert.True(boundaries[^2] < to && to <= boundaries[^1], "The range ends in the last bucket.");
            for (var i = 0; i < boundaries.Count; i++)
            {
                var (at, before) = (boundaries[i], boundaries[i].AddTicks(-1));
                if (i > 0) Assert.True(boundaries[i - 1] < at);
                var clocksChange = zone.GetUtcOffset(before) != zone.GetUtcOffset(at);
                Assert.True(clocksChange || TimeZoneInfo.ConvertTime(at, zone).TimeOfDay.Ticks % TimeSpan.TicksPerHour == 0, $"{at:O} is no full hour there.");
                // Something new begins here, and nothing new began within.
                Assert.NotEqual(Name(before), Name(at));
                if (i > 0) Assert.Equal(Name(boundaries[i - 1]), Name(before));
            }

            string Name(DateTimeOffset at)
            {
                var local = TimeZoneInfo.ConvertTime(at, zone);
                return interval switch
                {
                    StatisticsInterval.Hour => $"{local:yyyy-MM-dd HH zzz}",
                    StatisticsInterval.Day => $"{local:yyyy-MM-dd}",
                    StatisticsInterval.Week => $"{System.Globalization.ISOWeek.GetYear(local.DateTime)}-{System.Globalization.ISOWeek.GetWeekOfYear(local.DateTime)}",
                    _ => $"{local:yyyy-MM}",
                };
            }
        });

    [Theory]
    [InlineData("2026-03-29", 23)]
    [InlineData("2026-10-25", 25)]
    [InlineData("2026-06-01", 24)]
    public void A_day_in_Berlin_is_as_long_as_its_clocks_make_it(string date, int hours)
    {
        var noon = DateTimeOffset.Parse(date + "T12:00:00+01:00", System.Globalization.CultureInfo.InvariantCulture);
        var day = Buckets.Between(noon, noon.AddSeconds(1), StatisticsInterval.Day, Buckets.Zone("Europe/Berlin")!)!;
        Assert.Equal(hours, (day[1] - day[0]).TotalHours);
        Assert.Equal(hours + 1, Buckets.Between(day[0], day[1], StatisticsInterval.Hour, Buckets.Zone("Europe/Berlin")!)!.Count);
    }

    [Fact]
    public void A_day_that_a_place_left_out_is_no_bucket()
    {
        var samoa = Buckets.Zone("Pacific/Apia")!;
        var (before, after) = (new DateTimeOffset(2011, 12, 29, 12, 0, 0, TimeSpan.FromHours(-10)), new DateTimeOffset(2011, 12, 31, 12, 0, 0, TimeSpan.FromHours(14)));
        DateTimeOffset[] midnights = [new(2011, 12, 29, 0, 0, 0, TimeSpan.FromHours(-10)), new(2011, 12, 31, 0, 0, 0, TimeSpan.FromHours(14)), new(2012, 1, 1, 0, 0, 0, TimeSpan.FromHours(14))];
        Assert.Equal(midnights, Buckets.Between(before, after, StatisticsInterval.Day, samoa));
    }

    /// <summary>On St John's the clocks went from a minute past midnight back to a minute past eleven, until 2011.</summary>
    [Fact]
    public void An_hour_that_comes_again_after_midnight_is_the_new_days()
    {
        var stJohns = Buckets.Zone("America/St_Johns")!;
        var (summer, winter) = (TimeSpan.FromMinutes(-150), TimeSpan.FromMinutes(-210));
        DateTimeOffset[] midnights = [new(2008, 11, 2, 0, 0, 0, summer), new(2008, 11, 3, 0, 0, 0, winter)];
        foreach (var at in (DateTimeOffset[])[midnights[0], new(2008, 11, 1, 23, 1, 0, winter), new(2008, 11, 1, 23, 59, 59, winter), new(2008, 11, 2, 0, 0, 0, winter)])
            Assert.Equal(midnights, Buckets.Between(at, at.AddSeconds(1), StatisticsInterval.Day, stJohns));

        DateTimeOffset[] hours = [midnights[0], new(2008, 11, 1, 23, 1, 0, winter), new(2008, 11, 2, 0, 0, 0, winter), new(2008, 11, 2, 1, 0, 0, winter)];
        Assert.Equal(hours, Buckets.Between(hours[0], hours[^1], StatisticsInterval.Hour, stJohns));
    }

    [Fact]
    public void There_are_so_many_buckets_and_no_more()
    {
        var utc = Buckets.Zone("UTC")!;
        Assert.Equal(Buckets.Most + 1, Buckets.Between(Epoch, Epoch.AddHours(Buckets.Most), StatisticsInterval.Hour, utc)!.Count);
        Assert.Null(Buckets.Between(Epoch, Epoch.AddHours(Buckets.Most).AddTicks(1), StatisticsInterval.Hour, utc));
        Assert.Null(Buckets.Between(DateTimeOffset.MinValue, Epoch, StatisticsInterval.Month, utc));
        Assert.Null(Buckets.Between(Epoch, DateTimeOffset.MaxValue, StatisticsInterval.Month, utc));
        Assert.Equal([], Buckets.Between(Epoch, Epoch, StatisticsInterval.Hour, utc));
        Assert.Null(Buckets.Zone("Mars/Olympus"));
    }
}
