using System.Buffers;

namespace Billing;

/// <summary>
/// Crockford's base 32 (https://www.crockford.com/base32.html) with a check character from the same alphabet: a polynomial over GF(32), so that every
/// single wrong character and every exchange of two characters is noticed before anything is looked up.
/// </summary>
/// <remarks>Crockford's own check symbol needs five characters beyond letters and digits, which providers' order numbers do not allow.</remarks>
public static class CheckCharacter
{
    /// <summary>Digits and letters without I, L, O and U.</summary>
    public const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    static readonly SearchValues<char> Characters = SearchValues.Create(Alphabet);

    /// <summary>The check character of these characters.</summary>
    /// <exception cref="ArgumentException">A character is not of the alphabet.</exception>
    public static char Of(ReadOnlySpan<char> text)
    {
        var remainder = 0;
        foreach (var character in text)
        {
            var value = Alphabet.IndexOf(character, StringComparison.Ordinal);
            if (value < 0) throw new ArgumentException("Only the characters of Crockford's base 32 have a check character.", nameof(text));
            remainder = TimesAlpha(remainder) ^ value;
        }

        return Alphabet[TimesAlpha(remainder)];
    }

    /// <summary>Whether the last character is the check character of those before it.</summary>
    public static bool Fits(ReadOnlySpan<char> text) =>
        text.Length > 1 && text.IndexOfAnyExcept(Characters) < 0 && Of(text[..^1]) == text[^1];

    /// <summary>Writes the first <paramref name="length"/> × 5 bits of the bytes as characters.</summary>
    internal static string Encode(ReadOnlySpan<byte> bytes, int length)
    {
        Span<char> text = stackalloc char[length];
        for (var i = 0; i < length; i++)
        {
            var bit = i * 5;
            var pair = (bytes[bit / 8] << 8) | (bit / 8 + 1 < bytes.Length ? bytes[bit / 8 + 1] : 0);
            text[i] = Alphabet[(pair >> (11 - bit % 8)) & 31];
        }

        return new(text);
    }

    // Multiplication by α in GF(2⁵) modulo x⁵ + x² + 1; α has order 31, so the weights of up to 31 positions all differ.
    static int TimesAlpha(int value) => (value << 1) ^ ((value & 16) != 0 ? 0b100101 : 0);
}
