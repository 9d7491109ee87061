using System.Runtime.CompilerServices;

namespace Billing.Tests;

/// <summary>Files of the repository that must be what is printed; <c>UPDATE_SNAPSHOTS=1</c> writes them anew.</summary>
static class Snapshot
{
    /// <summary>Whether the files are to be written.</summary>
    public static bool Update => Environment.GetEnvironmentVariable("UPDATE_SNAPSHOTS") == "1";

    /// <summary>A file of the repository.</summary>
    public static string PathOf(string path) => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../..", path));

    /// <summary>The file holds what is printed.</summary>
    public static void Is(string path, string printed)
    {
        var file = PathOf(path);
        if (Update) File.WriteAllText(file, printed);
        Assert.True(File.Exists(file), $"{path} is missing. Run the tests with UPDATE_SNAPSHOTS=1 and look at what is new.");
        Assert.Equal(File.ReadAllText(file), printed);
    }

    static string Here([CallerFilePath] string here = "") => here;
}
