using System.Data.Common;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Codes;
using Billing.Orders;
using Billing.Storage;
using Billing.Storage.Accounts;
using Billing.Storage.Codes;
using Billing.Storage.Orders;
using Billing.Storage.Verify;
using Billing.Unclaimed;
using Billing.Webhooks;

namespace Billing.Silo.Verify;

/// <summary>
/// <c>verify</c>: folds every document's journal and compares it with the document, and compares the ledgers with the orders and the codes. Reads only; may run beside the service.
/// </summary>
static class VerifyCommand
{
    /// <summary>The exit code when it could not be found out whether anything differs.</summary>
    public const int CouldNotTell = 2;

    /// <summary>0 when nothing differs, 1 when anything does, <see cref="CouldNotTell"/> otherwise.</summary>
    public static Task<int> Run(string[] args) => Run(args, Console.Out);

    /// <summary>The same, printing somewhere else.</summary>
    internal static async Task<int> Run(string[] args, TextWriter output)
    {
        var builder = Host.CreateApplicationBuilder(args);
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        var storage = builder.Configuration.GetSection("Billing:Storage").Get<StorageOptions>() ?? new();
        storage.PostgresConnectionString = builder.Configuration.GetConnectionString("Billing") ?? storage.PostgresConnectionString;
        if (!storage.UsesPostgres && !File.Exists(storage.SqlitePath))
        {
            await Console.Error.WriteLineAsync(
                $"There is no database at {Path.GetFullPath(storage.SqlitePath)}. Run this where the service runs, or set ConnectionStrings:Billing or Billing:Storage:SqlitePath.");
            return CouldNotTell;
        }

        builder.Services.AddBillingStorage(storage);
        try
        {
            return await Compare(builder, output);
        }
        catch (DbException fault)
        {
            throw storage.Unusable(fault);
        }
        catch (OutcomeUnknownException away) when (away.InnerException is DbException fault)
        {
            throw storage.Unusable(fault);
        }
    }

    static async Task<int> Compare(HostApplicationBuilder builder, TextWriter output)
    {
        using var host = builder.Build();
        var journal = host.Services.GetRequiredService<JournalReader>();
        var (orders, ledgers) = (host.Services.GetRequiredService<OrderReader>(), host.Services.GetRequiredService<LedgerReader>());
        var report = new VerifyReport(output);
        var vault = CodeKeys.Known(builder.Configuration, builder.Environment);
        var codes = new CodeVerification(host.Services.GetRequiredService<RedemptionAudit>(), host.Services.GetRequiredService<CodeBatchReader>(), vault, report);
        report.Count("plans", await FoldVerification.Run(PlanDocument.Kind, journal, new FoldOnly(), report));
        report.Count("unclaimed payments", await FoldVerification.Run(UnclaimedPaymentDocument.Kind, journal, new FoldOnly(), report));
        report.Count("orders", await FoldVerification.Run(OrderDocument.Kind, journal, new OrderCheck(orders, ledgers, report), report));
        report.Count("accounts", await FoldVerification.Run(AccountDocument.Kind, journal, new LedgerCheck(orders, report), report));
        report.Count("webhooks", await FoldVerification.Run(WebhookEndpointDocument.Kind, journal, new FoldOnly(), report));
        report.Count("batches", await FoldVerification.Run(CodeBatchDocument.Kind, journal, codes.Batches, report));
        var stored = await FoldVerification.Run(CodeDocument.Kind, journal, codes.Codes, report);
        report.Count("codes", stored);
        report.Count("redemptions", await codes.CheckTogether());
        if (vault is null && stored > 0) report.LeftOut($"the codes' sealed texts: no key is set here. Set {CodeKeys.Section} as the service has it.");
        var columns = host.Services.GetRequiredService<ColumnReader>();
        DocumentKind[] kinds =
            [PlanDocument.Kind, UnclaimedPaymentDocument.Kind, OrderDocument.Kind, AccountDocument.Kind, CodeBatchDocument.Kind, CodeDocument.Kind, WebhookEndpointDocument.Kind];
        foreach (var kind in kinds)
        {
            await foreach (var found in columns.Differences(kind))
                report.Differs(kind.Noun, found.Key, $"its column {found.Column} holds {found.Stored ?? "nothing"}, its document says {found.Expected ?? "nothing"}.");
        }

        return report.End();
    }
}
