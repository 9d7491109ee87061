using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using Billing.GraphQL.Engine;
using GraphQL;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Billing.GraphQL.Transport;

/// <summary>The request cannot be served as it is; the status and the sentence that say so.</summary>
sealed class HttpRefusal(int status, string message, string code = ErrorCodes.BadRequest) : Exception(message)
{
    public int Status => status;

    public string Code => code;
}

/// <summary>
/// Reads what a client sends. A key that comes twice is refused: what one parser on the way checked, the first value, need not be what the next one runs.
/// </summary>
static class RequestReader
{
    // Deeper than any input type, and bounded: the reader recurses.
    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    /// <summary>The body, if it is no larger than it may be.</summary>
    public static async Task<Operation> ReadBody(HttpRequest request, int mostBytes, IGraphQLTextSerializer serializer, CancellationToken cancel)
    {
        if (request.ContentLength > mostBytes) throw TooLarge(mostBytes);
        while (true)
        {
            var read = await ReadOn(request.BodyReader, cancel);
            // Given back in any case: a reader that is left in the middle breaks the connection, and the next request on it.
            var (isEnd, examined) = (true, read.Buffer.End);
            try
            {
                if (read.Buffer.Length > mostBytes) throw TooLarge(mostBytes);
                isEnd = read.IsCompleted;
                if (!isEnd) continue;
                using var json = Parse(read.Buffer.IsSingleSegment ? read.Buffer.First : read.Buffer.ToArray());
                return ReadOperation(json.RootElement, serializer);
            }
            finally
            {
                request.BodyReader.AdvanceTo(isEnd ? examined : read.Buffer.Start, examined);
            }
        }
    }

    /// <summary>The parameters of a GET.</summary>
    public static Operation ReadQuery(IQueryCollection query, IGraphQLTextSerializer serializer)
    {
        using var variables = ParseParameter(query, "variables");
        using var extensions = ParseParameter(query, "extensions");
        _ = ReadObject(extensions?.RootElement, "extensions", serializer);
        return new(
            Single(query, "query") ?? throw Bad("The parameter 'query' is missing."),
            Single(query, "operationName"),
            ReadObject(variables?.RootElement, "variables", serializer));
    }

    /// <summary>Parses strictly.</summary>
    /// <exception cref="HttpRefusal">It is not JSON, or a key comes twice.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            return JsonDocument.Parse(utf8, Strict);
        }
        catch (JsonException malformed)
        {
            throw Bad($"The request is not JSON that can be read: {malformed.Message}");
        }
    }

    /// <summary>Reads the object that names an operation.</summary>
    /// <exception cref="HttpRefusal">It is none.</exception>
    public static Operation ReadOperation(JsonElement json, IGraphQLTextSerializer serializer)
    {
        if (json.ValueKind == JsonValueKind.Array) throw Bad("Requests are not taken in batches. Send one at a time.");
        if (json.ValueKind != JsonValueKind.Object) throw Bad("The request is not a JSON object.");
        _ = ReadObject(Member(json, "extensions"), "extensions", serializer);
        return new(
            ReadText(json, "query") ?? throw Bad("The member 'query' is missing."),
            ReadText(json, "operationName"),
            ReadObject(Member(json, "variables"), "variables", serializer));
    }

    static async ValueTask<ReadResult> ReadOn(PipeReader body, CancellationToken cancel)
    {
        try
        {
            return await body.ReadAsync(cancel);
        }
        catch (BadHttpRequestException refused)
        {
            // The server's own limits, or a body that broke off.
            throw new HttpRefusal(refused.StatusCode, "The body could not be read.");
        }
    }

    static JsonElement? Member(JsonElement json, string name) => json.TryGetProperty(name, out var member) ? member : null;

    static string? ReadText(JsonElement json, string name) => Member(json, name) switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        _ => throw Bad($"The member '{name}' is not a text."),
    };

    static Inputs? ReadObject(JsonElement? json, string name, IGraphQLTextSerializer serializer) => json switch
    {
        null or { ValueKind: JsonValueKind.Null } => null,
        { ValueKind: JsonValueKind.Object } members => serializer.ReadNode<Inputs>(members),
        _ => throw Bad($"'{name}' is not an object."),
    };

    static JsonDocument? ParseParameter(IQueryCollection query, string name) =>
        Single(query, name) is { Length: > 0 } text ? Parse(System.Text.Encoding.UTF8.GetBytes(text)) : null;

    static string? Single(IQueryCollection query, string name) => query[name] switch
    {
        { Count: 0 } => null,
        { Count: 1 } one => one[0],
        StringValues => throw Bad($"The parameter '{name}' is given more than once."),
    };

    static HttpRefusal Bad(string message) => new(StatusCodes.Status400BadRequest, message);

    static HttpRefusal TooLarge(int mostBytes) => new(StatusCodes.Status413PayloadTooLarge, $"The body may have {mostBytes} bytes at most.");
}
