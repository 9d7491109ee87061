using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Billing.Codes;
using Billing.Orders;

namespace Billing.Webhooks;

/// <summary>A row of the journal, with what its document began with.</summary>
/// <param name="Position">Its place in the journal.</param>
/// <param name="Noun">Of which noun.</param>
/// <param name="Key">Of which document.</param>
/// <param name="Version">With which version of the document it was stored.</param>
/// <param name="Ordinal">Its place among the events of that version.</param>
/// <param name="Type">The event's stored name.</param>
/// <param name="At">When.</param>
/// <param name="Data">The event.</param>
/// <param name="First">The document's first event: what never changes of it is there.</param>
public sealed record JournalFact(
    long Position, string Noun, string Key, long Version, long Ordinal, string Type, DateTimeOffset At, string Data, string First);

/// <summary>What an endpoint is told of a row of the journal. The same row gives the same message whenever it is asked, on the first try, on a retry and on a replay.</summary>
/// <param name="Id">The same for every delivery of it.</param>
/// <param name="Type">One of <see cref="WebhookEventType"/>.</param>
/// <param name="Body">What is sent: JSON, all of it ASCII.</param>
public sealed record WebhookMessage(string Id, string Type, string Body)
{
    // Rows are named by what is stored, not by our types: an event is found from the day on that a version stores it.
    const string Paid = "order.PaymentReceived";
    const string Accepted = "order.HeldPaymentAccepted";
    const string Fulfilled = "order.OrderFulfilled";
    const string Refunded = "order.RefundSucceeded";
    const string Redeemed = "code.CodeRedeemed";
    const string Placed = "code.RedemptionPlaced";
    const string TestAsked = "webhook.TestRequested";

    static readonly ImmutableArray<string> Ledger =
        ["account.GrantsApplied", "account.CreditsSpent", "account.GrantsTakenBack", "account.GrantsHeld", "account.HoldReleased", "account.CreditsLapsed"];

    // A credit's amount may end in zeros that say nothing.
    const string CreditsFormat = "0.######";

    static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.Default };

    /// <summary>The rows (noun, a dot, the event's stored name) that can be messages to who has chosen these types.</summary>
    public static IReadOnlyList<string> RowsOf(IEnumerable<string> eventTypes)
    {
        ArgumentNullException.ThrowIfNull(eventTypes);
        return [TestAsked, .. eventTypes.SelectMany(type => type switch
        {
            WebhookEventType.OrderPaid => [Paid, Accepted],
            WebhookEventType.OrderFulfilled => [Fulfilled],
            WebhookEventType.OrderRefunded => [Refunded],
            WebhookEventType.CodeRedeemed => [Redeemed, Placed],
            WebhookEventType.CreditsChanged => Ledger,
            _ => ImmutableArray<string>.Empty,
        })];
    }

    /// <summary>The message of a row to one endpoint; null when it is told nothing of it.</summary>
    public static WebhookMessage? Of(JournalFact row, string endpoint)
    {
        ArgumentNullException.ThrowIfNull(row);
        return $"{row.Noun}.{row.Type}" switch
        {
            Paid => Message(row, WebhookEventType.OrderPaid, OrderData(row, (data, happened) => data["payment"] = new JsonObject
            {
                ["number"] = OrderNumber.OfPayment(row.Key, Part(happened, "ordinal").GetValue<int>()),
                ["amount"] = Part(happened, "amount").DeepClone(),
                ["late"] = Part(happened, "late").GetValue<bool>(),
            })),
            // A person has decided that money which was held settles the order. How much it was stands with its arrival.
            Accepted => Message(row, WebhookEventType.OrderPaid, OrderData(row, (data, happened) => data["payment"] = new JsonObject
            {
                ["number"] = OrderNumber.OfPayment(row.Key, Part(happened, "ordinal").GetValue<int>()),
                ["accepted"] = true,
            })),
            Fulfilled => Message(row, WebhookEventType.OrderFulfilled, OrderData(row, (data, _) => data["grants"] = Grants(Part(Part(Read(row.First), "plan"), "grants").AsArray()))),
            Refunded => Message(row, WebhookEventType.OrderRefunded, OrderData(row, (data, happened) => data["refund"] = new JsonObject
            {
                ["number"] = Part(happened, "number").DeepClone(),
                ["amount"] = Part(happened, "amount").DeepClone(),
            })),
            // What waits for a place of its batch counts once it has it.
            Redeemed when Part(Read(row.Data), "needsPlace").GetValue<bool>() => null,
            Redeemed or Placed => Message(row, WebhookEventType.CodeRedeemed, RedemptionData(row)),
            TestAsked => row.Key == endpoint ? Message(row, WebhookEventType.Test, Identity(row.Key, row)) : null,
            var name when Ledger.Contains(name) => Message(row, WebhookEventType.CreditsChanged, LedgerData(row)),
            _ => null,
        };
    }

    /// <summary>The same for a row that may be of a newer version. False, with why, when this version cannot read it.</summary>
    public static bool TryOf(JournalFact row, string endpoint, out WebhookMessage? message, [NotNullWhen(false)] out Exception? fault)
    {
        try
        {
            (message, fault) = (Of(row, endpoint), null);
            return true;
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException or FormatException)
        {
            (message, fault) = (null, unreadable);
            return false;
        }
    }

    /// <summary>The message's id: from the row's place in its document's history, so that it is the same for ever; a hash, because keys may be people's names.</summary>
    public static string IdOf(string noun, string key, long version, long ordinal) =>
        "evt_" + WishName.Of($"{noun}/{key}", string.Create(CultureInfo.InvariantCulture, $"{version}/{ordinal}"), 26);

    static WebhookMessage Message(JournalFact row, string type, JsonObject data) => new(
        IdOf(row.Noun, row.Key, row.Version, row.Ordinal),
        type,
        new JsonObject { ["type"] = type, ["timestamp"] = Time(row.At), ["data"] = data }.ToJsonString(Compact));

    /// <summary>Whose state this is, and how new.</summary>
    static JsonObject Identity(string id, JournalFact row) => new() { ["id"] = id, ["version"] = row.Version, ["ordinal"] = row.Ordinal };

    static JsonObject OrderData(JournalFact row, Action<JsonObject, JsonNode> add)
    {
        var (placed, happened) = (Read(row.First), Read(row.Data));
        var data = Identity(row.Key, row);
        data["accountId"] = Part(Part(placed, "wish"), "account").DeepClone();
        data["planSlug"] = Part(Part(placed, "wish"), "planSlug").DeepClone();
        data["amount"] = Part(placed, "amount").DeepClone();
        add(data, happened);
        return data;
    }

    static JsonObject RedemptionData(JournalFact row)
    {
        var (issued, happened) = (Read(row.First), Read(row.Data));
        var data = Identity($"{row.Key}:{Part(happened, "id").GetValue<string>()}", row);
        data["accountId"] = Part(happened, "account").DeepClone();
        data["batchId"] = Part(issued, "batchId").DeepClone();
        data["masked"] = CodeText.Mask(Part(issued, "tail").GetValue<string>());
        return data;
    }

    static JsonObject LedgerData(JournalFact row)
    {
        var happened = Read(row.Data);
        var data = Identity(row.Key, row);
        data["reference"] = Part(happened, "reference").DeepClone();
        data["kind"] = Part(happened, "kind").GetValue<string>().ToUpperInvariant();
        data["credits"] = CreditsText(Part(happened, "credits"));
        data["balanceAfter"] = CreditsText(Part(happened, "balanceAfter"));
        // Tiers as they are after it, where it changed any.
        if (happened["entitlements"] is JsonArray { Count: > 0 } tiers)
        {
            data["entitlements"] = new JsonArray([.. tiers.Select(tier => new JsonObject
            {
                ["tier"] = Part(tier, "tier").DeepClone(),
                ["startedAt"] = Time(Part(tier, "startedAt").GetValue<DateTimeOffset>()),
                ["expiresAt"] = Time(Part(tier, "expiresAt").GetValue<DateTimeOffset>()),
            })]);
        }

        return data;
    }

    static JsonArray Grants(JsonArray grants) => new([.. grants.Select(grant => (JsonNode)(Part(grant, "kind").GetValue<string>() == "credits"
        ? new JsonObject { ["credits"] = CreditsText(Part(grant, "credits")), ["validDays"] = grant!["validDays"]?.DeepClone() }
        : new JsonObject { ["tier"] = Part(grant, "tier").DeepClone(), ["days"] = Part(grant, "days").DeepClone() }))]);

    static JsonNode Read(string json) => JsonNode.Parse(json) ?? throw new InvalidOperationException("A stored event is null.");

    static JsonNode Part(JsonNode? node, string name) => node?[name] ?? throw new InvalidOperationException($"A stored event has no {name}.");

    static string CreditsText(JsonNode micro) => new Credits(micro.GetValue<long>()).Amount.ToString(CreditsFormat, CultureInfo.InvariantCulture);

    static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
