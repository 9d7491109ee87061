using Microsoft.Extensions.Options;

namespace Billing.Webhooks;

/// <summary>The endpoint's shell. Delivering is another grain's: this one says where to, of what, and whether.</summary>
[GrainType(WebhookEndpointDocument.Noun)]
sealed class WebhookEndpointGrain(IWebhookTransport transport, IWebhookDeliveries deliveries, IOptions<WebhookSettings> options)
    : DocumentGrain<WebhookEndpoint, WebhookEndpointEvent, WebhookEndpointCommand, WebhookEndpointError>(WebhookEndpointDocument.Kind), IWebhookEndpointGrain
{
    readonly WebhookSettings settings = options.Value;

    string Id => this.GetPrimaryKeyString();

    public Task<Versioned<WebhookEndpoint>?> Get() => Task.FromResult(Stored);

    public async Task<Reply<WebhookCreated, WebhookEndpointError>> Create(WebhookTerms terms, string sealedSecret, string? note, Actor actor)
    {
        // A repeat is owed its first answer, whatever has become of the name's addresses.
        var (url, wrong) = await Address(terms.Url, asked: Stored is null);
        if (wrong is not null) return wrong;
        var wished = WebhookEndpointRules.With(terms with { Url = url! }, new(null, terms.EventTypes.IsDefault ? [] : terms.EventTypes, terms.Description, null));
        var obeyed = await Obey(new CreateEndpoint(Id, wished, sealedSecret, note, actor.Name), actor);
        return obeyed.Refusal is { } refusal ? refusal : new WebhookCreated(new(obeyed.State!, obeyed.Version), obeyed.Events.Count == 0);
    }

    public async Task<Reply<Versioned<WebhookEndpoint>, WebhookEndpointError>> Update(WebhookEndpointChange change, string note, Actor actor)
    {
        if (change.Url is { } text && Stored is not null)
        {
            var (url, wrong) = await Address(text, asked: true);
            if (wrong is not null) return wrong;
            change = change with { Url = url };
        }

        return await Answer(new UpdateEndpoint(change, note), actor);
    }

    public Task<Reply<Versioned<WebhookEndpoint>, WebhookEndpointError>> RotateSecret(string sealedSecret, string note, Actor actor) =>
        Answer(new RotateSecret(sealedSecret, note), actor);

    public async Task<Reply<Versioned<WebhookEndpoint>, WebhookEndpointError>> Delete(string note, Actor actor)
    {
        var reply = await Answer(new DeleteEndpoint(note), actor);
        if (reply.Value is null) return reply;
        await Work();
        return Stored!;
    }

    public Task Disable(WebhookDisabledFor reason) => Obey(new DisableEndpoint(reason), Actor.System);

    public Task<Reply<Versioned<WebhookEndpoint>, WebhookEndpointError>> SendTest(Actor actor) => Answer(new RequestTest(), actor);

    public async Task<Reply<WebhookReplayed, WebhookEndpointError>> Replay(IReadOnlyList<long> positions, Actor actor)
    {
        var reply = await Answer(new RequestReplay(null, positions.Count), actor);
        return reply.Value is { } endpoint
            ? new WebhookReplayed(endpoint, await deliveries.Replay(Id, positions, Now, CancellationToken.None))
            : reply.Refusal!;
    }

    public async Task<Reply<WebhookReplayed, WebhookEndpointError>> ReplaySince(DateTimeOffset since, Actor actor)
    {
        var reply = await Answer(new RequestReplay(since, 0), actor);
        if (reply.Value is not { } endpoint) return reply.Refusal!;
        await deliveries.ReplaySince(Id, since, CancellationToken.None);
        return new WebhookReplayed(endpoint, 0);
    }

    protected override Decision<WebhookEndpointEvent, WebhookEndpointError> Decide(WebhookEndpoint? state, WebhookEndpointCommand command, DateTimeOffset now) =>
        WebhookEndpointRules.Decide(state, command, now);

    protected override async Task<bool> TakeStep()
    {
        if (State is null || WebhookEndpoint.NextDeadline(State) is not { } due || due > Now) return false;
        if (State.Forgetting)
        {
            await deliveries.Forget(Id, CancellationToken.None);
            await Obey(new RecordForgotten(), Actor.System);
        }
        else
        {
            await Obey(new RetireSecret(), Actor.System);
        }

        return false;
    }

    async Task<Reply<Versioned<WebhookEndpoint>, WebhookEndpointError>> Answer(WebhookEndpointCommand command, Actor actor)
    {
        var obeyed = await Obey(command, actor);
        return obeyed.Refusal is { } refusal ? refusal : new Versioned<WebhookEndpoint>(obeyed.State!, obeyed.Version);
    }

    /// <summary>The address in the form in which it is stored, or what is wrong with it.</summary>
    async Task<(string? Url, WebhookEndpointError? Wrong)> Address(string text, bool asked)
    {
        if (WebhookUrl.Read(text, settings.AllowHttp, out var url) is { } problem) return (null, new InvalidWebhookEndpoint("url", problem));
        return asked && await transport.Check(url!, CancellationToken.None) is { } refusal ? (null, new WebhookAddressRefused(refusal)) : (url!.AbsoluteUri, null);
    }
}
