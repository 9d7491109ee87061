using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;

namespace Billing.EndToEnd.Codes;

/// <summary>What callers do with codes.</summary>
static class CodesApi
{
    public const string BatchFields = "id version name status progress { done total } count issued redeemed disabled exportUrl";

    public const string RedemptionFields = "id version at masked reversedAt takenBack alreadySpent account { accountId } grants { __typename ... on CreditGrant { credits } }";

    const string Details = """
        errors { ... on CodeNotEligible { unmet { __typename ... on NamedAccounts { accountIds } } } ... on RedemptionLimitReached { scope } ... on RateLimited { retryAfterSeconds } }
        """;

    /// <summary>Issues a batch of codes for five credits each; what is given replaces the rest.</summary>
    public static Task<JsonNode> TryToIssue(this Caller administrator, object? terms = null)
    {
        var input = new Dictionary<string, object?>
        {
            ["name"] = "A batch",
            ["count"] = 1,
            ["grants"] = new[] { new { credits = new { credits = "5" } } },
            ["idempotencyKey"] = Guid.NewGuid().ToString("N"),
        };
        foreach (var term in terms?.GetType().GetProperties() ?? []) input[term.Name] = term.GetValue(terms);
        return administrator.Do(
            "issueRedemptionCodes", "IssueRedemptionCodesInput", input,
            $"replayed codes batch {{ {BatchFields} }} estimate {{ codes maximumCredits entropyBits yearsToGuessOne }} errors {{ ... on InvalidCodeBatch {{ field }} }}");
    }

    /// <summary>Issues codes, which must succeed; and gives the batch's id and the codes.</summary>
    public static async Task<(string Batch, string[] Codes)> Issue(this Caller administrator, object? terms = null)
    {
        var payload = await administrator.TryToIssue(terms);
        Assert.True(payload["errors"] is null, payload.ToJsonString());
        return ((string)payload["batch"]!["id"]!, [.. payload["codes"]!.AsArray().Select(code => (string)code!)]);
    }

    public static Task<JsonNode> Redeem(this Caller caller, string code, string? idempotencyKey = null) => caller.Do(
        "redeemCode", "RedeemCodeInput", new { code, idempotencyKey }, $"replayed redemption {{ {RedemptionFields} }} account {{ credits }} {Details}");

    /// <summary>The code of the only error; null when it was redeemed.</summary>
    public static string? Error(this JsonNode payload) => (string?)payload["errors"]?[0]!["code"];

    public static async Task<JsonNode> Preview(this Caller caller, string code) =>
        (await caller.Ask("query($code: String!) { redemptionPreview(code: $code) { redeemable grants { __typename } errors { __typename ... on Error { code } } earlier { id } } }", new { code }))["redemptionPreview"]!;

    public static async Task<JsonNode?> Batch(this Caller administrator, string id) =>
        (await administrator.Ask($"query($id: ID!) {{ codeBatch(id: $id) {{ {BatchFields} }} }}", new { id }))["codeBatch"];

    public static async Task<JsonNode?> Code(this Caller administrator, string code) => (await administrator.Ask(
        "query($code: String!) { redemptionCode(code: $code) { id masked status remainingRedemptions assignedTo { accountId } redemptions(first: 10) { nodes { account { accountId } } } } }",
        new { code }))["redemptionCode"];

    public static Task<JsonNode> Assign(this Caller administrator, string batchId, string accountId, string source) =>
        administrator.Do("assignRedemptionCode", "AssignRedemptionCodeInput", new { batchId, accountId, source, note = "For the test." }, "code replayed");

    public static Task<JsonNode> DisableBatch(this Caller administrator, string batchId) => administrator.Do(
        "disableRedemptionCodes", "DisableRedemptionCodesInput", new { batch = new { batchId, note = "For the test." } }, $"disabled batch {{ {BatchFields} }}");

    public static Task<JsonNode> DisableCode(this Caller administrator, string code) => administrator.Do(
        "disableRedemptionCodes", "DisableRedemptionCodesInput", new { code = new { code, note = "For the test." } }, $"disabled batch {{ {BatchFields} }}");

    public static Task<JsonNode> Reverse(this Caller administrator, string redemptionId, string idempotencyKey, long expectedVersion = 1) => administrator.Do(
        "reverseRedemption", "ReverseRedemptionInput", new { redemptionId, expectedVersion, idempotencyKey, note = "For the test." },
        $"redemption {{ {RedemptionFields} }} takenBack alreadySpent takenBackDays errors {{ ... on ChangedMeanwhile {{ currentVersion }} }}");

    /// <summary>An administrator whose events in the journal are told apart.</summary>
    public static Caller SomeAdministrator(this Hosts.HostProcess host) => host.Forged("admin-" + Guid.NewGuid().ToString("N"), "billing:admin");

    /// <summary>A made-up account that nobody used before.</summary>
    public static Caller SomeBuyer(this Hosts.HostProcess host) => host.Forged("buyer-" + Guid.NewGuid().ToString("N"));
}
