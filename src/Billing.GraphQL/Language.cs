using Billing.Catalog;
using Microsoft.Net.Http.Headers;

namespace Billing.GraphQL;

/// <summary>The language in which a request is answered: the one of those served that its Accept-Language likes best, else English.</summary>
public sealed class Language
{
    /// <summary>English.</summary>
    public static readonly Language English = new(chinese: false);

    /// <summary>Simplified Chinese.</summary>
    public static readonly Language Chinese = new(chinese: true);

    readonly bool chinese;

    Language(bool chinese) => this.chinese = chinese;

    /// <summary>The language for a client.</summary>
    public static Language Of(ClientInfo client)
    {
        if (client.AcceptLanguage is not { Length: > 0 } accepted || !StringWithQualityHeaderValue.TryParseList([accepted], out var wishes)) return English;
        foreach (var wish in wishes.Where(wish => wish.Quality is not 0).OrderByDescending(wish => wish.Quality ?? 1))
        {
            if (wish.Value.StartsWith("zh", StringComparison.OrdinalIgnoreCase)) return Chinese;
            if (wish.Value.StartsWith("en", StringComparison.OrdinalIgnoreCase)) return English;
        }

        return English;
    }

    /// <summary>The sentence in this language.</summary>
    public string Say(string english, string chineseText) => chinese ? chineseText : english;

    /// <summary>The text in this language; English where it is missing.</summary>
    public string Say(LocalizedText text) => chinese ? text.ZhHans ?? text.En : text.En;
}
