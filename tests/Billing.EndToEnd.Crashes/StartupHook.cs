using System.Diagnostics;
using Billing.EndToEnd.Crashes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Storage;

/// <summary>
/// What the runtime calls before the host's Main (DOTNET_STARTUP_HOOKS): puts <see cref="CrashingStorage"/> around the host's own store as the host is being
/// built. The host knows nothing of it. The name, the missing namespace and the signature are the runtime's.
/// </summary>
#pragma warning disable CA1050
static class StartupHook
#pragma warning restore CA1050
{
    const string StoreName = "documents";

    public static void Initialize() => DiagnosticListener.AllListeners.Subscribe(new Listeners());

    static void Wrap(IServiceCollection services, string plan)
    {
        var store = services.Last(service => service.ServiceType == typeof(IGrainStorage) && service.IsKeyedService && StoreName.Equals(service.ServiceKey));
        services.Remove(store);
        services.AddKeyedSingleton<IGrainStorage>(StoreName, (provider, key) => new CrashingStorage(
            (IGrainStorage)store.KeyedImplementationFactory!(provider, key), plan, Environment.GetEnvironmentVariable(CrashingStorage.ApartVariable) is { Length: > 0 }));
    }

    sealed class Listeners : IObserver<DiagnosticListener>
    {
        public void OnNext(DiagnosticListener value)
        {
            // The generic host shows its builder to whoever listens, just before it builds.
            if (value.Name == "Microsoft.Extensions.Hosting") value.Subscribe(new Building());
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }

    sealed class Building : IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value is { Key: "HostBuilding", Value: IHostBuilder builder } && Environment.GetEnvironmentVariable(CrashingStorage.Variable) is { Length: > 0 } plan)
                builder.ConfigureServices(services => Wrap(services, plan));
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
