using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Billing.Testing;

/// <summary>
/// A PostgreSQL cluster of the test's own, with fsync on, in a temporary folder and on a free port of the loopback; or the server that the environment's
/// BILLING_TEST_POSTGRES names. Each test asks it for a database of its own.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    /// <summary>A connection string of a server to use instead; its user must be allowed to create databases, and it must have loaded pg_stat_statements.</summary>
    public const string Variable = "BILLING_TEST_POSTGRES";

    static int databases;

    readonly string? folder;
    readonly string bin;

    PostgresServer(string connectionString, string? folder, string bin)
    {
        ConnectionString = connectionString;
        this.folder = folder;
        this.bin = bin;
    }

    /// <summary>To the server's own database.</summary>
    public string ConnectionString { get; }

    /// <summary>The server that the environment names, or one of the test's own.</summary>
    public static Task<PostgresServer> Start() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given ? Task.FromResult(new PostgresServer(given, null, "")) : StartOwn();

    /// <summary>One of the test's own whatever the environment names, to stop and start.</summary>
    public static async Task<PostgresServer> StartOwn()
    {
        var bin = await Binaries();
        var folder = Directory.CreateTempSubdirectory("billing-postgres-").FullName;
        if (IsRoot) await Run("chown", ["postgres", folder]);
        var data = Path.Combine(folder, "data");
        await RunAsServer(Path.Combine(bin, "initdb"), ["--pgdata", data, "--auth", "trust", "--username", "postgres", "--encoding", "UTF8", "--locale", "C.UTF-8"]);
        var server = new PostgresServer($"Host=127.0.0.1;Port={FreePort()};Username=postgres;Database=postgres", folder, bin);
        await server.Up();
        return server;
    }

    /// <summary>A new database, by its connection string: empty, or with what another holds to which nobody is connected.</summary>
    public async Task<string> NewDatabase(string? original = null, string? encoding = null)
    {
        var name = $"billing_{Environment.ProcessId}_{Interlocked.Increment(ref databases)}";
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"DROP DATABASE IF EXISTS {name} WITH (FORCE)", connection);
        await command.ExecuteNonQueryAsync();
        command.CommandText = (original, encoding) switch
        {
            (null, null) => $"CREATE DATABASE {name}",
            (null, _) => $"CREATE DATABASE {name} TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'",
            _ => $"CREATE DATABASE {name} TEMPLATE {new NpgsqlConnectionStringBuilder(original).Database}",
        };
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(ConnectionString) { Database = name }.ConnectionString;
    }

    /// <summary>Starts the server after <see cref="Crash"/>. Many hosts share it, each with a pool of its own: the server's own hundred connections are three hosts.</summary>
    public Task Up() => RunAsServer(
        Path.Combine(bin, "pg_ctl"),
        [
            "start", "--wait", "--pgdata", Path.Combine(folder!, "data"), "--log", Path.Combine(folder!, "log"), "--options",
            $"-p {new NpgsqlConnectionStringBuilder(ConnectionString).Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c max_connections=500 -c shared_preload_libraries=pg_stat_statements",
        ]);

    /// <summary>Stops the server as a loss of power would: no commit in flight is answered.</summary>
    public Task Crash() => RunAsServer(Path.Combine(bin, "pg_ctl"), ["stop", "--wait", "--mode", "immediate", "--pgdata", Path.Combine(folder!, "data")]);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (folder is null) return;
        NpgsqlConnection.ClearAllPools();
        if (File.Exists(Path.Combine(folder, "data", "postmaster.pid"))) await Crash();
        Directory.Delete(folder, recursive: true);
    }

    // PostgreSQL refuses to run as root.
    static bool IsRoot => Environment.UserName == "root";

    static Task<string> RunAsServer(string program, string[] arguments) =>
        IsRoot ? Run("runuser", ["-u", "postgres", "--", program, .. arguments]) : Run(program, arguments);

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    static async Task<string> Binaries()
    {
        if (Directory.Exists("/usr/lib/postgresql"))
        {
            var versions = Directory.GetDirectories("/usr/lib/postgresql").Where(path => File.Exists(Path.Combine(path, "bin", "initdb")));
            if (versions.MaxBy(path => int.TryParse(Path.GetFileName(path), out var version) ? version : 0) is { } newest) return Path.Combine(newest, "bin");
        }

        return (await Run("pg_config", ["--bindir"])).Trim();
    }

    static async Task<string> Run(string program, string[] arguments)
    {
        // The server inherits what it is started with: pipes that we read would stay open as long as it lives, so the output goes through a file.
        var output = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/tmp" };
            foreach (var argument in (string[])["-c", "\"$@\" > \"$0\" 2>&1 < /dev/null", output, program, .. arguments]) start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            await process.WaitForExitAsync();
            var text = await File.ReadAllTextAsync(output);
            return process.ExitCode == 0 ? text : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {text}");
        }
        finally
        {
            File.Delete(output);
        }
    }
}
