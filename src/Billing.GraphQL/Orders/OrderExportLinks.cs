using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Billing.Codes;
using Billing.GraphQL.Codes;
using Domain = Billing.Storage.Orders;

namespace Billing.GraphQL.Orders;

/// <summary>Links to exports of orders: signed and short-lived as those to codes are, with the filter inside.</summary>
public sealed class OrderExportLinks(CodeVault vault, BillingGraphQLOptions options, TimeProvider time)
{
    const string Purpose = "export-orders";

    static readonly JsonSerializerOptions Written = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>The link for an administrator to the orders of a filter.</summary>
    public Uri Of(Domain.OrderFilter filter, string subject)
    {
        var where = Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Write(filter)));
        var until = time.GetUtcNow().Add(ExportLinks.Validity).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return new(options.PublicUrl, $"exports/orders?where={where}&by={Uri.EscapeDataString(subject)}&until={until}&signature={vault.Sign(Purpose, Signed(where, until, subject))}");
    }

    /// <summary>Judges a link that somebody followed, and gives its filter when it is good.</summary>
    public (ExportLink Link, Domain.OrderFilter? Filter) Judge(string? where, string? subject, string? until, string? signature)
    {
        if (where is null || subject is null || until is null || signature is null || !vault.IsSigned(Purpose, Signed(where, until, subject), signature))
            return (ExportLink.Forged, null);
        return time.GetUtcNow().ToUnixTimeSeconds() < long.Parse(until, NumberStyles.None, CultureInfo.InvariantCulture)
            // It was signed here, so it is what was written here.
            ? (ExportLink.Good, JsonSerializer.Deserialize<Domain.OrderFilter>(Base64Url.DecodeFromChars(where), Written))
            : (ExportLink.Expired, null);
    }

    /// <summary>The filter as text, for the link and for the audit.</summary>
    public static string Write(Domain.OrderFilter filter) => JsonSerializer.Serialize(filter, Written);

    // Neither base64 nor a number has a line's end in it.
    static string Signed(string where, string until, string subject) => $"{where}\n{until}\n{subject}";
}
