using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Billing.Silo.Webhooks;
using Billing.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Billing.Silo.Tests.Webhooks;

/// <summary>Where messages go, and where they do not: the real client against a real server on the loopback.</summary>
public sealed class WebhookTransportTests : IAsyncLifetime
{
    static readonly byte[] Body = "{\"type\":\"webhook.test\"}"u8.ToArray();

    readonly ConcurrentQueue<(string Path, IReadOnlyDictionary<string, string> Headers, string Body)> received = new();
    readonly Names names = new();
    readonly WebhookSettings settings = new() { AllowHttp = true, AttemptTimeout = TimeSpan.FromSeconds(15) };
    Func<HttpContext, Task> answer = _ => Task.CompletedTask;
    WebApplication server = null!;
    ServiceProvider services = null!;
    int port;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    IWebhookTransport Transport => services.GetRequiredService<IWebhookTransport>();

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        server = builder.Build();
        server.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            // A request's headers are its own as long as it lasts.
            var headers = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
            received.Enqueue((context.Request.Path, headers, await reader.ReadToEndAsync(Cancellation)));
            await answer(context);
        });
        await server.StartAsync(Cancellation);
        port = new Uri(server.Urls.Single()).Port;

        var host = WebApplication.CreateSlimBuilder();
        host.AddWebhooks();
        host.Services.AddSingleton<IHostAddresses>(names).AddSingleton(TimeProvider.System).AddSingleton(Options.Create(settings));
        services = host.Services.BuildServiceProvider();
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task A_message_arrives_with_its_three_headers()
    {
        settings.AllowPrivateAddresses = true;
        Assert.Equal(new WebhookAnswered(200, null), await Send("127.0.0.1"));
        var (path, headers, body) = Assert.Single(received);
        Assert.Equal(("/billing", Encoding.UTF8.GetString(Body), "application/json"), (path, body, headers["Content-Type"]));
        Assert.Equal(("evt_1", "1614265330", "v1,abc"), (headers["webhook-id"], headers["webhook-timestamp"], headers["webhook-signature"]));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("[::ffff:127.0.0.1]")]
    [InlineData("2130706433")]
    [InlineData("0177.0.0.1")]
    [InlineData("0x7f.1")]
    [InlineData("169.254.169.254")]
    [InlineData("10.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("[::]")]
    [InlineData("inside.example")]
    [InlineData("half-inside.example")]
    public async Task What_is_not_public_is_refused_when_it_is_named_and_when_it_is_connected_to(string host)
    {
        names.All["inside.example"] = [IPAddress.Parse("192.168.0.1")];
        names.All["half-inside.example"] = [IPAddress.Parse("1.1.1.1"), IPAddress.Loopback];
        Assert.Equal(WebhookAddressRefusal.NotPublic, await Transport.Check(Url(host), Cancellation));
        Assert.Equal(new WebhookUnanswered("address is not public"), await Send(host));
        Assert.Empty(received);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost.")]
    public async Task The_names_of_this_machine_are_refused(string host)
    {
        names.Asks = new HostAddresses();
        Assert.NotNull(await Transport.Check(Url(host), Cancellation));
        Assert.IsType<WebhookUnanswered>(await Send(host));
        Assert.Empty(received);
    }

    /// <summary>
    /// The name is public when it is looked at, and this machine's own a moment later.
    /// </summary>
    [Fact]
    public async Task A_name_that_changes_its_address_after_it_was_looked_at_does_not_get_through()
    {
        names.All["rebinding.example"] = [IPAddress.Parse("1.1.1.1")];
        Assert.Null(await Transport.Check(Url("rebinding.example"), Cancellation));
        names.All["rebinding.example"] = [IPAddress.Loopback];
        Assert.Equal(new WebhookUnanswered("address is not public"), await Send("rebinding.example"));
        Assert.Empty(received);
    }

    [Fact]
    public async Task A_name_without_an_address_is_said_to_have_none()
    {
        Assert.Equal(WebhookAddressRefusal.Unresolvable, await Transport.Check(Url("nowhere.example"), Cancellation));
        Assert.Equal(new WebhookUnanswered("name not resolved"), await Send("nowhere.example"));
    }

    [Fact]
    public async Task A_redirect_is_a_failure_and_is_not_followed()
    {
        settings.AllowPrivateAddresses = true;
        answer = context =>
        {
            context.Response.Redirect("/elsewhere");
            return Task.CompletedTask;
        };
        Assert.Equal(new WebhookAnswered(302, null), await Send("127.0.0.1"));
        Assert.Equal("/billing", Assert.Single(received).Path);
    }

    [Fact]
    public async Task Who_does_not_answer_is_given_up()
    {
        settings.AllowPrivateAddresses = true;
        settings.AttemptTimeout = TimeSpan.FromSeconds(1);
        answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        Assert.Equal(new WebhookUnanswered("timeout"), await Send("127.0.0.1"));
    }

    [Fact]
    public async Task What_is_written_without_an_end_is_not_read()
    {
        settings.AllowPrivateAddresses = true;
        var gone = new TaskCompletionSource();
        answer = async context =>
        {
            try
            {
                var much = new byte[64 * 1024];
                while (true) await context.Response.Body.WriteAsync(much, context.RequestAborted);
            }
            catch (Exception end) when (end is OperationCanceledException or IOException)
            {
                gone.SetResult();
            }
        };
        Assert.Equal(new WebhookAnswered(200, null), await Send("127.0.0.1"));
        // Whoever reads on would never hang up.
        await gone.Task.WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData("0", 0)]
    [InlineData("soon", null)]
    public async Task When_to_come_again_is_read(string header, int? seconds)
    {
        settings.AllowPrivateAddresses = true;
        answer = context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = header;
            return Task.CompletedTask;
        };
        Assert.Equal(new WebhookAnswered(429, seconds is { } number ? TimeSpan.FromSeconds(number) : null), await Send("127.0.0.1"));
    }

    [Fact]
    public async Task Http_that_was_allowed_once_is_not_any_more()
    {
        settings.AllowPrivateAddresses = true;
        settings.AllowHttp = false;
        Assert.Equal(new WebhookUnanswered("http is not allowed"), await Send("127.0.0.1"));
        Assert.Empty(received);
    }

    [Fact]
    public async Task Who_speaks_no_TLS_and_who_is_not_there_are_failures_with_a_name()
    {
        settings.AllowPrivateAddresses = true;
        Assert.Equal(new WebhookUnanswered("TLS failed"), await Transport.Send(new($"https://127.0.0.1:{port}/"), "evt_1", 1, "v1,abc", Body, Cancellation));
        await server.StopAsync(Cancellation);
        Assert.Equal(new WebhookUnanswered("connection failed"), await Send("127.0.0.1"));
    }

    [Fact]
    public async Task An_attempt_that_we_end_ourselves_is_no_failure_of_the_endpoints()
    {
        settings.AllowPrivateAddresses = true;
        answer = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        using var ours = new CancellationTokenSource();
        await ours.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Transport.Send(Url("127.0.0.1"), "evt_1", 1, "v1,abc", Body, ours.Token));
    }

    Uri Url(string host) => new($"http://{host}:{port}/billing");

    Task<WebhookAnswer> Send(string host) => Transport.Send(Url(host), "evt_1", 1_614_265_330, "v1,abc", Body, Cancellation);

    /// <summary>Names that stand for what the test says.</summary>
    sealed class Names : IHostAddresses
    {
        public ConcurrentDictionary<string, IReadOnlyList<IPAddress>> All { get; } = new();

        /// <summary>Asked instead, when it is set.</summary>
        public IHostAddresses? Asks { get; set; }

        public Task<IReadOnlyList<IPAddress>> Of(string host, CancellationToken cancellation) =>
            Asks is { } machine ? machine.Of(host, cancellation) : Task.FromResult(All.GetValueOrDefault(host) ?? []);
    }
}
