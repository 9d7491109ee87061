using System.Text.Json;
using System.Text.Json.Serialization;

namespace Billing.Benchmarks.Load;

/// <summary>One measurement, printed as a line of JSON.</summary>
sealed record Result(
    string Scenario, string Target, int Workers, long Operations, double PerSecond, double P50, double P95, double P99,
    double ServerCpu, double PostgresCpu, double DriverCpu, double OtherCores, long Failures, bool Verified, string? Problem, string? Steps)
{
    static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Prints it and gives the exit code.</summary>
    public static int Print(string scenario, string target, int workers, ClosedLoop loop, string? broken = null, string? steps = null)
    {
        var operations = loop.Operations.Count;
        var verified = broken is null && loop.Failures == 0;
        var result = new Result(
            scenario, target, workers, operations, Math.Round(operations / loop.Seconds, 1),
            loop.Operations.Milliseconds(50), loop.Operations.Milliseconds(95), loop.Operations.Milliseconds(99),
            Each(loop.Cpu.Server), Each(loop.Cpu.Postgres), Each(loop.Cpu.Driver), Math.Round(loop.Cpu.Others / loop.Seconds, 2),
            loop.Failures, verified, verified ? null : $"{broken} {loop.FirstFailure}".Trim(), steps);
        Console.WriteLine(JsonSerializer.Serialize(result, Format));
        return verified ? 0 : 1;

        double Each(double cpuSeconds) => Math.Round(cpuSeconds * 1000 / Math.Max(1, operations), 4);
    }

    /// <summary>Prints what was done once and took this long: <paramref name="operations"/> are its rows.</summary>
    public static int Print(string scenario, string target, long operations, double seconds, CpuUse cpu, string? broken, string? steps)
    {
        Console.WriteLine(JsonSerializer.Serialize(
            new Result(
                scenario, target, 1, operations, Math.Round(operations / seconds, 1), 0, 0, 0, Each(cpu.Server), Each(cpu.Postgres), Each(cpu.Driver),
                Math.Round(cpu.Others / seconds, 2), 0, broken is null, broken, steps),
            Format));
        return broken is null ? 0 : 1;

        double Each(double cpuSeconds) => Math.Round(cpuSeconds * 1000 / Math.Max(1, operations), 4);
    }

    public static Result Read(string line) => JsonSerializer.Deserialize<Result>(line, Format) ?? throw new JsonException("A line holds nothing.");
}
