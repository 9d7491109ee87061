using System.Globalization;

namespace Billing.Orders;

/// <summary>
/// An order's number: 15 characters of Crockford's base 32 derived from (account, idempotency key), and a check character. The same wish is the same number,
/// hence the same grain, with no table of keys and no time after which it is forgotten. 75 bits: among a billion orders two collide with a chance of 1 in 75,000.
/// </summary>
public static class OrderNumber
{
    /// <summary>How long a number is.</summary>
    public const int Length = 16;

    /// <summary>The longest idempotency key.</summary>
    public const int MaxKeyLength = 200;

    /// <summary>The longest account id.</summary>
    public const int MaxAccountLength = 128;

    /// <summary>The number of the wish that the account wrote down under this key.</summary>
    public static string Of(string account, string idempotencyKey)
    {
        ArgumentException.ThrowIfNullOrEmpty(idempotencyKey);
        var text = WishName.Of(account, idempotencyKey, Length - 1);
        return text + CheckCharacter.Of(text);
    }

    /// <summary>Whether it can be a number at all: nothing is looked up for what can not.</summary>
    public static bool IsValid(string? text) => text is { Length: Length } && CheckCharacter.Fits(text);

    /// <summary>The number that a payment has at its provider: the order's and two digits.</summary>
    public static string OfPayment(string order, int ordinal) => order + ordinal.ToString("00", CultureInfo.InvariantCulture);

    /// <summary>The one number that a refund has at its provider: the order's, R and two digits.</summary>
    public static string OfRefund(string order, int ordinal) => order + "R" + ordinal.ToString("00", CultureInfo.InvariantCulture);

    /// <summary>Reads a refund's number: which order it is of.</summary>
    public static bool TryParseRefund(string? text, out string order)
    {
        order = "";
        if (text is not { Length: Length + 3 } || text[Length] != 'R' || !char.IsAsciiDigit(text[^1]) || !char.IsAsciiDigit(text[^2]) || !IsValid(text[..Length])) return false;
        order = text[..Length];
        return true;
    }

    /// <summary>Reads a payment's number.</summary>
    public static bool TryParsePayment(string? text, out string order, out int ordinal)
    {
        (order, ordinal) = ("", 0);
        if (text is not { Length: Length + 2 } || !IsValid(text[..Length])) return false;
        if (!int.TryParse(text.AsSpan(Length), NumberStyles.None, CultureInfo.InvariantCulture, out ordinal) || ordinal == 0) return false;
        order = text[..Length];
        return true;
    }
}
