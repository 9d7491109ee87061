using CsCheck;

namespace Billing.Tests;

/// <summary>A model that notices nothing proves nothing: it is tried on rules that were broken on purpose.</summary>
static class Noticed
{
    // One story in twenty thousand tells of the rarest: a number that is most often enough would fail some run of every week.
    const int AtOnce = 5_000, AtMost = 1_000_000;

    /// <summary>Tells stories until the model fails in one; fails itself when none of a million did.</summary>
    public static void InSomeStory<T>(Gen<T> stories, Action<T> live)
    {
        for (var told = 0; told < AtMost; told += AtOnce)
        {
            try
            {
                stories.Sample(live, iter: AtOnce);
            }
            catch (CsCheckException)
            {
                return;
            }
        }

        Assert.Fail($"None of {AtMost} stories told of what is broken.");
    }
}
