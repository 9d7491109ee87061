using System.Text.Encodings.Web;
using System.Text.Json;
using GraphQL;
using GraphQL.Execution;
using GraphQL.SystemTextJson;

namespace Billing.GraphQL.Transport;

/// <summary>GraphQL.NET's serializer, which writes into streams and strings, and this one into any writer of JSON as well.</summary>
sealed class AnswerSerializer(IErrorInfoProvider errors)
    : GraphQLSerializer(static json => json.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, errors)
{
    public void Write(Utf8JsonWriter writer, ExecutionResult result) => JsonSerializer.Serialize(writer, result, SerializerOptions);
}
