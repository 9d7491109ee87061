using System.Net;
using System.Threading.Channels;
using Billing.Channels.Sandbox;
using Billing.Channels.Sandbox.Provider;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Billing.Channels.Tests.Sandbox;

/// <summary>A provider and a merchant, each on a port of its own, and a clock that a test holds.</summary>
sealed class SandboxWorld : IAsyncDisposable
{
    public const string Secret = "a secret of a sandbox that is only a test's own";
    public const string MerchantId = "shop-1";

    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    public static readonly MerchantIdentity Merchant = new(MerchantId);
    public static readonly Money Price = new(1990, "CNY");

    readonly Channel<CallbackMessage> arrived = System.Threading.Channels.Channel.CreateUnbounded<CallbackMessage>();
    WebApplication provider = null!;
    WebApplication receiver = null!;
    ServiceProvider services = null!;

    public FakeTimeProvider Time { get; } = new(Noon);

    /// <summary>What the merchant answers, in turn; success once there is none left.</summary>
    public Queue<CallbackReply> Answers { get; } = new();

    public Uri ProviderUrl { get; private set; } = null!;

    public Uri ReceiverUrl { get; private set; } = null!;

    /// <summary>A browser that shows its redirects.</summary>
    public HttpClient Browser { get; } = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public IServiceProvider ProviderServices => provider.Services;

    public static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<SandboxWorld> Start(int mostPayments = 1000)
    {
        var world = new SandboxWorld();
        world.provider = await Host(
            builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(world.Time);
                builder.Services.AddSandboxProvider(new()
                {
                    Merchants = new Dictionary<string, SandboxMerchant> { [MerchantId] = new() { Name = "Shop & Sons", Secret = Secret } },
                    MostPayments = mostPayments,
                });
            },
            app => app.MapSandboxProvider());
        world.ProviderUrl = Address(world.provider, "/sandbox");
        world.receiver = await Host(_ => { }, app => app.Map("/callbacks/{method}", world.Receive));
        world.ReceiverUrl = Address(world.receiver, "");
        world.services = Clients();
        return world;
    }

    public static async Task<WebApplication> Host(Action<WebApplicationBuilder> configure, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = Environments.Development });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        builder.Services.AddLogging(logging => logging.ClearProviders());
        configure(builder);
        var app = builder.Build();
        map(app);
        await app.StartAsync(Cancellation);
        return app;
    }

    public static Uri Address(WebApplication app, string path) =>
        new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + path);

    public static ServiceProvider Clients()
    {
        var services = new ServiceCollection();
        services.AddSandboxChannel();
        return services.BuildServiceProvider();
    }

    public SandboxChannel Channel(PaymentPresentation presentation = PaymentPresentation.Redirect) => new(
        new() { BaseUrl = ProviderUrl, MerchantId = MerchantId, Secret = Secret, Presentation = presentation },
        services.GetRequiredService<IHttpClientFactory>(),
        Time);

    public PaymentRequest Request(string number, Money? price = null, TimeSpan? timeToPay = null) => new(
        number, Merchant, price ?? Price, "Credits <b>& more</b>", Noon + (timeToPay ?? TimeSpan.FromMinutes(15)), new("https://shop.example/return?order=1"),
        new(ReceiverUrl, "/callbacks/sandbox"));

    public static PaymentReference Reference(string number) => new(number, Merchant, Price, ProviderReference: null);

    /// <summary>A buyer goes where the channel sends them, and lands on the payment's page.</summary>
    public async Task<Uri> Arrive(string number, Money? price = null, TimeSpan? timeToPay = null)
    {
        var created = Assert.IsType<ChannelAnswer<Checkout>.Done>(await Channel().Create(Request(number, price, timeToPay), Cancellation));
        using var entered = await Browser.GetAsync(new Uri(created.Value.RedirectUrl!), Cancellation);
        Assert.Equal(HttpStatusCode.SeeOther, entered.StatusCode);
        return new(ProviderUrl, entered.Headers.Location!);
    }

    public async Task<HttpResponseMessage> Press(Uri page, string does, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent([new("do", does), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]);
        return await Browser.PostAsync(page, form, Cancellation);
    }

    /// <summary>Presses a button that ends at the merchant's site.</summary>
    public async Task Pay(Uri page, string does = "pay", params (string Name, string Value)[] fields)
    {
        using var answer = await Press(page, does, fields);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        Assert.Equal("https://shop.example/return?order=1", answer.Headers.Location!.AbsoluteUri);
    }

    /// <summary>The next callback to arrive; time passes while it is awaited, as far as it is allowed to.</summary>
    public async Task<CallbackMessage> Next(TimeSpan? step = null)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var arrival = arrived.Reader.WaitToReadAsync(patience.Token).AsTask();
            if (await Task.WhenAny(arrival, Task.Delay(20, patience.Token)) == arrival && await arrival && arrived.Reader.TryRead(out var message))
                return message;
            Time.Advance(step ?? TimeSpan.Zero);
        }
    }

    public async Task<CallbackReading> NextNews(TimeSpan? step = null) => Channel().Read(await Next(step));

    public async Task<PaymentState> NextState(string number, TimeSpan? step = null)
    {
        var news = Assert.IsType<CallbackReading.PaymentNews>(await NextNews(step));
        Assert.Equal((number, Merchant), (news.PaymentNumber, news.Merchant));
        return news.State;
    }

    /// <summary>What arrives before the callback of a payment that is made now.</summary>
    public async Task<List<CallbackReading>> WhatElseArrives(string marker)
    {
        await Pay(await Arrive(marker));
        var others = new List<CallbackReading>();
        while (await NextNews() is var news && news is not CallbackReading.PaymentNews { PaymentNumber: var number } || number != marker)
            others.Add(news);
        return others;
    }

    public async ValueTask DisposeAsync()
    {
        Browser.Dispose();
        await services.DisposeAsync();
        await provider.DisposeAsync();
        await receiver.DisposeAsync();
    }

    async Task Receive(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, Cancellation);
        var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value[0]!, StringComparer.OrdinalIgnoreCase);
        CallbackReply answer;
        lock (Answers)
            answer = Answers.TryDequeue(out var planned) ? planned : new(200, "text/plain", "success");
        await arrived.Writer.WriteAsync(new(context.Request.Method, context.Request.QueryString.Value ?? "", headers, body.ToArray(), Time.GetUtcNow()), Cancellation);
        context.Response.StatusCode = answer.Status;
        await context.Response.WriteAsync(answer.Body, Cancellation);
    }
}
