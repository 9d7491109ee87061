using System.Globalization;
using Billing.Benchmarks.Load;
using Billing.Catalog;
using Billing.Channels;
using Billing.Orders;
using Billing.Storage;
using Billing.Storage.Documents;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Billing.Benchmarks.Lists;

/// <summary>
/// Fills an empty database with orders that nobody paid in time, their documents and their journals, by COPY. They are folded from their events by the domain
/// itself, so <c>verify</c> finds nothing to say about them.
/// </summary>
static class Seed
{
    public const int UsualAccounts = 1_000;

    const int Chunk = 20_000;

    static readonly DocumentKind<Order, OrderEvent> Kind = OrderDocument.Kind;

    public static string Account(int number) => string.Create(CultureInfo.InvariantCulture, $"seed-{number}");

    public static async Task<int> Run(Options options)
    {
        var (orders, people) = (options.Number("--orders", 1_000), options.Number("--accounts", UsualAccounts));
        await ApplySchema(options.Text("--at"));
        await using var connection = new NpgsqlConnection(options.Text("--at"));
        await connection.OpenAsync();
        // Documents come here at the version that they end with, which a trigger would refuse.
        await Execute(connection, "SET session_replication_role = replica");
        var first = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.AddDays(-30).ToUnixTimeSeconds());
        var apart = TimeSpan.FromMicroseconds(Math.Floor(TimeSpan.FromDays(29).TotalMicroseconds / orders));
        for (var from = 0; from < orders; from += Chunk)
        {
            var some = Enumerable.Range(from, Math.Min(Chunk, orders - from)).Select(n => History(Account(n % people), n, first + (n * apart))).ToList();
            await CopyDocuments(connection, some);
            await CopyJournal(connection, some);
        }

        await Execute(connection, "VACUUM (ANALYZE) orders");
        await Execute(connection, "VACUUM (ANALYZE) journal");
        await Execute(connection, "CHECKPOINT");
        Console.Error.WriteLine($"{orders} orders of {people} accounts are stored.");
        return 0;
    }

    /// <summary>An order that was placed, could be paid, and expired. Each write and its events.</summary>
    static List<(OrderEvent[] Events, Order State)> History(string account, int number, DateTimeOffset at)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"seed-{number}");
        var order = OrderNumber.Of(account, key);
        var price = new Money(990, "CNY");
        var (expires, ended) = (at.AddMinutes(30), at.AddMinutes(30).AddSeconds(5));
        var wish = new OrderWish(account, key, "starter", null, "sandbox", null);
        var plan = new PlanSnapshot("starter", new("Starter", "入门包"), [new CreditGrant(Credits.Whole(100), null)], CountsStock: false);
        var checkout = new Checkout($"http://localhost:5000/sandbox/pay?number={order}01&merchant=sandbox-shop&amount=990&currency=CNY&subject=Starter", null, null);
        OrderEvent[][] writes =
        [
            [
                new OrderPlaced(at, order, wish, plan, price, expires, 1, null),
                new PaymentStarted(at, 1, "sandbox", new("sandbox-shop"), price, expires, checkout, at.AddMinutes(10)),
            ],
            [new PaymentClosed(ended, 1, PaymentStatus.Expired, "CLOSED"), new OrderExpired(ended)],
        ];
        Order? state = null;
        var history = new List<(OrderEvent[], Order)>(writes.Length);
        foreach (var write in writes)
        {
            state = write.Aggregate(state, Order.After);
            history.Add((write, state!));
        }

        return history;
    }

    static async Task CopyDocuments(NpgsqlConnection connection, List<List<(OrderEvent[] Events, Order State)>> histories)
    {
        var columns = string.Join(", ", Kind.Columns.Select(column => column.Name));
        await using var copy = await connection.BeginBinaryImportAsync($"COPY orders (key, version, document, next_deadline, shard, {columns}) FROM STDIN BINARY");
        foreach (var history in histories)
        {
            var state = history[^1].State;
            await copy.StartRowAsync();
            await copy.WriteAsync(state.Number, NpgsqlDbType.Text);
            await copy.WriteAsync((long)history.Count, NpgsqlDbType.Bigint);
            await copy.WriteAsync(Kind.WriteState(state), NpgsqlDbType.Json);
            await Write(copy, ColumnType.Time, Kind.NextDeadline(state));
            await copy.WriteAsync((long)Shard.Of(state.Number), NpgsqlDbType.Bigint);
            foreach (var column in Kind.Columns) await Write(copy, column.Type, column.Value(state));
        }

        await copy.CompleteAsync();
    }

    static async Task CopyJournal(NpgsqlConnection connection, List<List<(OrderEvent[] Events, Order State)>> histories)
    {
        await using var copy = await connection.BeginBinaryImportAsync("COPY journal (noun, key, version, ordinal, type, at, actor, data) FROM STDIN BINARY");
        foreach (var history in histories)
        {
            for (var version = 1; version <= history.Count; version++)
            {
                var (events, state) = history[version - 1];
                for (var ordinal = 0; ordinal < events.Length; ordinal++)
                {
                    var (type, data) = Kind.WriteEvent(events[ordinal]);
                    await copy.StartRowAsync();
                    await copy.WriteAsync(OrderDocument.Noun, NpgsqlDbType.Text);
                    await copy.WriteAsync(state.Number, NpgsqlDbType.Text);
                    await copy.WriteAsync((long)version, NpgsqlDbType.Bigint);
                    await copy.WriteAsync((long)ordinal, NpgsqlDbType.Bigint);
                    await copy.WriteAsync(type, NpgsqlDbType.Text);
                    await copy.WriteAsync(events[ordinal].At.UtcDateTime, NpgsqlDbType.TimestampTz);
                    await copy.WriteAsync(version == 1 ? Actor.Account(state.Account).Name : Actor.System.Name, NpgsqlDbType.Text);
                    await copy.WriteAsync(data, NpgsqlDbType.Json);
                }
            }
        }

        await copy.CompleteAsync();
    }

    static Task Write(NpgsqlBinaryImporter copy, ColumnType type, object? value) => (type, value) switch
    {
        (_, null) => copy.WriteNullAsync(),
        (ColumnType.Time, DateTimeOffset time) => copy.WriteAsync(time.UtcDateTime, NpgsqlDbType.TimestampTz),
        (ColumnType.Long, long number) => copy.WriteAsync(number, NpgsqlDbType.Bigint),
        (_, string text) => copy.WriteAsync(text, NpgsqlDbType.Text),
        _ => throw new InvalidOperationException($"A {value.GetType()} is no column."),
    };

    // As the host does when it starts, and nothing else of it.
    static async Task ApplySchema(string connectionString)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<DocumentKind>(OrderDocument.Kind);
        builder.Services.AddBillingStorage(new() { PostgresConnectionString = connectionString });
        using var host = builder.Build();
        await host.StartAsync();
        await host.StopAsync();
    }

    static async Task Execute(NpgsqlConnection connection, string statement)
    {
        await using var command = new NpgsqlCommand(statement, connection) { CommandTimeout = 600 };
        await command.ExecuteNonQueryAsync();
    }
}
