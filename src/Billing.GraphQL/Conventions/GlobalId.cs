using System.Buffers;
using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace Billing.GraphQL;

/// <summary>Global ids: <c>Order:key</c> as URL-safe base64. The ordinary alphabet, padded or not, is read as well, because other servers write it.</summary>
public static class GlobalId
{
    // Longer than any id that was ever written; what is longer was made up.
    const int LongestId = 512;

    static readonly SearchValues<char> Letters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>The id of one noun's object.</summary>
    public static string Write(string noun, string key) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{noun}:{key}"));

    /// <summary>Reads an id of any noun. False when it is none.</summary>
    public static bool TryRead(string? id, [NotNullWhen(true)] out string? noun, [NotNullWhen(true)] out string? key)
    {
        noun = key = null;
        if (Opaque.Read(id, LongestId) is not { } text) return false;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        // Nouns are written in letters: what decodes to anything else is a key that happens to look like base64.
        if (colon <= 0 || colon == text.Length - 1 || text.AsSpan(0, colon).ContainsAnyExcept(Letters)) return false;
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
    public static string? Read(string? value, int longest)
    {
        if (string.IsNullOrEmpty(value) || value.Length > longest) return null;
        // Asked first, because plain keys come this way with every request, and an exception costs more than the rest of it.
        var text = value.Replace('+', '-').Replace('/', '_');
        if (!Base64Url.IsValid(text)) return null;
        var bytes = Base64Url.DecodeFromChars(text);
        return Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;
    }
}
