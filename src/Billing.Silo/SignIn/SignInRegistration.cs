using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Billing.Silo.SignIn;

/// <summary>JWT bearer against a configured issuer: issuer, audience, lifetime and algorithm are all checked.</summary>
static class SignInRegistration
{
    /// <summary>How long after its end a token is still believed: clocks differ.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    static readonly string[] UsualAlgorithms = ["RS256", "PS256", "ES256", "EdDSA"];

    public static void AddSignIn(this WebApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection("Billing:SignIn").Get<SignInOptions>() ?? new();
        if (options.Development && !builder.Environment.IsDevelopment())
            throw new SetupException("Billing:SignIn:Development gives tokens to everybody and is refused outside Development. Configure an issuer.");
        if (!options.Development && (string.IsNullOrWhiteSpace(options.Issuer) || string.IsNullOrWhiteSpace(options.Audience)))
        {
            throw new SetupException(
                "Nobody could sign in: set Billing:SignIn:Issuer and Billing:SignIn:Audience to those of your OpenID Connect provider, and Billing:SignIn:KeysFile when it has "
                + "no discovery. To try the service out, run it with ASPNETCORE_ENVIRONMENT=Development.");
        }

        var keys = !options.Development && options.KeysFile is { Length: > 0 } file ? Keys(file) : null;
        var development = options.Development ? new DevelopmentTokens(options.DevelopmentKey, TimeProvider.System) : null;
        if (development is not null) builder.Services.AddSingleton(development);
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(bearer =>
        {
            bearer.MapInboundClaims = false;
            bearer.SaveToken = false;
            bearer.TokenHandlers.Clear();
            bearer.TokenHandlers.Add(new JsonWebTokenHandler { MapInboundClaims = false });
            bearer.RequireHttpsMetadata = !builder.Environment.IsDevelopment();
            bearer.TokenValidationParameters = new()
            {
                ValidateIssuer = true,
                ValidateAudience = true,
                ValidateLifetime = true,
                RequireExpirationTime = true,
                RequireSignedTokens = true,
                ValidateIssuerSigningKey = true,
                ClockSkew = ClockSkew,
                NameClaimType = "sub",
                RoleClaimType = "roles",
            };
            var checks = bearer.TokenValidationParameters;
            if (development is not null)
            {
                checks.ValidIssuer = DevelopmentTokens.Issuer;
                checks.ValidAudience = DevelopmentTokens.Audience;
                checks.ValidAlgorithms = [SecurityAlgorithms.HmacSha256];
                checks.IssuerSigningKey = development.Key;
                return;
            }

            checks.ValidIssuer = options.Issuer;
            checks.ValidAudience = options.Audience;
            checks.ValidAlgorithms = options.Algorithms.Count > 0 ? options.Algorithms : UsualAlgorithms;
            if (keys is not null)
                checks.IssuerSigningKeys = keys;
            else
                bearer.Authority = options.Issuer;
        });
        builder.Services.AddSingleton<RememberedSignIns>();
    }

    /// <summary>The keys in this file. Without a key nobody could sign in, and that is said now and not to everybody who tries.</summary>
    static IList<SecurityKey> Keys(string file)
    {
        var what = $"Billing:SignIn:KeysFile is {Path.GetFullPath(file)}, which";
        try
        {
            var keys = new JsonWebKeySet(File.ReadAllText(file)).GetSigningKeys();
            return keys.Count > 0 ? keys : throw new SetupException($"{what} holds no key for signatures.");
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new SetupException($"{what} cannot be read: {unreadable.Message}", unreadable);
        }
        catch (ArgumentException unreadable)
        {
            throw new SetupException($"{what} is no JSON Web Key Set (RFC 7517).", unreadable);
        }
    }
}
