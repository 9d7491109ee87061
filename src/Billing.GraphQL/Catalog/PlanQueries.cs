using Billing.Channels;
using Billing.Storage.Catalog;
using GraphQL.DataLoader;
using Domain = Billing.Catalog;

namespace Billing.GraphQL.Catalog;

/// <summary>What is sold, and how it can be paid.</summary>
[QueryType]
public static class PlanQueries
{
    /// <summary>The plans on sale, in display order; for administrators with <c>all</c>, every plan. Public.</summary>
    public static async Task<IReadOnlyList<Plan>> GetPlans(bool? all, Viewer viewer, PlanReader plans, TimeProvider time, ClientInfo client, CancellationToken cancel)
    {
        if (all == true && !viewer.IsAdministrator) throw new BadRequestFault(ErrorCodes.NotAuthorized, "Only administrators see plans that are not on sale.");
        var now = time.GetUtcNow();
        var language = Language.Of(client);
        return [.. (await plans.All(cancel)).Where(plan => all == true || plan.State.Terms.IsOnSale(now)).Select(plan => Plan.Of(plan.State, language, now))];
    }

    // A plan is read and not asked of its grain here: a name that anybody made up would bring one into memory.

    /// <summary>A plan by its name, on sale or not. Public.</summary>
    [Cost(10)]
    public static IDataLoaderResult<Plan?>? GetPlan(string slug, PlanLoader plans, TimeProvider time, ClientInfo client) =>
        Domain.PlanRules.IsSlug(slug) ? plans.Load(slug, plan => plan is null ? null : Plan.Of(plan.State, Language.Of(client), time.GetUtcNow())) : null;

    /// <summary>The payment methods that can pay for this plan now; without a plan, all that are offered. Public.</summary>
    [Cost(10)]
    public static IDataLoaderResult<IReadOnlyList<PaymentMethod>> GetPaymentMethods(string? planSlug, IPaymentMethods methods, PlanLoader plans)
    {
        var offered = methods.All.Where(method => method.Enabled);
        // What can be no plan's name is looked up as none, which finds nothing.
        return plans.Load<IReadOnlyList<PaymentMethod>>(planSlug is not null && Domain.PlanRules.IsSlug(planSlug) ? planSlug : "", plan => (planSlug, plan) switch
        {
            (null, _) => [.. offered.Select(PaymentMethod.Of)],
            (_, null) => [],
            _ => [.. offered.Where(method => method.Takes(plan.State.Terms.Price)).Select(PaymentMethod.Of)],
        });
    }
}

/// <summary>A way to pay.</summary>
/// <param name="Id">For example <c>alipay-main</c>.</param>
/// <param name="Name">What buyers read.</param>
/// <param name="Kind">The kind of provider.</param>
/// <param name="Presentation">How the buyer gets there.</param>
public sealed record PaymentMethod([property: Id] string Id, string Name, PaymentMethodKind Kind, PaymentPresentation Presentation)
{
    internal static PaymentMethod Of(Billing.Channels.PaymentMethod method) => new(method.Id, method.Name, method.Kind, method.Presentation);
}

/// <summary>Finds plans by their names, all that a request asks for at once.</summary>
public sealed class PlanLoader(PlanReader plans) : BatchLoader<string, Versioned<Domain.Plan>>
{
    /// <inheritdoc/>
    protected override Task<IReadOnlyDictionary<string, Versioned<Domain.Plan>>> LoadBatch(IReadOnlyList<string> keys, CancellationToken cancel) => plans.Find(keys, cancel);
}

/// <summary>Finds plans by their global id.</summary>
sealed class PlanNodes(PlanReader plans, TimeProvider time) : INodeSource
{
    public string Noun => nameof(Plan);

    public NodeReaders Readers => NodeReaders.Everybody;

    public async Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel)
    {
        string[] slugs = [.. keys.Where(Domain.PlanRules.IsSlug)];
        return slugs.Length == 0 ? NodeSource.None : NodeSource.Show(await plans.Find(slugs, cancel), plan => Plan.Of(plan.State, request.Language, time.GetUtcNow()));
    }
}
