using System.Globalization;
using Billing.Codes;

namespace Billing.GraphQL.Codes;

/// <summary>Links to exports: signed and short-lived, because a browser sends no token with a download.</summary>
public sealed class ExportLinks(CodeVault vault, BillingGraphQLOptions options, TimeProvider time)
{
    /// <summary>How long a link is good.</summary>
    public static readonly TimeSpan Validity = TimeSpan.FromMinutes(10);

    const string Purpose = "export";

    /// <summary>The link for an administrator to a batch's codes.</summary>
    public Uri Of(string batchId, string subject)
    {
        var until = time.GetUtcNow().Add(Validity).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return new(options.PublicUrl, $"exports/codes/{batchId}?by={Uri.EscapeDataString(subject)}&until={until}&signature={vault.Sign(Purpose, Signed(batchId, until, subject))}");
    }

    /// <summary>Judges a link that somebody followed.</summary>
    public ExportLink Judge(string batchId, string? subject, string? until, string? signature)
    {
        if (subject is null || until is null || signature is null || !vault.IsSigned(Purpose, Signed(batchId, until, subject), signature)) return ExportLink.Forged;
        return time.GetUtcNow().ToUnixTimeSeconds() < long.Parse(until, NumberStyles.None, CultureInfo.InvariantCulture) ? ExportLink.Good : ExportLink.Expired;
    }

    // Neither a batch's id nor a number has a line's end in it.
    static string Signed(string batchId, string until, string subject) => $"{batchId}\n{until}\n{subject}";
}

/// <summary>What a link to an export is.</summary>
public enum ExportLink
{
    /// <summary>It may be followed.</summary>
    Good,

    /// <summary>Its time is over.</summary>
    Expired,

    /// <summary>Nobody here made it.</summary>
    Forged,
}
