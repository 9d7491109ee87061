using Microsoft.Playwright;

namespace Billing.EndToEnd.Browsers;

/// <summary>
/// Finds what a page shows by its role and its whole name. Playwright looks for a part of a name unless told otherwise, and a part that
/// fits one thing today fits two as soon as other data make the page say more.
/// </summary>
static class ByName
{
    public static ILocator Link(this IPage page, string name) => page.GetByRole(AriaRole.Link, Whole(name));

    public static ILocator Link(this ILocator part, string name) => part.GetByRole(AriaRole.Link, WholeOf(name));

    public static ILocator Button(this IPage page, string name) => page.GetByRole(AriaRole.Button, Whole(name));

    public static ILocator Button(this ILocator part, string name) => part.GetByRole(AriaRole.Button, WholeOf(name));

    public static ILocator Heading(this IPage page, string name) => page.GetByRole(AriaRole.Heading, Whole(name));

    /// <summary>What is filled in or chosen from under this label.</summary>
    public static ILocator Field(this IPage page, string label) => page.GetByLabel(label, new() { Exact = true });

    /// <inheritdoc cref="Field(IPage, string)"/>
    public static ILocator Field(this ILocator part, string label) => part.GetByLabel(label, new() { Exact = true });

    static PageGetByRoleOptions Whole(string name) => new() { Name = name, Exact = true };

    static LocatorGetByRoleOptions WholeOf(string name) => new() { Name = name, Exact = true };
}
