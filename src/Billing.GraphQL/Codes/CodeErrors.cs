using Billing.Codes;
using Billing.GraphQL.Catalog;
using Billing.GraphQL.Orders;
using Domain = Billing.Codes;

namespace Billing.GraphQL.Codes;

/// <summary>Why a code was not redeemed. One that does not exist, is mistyped or is disabled is one and the same CodeNotFound, so that codes cannot be probed.</summary>
[UnionType]
public interface IRedeemCodeError;

/// <summary>Why codes were not issued.</summary>
[UnionType]
public interface IIssueRedemptionCodesError;

/// <summary>Why codes were not disabled.</summary>
[UnionType]
public interface IDisableRedemptionCodesError;

/// <summary>Why no code was given to the account.</summary>
[UnionType]
public interface IAssignRedemptionCodeError;

/// <summary>Why a redemption was not reversed.</summary>
[UnionType]
public interface IReverseRedemptionError;

/// <summary>There is no such code.</summary>
public sealed record CodeNotFound(string Message, string Code) : IError, IRedeemCodeError, IDisableRedemptionCodesError;

/// <summary>It is too late for the code.</summary>
/// <param name="Message">What happened.</param>
/// <param name="Code">For programs.</param>
/// <param name="ExpiredAt">When it was over.</param>
public sealed record CodeExpired(string Message, string Code, DateTimeOffset ExpiredAt) : IError, IRedeemCodeError;

/// <summary>It is too early for the code.</summary>
/// <param name="Message">What happened, and what to do.</param>
/// <param name="Code">For programs.</param>
/// <param name="ValidFrom">From when it can be redeemed.</param>
public sealed record CodeNotYetValid(string Message, string Code, DateTimeOffset ValidFrom) : IError, IRedeemCodeError;

/// <summary>The code was redeemed as often as it allows.</summary>
public sealed record CodeAlreadyRedeemed(string Message, string Code) : IError, IRedeemCodeError, IDisableRedemptionCodesError;

/// <summary>The code is for others.</summary>
/// <param name="Message">What happened.</param>
/// <param name="Code">For programs.</param>
/// <param name="Unmet">The rules that the account does not meet.</param>
public sealed record CodeNotEligible(string Message, string Code, IReadOnlyList<IEligibilityRule> Unmet) : IError, IRedeemCodeError;

/// <summary>A limit over all codes of an issue is reached.</summary>
/// <param name="Message">What happened.</param>
/// <param name="Code">For programs.</param>
/// <param name="Scope">Which limit.</param>
public sealed record RedemptionLimitReached(string Message, string Code, LimitScope Scope) : IError, IRedeemCodeError;

/// <summary>The window ends before it begins, or is over already.</summary>
public sealed record InvalidValidity(string Message, string Code) : IError, IIssueRedemptionCodesError;

/// <summary>There are too few or too many codes.</summary>
public sealed record CountOutOfRange(string Message, string Code, int Minimum, int Maximum) : IError, IIssueRedemptionCodesError;

/// <summary>A code with this text exists.</summary>
public sealed record VanityCodeTaken(string Message, string Code) : IError, IIssueRedemptionCodesError;

/// <summary>Something else of the batch cannot be so.</summary>
/// <param name="Message">What is wrong, and what to do.</param>
/// <param name="Code">For programs.</param>
/// <param name="Field">Which field of the input is wrong.</param>
public sealed record InvalidCodeBatch(string Message, string Code, string Field) : IError, IIssueRedemptionCodesError;

/// <summary>There is no such batch.</summary>
public sealed record CodeBatchNotFound(string Message, string Code) : IError, IDisableRedemptionCodesError, IAssignRedemptionCodeError;

/// <summary>The batch has no unused code left that could be given to an account.</summary>
public sealed record NoCodeLeft(string Message, string Code) : IError, IAssignRedemptionCodeError;

/// <summary>There is no such redemption, or its account is not credited yet.</summary>
public sealed record RedemptionNotFound(string Message, string Code) : IError, IReverseRedemptionError;

/// <summary>It was reversed before, under another key.</summary>
public sealed record AlreadyReversed(string Message, string Code) : IError, IReverseRedemptionError;

/// <summary>It is not as the administrator saw it.</summary>
/// <param name="Message">What happened, and what to do.</param>
/// <param name="Code">For programs.</param>
/// <param name="CurrentVersion">Its version now.</param>
public sealed record ChangedMeanwhile(string Message, string Code, long CurrentVersion) : IError, IReverseRedemptionError, Orders.IRefundDecisionError;

static class CodeErrors
{
    public static CodeNotFound NotFound(Language language) =>
        new(language.Say("There is no such code. Check it letter by letter.", "没有这个兑换码，请逐字核对。"), "CODE_NOT_FOUND");

    public static RateLimited RateLimited(TimeSpan retryAfter, Language language)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(retryAfter.TotalSeconds));
        return new(
            language.Say($"Too many codes were tried that could not be redeemed. Try again in {seconds} s.", $"尝试的无法兑换的兑换码过多，请 {seconds} 秒后再试。"), "RATE_LIMITED", seconds);
    }

    /// <summary>A code's refusal as the API shows it. Which of them a payload's union takes is the caller's word.</summary>
    public static T Of<T>(CodeError refusal, Language language)
        where T : class => Show(refusal, language) as T ?? throw new InvalidOperationException($"{refusal.GetType().Name} is no {typeof(T).Name}.");

    /// <summary>A batch's refusal as the API shows it.</summary>
    public static T Of<T>(CodeBatchError refusal, Language language)
        where T : class => Show(refusal, language) as T ?? throw new InvalidOperationException($"{refusal.GetType().Name} is no {typeof(T).Name}.");

    static IError Show(CodeError refusal, Language language) => refusal switch
    {
        Domain.CodeNotFound => NotFound(language),
        Domain.CodeExpired e => new CodeExpired(language.Say("The time to redeem this code is over.", "该兑换码已过期。"), "CODE_EXPIRED", e.ExpiredAt),
        Domain.CodeNotYetValid e => new CodeNotYetValid(
            language.Say("This code cannot be redeemed yet. Come back when its time begins.", "该兑换码尚未生效，请在生效后再来。"), "CODE_NOT_YET_VALID", e.ValidFrom),
        Domain.CodeAlreadyRedeemed => new CodeAlreadyRedeemed(
            language.Say("This code was redeemed as often as it allows.", "该兑换码已被兑换完。"), "CODE_ALREADY_REDEEMED"),
        Domain.CodeNotEligible e => new CodeNotEligible(
            language.Say("This code is not for your account.", "您的账户不符合该兑换码的使用条件。"), "CODE_NOT_ELIGIBLE",
            [.. e.Unmet.Select(rule => EligibilityRules.Show(rule, seesNames: false))]),
        Domain.RedemptionLimitReached e => new RedemptionLimitReached(
            e.Scope == LimitScope.AccountInBatch
                ? language.Say("You have redeemed as many codes of this kind as one account may.", "您兑换此类兑换码的次数已达上限。")
                : language.Say("Nothing is left of what these codes give.", "此类兑换码的总额度已用完。"),
            "REDEMPTION_LIMIT_REACHED", e.Scope),
        CodeKeyReused e => IdempotencyKeyReused.Of(e.Differs, language),
        Domain.RedemptionNotFound => new RedemptionNotFound(
            language.Say("There is no such redemption that could be reversed. Check its id.", "没有可撤销的此次兑换，请核对其标识。"), "REDEMPTION_NOT_FOUND"),
        Domain.AlreadyReversed => new AlreadyReversed(language.Say("This redemption was reversed before.", "此次兑换此前已被撤销。"), "ALREADY_REVERSED"),
        RedemptionChanged e => new ChangedMeanwhile(
            language.Say("This redemption has changed meanwhile. Look at it again and decide anew.", "此次兑换已发生变化，请重新查看后再决定。"), "CHANGED_MEANWHILE",
            e.CurrentVersion),
        _ => throw new InvalidOperationException($"{refusal.GetType().Name} is not shown."),
    };

    static IError Show(CodeBatchError refusal, Language language) => refusal switch
    {
        InvalidCodeGrant => InvalidGrant.Of(language) with
        {
            Message = language.Say(
                "Each redemption grants something: credits above zero with at most 6 decimals, or a tier for 1 to 36,525 days; and all redemptions together at most a trillion credits.",
                "每次兑换都必须有权益：大于零、最多 6 位小数的额度，或 1 至 36,525 天的订阅；且全部兑换合计不超过一万亿额度。"),
        },
        Domain.InvalidValidity => new InvalidValidity(
            language.Say("Codes are valid from a moment before they end, and end in the future.", "生效时间须早于失效时间，且失效时间须在将来。"), "INVALID_VALIDITY"),
        Domain.CountOutOfRange { Maximum: 1 } => new CountOutOfRange(
            language.Say("A batch with a code that people can remember has this one code: set count to 1.", "自定义兑换码的批次只有这一个码，请将数量设为 1。"), "COUNT_OUT_OF_RANGE", 1, 1),
        Domain.CountOutOfRange e => new CountOutOfRange(
            language.Say($"A batch has between {e.Minimum:N0} and {e.Maximum:N0} codes.", $"每批兑换码的数量为 {e.Minimum:N0} 至 {e.Maximum:N0}。"), "COUNT_OUT_OF_RANGE",
            e.Minimum, e.Maximum),
        Domain.VanityCodeTaken => new VanityCodeTaken(language.Say("A code with this text exists. Choose another one.", "该自定义兑换码已存在，请换一个。"), "VANITY_CODE_TAKEN"),
        Domain.InvalidCodeBatch e => new InvalidCodeBatch(language.Say(e.Problem, Chinese(e.Field)), "INVALID_CODE_BATCH", e.Field),
        BatchKeyReused e => IdempotencyKeyReused.Of(e.Differs, language),
        Domain.CodeBatchNotFound => new CodeBatchNotFound(language.Say("There is no such batch. Check its id.", "没有这个批次，请核对其标识。"), "CODE_BATCH_NOT_FOUND"),
        Domain.NoCodeLeft => new NoCodeLeft(
            language.Say("No unused code of this batch is left to give. Issue another batch.", "该批次已没有可发放的兑换码，请另发一批。"), "NO_CODE_LEFT"),
        _ => throw new InvalidOperationException($"{refusal.GetType().Name} is not shown."),
    };

    static string Chinese(string field) => field switch
    {
        "name" => $"批次名称为 1 至 {CodeBatchTerms.MaxNameLength} 个字符。",
        "note" => "备注须为文本。",
        "prefix" => $"前缀最多 {CodeText.MaxPrefixLength} 个字母或数字；自定义兑换码不带前缀。",
        "vanityCode" => $"自定义兑换码为 {CodeText.MinVanityLength} 至 {CodeText.MaxVanityLength} 个字母或数字。",
        "maxRedemptionsPerCode" => $"每个兑换码可兑换 1 至 {CodeBatchTerms.MostRedemptionsPerCode} 次。",
        "maxRedemptionsPerAccount" => $"每个账户可兑换 1 至 {CodeBatchTerms.MostRedemptionsPerAccount} 次。",
        "maxRedemptions" => "兑换总次数须大于零。",
        "creditBudget" => "额度预算须大于零、最多 6 位小数，并且至少够一次兑换；只用于发放额度的兑换码。",
        "eligibility" =>
            $"每种条件最多一个，各含 1 至 {EligibilityRule.MaxNames} 个名称（每个最多 {EligibilityRule.MaxNameLength} 个字符）及 1 至 {EligibilityRule.MaxDays} 天。",
        _ => "批次内容有误。",
    };
}
