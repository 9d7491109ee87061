namespace Billing.Silo.SignIn;

/// <summary>Whose tokens are believed.</summary>
sealed class SignInOptions
{
    /// <summary>The issuer, whose keys are found by OpenID Connect discovery when <see cref="KeysFile"/> is not given.</summary>
    public string? Issuer { get; set; }

    /// <summary>Whom tokens must be meant for.</summary>
    public string? Audience { get; set; }

    /// <summary>A file with the issuer's public keys (a JSON Web Key Set, RFC 7517), for an issuer without discovery.</summary>
    public string? KeysFile { get; set; }

    /// <summary>The signature algorithms that are accepted (RFC 7518). What a token itself names is never enough.</summary>
    public IList<string> Algorithms { get; } = [];

    /// <summary>Gives tokens for made-up people at <c>/dev/sign-in</c>. Refused outside Development.</summary>
    public bool Development { get; set; }

    /// <summary>Signs the made-up people's tokens; 32 characters or more. When it is not given, tokens last as long as the process.</summary>
    public string? DevelopmentKey { get; set; }
}
