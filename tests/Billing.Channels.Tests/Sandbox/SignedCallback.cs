using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Billing.Channels.Tests.Sandbox;

/// <summary>A callback as the sandbox's documentation says that it is signed; written apart from the code under test.</summary>
static class SignedCallback
{
    public static CallbackMessage Of(string body, string secret, DateTimeOffset sentAt, DateTimeOffset? receivedAt = null) =>
        Of(Encoding.UTF8.GetBytes(body), secret, sentAt.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), receivedAt ?? sentAt);

    public static CallbackMessage Of(byte[] body, string secret, string timestamp, DateTimeOffset receivedAt) => new(
        "POST",
        Query: "",
        new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase) { ["Sandbox-Timestamp"] = timestamp, ["Sandbox-Signature"] = Sign(body, secret, timestamp) },
        body,
        receivedAt);

    public static CallbackMessage With(this CallbackMessage message, string header, string? value)
    {
        var headers = new Dictionary<string, string>(message.Headers, StringComparer.OrdinalIgnoreCase);
        headers.Remove(header);
        if (value is not null)
            headers.Add(header, value);
        return message with { Headers = headers };
    }

    public static string Sign(byte[] body, string secret, string timestamp)
    {
        using var hmac = new HMACSHA256(Encoding.UTF8.GetBytes(secret));
        return Convert.ToHexString(hmac.ComputeHash([.. Encoding.ASCII.GetBytes(timestamp + "."), .. body])).ToLowerInvariant();
    }

    public static string SignRequest(string secret, string method, string pathAndQuery, string timestamp, string body)
    {
        using var hmac = new HMACSHA256(Encoding.UTF8.GetBytes(secret));
        return Convert.ToHexString(hmac.ComputeHash(Encoding.UTF8.GetBytes($"{method}\n{pathAndQuery}\n{timestamp}\n{body}"))).ToLowerInvariant();
    }
}
