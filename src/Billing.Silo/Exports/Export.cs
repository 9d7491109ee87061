using System.Globalization;
using Billing.GraphQL.Codes;
using CsvHelper;
using Microsoft.Net.Http.Headers;

namespace Billing.Silo.Exports;

/// <summary>What the exports have in common.</summary>
static class Export
{
    /// <summary>So many rows leave together.</summary>
    public const int FlushEvery = 500;

    /// <summary>RFC 4180, which is the writer's default; and a byte-order mark, without which spreadsheets take UTF-8 for something else.</summary>
    public static readonly CsvWriterOptions Format = new()
    {
        WriteByteOrderMark = true,
        // An account's name may begin as a formula does, and a spreadsheet would run it.
        Injection = CsvInjection.Escape,
    };

    /// <summary>What every answer says, whatever it is.</summary>
    public static void Begin(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
    }

    /// <summary>From here on the answer is a file.</summary>
    public static void BeginFile(HttpResponse response, string name)
    {
        response.ContentType = "text/csv; charset=utf-8; header=present";
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = name }.ToString();
    }

    /// <summary>Answers a link that is not good, and says whether it was not.</summary>
    public static async Task<bool> Refused(HttpResponse response, ExportLink link, string field)
    {
        switch (link)
        {
            case ExportLink.Forged:
                await Refuse(response, StatusCodes.Status403Forbidden, $"This is not a link that was given to anybody. Ask for {field} again, and follow it as it is.");
                return true;
            case ExportLink.Expired:
                await Refuse(response, StatusCodes.Status403Forbidden, $"This link was good for ten minutes and has expired. Ask for {field} again.");
                return true;
            default:
                return false;
        }
    }

    /// <summary>Answers with a sentence.</summary>
    public static async Task Refuse(HttpResponse response, int status, string why)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        await response.WriteAsync(why + "\n");
    }

    /// <summary>The only value of a part of the address; null when there is none or are several.</summary>
    public static string? One(HttpRequest request, string name) => request.Query[name] is [{ } value] ? value : null;

    /// <summary>A moment as the API writes it.</summary>
    public static string? Moment(DateTimeOffset? at) => at?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
