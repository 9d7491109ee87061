using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Billing;

/// <summary>
/// Names what somebody wished for under a key of their own: the same wish has the same name, hence is the same grain, with no table of keys and no time after
/// which it is forgotten.
/// </summary>
public static class WishName
{
    /// <summary>So many characters of Crockford's base 32, five bits each, of the hash over (owner, key).</summary>
    public static string Of(string owner, string key, int length)
    {
        ArgumentException.ThrowIfNullOrEmpty(owner);
        ArgumentNullException.ThrowIfNull(key);
        // The length before the owner keeps ("ab", "c") and ("a", "bc") apart.
        var input = new byte[4 + Encoding.UTF8.GetByteCount(owner) + Encoding.UTF8.GetByteCount(key)];
        var written = Encoding.UTF8.GetBytes(owner, input.AsSpan(4));
        BinaryPrimitives.WriteInt32BigEndian(input, written);
        Encoding.UTF8.GetBytes(key, input.AsSpan(4 + written));
        return CheckCharacter.Encode(SHA256.HashData(input), length);
    }
}
