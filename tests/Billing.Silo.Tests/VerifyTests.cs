using System.Collections.Immutable;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Orders;
using Billing.Silo.Verify;
using Billing.Storage;
using Billing.Unclaimed;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Storage;

namespace Billing.Silo.Tests;

/// <summary>What <c>verify</c> is there for: each kind of difference is found, and books that balance are said to.</summary>
public sealed class VerifyTests : IAsyncLifetime
{
    static readonly DateTimeOffset Noon = new(2026, 11, 2, 12, 0, 0, TimeSpan.Zero);
    static readonly Money Price = new(990, "CNY");
    static readonly string Number = OrderNumber.Of("alice", "wish");

    readonly string file = Path.Combine(Directory.CreateTempSubdirectory("billing-verify-").FullName, "billing.db");

    public async ValueTask InitializeAsync()
    {
        var grants = ImmutableArray.Create<Grant>(new CreditGrant(Credits.Whole(100), null));
        var wish = new OrderWish("alice", "wish", "starter", null, "sandbox", null);
        using var host = Store();
        await host.StartAsync(TestContext.Current.CancellationToken);
        await Write(
            host, OrderDocument.Kind, Number,
            new OrderPlaced(Noon, Number, wish, new("starter", new("Starter"), grants, false), Price, Noon.AddMinutes(30), 1, null),
            new PaymentStarted(Noon, 1, "sandbox", new("shop"), Price, Noon.AddMinutes(30), new("https://provider.example/pay", null, null), Noon.AddMinutes(1)),
            new PaymentReceived(Noon, 1, "txn-1", Price, Late: false),
            new OrderFulfilled(Noon));
        await Write(
            host, AccountDocument.Kind, "alice",
            new GrantsApplied(
                $"order:{Number}", LedgerKind.Purchase, Credits.Whole(100), Credits.Whole(100), "alice", grants,
                [new($"order:{Number}", Credits.Whole(100), Credits.Whole(100), null)], [], null, Noon),
            new CreditsSpent("spend:1", LedgerKind.Spend, -Credits.Whole(1), Credits.Whole(99), null));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Books_that_balance_are_said_to()
    {
        using var output = new StringWriter();
        Assert.Equal(0, await VerifyCommand.Run(["--Billing:Storage:SqlitePath", file], output));
        Assert.Contains("Credits by kind: purchase 100, spend -1. Balances: 99.", output.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<AccountEvent, string> OfNothing => new()
    {
        { new HoldReleased("refund-released:nobody's:all", LedgerKind.Refund, Credits.Whole(5), Credits.Whole(6), "gift", [new("gift", Credits.Whole(5), Credits.Whole(5), null)], []), "the entry refund-released:nobody's:all is of no refund" },
        { new GrantsHeld($"refund:{Number}R01", LedgerKind.Refund, default, Credits.Whole(1), "gift", new([], [], false, Noon, 0), []), $"the entry refund:{Number}R01 is of no refund" },
        { new GrantsVoided($"order:{Number}", LedgerKind.Refund, default, Credits.Whole(1), "bob", Noon), $"the entry order:{Number} voids a purchase that nobody gives back" },
        { new GrantsApplied("order:nobody's", LedgerKind.Purchase, Credits.Whole(1), Credits.Whole(2), "bob", [], [new("order:nobody's", Credits.Whole(1), Credits.Whole(1), null)], [], null, Noon), "the purchase order:nobody's has no order" },
    };

    [Theory]
    [MemberData(nameof(OfNothing), DisableDiscoveryEnumeration = true)]
    public async Task An_entry_that_comes_of_nothing_is_found(AccountEvent entry, string found)
    {
        using (var host = Store())
        {
            await host.StartAsync(TestContext.Current.CancellationToken);
            var gift = new GrantsApplied("gift", LedgerKind.Adjustment, Credits.Whole(1), Credits.Whole(1), "bob", [], [new("gift", Credits.Whole(1), Credits.Whole(1), null)], [], null, Noon);
            await Write(host, AccountDocument.Kind, "bob", gift, entry);
            await host.StopAsync(TestContext.Current.CancellationToken);
        }

        using var output = new StringWriter();
        Assert.Equal(1, await VerifyCommand.Run(["--Billing:Storage:SqlitePath", file], output));
        Assert.Contains($"DIFFERS account bob: {found}", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a balance that nobody earned", "UPDATE accounts SET document = replace(document, '\"balance\":99000000', '\"balance\":99000001')")]
    [InlineData("an order that says it is paid", "UPDATE orders SET document = replace(document, '\"transactionId\":\"txn-1\"', '\"transactionId\":\"txn-2\"')")]
    [InlineData("a document without a journal", "INSERT INTO accounts SELECT 'mallory', version, document, next_deadline, shard, created_at, balance_micro FROM accounts")]
    [InlineData("a document that is gone", "DELETE FROM accounts")]
    [InlineData("a version that was turned back", "UPDATE orders SET version = version - 1")]
    [InlineData("an event that is gone", "DROP TRIGGER journal_is_not_deleted_from; DELETE FROM journal WHERE type = 'OrderFulfilled'")]
    [InlineData("a deadline that nobody will look at", "UPDATE orders SET next_deadline = '2099-01-01T00:00:00.000000Z'")]
    [InlineData("a balance for the lists alone", "UPDATE accounts SET balance_micro = balance_micro + 1")]
    [InlineData("a key in another shard", "UPDATE orders SET shard = (shard + 1) % 64")]
    [InlineData("a fulfilled order that its account never got", "DROP TRIGGER journal_is_not_deleted_from; DELETE FROM journal WHERE noun = 'account'; DELETE FROM accounts")]
    [InlineData("a purchase whose order is gone", "DROP TRIGGER journal_is_not_deleted_from; DELETE FROM journal WHERE noun = 'order'; DELETE FROM orders")]
    public async Task A_difference_is_found(string what, string tampering)
    {
        await Execute(tampering);
        Assert.True(await Verify() == 1, what);
    }

    /// <summary>What is nothing is left out today; <c>json_set</c> writes such a document as it used to be.</summary>
    [Fact]
    public async Task A_document_that_names_what_is_nothing_is_no_difference()
    {
        await Execute("UPDATE orders SET document = json_set(document, '$.refusal', NULL, '$.plan.grants[0].validDays', NULL)");
        Assert.Equal(0, await Verify());
    }

    [Fact]
    public async Task A_database_that_is_not_there_is_not_called_clean() =>
        Assert.Equal(2, await VerifyCommand.Run(["--Billing:Storage:SqlitePath", file + ".elsewhere"]));

    [Fact]
    public async Task A_file_that_is_no_database_is_not_called_clean()
    {
        var other = file + ".other";
        await File.WriteAllTextAsync(other, "Some other file, by mistake.", TestContext.Current.CancellationToken);
        try
        {
            var refused = await Assert.ThrowsAsync<SetupException>(() => VerifyCommand.Run(["--Billing:Storage:SqlitePath", other]));
            Assert.Contains(other, refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(other);
        }
    }

    Task<int> Verify() => VerifyCommand.Run(["--Billing:Storage:SqlitePath", file]);

    async Task Execute(string statement)
    {
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var command = connection.CreateCommand();
        command.CommandText = statement;
        await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
    }

    IHost Store()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<DocumentKind>(OrderDocument.Kind).AddSingleton<DocumentKind>(AccountDocument.Kind)
            .AddSingleton<DocumentKind>(PlanDocument.Kind).AddSingleton<DocumentKind>(UnclaimedPaymentDocument.Kind);
        builder.Services.AddBillingStorage(new StorageOptions { SqlitePath = file });
        return builder.Build();
    }

    static async Task Write(IHost host, DocumentKind kind, string key, params object[] events)
    {
        object? state = null;
        foreach (var happened in events) state = kind.After(state, happened);
        var document = new Document { State = state, Entries = [.. events.Select(happened => new JournalEntry(happened, Noon, Actor.System))] };
        await host.Services.GetRequiredKeyedService<IGrainStorage>("documents")
            .WriteStateAsync(kind.Noun, GrainId.Create(kind.Noun, key), new GrainState<Document>(document));
    }
}
