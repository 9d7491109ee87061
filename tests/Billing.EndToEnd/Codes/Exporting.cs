using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Codes;

/// <summary>All codes of a batch in a file, for whom a link was given.</summary>
public abstract class Exporting(SharedHosts hosts, Engine engine)
{
    static readonly byte[] HashKey = HKDF.DeriveKey(
        HashAlgorithmName.SHA256, Convert.FromBase64String(HostProcess.CodeSecret), 32, [], "billing.codes.hash"u8.ToArray());

    [Fact]
    public async Task The_file_holds_every_code_as_it_was_issued_and_what_became_of_it()
    {
        var host = await hosts.Codes(engine);
        var carol = host.SomeAdministrator();
        var (batch, codes) = await carol.Issue(new { count = 100, prefix = "XM", name = "=1+1,\"x\"" });
        string[] redeemers = ["=cmd|' /C calc'!A0", "a,\"b\"", "+49", "-1", "@sum", " leading", "春节", "plain"];
        foreach (var (name, code) in redeemers.Zip(codes)) Assert.Null((await host.Forged(name).Redeem(code)).Error());
        Assert.Null((await carol.DisableCode(codes[50])).Error());

        using var answer = await host.Http.GetAsync((string)(await carol.Batch(batch))!["exportUrl"]!, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/csv", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Matches("^codes-[0-9A-Z]{16}\\.csv$", answer.Content.Headers.ContentDisposition.FileName);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        var bytes = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.Equal([0xEF, 0xBB, 0xBF], bytes[..3]);
        var text = Encoding.UTF8.GetString(bytes[3..]);
        Assert.EndsWith("\r\n", text, StringComparison.Ordinal);
        Assert.Equal(101, text.Split("\r\n").Length - 1);
        Assert.DoesNotContain('\n', text.Replace("\r\n", "", StringComparison.Ordinal));

        var rows = Csv.Read(text);
        Assert.Equal(["code", "status", "redemptions", "redeemed by", "redeemed at"], rows[0]);
        Assert.Equal(codes, rows.Skip(1).Select(row => row[0]));
        foreach (var (name, row) in redeemers.Zip(rows.Skip(1)))
        {
            Assert.Equal(("REDEEMED", "1"), (row[1], row[2]));
            // What a spreadsheet would run is shown to it as text.
            Assert.Equal("=+-@".Contains(name[0], StringComparison.Ordinal) ? "'" + name : name, row[3]);
            Assert.True(DateTimeOffset.TryParse(row[4], CultureInfo.InvariantCulture, out _), row[4]);
        }

        Assert.Equal([codes[50], "DISABLED", "0", "", ""], rows[51]);
        Assert.All(rows.Skip(9).Where(row => row[0] != codes[50]), row => Assert.Equal(["ACTIVE", "0", "", ""], row[1..]));
        Assert.Equal(1, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE type = 'CodesExported' AND actor = 'admin:{carol.Subject}'"));
    }

    /// <summary>
    /// A large batch is exported whole: as many rows as codes, all different, and together they are the stored ones, which are known by their HMAC alone.
    /// BILLING_EXPORT_CODES sets how many there are.
    /// </summary>
    [Fact]
    public async Task A_large_file_is_the_stored_codes_and_nothing_else()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("BILLING_EXPORT_CODES"), CultureInfo.InvariantCulture, out var asked) ? asked : 5_000;
        var database = await hosts.NewDatabase(engine);
        await using var host = await HostProcess.Start(database);
        var carol = host.SomeAdministrator();
        var (batch, _) = await carol.Issue(new { count, prefix = "XM" });
        var issued = (await Until.Is(() => carol.Batch(batch), now => (string?)now!["status"] == "ISSUED", "the batch is issued", TimeSpan.FromMinutes(10)))!;

        var (keys, bytes) = (new HashSet<string>(count), 0L);
        var (before, began) = (host.PeakMemory, Stopwatch.GetTimestamp());
        using (var answer = await host.Http.GetAsync((string)issued["exportUrl"]!, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken))
        using (var rows = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)))
        {
            Assert.StartsWith("code,", await rows.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            while (await rows.ReadLineAsync(TestContext.Current.CancellationToken) is { } row)
            {
                bytes += row.Length;
                Assert.True(keys.Add(KeyOf(row[..row.IndexOf(',', StringComparison.Ordinal)].Replace("-", "", StringComparison.Ordinal))), row);
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{keys.Count:N0} codes in {Stopwatch.GetElapsedTime(began).TotalSeconds:N1} s; the host had {before} MB at most before it, and {host.PeakMemory} MB after it.");
        Assert.Equal(count, keys.Count);
        Assert.Equal(count * (long)"XM-0123-4567-89AB-CDEF,ACTIVE,0,,".Length, bytes);
        Assert.Equal(count, await database.Number($"SELECT COUNT(*) FROM redemption_codes WHERE batch_id = '{KeyOfBatch(batch)}'"));
        foreach (var some in keys.Chunk(10_000))
            Assert.Equal(some.Length, await database.Number($"SELECT COUNT(*) FROM redemption_codes WHERE key IN ('{string.Join("','", some)}')"));
    }

    /// <summary>A file that looks whole and holds what happened to be stored by then would be taken for all of the codes.</summary>
    [Fact]
    public async Task A_batch_that_is_still_being_issued_is_not_exported_and_what_is_said_of_it_is_true()
    {
        await using var host = await HostProcess.Start(
            await hosts.NewDatabase(engine),
            new Dictionary<string, string?> { ["Billing__Codes__IssueAtOnce"] = "100", ["Billing__Codes__BatchPatience"] = "00:00:00.1" });
        var carol = host.SomeAdministrator();
        var issued = (await carol.TryToIssue(new { count = 1_000_000 }))["batch"]!;
        Assert.Equal("ISSUING", (string?)issued["status"]);
        var (batch, link) = ((string)issued["id"]!, (string)issued["exportUrl"]!);
        using (var early = await host.Http.GetAsync(link, TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.Conflict, early.StatusCode);
            Assert.Contains("of 1000000", await early.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        Assert.Equal(0, await host.Database.Number("SELECT COUNT(*) FROM journal WHERE type = 'CodesExported'"));

        // A code whose grain remembers it as it was is shown as what it is.
        var code = (await carol.Ask("query($id: ID!) { codeBatch(id: $id) { codes(first: 1) { nodes { id status } } } }", new { id = batch }))["codeBatch"]!["codes"]!["nodes"]![0]!;
        Assert.Equal(("ACTIVE", "ACTIVE"), ((string?)code["status"], (string?)(await carol.Code((string)code["id"]!))!["status"]));
        Assert.Null((await carol.DisableBatch(batch)).Error());
        var shown = (await carol.Code((string)code["id"]!))!;
        Assert.Equal(("DISABLED", 0), ((string?)shown["status"], (int)shown["remainingRedemptions"]!));

        // Of a batch that is being disabled no code is listed as active, whether it is marked by now or not; and all counts are of what is stored.
        var lists = (await carol.Ask(
            """
            query($id: ID!) { codeBatch(id: $id) {
                issued all: codes(first: 1) { totalCount } active: codes(first: 1, status: ACTIVE) { nodes { id } } disabled: codes(first: 100, status: DISABLED) { nodes { status } }
            } }
            """,
            new { id = batch }))["codeBatch"]!;
        Assert.Empty(lists["active"]!["nodes"]!.AsArray());
        Assert.Equal(100, lists["disabled"]!["nodes"]!.AsArray().Count(one => (string?)one!["status"] == "DISABLED"));
        var stored = await host.Database.Number($"SELECT COUNT(*) FROM redemption_codes WHERE batch_id = '{KeyOfBatch(batch)}'");
        Assert.Equal((stored, stored), ((int)lists["issued"]!, (int)lists["all"]!["totalCount"]!));

        await Until.Is(() => carol.Batch(batch), now => (string?)now!["status"] == "DISABLED", "the batch is disabled", TimeSpan.FromMinutes(2));
        using var whole = await host.Http.GetAsync(link, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, whole.StatusCode);
        var rows = Csv.Read((await whole.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).TrimStart('\uFEFF'));
        Assert.Equal(stored, rows.Count - 1);
        Assert.All(rows.Skip(1), row => Assert.Equal("DISABLED", row[1]));
        Assert.Equal(stored, await host.Database.Number($"SELECT COUNT(*) FROM redemption_codes WHERE batch_id = '{KeyOfBatch(batch)}'"));
    }

    [Fact]
    public async Task A_link_that_nobody_was_given_leads_nowhere()
    {
        var host = await hosts.Codes(engine);
        var carol = host.SomeAdministrator();
        var (batch, _) = await carol.Issue();
        var (other, _) = await carol.Issue();
        var link = (string)(await carol.Batch(batch))!["exportUrl"]!;
        var (id, otherId) = (KeyOfBatch(batch), KeyOfBatch(other));
        foreach (var forged in (string[])
        [
            link[..link.IndexOf('?', StringComparison.Ordinal)], link[..^1] + (link[^1] == '0' ? '1' : '0'), link.Replace(id, otherId, StringComparison.Ordinal),
            link.Replace(carol.Subject, "mallory", StringComparison.Ordinal), link.Replace("until=1", "until=2", StringComparison.Ordinal), link + "&until=9999999999",
        ])
        {
            using var answer = await host.Http.GetAsync(forged, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("exportUrl", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        Assert.Equal(0, await host.Database.Number($"SELECT COUNT(*) FROM journal WHERE type = 'CodesExported' AND key IN ('{id}', '{otherId}')"));
        using var good = await host.Http.GetAsync(link, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);
    }

    static string KeyOfBatch(string globalId) => Encoding.UTF8.GetString(Convert.FromBase64String(globalId.PadRight((globalId.Length + 3) / 4 * 4, '=')))["CodeBatch:".Length..];

    /// <summary>A code's key as the documentation says that it is made (HKDF, HMAC-SHA256, 26 characters of base 32), written apart from the code under test.</summary>
    static string KeyOf(string code)
    {
        var mac = HMACSHA256.HashData(HashKey, Encoding.ASCII.GetBytes(code));
        var key = new char[26];
        for (var i = 0; i < key.Length; i++)
        {
            var value = 0;
            for (var bit = 5 * i; bit < 5 * (i + 1); bit++) value = (value << 1) | ((mac[bit / 8] >> (7 - (bit % 8))) & 1);
            key[i] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[value];
        }

        return new(key);
    }
}

public sealed class ExportingOnSqlite(SharedHosts hosts) : Exporting(hosts, Engine.Sqlite);

public sealed class ExportingOnPostgres(SharedHosts hosts) : Exporting(hosts, Engine.Postgres);
