using System.Globalization;

namespace Billing.Benchmarks.Load;

/// <summary>The command line: pairs of a name and a value.</summary>
sealed class Options
{
    readonly Dictionary<string, string> given = new(StringComparer.Ordinal);

    public Options(string[] arguments)
    {
        if (arguments.Length % 2 != 0) throw new ArgumentException("Options come in pairs: --name value.");
        foreach (var pair in arguments.Chunk(2)) given.Add(pair[0], pair[1]);
    }

    public int ServerPid => Number("--server-pid", 0);

    public int PostmasterPid => Number("--postmaster-pid", 0);

    public double Seconds => Number("--seconds", 6);

    public double WarmUpSeconds => Number("--warmup", 3);

    public int WarmUpOperations => Number("--warmup-operations", 0);

    /// <summary>Where the server is. This driver makes up money and people, so it only goes to this machine.</summary>
    public Uri Url => new Uri(Text("--url")) is { IsLoopback: true } url ? url : throw new ArgumentException("Only a server on this machine can be loaded.");

    public string Text(string name) => given.TryGetValue(name, out var value) ? value : throw new ArgumentException($"{name} is missing.");

    public int Number(string name, int usual) => given.TryGetValue(name, out var value) ? int.Parse(value, CultureInfo.InvariantCulture) : usual;
}
