using Billing.Codes;
using Billing.GraphQL.Accounts;
using Billing.GraphQL.Codes;
using Billing.Orders;
using Billing.Storage.Accounts;
using Billing.Storage.Codes;
using Billing.Storage.Orders;
using Billing.Storage.Search;
using Billing.Storage.WorkItems;
using CodeBatch = Billing.GraphQL.Codes.CodeBatch;
using Order = Billing.GraphQL.Orders.Order;
using Refund = Billing.GraphQL.Orders.Refund;
using WorkItem = Billing.GraphQL.WorkItems.WorkItem;

namespace Billing.GraphQL.Search;

/// <summary>What one box finds.</summary>
[UnionType]
public interface ISearchHit;

/// <summary>One box for support.</summary>
[QueryType]
[Authorize(Roles = Viewer.AdministratorRole)]
public static class SearchQueries
{
    /// <summary>
    /// Administrators: one box for everything that people name things by: the number of an order, payment or refund, or its beginning; a provider's number for a payment or
    /// its money; an account; a code, or its last four characters; the beginning of a batch's name; a work item; any id of this API. What is named whole comes first.
    /// By POST only, because a code may be looked for.
    /// </summary>
    [TakesSecret]
    [Cost(50)]
    public static Task<IReadOnlyList<ISearchHit>> GetAdminSearch(
        string text, int? first, AdministratorSearch search, Viewer viewer, ClientInfo client, CancellationToken cancel) =>
        search.Find(text, Page.CheckSize(first, nameof(first)), viewer, Language.Of(client), cancel);
}

/// <summary>Asks every source, each for no more than is shown, and each from an index. What was looked for is never logged: it may be a code.</summary>
public sealed class AdministratorSearch(
    SearchReader search, OrderReader orders, AccountReader accounts, CodeBatchReader batches, WorkItemReader items, RedemptionCodes codes, IServiceProvider services,
    TimeProvider time)
{
    // A shorter beginning says little, and a number's first characters are chance.
    const int ShortestNumber = 4;
    const int ShortestName = 2;
    const int TailLength = 4;

    internal async Task<IReadOnlyList<ISearchHit>> Find(string text, int first, Viewer viewer, Language language, CancellationToken cancel)
    {
        var sought = Checked.Sought(text.Trim())!;
        if (sought.Length == 0 || first == 0) return [];
        var hits = new List<INode>();

        // What is named whole.
        if (GlobalId.TryRead(sought, out _, out _) && await ((Nodes)services.GetService(typeof(Nodes))!).Find(sought, new(viewer, language), cancel) is ISearchHit and INode node) hits.Add(node);
        if (await FindRefund(sought.ToUpperInvariant(), viewer, language, cancel) is { } refund) hits.Add(refund);
        hits.AddRange(await Orders(Numbers(sought), language, cancel));
        hits.AddRange(await Orders(await search.OrdersOfReference(sought, first, cancel), language, cancel));
        if (await Account(sought, cancel) is { } account) hits.Add(account);
        if (await codes.Ask(sought, grain => grain.Get()) is { } code) hits.AddRange(await Codes([code.State], cancel));
        hits.AddRange((await items.Find([sought], cancel)).Select(WorkItem.Of));

        // What begins or ends so.
        if (sought.Length == TailLength && sought.All(char.IsAsciiLetterOrDigit)) hits.AddRange(await Codes(await search.CodesEnding(sought.ToUpperInvariant(), first, cancel), cancel));
        if (sought.Length is >= ShortestNumber and < OrderNumber.Length && Characters(sought) is { } beginning)
            hits.AddRange(await Orders(await search.OrdersBeginning(beginning, first, cancel), language, cancel));
        if (sought.Length >= ShortestName) hits.AddRange((await search.BatchesNamed(sought, first, cancel)).Select(CodeBatch.Of));
        return [.. hits.DistinctBy(hit => hit.Id).Take(first).Cast<ISearchHit>()];
    }

    /// <summary>The order's number in a number of an order, a payment (two digits more) or a refund (an R and two digits more).</summary>
    internal static IReadOnlyList<string> Numbers(string sought)
    {
        var text = sought.ToUpperInvariant();
        if (text.Length < OrderNumber.Length || !OrderNumber.IsValid(text[..OrderNumber.Length])) return [];
        return text[OrderNumber.Length..] switch
        {
            "" or [>= '0' and <= '9', >= '0' and <= '9'] or ['R', >= '0' and <= '9', >= '0' and <= '9'] => [text[..OrderNumber.Length]],
            _ => [],
        };
    }

    async Task<Refund?> FindRefund(string number, Viewer viewer, Language language, CancellationToken cancel) =>
        OrderNumber.TryParseRefund(number, out var of)
        && (await orders.Find([of], cancel)).TryGetValue(of, out var order)
        && order.State.Refunds.FirstOrDefault(one => one.Number == number) is { } found
            ? Refund.From(found, Order.Of(order, language, time.GetUtcNow()), viewer)
            : null;

    // What is no character of the alphabet is in no number. Codes that people can remember may end in any letter.
    static string? Characters(string sought)
    {
        var text = sought.ToUpperInvariant();
        return text.All(character => CheckCharacter.Alphabet.Contains(character, StringComparison.Ordinal)) ? text : null;
    }

    async Task<IEnumerable<Order>> Orders(IReadOnlyList<string> numbers, Language language, CancellationToken cancel)
    {
        if (numbers.Count == 0) return [];
        var found = await orders.Find(numbers, cancel);
        return numbers.Where(found.ContainsKey).Select(number => Order.Of(found[number], language, time.GetUtcNow()));
    }

    // Somebody who only ever placed orders was never credited, and is found all the same.
    async Task<Account?> Account(string sought, CancellationToken cancel)
    {
        if (!Checked.IsAccount(sought)) return null;
        if ((await accounts.Find([sought], cancel)).TryGetValue(sought, out var account)) return Accounts.Account.Of(sought, account, time.GetUtcNow());
        return await orders.Count(new(Account: sought), 1, cancel) > 0 ? Accounts.Account.Of(sought, null, time.GetUtcNow()) : null;
    }

    async Task<IEnumerable<RedemptionCode>> Codes(IReadOnlyList<Code> found, CancellationToken cancel)
    {
        if (found.Count == 0) return [];
        var of = await batches.Find([.. found.Select(code => code.BatchId).Distinct(StringComparer.Ordinal)], cancel);
        return found.Where(code => of.ContainsKey(code.BatchId)).Select(code => RedemptionCode.Of(code, of[code.BatchId].State, time.GetUtcNow()));
    }
}
