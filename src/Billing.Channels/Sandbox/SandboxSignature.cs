using System.Buffers;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Billing.Channels.Sandbox;

/// <summary>
/// How the sandbox signs: HMAC-SHA256 as 64 lower-case hexadecimal digits. News and answers sign <c>timestamp.body</c>, requests sign
/// <c>METHOD\npath?query\ntimestamp\nbody</c>. One written form only, so that a signature has no second spelling.
/// </summary>
static class SandboxSignature
{
    internal const string MerchantHeader = "Sandbox-Merchant";
    internal const string TimestampHeader = "Sandbox-Timestamp";
    internal const string SignatureHeader = "Sandbox-Signature";

    /// <summary>A secret shorter than this is refused: an empty or guessable one lets anybody sign.</summary>
    internal const int ShortestSecret = 32;

    const int WindowSeconds = 300;
    const int LongestTimestamp = 12;
    const int HexLength = 2 * HMACSHA256.HashSizeInBytes;
    const int OnStack = 1024;

    /// <summary>The signature of news or of an answer.</summary>
    internal static string Sign(ReadOnlySpan<byte> secret, string timestamp, ReadOnlySpan<byte> body) => Write(secret, timestamp, '.', body);

    /// <summary>Whether news or an answer carries the signature that its bytes must have.</summary>
    internal static bool Verify(ReadOnlySpan<byte> secret, string timestamp, ReadOnlySpan<byte> body, string signature) =>
        Fits(secret, timestamp, '.', body, signature);

    /// <summary>The signature of a merchant's request.</summary>
    internal static string SignRequest(ReadOnlySpan<byte> secret, string method, string pathAndQuery, string timestamp, ReadOnlySpan<byte> body) =>
        Write(secret, $"{method}\n{pathAndQuery}\n{timestamp}", '\n', body);

    /// <summary>Whether a request carries the signature that it must have.</summary>
    internal static bool VerifyRequest(
        ReadOnlySpan<byte> secret, string method, string pathAndQuery, string timestamp, ReadOnlySpan<byte> body, string signature) =>
        Fits(secret, $"{method}\n{pathAndQuery}\n{timestamp}", '\n', body, signature);

    /// <summary>The moment as a timestamp: Unix seconds.</summary>
    internal static string Timestamp(DateTimeOffset at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Reads a timestamp: digits only, and few enough that no arithmetic on it overflows.</summary>
    internal static bool TryReadTimestamp(string text, out long seconds)
    {
        seconds = 0;
        return text.Length is > 0 and <= LongestTimestamp && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out seconds);
    }

    /// <summary>Whether the timestamp lies within five minutes of now, in either direction.</summary>
    internal static bool IsRecent(long seconds, DateTimeOffset now) => Math.Abs(now.ToUnixTimeSeconds() - seconds) <= WindowSeconds;

    static string Write(ReadOnlySpan<byte> secret, string head, char separator, ReadOnlySpan<byte> body)
    {
        Span<char> hex = stackalloc char[HexLength];
        Compute(secret, head, separator, body, hex);
        return new(hex);
    }

    static bool Fits(ReadOnlySpan<byte> secret, string head, char separator, ReadOnlySpan<byte> body, string signature)
    {
        Span<char> expected = stackalloc char[HexLength];
        Compute(secret, head, separator, body, expected);
        return CryptographicOperations.FixedTimeEquals(MemoryMarshal.AsBytes(expected), MemoryMarshal.AsBytes(signature.AsSpan()));
    }

    // One contiguous text and the one-shot HMAC: verifying a callback allocates nothing.
    static void Compute(ReadOnlySpan<byte> secret, string head, char separator, ReadOnlySpan<byte> body, Span<char> hex)
    {
        var headLength = Encoding.UTF8.GetByteCount(head);
        var length = headLength + 1 + body.Length;
        byte[]? rented = null;
        var text = length <= OnStack ? stackalloc byte[OnStack] : (rented = ArrayPool<byte>.Shared.Rent(length));
        Encoding.UTF8.GetBytes(head, text);
        text[headLength] = (byte)separator;
        body.CopyTo(text[(headLength + 1)..]);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(secret, text[..length], hash);
        Convert.TryToHexStringLower(hash, hex, out _);
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
    }
}
