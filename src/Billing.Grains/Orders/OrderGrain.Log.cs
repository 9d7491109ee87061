using Billing.Channels;
using Microsoft.Extensions.Logging;

namespace Billing.Orders;

sealed partial class OrderGrain
{
    [LoggerMessage(1001, LogLevel.Information, "Order {Number}: payment {Ordinal} through {Method} was reported; {What}.")]
    static partial void LogHeard(ILogger log, string number, int ordinal, string method, string what);

    [LoggerMessage(1007, LogLevel.Information, "Order {Number}: refund {Refund} through {Method} was reported; {What}.")]
    static partial void LogHeardRefund(ILogger log, string number, string refund, string method, string what);

    [LoggerMessage(1008, LogLevel.Warning, "Order {Number}: what goes with refund {Refund} could not be held or given back now; tried again with back-off.")]
    static partial void LogHoldFailed(ILogger log, Exception fault, string number, string refund);

    [LoggerMessage(1009, LogLevel.Warning, "Order {Number}: dispute {Dispute} through {Method} was reported; {What}.")]
    static partial void LogHeardDispute(ILogger log, string number, string dispute, string method, string what);

    [LoggerMessage(1002, LogLevel.Warning, "Order {Number}: {Method} gave no usable answer ({Kind}); the outcome is unknown and the deadline asks again.")]
    static partial void LogUnknown(ILogger log, string number, string method, UnknownKind kind);

    [LoggerMessage(1003, LogLevel.Error, "Order {Number}: is paid, and its account refused the credit ({Refusal}); tried again with back-off.")]
    static partial void LogCreditRefused(ILogger log, string number, string refusal);

    [LoggerMessage(1004, LogLevel.Warning, "Order {Number}: is paid, and crediting failed; tried again with back-off.")]
    static partial void LogCreditFailed(ILogger log, Exception fault, string number);

    [LoggerMessage(1005, LogLevel.Warning, "Order {Number}: what it owes could not be done now; the sweep tries again.")]
    static partial void LogWorkFailed(ILogger log, Exception fault, string number);

    [LoggerMessage(1010, LogLevel.Error, "Order {Number}: asks its providers again after {Errands} answers in a row; left to its next deadline.")]
    static partial void LogErrandsEndless(ILogger log, string number, int errands);

    [LoggerMessage(1006, LogLevel.Debug, "Order {Number}: its place in {Index} was taken in round {Round}; another is tried.")]
    static partial void LogSlotTaken(ILogger log, string number, string index, int round);
}
