namespace Billing.Webhooks;

/// <summary>What an address must look like before anybody asks where it leads.</summary>
public static class WebhookUrl
{
    /// <summary>The longest address.</summary>
    public const int MaxLength = 2_048;

    /// <summary>Reads an address, or says in English what is wrong with it. Numbers for hosts, in whatever notation, come back as the address that they mean.</summary>
    /// <param name="text">The address as it was given.</param>
    /// <param name="allowHttp">Whether http is allowed beside https.</param>
    /// <param name="url">The address.</param>
    public static string? Read(string? text, bool allowHttp, out Uri? url)
    {
        url = null;
        if (text is not { Length: > 0 and <= MaxLength }) return $"An address has 1 to {MaxLength} characters.";
        if (text.Any(character => char.IsControl(character) || char.IsWhiteSpace(character)) || !Uri.TryCreate(text, UriKind.Absolute, out var read))
            return "This is no absolute address, such as https://gateway.example.com/billing.";
        if (read.Scheme != Uri.UriSchemeHttps && !(allowHttp && read.Scheme == Uri.UriSchemeHttp))
            return allowHttp ? "An address begins with https:// or http://." : "An address begins with https://.";
        if (read.UserInfo.Length > 0) return "An address carries no name and no password. Deliveries are signed instead.";
        if (read.Fragment.Length > 0) return "An address has no fragment: it would never be sent.";
        if (read.IdnHost.Length == 0) return "An address names a host.";
        if (read.AbsoluteUri.Length > MaxLength) return $"An address has 1 to {MaxLength} characters.";
        url = read;
        return null;
    }
}
