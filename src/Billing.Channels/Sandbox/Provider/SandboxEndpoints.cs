using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Billing.Channels.Sandbox.Provider;

/// <summary>Opens the sandbox provider to merchants and payers.</summary>
public static class SandboxEndpoints
{
    /// <summary>Maps the merchants' API and the payers' pages under a prefix. Open to anybody: what may be done is in the signatures.</summary>
    /// <exception cref="SetupException">The sandbox may not run in this environment.</exception>
    public static IEndpointConventionBuilder MapSandboxProvider(this IEndpointRouteBuilder endpoints, string prefix = "/sandbox")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var provider = endpoints.ServiceProvider.GetRequiredService<SandboxProvider>();
        SandboxProvider.EnsureAllowed(endpoints.ServiceProvider.GetRequiredService<IHostEnvironment>(), provider.Options.AllowOutsideDevelopment);

        var group = endpoints.MapGroup(prefix);
        var api = new SandboxApi(provider, prefix);
        group.MapPost("/api/payments", api.Create);
        group.MapGet("/api/payments/{number}", api.Query);
        group.MapPost("/api/payments/{number}/close", api.Close);
        group.MapPost("/api/payments/{number}/refunds", api.Refund);
        group.MapGet("/api/payments/{number}/refunds/{refundNumber}", api.QueryRefund);
        group.MapPost("/api/payments/{number}/disputes", api.Dispute);
        group.MapGet("/api/bill", api.Bill);

        var pages = new SandboxPages(provider, prefix);
        group.MapGet("/pay", pages.Enter);
        group.MapGet("/p/{number}", pages.Show);
        group.MapPost("/p/{number}", pages.Act);
        group.MapGet("/style.css", SandboxPages.Style);
        return group.AllowAnonymous();
    }
}
