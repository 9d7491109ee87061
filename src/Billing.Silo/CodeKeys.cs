using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Billing.Codes;

namespace Billing.Silo;

/// <summary>The secrets that redemption codes are kept under. Nothing here is ever logged.</summary>
static class CodeKeys
{
    /// <summary>Where they are configured.</summary>
    internal const string Section = "Billing:Codes:Keys";

    const string HowToMakeOne = "Make one with: openssl rand -base64 32";

    // Under the content root, beside the embedded database: whoever starts over starts over with both.
    static readonly string DevelopmentFile = Path.Combine("data", "codes.key");

    /// <summary>Those that are configured, the first of them for what is issued now; in Development without any, one that is made at the first start.</summary>
    public static void AddCodeKeys(this WebApplicationBuilder builder)
    {
        var keys = Read(builder.Configuration.GetSection(Section));
        if (keys.Count == 0 && !builder.Environment.IsDevelopment())
        {
            throw new SetupException(
                $"Redemption codes are kept under a secret, and none is set: set {Section}:0:Id to a name for it, such as k1, and {Section}:0:Secret to at least "
                + $"{CodeKey.MinSecretLength} bytes in base64. {HowToMakeOne}. Keep a copy apart from the database's backups: without it no code can be redeemed.");
        }

        builder.Services.AddSingleton(new CodeVault(keys.Count > 0 ? keys : [MadeHere(Path.Combine(builder.Environment.ContentRootPath, DevelopmentFile))]));
    }

    /// <summary>A vault for a look at what is stored: the configured keys, or the one that was made here. Null without any; none is made.</summary>
    internal static CodeVault? Known(IConfiguration configuration, IHostEnvironment environment)
    {
        var keys = Read(configuration.GetSection(Section));
        var file = Path.Combine(environment.ContentRootPath, DevelopmentFile);
        return keys.Count > 0 ? new(keys) : File.Exists(file) ? new([MadeHere(file)]) : null;
    }

    static List<CodeKey> Read(IConfigurationSection section)
    {
        var keys = new List<CodeKey>();
        foreach (var child in section.GetChildren().OrderBy(child => int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : int.MaxValue))
        {
            var (id, secret) = (child["Id"] ?? "", child["Secret"] ?? "");
            if (!new CodeKey(id, [.. new byte[CodeKey.MinSecretLength]]).IsUsable)
                throw new SetupException($"{child.Path}:Id is a name of 1 to {CodeKey.MaxIdLength} letters and digits, such as k1.");
            if (Secret(secret) is not { } bytes)
                throw new SetupException($"{child.Path}:Secret is no base64 of at least {CodeKey.MinSecretLength} bytes. {HowToMakeOne}");
            if (keys.Exists(key => key.Id == id)) throw new SetupException($"{child.Path}:Id is another key's name already: each has its own.");
            keys.Add(new(id, bytes));
        }

        return keys;
    }

    static ImmutableArray<byte>? Secret(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var written) && written >= CodeKey.MinSecretLength ? [.. bytes.AsSpan(0, written)] : null;
    }

    /// <summary>The key in this file; the first host that starts makes it. Two that start at once agree on one of theirs.</summary>
    internal static CodeKey MadeHere(string file)
    {
        if (!File.Exists(file))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            // Whole before it has its name, so that nobody reads half a key; and a name that is taken is not taken over.
            var draft = $"{file}.{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (var text = new StreamWriter(draft, options)) text.Write(Convert.ToBase64String(RandomNumberGenerator.GetBytes(CodeKey.MinSecretLength)));
            try
            {
                File.Move(draft, file, overwrite: false);
            }
            catch (IOException) when (File.Exists(file))
            {
                File.Delete(draft);
            }
        }

        return Secret(File.ReadAllText(file).Trim()) is { } secret
            ? new("development", secret)
            : throw new SetupException($"{file} holds no key for redemption codes. Delete it, and the codes of this database with it, or put the key back.");
    }
}
