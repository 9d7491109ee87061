using Billing.Codes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Billing.Silo.Tests;

public sealed class CodeKeysTests : IDisposable
{
    const string Good = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    readonly DirectoryInfo root = Directory.CreateTempSubdirectory("billing-keys-");

    public void Dispose() => root.Delete(recursive: true);

    [Theory]
    [InlineData("Production")]
    [InlineData("Staging")]
    public void Outside_development_the_host_says_what_to_set_and_how_to_make_it(string environment)
    {
        var refused = Assert.Throws<SetupException>(() => Vault(environment));
        Assert.Contains("Billing:Codes:Keys:0:Secret", refused.Message, StringComparison.Ordinal);
        Assert.Contains("openssl rand -base64 32", refused.Message, StringComparison.Ordinal);
        Assert.Empty(root.GetFiles("*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("k1", "c2hvcnQtc2VjcmV0", "Billing:Codes:Keys:0:Secret")]
    [InlineData("k1", "not-base64-not-base64-not-base64-not-base64-not-base64!", "Billing:Codes:Keys:0:Secret")]
    [InlineData("k1", null, "Billing:Codes:Keys:0:Secret")]
    [InlineData(null, Good, "Billing:Codes:Keys:0:Id")]
    [InlineData("a key", Good, "Billing:Codes:Keys:0:Id")]
    [InlineData("a.key", Good, "Billing:Codes:Keys:0:Id")]
    [InlineData("seventeen12345678", Good, "Billing:Codes:Keys:0:Id")]
    public void A_key_that_cannot_be_used_is_named_and_not_shown(string? id, string? secret, string named)
    {
        foreach (var environment in (string[])["Production", "Development"])
        {
            var refused = Assert.Throws<SetupException>(() => Vault(environment, (id, secret)));
            Assert.Contains(named, refused.Message, StringComparison.Ordinal);
            if (secret is not null) Assert.DoesNotContain(secret, refused.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Two_keys_of_one_name_are_refused() =>
        Assert.Contains("Billing:Codes:Keys:1:Id", Assert.Throws<SetupException>(() => Vault("Production", ("k1", Good), ("k1", Good))).Message, StringComparison.Ordinal);

    [Fact]
    public void The_first_key_is_the_current_one_and_the_others_still_open_what_they_sealed()
    {
        var text = CodeText.ReadVanity("WELCOME-26")!;
        var before = Vault("Production", ("k1", Good));
        var after = Vault("Production", ("k2", Convert.ToBase64String(new byte[32])), ("k1", Good));
        Assert.NotEqual(before.KeyOf(text), after.KeyOf(text));
        Assert.Equal(before.KeyOf(text), after.KeysOf(text).Last());
        Assert.Equal("WELCOME-26", after.Open(before.Seal(text, before.KeyOf(text)), before.KeyOf(text)).Format(""));
    }

    [Fact]
    public async Task In_development_hosts_that_start_together_make_one_key_for_all_and_keep_it()
    {
        var text = CodeText.ReadVanity("WELCOME26")!;
        var keys = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Vault("Development").KeyOf(text))));
        Assert.Single(keys.Distinct());
        Assert.Equal(keys[0], Vault("Development").KeyOf(text));
        var file = Assert.Single(root.GetFiles("*", SearchOption.AllDirectories));
        Assert.Equal(Path.Combine(root.FullName, "data", "codes.key"), file.FullName);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode);
    }

    [Fact]
    public void A_broken_key_file_is_not_replaced()
    {
        var file = Path.Combine(root.CreateSubdirectory("data").FullName, "codes.key");
        File.WriteAllText(file, "half a k");
        Assert.Contains(file, Assert.Throws<SetupException>(() => Vault("Development")).Message, StringComparison.Ordinal);
        Assert.Equal("half a k", File.ReadAllText(file));
    }

    CodeVault Vault(string environment, params (string? Id, string? Secret)[] keys)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { EnvironmentName = environment, ContentRootPath = root.FullName });
        builder.Configuration.AddInMemoryCollection(keys.SelectMany((key, i) => new[]
        {
            KeyValuePair.Create($"Billing:Codes:Keys:{i}:Id", key.Id), KeyValuePair.Create($"Billing:Codes:Keys:{i}:Secret", key.Secret),
        }));
        builder.AddCodeKeys();
        using var services = builder.Services.BuildServiceProvider();
        return services.GetRequiredService<CodeVault>();
    }
}
