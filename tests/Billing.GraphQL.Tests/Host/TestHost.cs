using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Billing.GraphQL.Tests;

/// <summary>The test API on a real server.</summary>
sealed class TestHost : IAsyncDisposable
{
    readonly WebApplication app;

    TestHost(WebApplication app, LogLines log) => (this.app, Log) = (app, log);

    public Uri Address => new(app.Urls.Single());

    public Uri Url => new(Address, "/graphql");

    /// <summary>Leaves a stream at once instead of reading on for a while.</summary>
    public HttpClient Client { get; } = new(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero });

    public LogLines Log { get; }

    public IServiceProvider Services => app.Services;

    public T Get<T>()
        where T : notnull => app.Services.GetRequiredService<T>();

    public static async Task<TestHost> Start(Action<BillingGraphQLOptions>? configure = null, Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var log = new LogLines();
        builder.Logging.ClearProviders().AddProvider(log);
        builder.Services.AddAuthentication("Test").AddScheme<AuthenticationSchemeOptions, TestTokens>("Test", null);
        builder.Services.AddSingleton<OwnerLoads>().AddSingleton<FailingPart>().AddSingleton<Ticker>().AddScoped<Owners>().AddSingleton<INodeSource>(new ItemSource());
        services?.Invoke(builder.Services);
        builder.Services.AddBillingGraphQL(
            options =>
            {
                options.ExposeIntrospection = true;
                configure?.Invoke(options);
            },
            typeof(TestQueries).Assembly);
        var app = builder.Build();
        app.UseAuthentication();
        app.UseWebSockets();
        app.MapBillingGraphQL();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new(app, log);
    }

    /// <summary>Asks by POST in the newer form, whose status says what became of it.</summary>
    public async Task<Answer> Ask(string query, object? variables = null, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url)
        {
            Content = new StringContent(JsonSerializer.Serialize(new { query, variables }), Encoding.UTF8, "application/json"),
        };
        request.Headers.Accept.ParseAdd("application/graphql-response+json");
        return await Send(request, token);
    }

    public async Task<Answer> Send(HttpRequestMessage request, string? token = null)
    {
        request.RequestUri ??= Url;
        if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        return new((int)response.StatusCode, response.Headers, response.Content.Headers, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async Task<TestSocket> Connect(string? protocol = "graphql-transport-ws", string? origin = null, string? token = null)
    {
        var socket = new ClientWebSocket();
        if (protocol is not null) socket.Options.AddSubProtocol(protocol);
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        if (token is not null) socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        await socket.ConnectAsync(new UriBuilder(Url) { Scheme = "ws" }.Uri, TestContext.Current.CancellationToken);
        return new(socket);
    }

    public Task Stop() => app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
    }
}

sealed record Answer(int Status, HttpResponseHeaders Headers, HttpContentHeaders ContentHeaders, string Text)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public JsonElement Data => Json.GetProperty("data");

    public string? Code => Json.TryGetProperty("errors", out var errors) ? errors[0].GetProperty("extensions").GetProperty("code").GetString() : null;

    public string? Message => Json.TryGetProperty("errors", out var errors) ? errors[0].GetProperty("message").GetString() : null;
}

sealed class TestSocket(ClientWebSocket socket) : IDisposable
{
    readonly byte[] buffer = new byte[256 * 1024];

    public string? Protocol => socket.SubProtocol;

    public int? CloseCode => (int?)socket.CloseStatus;

    public Task Send(string text) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, TestContext.Current.CancellationToken);

    public async Task<JsonElement> Receive()
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), TestContext.Current.CancellationToken);
            if (part.MessageType == WebSocketMessageType.Close) throw new InvalidOperationException($"closed: {(int?)socket.CloseStatus} {socket.CloseStatusDescription}");
            length += part.Count;
            if (part.EndOfMessage) return JsonDocument.Parse(Encoding.UTF8.GetString(buffer, 0, length)).RootElement;
        }
    }

    public async Task<JsonElement> Receive(string type)
    {
        var message = await Receive();
        Assert.Equal(type, message.GetProperty("type").GetString());
        return message;
    }

    public async Task Greet(string? payload = null)
    {
        await Send(payload is null ? """{"type":"connection_init"}""" : $$"""{"type":"connection_init","payload":{{payload}}}""");
        await Receive("connection_ack");
    }

    public Task Subscribe(string id, string query) => Send(JsonSerializer.Serialize(new { id, type = "subscribe", payload = new { query } }));

    /// <summary>Reads until the server closes, and gives the code.</summary>
    public async Task<int> Closed()
    {
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), TestContext.Current.CancellationToken);
            if (part.MessageType == WebSocketMessageType.Close) return (int)socket.CloseStatus!.Value;
        }
    }

    public void Dispose() => socket.Dispose();
}

/// <summary>Tokens as tests write them: <c>alice</c>, <c>root,role=billing:admin</c>, <c>alice,expires=…</c>; <c>bad</c> is refused.</summary>
sealed class TestTokens(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var header = Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.Ordinal)) return Task.FromResult(AuthenticateResult.NoResult());
        var parts = header["Bearer ".Length..].Split(',');
        if (parts[0] == "bad") return Task.FromResult(AuthenticateResult.Fail("bad"));
        var claims = new List<Claim> { new("sub", parts[0]) };
        var properties = new AuthenticationProperties();
        foreach (var (name, value) in parts.Skip(1).Select(part => (part.Split('=')[0], part.Split('=')[1])))
        {
            if (name == "expires") properties.ExpiresUtc = DateTimeOffset.FromUnixTimeSeconds(long.Parse(value, null));
            else claims.Add(new(name, value));
        }

        return Task.FromResult(AuthenticateResult.Success(new(new ClaimsPrincipal(new ClaimsIdentity(claims, "Test")), properties, "Test")));
    }
}

sealed class LogLines : ILoggerProvider, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue($"{logLevel}: {formatter(state, exception)} {exception}");

    public void Dispose()
    {
    }
}
