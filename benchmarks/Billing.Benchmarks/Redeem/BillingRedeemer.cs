using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using Billing.Benchmarks.Purchase;

namespace Billing.Benchmarks.Redeem;

/// <summary>Billing over HTTP and GraphQL. Codes are issued by an administrator and read from the batch's export, as one would to print them.</summary>
sealed class BillingRedeemer(HttpClient http) : IRedeemer
{
    const int SignInsAtOnce = 16;

    const string IssueCodes = """
        mutation Issue($input: IssueRedemptionCodesInput!) {
          issueRedemptionCodes(input: $input) { batch { id exportUrl } errors { __typename ... on Error { code message } } }
        }
        """;

    const string ReadBatch = "query Batch($id: ID!) { codeBatch(id: $id) { count issued } }";

    const string RedeemCode = """
        mutation Redeem($input: RedeemCodeInput!) {
          redeemCode(input: $input) { redemption { id at masked } replayed account { credits } errors { __typename ... on Error { code message } } }
        }
        """;

    const string ReadAccount = "query Me { me { credits } }";

    static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    readonly GraphQLClient api = new(http);
    readonly ConcurrentDictionary<string, AuthenticationHeaderValue> tokens = new(StringComparer.Ordinal);

    public Task Open(IReadOnlyList<string> accounts) => Parallel.ForEachAsync(
        accounts, new ParallelOptions { MaxDegreeOfParallelism = SignInsAtOnce }, async (account, _) => tokens[account] = await api.SignIn(account));

    public async Task<IReadOnlyList<string>> Issue(int count, int maxRedemptionsPerCode, int maxRedemptionsPerAccount)
    {
        var administrator = await api.SignIn("benchmark-admin", "billing:admin");
        var input = new
        {
            name = "Benchmark",
            count,
            grants = new[] { new { credits = new { credits = 1 } } },
            maxRedemptionsPerCode,
            maxRedemptionsPerAccount,
            note = "For the benchmark.",
            idempotencyKey = Guid.NewGuid().ToString("N"),
        };
        using var issued = await api.Run(administrator, IssueCodes, new { input });
        var payload = issued.RootElement.GetProperty("data").GetProperty("issueRedemptionCodes");
        ThrowIfRefused(payload);
        var batch = payload.GetProperty("batch");
        for (var done = false; !done; await Task.Delay(Look))
        {
            using var answer = await api.Run(administrator, ReadBatch, new { id = batch.GetProperty("id").GetString() });
            done = answer.RootElement.GetProperty("data").GetProperty("codeBatch").GetProperty("issued").GetInt32() == count;
        }

        var lines = (await http.GetStringAsync(new Uri(batch.GetProperty("exportUrl").GetString()!))).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] codes = [.. lines.Skip(1).Select(line => line.Split(',')[0])];
        return codes.Length == count ? codes : throw new InvalidOperationException($"{codes.Length} codes were exported of {count}.");
    }

    public async Task<bool> Redeem(string account, string code)
    {
        using var answer = await api.Run(tokens[account], RedeemCode, new { input = new { code } });
        var payload = answer.RootElement.GetProperty("data").GetProperty("redeemCode");
        if (payload.GetProperty("errors") is { ValueKind: JsonValueKind.Array } errors && errors[0].GetProperty("__typename").ValueEquals("CodeAlreadyRedeemed")) return false;
        ThrowIfRefused(payload);
        return payload.GetProperty("replayed").GetBoolean() ? throw new InvalidOperationException("A first wish was answered as a repeat.") : true;
    }

    public async Task<decimal> Balance(string account)
    {
        using var answer = await api.Run(tokens[account], ReadAccount);
        return decimal.Parse(answer.RootElement.GetProperty("data").GetProperty("me").GetProperty("credits").GetString()!, CultureInfo.InvariantCulture);
    }

    static void ThrowIfRefused(JsonElement payload)
    {
        if (payload.GetProperty("errors").ValueKind != JsonValueKind.Null) throw new InvalidOperationException(payload.GetRawText());
    }
}
