// The comparison: the purchase and the redemption of codes as one would write them first, a minimal API over PostgreSQL with row locks. Every write is one statement, hence one round trip,
// one transaction and one flush of the log. It has no sign-in, no events, no timeline, no late or double payments, no work items: it does less than Billing.
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Npgsql;

var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, PlainJson.Default));
var secret = Encoding.UTF8.GetBytes(builder.Configuration["Plain:Secret"] ?? throw new InvalidOperationException("Set Plain:Secret."));
var settings = new NpgsqlConnectionStringBuilder(builder.Configuration.GetConnectionString("Plain"))
{
    MaxPoolSize = 16,
    MinPoolSize = 4,
    MaxAutoPrepare = 32,
    AutoPrepareMinUsages = 2,
    // No session keeps any state.
    NoResetOnClose = true,
};
await using var database = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString).Build();
await using (var schema = database.CreateCommand(PlainSql.Schema())) await schema.ExecuteNonQueryAsync();

var app = builder.Build();

app.MapPut("/accounts/{id}", async (string id, CancellationToken cancel) =>
{
    await using var command = Command(PlainSql.OpenAccount, id);
    await command.ExecuteNonQueryAsync(cancel);
    return Results.NoContent();
});

app.MapGet("/accounts/{id}", async (string id, CancellationToken cancel) =>
{
    await using var command = Command(PlainSql.Balance, id);
    return await command.ExecuteScalarAsync(cancel) is long balance ? Results.Ok(new PlainAccount(id, balance)) : Results.NotFound();
});

app.MapPost("/orders", async (NewOrder wish, CancellationToken cancel) =>
{
    if (wish.Key is not { Length: > 0 and <= 200 }) return Refuse(400, "The key has 1 to 200 characters.");
    try
    {
        await using var insert = Command(PlainSql.Place, wish.Account, wish.Key, wish.Plan);
        if (await ReadOrder(insert, cancel) is { } placed) return Results.Created($"/orders/{placed.Id}", placed);
    }
    catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.ForeignKeyViolation)
    {
        return Refuse(404, "There is no such account.");
    }

    await using var find = Command(PlainSql.FindByKey, wish.Account, wish.Key);
    return await ReadOrder(find, cancel) switch
    {
        null => Refuse(404, "There is no such plan."),
        { } known when known.Plan == wish.Plan => Results.Ok(known),
        _ => Refuse(409, "The key was used for another order."),
    };
});

app.MapGet("/orders/{id:long}", async (long id, CancellationToken cancel) =>
{
    await using var command = Command(PlainSql.Find, id);
    return await ReadOrder(command, cancel) is { } order ? Results.Ok(order) : Results.NotFound();
});

app.MapPost("/callback", async (HttpRequest request, CancellationToken cancel) =>
{
    using var buffer = new MemoryStream(256);
    await request.Body.CopyToAsync(buffer, cancel);
    var body = buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    if (!IsSigned(body.Span, request.Headers["Signature"])) return Results.Unauthorized();
    PaidNews news;
    try
    {
        news = JsonSerializer.Deserialize(body.Span, PlainJson.Default.PaidNews) ?? throw new JsonException("There is nothing.");
    }
    catch (JsonException)
    {
        return Refuse(400, "The body cannot be read.");
    }

    // A repeat waits for the order's row, finds it paid and changes nothing.
    await using (var pay = Command(PlainSql.Pay, news.Order, news.Transaction, news.Amount, news.Currency))
    {
        if (await pay.ExecuteScalarAsync(cancel) is long balance) return Results.Ok(new Credited(balance));
    }

    await using var find = Command(PlainSql.PaidBy, news.Order);
    return await find.ExecuteScalarAsync(cancel) switch
    {
        null => Refuse(404, "There is no such order."),
        string paidBy => paidBy == news.Transaction ? Results.Ok(new Credited(null)) : Refuse(409, "It was paid by another payment."),
        _ => Refuse(422, "The amount differs, or the time is over."),
    };
});

app.MapPost("/codes", async (NewCodes wish, CancellationToken cancel) =>
{
    await using var command = Command(PlainSql.IssueCodes, (long)wish.Count, wish.MaxRedemptions, wish.MaxPerAccount, wish.Credits);
    await using var rows = await command.ExecuteReaderAsync(cancel);
    var codes = new StringBuilder();
    while (await rows.ReadAsync(cancel)) codes.Append(rows.GetString(0)).Append('\n');
    return Results.Text(codes.ToString());
});

app.MapPost("/redemptions", async (NewRedemption wish, CancellationToken cancel) =>
{
    try
    {
        // Who comes second waits for the code's row, and finds it used up.
        await using var redeem = Command(PlainSql.Redeem, wish.Code, wish.Account);
        if (await redeem.ExecuteScalarAsync(cancel) is long balance) return Results.Ok(new Credited(balance));
    }
    catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.UniqueViolation)
    {
        return Results.Ok(new Credited(null));
    }

    await using var find = Command(PlainSql.RedeemedBy, wish.Code, wish.Account);
    return await find.ExecuteScalarAsync(cancel) switch
    {
        null => Refuse(404, "There is no such code."),
        true => Results.Ok(new Credited(null)),
        _ => Refuse(409, "It was redeemed as often as it can be."),
    };
});

await app.RunAsync();

static IResult Refuse(int status, string why) => Results.Json(new Refusal(why), PlainJson.Default.Refusal, statusCode: status);

NpgsqlCommand Command(string statement, params ReadOnlySpan<object> values)
{
    var command = database.CreateCommand(statement);
    foreach (var value in values)
    {
        command.Parameters.Add(value switch
        {
            long number => new NpgsqlParameter<long> { TypedValue = number },
            string text => new NpgsqlParameter<string> { TypedValue = text },
            _ => throw new ArgumentException($"A {value.GetType()} is no parameter.", nameof(values)),
        });
    }

    return command;
}

bool IsSigned(ReadOnlySpan<byte> body, string? signature)
{
    if (signature is not { Length: 64 }) return false;
    Span<byte> expected = stackalloc byte[32], given = stackalloc byte[32];
    HMACSHA256.HashData(secret, body, expected);
    return Convert.FromHexString(signature, given, out _, out _) == System.Buffers.OperationStatus.Done && CryptographicOperations.FixedTimeEquals(expected, given);
}

static async Task<PlainOrder?> ReadOrder(NpgsqlCommand command, CancellationToken cancel)
{
    await using var row = await command.ExecuteReaderAsync(cancel);
    return await row.ReadAsync(cancel)
        ? new(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetString(4), row.GetInt64(5), row.GetDateTime(6), row.GetDateTime(7),
            await row.IsDBNullAsync(8, cancel) ? null : row.GetDateTime(8))
        : null;
}

static class PlainSql
{
    const string Columns = "id, account, plan, price, currency, credits, created_at, expires_at, paid_at";

    public const string OpenAccount = "INSERT INTO accounts (id) VALUES ($1) ON CONFLICT DO NOTHING";

    public const string Balance = "SELECT balance FROM accounts WHERE id = $1";

    public const string Place = $"""
        INSERT INTO orders (account, key, plan, price, currency, credits, expires_at)
        SELECT $1, $2, slug, price, currency, credits, now() + interval '30 minutes' FROM plans WHERE slug = $3
        ON CONFLICT (account, key) DO NOTHING
        RETURNING {Columns}
        """;

    public const string Find = $"SELECT {Columns} FROM orders WHERE id = $1";

    public const string FindByKey = $"SELECT {Columns} FROM orders WHERE account = $1 AND key = $2";

    public const string PaidBy = "SELECT paid_by FROM orders WHERE id = $1";

    public const string Pay = """
        WITH paid AS (
            UPDATE orders SET paid_by = $2, paid_at = now()
            WHERE id = $1 AND paid_at IS NULL AND expires_at > now() AND price = $3 AND currency = $4
            RETURNING id, account, credits
        ), credited AS (
            UPDATE accounts SET balance = balance + paid.credits FROM paid WHERE accounts.id = paid.account
            RETURNING balance
        )
        INSERT INTO ledger (account, credits, balance_after, order_id)
        SELECT paid.account, paid.credits, credited.balance, paid.id FROM paid, credited
        RETURNING balance_after
        """;

    public const string IssueCodes = """
        WITH batch AS (INSERT INTO batches (credits, max_per_account) VALUES ($4, $3::integer) RETURNING id)
        INSERT INTO codes (code, batch, max_redemptions)
        SELECT upper(substr(replace(gen_random_uuid()::text, '-', ''), 1, 20)), batch.id, $2::integer FROM batch, generate_series(1, $1)
        RETURNING code
        """;

    public const string Redeem = """
        WITH used AS (
            UPDATE codes SET redemptions = redemptions + 1 FROM batches
            WHERE code = $1 AND batches.id = codes.batch AND redemptions < max_redemptions AND NOT disabled
                AND NOT EXISTS (SELECT 1 FROM redemptions AS before WHERE before.code = $1 AND before.account = $2)
                AND (SELECT count(*) FROM redemptions AS others WHERE others.account = $2 AND others.batch = codes.batch) < max_per_account
            RETURNING code, codes.batch, batches.credits
        ), redeemed AS (
            INSERT INTO redemptions (code, account, batch) SELECT code, $2, batch FROM used
            RETURNING id
        ), credited AS (
            UPDATE accounts SET balance = balance + used.credits FROM used WHERE accounts.id = $2
            RETURNING balance
        )
        INSERT INTO ledger (account, credits, balance_after, redemption_id)
        SELECT $2, used.credits, credited.balance, redeemed.id FROM used, redeemed, credited
        RETURNING balance_after
        """;

    public const string RedeemedBy = "SELECT EXISTS (SELECT 1 FROM redemptions WHERE redemptions.code = codes.code AND account = $2) FROM codes WHERE code = $1";

    public static string Schema()
    {
        using var text = new StreamReader(typeof(PlainSql).Assembly.GetManifestResourceStream("schema.sql")!);
        return text.ReadToEnd();
    }
}

sealed record PlainAccount(string Id, long Balance);

sealed record NewOrder(string Account, string Key, string Plan);

sealed record PlainOrder(
    long Id, string Account, string Plan, long Price, string Currency, long Credits, DateTime CreatedAt, DateTime ExpiresAt, DateTime? PaidAt);

sealed record PaidNews(long Order, string Transaction, long Amount, string Currency);

sealed record Credited(long? Balance);

sealed record NewCodes(int Count, long MaxRedemptions, long MaxPerAccount, long Credits);

sealed record NewRedemption(string Account, string Code);

sealed record Refusal(string Message);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(PlainAccount))]
[JsonSerializable(typeof(NewOrder))]
[JsonSerializable(typeof(PlainOrder))]
[JsonSerializable(typeof(PaidNews))]
[JsonSerializable(typeof(Credited))]
[JsonSerializable(typeof(NewCodes))]
[JsonSerializable(typeof(NewRedemption))]
[JsonSerializable(typeof(Refusal))]
sealed partial class PlainJson : JsonSerializerContext;
