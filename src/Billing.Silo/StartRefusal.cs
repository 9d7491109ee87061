using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Billing.Silo;

/// <summary>
/// What is said when the service cannot start as it is set up: a line that says what to do, where a stack trace would say where it was found. What nobody foresaw keeps its
/// stack trace: that is a fault of ours.
/// </summary>
static class StartRefusal
{
    /// <summary>These say of a start that failed what is said once here, each with the whole stack trace.</summary>
    static readonly string[] Echoes = ["Microsoft.Extensions.Hosting.Internal.Host", "Orleans.Runtime.SiloLifecycleSubject", "Orleans.Runtime.Silo"];

    /// <summary>Runs the command, and gives its exit code; when it cannot start, says why on the standard error and gives this one.</summary>
    public static async Task<int> Instead(int refused, Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (Exception fault) when (Why(fault) is { } why)
        {
            await Console.Error.WriteLineAsync(why);
            return refused;
        }
    }

    /// <summary>Until the host has started, its errors are not logged: they end the process, and are said there. What is critical is, such as a service that failed beside the start.</summary>
    public static void SayOnce(WebApplicationBuilder builder, Func<bool> started)
    {
        foreach (var category in Echoes) builder.Logging.AddFilter(category, level => level >= LogLevel.Warning && (level != LogLevel.Error || started()));
    }

    /// <summary>What to do about a start that failed; null when nobody foresaw it.</summary>
    internal static string? Why(Exception fault) => fault switch
    {
        SetupException or OptionsValidationException => fault.Message,
        // Configuration's own words for a value that is none: they name the setting.
        InvalidOperationException { Source: "Microsoft.Extensions.Configuration.Binder", InnerException: { } reason } => $"{fault.Message} {reason.Message}",
        IOException { InnerException: AddressInUseException } => $"{fault.Message} Stop what listens there, or set ASPNETCORE_URLS to another address.",
        AddressInUseException => "Another process, perhaps another Billing, listens at the port for silos: stop it, or set Billing:Cluster:SiloPort (11111 unless it is set).",
        SocketException { SocketErrorCode: SocketError.AccessDenied or SocketError.AddressNotAvailable } =>
            $"An address cannot be listened at: {fault.Message}. See ASPNETCORE_URLS, and Billing:Cluster:AdvertisedAddress.",
        AggregateException several when several.InnerExceptions.Select(Why).ToArray() is { Length: > 0 } reasons && !reasons.Contains(null) => string.Join('\n', reasons),
        _ => null,
    };
}
