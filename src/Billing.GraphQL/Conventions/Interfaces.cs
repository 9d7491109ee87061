namespace Billing.GraphQL;

/// <summary>What can be fetched again by its id alone.</summary>
[InterfaceType]
public interface INode
{
    /// <summary>Globally unique and opaque.</summary>
    [Id]
    string Id { get; }
}

/// <summary>Why something was refused. Branch on the type or the code; show the message.</summary>
[InterfaceType]
public interface IError
{
    /// <summary>For people, in the language of the request.</summary>
    string Message { get; }

    /// <summary>For programs; never changes.</summary>
    string Code { get; }
}

/// <summary>
/// Finds one noun's objects by their keys, for <c>node</c> and <c>nodes</c>: all that a request asks for at once, in a number of statements that does not grow with it.
/// Register one for each noun that implements <see cref="INode"/>.
/// </summary>
public interface INodeSource
{
    /// <summary>The noun, as global ids name it: <c>Order</c>.</summary>
    string Noun { get; }

    /// <summary>Who may see any of them. For anybody else nothing is looked up.</summary>
    NodeReaders Readers { get; }

    /// <summary>The objects by key. What does not exist, or is not this viewer's to see, is left out.</summary>
    Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel);
}

/// <summary>Who may see some of a noun's objects.</summary>
public enum NodeReaders
{
    /// <summary>Who is not signed in as well.</summary>
    Everybody,

    /// <summary>Who is signed in sees their own.</summary>
    SignedIn,

    /// <summary>Administrators alone.</summary>
    Administrators,
}

/// <summary>For whom objects are looked up.</summary>
/// <param name="Viewer">Who asks.</param>
/// <param name="Language">In which language they are answered.</param>
public sealed record NodeRequest(Viewer Viewer, Language Language);
