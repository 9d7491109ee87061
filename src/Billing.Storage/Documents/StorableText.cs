using System.Buffers;
using System.Text;

namespace Billing.Storage.Documents;

/// <summary>
/// What PostgreSQL cannot keep as text is refused on both databases before anything is queued: U+0000, and halves of surrogate pairs, which would otherwise
/// break the connection in the middle of the neighbours' commit.
/// </summary>
static class StorableText
{
    static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    static readonly SearchValues<char> Suspects = SearchValues.Create([.. Enumerable.Range(0xD800, 0x800).Select(code => (char)code), '\0']);

    public static string Checked(string text, string what)
    {
        if (text.AsSpan().IndexOfAny(Suspects) < 0) return text;
        if (text.Contains('\0', StringComparison.Ordinal)) throw new UnstorableTextException($"The {what} contains U+0000, which cannot be stored.");
        try
        {
            _ = Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException exception)
        {
            throw new UnstorableTextException($"The {what} contains half a surrogate pair, which cannot be stored.", exception);
        }

        return text;
    }

    /// <summary>The text with U+FFFD in place of what cannot be stored: for what others sent and nobody refuses.</summary>
    public static string Repaired(string text)
    {
        if (text.AsSpan().IndexOfAny(Suspects) < 0) return text;
        // The encoder puts U+FFFD in the place of half a pair.
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
    }

    /// <summary>JSON may name U+0000 with an escape, which PostgreSQL stores but cannot read out of the document again: one such row would break every view.</summary>
    public static string CheckedJson(string json, string what)
    {
        CheckedJson((ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(json), what);
        return Checked(json, what);
    }

    /// <inheritdoc cref="CheckedJson(string, string)"/>
    public static ReadOnlyMemory<byte> CheckedJson(ReadOnlyMemory<byte> json, string what)
    {
        var text = json.Span;
        for (int at = 0, next; (next = text[at..].IndexOf("\\u0000"u8)) >= 0; at++)
        {
            at += next;
            if (text[..at].Length - text[..at].TrimEnd((byte)'\\').Length is var slashes && slashes % 2 == 0)
                throw new UnstorableTextException($"The {what} contains U+0000, which cannot be stored.");
        }

        return json;
    }
}
