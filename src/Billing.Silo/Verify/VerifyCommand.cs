using Billing.Accounts;
using Billing.Catalog;
using Billing.Orders;
using Billing.Storage;
using Billing.Storage.Orders;
using Billing.Storage.Verify;
using Billing.Unclaimed;

namespace Billing.Silo.Verify;

/// <summary>
/// <c>verify</c>: folds every document's journal and compares it with the document, and compares the ledgers with the orders. Reads only; may run beside the service.
/// </summary>
static class VerifyCommand
{
    /// <summary>0 when nothing differs, 1 when anything does, 2 when it could not be found out.</summary>
    public static async Task<int> Run(string[] args)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var storage = builder.Configuration.GetSection("Billing:Storage").Get<StorageOptions>() ?? new();
        storage.PostgresConnectionString = builder.Configuration.GetConnectionString("Billing") ?? storage.PostgresConnectionString;
        if (!storage.UsesPostgres && !File.Exists(storage.SqlitePath))
        {
            await Console.Error.WriteLineAsync(
                $"There is no database at {Path.GetFullPath(storage.SqlitePath)}. Run this where the service runs, or set ConnectionStrings:Billing or Billing:Storage:SqlitePath.");
            return 2;
        }

        builder.Services.AddBillingStorage(storage);
        using var host = builder.Build();
        var journal = host.Services.GetRequiredService<JournalReader>();
        var ledgers = new LedgerVerification(host.Services.GetRequiredService<OrderReader>(), host.Services.GetRequiredService<ILedger>());
        var report = new VerifyReport(Console.Out);
        report.Count("plans", await FoldVerification.Run(PlanDocument.Kind, journal, _ => Task.CompletedTask, report));
        report.Count("unclaimed payments", await FoldVerification.Run(UnclaimedPaymentDocument.Kind, journal, _ => Task.CompletedTask, report));
        report.Count("orders", await FoldVerification.Run(OrderDocument.Kind, journal, history => ledgers.CheckOrder(history, report), report));
        report.Count("accounts", await FoldVerification.Run(AccountDocument.Kind, journal, history => ledgers.CheckAccount(history, report), report));
        var columns = host.Services.GetRequiredService<ColumnReader>();
        foreach (var kind in new DocumentKind[] { PlanDocument.Kind, UnclaimedPaymentDocument.Kind, OrderDocument.Kind, AccountDocument.Kind })
        {
            await foreach (var found in columns.Differences(kind))
                report.Differs(kind.Noun, found.Key, $"its column {found.Column} holds {found.Stored ?? "nothing"}, its document says {found.Expected ?? "nothing"}.");
        }

        return report.End();
    }
}
