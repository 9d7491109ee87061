using System.Text;

namespace Billing.Tests;

public sealed class JsonBufferTests
{
    [Fact]
    public void What_is_written_meanwhile_is_another_text()
    {
        var inner = "";
        var outer = JsonBuffer.Write(
            "outer",
            (text, writer) =>
            {
                writer.WriteStartArray();
                inner = Text("inner");
                writer.WriteStringValue(text);
                writer.WriteEndArray();
            },
            (_, text) => Text("taking") + Encoding.UTF8.GetString(text.Span));
        Assert.Equal(("\"inner\"", "\"taking\"[\"outer\"]"), (inner, outer));
    }

    [Fact]
    public void A_text_that_failed_leaves_nothing_behind()
    {
        Assert.Throws<InvalidOperationException>(() => JsonBuffer.Write<string, string>(
            "half",
            static (text, writer) =>
            {
                writer.WriteStringValue(text);
                writer.Flush();
                throw new InvalidOperationException();
            },
            static (_, _) => ""));
        Assert.Equal("\"whole\"", Text("whole"));
    }

    [Fact]
    public void A_text_longer_than_the_buffer_is_whole()
    {
        var text = new string('x', 100_000);
        Assert.Equal($"\"{text}\"", Text(text));
        Assert.Equal("\"short\"", Text("short"));
    }

    static string Text(string value) =>
        JsonBuffer.Write(value, static (text, writer) => writer.WriteStringValue(text), static (_, text) => Encoding.UTF8.GetString(text.Span));
}
