using Billing.Channels;
using Billing.Channels.Sandbox.Provider;
using Billing.Silo.Callbacks;
using Billing.Silo.Health;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;

namespace Billing.Silo;

/// <summary>The host's smaller addresses.</summary>
static partial class Endpoints
{
    /// <summary>Alive: the process serves. Ready: the deadlines are swept and the database answers.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready").AllowAnonymous();
    }

    /// <summary>Where providers report: nothing that follows the routing concerns them.</summary>
    public static void MapCallbacks(this WebApplication app)
    {
        var callbacks = app.Services.GetRequiredService<CallbackEndpoint>();
        app.Map("/payments/{methodId}/callback", http => callbacks.Serve(http, (string)http.GetRouteValue("methodId")!)).ShortCircuit();
    }

    /// <summary>The sandbox provider, when a payment method asks for it.</summary>
    public static void MapSandbox(this WebApplication app)
    {
        if (app.Services.GetRequiredService<IPaymentMethods>().All.Any(method => method.Kind == PaymentMethodKind.Sandbox)) app.MapSandboxProvider();
    }

    /// <summary>Prints the addresses once the host serves.</summary>
    public static void SayWhereToLook(this WebApplication app, HostSettings settings)
    {
        var log = app.Services.GetRequiredService<ILogger<Startup>>();
        app.Lifetime.ApplicationStarted.Register(() =>
        {
            var url = settings.PublicUrl.AbsoluteUri;
            Say(
                log, settings.Storage.UsesPostgres ? "PostgreSQL" : $"SQLite, {Path.GetFullPath(settings.Storage.SqlitePath)}",
                url + "purchase", url + "admin", app.Configuration.GetValue<bool>("Billing:Explorer") ? url + "explorer" : "switched off (Billing:Explorer)", url + "graphql");
        });
    }

    [LoggerMessage(4002, LogLevel.Information, """
        Billing is running on {Database}.
          The shop            {Shop}
          The administration  {Administration}
          The API explorer    {Explorer}
          The API             {Api}
        """)]
    static partial void Say(ILogger log, string database, string shop, string administration, string explorer, string api);
}
