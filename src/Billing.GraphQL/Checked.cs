using Billing.Orders;

namespace Billing.GraphQL;

/// <summary>Checks of inputs that make no sense whatever the state of things.</summary>
static class Checked
{
    /// <summary>The longest note.</summary>
    public const int MaxNoteLength = 1_000;

    // Of a plan and of a payment method.
    const int MaxNameLength = 64;

    /// <summary>A key that its owner chose for one wish.</summary>
    public static string Key(string key) =>
        key.Length is > 0 and <= OrderNumber.MaxKeyLength && !key.Any(char.IsControl) && key.IsStorable()
            ? key
            : throw new BadRequestFault($"An idempotencyKey has 1 to {OrderNumber.MaxKeyLength} characters, none of them a control character. A UUID is a good one.");

    /// <summary>An account's <c>accountId</c>. Its global id is refused: taken for a subject, it would name another account.</summary>
    public static string Account(string accountId) =>
        GlobalId.TryRead(accountId, out var noun, out _) && noun == "Account"
            ? throw new BadRequestFault("This is an account's global id. Give its accountId, the subject of its owner's sign-in.")
            : IsAccount(accountId)
                ? accountId
                : throw new BadRequestFault($"This is no account's id: an account is named by its sign-in's subject, at most {OrderNumber.MaxAccountLength} characters.");

    /// <summary>An account's id that is judged elsewhere; its global id is refused all the same.</summary>
    public static string NotGlobal(string accountId) => GlobalId.TryRead(accountId, out var noun, out _) && noun == "Account" ? Account(accountId) : accountId;

    /// <summary>Whether it can be an account's id.</summary>
    public static bool IsAccount(string id) => id.Length is > 0 and <= OrderNumber.MaxAccountLength && !id.Any(char.IsControl) && id.IsStorable();

    /// <summary>The account of who is signed in as one.</summary>
    public static string AccountOf(Viewer viewer) => viewer.AccountId is { } account
        ? IsAccount(account) ? account : throw new BadRequestFault(ErrorCodes.NotAuthorized, "The token's subject is too long to be an account.")
        : throw new BadRequestFault(ErrorCodes.NotAuthorized, "Sign in with an account: a service has none.");

    /// <summary>A plan's or a payment method's name; empty, which is nobody's, when it is too long for one or could not be stored with the refusal that it leads to.</summary>
    public static string NameOrNone(string name) => name.Length <= MaxNameLength && name.IsStorable() ? name : "";

    /// <summary>Credits as people write them.</summary>
    public static Credits Credits(decimal credits) =>
        Billing.Credits.TryFrom(credits, out var some)
            ? some
            : throw new BadRequestFault($"Credits have at most 6 decimals and are at most {Billing.Credits.Max.Amount:N0} either way.");

    /// <summary>What a code is given to an account for.</summary>
    public static string Source(string source) =>
        source.Length is > 0 and <= OrderNumber.MaxKeyLength && !source.Any(char.IsControl) && source.IsStorable()
            ? source
            : throw new BadRequestFault($"A source names what the code is given for, in 1 to {OrderNumber.MaxKeyLength} characters, none of them a control character.");

    /// <summary>A note for the journal.</summary>
    public static string Note(string note) =>
        !string.IsNullOrWhiteSpace(note) && note.Length <= MaxNoteLength && note.IsStorable()
            ? note
            : throw new BadRequestFault($"A note says why, in 1 to {MaxNoteLength} characters.");

    /// <summary>A note that may be left out.</summary>
    public static string? OptionalNote(string? note) => note is null ? null : Note(note);

    /// <summary>A text to look for, which may be left out.</summary>
    public static string? Sought(string? text) =>
        text is null or { Length: <= OrderNumber.MaxAccountLength } && text?.IsStorable() != false
            ? text
            : throw new BadRequestFault($"What is looked for has at most {OrderNumber.MaxAccountLength} characters.");
}
