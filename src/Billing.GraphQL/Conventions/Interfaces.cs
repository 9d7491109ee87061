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

/// <summary>Finds one noun's objects by key, for <c>node</c> and <c>nodes</c>. Register one for each noun that implements <see cref="INode"/>.</summary>
public interface INodeSource
{
    /// <summary>The noun, as global ids name it: <c>Order</c>.</summary>
    string Noun { get; }

    /// <summary>The object, or null when there is none that this viewer may see.</summary>
    ValueTask<INode?> Find(string key, Viewer viewer, CancellationToken cancel);
}
