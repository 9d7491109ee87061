using Microsoft.Extensions.Logging;

namespace Billing.Codes;

// A code is named by its key, which is a keyed hash: its text is in no log.
sealed partial class CodeGrain
{
    [LoggerMessage(5001, LogLevel.Information, "Code {Code} of batch {Batch} is redeemed as {Redemption}; its account is credited next.")]
    static partial void LogRedeemed(ILogger log, string code, string batch, string redemption);

    [LoggerMessage(5002, LogLevel.Debug, "Code {Code} of batch {Batch}: {Index} was taken in round {Round}; looking for another place.")]
    static partial void LogPlaceTaken(ILogger log, string code, string batch, string index, int round);

    [LoggerMessage(5003, LogLevel.Error, "Code {Code}: the account of redemption {Redemption} could not be credited ({Refusal}); it is tried again.")]
    static partial void LogCreditRefused(ILogger log, string code, string redemption, string refusal);

    [LoggerMessage(5004, LogLevel.Error, "Code {Code}: redemption {Redemption} could not be settled; it is tried again.")]
    static partial void LogCreditFailed(ILogger log, Exception fault, string code, string redemption);

    [LoggerMessage(5005, LogLevel.Warning, "Code {Code}: it was not written down that accounts are credited; the sweep finds it.")]
    static partial void LogNotNoted(ILogger log, Exception fault, string code);

    [LoggerMessage(5006, LogLevel.Information, "Code {Code}: redemption {Redemption} was left unsettled and is taken up.")]
    static partial void LogTakenUp(ILogger log, string code, string redemption);
}
