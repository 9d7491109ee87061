using Billing.Channels.Sandbox.Provider;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Billing.Channels.Sandbox;

/// <summary>How a host takes the sandbox in.</summary>
public static class SandboxRegistration
{
    /// <summary>
    /// What <see cref="SandboxChannel.Create(IServiceProvider, SandboxOptions)"/> needs: a client that follows no redirect, because a call is signed for one address.
    /// </summary>
    public static IServiceCollection AddSandboxChannel(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddHttpClient(SandboxChannel.HttpClientName).ConfigurePrimaryHttpMessageHandler(Handler);
        return services;
    }

    /// <summary>The provider itself, for <see cref="SandboxEndpoints.MapSandboxProvider"/> to open.</summary>
    /// <exception cref="SetupException">A setting cannot be used.</exception>
    public static IServiceCollection AddSandboxProvider(this IServiceCollection services, SandboxProviderOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        services.AddMetrics();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<SandboxMetrics>();
        services.AddSingleton(provider => new SandboxProvider(
            options, provider.GetRequiredService<SandboxCallbacks>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SandboxCallbacks>();
        services.AddHostedService(provider => provider.GetRequiredService<SandboxCallbacks>());
        services.AddHttpClient(SandboxCallbacks.HttpClientName).ConfigurePrimaryHttpMessageHandler(Handler);
        return services;
    }

    static SocketsHttpHandler Handler() => new() { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) };
}
