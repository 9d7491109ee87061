using System.Globalization;
using Billing.Codes;
using Billing.GraphQL.Codes;
using Billing.Storage.Codes;
using CsvHelper;
using Microsoft.Net.Http.Headers;

namespace Billing.Silo.Exports;

/// <summary>Streams a batch's codes as CSV, whole and row by row, to whom a signed link was given. That they leave is written down before the first of them does.</summary>
sealed partial class CodeExport(ExportLinks links, CodeReader codes, CodeVault vault, IGrainFactory grains, TimeProvider time, ILogger<CodeExport> log)
{
    /// <summary>Where the links lead.</summary>
    public const string Path = "/exports/codes/{batchId}";

    // So many rows leave together.
    const int FlushEvery = 500;

    // RFC 4180, which is the writer's default; and a byte-order mark, without which spreadsheets take UTF-8 for something else.
    static readonly CsvWriterOptions Format = new()
    {
        WriteByteOrderMark = true,
        // An account's name may begin as a formula does, and a spreadsheet would run it.
        Injection = CsvInjection.Escape,
    };

    /// <summary>Serves one export.</summary>
    public async Task Serve(HttpContext http, string batchId)
    {
        var (request, response) = (http.Request, http.Response);
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        var subject = One(request, "by");
        switch (links.Judge(batchId, subject, One(request, "until"), One(request, "signature")))
        {
            case ExportLink.Forged:
                await Refuse(response, StatusCodes.Status403Forbidden, "This is not a link that was given to anybody. Ask for the batch's exportUrl again, and follow it as it is.");
                return;
            case ExportLink.Expired:
                await Refuse(response, StatusCodes.Status403Forbidden, "This link was good for ten minutes and has expired. Ask for the batch's exportUrl again.");
                return;
        }

        var reply = await grains.GetGrain<ICodeBatchGrain>(batchId).Export(Actor.Administrator(subject!));
        if (reply.Value is not { } batch)
        {
            await Refuse(response, StatusCodes.Status404NotFound, "There is no such batch.");
            return;
        }

        response.ContentType = "text/csv; charset=utf-8; header=present";
        response.Headers.ContentDisposition = new ContentDispositionHeaderValue("attachment") { FileName = $"codes-{batchId}.csv" }.ToString();
        try
        {
            var rows = await Write(response.Body, batch.State.Terms, batchId, http.RequestAborted);
            LogExported(batchId, rows);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            LogLeft(batchId);
        }
        catch (Exception fault)
        {
            // What is on its way cannot be called back: an answer that breaks off is not taken for a whole one.
            LogBroken(fault, batchId);
            http.Abort();
        }
    }

    async Task<int> Write(Stream body, CodeBatchTerms terms, string batchId, CancellationToken cancel)
    {
        await using var csv = CsvWriter.Create(body, Format, leaveOpen: true);
        foreach (var column in (string[])["code", "status", "redemptions", "redeemed by", "redeemed at"]) csv.WriteField(column);
        await csv.EndRecordAsync(CancellationToken.None);
        var rows = 0;
        // Only the query is cancelled: when nobody reads any more, what is written goes nowhere, and the next read ends the query where it runs.
        await foreach (var code in codes.Stream(batchId, cancel))
        {
            csv.WriteField(vault.Open(code.Sealed, code.Key).Format(terms.Prefix));
            csv.WriteField(StatusOf(code, terms));
            csv.WriteField(code.Redemptions);
            csv.WriteField(code.Last?.Account);
            csv.WriteField(code.Last?.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
            await csv.EndRecordAsync(CancellationToken.None);
            if (++rows % FlushEvery == 0) await csv.FlushAsync(CancellationToken.None);
        }

        return rows;
    }

    string StatusOf(Code code, CodeBatchTerms terms) =>
        code.Status == CodeStatus.Active && terms.ValidUntil is { } until && time.GetUtcNow() >= until ? "EXPIRED" : CodeDocument.StoredStatus(code.Status);

    static string? One(HttpRequest request, string name) => request.Query[name] is [{ } value] ? value : null;

    static async Task Refuse(HttpResponse response, int status, string why)
    {
        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        await response.WriteAsync(why + "\n");
    }

    [LoggerMessage(4101, LogLevel.Information, "Batch {Batch}: its {Rows} codes were exported.")]
    partial void LogExported(string batch, int rows);

    [LoggerMessage(4102, LogLevel.Warning, "Batch {Batch}: whoever exported its codes left before the end.")]
    partial void LogLeft(string batch);

    [LoggerMessage(4103, LogLevel.Error, "Batch {Batch}: the export of its codes broke off.")]
    partial void LogBroken(Exception fault, string batch);
}
