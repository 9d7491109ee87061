using System.Globalization;
using System.Text.Json.Serialization;
using Billing.Accounts;

namespace Billing.Orders;

/// <summary>Where a refund is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RefundStatus>))]
public enum RefundStatus
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>A person decides.</summary>
    Requested,

    /// <summary>Decided against.</summary>
    Rejected,

    /// <summary>The buyer has changed their mind.</summary>
    Withdrawn,

    /// <summary>Approved: the provider is told, or asked what became of it.</summary>
    Processing,

    /// <summary>The money was given back.</summary>
    Succeeded,

    /// <summary>The provider will not do it: a person decides.</summary>
    Failed,

    /// <summary>What was to be held had been spent. Nobody but the journal sees it.</summary>
    Refused,

    /// <summary>A payer disputes the payment at the provider: nothing went back yet, and what goes with it is held.</summary>
    Disputed,

    /// <summary>The dispute was won: nothing went back.</summary>
    DisputeWon,
}

/// <summary>Where the grants are that a refund takes back.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<HoldStatus>))]
public enum HoldStatus
{
    /// <summary>Nothing was granted for this money.</summary>
    NotNeeded,

    /// <summary>To be held.</summary>
    Wanted,

    /// <summary>Held; with a refund that succeeded, for ever.</summary>
    Held,

    /// <summary>More is held than the refund needs: the rest is to be given back.</summary>
    Excess,

    /// <summary>Given back.</summary>
    Released,
}

/// <summary>One refund: money on its way back, and the grants that go with it.</summary>
/// <param name="Number">The order's number, R and two digits: the one number under which the provider knows it.</param>
/// <param name="Ordinal">Of which payment.</param>
/// <param name="TransactionId">The movement of money that is given back.</param>
/// <param name="Amount">How much of it.</param>
/// <param name="Status">Where it is.</param>
/// <param name="Hold">Where the grants are that it takes back.</param>
/// <param name="Held">What is held.</param>
/// <param name="EvenIfSpent">Whether it is made although grants are spent.</param>
/// <param name="RequestedBy">Who asked for it.</param>
/// <param name="Key">The asker's own name for it.</param>
/// <param name="Reason">Why.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="Version">How often it has changed.</param>
/// <param name="LookAt">When something is to be done about it next.</param>
/// <param name="Asked">How often in a row the provider was told or asked without an end.</param>
/// <param name="Sent">Whether the provider may have it: then it is asked, and not told again, until it says that it has not.</param>
[GenerateSerializer, Immutable, Alias("billing.order.refund")]
public sealed record Refund(
    string Number, int Ordinal, string TransactionId, Money Amount, RefundStatus Status, HoldStatus Hold, HeldGrants? Held, bool EvenIfSpent, string RequestedBy, string Key,
    string? Reason, DateTimeOffset RequestedAt, int Version, DateTimeOffset LookAt, int Asked, bool Sent)
{
    /// <summary>What an account's holds for refunds are named after.</summary>
    public const string HoldPrefix = "refund:";

    /// <summary>What giving them back is named after.</summary>
    public const string ReleasePrefix = "refund-released:";

    /// <summary>What was asked for, when less was approved.</summary>
    [Id(16)]
    public Money? Requested { get; init; }

    /// <summary>Whether what goes with it had never been granted.</summary>
    [Id(23), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool WasVoided { get; init; }

    /// <summary>Who approved it first, where two must.</summary>
    [Id(17)]
    public FirstApproval? FirstApproval { get; init; }

    /// <summary>When it was decided upon.</summary>
    [Id(18)]
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Who decided.</summary>
    [Id(19)]
    public string? DecidedBy { get; init; }

    /// <summary>Why; of a rejection the buyer reads it.</summary>
    [Id(20)]
    public string? DecisionNote { get; init; }

    /// <summary>When it ended.</summary>
    [Id(21)]
    public DateTimeOffset? CompletedAt { get; init; }

    /// <summary>The provider's own number, of a refund that was made there and not here, and of a dispute.</summary>
    [Id(22)]
    public string? ProviderNumber { get; init; }

    /// <summary>Whether its money may not be given back a second time: one that failed counts until it is given up.</summary>
    [JsonIgnore]
    public bool Counts => Status is RefundStatus.Requested or RefundStatus.Processing or RefundStatus.Succeeded or RefundStatus.Disputed || (Status == RefundStatus.Failed && CompletedAt is null);

    /// <summary>Whether it is a dispute of which nothing went back: it says nothing of what is to become of the money.</summary>
    [JsonIgnore]
    public bool IsDispute => Status is RefundStatus.Disputed or RefundStatus.DisputeWon;

    /// <summary>Whether its money can be sent: what goes with it is held.</summary>
    [JsonIgnore]
    public bool IsReady => Status == RefundStatus.Processing && Hold is HoldStatus.NotNeeded or HoldStatus.Held;

    /// <summary>Whether the provider is being called about it, or about another refund of the same payment: some refuse two of one payment at once.</summary>
    public bool IsWithProvider(IReadOnlyCollection<Errand> underWay) => underWay.Contains(new(Ordinal, IsOfRefund: true));

    /// <summary>For how much of the money grants are needed, in minor units.</summary>
    [JsonIgnore]
    public long Keeps => Counts ? Amount.MinorUnits : 0;

    /// <summary>The reference under which the account holds its grants.</summary>
    [JsonIgnore]
    public string HoldReference => $"{HoldPrefix}{Number}";

    /// <summary>The reference under which the account gets back what is not needed: once when less was approved, and once when it comes to nothing.</summary>
    [JsonIgnore]
    public string ReleaseReference => $"{ReleasePrefix}{Number}:{(Keeps == 0 ? "all" : "rest")}";

    /// <summary>All references under which an account's ledger may know it.</summary>
    [JsonIgnore]
    public IEnumerable<string> AllReferences => [HoldReference, $"{ReleasePrefix}{Number}:rest", $"{ReleasePrefix}{Number}:all"];

    /// <summary>Whether what it had voided was granted after all, because nothing came of it.</summary>
    [JsonIgnore]
    public bool IsVoidOver => Hold == HoldStatus.Released && WasVoided;

    /// <summary>The number of the first bucket that giving back makes.</summary>
    [JsonIgnore]
    public int ReleasedBucket => (int.Parse(Number.AsSpan(Number.Length - 2), CultureInfo.InvariantCulture) * 1_000) + (Keeps == 0 ? 500 : 0);

    /// <summary>Whether it gives this money back.</summary>
    public bool IsOf(Receipt receipt) => Ordinal == receipt.Ordinal && TransactionId == receipt.TransactionId;
}

/// <summary>The first of two approvals.</summary>
/// <param name="By">Whose.</param>
/// <param name="Amount">Of how much.</param>
/// <param name="Note">Why.</param>
[GenerateSerializer, Immutable, Alias("billing.order.first-approval")]
public sealed record FirstApproval(string By, Money Amount, string Note);
