using Billing.Channels;
using Billing.Orders;

namespace Billing.Reconciliations;

/// <summary>Orders whose money moved on a day.</summary>
/// <param name="Orders">They, in the order in which the journal has them first.</param>
/// <param name="UpTo">How far the journal was looked through: every order up to there is among them or was not of the day.</param>
public sealed record OrdersOfDay(IReadOnlyList<Versioned<Order>> Orders, long UpTo);

/// <summary>A line of a bill and its place among them.</summary>
/// <param name="Position">Its place, from 1.</param>
/// <param name="Line">The line.</param>
public sealed record PlacedLine(long Position, BillLine Line);

/// <summary>
/// The comparisons as they are stored: one for each method and day, written anew after each step, so that another host goes on where one stopped. Any number of
/// hosts may use it; one at a time has a comparison's lease.
/// </summary>
public interface IReconciliations
{
    /// <summary>Begins a comparison, unless one of its method and day is there; one that is done is begun anew when its round is the next. Says whether it was begun.</summary>
    Task<bool> Begin(Reconciliation reconciliation, CancellationToken cancellation);

    /// <summary>A comparison; null when there is none.</summary>
    Task<Reconciliation?> Find(string methodId, DateOnly day, CancellationToken cancellation);

    /// <summary>The days of a method that are being compared, oldest first.</summary>
    Task<IReadOnlyList<DateOnly>> Running(string methodId, CancellationToken cancellation);

    /// <summary>Takes a comparison until a moment, or keeps it; null while another owner has it, and when it is done.</summary>
    Task<Reconciliation?> Take(string methodId, DateOnly day, string owner, DateTimeOffset now, DateTimeOffset until, CancellationToken cancellation);

    /// <summary>Writes a comparison down and keeps it until a moment. False, and nothing done, when it has another owner.</summary>
    Task<bool> Save(Reconciliation reconciliation, string owner, DateTimeOffset until, CancellationToken cancellation);

    /// <summary>Gives it back, so that another host need not wait.</summary>
    Task GiveBack(string methodId, DateOnly day, string owner, CancellationToken cancellation);

    /// <summary>Throws away the lines of a bill, up to a bounded number; says whether there are more.</summary>
    Task<bool> DropLines(string methodId, DateOnly day, CancellationToken cancellation);

    /// <summary>Keeps lines of a bill, after so many.</summary>
    Task AddLines(string methodId, DateOnly day, long after, IReadOnlyList<BillLine> lines, CancellationToken cancellation);

    /// <summary>The lines of a bill, in their order, after one of them.</summary>
    Task<IReadOnlyList<PlacedLine>> Lines(string methodId, DateOnly day, long after, int limit, CancellationToken cancellation);

    /// <summary>The lines of these payments.</summary>
    Task<IReadOnlyList<BillLine>> LinesOf(string methodId, DateOnly day, IReadOnlyCollection<string> paymentNumbers, CancellationToken cancellation);

    /// <summary>The positions of the journal that everything between two moments lies after and up to.</summary>
    Task<JournalReach> Reach(DateTimeOffset from, DateTimeOffset to, CancellationToken cancellation);

    /// <summary>The orders whose money moved between two moments, each where the journal has it first; null while an earlier row may still come.</summary>
    Task<OrdersOfDay?> OfDay(DateTimeOffset from, DateTimeOffset to, long after, long upTo, int limit, CancellationToken cancellation);

    /// <summary>The orders placed before a moment that owe something or wait for a person, and are not among those of the day; by number, after one of them.</summary>
    Task<IReadOnlyList<Versioned<Order>>> Unfinished(DateTimeOffset from, DateTimeOffset to, string after, int limit, CancellationToken cancellation);

    /// <summary>These orders by their numbers; what does not exist is left out.</summary>
    Task<IReadOnlyDictionary<string, Versioned<Order>>> Orders(IReadOnlyCollection<string> numbers, CancellationToken cancellation);
}
