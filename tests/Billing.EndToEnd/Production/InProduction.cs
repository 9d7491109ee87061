using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Billing.EndToEnd.Api;
using Billing.EndToEnd.Hosts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Billing.EndToEnd.Production;

/// <summary>The host where money is real.</summary>
public abstract class InProduction(SharedHosts hosts, Engine engine)
{
    const string Issuer = "https://sign-in.example";
    const string Audience = "billing";

    [Theory]
    [InlineData("no issuer", "Billing:SignIn:Issuer")]
    [InlineData("no audience", "Billing:SignIn:Audience")]
    [InlineData("no public address", "Billing:PublicUrl")]
    [InlineData("a public address that is none", "Billing:PublicUrl")]
    [InlineData("a sandbox", "sandbox")]
    [InlineData("a sandbox allowed elsewhere", "sandbox")]
    [InlineData("development sign-in", "Billing:SignIn:Development")]
    [InlineData("no keys for codes", "openssl rand -base64 32")]
    [InlineData("a key for codes that is too short", "Billing:Codes:Keys:0:Secret")]
    public async Task It_does_not_start_with_settings_that_would_lose_money_or_let_anybody_in(string fault, string named)
    {
        var settings = Settings("keys.json");
        switch (fault)
        {
            case "no issuer": settings["Billing__SignIn__Issuer"] = null; break;
            case "no audience": settings["Billing__SignIn__Audience"] = null; break;
            case "no public address": settings["Billing__PublicUrl"] = null; break;
            case "a public address that is none": settings["Billing__PublicUrl"] = "billing.example"; break;
            case "no keys for codes": settings["Billing__Codes__Keys__0__Id"] = settings["Billing__Codes__Keys__0__Secret"] = null; break;
            case "a key for codes that is too short": settings["Billing__Codes__Keys__0__Secret"] = "c2VjcmV0"; break;
            case "development sign-in": settings["Billing__SignIn__Development"] = "true"; break;
            default:
                settings["Billing__PaymentMethods__sandbox__Kind"] = "Sandbox";
                settings["Billing__PaymentMethods__sandbox__Secret"] = HostProcess.SandboxSecret;
                if (fault == "a sandbox allowed elsewhere") settings["Billing__Sandbox__AllowOutsideDevelopment"] = "true";
                break;
        }

        await using var host = new HostProcess(await hosts.NewDatabase(engine), settings);
        await host.RefusesInALine(named);
    }

    [Theory]
    [InlineData("the address is taken", "ASPNETCORE_URLS")]
    [InlineData("the port for silos is taken", "Billing:Cluster:SiloPort")]
    [InlineData("there is no database", "The database cannot be used")]
    [InlineData("no keys to sign in with", "Billing:SignIn:KeysFile")]
    [InlineData("a number that is none", "Billing:Storage:QueueLength")]
    public async Task It_says_in_a_line_why_it_cannot_start(string fault, string named)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        var settings = fault switch
        {
            "the address is taken" => new Dictionary<string, string?> { ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}" },
            "the port for silos is taken" => new() { ["Billing__Cluster__SiloPort"] = port },
            "there is no database" when engine == Engine.Sqlite => [],
            "there is no database" => new() { ["ConnectionStrings__Billing"] = "Host=127.0.0.1;Port=1;Username=billing;Database=billing" },
            "a number that is none" => new() { ["Billing__Storage__QueueLength"] = "many" },
            _ => Settings("nowhere.json"),
        };
        var database = await hosts.NewDatabase(engine);
        if (fault == "there is no database" && engine == Engine.Sqlite)
            await File.WriteAllTextAsync(database.SqlitePath, "Some other file, by mistake.", TestContext.Current.CancellationToken);
        await using var host = new HostProcess(database, settings);
        await host.RefusesInALine(named);
    }

    [Fact]
    public async Task It_believes_its_issuers_tokens_and_no_others_and_has_no_development_sign_in()
    {
        using var rsa = RSA.Create(2048);
        using var others = RSA.Create(2048);
        var folder = Directory.CreateTempSubdirectory("billing-keys-").FullName;
        var file = Path.Combine(folder, "keys.json");
        var numbers = rsa.ExportParameters(includePrivateParameters: false);
        var key = new { kty = "RSA", use = "sig", alg = "RS256", kid = "one", n = Base64UrlEncoder.Encode(numbers.Modulus), e = Base64UrlEncoder.Encode(numbers.Exponent) };
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new { keys = new[] { key } }), TestContext.Current.CancellationToken);

        await using var host = await HostProcess.Start(await hosts.NewDatabase(engine), Settings(file));
        foreach (var path in (string[])["dev/sign-in", "dev/sign-in/alice", "sandbox/pay", "sandbox/api/payments/x", "explorer", "graphql?sdl"])
        {
            using var answer = await host.Http.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{path}: {answer.StatusCode}");
        }

        using var posted = await host.Http.PostAsJsonAsync("dev/sign-in", new { subject = "alice" }, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, posted.StatusCode);

        var signed = new SigningCredentials(new RsaSecurityKey(rsa) { KeyId = "one" }, SecurityAlgorithms.RsaSha256);
        Assert.Equal("""{"data":{"cancelOrder":{"errors":[{"code":"ORDER_NOT_FOUND"}]}}}""", (await Ask(Token(signed))).Text);

        // The public key is public: taken for a shared secret, anybody could sign with it.
        var publicText = rsa.ExportSubjectPublicKeyInfoPem();
        foreach (var token in (string[])
        [
            Token(signed, issuer: "https://elsewhere.example"),
            Token(signed, audience: "another"),
            Token(signed, expires: DateTime.UtcNow.AddMinutes(-5)),
            Token(new(new RsaSecurityKey(others) { KeyId = "one" }, SecurityAlgorithms.RsaSha256)),
            Token(new(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(publicText)) { KeyId = "one" }, SecurityAlgorithms.HmacSha256)),
            Token(new(new SymmetricSecurityKey(numbers.Modulus!) { KeyId = "one" }, SecurityAlgorithms.HmacSha256)),
            Token(null),
        ])
        {
            var answer = await Ask(token);
            Assert.Equal(401, answer.Status);
            Assert.Equal(["AUTH_NOT_AUTHENTICATED"], answer.Codes);
        }

        // A client learns nothing of the schema, and errors nothing of the code.
        Assert.Contains("NO_INTROSPECTION", (await host.Anybody.Send("{ __schema { types { name } } }")).Codes);
        Directory.Delete(folder, recursive: true);

        Task<ApiAnswer> Ask(string token) => new Caller(host, token).Send("mutation { cancelOrder(input: { orderNumber: \"0000000000000000\" }) { errors { ... on Error { code } } } }");
    }

    static Dictionary<string, string?> Settings(string keysFile) => new(StringComparer.Ordinal)
    {
        ["ASPNETCORE_ENVIRONMENT"] = "Production",
        ["Billing__Cluster__AdvertisedAddress"] = "127.0.0.1",
        ["Billing__PaymentMethods__sandbox__Secret"] = null,
        ["Billing__SignIn__DevelopmentKey"] = null,
        ["Billing__SignIn__Issuer"] = Issuer,
        ["Billing__SignIn__Audience"] = Audience,
        ["Billing__SignIn__KeysFile"] = keysFile,
    };

    static string Token(SigningCredentials? signing, string issuer = Issuer, string audience = Audience, DateTime? expires = null) =>
        new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            NotBefore = DateTime.UtcNow.AddHours(-2),
            Expires = expires ?? DateTime.UtcNow.AddHours(1),
            Claims = new Dictionary<string, object> { ["sub"] = "alice" },
            SigningCredentials = signing,
        });
}

public sealed class InProductionOnSqlite(SharedHosts hosts) : InProduction(hosts, Engine.Sqlite);

public sealed class InProductionOnPostgres(SharedHosts hosts) : InProduction(hosts, Engine.Postgres);
