using System.Globalization;
using Billing.GraphQL.Orders;
using Billing.Orders;
using Billing.Storage.Audit;
using Billing.Storage.Orders;
using CsvHelper;

namespace Billing.Silo.Exports;

/// <summary>Streams orders as CSV, whole and row by row, to whom a signed link was given. That they leave is written down before the first of them does.</summary>
sealed partial class OrderExport(OrderExportLinks links, OrderReader orders, ActStore acts, ExportTurns turns, TimeProvider time, ILogger<OrderExport> log)
{
    /// <summary>Where the links lead.</summary>
    public const string Path = "/exports/orders";

    static readonly string[] Columns =
    [
        "number", "account", "plan", "status", "payment status", "fulfilment status", "amount", "currency", "method", "provider reference", "created at", "expires at",
        "paid at", "fulfilled at",
    ];

    /// <summary>Serves one export.</summary>
    public async Task Serve(HttpContext http)
    {
        var (request, response) = (http.Request, http.Response);
        Export.Begin(response);
        var subject = Export.One(request, "by");
        var (link, filter) = links.Judge(Export.One(request, "where"), subject, Export.One(request, "until"), Export.One(request, "signature"));
        if (await Export.Refused(response, link, "ordersExportUrl")) return;
        using var turn = await turns.Take(response);
        if (turn is null) return;
        await acts.Write(
            time.GetUtcNow(), Actor.Administrator(subject!), OrderDocument.Noun, "", "OrdersExported",
            new Dictionary<string, string?> { ["where"] = OrderExportLinks.Write(filter!) }, CancellationToken.None);
        Export.BeginFile(response, "orders.csv");
        try
        {
            LogExported(await Write(response.Body, filter!, http.RequestAborted));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            LogLeft();
        }
        catch (Exception fault)
        {
            // What is on its way cannot be called back: an answer that breaks off is not taken for a whole one.
            LogBroken(fault);
            http.Abort();
        }
    }

    async Task<int> Write(Stream body, Storage.Orders.OrderFilter filter, CancellationToken cancel)
    {
        await using var csv = CsvWriter.Create(body, Export.Format, leaveOpen: true);
        foreach (var column in Columns) csv.WriteField(column);
        await csv.EndRecordAsync(CancellationToken.None);
        var rows = 0;
        // Only the query is cancelled: when nobody reads any more, what is written goes nowhere, and the next read ends the query where it runs.
        await foreach (var order in orders.Stream(filter, cancel))
        {
            var payment = order.CurrentPayment;
            csv.WriteField(order.Number);
            csv.WriteField(order.Account);
            csv.WriteField(order.Wish.PlanSlug);
            csv.WriteField(StoredNames.Of(order.Status));
            csv.WriteField(StoredNames.Of(order.Payment));
            csv.WriteField(order.Fulfilment.ToString());
            csv.WriteField(order.Amount.Major.ToString("F" + Currencies.Decimals(order.Amount.Currency), CultureInfo.InvariantCulture));
            csv.WriteField(order.Amount.Currency);
            csv.WriteField(payment?.MethodId);
            csv.WriteField(payment?.TransactionId ?? payment?.Checkout?.ProviderReference);
            csv.WriteField(Export.Moment(order.CreatedAt));
            csv.WriteField(Export.Moment(order.ExpiresAt));
            csv.WriteField(Export.Moment(order.PaidAt));
            csv.WriteField(Export.Moment(order.FulfilledAt));
            await csv.EndRecordAsync(CancellationToken.None);
            if (++rows % Export.FlushEvery == 0) await csv.FlushAsync(CancellationToken.None);
        }

        return rows;
    }

    [LoggerMessage(4111, LogLevel.Information, "{Rows} orders were exported.")]
    partial void LogExported(int rows);

    [LoggerMessage(4112, LogLevel.Warning, "Whoever exported orders left before the end.")]
    partial void LogLeft();

    [LoggerMessage(4113, LogLevel.Error, "The export of orders broke off.")]
    partial void LogBroken(Exception fault);
}
