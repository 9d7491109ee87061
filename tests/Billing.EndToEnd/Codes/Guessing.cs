using Billing.EndToEnd.Hosts;

namespace Billing.EndToEnd.Codes;

/// <summary>What guessing costs the database.</summary>
public sealed class Guessing(SharedHosts hosts)
{
    const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    const int Texts = 40;

    static readonly IReadOnlyDictionary<string, string?> Settings = new Dictionary<string, string?>(SharedHosts.QuietSettings)
    {
        ["Billing__Codes__AttemptsOfAccount"] = "10000",
        ["Billing__Codes__AttemptsOfAddress"] = "100000",
        ["Billing__Codes__NotFoundTime"] = "00:00:00",
    };

    // The host's own statements look for other rows, and never for one code.
    const string ReadsACode = "FROM redemption_codes WHERE key";

    /// <summary>
    /// Of the 32 last characters that a text can have, one fits. So of 32 guesses at each text 31 must not reach the database, and the one that does
    /// costs one statement. Counted by the server itself; a host that looked every guess up would need 1,280.
    /// </summary>
    [Fact]
    public async Task A_wrong_code_costs_a_query_only_when_its_check_character_fits()
    {
        var database = await hosts.NewDatabase(Engine.Postgres);
        await using var host = await HostProcess.Start(database, Settings);
        await database.CountStatements();
        var (carol, mallory) = (host.SomeAdministrator(), host.SomeBuyer());
        var (_, codes) = await carol.Issue(new { count = Texts + 1 });
        Assert.Null((await mallory.Redeem(codes[Texts])).Error());

        var before = await database.Statements(ReadsACode);
        foreach (var code in codes.Take(Texts))
        {
            var text = Changed(code);
            var answers = await Task.WhenAll(Alphabet.Select(last => mallory.Redeem(text + last)));
            Assert.All(answers, answer => Assert.Equal("CODE_NOT_FOUND", answer.Error()));
        }

        Assert.Equal(Texts, await database.Statements(ReadsACode) - before);

        // The count counts: a code that is there costs some.
        before = await database.Statements(ReadsACode);
        Assert.Null((await host.SomeBuyer().Redeem(codes[0])).Error());
        Assert.True(await database.Statements(ReadsACode) > before);
    }

    // Another first character, and no last one.
    static string Changed(string code) => (code[0] == 'Z' ? 'Y' : 'Z') + code[1..^1];
}
