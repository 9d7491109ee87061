namespace Billing.Silo.Verify;

/// <summary>What verification found, printed as it is found.</summary>
sealed class VerifyReport(TextWriter output)
{
    // Beyond this the first hundred tell the story.
    const int MostPrinted = 100;

    readonly List<string> counts = [];

    /// <summary>How many differences there are.</summary>
    public int Differences { get; private set; }

    /// <summary>Something is not as it must be.</summary>
    public void Differs(string noun, string key, string what)
    {
        Differences++;
        if (Differences <= MostPrinted) output.WriteLine($"DIFFERS {noun} {key}: {what}");
    }

    /// <summary>Something that was not looked at.</summary>
    public void LeftOut(string what) => output.WriteLine($"LEFT OUT {what}");

    /// <summary>What else there is to know.</summary>
    public void Say(string what) => output.WriteLine(what);

    /// <summary>How many documents of a noun were looked at.</summary>
    public void Count(string noun, long documents) => counts.Add($"{documents} {noun}");

    /// <summary>The last line, and the exit code.</summary>
    public int End()
    {
        if (Differences > MostPrinted) output.WriteLine($"… and {Differences - MostPrinted} more.");
        output.WriteLine(Differences == 0
            ? $"Verified {string.Join(", ", counts)}: nothing differs."
            : $"Verified {string.Join(", ", counts)}: {Differences} differences.");
        return Differences == 0 ? 0 : 1;
    }
}
