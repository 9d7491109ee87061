using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Billing.GraphQL;

/// <summary>Global ids: <c>Order:key</c> as URL-safe base64. The ordinary alphabet, padded or not, is read as well, because other servers write it.</summary>
public static class GlobalId
{
    // Longer than any id that was ever written; what is longer was made up.
    const int LongestId = 512;

    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The id of one noun's object.</summary>
    public static string Write(string noun, string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{noun}:{key}"));

    /// <summary>Reads an id of any noun. False when it is none.</summary>
    public static bool TryRead(string? id, [NotNullWhen(true)] out string? noun, [NotNullWhen(true)] out string? key)
    {
        noun = key = null;
        if (Opaque.Read(id, LongestId, Strict) is not { } text) return false;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0 || colon == text.Length - 1) return false;
        (noun, key) = (text[..colon], text[(colon + 1)..]);
        return true;
    }

    /// <summary>
    /// Reads an argument that names one noun's object: its global id, or the key itself as people have it (an order's number). Null when it is another
    /// noun's id.
    /// </summary>
    public static string? KeyOf(string noun, string id) =>
        !TryRead(id, out var found, out var key) ? id : string.Equals(found, noun, StringComparison.Ordinal) ? key : null;
}

/// <summary>Base64 in either alphabet to text.</summary>
static class Opaque
{
    public static string? Read(string? value, int longest, Encoding encoding)
    {
        if (string.IsNullOrEmpty(value) || value.Length > longest) return null;
        try
        {
            return encoding.GetString(Base64Url.DecodeFromChars(value.Replace('+', '-').Replace('/', '_')));
        }
        catch (Exception malformed) when (malformed is FormatException or DecoderFallbackException)
        {
            return null;
        }
    }
}
