using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Billing.Benchmarks.Redeem;

/// <summary>Billing.Plain.</summary>
sealed class PlainRedeemer(HttpClient http) : IRedeemer
{
    const int OpenedAtOnce = 16;

    public Task Open(IReadOnlyList<string> accounts) => Parallel.ForEachAsync(
        accounts, new ParallelOptions { MaxDegreeOfParallelism = OpenedAtOnce }, async (account, cancel) =>
        {
            using var answer = await http.PutAsync(new Uri($"accounts/{account}", UriKind.Relative), null, cancel);
            answer.EnsureSuccessStatusCode();
        });

    public async Task<IReadOnlyList<string>> Issue(int count, int maxRedemptionsPerCode, int maxRedemptionsPerAccount)
    {
        using var response = await Post(
            "codes", string.Create(CultureInfo.InvariantCulture, $$"""{"count":{{count}},"maxRedemptions":{{maxRedemptionsPerCode}},"maxPerAccount":{{maxRedemptionsPerAccount}},"credits":1}"""));
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    public async Task<bool> Redeem(string account, string code)
    {
        using var response = await Post("redemptions", $$"""{"account":"{{account}}","code":"{{code}}"}""");
        var body = await response.Content.ReadAsByteArrayAsync();
        if (response.StatusCode == HttpStatusCode.Conflict) return false;
        if (response.StatusCode != HttpStatusCode.OK) throw new InvalidOperationException($"{(int)response.StatusCode} {Encoding.UTF8.GetString(body)}");
        using var answer = JsonDocument.Parse(body);
        return answer.RootElement.GetProperty("balance").ValueKind == JsonValueKind.Number ? true : throw new InvalidOperationException("A first wish was answered as a repeat.");
    }

    public async Task<decimal> Balance(string account)
    {
        using var answer = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri($"accounts/{account}", UriKind.Relative)));
        return answer.RootElement.GetProperty("balance").GetInt64();
    }

    async Task<HttpResponseMessage> Post(string path, string json)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(json)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        return await http.PostAsync(new Uri(path, UriKind.Relative), content);
    }
}
