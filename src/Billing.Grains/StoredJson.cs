using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Billing;

/// <summary>Writes JSON as it is stored: UTF-8, as databases take it, in a buffer that its thread uses again.</summary>
static class StoredJson
{
    // A document of ordinary size; the buffer of a larger one is let go.
    const int Ordinary = 64 * 1024;

    // It goes into no page, so that nothing is escaped for one.
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    static ArrayBufferWriter<byte>? buffer;

    [ThreadStatic]
    static Utf8JsonWriter? writer;

    public static byte[] Write(object value, JsonTypeInfo type)
    {
        var text = buffer ??= new(4 * 1024);
        var to = writer ??= new(text, Options);
        try
        {
            JsonSerializer.Serialize(to, value, type);
            to.Flush();
            return text.WrittenSpan.ToArray();
        }
        finally
        {
            if (text.Capacity > Ordinary)
            {
                (buffer, writer) = (null, null);
            }
            else
            {
                text.ResetWrittenCount();
                to.Reset();
            }
        }
    }
}
