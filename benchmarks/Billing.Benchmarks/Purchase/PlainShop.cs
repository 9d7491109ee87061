using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Billing.Benchmarks.Purchase;

/// <summary>Billing.Plain.</summary>
sealed class PlainShop(HttpClient http, string secret) : IShop
{
    readonly byte[] secretBytes = Encoding.UTF8.GetBytes(secret);

    public long BalanceEach => 100;

    public async Task Open(IReadOnlyList<string> accounts)
    {
        foreach (var account in accounts)
        {
            using var answer = await http.PutAsync(new Uri($"accounts/{account}", UriKind.Relative), null);
            answer.EnsureSuccessStatusCode();
        }
    }

    public async Task<decimal> Balance(string account)
    {
        using var answer = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri($"accounts/{account}", UriKind.Relative)));
        return answer.RootElement.GetProperty("balance").GetInt64();
    }

    public async Task<string> Place(string account, string key)
    {
        using var answer = await Post("orders", $$"""{"account":"{{account}}","key":"{{key}}","plan":"starter"}""", HttpStatusCode.Created, isSigned: false);
        return answer.RootElement.GetProperty("id").GetRawText();
    }

    public async Task Pay(string order)
    {
        using var answer = await Post("callback", $$"""{"order":{{order}},"transaction":"txn-{{order}}","amount":990,"currency":"CNY"}""", HttpStatusCode.OK, isSigned: true);
    }

    public async Task<bool> IsCredited(string account, string order)
    {
        using var answer = JsonDocument.Parse(await http.GetByteArrayAsync(new Uri($"orders/{order}", UriKind.Relative)));
        return answer.RootElement.GetProperty("paidAt").ValueKind != JsonValueKind.Null;
    }

    async Task<JsonDocument> Post(string path, string json, HttpStatusCode expected, bool isSigned)
    {
        var body = Encoding.UTF8.GetBytes(json);
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } } };
        if (isSigned) request.Headers.Add("Signature", Convert.ToHexStringLower(HMACSHA256.HashData(secretBytes, body)));
        using var response = await http.SendAsync(request);
        var answer = await response.Content.ReadAsByteArrayAsync();
        return response.StatusCode == expected
            ? JsonDocument.Parse(answer)
            : throw new InvalidOperationException($"{path}: {(int)response.StatusCode} {Encoding.UTF8.GetString(answer)}");
    }
}
