using System.Collections.Immutable;
using System.Globalization;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Codes;
using Billing.Silo.Verify;
using Billing.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Storage;

namespace Billing.Silo.Tests;

/// <summary>
/// What <c>verify</c> finds among codes, batches and accounts. Everything is stored as the grains would, is said to balance, and is then changed behind their backs.
/// </summary>
public sealed class CodeVerifyTests : IAsyncLifetime
{
    const string Limited = "BATCHAAAAAAAAAAA";
    const string Plain = "BATCHBBBBBBBBBBB";
    const string Campaign = "BATCHCCCCCCCCCCC";

    static readonly DateTimeOffset Noon = new(2026, 11, 2, 12, 0, 0, TimeSpan.Zero);
    static readonly ImmutableArray<Grant> Five = [new CreditGrant(Credits.Whole(5), null)];
    static readonly string Secret = Convert.ToBase64String([.. Enumerable.Range(1, 32).Select(n => (byte)n)]);
    static readonly CodeVault Vault = new([new("k1", [.. Convert.FromBase64String(Secret)])]);
    static readonly CodeText[] Texts = [.. Enumerable.Range(1, 5).Select(n => CodeText.Make("", [.. Enumerable.Range(0, CodeText.RandomBytes).Select(i => (byte)(n + i))]))];
    static readonly CodeText Vanity = CodeText.ReadVanity("SPRING26")!;
    static readonly string[] Keys = [.. Texts.Select(Vault.KeyOf)];
    static readonly string VanityKey = Vault.KeyOf(Vanity);

    readonly string file = Path.Combine(Directory.CreateTempSubdirectory("billing-verify-codes-").FullName, "billing.db");

    public async ValueTask InitializeAsync()
    {
        using var host = Store();
        await host.StartAsync(TestContext.Current.CancellationToken);
        // Three redemptions in all, two of an account: two of alice's, one of them reversed, and one of carol's that is still owed. Bob came too late.
        var limited = Terms(3, 2, 2, most: 3);
        await Write(
            host, CodeBatchDocument.Kind, Limited, new BatchOrdered(Noon, Limited, limited, null, "admin"), new CodesIssued(Noon, 3),
            new PlaceTaken(Noon, $"{Keys[0]}:{Id("alice")}"), new PlaceTaken(Noon, $"{Keys[1]}:{Id("alice")}"), new PlaceTaken(Noon, $"{Keys[2]}:{Id("carol")}"));
        await Write(
            host, CodeDocument.Kind, Keys[0], Issued(0, Limited, 1, 2), Redeemed("alice", Limited, 1, needsPlace: true), new RedemptionPlaced(Noon, Id("alice"), "alice"),
            new RedemptionCredited(Noon, Id("alice")), Redeemed("bob", Limited, 1, needsPlace: true), new RedemptionRefused(Noon, Id("bob"), LimitScope.Batch));
        await Write(
            host, CodeDocument.Kind, Keys[1], Issued(1, Limited, 2, 2), Redeemed("alice", Limited, 2, needsPlace: true), new RedemptionPlaced(Noon, Id("alice"), "alice"),
            new RedemptionCredited(Noon, Id("alice")), new ReversalBegun(Noon, Id("alice"), "key", "Because."),
            new RedemptionReversed(Noon, Id("alice"), Credits.Whole(4), Credits.Whole(1), 0));
        await Write(
            host, CodeDocument.Kind, Keys[2], Issued(2, Limited, 3, 2), Redeemed("carol", Limited, 1, needsPlace: true), new RedemptionPlaced(Noon, Id("carol"), "carol"));

        // One each, and disabled an hour later.
        await Write(
            host, CodeBatchDocument.Kind, Plain, new BatchOrdered(Noon, Plain, Terms(2, 1, 1), null, "admin"), new CodesIssued(Noon, 2),
            new BatchDisabled(Noon.AddHours(1), "admin", "Leaked."), new CodesDisabled(Noon.AddHours(1), 2, 1, IsLast: true));
        await Write(host, CodeDocument.Kind, Keys[3], Issued(3, Plain, 1, 1), Redeemed("alice", Plain, 1), new RedemptionCredited(Noon, Id("alice")));
        await Write(host, CodeDocument.Kind, Keys[4], Issued(4, Plain, 2, 1), new CodeDisabled(Noon.AddHours(1), DisabledAs.WithBatch, null));

        var sealedVanity = new SealedCode(Vault.Seal(Vanity, VanityKey), Vanity.Tail);
        await Write(
            host, CodeBatchDocument.Kind, Campaign, new BatchOrdered(Noon, Campaign, Terms(1, 100, 1) with { VanityKey = VanityKey }, sealedVanity, "admin"), new CodesIssued(Noon, 1));
        await Write(host, CodeDocument.Kind, VanityKey, new CodeIssued(Noon, VanityKey, Campaign, 1, sealedVanity.Text, sealedVanity.Tail, 100));

        await Write(
            host, AccountDocument.Kind, "alice", Granted(1, 0, 5), new CreditsSpent("spend:1", LedgerKind.Spend, -Credits.Whole(5), Credits.Zero, null), Granted(2, 1, 5),
            new CreditsSpent("spend:2", LedgerKind.Spend, -Credits.Whole(1), Credits.Whole(4), null), Granted(3, 3, 9),
            new GrantsTakenBack(
                $"reversal:{Reference(1)}", LedgerKind.Redemption, -Credits.Whole(4), Credits.Whole(5), Reference(1), [], 0, null));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Codes_that_agree_with_their_batches_and_accounts_are_said_to()
    {
        var (code, output) = await Verify();
        Assert.True(code == 0, output);
        Assert.Contains("3 batches, 6 codes, 5 redemptions: nothing differs.", output, StringComparison.Ordinal);
        Assert.DoesNotContain("LEFT OUT", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_key_the_sealed_texts_are_left_out_and_it_is_said()
    {
        var (code, output) = await Verify([]);
        Assert.True(code == 0, output);
        Assert.Contains("LEFT OUT the codes' sealed texts", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Codes_under_a_key_that_was_thrown_away_are_found()
    {
        var (code, output) = await Verify(["--Billing:Codes:Keys:0:Id", "k2", "--Billing:Codes:Keys:0:Secret", Secret]);
        Assert.Equal(1, code);
        Assert.Contains($"DIFFERS code {Keys[4]}: Code {Keys[4]} is sealed under a key that is not configured", output, StringComparison.Ordinal);
        Assert.Contains($"DIFFERS code-batch {Campaign}", output, StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string> Tamperings => new()
    {
        { "a document that counts less", $"UPDATE redemption_codes SET document = json_set(document, '$.redemptions', 0) WHERE key = '{Keys[0]}'", $"DIFFERS code {Keys[0]}: its document is not" },
        { "a batch that counts less", $"UPDATE code_batches SET document = json_set(document, '$.places', 1) WHERE key = '{Limited}'", $"DIFFERS code-batch {Limited}: its document is not" },
        { "a status for the lists alone", $"UPDATE redemption_codes SET status = 'ACTIVE' WHERE key = '{Keys[3]}'", "its column status" },
        { "a batch's name for the lists alone", $"UPDATE code_batches SET name = 'Other' WHERE key = '{Plain}'", "its column name" },
        { "a place that could be taken again", Journal("claim = NULL", Keys[3], "CodeRedeemed"), "stands under another reference or claim" },
        { "a reference that could come again", Journal("reference = 'redeemed:other'", Keys[3], "CodeRedeemed"), "stands under another reference or claim" },
        { "a code redeemed too often", Journal("data = json_set(data, '$.maxRedemptions', 0)", Keys[3], "CodeIssued"), $"DIFFERS code {Keys[3]}: it was redeemed 1 times of 0" },
        {
            "a code redeemed after it was disabled", Insert("code", Keys[4], 2, "CodeRedeemed", Data(Keys[3], "CodeRedeemed"), "'other'"),
            $"DIFFERS code {Keys[4]}: it was redeemed after it was disabled"
        },
        {
            "a code redeemed after its batch was disabled", Journal("data = json_set(data, '$.at', '2026-11-02T15:00:00+00:00')", Keys[3], "CodeRedeemed"),
            "came after its batch was disabled"
        },
        { "a redemption that was never credited", Delete("account", "alice", "GrantsApplied", Reference(3)), $"its redemption {Id("alice")} is not in the ledger of alice, and is not owed" },
        { "a redemption that was credited with more", Journal("data = json_set(data, '$.credits', 6000000)", "alice", "GrantsApplied"), "grants 5 credits, and alice got 6 credits" },
        { "a credit without a redemption", Delete("code", Keys[3], "CodeRedeemed"), $"DIFFERS account alice: the entry {Reference(3)} is of no redemption" },
        {
            "a credit of somebody else's redemption", Journal("data = json_set(data, '$.account', 'bob')", Keys[3], "CodeRedeemed"),
            $"DIFFERS account alice: the entry {Reference(3)} is of no redemption"
        },
        {
            "a credit of a refused redemption",
            Insert("code", Keys[3], 3, "RedemptionRefused", $"json_object('at', '2026-11-02T12:00:00+00:00', 'id', '{Id("alice")}', 'scope', NULL)", $"'refused:{Id("alice")}'"),
            "was refused, and its account was credited"
        },
        { "a reversal that nobody began", Delete("code", Keys[1], "ReversalBegun"), "was reversed, and nobody began it" },
        { "an entry of a reversal that nobody began", Delete("code", Keys[1], "ReversalBegun"), $"the entry reversal:{Reference(1)} is of no redemption or reversal" },
        { "a reversal that is neither done nor owed", Delete("code", Keys[1], "RedemptionReversed"), "has a reversal that began and is neither done nor owed" },
        {
            "a reversal of more than the account gave back", Journal("data = json_set(data, '$.takenBack', 5000000, '$.alreadySpent', 0)", Keys[1], "RedemptionReversed"),
            "says that 5 credits and 0 days were taken back, which alice's ledger does not"
        },
        { "a reversal of other days", Journal("data = json_set(data, '$.daysTakenBack', 3)", Keys[1], "RedemptionReversed"), "4 credits and 3 days were taken back, which alice's ledger does not" },
        { "a reversal that forgets what was spent", Journal("data = json_set(data, '$.alreadySpent', 0)", Keys[1], "RedemptionReversed"), "4 credits were taken back and 0 credits were spent" },
        {
            "an account that redeemed too often", $"UPDATE code_batches SET document = json_set(document, '$.terms.maxRedemptionsPerAccount', 1) WHERE key = '{Limited}'",
            $"DIFFERS account alice: it took 2 places in batch {Limited}"
        },
        { "a place that an account does not have", Journal("data = json_set(data, '$.place', 3)", Keys[1], "CodeRedeemed"), "took place 3 of the 2 that an account has" },
        { "a batch redeemed too often", Journal("data = json_set(data, '$.terms.maxRedemptions', 2)", Limited, "BatchOrdered"), $"DIFFERS code-batch {Limited}: 3 places were taken of 2" },
        { "a redemption without its batch's place", Delete("code-batch", Limited, "PlaceTaken", $"{Keys[1]}:{Id("alice")}"), "has none of its batch's places" },
        { "a redemption that its batch does not count", Journal("data = json_set(data, '$.needsPlace', json('false'))", Keys[0], "CodeRedeemed"), "was not counted as its batch's terms say" },
        {
            "a redemption credited before it had a place",
            Delete("code-batch", Limited, "PlaceTaken", $"{Keys[0]}:{Id("alice")}")
            + $"; UPDATE redemption_codes SET next_deadline = '2026-11-02T12:00:05.000000Z', document = json_set(document, '$.placing', json_array('{Id("alice")}')) WHERE key = '{Keys[0]}'",
            "has no place of its batch's yet, and its account was credited"
        },
        {
            "a place taken after the batch was disabled",
            Journal("type = 'BatchDisabled', data = json_object('at', '2026-11-02T12:00:00+00:00', 'by', 'admin', 'note', 'Leaked.')", Limited, "CodesIssued"),
            $"DIFFERS code-batch {Limited}: a place was taken after it was disabled"
        },
        { "a code that is gone", $"DELETE FROM redemption_codes WHERE key = '{Keys[2]}'", $"DIFFERS code-batch {Limited}: it says that 3 codes are issued, and 2 are stored" },
        {
            "a code that is active in a disabled batch", $"UPDATE redemption_codes SET status = 'ACTIVE' WHERE key = '{Keys[4]}'",
            $"DIFFERS code-batch {Plain}: it is disabled with all of its codes, and 1 of them are active"
        },
        { "a code in another place", $"UPDATE redemption_codes SET ordinal = 9 WHERE key = '{Keys[2]}'", $"DIFFERS code-batch {Limited}: its 3 codes have 3 ordinals up to 9" },
        {
            "two codes in one place", $"DROP INDEX redemption_codes_of_batch; UPDATE redemption_codes SET ordinal = 2 WHERE key = '{Keys[0]}'",
            $"DIFFERS code-batch {Limited}: its 3 codes have 2 ordinals up to 3"
        },
        {
            "more codes than were ordered", $"UPDATE code_batches SET document = json_set(document, '$.terms.count', 2) WHERE key = '{Limited}'",
            $"DIFFERS code-batch {Limited}: 3 codes are stored of 2"
        },
        { "codes of no batch", $"DELETE FROM code_batches WHERE key = '{Plain}'", $"DIFFERS code-batch {Plain}: it has codes, and there is no such batch" },
        { "a redemption of no batch", $"DELETE FROM code_batches WHERE key = '{Plain}'", $"is of batch {Plain}, which there is not" },
        {
            "a text moved to another row", Journal($"data = json_set(data, '$.sealed', '{Vault.Seal(Texts[0], Keys[0])}')", Keys[4], "CodeIssued"),
            $"DIFFERS code {Keys[4]}: Code {Keys[4]} does not hold the text that was sealed for it"
        },
        { "another code's text sealed for this row", Journal($"data = json_set(data, '$.sealed', '{Vault.Seal(Texts[0], Keys[4])}')", Keys[4], "CodeIssued"), "its last characters are others" },
        {
            "another code's text with its tail",
            Journal($"data = json_set(data, '$.sealed', '{Vault.Seal(Texts[0], Keys[4])}', '$.tail', '{Texts[0].Tail}')", Keys[4], "CodeIssued"),
            $"DIFFERS code {Keys[4]}: its text is another code's"
        },
        {
            "a campaign's text under another key", Journal($"data = json_set(data, '$.vanity.text', '{Vault.Seal(Vanity, Keys[0])}')", Campaign, "BatchOrdered"),
            $"DIFFERS code-batch {Campaign}: Code {VanityKey} does not hold the text that was sealed for it"
        },
    };

    [Theory]
    [MemberData(nameof(Tamperings))]
    public async Task A_difference_is_found_and_named(string what, string tampering, string finding)
    {
        await using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            await connection.OpenAsync(TestContext.Current.CancellationToken);
            await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The tests' own text.
            command.CommandText = $"DROP TRIGGER journal_is_not_updated; DROP TRIGGER journal_is_not_deleted_from; {tampering}";
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        }

        var (code, output) = await Verify();
        Assert.Equal(1, code);
        Assert.True(output.Contains(finding, StringComparison.Ordinal), $"{what}: '{finding}' is not in\n{output}");
    }

    static string Journal(string change, string key, string type) =>
        $"UPDATE journal SET {change} WHERE position = (SELECT min(position) FROM journal WHERE key = '{key}' AND type = '{type}')";

    static string Delete(string noun, string key, string type, string? reference = null) =>
        $"DELETE FROM journal WHERE noun = '{noun}' AND key = '{key}' AND type = '{type}'{(reference is null ? "" : $" AND reference = '{reference}'")}";

    static string Data(string key, string type) => $"(SELECT data FROM journal WHERE key = '{key}' AND type = '{type}')";

    static string Insert(string noun, string key, int ordinal, string type, string data, string reference) => string.Create(
        CultureInfo.InvariantCulture,
        $"INSERT INTO journal (noun, key, version, ordinal, type, at, actor, reference, data) VALUES ('{noun}', '{key}', 1, {ordinal}, '{type}', '2026-11-02T12:00:00.000000Z', 'system', {reference}, {data})");

    static string Id(string account) => Redemption.IdOf(account, null);

    static string Reference(int code) => CodeDocument.LedgerReference(Keys[code], Id("alice"));

    static CodeBatchTerms Terms(int count, int perCode, int perAccount, int? most = null) => new("Spring", count, Five, "", null, null, perCode, perAccount, most, null, [], null, null);

    static CodeIssued Issued(int code, string batch, int ordinal, int most) =>
        new(Noon, Keys[code], batch, ordinal, Vault.Seal(Texts[code], Keys[code]), Texts[code].Tail, most);

    static CodeRedeemed Redeemed(string account, string batch, int place, bool needsPlace = false) => new(Noon, Id(account), account, batch, "TAIL", place, needsPlace);

    static GrantsApplied Granted(int nth, int code, long after) => new(
        Reference(code), LedgerKind.Redemption, Credits.Whole(5), Credits.Whole(after), "alice", Five, [new(Reference(code), Credits.Whole(5), Credits.Whole(5), null)], [], null,
        Noon.AddSeconds(nth));

    async Task<(int Code, string Output)> Verify(string[]? keys = null)
    {
        await using var output = new StringWriter(CultureInfo.InvariantCulture);
        // No key of another run lies about there.
        string[] where = ["--contentRoot", Path.GetDirectoryName(file)!, "--Billing:Storage:SqlitePath", file];
        var code = await VerifyCommand.Run([.. where, .. keys ?? ["--Billing:Codes:Keys:0:Id", "k1", "--Billing:Codes:Keys:0:Secret", Secret]], output);
        return (code, output.ToString());
    }

    IHost Store()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Services.AddSingleton<DocumentKind>(AccountDocument.Kind).AddSingleton<DocumentKind>(CodeDocument.Kind).AddSingleton<DocumentKind>(CodeBatchDocument.Kind);
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
