using System.Text;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Attacks;

/// <summary>What looking things up costs the database, counted by the server itself.</summary>
public sealed class LookingUp(SharedHosts hosts)
{
    const int Orders = 20;

    // What the host may ask meanwhile by itself.
    const int Noise = 3;

    /// <summary>
    /// One host, because each that counts has a database of its own. Looked up one by one, the hundred ids of the first request would be a thousand statements, and a grain in memory
    /// for each.
    /// </summary>
    [Fact]
    public async Task A_request_costs_as_many_statements_as_it_asks_of_kinds_and_not_of_things()
    {
        var database = await hosts.NewDatabase(Engine.Postgres);
        await using var host = await HostProcess.Start(database, SharedHosts.QuietSettings);
        await database.CountStatements();
        var (carol, alice) = (host.SomeAdministrator(), host.SomeBuyer());
        var (one, many) = (await carol.NewPlan(), await carol.NewPlan());
        var mine = (string)(await alice.Place(one))["number"]!;
        var others = await Task.WhenAll(Enumerable.Range(0, Orders).Select(async _ => (string)(await host.SomeBuyer().Place(many))["number"]!));

        // Without a token nothing private is looked up at all.
        string[] ids =
        [
            .. others.Append(mine).SelectMany(number => new[] { Id("Order", number), Id("Refund", number + "R01") }),
            .. Enumerable.Range(0, 25).SelectMany(n => new[] { Id("Account", $"somebody{n}"), Id("LedgerEntry", $"5:alice{n}") }),
        ];
        const string nodes = "{ a: nodes(ids: $ids) { __typename } b: nodes(ids: $ids) { __typename } c: nodes(ids: $ids) { __typename } }";
        await Costs(0, () => host.Anybody.Ask("query($ids: [ID!]!) " + nodes, new { ids }));

        // With one it is a statement for each kind: orders, the orders of refunds, the one account, the one ledger.
        string[] hers = [.. ids, Id("Account", alice.Subject), Id("LedgerEntry", $"{alice.Subject.Length}:{alice.Subject}order:{mine}")];
        await Costs(4, () => alice.Ask("query($ids: [ID!]!) " + nodes, new { ids = hers }));
        await Costs(4, () => carol.Ask("query($ids: [ID!]!) " + nodes, new { ids }));
        Assert.Equal(mine, (string?)(await alice.Ask("query($ids: [ID!]!) { nodes(ids: $ids) { ... on Order { number } } }", new { ids = new[] { Id("Order", mine) } }))["nodes"]![0]!["number"]);

        // Plans are for everybody, and cost one statement however many are made up.
        var plans = string.Concat(Enumerable.Range(0, 100).Select(n => $" p{n}: plan(slug: \"made-up-{n}\") {{ slug }}"));
        await Costs(1, () => host.Anybody.Ask("{" + plans + $" there: plan(slug: \"{one}\") {{ slug }} }}"));

        // A list asks for what belongs to its rows at once: one statement each for the orders, their accounts and their timelines.
        const string list = """
            query($plan: String!) { orders(first: 20, where: { planSlug: $plan }) { nodes {
              number account { accountId credits } timeline { kind at actor } payments { id method { id } } refunds { number } workItems { kind } result { message }
            } } }
            """;
        Assert.Equal(Orders, (await carol.Ask(list, new { plan = many }))["orders"]!["nodes"]!.AsArray().Count);
        var ofOne = await Fewest(() => carol.Ask(list, new { plan = one }));
        Assert.InRange(ofOne, 1, 3);
        Assert.Equal(ofOne, await Fewest(() => carol.Ask(list, new { plan = many })));

        async Task Costs(int statements, Func<Task> ask) => Assert.InRange(await Fewest(ask), statements, statements == 0 ? 0 : statements + Noise);

        // Asked three times, because the host may look around meanwhile.
        async Task<long> Fewest(Func<Task> ask)
        {
            var fewest = long.MaxValue;
            for (var times = 0; times < 3; times++)
            {
                var before = await database.Statements();
                await ask();
                fewest = Math.Min(fewest, await database.Statements() - before);
            }

            return fewest;
        }
    }

    static string Id(string noun, string key) => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{noun}:{key}"));
}
