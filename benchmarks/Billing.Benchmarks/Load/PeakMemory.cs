using System.Globalization;

namespace Billing.Benchmarks.Load;

/// <summary>The most memory that this process had so far, from Linux's /proc.</summary>
static class PeakMemory
{
    const double KilobytesInMegabyte = 1024;

    public static double Megabytes()
    {
        var line = File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return Math.Round(long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / KilobytesInMegabyte);
    }
}
