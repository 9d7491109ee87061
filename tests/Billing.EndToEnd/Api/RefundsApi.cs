using System.Text.Json.Nodes;

namespace Billing.EndToEnd.Api;

/// <summary>What callers do about money that goes back or got stuck.</summary>
static class RefundsApi
{
    public const string RefundFields = """
        id version number status reason decisionNote heldCredits amount { minorUnits currency formatted } requestedAmount { minorUnits }
        """;

    const string OrderFields = """
        number version status fulfilmentStatus refundStatus result { code message nextStep } refundableAmount { minorUnits }
        """;

    const string Details = """
        errors { ... on RefundAmountOutOfRange { refundable { minorUnits } } ... on CreditsAlreadySpent { refundable { minorUnits } } ... on ChangedMeanwhile { currentVersion }
            ... on RefundAlreadyDecided { status } }
        """;

    /// <summary>An order with its refunds.</summary>
    public static async Task<JsonNode> Refunds(this Caller caller, string number) =>
        (await caller.Ask($"query($number: ID!) {{ order(number: $number) {{ {OrderFields} refunds {{ {RefundFields} }} }} }}", new { number }))["order"]!;

    public static Task<JsonNode> RequestRefund(this Caller caller, string orderNumber, long? minorUnits = null, string? key = null, string currency = "CNY", string reason = "Not needed.") =>
        caller.Do(
            "requestRefund", "RequestRefundInput",
            new { orderNumber, reason, idempotencyKey = key ?? Guid.NewGuid().ToString("N"), amount = minorUnits is { } minor ? new { minorUnits = minor, currency } : null },
            $"order {{ {OrderFields} refunds {{ {RefundFields} }} }} errors {{ ... on RefundAmountOutOfRange {{ refundable {{ minorUnits }} }} ... on CreditsAlreadySpent {{ refundable {{ minorUnits }} }} }}");

    public static Task<JsonNode> WithdrawRefund(this Caller caller, string orderNumber) =>
        caller.Do("withdrawRefundRequest", "WithdrawRefundRequestInput", new { orderNumber }, $"order {{ {OrderFields} }}");

    public static Task<JsonNode> ApproveRefund(this Caller administrator, string refundId, long expectedVersion, long? minorUnits = null) => administrator.Do(
        "approveRefund", "ApproveRefundInput",
        new { refundId, expectedVersion, note = "For the test.", amount = minorUnits is { } minor ? new { minorUnits = minor, currency = "CNY" } : null },
        $"refund {{ {RefundFields} }} {Details}");

    public static Task<JsonNode> RejectRefund(this Caller administrator, string refundId, long expectedVersion, string reason = "It was used.") => administrator.Do(
        "rejectRefund", "RejectRefundInput", new { refundId, expectedVersion, reason }, $"refund {{ {RefundFields} }} {Details}");

    public static Task<JsonNode> RefundOrder(this Caller administrator, string orderNumber, long minorUnits, string? key = null, bool evenIfSpent = false) => administrator.Do(
        "refundOrder", "RefundOrderInput",
        new { orderNumber, amount = new { minorUnits, currency = "CNY" }, note = "For the test.", evenIfSpent, idempotencyKey = key ?? Guid.NewGuid().ToString("N") },
        $"refund {{ {RefundFields} }} {Details}");

    public static Task<JsonNode> Resolve(this Caller administrator, string workItemId, string resolution) => administrator.Do(
        "resolveWorkItem", "ResolveWorkItemInput", new { workItemId, resolution, note = "For the test." },
        "workItem { id resolution resolvedBy note resolvedAt possibleResolutions } errors { ... on ResolutionNotPossible { possible } }");

    public static Task<JsonNode> Spend(this Caller service, string accountId, string credits) =>
        service.Do("spendCredits", "SpendCreditsInput", new { accountId, credits, idempotencyKey = Guid.NewGuid().ToString("N") }, "entry { credits }");

    /// <summary>The open work items of an order.</summary>
    public static async Task<JsonNode[]> OpenWorkItems(this Caller administrator, string orderNumber)
    {
        var found = new List<JsonNode>();
        string? after = null;
        do
        {
            var page = (await administrator.Ask(
                "query($after: String) { workItems(first: 100, after: $after, where: { open: true }) { nodes { id kind detail possibleResolutions order { number } refund { number } } pageInfo { hasNextPage endCursor } } }",
                new { after }))["workItems"]!;
            found.AddRange(page["nodes"]!.AsArray().Where(item => (string?)item!["order"]?["number"] == orderNumber).Select(item => item!));
            after = (bool)page["pageInfo"]!["hasNextPage"]! ? (string)page["pageInfo"]!["endCursor"]! : null;
        }
        while (after is not null);
        return [.. found];
    }
}
