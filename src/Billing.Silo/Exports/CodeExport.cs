using Billing.Codes;
using Billing.GraphQL.Codes;
using Billing.Storage.Codes;
using CsvHelper;
using CodeBatch = Billing.Codes.CodeBatch;

namespace Billing.Silo.Exports;

/// <summary>Streams a batch's codes as CSV, whole and row by row, to whom a signed link was given. That they leave is written down before the first of them does.</summary>
sealed partial class CodeExport(ExportLinks links, CodeReader codes, CodeVault vault, IGrainFactory grains, ExportTurns turns, TimeProvider time, ILogger<CodeExport> log)
{
    /// <summary>Where the links lead.</summary>
    public const string Path = "/exports/codes/{batchId}";

    /// <summary>Serves one export.</summary>
    public async Task Serve(HttpContext http, string batchId)
    {
        var (request, response) = (http.Request, http.Response);
        Export.Begin(response);
        var subject = Export.One(request, "by");
        if (await Export.Refused(response, links.Judge(batchId, subject, Export.One(request, "until"), Export.One(request, "signature")), "the batch's exportUrl")) return;
        if (await grains.GetGrain<ICodeBatchGrain>(batchId).Get() is { State: { IsIssued: false } under })
        {
            // A file that looks whole and is not would be taken for all of the codes.
            await Export.Refuse(
                response, StatusCodes.Status409Conflict,
                $"The codes are still being stored: {under.Issued} of {under.Terms.Count}. Follow the link again when the batch's status is ISSUED; nothing was exported.");
            return;
        }

        using var turn = await turns.Take(response);
        if (turn is null) return;
        var reply = await grains.GetGrain<ICodeBatchGrain>(batchId).Export(Actor.Administrator(subject!));
        if (reply.Value is not { } batch)
        {
            await Export.Refuse(response, StatusCodes.Status404NotFound, "There is no such batch.");
            return;
        }

        Export.BeginFile(response, $"codes-{batchId}.csv");
        try
        {
            var rows = await Write(response.Body, batch.State, batchId, http.RequestAborted);
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

    async Task<int> Write(Stream body, CodeBatch batch, string batchId, CancellationToken cancel)
    {
        await using var csv = CsvWriter.Create(body, Export.Format, leaveOpen: true);
        foreach (var column in (string[])["code", "status", "redemptions", "redeemed by", "redeemed at"]) csv.WriteField(column);
        await csv.EndRecordAsync(CancellationToken.None);
        var rows = 0;
        // Only the query is cancelled: when nobody reads any more, what is written goes nowhere, and the next read ends the query where it runs.
        await foreach (var code in codes.Stream(batchId, cancel))
        {
            csv.WriteField(vault.Open(code.Sealed, code.Key).Format(batch.Terms.Prefix));
            csv.WriteField(StatusOf(code, batch));
            csv.WriteField(code.Redemptions);
            csv.WriteField(code.Last?.Account);
            csv.WriteField(Export.Moment(code.Last?.At));
            await csv.EndRecordAsync(CancellationToken.None);
            if (++rows % Export.FlushEvery == 0) await csv.FlushAsync(CancellationToken.None);
        }

        return rows;
    }

    string StatusOf(Code code, CodeBatch batch) => code.StatusIn(batch, time.GetUtcNow()) is var status and not CodeStatus.Expired ? CodeDocument.StoredStatus(status) : "EXPIRED";

    [LoggerMessage(4101, LogLevel.Information, "Batch {Batch}: its {Rows} codes were exported.")]
    partial void LogExported(string batch, int rows);

    [LoggerMessage(4102, LogLevel.Warning, "Batch {Batch}: whoever exported its codes left before the end.")]
    partial void LogLeft(string batch);

    [LoggerMessage(4103, LogLevel.Error, "Batch {Batch}: the export of its codes broke off.")]
    partial void LogBroken(Exception fault, string batch);
}
