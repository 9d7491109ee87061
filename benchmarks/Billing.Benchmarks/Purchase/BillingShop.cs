using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Billing.Benchmarks.Purchase;

/// <summary>
/// Billing over HTTP and GraphQL, with its sandbox for a provider: the driver sends the callbacks that the sandbox would, in the sandbox's form and signed with
/// its secret.
/// </summary>
/// <param name="http">To the host.</param>
/// <param name="secret">The secret that the host was given for the sandbox.</param>
/// <param name="grantsTier">
/// Buy days of a tier instead of credits: an account holds a thousand buckets of credits that were not used up, and a thousand purchases for one account take a second.
/// </param>
sealed class BillingShop(HttpClient http, string secret, bool grantsTier) : IShop
{
    const string PlaceOrder = """
        mutation Place($input: PlaceOrderInput!) {
          placeOrder(input: $input) {
            order { number status version expiresAt amount { minorUnits currency } payment { id redirectUrl } }
            errors { __typename ... on Error { code message } }
          }
        }
        """;

    const string ReadOrder = """
        query Read($number: ID!) { order(number: $number) { number status version paidAt fulfilledAt result { code message nextStep } } }
        """;

    const string ReadAccount = "query Me { me { credits entitlements { tier startedAt expiresAt } } }";

    const string MakePlan = """
        mutation Make($input: CreatePlanInput!) { createPlan(input: $input) { plan { slug } errors { __typename ... on Error { code message } } } }
        """;

    readonly byte[] secretBytes = Encoding.UTF8.GetBytes(secret);
    readonly GraphQLClient api = new(http);
    readonly Dictionary<string, AuthenticationHeaderValue> tokens = new(StringComparer.Ordinal);

    string Plan => grantsTier ? "benchmark-tier" : "starter";

    public long BalanceEach => grantsTier ? 1 : 100;

    public async Task Open(IReadOnlyList<string> accounts)
    {
        if (grantsTier)
        {
            var plan = new
            {
                slug = Plan,
                plan = new
                {
                    name = new { en = "A day of a tier" },
                    price = new { minorUnits = 990, currency = "CNY" },
                    grants = new[] { new { subscription = new { tier = "pro", days = 1 } } },
                },
                note = "For the benchmark.",
            };
            using var made = await api.Run(await api.SignIn("benchmark-admin", "billing:admin"), MakePlan, new { input = plan });
            ThrowIfRefused(made.RootElement.GetProperty("data").GetProperty("createPlan"));
        }

        foreach (var account in accounts) tokens[account] = await api.SignIn(account);
    }

    public async Task<decimal> Balance(string account)
    {
        using var answer = await api.Run(tokens[account], ReadAccount);
        var me = answer.RootElement.GetProperty("data").GetProperty("me");
        if (!grantsTier) return decimal.Parse(me.GetProperty("credits").GetString()!, CultureInfo.InvariantCulture);
        return me.GetProperty("entitlements").EnumerateArray()
            .Sum(tier => (decimal)Math.Round((tier.GetProperty("expiresAt").GetDateTimeOffset() - tier.GetProperty("startedAt").GetDateTimeOffset()).TotalDays));
    }

    public async Task<string> Place(string account, string key)
    {
        using var answer = await api.Run(tokens[account], PlaceOrder, new { input = new { planSlug = Plan, methodId = "sandbox", idempotencyKey = key } });
        var payload = answer.RootElement.GetProperty("data").GetProperty("placeOrder");
        ThrowIfRefused(payload);
        return payload.GetProperty("order").GetProperty("number").GetString()!;
    }

    public async Task Pay(string order)
    {
        var now = DateTimeOffset.UtcNow;
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var body =
            $$"""{"event":"payment","number":"{{order}}01","merchant":"sandbox-shop","state":"paid","amountMinor":990,"currency":"CNY","transactionId":"txn-{{order}}","at":"{{now:O}}"}""";
        using var request = new HttpRequestMessage(HttpMethod.Post, "payments/sandbox/callback")
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        request.Headers.Add("Sandbox-Timestamp", timestamp);
        request.Headers.Add("Sandbox-Signature", Convert.ToHexStringLower(HMACSHA256.HashData(secretBytes, Encoding.UTF8.GetBytes($"{timestamp}.{body}"))));
        using var response = await http.SendAsync(request);
        var answer = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode || answer != "success") throw new InvalidOperationException($"The callback was answered with {(int)response.StatusCode} {answer}");
    }

    public async Task<bool> IsCredited(string account, string order)
    {
        using var answer = await api.Run(tokens[account], ReadOrder, new { number = order });
        return answer.RootElement.GetProperty("data").GetProperty("order").GetProperty("status").ValueEquals("COMPLETED");
    }

    static void ThrowIfRefused(JsonElement payload)
    {
        if (payload.GetProperty("errors").ValueKind != JsonValueKind.Null) throw new InvalidOperationException(payload.GetRawText());
    }
}
