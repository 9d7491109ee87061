namespace Billing.GraphQL;

/// <summary>Global object identification: whatever has an id is found again by it.</summary>
static class NodeQueries
{
    /// <summary>The object with this id, if there is one and the caller may see it.</summary>
    public static ValueTask<INode?> GetNode([Id] string id, Viewer viewer, Nodes nodes, CancellationToken cancel) => nodes.Find(id, viewer, cancel);

    /// <summary>The objects with these ids, in their order; null where there is none that the caller may see.</summary>
    public static async Task<IReadOnlyList<INode?>> GetNodes([Id] IReadOnlyList<string> ids, Viewer viewer, Nodes nodes, CancellationToken cancel)
    {
        if (ids.Count > Page.Largest)
            throw new BadRequestFault(ErrorCodes.PageTooLarge, $"At most {Page.Largest} ids can be asked for at once. Ask in several requests.");
        var found = new INode?[ids.Count];
        for (var i = 0; i < found.Length; i++) found[i] = await nodes.Find(ids[i], viewer, cancel);
        return found;
    }
}

/// <summary>The nouns' sources, by noun.</summary>
sealed class Nodes(IEnumerable<INodeSource> sources)
{
    readonly Dictionary<string, INodeSource> byNoun = sources.ToDictionary(source => source.Noun, StringComparer.Ordinal);

    /// <summary>An id that nobody wrote is an object that does not exist.</summary>
    public ValueTask<INode?> Find(string id, Viewer viewer, CancellationToken cancel) =>
        GlobalId.TryRead(id, out var noun, out var key) && byNoun.TryGetValue(noun, out var source) ? source.Find(key, viewer, cancel) : default;
}
