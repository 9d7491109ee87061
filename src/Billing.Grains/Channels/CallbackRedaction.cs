using System.Buffers;
using System.Collections.Frozen;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Billing.Channels;

/// <summary>A callback as it may be kept: what is known to be harmless in clear, everything else masked.</summary>
/// <param name="Headers">By name; null where only the name is kept.</param>
/// <param name="Query">The query string with masked values; empty when there was none.</param>
/// <param name="Body">The body with masked values; null when nothing of it may be kept.</param>
public sealed record RedactedCallback(IReadOnlyDictionary<string, string?> Headers, string Query, string? Body)
{
    /// <summary>Nothing but the names of headers.</summary>
    public RedactedCallback WithoutBody() => this with { Body = null };
}

/// <summary>
/// Masks what providers send. It knows what is safe rather than what is not: a channel names the fields that may be kept in clear, and a field that the provider adds
/// tomorrow is masked.
/// </summary>
public static class CallbackRedaction
{
    /// <summary>What stands for a value that is not kept.</summary>
    public const string Mask = "***";

    /// <summary>The longest redacted text, in characters; what is longer is cut.</summary>
    public const int MaxLength = 4_096;

    /// <summary>The longest name of a field or header that is kept.</summary>
    public const int MaxName = 64;

    const int MaxValue = 256;
    const int MaxFields = 200;
    const int MaxHeaders = 32;

    static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    static readonly JsonDocumentOptions Read = new() { MaxDepth = 16 };

    /// <summary>What is kept of a callback whose channel says nothing about it: the content type, the names of the headers that it verifies by, no body.</summary>
    public static RedactedCallback Nothing(CallbackMessage message, params ReadOnlySpan<string> verifiedBy)
    {
        ArgumentNullException.ThrowIfNull(message);
        return new(Headers(message, verifiedBy), Form(message.Query, FrozenSet<string>.Empty), null);
    }

    /// <summary>The content type, and the names of these other headers where the message has them: what a provider signs with is a secret of a kind.</summary>
    public static IReadOnlyDictionary<string, string?> Headers(CallbackMessage message, params ReadOnlySpan<string> namesOnly)
    {
        ArgumentNullException.ThrowIfNull(message);
        var kept = new SortedDictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        if (message.Headers.TryGetValue("Content-Type", out var type)) kept["Content-Type"] = Cut(type, MaxValue);
        foreach (var name in namesOnly)
        {
            if (kept.Count < MaxHeaders && message.Headers.ContainsKey(name)) kept[name] = null;
        }

        return kept;
    }

    /// <summary>A JSON body with the values of these fields, named from the top by <c>a.b</c>; null when it is no JSON.</summary>
    public static string? Json(ReadOnlyMemory<byte> body, IReadOnlySet<string> clear)
    {
        ArgumentNullException.ThrowIfNull(clear);
        try
        {
            using var document = JsonDocument.Parse(body, Read);
            var text = new ArrayBufferWriter<byte>(512);
            using (var writer = new Utf8JsonWriter(text, Written))
            {
                var left = MaxFields;
                Copy(document.RootElement, "", clear, writer, ref left);
            }

            return Cut(Encoding.UTF8.GetString(text.WrittenSpan), MaxLength);
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // No JSON, or a text in it that is no text.
            return null;
        }
    }

    /// <summary>A form or a query string with the values of these fields.</summary>
    public static string Form(string form, IReadOnlySet<string> clear)
    {
        ArgumentNullException.ThrowIfNull(form);
        ArgumentNullException.ThrowIfNull(clear);
        if (form.Length == 0) return "";
        var text = new StringBuilder();
        foreach (var field in form.Split('&', MaxFields + 1).Take(MaxFields))
        {
            var equals = field.IndexOf('=', StringComparison.Ordinal);
            // A word without a value is one: nobody knows which.
            var name = equals < 0 ? "" : field[..equals];
            if (text.Length > 0) text.Append('&');
            text.Append(name.Length is > 0 and <= MaxName ? name : Mask).Append('=');
            var value = equals < 0 ? "" : field[(equals + 1)..];
            text.Append(clear.Contains(name) && value.Length <= MaxValue ? value : Mask);
        }

        return Cut(text.ToString(), MaxLength);
    }

    static void Copy(JsonElement from, string path, IReadOnlySet<string> clear, Utf8JsonWriter to, ref int left)
    {
        switch (from.ValueKind)
        {
            case JsonValueKind.Object:
                to.WriteStartObject();
                foreach (var property in from.EnumerateObject())
                {
                    if (left-- <= 0) break;
                    to.WritePropertyName(property.Name.Length <= MaxName ? property.Name : Mask);
                    Copy(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}", clear, to, ref left);
                }

                to.WriteEndObject();
                break;
            case JsonValueKind.Array:
                to.WriteStartArray();
                foreach (var item in from.EnumerateArray())
                {
                    if (left-- <= 0) break;
                    Copy(item, path, clear, to, ref left);
                }

                to.WriteEndArray();
                break;
            case JsonValueKind.Null:
                to.WriteNullValue();
                break;
            default:
                if (clear.Contains(path) && from.GetRawText().Length <= MaxValue)
                    from.WriteTo(to);
                else
                    to.WriteStringValue(Mask);
                break;
        }
    }

    static string Cut(string text, int length) => text.Length <= length ? text : string.Concat(text.AsSpan(0, length - 1), "…");
}
