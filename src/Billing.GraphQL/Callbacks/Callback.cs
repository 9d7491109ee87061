using System.Globalization;
using Billing.GraphQL.Orders;
using Billing.GraphQL.WorkItems;
using Billing.Storage.Callbacks;
using GraphQL.DataLoader;

namespace Billing.GraphQL.Callbacks;

/// <summary>What a provider called with, what it said and what became of it. Only administrators see it; personal data in it is masked.</summary>
/// <param name="ReceivedAt">When it arrived, or was replayed.</param>
/// <param name="MethodId">Through which payment method.</param>
/// <param name="HttpMethod">GET or POST.</param>
/// <param name="Headers">The headers that matter; of those that it is verified by, the names alone.</param>
/// <param name="QueryString">The query string with masked values.</param>
/// <param name="Body">The body with masked values; null when nothing of it is kept.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Rejection">Why it was not believed, in a word; null when it was.</param>
/// <param name="PaymentNumber">The number of the payment that it is about.</param>
/// <param name="RefundNumber">The number of the refund that it is about; null when it is about a payment.</param>
/// <param name="State">What it says of it.</param>
/// <param name="Amount">How much, when it says.</param>
/// <param name="TransactionId">The provider's number for the money.</param>
/// <param name="ReplayedBy">The administrator who handed it on again; null when it came from the provider.</param>
/// <param name="Note">Why they did.</param>
public sealed record Callback(
    DateTimeOffset ReceivedAt, [property: Id] string MethodId, string HttpMethod, IReadOnlyList<CallbackHeader> Headers, string QueryString, string? Body, CallbackOutcome Outcome,
    string? Rejection, string? PaymentNumber, string? RefundNumber, CallbackState? State, Money? Amount, string? TransactionId, string? ReplayedBy, string? Note) : INode
{
    /// <inheritdoc/>
    [Id]
    public string Id => GlobalId.Write(nameof(Callback), Position.ToString(CultureInfo.InvariantCulture));

    internal long Position { get; private init; }

    internal string? OrderNumber { get; private init; }

    internal long? Original { get; private init; }

    internal static Callback Of(StoredCallback stored)
    {
        var (record, news) = (stored.Record, stored.Record.News);
        return new(
            record.ReceivedAt, record.MethodId, record.HttpMethod, [.. record.Content.Headers.Select(header => new CallbackHeader(header.Key, header.Value))],
            record.Content.Query, record.Content.Body, record.Outcome, record.Rejection, news?.PaymentNumber, news?.RefundNumber, news?.State, Money.Of(news?.Amount),
            news?.TransactionId, record.Replay?.By, record.Replay?.Note)
        {
            Position = stored.Position,
            OrderNumber = record.OrderNumber,
            Original = record.Replay?.Of,
        };
    }
}

/// <summary>A header of a callback.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value; null where only the name is kept.</param>
public sealed record CallbackHeader(string Name, string? Value);

/// <summary>A callback's further fields.</summary>
[ObjectType<Callback>]
public static class CallbackFields
{
    /// <summary>The order that it is about; null when it is about none of ours.</summary>
    public static IDataLoaderResult<Order?>? GetOrder([Parent] Callback callback, OrderLoader orders, ClientInfo client) =>
        callback.OrderNumber is { } number ? orders.Load((number, Language.Of(client))) : null;

    /// <summary>What it repeats; null when it came from the provider, or what it repeats is not kept any more.</summary>
    public static IDataLoaderResult<Callback?>? GetReplayOf([Parent] Callback callback, CallbackLoader callbacks) =>
        callback.Original is { } original ? callbacks.Load(original) : null;

    /// <summary>When and how it was handed on again, oldest first.</summary>
    public static IDataLoaderResult<IReadOnlyList<Callback>> GetReplays([Parent] Callback callback, CallbackReplayLoader replays) =>
        replays.Load(callback.Position, found => found ?? []);
}

/// <summary>An order's callbacks.</summary>
[ObjectType<Order>]
public static class OrderCallbacks
{
    /// <summary>Administrators: what providers called with about this order, newest first.</summary>
    [Authorize(Roles = Viewer.AdministratorRole)]
    public static Task<Connection<Callback>> GetCallbacks([Parent] Order order, int? first, string? after, CallbackStore callbacks, CancellationToken cancel) =>
        CallbackPages.Read(callbacks, new(OrderNumber: order.Number), first, after, cancel);
}

/// <summary>Callbacks to read.</summary>
[QueryType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class CallbackQueries
{
    /// <summary>
    /// Administrators: what providers called with, newest first. Every callback whose signature holds is here within a second, for as long as they are kept; of those
    /// that were not believed there are samples without a body.
    /// </summary>
    public static async Task<Connection<Callback>> GetCallbacks(int? first, string? after, CallbackFilter? where, CallbackStore callbacks, CancellationToken cancel)
    {
        // What can be no order's number finds nothing.
        var number = where?.OrderNumber is { } given ? OrderKey.Of(given) ?? "" : null;
        return await CallbackPages.Read(callbacks, new(number, Checked.Sought(where?.MethodId), where?.Outcome, where?.From, where?.To), first, after, cancel);
    }
}

/// <summary>Which callbacks to list; what is not given does not matter.</summary>
/// <param name="OrderNumber">About this order.</param>
/// <param name="MethodId">Through this method.</param>
/// <param name="Outcome">With this outcome.</param>
/// <param name="From">Arrived at that moment or later.</param>
/// <param name="To">Arrived before that moment.</param>
public sealed record CallbackFilter([property: Id] string? OrderNumber, [property: Id] string? MethodId, CallbackOutcome? Outcome, DateTimeOffset? From, DateTimeOffset? To);

static class CallbackPages
{
    public static async Task<Connection<Callback>> Read(
        CallbackStore callbacks, Storage.Callbacks.CallbackFilter filter, int? first, string? after, CancellationToken cancel)
    {
        var page = Page.From(first, after);
        var rows = await callbacks.NewestFirst(filter, page.Cursor is { } cursor ? Position(cursor) : null, page.Rows, cancel);
        return page.Connect(rows, Callback.Of, row => Cursor.Write(row.Record.ReceivedAt, row.Position.ToString(CultureInfo.InvariantCulture)));

        static CallbackCursor Position(string cursor)
        {
            var (at, key) = Cursor.ReadTimeAndKey(cursor);
            return new(at, CallbackKey.Of(key) ?? throw new BadRequestFault(ErrorCodes.BadCursor, "This is not a cursor of this list."));
        }
    }
}

static class CallbackKey
{
    /// <summary>The place that a callback's key names; null when it can be none.</summary>
    public static long? Of(string? key) => long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var position) ? position : null;
}

/// <summary>Loads callbacks at once.</summary>
public sealed class CallbackLoader(CallbackStore callbacks) : BatchLoader<long, Callback>
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyDictionary<long, Callback>> LoadBatch(IReadOnlyList<long> keys, CancellationToken cancel) =>
        (await callbacks.Find(keys, cancel)).ToDictionary(found => found.Position, Callback.Of);
}

/// <summary>Loads the replays of the callbacks of a list at once.</summary>
public sealed class CallbackReplayLoader(CallbackStore callbacks) : BatchLoader<long, IReadOnlyList<Callback>>
{
    /// <inheritdoc/>
    protected override async Task<IReadOnlyDictionary<long, IReadOnlyList<Callback>>> LoadBatch(IReadOnlyList<long> keys, CancellationToken cancel) =>
        (await callbacks.ReplaysOf(keys, cancel)).ToDictionary(replays => replays.Key, replays => (IReadOnlyList<Callback>)[.. replays.Select(Callback.Of)]);
}

/// <summary>Finds callbacks by their global id.</summary>
sealed class CallbackNodes(CallbackStore callbacks) : INodeSource
{
    public string Noun => nameof(Callback);

    public NodeReaders Readers => NodeReaders.Administrators;

    public async Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel)
    {
        var named = NodeSource.Read(keys, key => CallbackKey.Of(key));
        if (named.Count == 0) return NodeSource.None;
        var found = (await callbacks.Find([.. named.Values.Distinct()], cancel)).ToDictionary(one => one.Position);
        return NodeSource.Show(named, position => found.TryGetValue(position, out var callback) ? Callback.Of(callback) : null);
    }
}
