using Billing.Benchmarks.Load;
using Billing.Orders;
using Billing.Storage.Orders;
using Npgsql;

namespace Billing.Benchmarks.Lists;

/// <summary>How PostgreSQL runs the statements of <see cref="OrderReader"/>, the very texts, with the values that a page asks for.</summary>
static class Explain
{
    const int PageAndOneMore = 21;

    public static async Task<int> Run(Options options)
    {
        await using var connection = new NpgsqlConnection(options.Text("--at"));
        await connection.OpenAsync();
        var account = Seed.Account(options.Number("--accounts", Seed.UsualAccounts) / 2);
        var (end, middle) = (DateTimeOffset.MaxValue, DateTimeOffset.UtcNow.AddDays(-15));
        await Page(connection, "one account's orders, newest first", OrderReader.Newest, new(account), end);
        await Page(connection, "all orders, newest first", OrderReader.Newest, new(), end);
        await Page(connection, "expired orders, newest first", OrderReader.Newest, new(Statuses: [OrderStatus.Expired]), end);
        await Page(connection, "one account's orders, oldest first, from the middle on", OrderReader.Oldest, new(account), middle);
        await using var command = new NpgsqlCommand("SELECT key FROM orders ORDER BY created_at DESC LIMIT 1", connection);
        string[] numbers = [(string)(await command.ExecuteScalarAsync() ?? throw new InvalidOperationException("There are no orders."))];
        await Print(connection, "orders by their numbers", OrderReader.Many, new() { ["numbers"] = numbers });
        await Print(connection, "orders' timelines", OrderReader.Happened, new() { ["numbers"] = numbers });
        return 0;
    }

    static Task Page(NpgsqlConnection connection, string title, string statement, OrderFilter filter, DateTimeOffset from)
    {
        var (clauses, parameters) = OrderReader.Clauses(filter);
        parameters["createdAt"] = from.UtcDateTime;
        parameters["key"] = "";
        parameters["limit"] = PageAndOneMore;
        return Print(connection, title, statement.Replace("/* filter */", clauses, StringComparison.Ordinal), parameters);
    }

    static async Task Print(NpgsqlConnection connection, string title, string statement, Dictionary<string, object> parameters)
    {
        var lines = new List<string>();
        // What the first run fetches from the disk, the second finds in memory.
        for (var round = 0; round < 2; round++)
        {
            lines.Clear();
            await using var command = new NpgsqlCommand("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) " + statement, connection);
            foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync()) lines.Add(reader.GetString(0));
        }

        Console.WriteLine($"-- {title}");
        foreach (var line in lines.TakeWhile(line => !line.StartsWith("Planning", StringComparison.Ordinal))) Console.WriteLine(line);
        Console.WriteLine(lines[^1]);
        Console.WriteLine();
    }
}
