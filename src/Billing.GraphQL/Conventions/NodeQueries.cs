using GraphQL.DataLoader;

namespace Billing.GraphQL;

/// <summary>Global object identification: whatever has an id is found again by it.</summary>
static class NodeQueries
{
    /// <summary>The object with this id, if there is one and the caller may see it.</summary>
    [Cost(10)]
    public static IDataLoaderResult<INode?> GetNode([Id] string id, Viewer viewer, Nodes nodes, ClientInfo client) =>
        nodes.Load((id, new(viewer, Language.Of(client))));

    /// <summary>The objects with these ids, in their order; null where there is none that the caller may see.</summary>
    [Cost(10, Each = "ids")]
    public static IDataLoaderResult<IReadOnlyList<INode?>> GetNodes([Id] IReadOnlyList<string> ids, Viewer viewer, Nodes nodes, ClientInfo client)
    {
        if (ids.Count > Page.Largest)
            throw new BadRequestFault(ErrorCodes.PageTooLarge, $"At most {Page.Largest} ids can be asked for at once. Ask in several requests.");
        var request = new NodeRequest(viewer, Language.Of(client));
        return nodes.LoadAll([.. ids.Select(id => (id, request))]);
    }
}

/// <summary>The nouns' sources. What a request asks for by id, under however many aliases, is looked up together, a noun at a time.</summary>
sealed class Nodes(IEnumerable<INodeSource> sources) : BatchLoader<(string Id, NodeRequest Request), INode>
{
    readonly Dictionary<string, INodeSource> byNoun = sources.ToDictionary(source => source.Noun, StringComparer.Ordinal);

    protected override int LargestBatch => Page.Largest;

    /// <summary>The object with this id; null when there is none that this viewer may see.</summary>
    public async Task<INode?> Find(string id, NodeRequest request, CancellationToken cancel) => await Load((id, request)).GetResultAsync(cancel);

    /// <summary>An id that nobody wrote is an object that does not exist.</summary>
    protected override async Task<IReadOnlyDictionary<(string Id, NodeRequest Request), INode>> LoadBatch(
        IReadOnlyList<(string Id, NodeRequest Request)> keys, CancellationToken cancel)
    {
        var all = new Dictionary<(string Id, NodeRequest Request), INode>(keys.Count);
        foreach (var some in keys.Select(Read).OfType<Named>().GroupBy(named => (named.Source, named.Asked.Request)))
        {
            var (source, request) = some.Key;
            if (!MaySee(source, request.Viewer)) continue;
            var found = await source.Find([.. some.Select(named => named.Key).Distinct(StringComparer.Ordinal)], request, cancel);
            foreach (var named in some)
                if (found.TryGetValue(named.Key, out var node)) all[named.Asked] = node;
        }

        return all;
    }

    Named? Read((string Id, NodeRequest Request) asked) =>
        GlobalId.TryRead(asked.Id, out var noun, out var key) && byNoun.TryGetValue(noun, out var source) ? new(asked, source, key) : null;

    static bool MaySee(INodeSource source, Viewer viewer) => source.Readers switch
    {
        NodeReaders.Everybody => true,
        NodeReaders.SignedIn => viewer.IsSignedIn,
        _ => viewer.IsAdministrator,
    };

    sealed record Named((string Id, NodeRequest Request) Asked, INodeSource Source, string Key);
}
