using System.Globalization;
using System.Text.Json.Serialization;

namespace Billing;

/// <summary>An amount of money as its currency's smallest unit, so that no arithmetic ever rounds: CNY 19.90 is 1990.</summary>
/// <param name="MinorUnits">The amount in minor units (fen, cents; whole yen).</param>
/// <param name="Currency">The ISO 4217 code, in upper case.</param>
[GenerateSerializer, Immutable, Alias("billing.money")]
public readonly record struct Money(long MinorUnits, string Currency)
{
    /// <summary>The largest amount that one order or one provider's message may carry: 10¹² minor units, far below what a JSON number holds exactly.</summary>
    public const long MaxMinorUnits = 1_000_000_000_000;

    /// <summary>Whether the amount is positive, within bounds and in a currency that is known here.</summary>
    [JsonIgnore]
    public bool IsPayable => MinorUnits is > 0 and <= MaxMinorUnits && Currencies.IsKnown(Currency);

    /// <summary>The amount in major units: 19.90 for CNY 1990.</summary>
    [JsonIgnore]
    public decimal Major => MinorUnits / Currencies.UnitsPerMajor(Currency);

    /// <summary>An amount given in major units.</summary>
    /// <exception cref="OverflowException">The amount does not fit.</exception>
    /// <exception cref="ArgumentException">The amount has more decimals than the currency.</exception>
    public static Money FromMajor(decimal major, string currency)
    {
        var minor = major * Currencies.UnitsPerMajor(currency);
        return minor == decimal.Truncate(minor)
            ? new((long)minor, currency)
            : throw new ArgumentException($"{major.ToString(CultureInfo.InvariantCulture)} has more decimals than {currency} has.", nameof(major));
    }

    /// <summary>For logs: <c>19.90 CNY</c>.</summary>
    public override string ToString() =>
        Major.ToString("F" + Currencies.Decimals(Currency), CultureInfo.InvariantCulture) + " " + Currency;
}

/// <summary>The currencies that can be sold in, with their minor units (ISO 4217, list one).</summary>
public static class Currencies
{
    static readonly Dictionary<string, (int Decimals, string Symbol)> Known = new(StringComparer.Ordinal)
    {
        ["AED"] = (2, "AED "),
        ["AUD"] = (2, "A$"),
        ["BRL"] = (2, "R$"),
        ["CAD"] = (2, "CA$"),
        ["CHF"] = (2, "CHF "),
        ["CNY"] = (2, "¥"),
        ["CZK"] = (2, "Kč "),
        ["DKK"] = (2, "kr "),
        ["EUR"] = (2, "€"),
        ["GBP"] = (2, "£"),
        ["HKD"] = (2, "HK$"),
        ["IDR"] = (2, "Rp "),
        ["ILS"] = (2, "₪"),
        ["INR"] = (2, "₹"),
        ["JPY"] = (0, "JP¥"),
        ["KRW"] = (0, "₩"),
        ["KWD"] = (3, "KWD "),
        ["MOP"] = (2, "MOP$"),
        ["MXN"] = (2, "MX$"),
        ["MYR"] = (2, "RM "),
        ["NOK"] = (2, "kr "),
        ["NZD"] = (2, "NZ$"),
        ["PHP"] = (2, "₱"),
        ["PLN"] = (2, "zł "),
        ["SAR"] = (2, "SAR "),
        ["SEK"] = (2, "kr "),
        ["SGD"] = (2, "S$"),
        ["THB"] = (2, "฿"),
        ["TRY"] = (2, "₺"),
        ["TWD"] = (2, "NT$"),
        ["USD"] = (2, "$"),
        ["VND"] = (0, "₫"),
        ["ZAR"] = (2, "R "),
    };

    /// <summary>Whether the code is one of ISO 4217's that this service sells in.</summary>
    public static bool IsKnown(string? code) => code is not null && Known.ContainsKey(code);

    /// <summary>How many decimals the currency's amounts have.</summary>
    public static int Decimals(string code) => Known.TryGetValue(code, out var currency) ? currency.Decimals : 2;

    /// <summary>What people write before an amount.</summary>
    public static string Symbol(string code) => Known.TryGetValue(code, out var currency) ? currency.Symbol : code + " ";

    internal static decimal UnitsPerMajor(string code) => Decimals(code) switch { 0 => 1m, 3 => 1000m, _ => 100m };
}
