using Billing.Catalog;
using Billing.GraphQL.Codes;
using Billing.GraphQL.Orders;
using Domain = Billing.Catalog;

namespace Billing.GraphQL.Catalog;

/// <summary>Why a plan was not made or changed.</summary>
[UnionType]
public interface IPlanError;

/// <summary>Another plan has this slug.</summary>
public sealed record SlugTaken(string Message, string Code) : IError, IPlanError;

/// <summary>The terms do not hold together.</summary>
/// <param name="Message">What is wrong, and what to do.</param>
/// <param name="Code">For programs.</param>
/// <param name="Field">Which field is wrong.</param>
public sealed record InvalidPlan(string Message, string Code, string Field) : IError, IPlanError;

/// <summary>A grant is empty, beyond its bounds, or has a fraction below a micro-credit.</summary>
public sealed record InvalidGrant(string Message, string Code) : IError, IPlanError, IIssueRedemptionCodesError
{
    internal static InvalidGrant Of(Language language) => new(
        language.Say(
            "A grant gives something: credits above zero with at most 6 decimals, or a tier for 1 to 36,525 days.",
            "权益必须有内容：大于零、最多 6 位小数的额度，或 1 至 36,525 天的订阅。"),
        "INVALID_GRANT");
}

static class PlanErrors
{
    public const string BadSlug = "Use lower-case letters, digits and dashes, at most 64.";

    public static IPlanError Of(PlanError refusal, Language language) => refusal switch
    {
        PlanUnknown => OrderErrors.PlanNotFound(language),
        Domain.SlugTaken => new SlugTaken(language.Say("Another plan has this name. Choose another slug.", "已有同名套餐，请换一个标识。"), "SLUG_TAKEN"),
        Domain.InvalidPlan invalid => new InvalidPlan(invalid.Problem, "INVALID_PLAN", invalid.Field),
        Domain.InvalidGrant => InvalidGrant.Of(language),
        _ => throw new InvalidOperationException($"{refusal.GetType().Name} is not shown."),
    };
}
