using Billing.Catalog;
using Billing.Tests.Cluster;

namespace Billing.Tests.Catalog;

[Collection(nameof(BillingCluster))]
public class PlanGrainTests(BillingCluster cluster)
{
    [Fact]
    public async Task A_piece_that_was_taken_stays_taken_for_its_order_when_the_plan_has_sold_out_and_forgotten_it()
    {
        const int stock = Billing.Catalog.Plan.RememberedReservations + 1;
        var plan = cluster.Grains.GetGrain<IPlanGrain>(await cluster.Plan(stock));
        for (var n = 1; n <= stock; n++) Assert.Null((await plan.TakePiece($"taken:{n}:1")).Refusal);
        Assert.IsType<SoldOut>((await plan.TakePiece("taken:late:1")).Refusal);

        // Its first answer was lost: the order asks again.
        var again = await plan.TakePiece("taken:1:1");
        Assert.Null(again.Refusal);
        Assert.Equal(0, again.Value!.State.Stock);
        Assert.IsType<SoldOut>((await plan.TakePiece("taken:1:2")).Refusal);
    }
}
