using System.Text;
using Billing.Codes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace Billing.Webhooks;

/// <summary>The deliveries of an endpoint, by its id.</summary>
[Alias("billing.IWebhookDeliveryGrain")]
public interface IWebhookDeliveryGrain : IGrainWithStringKey
{
    /// <summary>Reads on in the journal and makes what deliveries are due, and says how many attempts that took: none while that is under way, here or on another host.</summary>
    [Alias("Deliver")]
    Task<int> Deliver();
}

/// <summary>
/// Tells one endpoint what happened. Nothing is kept in memory that is not in the store: whoever has the lease reads what is due, tries it, and writes down how that
/// went. What was tried and not written down is tried again, so everything arrives at least once.
/// </summary>
[Reentrant]
[GrainType("webhook-delivery")]
sealed partial class WebhookDeliveryGrain(
    IGrainFactory grains, IWebhookDeliveries deliveries, IWebhookTransport transport, WebhookSecrets secrets, IOptions<WebhookSettings> options, ILogger<WebhookDeliveryGrain> log)
    : Grain, IWebhookDeliveryGrain, IDisposable
{
    static readonly TimeSpan TidyEvery = TimeSpan.FromHours(1);

    readonly WebhookSettings settings = options.Value;
    readonly CancellationTokenSource stopping = new();
    TimeProvider time = TimeProvider.System;
    string owner = "";
    bool delivering;
    DateTimeOffset tidied;

    string Id => this.GetPrimaryKeyString();

    DateTimeOffset Now => time.GetUtcNow();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        time = GrainTime.Of(ServiceProvider);
        // An activation of its own: another one, even here, is another owner.
        owner = $"{RuntimeIdentity}/{GrainContext.ActivationId}";
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        WebhookMetrics.Waits(Id, null, time);
        await deliveries.GiveBack(Id, owner, CancellationToken.None);
    }

    public async Task<int> Deliver()
    {
        if (delivering || stopping.IsCancellationRequested) return 0;
        delivering = true;
        try
        {
            return await Endpoint() is { } endpoint ? await DeliverTo(endpoint) : 0;
        }
        finally
        {
            delivering = false;
        }
    }

    public void Dispose() => stopping.Dispose();

    /// <summary>The endpoint as it is now; null when it is to be told nothing.</summary>
    async Task<WebhookEndpoint?> Endpoint() => (await grains.GetGrain<IWebhookEndpointGrain>(Id).Get())?.State is { Status: WebhookStatus.Enabled } endpoint ? endpoint : null;

    async Task<int> DeliverTo(WebhookEndpoint endpoint)
    {
        var until = Now + settings.Lease;
        if (await deliveries.Take(Id, owner, Now, until, stopping.Token) is not { } lease) return 0;
        var round = new Round(endpoint, until, lease.Position);
        // An attempt that begins ends within the lease: no other host ever tries the same object meanwhile.
        while (HasTime(round) && !round.WantsNoMore)
        {
            var moved = await Gather(round);
            var due = await deliveries.Due(Id, Now, settings.PageSize, stopping.Token);
            if (due.Count == 0 && !moved) break;
            // It may have got a new secret or address, or been disabled, after what is due now was written down.
            if (await Endpoint() is not { } current) break;
            round.Endpoint = current;
            using var places = new SemaphoreSlim(settings.AtOnce);
            await Task.WhenAll(WebhookRules.Lanes(due).Select(lane => Try(lane, round, places)));
        }

        await Judge(lease, round);
        if (Now - tidied >= TidyEvery)
        {
            await deliveries.Tidy(Id, Now - settings.KeepDelivered, Now - settings.KeepDead, stopping.Token);
            tidied = Now;
        }

        var (_, oldest) = await deliveries.Pending(Id, stopping.Token);
        WebhookMetrics.Waits(Id, oldest, time);
        return round.Attempts;
    }

    bool HasTime(Round round) => !stopping.IsCancellationRequested && round.Until - Now >= settings.AttemptTimeout;

    /// <summary>Takes more of the journal among what is to be delivered, as long as not too much waits. False when nothing was there, or it is not ours any more.</summary>
    async Task<bool> Gather(Round round)
    {
        var (waiting, _) = await deliveries.Pending(Id, stopping.Token);
        if (waiting >= settings.MaxPending) return false;
        var limit = Math.Min(settings.PageSize, settings.MaxPending - waiting);
        var page = await deliveries.Read(round.Position, WebhookMessage.RowsOf(round.Endpoint.Terms.EventTypes), limit, stopping.Token);
        if (page.UpTo == round.Position) return false;
        var concern = page.Rows.Where(Concerns).Select(row => row.Position).ToList();
        if (!await deliveries.Queue(Id, owner, round.Position, page.UpTo, concern, Now, stopping.Token)) return false;
        round.Position = page.UpTo;
        return true;
    }

    // What this version cannot read is not passed over: delivering it fails, is seen, and is tried again until a version runs that can.
    bool Concerns(JournalFact row) => !WebhookMessage.TryOf(row, Id, out var message, out _) || message is not null;

    /// <summary>Delivers what is in a lane until one fails, which holds back the others of its object.</summary>
    async Task Try(IReadOnlyList<PendingDelivery> lane, Round round, SemaphoreSlim places)
    {
        foreach (var delivery in lane)
        {
            await places.WaitAsync(stopping.Token);
            try
            {
                if (!HasTime(round) || round.WantsNoMore) return;
                if (await Try(delivery, round) is WebhookDelayed) return;
            }
            finally
            {
                places.Release();
            }
        }
    }

    async Task<WebhookOutcome> Try(PendingDelivery delivery, Round round)
    {
        var (attempts, at) = (delivery.Attempts + 1, Now);
        round.Attempts++;
        var answer = await Send(delivery.Row, round.Endpoint, at);
        var outcome = WebhookRules.After(attempts, answer, Now, Chance(delivery.Row, attempts));
        await deliveries.Record(Id, delivery.Row.Position, attempts, answer, outcome, Now, stopping.Token);
        round.WantsNoMore |= WebhookRules.WantsNoMore(answer);
        switch (outcome)
        {
            case WebhookDelivered:
                round.HasDelivered = true;
                WebhookMetrics.Delivered(Id);
                break;
            case WebhookDead:
                round.FailedAt ??= at;
                WebhookMetrics.Failed(Id);
                WebhookMetrics.Dead(Id);
                LogDead(log, Id, delivery.Row.Noun, delivery.Row.Type, attempts, Word(answer));
                break;
            default:
                round.FailedAt ??= at;
                WebhookMetrics.Failed(Id);
                break;
        }

        return outcome;
    }

    async Task<WebhookAnswer> Send(JournalFact row, WebhookEndpoint endpoint, DateTimeOffset at)
    {
        if (!WebhookMessage.TryOf(row, Id, out var message, out var unreadable) || message is null)
        {
            LogUnreadable(log, unreadable, Id, row.Noun, row.Type, row.Position);
            return new WebhookUnanswered("unreadable event");
        }

        List<byte[]> keys;
        try
        {
            keys = [.. endpoint.SecretsAt(at).Select(secret => secrets.Open(secret, Id))];
        }
        catch (CodeSealException fault)
        {
            LogSealed(log, fault, Id);
            return new WebhookUnanswered("secret cannot be opened");
        }

        var body = Encoding.UTF8.GetBytes(message.Body);
        var timestamp = at.ToUnixTimeSeconds();
        return await transport.Send(new(endpoint.Terms.Url), message.Id, timestamp, WebhookSignature.Sign(keys, message.Id, timestamp, body), body, stopping.Token);
    }

    /// <summary>What follows for the endpoint from how a round went.</summary>
    async Task Judge(WebhookLease lease, Round round)
    {
        if (round.WantsNoMore)
        {
            LogGone(log, Id);
            await grains.GetGrain<IWebhookEndpointGrain>(Id).Disable(WebhookDisabledFor.Gone);
            return;
        }

        if (!round.HasDelivered && round.FailedAt is null) return;
        // What was before it was enabled again does not count.
        var since = round.HasDelivered ? null : lease.FailingSince > round.Endpoint.EnabledAt ? lease.FailingSince : round.FailedAt;
        if (since != lease.FailingSince) await deliveries.Failing(Id, since, stopping.Token);
        if (since is not { } failing || Now - failing < settings.DisableAfter) return;
        LogGivenUp(log, Id, settings.DisableAfter);
        await grains.GetGrain<IWebhookEndpointGrain>(Id).Disable(WebhookDisabledFor.Failures);
    }

    // The id is a hash: its characters are as good as chance, and the same for the same attempt.
    static double Chance(JournalFact row, int attempts)
    {
        var id = WebhookMessage.IdOf(row.Noun, row.Key, row.Version, row.Ordinal);
        return CheckCharacter.Alphabet.IndexOf(id[^(attempts % 16 + 1)], StringComparison.Ordinal) / (double)(CheckCharacter.Alphabet.Length - 1);
    }

    static string Word(WebhookAnswer answer) => answer switch
    {
        WebhookAnswered answered => answered.Status.ToString(System.Globalization.CultureInfo.InvariantCulture),
        WebhookUnanswered unanswered => unanswered.Failure,
        _ => "",
    };

    [LoggerMessage(6001, LogLevel.Error, "Webhook {Endpoint}: a delivery of {Noun} {Type} was given up after {Attempts} attempts (the last: {Answer}); replay it when the endpoint works.")]
    static partial void LogDead(ILogger log, string endpoint, string noun, string type, int attempts, string answer);

    [LoggerMessage(6002, LogLevel.Error, "Webhook {Endpoint}: the journal's {Noun} {Type} at {Position} cannot be read by this version; tried again with back-off.")]
    static partial void LogUnreadable(ILogger log, Exception? fault, string endpoint, string noun, string type, long position);

    [LoggerMessage(6003, LogLevel.Error, "Webhook {Endpoint}: its secret cannot be opened with the keys that are configured; nothing is delivered to it.")]
    static partial void LogSealed(ILogger log, Exception fault, string endpoint);

    [LoggerMessage(6004, LogLevel.Warning, "Webhook {Endpoint}: answered 410 and is disabled.")]
    static partial void LogGone(ILogger log, string endpoint);

    [LoggerMessage(6005, LogLevel.Error, "Webhook {Endpoint}: nothing could be delivered for {Time}; it is disabled.")]
    static partial void LogGivenUp(ILogger log, string endpoint, TimeSpan time);

    /// <summary>What is under way.</summary>
    sealed class Round(WebhookEndpoint endpoint, DateTimeOffset until, long position)
    {
        public WebhookEndpoint Endpoint { get; set; } = endpoint;

        public DateTimeOffset Until => until;

        public long Position { get; set; } = position;

        public int Attempts { get; set; }

        public bool HasDelivered { get; set; }

        public DateTimeOffset? FailedAt { get; set; }

        public bool WantsNoMore { get; set; }
    }
}
