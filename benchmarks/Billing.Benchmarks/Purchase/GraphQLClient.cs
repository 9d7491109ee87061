using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Billing.Benchmarks.Purchase;

/// <summary>Billing's API, as one of the development sign-in's made-up people.</summary>
sealed class GraphQLClient(HttpClient http)
{
    static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <summary>A token for whoever one likes to be. The address exists in Development only.</summary>
    public async Task<AuthenticationHeaderValue> SignIn(string subject, params string[] roles)
    {
        using var response = await http.PostAsJsonAsync(new Uri("dev/sign-in", UriKind.Relative), new { subject, roles });
        response.EnsureSuccessStatusCode();
        using var answer = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return new("Bearer", answer.RootElement.GetProperty("token").GetString());
    }

    /// <summary>Runs a document; any error throws. The caller disposes of the answer.</summary>
    public async Task<JsonDocument> Run(AuthenticationHeaderValue token, string document, object? variables = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "graphql")
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new { query = document, variables })) { Headers = { ContentType = Json } },
        };
        request.Headers.Authorization = token;
        using var response = await http.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        var answer = JsonDocument.Parse(body);
        if (response.StatusCode == HttpStatusCode.OK && !answer.RootElement.TryGetProperty("errors", out _)) return answer;
        throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"{(int)response.StatusCode}: {System.Text.Encoding.UTF8.GetString(body)}"));
    }
}
