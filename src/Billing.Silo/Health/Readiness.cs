using Billing.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Billing.Silo.Health;

/// <summary>Whether requests can be served: the deadlines are swept and the database answers. Being alive needs neither.</summary>
sealed class Readiness(Startup startup, DatabaseHealth database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        !startup.IsDone ? HealthCheckResult.Unhealthy("The silo is still starting.")
        : await database.Answers(cancellationToken) is { } fault ? HealthCheckResult.Unhealthy("The database does not answer.", fault)
        : HealthCheckResult.Healthy();
}
