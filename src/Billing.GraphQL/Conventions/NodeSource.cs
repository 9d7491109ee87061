namespace Billing.GraphQL;

/// <summary>What the sources of nodes do alike.</summary>
static class NodeSource
{
    /// <summary>Nothing is there.</summary>
    public static readonly IReadOnlyDictionary<string, INode> None = new Dictionary<string, INode>(0);

    /// <summary>What the keys name; one that names nothing is left out.</summary>
    public static IReadOnlyDictionary<string, T> Read<T>(IReadOnlyList<string> keys, Func<string, T?> read)
        where T : struct
    {
        var named = new Dictionary<string, T>(keys.Count, StringComparer.Ordinal);
        foreach (var key in keys)
            if (read(key) is { } one) named.Add(key, one);
        return named;
    }

    /// <summary>What is to be shown for each key; where that is nothing, it is left out.</summary>
    public static IReadOnlyDictionary<string, INode> Show<T>(IReadOnlyDictionary<string, T> named, Func<T, INode?> show)
    {
        var nodes = new Dictionary<string, INode>(named.Count, StringComparer.Ordinal);
        foreach (var (key, one) in named)
            if (show(one) is { } node) nodes.Add(key, node);
        return nodes;
    }
}
