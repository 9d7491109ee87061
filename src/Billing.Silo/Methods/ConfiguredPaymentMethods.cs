using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Billing.Channels;
using Billing.Channels.Sandbox;
using Billing.Channels.Sandbox.Provider;

namespace Billing.Silo.Methods;

/// <summary>The payment methods of the configuration, in the order in which they stand there.</summary>
sealed partial class ConfiguredPaymentMethods(IReadOnlyList<PaymentMethod> all) : IPaymentMethods
{
    readonly Dictionary<string, PaymentMethod> byId = all.ToDictionary(method => method.Id, StringComparer.Ordinal);

    public IReadOnlyList<PaymentMethod> All => all;

    public PaymentMethod? Find(string id) => byId.GetValueOrDefault(id);

    /// <summary>Reads the methods and makes their channels; with a sandbox among them, its provider runs in this host.</summary>
    public static void Add(WebApplicationBuilder builder, Uri publicUrl)
    {
        var configured = builder.Configuration.GetSection("Billing:PaymentMethods").GetChildren()
            .Select(section => (Id: section.Key, Options: section.Get<PaymentMethodOptions>() ?? new())).ToList();
        foreach (var (id, _) in configured)
        {
            if (!IdPattern().IsMatch(id))
                throw new SetupException($"The payment method id '{id}' is part of an address: use lower-case letters, digits and dashes, at most 64.");
        }

        var sandboxes = configured.Where(method => method.Options.Kind == PaymentMethodKind.Sandbox).ToList();
        var elsewhere = builder.Configuration.GetValue<bool>("Billing:Sandbox:AllowOutsideDevelopment");
        if (sandboxes.Count > 0)
        {
            SandboxProvider.EnsureAllowed(builder.Environment, elsewhere);
            // One secret a merchant, whichever of its methods names it.
            var secrets = sandboxes.GroupBy(method => method.Options.MerchantId, StringComparer.Ordinal).ToDictionary(
                merchant => merchant.Key,
                merchant => merchant.Select(method => method.Options.Secret).FirstOrDefault(secret => secret is not null) ?? RandomNumberGenerator.GetHexString(64),
                StringComparer.Ordinal);
            foreach (var (_, options) in sandboxes) options.Secret = secrets[options.MerchantId];
            builder.Services.AddSandboxChannel();
            builder.Services.AddSandboxProvider(new()
            {
                Merchants = secrets.ToDictionary(merchant => merchant.Key, merchant => new SandboxMerchant { Name = "Billing", Secret = merchant.Value }, StringComparer.Ordinal),
                AllowOutsideDevelopment = elsewhere,
            });
        }

        builder.Services.AddSingleton<IPaymentMethods>(services =>
            new ConfiguredPaymentMethods([.. configured.Select(method => Make(services, method.Id, method.Options, publicUrl, elsewhere))]));
    }

    static PaymentMethod Make(IServiceProvider services, string id, PaymentMethodOptions options, Uri publicUrl, bool elsewhere) => options.Kind switch
    {
        PaymentMethodKind.Sandbox => new(
            id, options.Name is { Length: > 0 } name ? name : id, options.Kind, options.Presentation, new(options.MerchantId),
            SandboxChannel.Create(services, new()
            {
                BaseUrl = options.ProviderUrl ?? new(publicUrl, "sandbox"),
                MerchantId = options.MerchantId,
                Secret = options.Secret!,
                Presentation = options.Presentation,
                AllowOutsideDevelopment = elsewhere,
            }),
            new Uri(publicUrl, "orders/").AbsoluteUri + "{order}", new(publicUrl, $"payments/{id}/callback"), options.Enabled),
        _ => throw new SetupException($"The payment method '{id}' names {options.Kind}, and this version has no channel to it. It has: Sandbox."),
    };

    [GeneratedRegex("^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$", RegexOptions.CultureInvariant)]
    private static partial Regex IdPattern();
}
