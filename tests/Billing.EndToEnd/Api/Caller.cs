using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Api;

/// <summary>Somebody who uses a host's API, as a program would.</summary>
public sealed class Caller(HostProcess host, string? token)
{
    /// <summary>What the tests read of an order.</summary>
    public const string OrderFields = """
        number version status paymentStatus fulfilmentStatus expiresAt result { code message nextStep } amount { minorUnits currency }
        payment { id status redirectUrl qrCode qrCodeSvg providerReference method { id } } payments { id status method { id } }
        """;

    const string ErrorFields = "errors { __typename ... on Error { message code } }";

    /// <summary>Whose account it is.</summary>
    public string Subject { get; init; } = "";

    public string? Token => token;

    /// <summary>Sends a request as it is, and gives the whole answer.</summary>
    public async Task<ApiAnswer> Send(HttpContent content, string accept = "application/graphql-response+json")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "graphql") { Content = content };
        request.Headers.Accept.ParseAdd(accept);
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await host.Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return new((int)response.StatusCode, text);
    }

    /// <summary>Asks, and gives the whole answer.</summary>
    public Task<ApiAnswer> Send(string query, object? variables = null) => Send(JsonContent.Create(new { query, variables }));

    /// <summary>Asks, and gives the data; there may be no error.</summary>
    public async Task<JsonNode> Ask(string query, object? variables = null)
    {
        var answer = await Send(query, variables);
        Assert.True(answer is { Status: 200, Json: { } json } && json["errors"] is null, $"{answer.Status}: {answer.Text}\n{host.Problems}");
        return answer.Json!["data"]!;
    }

    /// <summary>A mutation's payload.</summary>
    public async Task<JsonNode> Do(string mutation, string inputType, object input, string fields) =>
        (await Ask($"mutation($input: {inputType}!) {{ {mutation}(input: $input) {{ {fields} {ErrorFields} }} }}", new { input }))[mutation]!;

    public Task<JsonNode> TryToPlace(string planSlug, string key, string? methodId = "sandbox", object? amount = null, object? expectedPrice = null) =>
        Do("placeOrder", "PlaceOrderInput", new { planSlug, methodId, amount, expectedPrice, idempotencyKey = key }, $"replayed order {{ {OrderFields} }}");

    /// <summary>Places an order, which must succeed.</summary>
    public async Task<JsonNode> Place(string planSlug, string? methodId = "sandbox", string? key = null)
    {
        var payload = await TryToPlace(planSlug, key ?? Guid.NewGuid().ToString("N"), methodId);
        Assert.True(payload["errors"] is null, payload.ToJsonString());
        return payload["order"]!;
    }

    public Task<JsonNode> StartPayment(string orderNumber, string methodId) => Do("startPayment", "StartPaymentInput", new { orderNumber, methodId }, $"order {{ {OrderFields} }}");

    public Task<JsonNode> RefreshPayment(string orderNumber) => Do("refreshPayment", "RefreshPaymentInput", new { orderNumber }, $"order {{ {OrderFields} }}");

    public Task<JsonNode> Cancel(string orderNumber) => Do("cancelOrder", "CancelOrderInput", new { orderNumber }, $"order {{ {OrderFields} }}");

    /// <summary>An order as it is; null when it is not there for the caller.</summary>
    public async Task<JsonNode?> Order(string number) =>
        (await Ask($"query($number: ID!) {{ order(number: $number) {{ {OrderFields} }} }}", new { number }))["order"];

    /// <summary>Waits until the order's status is this, and gives the order.</summary>
    public async Task<JsonNode> OrderIs(string number, string status, TimeSpan? patience = null) =>
        (await Until.Is(() => Order(number), order => (string?)order!["status"] == status, $"order {number} is {status}", patience))!;

    /// <summary>The account's credits.</summary>
    public async Task<decimal> Credits() => decimal.Parse((string)(await Ask("{ me { credits } }"))["me"]!["credits"]!, System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What happened to an order, by the names of the kinds.</summary>
    public async Task<string[]> Timeline(string number) =>
        [.. (await Ask("query($number: ID!) { order(number: $number) { timeline { kind } } }", new { number }))["order"]!["timeline"]!.AsArray().Select(happened => (string)happened!["kind"]!)];

    /// <summary>The kinds of the work items of an order; of all orders for an administrator.</summary>
    public async Task<string[]> WorkItems(string orderNumber)
    {
        var kinds = new List<string>();
        string? after = null;
        do
        {
            var page = (await Ask("query($after: String) { workItems(first: 100, after: $after) { nodes { kind order { number } } pageInfo { hasNextPage endCursor } } }", new { after }))["workItems"]!;
            kinds.AddRange(page["nodes"]!.AsArray().Where(item => (string?)item!["order"]?["number"] == orderNumber).Select(item => (string)item!["kind"]!));
            after = (bool)page["pageInfo"]!["hasNextPage"]! ? (string)page["pageInfo"]!["endCursor"]! : null;
        }
        while (after is not null);
        return [.. kinds];
    }

    /// <summary>Makes a plan with a name of its own, 100 credits for 9.90.</summary>
    public async Task<string> NewPlan(object? terms = null)
    {
        var slug = "plan-" + Guid.NewGuid().ToString("N");
        var plan = new Dictionary<string, object?>
        {
            ["name"] = new { en = "Hundred" },
            ["price"] = new { minorUnits = 990, currency = "CNY" },
            ["grants"] = new[] { new { credits = new { credits = "100" } } },
        };
        foreach (var term in terms?.GetType().GetProperties() ?? []) plan[term.Name] = term.GetValue(terms);
        var payload = await Do("createPlan", "CreatePlanInput", new { slug, plan }, "plan { slug }");
        Assert.True(payload["errors"] is null, payload.ToJsonString());
        return slug;
    }
}

/// <summary>A whole answer of the API.</summary>
public sealed record ApiAnswer(int Status, string Text)
{
    public JsonNode? Json => Text.StartsWith('{') ? JsonNode.Parse(Text) : null;

    /// <summary>The codes of the top-level errors.</summary>
    public IEnumerable<string?> Codes => Json?["errors"]?.AsArray().Select(error => (string?)error!["extensions"]?["code"]) ?? [];
}
