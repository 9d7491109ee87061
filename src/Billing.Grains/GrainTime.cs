using Microsoft.Extensions.DependencyInjection;

namespace Billing;

/// <summary>The clock that grains live by: Orleans' own registration for grains when a test holds it, else the host's.</summary>
static class GrainTime
{
    public static TimeProvider Of(IServiceProvider services) =>
        services.GetKeyedService<TimeProvider>(TimeProviderNames.Grains) ?? services.GetRequiredService<TimeProvider>();
}
