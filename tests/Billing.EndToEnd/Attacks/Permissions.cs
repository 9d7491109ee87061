using System.Net.Http.Json;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Codes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Attacks;

/// <summary>Who is not entitled is told so, and changes nothing; what is another's is not there.</summary>
[Collection("Counted on SQLite")]
public sealed class Permissions(SharedHosts hosts)
{
    const string Administrator = "billing:admin";
    const string Service = "billing:service";

    /// <summary>Each of these would be answered: that the roles which may ask are told something else shows that it is the role that was refused.</summary>
    [Theory]
    [InlineData("""mutation { createPlan(input: { slug: "starter", plan: { name: { en: "Mine" }, price: { minorUnits: 1, currency: "CNY" } } }) { plan { slug } } }""", Administrator)]
    [InlineData("""mutation { updatePlan(input: { slug: "no-such-plan", plan: { price: { minorUnits: 1, currency: "CNY" } }, note: "Mine." }) { plan { slug } } }""", Administrator)]
    [InlineData("""mutation { adjustCredits(input: { accountId: "me", credits: "0", note: "Mine.", idempotencyKey: "k" }) { account { credits } } }""", Administrator)]
    [InlineData("""mutation { spendCredits(input: { accountId: "nobody", credits: "1", idempotencyKey: "k" }) { account { credits } } }""", Service)]
    [InlineData("""mutation { resolveWorkItem(input: { workItemId: "none", resolution: DISMISS, note: "Mine." }) { workItem { kind } } }""", Administrator)]
    [InlineData("""{ account(id: "somebody") { credits } }""", Administrator, Service)]
    [InlineData("""{ workItems(first: 1) { nodes { kind } } }""", Administrator)]
    [InlineData("""{ orders(first: 1) { nodes { number } } }""", Administrator)]
    [InlineData("""{ me { orders(first: 1) { nodes { callbacks(first: 1) { nodes { body } } } } } }""", Administrator)]
    public async Task Only_who_has_the_role_may_ask(string document, params string[] roles)
    {
        var host = await hosts.Counted(Engine.Sqlite);
        var before = await host.Database.Contents();
        Assert.Equal((401, "AUTH_NOT_AUTHENTICATED"), await Outcome(host.Anybody));
        Assert.Equal((403, "AUTH_NOT_AUTHORIZED"), await Outcome(host.SomeBuyer()));
        foreach (var role in new[] { Administrator, Service, "billing:administrator", "" })
        {
            var outcome = await Outcome(host.Forged("somebody", role));
            if (roles.Contains(role)) Assert.Equal((200, null), outcome);
            else Assert.Equal((403, "AUTH_NOT_AUTHORIZED"), outcome);
        }

        Assert.Equal(before, await host.Database.Contents());

        async Task<(int, string?)> Outcome(Caller caller)
        {
            var answer = await caller.Send(document);
            return (answer.Status, answer.Codes.Distinct().SingleOrDefault());
        }
    }

    /// <summary>Told "forbidden", who tries numbers would learn which of them are somebody's.</summary>
    [Fact]
    public async Task Anothers_order_is_answered_as_one_that_is_not_there()
    {
        var host = await hosts.Counted(Engine.Sqlite);
        var (alice, bob) = (host.SomeBuyer(), host.SomeBuyer());
        var order = await alice.Place("starter");
        var number = (string)order["number"]!;
        var id = (string)(await alice.Ask("query($number: ID!) { order(number: $number) { id } }", new { number }))["order"]!["id"]!;
        const string none = "0000000000000000";

        const string document = "query($id: ID!, $ids: [ID!]!, $number: ID!) { node(id: $id) { id } nodes(ids: $ids) { id } order(number: $number) { id } }";
        Assert.Equal(await Answer("T3JkZXI6bm9uZQ", none), await Answer(id, number));
        Assert.Equal(number, (string?)(await alice.Ask("query($id: ID!) { node(id: $id) { ... on Order { number } } }", new { id }))["node"]!["number"]);

        var foreign = await Watch(bob, number);
        Assert.Contains("ORDER_NOT_FOUND", foreign, StringComparison.Ordinal);
        Assert.Equal(await Watch(bob, none), foreign);
        Assert.Contains("AUTH_NOT_AUTHENTICATED", await Watch(host.Anybody, number), StringComparison.Ordinal);
        await using (var live = await LiveOrder.Watch(host, alice, number)) Assert.Equal(number, (string?)(await live.Next())["number"]);

        foreach (var payload in new[] { await bob.StartPayment(number, "sandbox"), await bob.RefreshPayment(number), await bob.Cancel(number) })
            Assert.Equal("ORDER_NOT_FOUND", (string?)Assert.Single(payload["errors"]!.AsArray())!["code"]);
        Assert.Equal((long)order["version"]!, (long)(await alice.Order(number))!["version"]!);

        async Task<string> Answer(string node, string named) => (await bob.Send(document, new { id = node, ids = new[] { node }, number = named })).Text;
    }

    static async Task<string> Watch(Caller caller, string number) => (await caller.Send(
        JsonContent.Create(new { query = "subscription($number: ID!) { orderChanged(number: $number) { number } }", variables = new { number } }), "text/event-stream")).Text;
}
