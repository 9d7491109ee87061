using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Billing.Silo.SignIn;

/// <summary>Tokens for made-up people, in development only.</summary>
sealed class DevelopmentTokens
{
    public const string Issuer = "billing-development";
    public const string Audience = "billing";

    const int ShortestKey = 32;

    static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    readonly TimeProvider time;

    public DevelopmentTokens(string? key, TimeProvider time)
    {
        if (key is { Length: < ShortestKey }) throw new SetupException($"Billing:SignIn:DevelopmentKey has fewer than {ShortestKey} characters.");
        Key = new(key is null ? RandomNumberGenerator.GetBytes(ShortestKey) : SHA256.HashData(Encoding.UTF8.GetBytes(key)));
        this.time = time;
    }

    public SymmetricSecurityKey Key { get; }

    /// <summary>A token that lasts twelve hours.</summary>
    public string For(string subject, IReadOnlyCollection<string> roles, IReadOnlyCollection<string> groups, DateTimeOffset registeredAt)
    {
        var now = time.GetUtcNow().UtcDateTime;
        return Handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Issuer,
            Audience = Audience,
            IssuedAt = now,
            NotBefore = now.AddSeconds(-5),
            Expires = now.AddHours(12),
            Claims = new Dictionary<string, object>
            {
                ["sub"] = subject,
                ["roles"] = roles.ToArray(),
                ["groups"] = groups.ToArray(),
                ["registered_at"] = registeredAt.ToUnixTimeSeconds(),
            },
            SigningCredentials = new(Key, SecurityAlgorithms.HmacSha256),
        });
    }
}
