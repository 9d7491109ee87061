using System.Text;

namespace Billing.Tests;

/// <summary>What is stored as UTF-8, to read.</summary>
static class StoredText
{
    public static string Text(this ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);
}
