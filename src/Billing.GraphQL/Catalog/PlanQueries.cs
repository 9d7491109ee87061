using Billing.Catalog;
using Billing.Channels;
using Billing.Storage.Catalog;

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

    /// <summary>A plan by its name, on sale or not. Public.</summary>
    public static async Task<Plan?> GetPlan(string slug, IGrainFactory grains, TimeProvider time, ClientInfo client) =>
        PlanRules.IsSlug(slug) && await grains.GetGrain<IPlanGrain>(slug).Get() is { } plan ? Plan.Of(plan.State, Language.Of(client), time.GetUtcNow()) : null;

    /// <summary>The payment methods that can pay for this plan now; without a plan, all that are offered. Public.</summary>
    public static async Task<IReadOnlyList<PaymentMethod>> GetPaymentMethods(string? planSlug, IPaymentMethods methods, IGrainFactory grains)
    {
        var offered = methods.All.Where(method => method.Enabled);
        if (planSlug is null) return [.. offered.Select(PaymentMethod.Of)];
        if (!PlanRules.IsSlug(planSlug) || await grains.GetGrain<IPlanGrain>(planSlug).Get() is not { } plan) return [];
        return [.. offered.Where(method => method.Takes(plan.State.Terms.Price)).Select(PaymentMethod.Of)];
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

/// <summary>Finds plans by their global id.</summary>
sealed class PlanNodes(IGrainFactory grains, TimeProvider time) : INodeSource
{
    public string Noun => nameof(Plan);

    public async ValueTask<INode?> Find(string key, Viewer viewer, CancellationToken cancel) =>
        PlanRules.IsSlug(key) && await grains.GetGrain<IPlanGrain>(key).Get() is { } plan ? Plan.Of(plan.State, Language.English, time.GetUtcNow()) : null;
}
