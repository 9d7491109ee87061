using Billing;
using Billing.Accounts;
using Billing.Catalog;
using Billing.Codes;
using Billing.GraphQL;
using Billing.GraphQL.Callbacks;
using Billing.Orders;
using Billing.Silo;
using Billing.Silo.Callbacks;
using Billing.Silo.Exports;
using Billing.Silo.Health;
using Billing.Silo.Keeping;
using Billing.Silo.Methods;
using Billing.Silo.Pages;
using Billing.Silo.SignIn;
using Billing.Silo.Telemetry;
using Billing.Silo.Verify;
using Billing.Silo.Webhooks;
using Billing.Silo.WorkItems;
using Billing.Storage;
using Billing.Unclaimed;
using Billing.Webhooks;

return args is ["verify", .. var options]
    ? await StartRefusal.Instead(VerifyCommand.CouldNotTell, () => VerifyCommand.Run(options))
    : await StartRefusal.Instead(1, () => Serve(args));

static async Task<int> Serve(string[] args)
{
    var builder = WebApplication.CreateBuilder(args);
    var isRunning = false;
    StartRefusal.SayOnce(builder, () => isRunning);
    builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
    var settings = HostSettings.Read(builder);
    using var only = OnlyHost.Of(settings.Storage);

    builder.Services.AddSingleton(TimeProvider.System);
    builder.Services.AddSingleton<DocumentKind>(OrderDocument.Kind).AddSingleton<DocumentKind>(AccountDocument.Kind)
        .AddSingleton<DocumentKind>(PlanDocument.Kind).AddSingleton<DocumentKind>(UnclaimedPaymentDocument.Kind)
        .AddSingleton<DocumentKind>(CodeDocument.Kind).AddSingleton<DocumentKind>(CodeBatchDocument.Kind)
        .AddSingleton<DocumentKind>(WebhookEndpointDocument.Kind);
    builder.AddGrainSettings();
    builder.AddCodeKeys();
    builder.AddWebhooks();
    builder.Services.Configure<BillingGraphQLOptions>(builder.Configuration.GetSection("Billing:Api"));
    builder.Services.AddBillingStorage(settings.Storage);
    builder.Host.UseOrleans(silo => settings.UseCluster(silo.UseBillingStorage(settings.Storage)));
    builder.Services.AddSingleton<IGrainFactory>(services => new GrainReferences(services.GetRequiredService<IClusterClient>()));
    ConfiguredPaymentMethods.Add(builder, settings.PublicUrl);

    builder.AddSignIn();
    builder.AddTelemetry();
    builder.Services.AddBillingGraphQL(api => (api.PublicUrl, api.ClockSkew) = (settings.PublicUrl, SignInRegistration.ClockSkew)).AddBillingNouns();
    builder.Services.AddSingleton<CallbackInbox>().AddHostedService(services => services.GetRequiredService<CallbackInbox>()).AddHostedService<Housekeeping>().AddHostedService<WorkItemWatch>();
    builder.Services.AddSingleton<CallbackEndpoint>().AddSingleton<ICallbackReplay>(services => services.GetRequiredService<CallbackEndpoint>());
    builder.Services.AddSingleton<CodeExport>().AddSingleton<OrderExport>().AddSingleton<ExportTurns>();
    builder.Services.AddSingleton<Startup>().AddHostedService(services => services.GetRequiredService<Startup>());
    builder.AddPages();
    builder.Services.AddHealthChecks().AddCheck<Readiness>("ready");

    await using var app = builder.Build();
    // Before any routing, which serves the API where it finds it: a base of paths brings one of its own.
    app.UseWebSockets();
    // Behind a proxy that leaves the prefix of the public address in the path; one that takes it away works as well.
    app.UsePathBase(settings.PublicUrl.AbsolutePath.TrimEnd('/'));
    app.UseRouting();
    // Only the API signs anybody in, and does so itself. Unless it is said where, ASP.NET Core would do it before everything.
    app.UseAuthentication();
    app.MapBillingGraphQL("/graphql").SignedIn(app.Services.GetRequiredService<RememberedSignIns>());
    app.MapCallbacks();
    app.MapGet(CodeExport.Path, (HttpContext http, string batchId, CodeExport export) => export.Serve(http, batchId)).AllowAnonymous();
    app.MapGet(OrderExport.Path, (HttpContext http, OrderExport export) => export.Serve(http)).AllowAnonymous();
    app.MapHealth();
    app.MapSandbox();
    app.MapDevelopmentSignIn(settings.PublicUrl);
    app.MapPages(settings.PublicUrl);
    app.SayWhereToLook(settings);
    app.Lifetime.ApplicationStarted.Register(() => isRunning = true);
    await app.RunAsync();
    return 0;
}
