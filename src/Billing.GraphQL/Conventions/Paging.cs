using System.Buffers.Text;
using System.Globalization;
using System.Text.Json;

namespace Billing.GraphQL;

/// <summary>A page of a list.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Edges">The items with their cursors.</param>
/// <param name="Nodes">The items alone.</param>
/// <param name="PageInfo">Whether there is more, and where.</param>
/// <param name="TotalCount">How many there are over all pages; null where counting them would cost too much.</param>
public sealed record Connection<T>(IReadOnlyList<Edge<T>> Edges, IReadOnlyList<T> Nodes, PageInfo PageInfo, int? TotalCount)
    where T : class;

/// <summary>An item of a page.</summary>
/// <typeparam name="T">What is listed.</typeparam>
/// <param name="Cursor">Where the item stands, for <c>after</c> and <c>before</c>.</param>
/// <param name="Node">The item.</param>
public sealed record Edge<T>(string Cursor, T Node)
    where T : class;

/// <summary>Whether there is more, and where.</summary>
/// <param name="HasNextPage">Whether there are items after the last one here.</param>
/// <param name="HasPreviousPage">Whether there are items before the first one here.</param>
/// <param name="StartCursor">The first item's cursor.</param>
/// <param name="EndCursor">The last item's cursor.</param>
public sealed record PageInfo(bool HasNextPage, bool HasPreviousPage, string? StartCursor, string? EndCursor);

/// <summary>Which page is asked for: forward from a cursor, or backward to one.</summary>
/// <param name="Size">How many items.</param>
/// <param name="Backward">Whether the page is the one before the cursor.</param>
/// <param name="Cursor">Where it starts; null at the list's end that it is read from.</param>
public sealed record Page(int Size, bool Backward, string? Cursor)
{
    /// <summary>The size when none is given.</summary>
    public const int Usual = 20;

    /// <summary>The largest size.</summary>
    public const int Largest = 100;

    /// <summary>How many rows to read: one more than the page, to learn whether there is another.</summary>
    public int Rows => Size + 1;

    /// <summary>Reads the four arguments of a connection.</summary>
    /// <exception cref="BadRequestFault">The page is too large, or the arguments contradict each other.</exception>
    public static Page From(int? first, string? after = null, int? last = null, string? before = null)
    {
        if (first is not null && last is not null)
            throw new BadRequestFault(ErrorCodes.BadPage, "Give 'first' or 'last', not both.");
        var backward = last is not null || (first is null && before is not null && after is null);
        if (backward ? after is not null : before is not null)
            throw new BadRequestFault(ErrorCodes.BadPage, "Use 'first' with 'after', or 'last' with 'before'.");
        return new(CheckSize(backward ? last : first, backward ? "last" : "first"), backward, backward ? before : after);
    }

    internal static int CheckSize(int? size, string argument) => size switch
    {
        null => Usual,
        < 0 => throw new BadRequestFault(ErrorCodes.BadPage, $"'{argument}' cannot be negative."),
        > Largest => throw new BadRequestFault(
            ErrorCodes.PageTooLarge, $"'{argument}' is {size}; a page has at most {Largest} items. Ask for {Largest} and go on from 'pageInfo'."),
        _ => size.Value,
    };

    /// <summary>
    /// Makes a page of rows as they were read: in the list's order, or against it when <see cref="Backward"/>; up to <see cref="Rows"/> of them.
    /// </summary>
    /// <typeparam name="TRow">A row, as read.</typeparam>
    /// <typeparam name="T">An item, as shown.</typeparam>
    /// <param name="rows">The rows.</param>
    /// <param name="show">The item of a row.</param>
    /// <param name="cursor">The cursor of a row.</param>
    /// <param name="totalCount">How many there are over all pages, where it is known.</param>
    public Connection<T> Connect<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> show, Func<TRow, string> cursor, int? totalCount = null)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(rows);
        var more = rows.Count > Size;
        var edges = rows.Take(Size).Select(row => new Edge<T>(cursor(row), show(row))).ToList();
        if (Backward) edges.Reverse();
        var further = Cursor is not null;
        return new(
            edges,
            [.. edges.Select(edge => edge.Node)],
            new(Backward ? further : more, Backward ? more : further, edges.FirstOrDefault()?.Cursor, edges.LastOrDefault()?.Cursor),
            totalCount);
    }
}

/// <summary>
/// Keyset cursors: the values that a list is sorted by, of one row, as an opaque text. A cursor stays good while rows come and go, and it names no offset.
/// </summary>
public static class Cursor
{
    const int LongestCursor = 512;

    /// <summary>A cursor of the sort key's parts.</summary>
    public static string Write(params string[] parts) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(parts));

    /// <summary>A cursor of a list sorted by a position.</summary>
    public static string Write(long position) => Write(position.ToString(CultureInfo.InvariantCulture));

    /// <summary>A cursor of a list sorted by time, then key.</summary>
    public static string Write(DateTimeOffset at, string key) => Write(at.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), key);

    /// <summary>Reads a cursor of so many parts.</summary>
    /// <exception cref="BadRequestFault">It is no such cursor.</exception>
    public static string[] Read(string cursor, int parts)
    {
        if (Opaque.Read(cursor, LongestCursor) is not { } text) throw Bad();
        try
        {
            return JsonSerializer.Deserialize<string[]>(text) is { } read && read.Length == parts && read.All(part => part?.Any(char.IsControl) == false) ? read : throw Bad();
        }
        catch (JsonException)
        {
            throw Bad();
        }
    }

    /// <summary>Reads a cursor of a list sorted by a position.</summary>
    /// <exception cref="BadRequestFault">It is no such cursor.</exception>
    public static long ReadPosition(string cursor) =>
        long.TryParse(Read(cursor, 1)[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var position) ? position : throw Bad();

    /// <summary>Reads a cursor of a list sorted by time, then key.</summary>
    /// <exception cref="BadRequestFault">It is no such cursor.</exception>
    public static (DateTimeOffset At, string Key) ReadTimeAndKey(string cursor)
    {
        var parts = Read(cursor, 2);
        return DateTimeOffset.TryParseExact(parts[0], "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? (at, parts[1]) : throw Bad();
    }

    static BadRequestFault Bad() =>
        new(ErrorCodes.BadCursor, "This is not a cursor of this list. Pass on a cursor exactly as 'pageInfo' or an edge gave it, or leave it out to start at the beginning.");
}
