using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Billing.EndToEnd.Hosts.LongestFirst))]

namespace Billing.EndToEnd.Hosts;

/// <summary>
/// Begins with the classes that kill hosts and then with those that visit pages: they take longest, one test of a class after the other, and begun last they would leave a
/// processor idle at the end.
/// </summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    static readonly string[] Long = [".Crashes.", ".Browsers."];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Array.FindIndex(Long, part => collection.TestCollectionDisplayName.Contains(part, StringComparison.Ordinal)) is >= 0 and var place ? place : Long.Length)];
}
