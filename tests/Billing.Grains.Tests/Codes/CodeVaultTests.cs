using Billing.Codes;
using CsCheck;

namespace Billing.Tests.Codes;

public class CodeVaultTests
{
    static readonly CodeKey Old = Key("2025", 1);
    static readonly CodeKey Now = Key("2026", 2);
    static readonly CodeVault Vault = new([Now]);

    static readonly Gen<CodeText> AnyCode = Gen.Byte.Array[CodeText.RandomBytes].Select(chance => CodeText.Make("", chance));

    [Fact]
    public void The_same_code_has_the_same_key_and_another_has_another() => Gen.Select(AnyCode, AnyCode).Sample((code, other) =>
    {
        Assert.Equal(Vault.KeyOf(code), new CodeVault([Now]).KeyOf(CodeText.Read(code.Characters)!));
        Assert.Equal(code.Characters == other.Characters, Vault.KeyOf(code) == Vault.KeyOf(other));
        Assert.Equal(CodeVault.KeyLength, Vault.KeyOf(code).Length);
        Assert.All(Vault.KeyOf(code), letter => Assert.Contains(letter, CheckCharacter.Alphabet));
    });

    /// <summary>Pinned: another key for an issued code would be another code, and the issued one would be found no more.</summary>
    [Fact]
    public void A_codes_key_is_the_same_for_ever() => Assert.Equal("V5CK5BZPW1Y82KYAW8MG02X365", Vault.KeyOf(CodeText.Read("WELCOME")!));

    [Fact]
    public void Under_another_secret_a_code_has_another_key() =>
        AnyCode.Sample(code => Assert.NotEqual(Vault.KeyOf(code), new CodeVault([Now with { Secret = Old.Secret }]).KeyOf(code)));

    [Fact]
    public void A_sealed_code_opens_for_its_own_row_and_shows_nothing() => AnyCode.Sample(code =>
    {
        var key = Vault.KeyOf(code);
        var stored = Vault.Seal(code, key);
        Assert.Equal(code.Characters, Vault.Open(stored, key).Characters);
        Assert.NotEqual(stored, Vault.Seal(code, key));
        Assert.DoesNotContain(code.Characters, stored, StringComparison.Ordinal);
        Assert.Throws<CodeSealException>(() => Vault.Open(stored, Vault.KeyOf(CodeText.Read("WELCOME")!)));
    });

    [Fact]
    public void A_vanity_code_comes_back_as_one()
    {
        var code = CodeText.ReadVanity("Welcome-26")!;
        var opened = Vault.Open(Vault.Seal(code, "ROW"), "ROW");
        Assert.Equal((true, "Welcome-26", code.Characters, "ME26"), (opened.IsVanity, opened.Format(""), opened.Characters, opened.Tail));
        Assert.Equal(Vault.KeyOf(CodeText.Read("WE1C0ME26")!), Vault.KeyOf(opened));
    }

    /// <summary>As codes were kept before their spelling was.</summary>
    [Fact]
    public void A_vanity_code_that_was_kept_as_its_characters_opens()
    {
        var opened = Vault.Open(Vault.Seal(CodeText.Read("WELCOME26")!, "ROW"), "ROW");
        Assert.Equal((true, "WE1C0ME26", "ME26"), (opened.IsVanity, opened.Format(""), opened.Tail));
    }

    [Fact]
    public void A_sealed_code_with_any_byte_changed_does_not_open()
    {
        var code = CodeText.Make("", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        var stored = Vault.Seal(code, "ROW");
        var bytes = Convert.FromBase64String(stored[(Now.Id.Length + 1)..]);
        for (var at = 0; at < bytes.Length; at++)
        {
            var changed = (byte[])bytes.Clone();
            changed[at] ^= 1;
            Assert.Throws<CodeSealException>(() => Vault.Open($"{Now.Id}.{Convert.ToBase64String(changed)}", "ROW"));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("2026")]
    [InlineData("2026.")]
    [InlineData("2026.AAAA")]
    [InlineData("2026.not base64!")]
    [InlineData("2027.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_was_never_sealed_does_not_open(string text) => Assert.Throws<CodeSealException>(() => Vault.Open(text, "ROW"));

    [Fact]
    public void A_seal_opens_only_under_its_own_secret()
    {
        var stored = Vault.Seal(CodeText.Read("WELCOME")!, "ROW");
        Assert.Throws<CodeSealException>(() => new CodeVault([Now with { Secret = Old.Secret }]).Open(stored, "ROW"));
        Assert.Throws<CodeSealException>(() => new CodeVault([Old]).Open(stored, "ROW"));
    }

    [Fact]
    public void After_a_rotation_old_codes_are_found_and_opened_and_new_ones_are_under_the_new_key()
    {
        var (before, after) = (new CodeVault([Old]), new CodeVault([Now, Old]));
        var code = CodeText.Read("WELCOME")!;
        Assert.Equal([after.KeyOf(code), before.KeyOf(code)], after.KeysOf(code));
        Assert.Equal(Vault.KeyOf(code), after.KeyOf(code));
        Assert.Equal("WE1C0ME", after.Open(before.Seal(code, "ROW"), "ROW").Characters);
        Assert.StartsWith("2026.", after.Seal(code, "ROW"), StringComparison.Ordinal);
        Assert.True(after.IsSigned("export", "batch", before.Sign("export", "batch")));
        Assert.False(before.IsSigned("export", "batch", after.Sign("export", "batch")));
    }

    [Fact]
    public void A_signature_is_for_its_text_and_its_purpose() => Gen.Select(Gen.String[0, 20], Gen.String[0, 20]).Sample((text, other) =>
    {
        var signature = Vault.Sign("export", text);
        Assert.True(Vault.IsSigned("export", text, signature));
        Assert.Equal(text == other, Vault.IsSigned("export", other, signature));
        Assert.False(Vault.IsSigned("watch", text, signature));
    });

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("\u0660\u0660")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("éééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééééé")]
    public void What_is_no_signature_signs_nothing(string signature) => Assert.False(Vault.IsSigned("export", "batch", signature));

    [Fact]
    public void A_signature_in_other_letters_or_longer_is_none()
    {
        var signature = Vault.Sign("export", "batch");
        Assert.False(Vault.IsSigned("export", "batch", signature.ToUpperInvariant()));
        Assert.False(Vault.IsSigned("export", "batch", signature + "0"));
        Assert.False(Vault.IsSigned("export", "batch", new('a', 1_000_000)));
    }

    public static TheoryData<string, int> UnusableKeys => new()
    {
        { "", 32 },
        { "12345678901234567", 32 },
        { "a.b", 32 },
        { "ключ", 32 },
        { "a", 0 },
        { "a", 31 },
        { "a", -1 },
    };

    [Theory]
    [MemberData(nameof(UnusableKeys))]
    public void A_key_that_cannot_be_used_makes_no_vault(string id, int length)
    {
        var key = new CodeKey(id, length < 0 ? default : [.. new byte[length]]);
        Assert.False(key.IsUsable);
        Assert.Throws<ArgumentException>(() => new CodeVault([Now, key]));
    }

    [Fact]
    public void No_keys_or_two_of_the_same_name_make_no_vault()
    {
        Assert.Throws<ArgumentException>(() => new CodeVault([]));
        Assert.Throws<ArgumentException>(() => new CodeVault([Now, Now with { Secret = Old.Secret }]));
    }

    [Fact]
    public void A_key_in_a_log_shows_no_secret()
    {
        Assert.Equal("key 2026", Now.ToString());
        Assert.Equal("key 2026", $"{Now}");
    }

    static CodeKey Key(string id, byte filled) => new(id, [.. Enumerable.Repeat(filled, CodeKey.MinSecretLength)]);
}
