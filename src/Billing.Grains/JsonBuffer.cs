using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Billing;

/// <summary>JSON as UTF-8, written into a buffer that its thread uses again, and escaped for no page.</summary>
public static class JsonBuffer
{
    // A document or an answer of ordinary size; the buffer of a larger one is let go.
    const int Ordinary = 64 * 1024;

    // What serializers write holds together.
    static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    [ThreadStatic]
    static ArrayBufferWriter<byte>? buffer;

    [ThreadStatic]
    static Utf8JsonWriter? writer;

    /// <summary>Writes something, and hands out the text before the buffer is used again: <paramref name="take"/> copies what it wants to keep.</summary>
    /// <typeparam name="TSource">What is written, and whatever else both functions need.</typeparam>
    /// <typeparam name="TResult">What becomes of the text.</typeparam>
    /// <param name="source">What is written.</param>
    /// <param name="write">Writes it.</param>
    /// <param name="take">Takes the text.</param>
    public static TResult Write<TSource, TResult>(TSource source, Action<TSource, Utf8JsonWriter> write, Func<TSource, ReadOnlyMemory<byte>, TResult> take)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentNullException.ThrowIfNull(take);
        // Whoever writes something else meanwhile has a buffer of its own.
        var text = buffer ?? new(4 * 1024);
        var to = writer ?? new(text, Options);
        (buffer, writer) = (null, null);
        try
        {
            write(source, to);
            to.Flush();
            return take(source, text.WrittenMemory);
        }
        finally
        {
            if (text.Capacity <= Ordinary)
            {
                text.ResetWrittenCount();
                to.Reset();
                (buffer, writer) = (text, to);
            }
        }
    }
}
