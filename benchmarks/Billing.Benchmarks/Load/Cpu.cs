using System.Globalization;

namespace Billing.Benchmarks.Load;

/// <summary>CPU seconds used so far: by the server, by all of PostgreSQL's processes, by this process, and by the whole machine.</summary>
readonly record struct CpuUse(double Server, double Postgres, double Driver, double Machine)
{
    /// <summary>By processes that are no part of the measurement: much of it means a disturbed run.</summary>
    public double Others => Math.Max(0, Machine - Server - Postgres - Driver);

    public static CpuUse operator -(CpuUse a, CpuUse b) => new(a.Server - b.Server, a.Postgres - b.Postgres, a.Driver - b.Driver, a.Machine - b.Machine);
}

/// <summary>Reads CPU use from Linux's /proc.</summary>
sealed class CpuMeter(int serverPid, int postmasterPid)
{
    // USER_HZ, which is 100 on every architecture that .NET runs on.
    const double TicksPerSecond = 100;

    // user, nice, system, irq, softirq, steal: neither idle nor waiting for the disk.
    static readonly int[] Busy = [1, 2, 3, 6, 7, 8];

    public CpuUse Read()
    {
        var postgres = 0.0;
        if (postmasterPid > 0 && Of(postmasterPid) is { } postmaster)
        {
            // Connections that have ended are in the postmaster's account, as its children.
            postgres = postmaster.Own + postmaster.EndedChildren;
            foreach (var folder in Directory.EnumerateDirectories("/proc"))
            {
                if (int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && Of(pid) is { } child && child.Parent == postmasterPid)
                    postgres += child.Own;
            }
        }

        return new(serverPid > 0 ? Of(serverPid)?.Own ?? 0 : 0, postgres, Of(Environment.ProcessId)?.Own ?? 0, Machine());
    }

    static double Machine()
    {
        var fields = File.ReadLines("/proc/stat").First().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return Busy.Sum(field => Ticks(fields[field])) / TicksPerSecond;
    }

    static (int Parent, double Own, double EndedChildren)? Of(int pid)
    {
        try
        {
            // The name is in brackets and may hold blanks; what follows starts with field 3.
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), (Ticks(fields[11]) + Ticks(fields[12])) / TicksPerSecond, (Ticks(fields[13]) + Ticks(fields[14])) / TicksPerSecond);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }

    static long Ticks(string field) => long.Parse(field, CultureInfo.InvariantCulture);
}
