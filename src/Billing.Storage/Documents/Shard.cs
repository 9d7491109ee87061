using System.Text;
using Billing.Deadlines;

namespace Billing.Storage.Documents;

/// <summary>Which part of the keys a document belongs to. Stored with every row, so the function never changes: FNV-1a, 32 bits, over the key's UTF-8.</summary>
static class Shard
{
    public static int Of(string key)
    {
        Span<byte> bytes = stackalloc byte[256];
        var length = Encoding.UTF8.GetMaxByteCount(key.Length) <= bytes.Length ? Encoding.UTF8.GetBytes(key, bytes) : -1;
        if (length < 0)
        {
            bytes = Encoding.UTF8.GetBytes(key);
            length = bytes.Length;
        }

        var hash = 2166136261u;
        foreach (var value in bytes[..length]) hash = unchecked((hash ^ value) * 16777619u);
        return (int)(hash % IDeadlines.StoredShards);
    }
}
