namespace Billing;

/// <summary>Texts that people and programs give us.</summary>
public static class Texts
{
    /// <summary>Whether both databases can store it: they take neither U+0000 nor half a surrogate pair.</summary>
    public static bool IsStorable(this string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0') return false;
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }

        return true;
    }
}
