using System.Globalization;

namespace Billing.Storage.Sqlite;

/// <summary>A moment as SQLite keeps it: ISO 8601 in UTC with six digits after the second, always 27 characters, so that it sorts as text.</summary>
static class SqliteTime
{
    const string Format = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    public static DateTimeOffset Time(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
}
