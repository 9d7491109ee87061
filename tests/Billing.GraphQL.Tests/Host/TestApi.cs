using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using GraphQL;
using GraphQL.DataLoader;

namespace Billing.GraphQL.Tests;

/// <summary>Something in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Its place.</param>
public sealed record Item([property: Id] string Id, int Number) : INode
{
    /// <summary>Made, not asked for.</summary>
    public static Item Of(int number) => new(GlobalId.Write("Item", $"{number}"), number);
}

/// <summary>Whose an item is.</summary>
public sealed record Owner(string Name);

/// <summary>What lives in a house.</summary>
[UnionType]
public interface IPet;

/// <summary>Barks.</summary>
public sealed record Dog(string Name) : IPet;

/// <summary>Does not.</summary>
public sealed record Cat(int Lives) : IPet;

/// <summary>One value of each scalar.</summary>
public sealed record Values(DateTimeOffset? At, decimal? Amount, Uri? Link, [property: CurrencyCode] string? Currency, long? Big);

/// <summary>Either of two.</summary>
[OneOf]
public sealed record ChoiceInput(string? Name, int? Number);

/// <summary>A new name.</summary>
/// <param name="Name">The name; at most five letters.</param>
public sealed record RenameInput(string Name);

/// <summary>Why it was not renamed.</summary>
[UnionType]
public interface IRenameError;

/// <summary>The name has too many letters.</summary>
public sealed record NameTooLong(string Message, string Code, int Most) : IRenameError, IError;

/// <summary>What became of a name.</summary>
public sealed record RenamePayload(string? Name, IReadOnlyList<IRenameError>? Errors);

/// <summary>Reading.</summary>
[QueryType]
public static class TestQueries
{
    /// <summary>Whether anybody is there.</summary>
    public static string Ping() => "pong";

    /// <summary>What was said.</summary>
    /// <param name="text">What to say.</param>
    public static string Echo(string text) => text;

    /// <summary>The items by place.</summary>
    public static Connection<Item> GetItems(int? first, string? after, int? last, string? before)
    {
        var page = Page.From(first, after, last, before);
        var all = Enumerable.Range(1, 250);
        var from = page.Cursor is { } cursor ? Cursor.ReadPosition(cursor) : page.Backward ? long.MaxValue : 0;
        var rows = page.Backward ? all.Reverse().Where(n => n < from) : all.Where(n => n > from);
        return page.Connect([.. rows.Take(page.Rows)], Item.Of, n => Cursor.Write(n), 250);
    }

    /// <summary>A tree without end.</summary>
    public static Tree GetTree() => new();

    public static async Task<string> GetAnswerAsync(FailingPart part, CancellationToken cancel)
    {
        await part.Fail(cancel);
        return "never";
    }

    [Counted("attempt")]
    public static bool Attempt(string code) => code.Length > 3;

    [TakesSecret]
    public static string Unlock(string secret) => secret.Length > 3 ? "open" : "shut";

    public static Values Values(DateTimeOffset? at, decimal? amount, Uri? link, [CurrencyCode] string? currency, long? big) => new(at, amount, link, currency, big);

    public static IReadOnlyList<IPet> Pets() => [new Dog("Rex"), new Cat(9)];

    public static string Choose(ChoiceInput input) => input.Name ?? $"{input.Number}";
}

/// <summary>Only for those who are signed in.</summary>
[QueryType]
[Authorize]
public static class SecretQueries
{
    public static string Secret(Viewer viewer) => viewer.Actor.Name;

    [Authorize(Roles = Viewer.AdministratorRole)]
    public static string AdministratorsSecret() => "keys";

    [AllowAnonymous]
    public static bool SignedIn(Viewer viewer) => viewer.IsSignedIn;

    public static string? Language(ClientInfo client) => client.AcceptLanguage;
}

/// <summary>A node of a tree.</summary>
public sealed record Tree
{
    public Tree Child => this;

    public IReadOnlyList<Tree> Children => [this];

    public string Leaf { get; } = "leaf";
}

/// <summary>More of an item.</summary>
[ObjectType<Item>]
public static class ItemNode
{
    public static IDataLoaderResult<Owner?> GetOwner([Parent] Item item, Owners owners) => owners.Load(item.Number % 3);
}

/// <summary>Acting.</summary>
[MutationType]
public static class TestMutations
{
    public static RenamePayload Rename(RenameInput input) =>
        input.Name.Length > 5 ? new(null, [new NameTooLong("The name is too long.", "NAME_TOO_LONG", 5)]) : new(input.Name, null);

    public static async Task<string> Slow(FailingPart part, CancellationToken cancel)
    {
        await part.Fail(cancel);
        return "never";
    }
}

/// <summary>Watching.</summary>
[SubscriptionType]
public static class TestSubscriptions
{
    public static async IAsyncEnumerable<int> Count(int to)
    {
        for (var n = 1; n <= to; n++)
        {
            yield return n;
            await Task.Yield();
        }
    }

    public static IAsyncEnumerable<int> Ticks(Ticker ticker, CancellationToken cancel) => ticker.Watch(cancel);

    [Authorize]
    public static async IAsyncEnumerable<string> Whispers(Viewer viewer)
    {
        yield return viewer.Subject;
        await Task.Yield();
    }

    public static IAsyncEnumerable<int> Broken() => throw new InvalidOperationException("the source cannot be opened");
}

/// <summary>Loads owners and remembers how.</summary>
public sealed class Owners(OwnerLoads loads) : BatchLoader<int, Owner>
{
    protected override Task<IReadOnlyDictionary<int, Owner>> LoadBatch(IReadOnlyList<int> keys, CancellationToken cancel)
    {
        loads.Batches.Add([.. keys]);
        return Task.FromResult<IReadOnlyDictionary<int, Owner>>(keys.Where(key => key > 0).ToDictionary(key => key, key => new Owner($"owner {key}")));
    }
}

public sealed class OwnerLoads
{
    public List<int[]> Batches { get; } = [];
}

/// <summary>Fails as the test says.</summary>
public sealed class FailingPart
{
    public Func<CancellationToken, Task> Fail { get; set; } = _ => Task.CompletedTask;
}

/// <summary>Ticks when the test says so, and counts who watches.</summary>
public sealed class Ticker
{
    readonly Channel<int> changes = Channel.CreateUnbounded<int>();
    int watching;

    public int Watching => Volatile.Read(ref watching);

    public void Tick(int n) => changes.Writer.TryWrite(n);

    public async IAsyncEnumerable<int> Watch([EnumeratorCancellation] CancellationToken cancel)
    {
        Interlocked.Increment(ref watching);
        try
        {
            await foreach (var n in changes.Reader.ReadAllAsync(cancel)) yield return n;
        }
        finally
        {
            Interlocked.Decrement(ref watching);
        }
    }
}

/// <summary>Finds items, and remembers for what it was asked. Any noun can be made of them.</summary>
sealed class ItemSource(string noun = "Item", NodeReaders readers = NodeReaders.Everybody) : INodeSource
{
    public string Noun => noun;

    public NodeReaders Readers => readers;

    public List<IReadOnlyList<string>> Asked { get; } = [];

    public Task<IReadOnlyDictionary<string, INode>> Find(IReadOnlyList<string> keys, NodeRequest request, CancellationToken cancel)
    {
        Asked.Add(keys);
        return Task.FromResult<IReadOnlyDictionary<string, INode>>(
            keys.Where(key => int.TryParse(key, out _)).ToDictionary(key => key, INode (key) => Item.Of(int.Parse(key, CultureInfo.InvariantCulture))));
    }
}
