using System.Diagnostics;
using System.Globalization;
using Billing.Benchmarks.Load;
using Billing.Codes;
using Billing.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Billing.Benchmarks.Issue;

/// <summary>
/// The yardstick for issuing: the very rows that were issued, as PostgreSQL's own binary format, loaded by <c>COPY</c> into the same two tables with the same
/// indexes and triggers of a fresh database, in one transaction for each table. Nothing is made, hashed or encrypted.
/// </summary>
static class PlainCopy
{
    const int BufferSize = 1 << 16;
    const string JournalColumns = "noun, key, version, ordinal, type, at, actor, reference, claim, data";

    static readonly string CodeColumns = $"key, version, document, next_deadline, shard, {string.Join(", ", CodeDocument.Kind.Columns.Select(column => column.Name))}";

    public static async Task<int> Run(Options options)
    {
        var (folder, count) = (options.Text("--folder"), options.Number("--count", 100_000));
        var (codes, journal) = (Path.Combine(folder, "codes.copy"), Path.Combine(folder, "journal.copy"));
        await using (var from = new NpgsqlConnection(options.Text("--from")))
        {
            await from.OpenAsync();
            // Without those of the warm-up, in the order in which they were stored.
            var ofBatch = $"(SELECT batch_id FROM redemption_codes GROUP BY batch_id HAVING count(*) = {count.ToString(CultureInfo.InvariantCulture)} LIMIT 1)";
            await Save(from, $"COPY (SELECT {CodeColumns} FROM redemption_codes WHERE batch_id = {ofBatch} ORDER BY ordinal) TO STDOUT (FORMAT binary)", codes);
            await Save(
                from,
                $"COPY (SELECT {JournalColumns} FROM journal WHERE noun = 'code' AND key IN (SELECT key FROM redemption_codes WHERE batch_id = {ofBatch}) ORDER BY position) TO STDOUT (FORMAT binary)",
                journal);
        }

        await ApplySchema(options.Text("--at"));
        await using var to = new NpgsqlConnection(options.Text("--at"));
        await to.OpenAsync();
        var cpu = new CpuMeter(0, options.PostmasterPid);
        var (used, began) = (cpu.Read(), Stopwatch.GetTimestamp());
        await Load(to, $"COPY redemption_codes ({CodeColumns}) FROM STDIN (FORMAT binary)", codes);
        await Load(to, $"COPY journal ({JournalColumns}) FROM STDIN (FORMAT binary)", journal);
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        var use = cpu.Read() - used;
        await using var counting = new NpgsqlCommand("SELECT (SELECT count(*) FROM redemption_codes), (SELECT count(*) FROM journal)", to) { CommandTimeout = 0 };
        await using var counted = await counting.ExecuteReaderAsync();
        await counted.ReadAsync();
        var (rows, entries) = (counted.GetInt64(0), counted.GetInt64(1));
        File.Delete(codes);
        File.Delete(journal);
        return Result.Print(
            $"issue {count} codes, postgres", "plain", count, seconds, use, rows == count && entries == count ? null : $"{rows} codes and {entries} journal rows were loaded.",
            string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s"));
    }

    static async Task Save(NpgsqlConnection connection, string statement, string file)
    {
        await using var from = await connection.BeginRawBinaryCopyAsync(statement);
        from.ReadTimeout = Timeout.Infinite;
        await using var to = File.Create(file, BufferSize);
        await from.CopyToAsync(to, BufferSize);
    }

    static async Task Load(NpgsqlConnection connection, string statement, string file)
    {
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var to = await connection.BeginRawBinaryCopyAsync(statement))
        {
            to.WriteTimeout = Timeout.Infinite;
            await using var from = File.OpenRead(file);
            await from.CopyToAsync(to, BufferSize);
        }

        await transaction.CommitAsync();
    }

    // As the host does when it starts, and nothing else of it.
    static async Task ApplySchema(string connectionString)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<DocumentKind>(CodeDocument.Kind);
        builder.Services.AddBillingStorage(new() { PostgresConnectionString = connectionString });
        using var host = builder.Build();
        await host.StartAsync();
        await host.StopAsync();
    }
}
