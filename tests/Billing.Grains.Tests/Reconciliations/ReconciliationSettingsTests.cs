using Billing.Reconciliations;

namespace Billing.Tests.Reconciliations;

public class ReconciliationSettingsTests
{
    static readonly DateOnly First = new(2026, 3, 1);

    [Theory]
    [InlineData("2026-03-02T03:59:59Z", -1)]
    [InlineData("2026-03-02T04:00:00Z", 0)]
    [InlineData("2026-03-03T03:59:59Z", 0)]
    [InlineData("2026-03-03T04:00:00Z", 1)]
    public void A_day_is_due_at_the_time_that_is_set_once_it_is_over(string now, int last) =>
        Assert.Equal([last - 2, last - 1, last], Due(new(), now));

    [Theory]
    [InlineData("2026-03-02T16:00:00Z", -1)]
    [InlineData("2026-03-03T03:59:59Z", -1)]
    [InlineData("2026-03-03T04:00:00Z", 0)]
    public void A_day_that_ends_later_than_that_is_due_on_the_next_date(string now, int last) =>
        Assert.Equal([last - 2, last - 1, last], Due(new() { DayStartsAt = new(16, 0) }, now));

    [Fact]
    public void Days_follow_each_other_without_a_gap()
    {
        var settings = new ReconciliationSettings { DayStartsAt = new(16, 0) };
        Assert.Equal(new(2026, 3, 1, 16, 0, 0, TimeSpan.Zero), settings.Bounds(First).From);
        for (var day = First; day < First.AddDays(40); day = day.AddDays(1)) Assert.Equal(settings.Bounds(day).To, settings.Bounds(day.AddDays(1)).From);
    }

    [Fact]
    public void None_is_due_where_it_is_not_done_by_itself() => Assert.Empty(Due(new() { Daily = false }, "2026-03-02T12:00:00Z"));

    static IEnumerable<int> Due(ReconciliationSettings settings, string now) =>
        settings.DueDays(DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture)).Select(day => day.DayNumber - First.DayNumber);
}
