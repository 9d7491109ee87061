using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Billing;

/// <summary>What accounts hold and the gateway uses up, in micro-credits, so that no arithmetic ever rounds. Arithmetic that does not fit throws.</summary>
/// <param name="Micro">Millionths of a credit; negative only as a change.</param>
[GenerateSerializer, Immutable, Alias("billing.credits"), JsonConverter(typeof(CreditsJson))]
public readonly record struct Credits(long Micro) : IComparable<Credits>
{
    /// <summary>Micro-credits in one credit.</summary>
    public const long MicroPerCredit = 1_000_000;

    /// <summary>The most that one grant or one account may hold: 10¹⁸ micro-credits, a trillion credits.</summary>
    public static readonly Credits Max = new(1_000_000_000_000_000_000);

    /// <summary>None.</summary>
    public static readonly Credits Zero;

    /// <summary>Whether it is between one micro-credit and <see cref="Max"/>.</summary>
    public bool IsGrantable => Micro > 0 && Micro <= Max.Micro;

    /// <summary>As people read and write it: 1.5 for 1,500,000 micro-credits.</summary>
    public decimal Amount => Micro / (decimal)MicroPerCredit;

    /// <summary>Reads an amount that people wrote. False when it has a fraction below a micro-credit or exceeds <see cref="Max"/> either way.</summary>
    public static bool TryFrom(decimal amount, out Credits credits)
    {
        credits = Zero;
        if (amount is > 1_000_000_000_000m or < -1_000_000_000_000m) return false;
        var micro = amount * MicroPerCredit;
        if (micro != decimal.Truncate(micro)) return false;
        credits = new((long)micro);
        return true;
    }

    /// <summary>Whole credits.</summary>
    public static Credits Whole(long credits) => new(checked(credits * MicroPerCredit));

    /// <inheritdoc/>
    public int CompareTo(Credits other) => Micro.CompareTo(other.Micro);

    /// <summary>The sum, checked.</summary>
    public static Credits operator +(Credits a, Credits b) => new(checked(a.Micro + b.Micro));

    /// <summary>The difference, checked.</summary>
    public static Credits operator -(Credits a, Credits b) => new(checked(a.Micro - b.Micro));

    /// <summary>The opposite change.</summary>
    public static Credits operator -(Credits a) => new(checked(-a.Micro));

    /// <summary>Whether it is less.</summary>
    public static bool operator <(Credits a, Credits b) => a.Micro < b.Micro;

    /// <summary>Whether it is more.</summary>
    public static bool operator >(Credits a, Credits b) => a.Micro > b.Micro;

    /// <summary>Whether it is at most as much.</summary>
    public static bool operator <=(Credits a, Credits b) => a.Micro <= b.Micro;

    /// <summary>Whether it is at least as much.</summary>
    public static bool operator >=(Credits a, Credits b) => a.Micro >= b.Micro;

    /// <summary>For logs: <c>1.5 credits</c>.</summary>
    public override string ToString() => Amount.ToString("0.######", CultureInfo.InvariantCulture) + " credits";
}

/// <summary>Credits are stored as a plain number of micro-credits.</summary>
sealed class CreditsJson : JsonConverter<Credits>
{
    public override Credits Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => new(reader.GetInt64());

    public override void Write(Utf8JsonWriter writer, Credits value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Micro);
}
