using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Billing.GraphQL.Transport;

/// <summary>How an answer is written.</summary>
enum Form
{
    /// <summary><c>application/json</c>: 200 for whatever is well-formed.</summary>
    Json,

    /// <summary><c>application/graphql-response+json</c>: the status says what became of it.</summary>
    Response,

    /// <summary><c>text/event-stream</c>.</summary>
    EventStream,
}

/// <summary>Content negotiation, by the GraphQL-over-HTTP specification.</summary>
static class Negotiation
{
    public const string Json = "application/json; charset=utf-8";
    public const string Response = "application/graphql-response+json; charset=utf-8";
    public const string EventStream = "text/event-stream";

    // In the order of our preference where the client has none.
    static readonly (Form Form, MediaTypeHeaderValue Type)[] Offers =
    [
        (Form.Json, new("application/json")),
        (Form.Response, new("application/graphql-response+json")),
        (Form.EventStream, new("text/event-stream")),
    ];

    /// <summary>The best of what the client accepts; null when there is none.</summary>
    public static Form? Choose(StringValues accept)
    {
        if (StringValues.IsNullOrEmpty(accept) || accept is ["*/*" or "application/json"]) return Form.Json;
        if (!MediaTypeHeaderValue.TryParseList(accept, out var ranges)) return null;
        Form? best = null;
        var bestScore = (Quality: 0.0, Specificity: -1);
        foreach (var (form, type) in Offers)
        {
            // The most specific range that covers an offer says how much it is wanted; of equally wanted offers the one that was named wins.
            var score = (Quality: 0.0, Specificity: -1);
            foreach (var range in ranges)
            {
                if (!Covers(range, type)) continue;
                var specificity = range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2;
                if (specificity > score.Specificity) score = (range.Quality ?? 1, specificity);
            }

            if (score.Quality > 0 && score.CompareTo(bestScore) > 0) (best, bestScore) = (form, score);
        }

        return best;
    }

    /// <summary>Whether a body of this type is read: JSON in UTF-8. Nothing else, so that no page of another site can send one without asking first.</summary>
    public static bool Reads(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        && IsUtf8(type)
        && request.Headers.ContentEncoding is [] or ["identity"];

    static bool Covers(MediaTypeHeaderValue range, MediaTypeHeaderValue type) =>
        IsUtf8(range) && (range.MatchesAllTypes || (range.MatchesAllSubTypes ? range.Type.Equals(type.Type, StringComparison.OrdinalIgnoreCase)
            : range.MediaType.Equals(type.MediaType, StringComparison.OrdinalIgnoreCase)));

    static bool IsUtf8(MediaTypeHeaderValue type) =>
        !type.Charset.HasValue || type.Charset.Length == 0 || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase);
}
