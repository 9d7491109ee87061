using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Billing.EndToEnd.Api;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Billing.EndToEnd.Hosts;

/// <summary>The built host as a process of its own, on the loopback. It can be killed as a crash would, and started again with the same ports and database.</summary>
public sealed class HostProcess : IAsyncDisposable
{
    /// <summary>The secret that the sandbox shares with the host, so that a test can sign as the provider.</summary>
    public const string SandboxSecret = "end-to-end-sandbox-secret-0123456789abcdef";

    /// <summary>What the tokens of made-up people are signed with, so that a test can forge some.</summary>
    public const string SigningKey = "end-to-end-development-key-0123456789abcdef";

    /// <summary>What codes are kept under, so that a test can find a code's row.</summary>
    public const string CodeSecret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    static readonly string Program = Path.Combine(Metadata("HostFolder"), "Billing.Silo.dll");
    static readonly ConcurrentDictionary<int, bool> Given = new();
    static readonly JsonWebTokenHandler Tokens = new() { SetDefaultTimesOnTokenCreation = false };

    readonly TestDatabase database;
    readonly Dictionary<string, string?> environment;
    readonly ConcurrentQueue<string> lines = new();
    Process? process;

    public HostProcess(TestDatabase database, IReadOnlyDictionary<string, string?>? settings = null, string prefix = "")
    {
        this.database = database;
        Prefix = prefix;
        Url = new($"http://127.0.0.1:{FreePort()}/");
        // Waiting for one of the connections counts as well: stampedes have thousands wait.
        Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, MaxConnectionsPerServer = 256 }) { BaseAddress = Url, Timeout = TimeSpan.FromMinutes(3) };
        environment = new(StringComparer.Ordinal)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ASPNETCORE_URLS"] = Url.GetLeftPart(UriPartial.Authority),
            ["DOTNET_gcServer"] = "0",
            // Started hundreds of times, for seconds each: what makes code faster later, or its memory stricter, makes that slower.
            ["DOTNET_TieredPGO"] = "0",
            ["DOTNET_EnableWriteXorExecute"] = "0",
            ["Billing__PublicUrl"] = new Uri(Url, prefix).AbsoluteUri,
            ["Billing__Cluster__SiloPort"] = $"{FreePort()}",
            ["Billing__SignIn__DevelopmentKey"] = SigningKey,
            ["Billing__PaymentMethods__sandbox__Secret"] = SandboxSecret,
            ["Billing__Codes__Keys__0__Id"] = "k1",
            ["Billing__Codes__Keys__0__Secret"] = CodeSecret,
            ["Billing__Deadlines__Rest"] = "00:00:01",
        };
        foreach (var (name, value) in database.Settings) environment[name] = value;
        foreach (var (name, value) in settings ?? new Dictionary<string, string?>()) environment[name] = value;
    }

    /// <summary>Where it serves.</summary>
    public Uri Url { get; }

    /// <summary>What its public address has behind the host; empty, or ends with a slash.</summary>
    public string Prefix { get; }

    /// <summary>A client that follows no redirect and keeps no cookie.</summary>
    public HttpClient Http { get; }

    public TestDatabase Database => database;

    /// <summary>What it wrote so far.</summary>
    public string Log => string.Join('\n', lines);

    /// <summary>The last warnings and errors of it, each with the lines that follow.</summary>
    public string Problems
    {
        get
        {
            var written = lines.ToArray();
            var first = Array.FindLastIndex(written, line => line.StartsWith("warn: ", StringComparison.Ordinal) || line.StartsWith("fail: ", StringComparison.Ordinal));
            return first < 0 ? "The host wrote of no problem." : string.Join('\n', written[Math.Max(0, first - 20)..Math.Min(written.Length, first + 40)]);
        }
    }

    /// <summary>The most memory that it had so far, in megabytes, from Linux's /proc; 0 elsewhere.</summary>
    public long PeakMemory => OperatingSystem.IsLinux() && Runs
        ? long.Parse(
            File.ReadLines($"/proc/{process!.Id}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
            System.Globalization.CultureInfo.InvariantCulture) / 1024
        : 0;

    /// <summary>Whether the process runs.</summary>
    public bool Runs => process is { HasExited: false };

    /// <summary>Starts it and waits until it is ready.</summary>
    public static async Task<HostProcess> Start(TestDatabase database, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var host = new HostProcess(database, settings);
        await host.Start();
        return host;
    }

    /// <summary>Starts it, or starts it again, and waits until it is ready.</summary>
    public async Task Start()
    {
        Launch();
        await Until.Is(IsReady, ready => ready, "the host is ready", TimeSpan.FromSeconds(120));

        async Task<bool> IsReady()
        {
            if (!Runs) Assert.Fail($"The host ended with {process!.ExitCode} before it was ready:\n{Log}");
            try
            {
                using var answer = await Http.GetAsync("health/ready", TestContext.Current.CancellationToken);
                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }

    /// <summary>Runs it where it must not start: it ends by itself, and a line says why.</summary>
    public async Task RefusesInALine(string named)
    {
        Launch();
        await Ended(TimeSpan.FromSeconds(60));
        Assert.Equal(1, process!.ExitCode);
        Assert.Contains(lines, line => line.Contains(named, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("Unhandled exception", Log, StringComparison.Ordinal);
        Assert.DoesNotContain("failed to start", Log, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>SIGKILL: as a crash or a loss of power to the process would.</summary>
    public async Task Kill()
    {
        process!.Kill();
        await Ended(TimeSpan.FromSeconds(20));
    }

    /// <summary>Ends it as a crash would, and starts it again with other settings.</summary>
    public async Task Restart(IReadOnlyDictionary<string, string?> settings)
    {
        await Kill();
        foreach (var (name, value) in settings) environment[name] = value;
        await Start();
    }

    /// <summary>Waits until the process has ended by itself.</summary>
    public async Task Ended(TimeSpan patience)
    {
        using var limit = new CancellationTokenSource(patience);
        await process!.WaitForExitAsync(limit.Token);
    }

    /// <summary>Runs the host's own verification beside it; nothing may differ.</summary>
    public async Task Verify()
    {
        var (code, output) = await RunVerification();
        Assert.True(code == 0, $"verify ended with {code}:\n{output}");
        Assert.EndsWith("nothing differs.", output, StringComparison.Ordinal);
    }

    /// <summary>The verification's exit code and what it printed.</summary>
    public async Task<(int Code, string Output)> RunVerification()
    {
        var output = new ConcurrentQueue<string>();
        using var verification = Run(["verify"], environment.Where(pair => !pair.Key.StartsWith("DOTNET_STARTUP", StringComparison.Ordinal)), output);
        await verification.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (verification.ExitCode, string.Join('\n', output));
    }

    /// <summary>Somebody who has not signed in.</summary>
    public Caller Anybody => new(this, null);

    /// <summary>A made-up account that nobody used before.</summary>
    public Task<Caller> NewBuyer() => SignIn("buyer-" + Guid.NewGuid().ToString("N"));

    /// <summary>An administrator.</summary>
    public Task<Caller> Administrator() => SignIn("carol", "billing:admin");

    /// <summary>Signs somebody in.</summary>
    public async Task<Caller> SignIn(string subject, params string[] roles)
    {
        using var answer = await Http.PostAsJsonAsync("dev/sign-in", new { subject, roles }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return new(this, (string)(await answer.Content.ReadFromJsonAsync<JsonNode>(TestContext.Current.CancellationToken))!["token"]!) { Subject = subject };
    }

    /// <summary>Somebody with a token that the test signs itself: thousands of them cost the host nothing.</summary>
    public Caller Forged(string subject, params string[] roles)
    {
        var key = new SymmetricSecurityKey(SHA256.HashData(Encoding.UTF8.GetBytes(SigningKey)));
        var token = Tokens.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "billing-development",
            Audience = "billing",
            NotBefore = DateTime.UtcNow.AddMinutes(-1),
            Expires = DateTime.UtcNow.AddHours(2),
            Claims = new Dictionary<string, object> { ["sub"] = subject, ["roles"] = roles },
            SigningCredentials = new(key, SecurityAlgorithms.HmacSha256),
        });
        return new(this, token) { Subject = subject };
    }

    public async ValueTask DisposeAsync()
    {
        if (Runs) await Kill();
        process?.Dispose();
        Http.Dispose();
    }

    /// <summary>A port that nothing listens on, given to nobody else.</summary>
    public static int FreePort()
    {
        while (true)
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            var port = ((IPEndPoint)listener.LocalEndpoint).Port;
            if (Given.TryAdd(port, true)) return port;
        }
    }

    /// <summary>What the build wrote down for the tests.</summary>
    public static string Metadata(string name) =>
        Path.GetFullPath(typeof(HostProcess).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(data => data.Key == name).Value!);

    void Launch()
    {
        lines.Clear();
        process?.Dispose();
        process = Run([], environment, lines);
    }

    static Process Run(IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string?>> environment, ConcurrentQueue<string> lines)
    {
        // The content root is the current folder, and the settings lie beside the program.
        var start = new ProcessStartInfo("dotnet", [Program, .. arguments])
        {
            WorkingDirectory = Path.GetDirectoryName(Program),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }

        var started = Process.Start(start)!;
        started.OutputDataReceived += (_, line) => Keep(line.Data);
        started.ErrorDataReceived += (_, line) => Keep(line.Data);
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        return started;

        void Keep(string? line)
        {
            if (line is not null) lines.Enqueue(line);
        }
    }
}
