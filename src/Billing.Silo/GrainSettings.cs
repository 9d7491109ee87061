using Billing.Codes;
using Billing.Deadlines;
using Billing.Orders;
using Billing.Reconciliations;
using Billing.Silo.Callbacks;
using Billing.Silo.WorkItems;
using Billing.Webhooks;
using Microsoft.Extensions.Options;

namespace Billing.Silo;

/// <summary>What the grains, and the inbox, are told. A setting that cannot be used ends the host's start, and says why.</summary>
static class GrainSettings
{
    public static void AddGrainSettings(this WebApplicationBuilder builder)
    {
        Add<OrderSettings>(builder, "Billing:Orders", settings => settings.Problem);
        Add<CodeSettings>(builder, "Billing:Codes", settings => settings.Problem);
        Add<DeadlineSettings>(builder, "Billing:Deadlines", settings => settings.Problem);
        Add<CallbackSettings>(builder, "Billing:Callbacks", settings => settings.Problem);
        Add<WorkItemSettings>(builder, "Billing:WorkItems", settings => settings.Problem);
        Add<ReconciliationSettings>(builder, "Billing:Reconciliation", settings => settings.Problem);
        Add<WebhookSettings>(builder, "Billing:Webhooks", settings => settings.Problem);
    }

    static void Add<T>(WebApplicationBuilder builder, string section, Func<T, string?> problem)
        where T : class
    {
        builder.Services.AddOptions<T>().Bind(builder.Configuration.GetSection(section)).ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<T>>(new Check<T>(section, problem));
    }

    sealed class Check<T>(string section, Func<T, string?> problem) : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options) =>
            problem(options) is { } wrong ? ValidateOptionsResult.Fail($"{section} cannot be used: {wrong}") : ValidateOptionsResult.Success;
    }
}
