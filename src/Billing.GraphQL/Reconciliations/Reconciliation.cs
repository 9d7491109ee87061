using System.Globalization;
using Billing.Channels;
using Billing.GraphQL.WorkItems;
using Billing.Reconciliations;
using Billing.Storage.Reconciliations;
using GraphQL.DataLoader;
using Domain = Billing.Reconciliations;
using Order = Billing.GraphQL.Orders.Order;
using PaymentMethod = Billing.GraphQL.Catalog.PaymentMethod;

namespace Billing.GraphQL.Reconciliations;

/// <summary>A day of a payment method, compared with its provider's own records. Only administrators see it.</summary>
/// <param name="MethodId">Which method.</param>
/// <param name="Day">Which day, as <c>2026-01-31</c>.</param>
/// <param name="From">From when on.</param>
/// <param name="To">Before when.</param>
/// <param name="Source">By what it is compared.</param>
/// <param name="Phase">How far it is.</param>
/// <param name="Progress">How much of it is done, from 0 to 1, as far as can be said.</param>
/// <param name="Round">How often the day was compared, from 1; this is the latest.</param>
/// <param name="RequestedBy">Who asked for it: an administrator, or the service itself.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="FinishedAt">When it was done; null while it is under way.</param>
/// <param name="RestsUntil">Until when it waits for a provider that does not answer; null when it does not.</param>
/// <param name="Orders">How many orders were looked at.</param>
/// <param name="Agreed">How many payments and refunds agreed.</param>
/// <param name="Healed">How many differed, and the order took the provider's word: nobody need do anything.</param>
/// <param name="Differing">How many differ, and a person must look.</param>
/// <param name="NotCompared">How many the provider did not answer about. They are no differences: have the day compared again.</param>
/// <param name="Sums">What was compared, by currency.</param>
/// <param name="DifferencesTotal">How many differences were found.</param>
/// <param name="Differences">The first of them, up to 200.</param>
public sealed record Reconciliation(
    [property: Id] string MethodId, string Day, DateTimeOffset From, DateTimeOffset To, ReconciliationSource Source, ReconciliationPhase Phase, double Progress, int Round,
    string RequestedBy, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, DateTimeOffset? RestsUntil, int Orders, int Agreed, int Healed, int Differing, int NotCompared,
    IReadOnlyList<ReconciledSums> Sums, int DifferencesTotal, IReadOnlyList<ReconciliationDifference> Differences) : INode
{
    /// <inheritdoc/>
    [Id]
    public string Id => GlobalId.Write(nameof(Reconciliation), ReconciliationKey.Of(MethodId, Day));

    internal static Reconciliation Of(Domain.Reconciliation report) => new(
        report.MethodId, ReconciliationKey.Text(report.Day), report.From, report.To, report.Source, report.Phase, Math.Round(report.Progress, 3), report.Round, report.RequestedBy,
        report.StartedAt, report.FinishedAt, report.RestsUntil, (int)report.Orders, (int)report.Agreed, (int)report.Healed, (int)report.Differing, (int)report.NotCompared,
        [.. report.Sums.Select(ReconciledSums.Of)], (int)report.Found, [.. report.Differences.Select(ReconciliationDifference.Of)]);
}

/// <summary>What was compared, in one currency. What was not compared is in none of these.</summary>
/// <param name="ReceivedHere">Money that came, by our books.</param>
/// <param name="ReceivedThere">Money that came, by the provider's.</param>
/// <param name="RefundedHere">Money that went back, by our books.</param>
/// <param name="RefundedThere">Money that went back, by the provider's.</param>
public sealed record ReconciledSums(Money ReceivedHere, Money ReceivedThere, Money RefundedHere, Money RefundedThere)
{
    internal static ReconciledSums Of(Domain.ReconciledSums sums)
    {
        return new(Some(sums.ReceivedHere), Some(sums.ReceivedThere), Some(sums.RefundedHere), Some(sums.RefundedThere));

        Money Some(long minor) => Money.Of(new Billing.Money(minor, sums.Currency));
    }
}

/// <summary>A difference between our books and a provider's.</summary>
/// <param name="Kind">In what they differ.</param>
/// <param name="End">What became of it.</param>
/// <param name="PaymentNumber">The payment's number at the provider.</param>
/// <param name="RefundNumber">The refund's number; null when it is about none.</param>
/// <param name="TransactionId">The provider's number for the money; null when it has none.</param>
/// <param name="Here">How much our books have; null for nothing.</param>
/// <param name="There">How much the provider's have; null for nothing.</param>
public sealed record ReconciliationDifference(
    DifferenceKind Kind, DifferenceEnd End, string PaymentNumber, string? RefundNumber, string? TransactionId, Money? Here, Money? There)
{
    internal string? OrderNumber { get; private init; }

    internal static ReconciliationDifference Of(Difference difference) => new(
        difference.Kind, difference.End, difference.PaymentNumber, difference.RefundNumber, difference.TransactionId, Money.Of(difference.Here), Money.Of(difference.There))
    {
        OrderNumber = difference.OrderNumber,
    };
}

/// <summary>A difference's further fields.</summary>
[ObjectType<ReconciliationDifference>]
public static class ReconciliationDifferenceFields
{
    /// <summary>The order that it is about; null when there is none.</summary>
    public static IDataLoaderResult<Order?>? GetOrder([Parent] ReconciliationDifference difference, OrderLoader orders, ClientInfo client) =>
        difference.OrderNumber is { } number ? orders.Load((number, Language.Of(client))) : null;
}

/// <summary>A reconciliation's further fields.</summary>
[ObjectType<Reconciliation>]
public static class ReconciliationFields
{
    /// <summary>The method; null when it is not configured any more.</summary>
    public static PaymentMethod? GetMethod([Parent] Reconciliation reconciliation, IPaymentMethods methods) =>
        methods.Find(reconciliation.MethodId) is { } method ? PaymentMethod.Of(method) : null;
}

/// <summary>Comparisons with the providers to read.</summary>
[QueryType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class ReconciliationQueries
{
    /// <summary>Administrators: the days that were, or are being, compared with the providers' own records, the newest first; of one method when it is given.</summary>
    public static async Task<Connection<Reconciliation>> GetReconciliations(
        [Id] string? methodId, int? first, string? after, ReconciliationReader reconciliations, CancellationToken cancel)
    {
        var page = Page.From(first, after);
        var rows = await reconciliations.NewestFirst(Checked.Sought(methodId), page.Cursor is { } cursor ? Position(cursor) : null, page.Rows, cancel);
        return page.Connect(rows, Reconciliation.Of, row => Cursor.Write(ReconciliationKey.Text(row.Day), row.MethodId));

        static ReconciliationCursor Position(string cursor)
        {
            var parts = Cursor.Read(cursor, 2);
            return ReconciliationKey.Day(parts[0]) is { } day ? new(day, parts[1]) : throw new BadRequestFault(ErrorCodes.BadCursor, "This is not a cursor of this list.");
        }
    }

    /// <summary>Administrators: a day of a method.</summary>
    public static async Task<Reconciliation?> GetReconciliation([Id] string id, ReconciliationReader reconciliations, CancellationToken cancel) =>
        ReconciliationKey.Read(GlobalId.KeyOf(nameof(Reconciliation), id)) is var (method, day) && await reconciliations.Find(method, day, cancel) is { } found
            ? Reconciliation.Of(found)
            : null;
}

static class ReconciliationKey
{
    const string Written = "yyyy-MM-dd";

    public static string Of(string methodId, string day) => $"{methodId}:{day}";

    public static string Text(DateOnly day) => day.ToString(Written, CultureInfo.InvariantCulture);

    public static DateOnly? Day(string text) => DateOnly.TryParseExact(text, Written, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    /// <summary>Reads a key; null when it is none.</summary>
    public static (string MethodId, DateOnly Day)? Read(string? key) => key?.Split(':') is [var method, var text] && method.IsStorable() && Day(text) is { } day ? (method, day) : null;
}

/// <summary>Finds reconciliations by their global id.</summary>
sealed class ReconciliationNodes(ReconciliationReader reconciliations) : INodeSource
{
    public string Noun => nameof(Reconciliation);

    public NodeReaders Readers => NodeReaders.Administrators;

    public async Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel)
    {
        var named = NodeSource.Read(keys, ReconciliationKey.Read);
        var found = (await reconciliations.Find([.. named.Values], cancel)).ToDictionary(one => (one.MethodId, one.Day));
        return NodeSource.Show(named, key => found.TryGetValue(key, out var one) ? Reconciliation.Of(one) : null);
    }
}
