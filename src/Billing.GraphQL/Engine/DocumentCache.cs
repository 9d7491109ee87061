using GraphQLParser.AST;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;

namespace Billing.GraphQL.Engine;

/// <summary>Documents that were parsed and have passed validation, by their text. What depends on the request is <see cref="Guard"/>'s.</summary>
sealed class DocumentCache(IOptions<BillingGraphQLOptions> options) : IDisposable
{
    static readonly TimeSpan Unused = TimeSpan.FromHours(1);

    readonly MemoryCache cache = new(new MemoryCacheOptions { SizeLimit = options.Value.DocumentCacheLength });

    public GraphQLDocument? Find(string text) => cache.Get<GraphQLDocument>(text);

    public void Keep(string text, GraphQLDocument document) =>
        cache.Set(text, document, new MemoryCacheEntryOptions { Size = text.Length, SlidingExpiration = Unused });

    public void Dispose() => cache.Dispose();
}
