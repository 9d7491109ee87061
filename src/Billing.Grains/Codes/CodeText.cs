using System.Text;

namespace Billing.Codes;

/// <summary>
/// A redemption code's text as it is compared and hashed: upper-case Crockford base 32 without spaces and dashes. Case, spaces, dashes, <c>O</c>/<c>0</c>,
/// <c>I</c>/<c>L</c>/<c>1</c> and <c>U</c>/<c>V</c> do not matter to who types it; a typing error is noticed before anything is looked up.
/// </summary>
/// <remarks>
/// A code is a batch's prefix, fifteen random characters (75 bits) and a check character over all of them, so that another batch's prefix is a typing error
/// too. A vanity code is shorter than any of these, has no check character, and is no secret.
/// </remarks>
public sealed class CodeText
{
    /// <summary>The random characters and the check character.</summary>
    public const int Length = 16;

    /// <summary>How many bits of a code are chance.</summary>
    public const int RandomBits = (Length - 1) * 5;

    /// <summary>The longest prefix: beyond 31 characters in all, the check character would miss some exchanges.</summary>
    public const int MaxPrefixLength = 12;

    /// <summary>The shortest vanity code.</summary>
    public const int MinVanityLength = 6;

    /// <summary>The longest vanity code; what is longer has the shape of an issued code or of none.</summary>
    public const int MaxVanityLength = 12;

    /// <summary>The longest text that is looked at: a code with prefix, and as many separators again.</summary>
    public const int MaxTyped = 64;

    // A group of four is what people read and type without losing their place.
    const int Group = 4;

    CodeText(string characters, bool isVanity, string? spelling = null) => (Characters, IsVanity, Spelling) = (characters, isVanity, spelling ?? characters);

    /// <summary>The characters that are hashed.</summary>
    public string Characters { get; }

    /// <summary>Whether it has the shape of a vanity code.</summary>
    public bool IsVanity { get; }

    /// <summary>The text that is kept to be shown: of a vanity code as its administrator wrote it, of any other its characters.</summary>
    public string Spelling { get; }

    /// <summary>Its last four letters and digits as they are shown, in capitals; people tell codes apart by them without seeing them.</summary>
    public string Tail => (IsVanity ? string.Concat(Spelling.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant() : Characters)[^Group..];

    /// <summary>Reads what somebody typed or pasted. Null for what can be no code: nothing is looked up for it.</summary>
    public static CodeText? Read(string? typed)
    {
        Span<char> characters = stackalloc char[MaxTyped];
        if (typed is null || typed.Length > MaxTyped || Normal(typed, characters) is not { } length) return null;
        ReadOnlySpan<char> text = characters[..length];
        return length switch
        {
            >= MinVanityLength and <= MaxVanityLength => new(new(text), isVanity: true),
            >= Length and <= Length + MaxPrefixLength when CheckCharacter.Fits(text) => new(new(text), isVanity: false),
            _ => null,
        };
    }

    /// <summary>Makes a code of ten random bytes: the prefix, 75 of their bits, and the check character.</summary>
    /// <param name="prefix">A prefix for which <see cref="IsPrefix"/>; may be empty.</param>
    /// <param name="random">From a cryptographic generator.</param>
    public static CodeText Make(string prefix, ReadOnlySpan<byte> random)
    {
        var text = Normal(prefix) + CheckCharacter.Encode(random, Length - 1);
        return new(text + CheckCharacter.Of(text), isVanity: false);
    }

    /// <summary>How many random bytes <see cref="Make"/> takes.</summary>
    public const int RandomBytes = 10;

    /// <summary>Whether it can stand before a batch's codes: letters and digits, and nothing is fine.</summary>
    public static bool IsPrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return prefix.Length <= MaxPrefixLength && prefix.All(char.IsAsciiLetterOrDigit);
    }

    /// <summary>Reads a vanity code as an administrator wrote it, and keeps how; null when it can be none.</summary>
    public static CodeText? ReadVanity(string vanity) => Read(vanity) is { IsVanity: true } text ? new(text.Characters, isVanity: true, Spell(vanity)) : null;

    /// <summary>As people read it: a vanity code as it was written, any other in groups of four, the batch's own prefix before them.</summary>
    public string Format(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (IsVanity) return Spelling;
        var text = new StringBuilder(prefix.ToUpperInvariant());
        for (var at = Characters.Length - Length; at < Characters.Length; at += Group)
        {
            if (text.Length > 0) text.Append('-');
            text.Append(Characters, at, Group);
        }

        return text.ToString();
    }

    /// <summary>A code with all but its last four characters hidden.</summary>
    public static string Mask(string tail) => "••••-" + tail;

    /// <summary>Never the code: a text that lands in a log by accident tells nothing.</summary>
    public override string ToString() => "(a code)";

    /// <summary>The code of the <see cref="Spelling"/> that was kept. Vanity codes were kept as their characters once: then these are how it is spelt.</summary>
    /// <exception cref="FormatException">It is no code's.</exception>
    internal static CodeText OfStored(string spelling)
    {
        Span<char> characters = stackalloc char[MaxTyped];
        if (spelling.Length > MaxTyped || Normal(spelling, characters) is not { } length) throw new FormatException("This is no code.");
        return new(new(characters[..length]), length <= MaxVanityLength, spelling);
    }

    // The letters and digits as they were written, and between them one dash, low line or space for whatever stood there: so a spelling is short, in ASCII, and begins with a letter or digit.
    static string Spell(string written)
    {
        var spelling = new StringBuilder();
        char? between = null;
        foreach (var character in written)
        {
            if (IsSeparator(character))
            {
                between = (between, Shown(character)) switch
                {
                    ('-', _) or (_, '-') => '-',
                    ('_', _) or (_, '_') => '_',
                    var (before, now) => before ?? now,
                };
                continue;
            }

            if (between is { } separator && spelling.Length > 0) spelling.Append(separator);
            spelling.Append(Narrow(character));
            between = null;
        }

        return spelling.ToString();

        static char? Shown(char separator) => separator switch
        {
            '\u00AD' or '\u200B' or '\uFEFF' => null,
            '_' => '_',
            _ when char.IsWhiteSpace(separator) => ' ',
            _ => '-',
        };
    }

    /// <summary>Writes what is compared of a text; gives how much that is, and null for a text with anything else in it.</summary>
    static int? Normal(string text, Span<char> characters)
    {
        var length = 0;
        foreach (var character in text)
        {
            if (IsSeparator(character)) continue;
            if (Normal(character) is not { } normal) return null;
            characters[length++] = normal;
        }

        return length;
    }

    static string Normal(string text) => string.Create(text.Length, text, (span, from) =>
    {
        for (var i = 0; i < span.Length; i++) span[i] = Normal(from[i]) ?? throw new ArgumentException("A prefix has letters and digits only.", nameof(text));
    });

    // What a clipboard, a chat program or a printed page puts between the groups.
    static bool IsSeparator(char character) =>
        char.IsWhiteSpace(character) || character is '-' or '_' or '\u00AD' or (>= '\u2010' and <= '\u2015') or '\u2212' or '\u200B' or '\uFEFF' or '\uFF0D';

    static char? Normal(char character)
    {
        character = Narrow(character);
        if (!char.IsAsciiLetterOrDigit(character)) return null;
        return char.ToUpperInvariant(character) switch
        {
            'O' => '0',
            'I' or 'L' => '1',
            'U' => 'V',
            var letter => letter,
        };
    }

    // East Asian input methods write full-width forms of the same letters. Other look-alikes are other letters.
    static char Narrow(char character) => character is >= '\uFF01' and <= '\uFF5E' ? (char)(character - 0xFEE0) : character;
}
