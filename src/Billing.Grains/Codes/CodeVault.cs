using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Billing.Codes;

/// <summary>A secret that codes are kept under.</summary>
/// <param name="Id">Its name, which is stored with what it sealed.</param>
/// <param name="Secret">At least 32 bytes, from a cryptographic generator.</param>
public sealed record CodeKey(string Id, ImmutableArray<byte> Secret)
{
    /// <summary>The shortest secret, in bytes.</summary>
    public const int MinSecretLength = 32;

    /// <summary>The longest name.</summary>
    public const int MaxIdLength = 16;

    /// <summary>Whether it can be used.</summary>
    public bool IsUsable => Id.Length is > 0 and <= MaxIdLength && Id.All(char.IsAsciiLetterOrDigit) && Secret is { IsDefault: false, Length: >= MinSecretLength };

    /// <summary>Never the secret.</summary>
    public override string ToString() => $"key {Id}";
}

/// <summary>
/// What the store holds instead of codes: for each a keyed hash, which is its grain's key, and the text encrypted. A copy of the database redeems nothing and
/// shows nothing.
/// </summary>
/// <remarks>
/// HMAC-SHA256 (RFC 2104) for the key, AES-256-GCM (NIST SP 800-38D) for the text with the grain's key as associated data, so that a row's text cannot be moved to
/// another row; both under subkeys derived by HKDF (RFC 5869). The first key is the current one; older ones stay as long as codes of theirs do.
/// </remarks>
public sealed class CodeVault
{
    /// <summary>How long a grain's key is: 130 bits in Crockford's base 32.</summary>
    public const int KeyLength = 26;

    const int NonceLength = 12;
    const int TagLength = 16;

    readonly ImmutableArray<Subkeys> keys;

    /// <summary>A vault under these keys, the current one first.</summary>
    /// <exception cref="ArgumentException">There is none, one cannot be used, or two have the same name.</exception>
    public CodeVault(IReadOnlyCollection<CodeKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (keys.Count == 0 || keys.Any(key => !key.IsUsable) || keys.DistinctBy(key => key.Id).Count() != keys.Count)
            throw new ArgumentException("A vault needs keys with names of their own and secrets of at least 32 bytes.", nameof(keys));
        this.keys = [.. keys.Select(key => new Subkeys(key))];
    }

    /// <summary>The grain's key of a code that is issued now.</summary>
    public string KeyOf(CodeText code)
    {
        ArgumentNullException.ThrowIfNull(code);
        return keys[0].KeyOf(code.Characters);
    }

    /// <summary>The keys that the code's grain may have, the likeliest first: one for each of the vault's keys.</summary>
    public IEnumerable<string> KeysOf(CodeText code)
    {
        ArgumentNullException.ThrowIfNull(code);
        return keys.Select(key => key.KeyOf(code.Characters));
    }

    /// <summary>Encrypts a code's text for the row with this key, as it is spelt; the key is of its characters.</summary>
    public string Seal(CodeText code, string rowKey)
    {
        ArgumentNullException.ThrowIfNull(code);
        ArgumentNullException.ThrowIfNull(rowKey);
        var current = keys[0];
        Span<byte> plain = stackalloc byte[code.Spelling.Length];
        Encoding.ASCII.GetBytes(code.Spelling, plain);
        Span<byte> sealedBytes = stackalloc byte[NonceLength + plain.Length + TagLength];
        RandomNumberGenerator.Fill(sealedBytes[..NonceLength]);
        var cipher = current.Ciphers.Take();
        cipher.Encrypt(
            sealedBytes[..NonceLength], plain, sealedBytes.Slice(NonceLength, plain.Length), sealedBytes[(NonceLength + plain.Length)..], Encoding.ASCII.GetBytes(rowKey));
        current.Ciphers.GiveBack(cipher);
        return $"{current.Id}.{Convert.ToBase64String(sealedBytes)}";
    }

    /// <summary>Decrypts the text of the row with this key.</summary>
    /// <exception cref="CodeSealException">It was sealed under a key that is not here, or is not what was sealed for this row.</exception>
    public CodeText Open(string sealedText, string rowKey)
    {
        ArgumentNullException.ThrowIfNull(sealedText);
        ArgumentNullException.ThrowIfNull(rowKey);
        var dot = sealedText.IndexOf('.', StringComparison.Ordinal);
        var key = keys.FirstOrDefault(known => dot > 0 && sealedText.AsSpan(0, dot).SequenceEqual(known.Id))
            ?? throw new CodeSealException($"Code {rowKey} is sealed under a key that is not configured. Keep old keys as long as codes of theirs are kept.");
        try
        {
            ReadOnlySpan<byte> bytes = Convert.FromBase64String(sealedText[(dot + 1)..]);
            var plain = new byte[bytes.Length - NonceLength - TagLength];
            var cipher = key.Ciphers.Take();
            cipher.Decrypt(bytes[..NonceLength], bytes.Slice(NonceLength, plain.Length), bytes[^TagLength..], plain, Encoding.ASCII.GetBytes(rowKey));
            key.Ciphers.GiveBack(cipher);
            return CodeText.OfStored(Encoding.ASCII.GetString(plain));
        }
        catch (Exception fault) when (fault is CryptographicException or FormatException or OverflowException)
        {
            throw new CodeSealException($"Code {rowKey} does not hold the text that was sealed for it.", fault);
        }
    }

    /// <summary>Encrypts a secret of somebody's, other than a code; it opens for the same purpose and owner only.</summary>
    public string SealSecret(ReadOnlySpan<byte> secret, string purpose, string owner)
    {
        var current = keys[0];
        var sealedBytes = new byte[NonceLength + secret.Length + TagLength];
        RandomNumberGenerator.Fill(sealedBytes.AsSpan(0, NonceLength));
        using var cipher = current.SecretCipher(purpose);
        cipher.Encrypt(
            sealedBytes.AsSpan(0, NonceLength), secret, sealedBytes.AsSpan(NonceLength, secret.Length), sealedBytes.AsSpan(NonceLength + secret.Length), Encoding.UTF8.GetBytes(owner));
        return $"{current.Id}.{Convert.ToBase64String(sealedBytes)}";
    }

    /// <summary>Decrypts a secret that was sealed for this purpose and owner.</summary>
    /// <exception cref="CodeSealException">It was sealed under a key that is not here, or is not what was sealed for them.</exception>
    public byte[] OpenSecret(string sealedText, string purpose, string owner)
    {
        ArgumentNullException.ThrowIfNull(sealedText);
        var dot = sealedText.IndexOf('.', StringComparison.Ordinal);
        var key = keys.FirstOrDefault(known => dot > 0 && sealedText.AsSpan(0, dot).SequenceEqual(known.Id))
            ?? throw new CodeSealException($"A secret of {owner} is sealed under a key that is not configured. Keep old keys as long as secrets of theirs are kept.");
        try
        {
            ReadOnlySpan<byte> bytes = Convert.FromBase64String(sealedText[(dot + 1)..]);
            var secret = new byte[bytes.Length - NonceLength - TagLength];
            using var cipher = key.SecretCipher(purpose);
            cipher.Decrypt(bytes[..NonceLength], bytes.Slice(NonceLength, secret.Length), bytes[^TagLength..], secret, Encoding.UTF8.GetBytes(owner));
            return secret;
        }
        catch (Exception fault) when (fault is CryptographicException or FormatException or OverflowException)
        {
            throw new CodeSealException($"A secret of {owner} is not what was sealed for it.", fault);
        }
    }

    /// <summary>Signs a text for a purpose, such as the address of an export.</summary>
    public string Sign(string purpose, string text) => Convert.ToHexStringLower(keys[0].Signature(purpose, text));

    /// <summary>Whether the text was signed for this purpose under any of the keys; in constant time.</summary>
    public bool IsSigned(string purpose, string text, string signature)
    {
        ArgumentNullException.ThrowIfNull(signature);
        // A signature is as long as every other: what is longer is not looked at.
        if (signature.Length != 2 * HMACSHA256.HashSizeInBytes) return false;
        var given = Encoding.ASCII.GetBytes(signature);
        return keys.Any(key => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(key.Signature(purpose, text))), given));
    }

    /// <summary>Setting one up costs more than using it, and one serves one thread at a time. What failed is not given back.</summary>
    sealed class Idle<T>(Func<T> make)
        where T : class
    {
        readonly ConcurrentBag<T> idle = [];

        public T Take() => idle.TryTake(out var known) ? known : make();

        public void GiveBack(T used) => idle.Add(used);
    }

    sealed class Subkeys
    {
        readonly Idle<IncrementalHash> hashes;
        readonly byte[] signing;
        readonly byte[] master;

        public Subkeys(CodeKey key)
        {
            Id = key.Id;
            var secret = key.Secret.AsSpan();
            var (hash, seal) = (Derive(secret, "billing.codes.hash"), Derive(secret, "billing.codes.seal"));
            hashes = new(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, hash));
            Ciphers = new(() => new AesGcm(seal, TagLength));
            signing = Derive(secret, "billing.codes.sign");
            master = Derive(secret, "billing.secrets");
        }

        public string Id { get; }

        public Idle<AesGcm> Ciphers { get; }

        public string KeyOf(string characters)
        {
            Span<byte> plain = stackalloc byte[characters.Length];
            Encoding.ASCII.GetBytes(characters, plain);
            Span<byte> mac = stackalloc byte[HMACSHA256.HashSizeInBytes];
            var hash = hashes.Take();
            hash.AppendData(plain);
            hash.GetHashAndReset(mac);
            hashes.GiveBack(hash);
            return CheckCharacter.Encode(mac, KeyLength);
        }

        /// <summary>Used seldom: it is made each time, under a key of the purpose's own.</summary>
        public AesGcm SecretCipher(string purpose) => new(Derive(master, "billing.secrets." + purpose), TagLength);

        public byte[] Signature(string purpose, string text) => HMACSHA256.HashData(signing, Encoding.UTF8.GetBytes($"{purpose}\n{text}"));

        static byte[] Derive(ReadOnlySpan<byte> secret, string purpose)
        {
            var derived = new byte[32];
            HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, derived, [], Encoding.ASCII.GetBytes(purpose));
            return derived;
        }
    }
}

/// <summary>A code's sealed text cannot be opened: a key is missing, or the row was tampered with.</summary>
public sealed class CodeSealException : Exception
{
    /// <summary>Without details.</summary>
    public CodeSealException()
    {
    }

    /// <summary>With what is wrong.</summary>
    public CodeSealException(string message)
        : base(message)
    {
    }

    /// <summary>With what is wrong and why.</summary>
    public CodeSealException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
