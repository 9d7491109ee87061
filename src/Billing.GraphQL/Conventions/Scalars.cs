using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using GraphQL.Types;
using GraphQLParser.AST;

namespace Billing.GraphQL;

/// <summary>
/// A scalar that clients write as a text. What is wrong with a text is said in the error's message: the engine would only say that it expected the type.
/// </summary>
abstract partial class TextScalar : ScalarGraphType
{
    internal const string SpecifiedBy = "billing.specified-by";

    protected TextScalar(string name, string description, string? specifiedBy = null)
    {
        Name = name;
        Description = description;
        if (specifiedBy is not null) Metadata[SpecifiedBy] = specifiedBy;
    }

    /// <summary>The longest text that is looked at.</summary>
    protected virtual int Longest => 64;

    /// <summary>Reads the text.</summary>
    /// <exception cref="FormatException">What is wrong with it.</exception>
    protected abstract object Read(string text);

    /// <summary>Prints the value; null when it is of another type.</summary>
    protected abstract string? Show(object value);

    /// <summary>Only the kind is looked at here, so that <see cref="ParseLiteral"/> can say what is wrong.</summary>
    public override bool CanParseLiteral(GraphQLValue value) => value is GraphQLStringValue or GraphQLNullValue;

    public override object? ParseLiteral(GraphQLValue value) => value switch
    {
        GraphQLStringValue text => ReadBounded((string)text.Value),
        GraphQLNullValue => null,
        _ => ThrowLiteralConversionError(value),
    };

    public override object? ParseValue(object? value) => value switch
    {
        null => null,
        string text => ReadBounded(text),
        _ when Show(value) is not null => value,
        _ => throw new FormatException($"A {Name} is written as a text."),
    };

    public override object? Serialize(object? value) => value is null ? null : Show(value) ?? ThrowSerializationError(value);

    protected object ReadBounded(string text) =>
        text.Length <= Longest ? Read(text) : throw new FormatException($"A {Name} has at most {Longest} characters.");
}

/// <summary>An instant. An offset is demanded, because a time without one is a different instant for every reader.</summary>
sealed partial class DateTimeScalar() : TextScalar(
    "DateTime",
    "An instant as RFC 3339 writes it, for example `2026-01-31T08:30:00Z`. Any offset is read; UTC is written.",
    "https://scalars.graphql.org/andimarek/date-time")
{
    protected override object Read(string text) =>
        Rfc3339().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at)
            ? at.ToUniversalTime()
            : throw new FormatException("A DateTime is written as RFC 3339 says, with an offset: 2026-01-31T08:30:00Z.");

    protected override string? Show(object value) => value switch
    {
        DateTimeOffset at => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
        _ => null,
    };

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,7})?([Zz]|[+-]\d{2}:\d{2})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Rfc3339();
}

/// <summary>A decimal number as a text, because a JSON number is binary in most clients and loses digits.</summary>
sealed partial class DecimalScalar() : TextScalar(
    "Decimal",
    "A decimal number as a text, with at most 6 decimals, for example `\"12.5\"`. A whole number may also be written as a number.")
{
    const int MostDecimals = 6;

    public override bool CanParseLiteral(GraphQLValue value) => value is GraphQLIntValue or GraphQLFloatValue || base.CanParseLiteral(value);

    public override object? ParseLiteral(GraphQLValue value) => value switch
    {
        GraphQLIntValue number => ReadBounded((string)number.Value),
        GraphQLFloatValue => throw Fraction(),
        _ => base.ParseLiteral(value),
    };

    public override object? ParseValue(object? value) => value switch
    {
        int or long or BigInteger => ReadBounded(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture)),
        float or double => throw Fraction(),

        // A JSON number with a fraction arrives as a decimal, and so does a default value that code gives.
        decimal number when number == decimal.Truncate(number) => number,
        decimal => throw Fraction(),
        _ => base.ParseValue(value),
    };

    protected override object Read(string text)
    {
        if (!Digits().IsMatch(text) || !decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            throw new FormatException("A Decimal is written as digits with a point, for example \"12.5\".");
        return decimal.Round(number, MostDecimals) == number
            ? number
            : throw new FormatException($"A Decimal has at most {MostDecimals} decimals.");
    }

    protected override string? Show(object value) => value is decimal number ? number.ToString("0.######", CultureInfo.InvariantCulture) : null;

    static FormatException Fraction() => new("A Decimal with a fraction is written as a text, for example \"12.5\": a number would lose digits on the way.");

    [GeneratedRegex(@"^-?\d+(\.\d+)?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();
}

/// <summary>A link.</summary>
sealed class UrlScalar() : TextScalar("URL", "An absolute http or https address.", "https://url.spec.whatwg.org/")
{
    protected override int Longest => 2048;

    protected override object Read(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
            ? address
            : throw new FormatException("A URL is an absolute http or https address.");

    protected override string? Show(object value) => (value as Uri)?.AbsoluteUri;
}

/// <summary>A currency that this service sells in.</summary>
sealed class CurrencyCodeScalar() : TextScalar("CurrencyCode", "A currency's ISO 4217 code in upper case, for example `CNY`.", "https://www.iso.org/iso-4217-currency-codes.html")
{
    public override object? ParseValue(object? value) => value is string text ? ReadBounded(text) : base.ParseValue(value);

    protected override object Read(string text) =>
        Currencies.IsKnown(text)
            ? text
            : throw new FormatException("A CurrencyCode is one of ISO 4217's three-letter codes in upper case, of a currency that is sold in here.");

    protected override string? Show(object value) => value as string;
}
