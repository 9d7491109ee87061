using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Billing.Orders;

namespace Billing.Codes;

/// <summary>How a code came to be disabled.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DisabledAs>))]
public enum DisabledAs
{
    /// <summary>By itself.</summary>
    OneCode,

    /// <summary>With its batch.</summary>
    WithBatch,
}

/// <summary>A code's status, as people see it.</summary>
public enum CodeStatus
{
    /// <summary>It can be redeemed, its batch's window and limits aside.</summary>
    Active,

    /// <summary>It was redeemed as often as it allows.</summary>
    Redeemed,

    /// <summary>Its batch's window is over and it was not used up.</summary>
    Expired,

    /// <summary>An administrator disabled what was left of it.</summary>
    Disabled,
}

/// <summary>The redemption that a code had last, for lists and exports.</summary>
/// <param name="Account">Whose.</param>
/// <param name="At">When.</param>
[GenerateSerializer, Immutable, Alias("billing.code.last")]
public sealed record LastRedemption(string Account, DateTimeOffset At);

/// <summary>
/// A redemption code: how often it was redeemed, and which redemptions it still owes something. The redemptions themselves are journal rows, so the document stays
/// below four kilobytes however often the code is redeemed.
/// </summary>
/// <param name="Key">The keyed hash of the code's text, which is the grain's key.</param>
/// <param name="BatchId">The batch that it was issued in.</param>
/// <param name="Ordinal">Its place in the batch, from 1.</param>
/// <param name="Sealed">Its text, encrypted.</param>
/// <param name="Tail">The last four characters of its text.</param>
/// <param name="MaxRedemptions">How often it can be redeemed.</param>
/// <param name="Redemptions">How often it was.</param>
/// <param name="Disabled">Set when what was left of it was disabled.</param>
/// <param name="AssignedTo">The only account that may redeem it; anybody when null.</param>
/// <param name="Last">The last redemption.</param>
/// <param name="Placing">Redemptions that wait for one of their batch's own places.</param>
/// <param name="Crediting">Redemptions that their accounts are to be credited for.</param>
/// <param name="Reversing">Redemptions that their accounts are to give back what is unspent of.</param>
/// <param name="Failures">How often something could not be settled since nothing was owed.</param>
/// <param name="LookAt">When what is owed is to be taken up, if whoever does it is gone.</param>
/// <param name="WorkItems">What a person must look at.</param>
/// <param name="CreatedAt">When it was issued.</param>
[GenerateSerializer, Immutable, Alias("billing.code")]
public sealed record Code(
    string Key,
    string BatchId,
    int Ordinal,
    string Sealed,
    string Tail,
    int MaxRedemptions,
    int Redemptions,
    DisabledAs? Disabled,
    string? AssignedTo,
    LastRedemption? Last,
    ImmutableArray<string> Placing,
    ImmutableArray<string> Crediting,
    ImmutableArray<string> Reversing,
    int Failures,
    DateTimeOffset? LookAt,
    ImmutableArray<WorkItem> WorkItems,
    DateTimeOffset CreatedAt)
{
    /// <summary>The most redemptions that a code owes something at a time: with names of 16 characters they are a good kilobyte of its document.</summary>
    public const int MaxOwed = 64;

    // Work in memory comes first; the sweep looks after this long, in case the process is gone.
    static readonly TimeSpan Lease = TimeSpan.FromSeconds(5);

    /// <summary>Its status, its batch's window aside.</summary>
    [JsonIgnore]
    public CodeStatus Status => Disabled is not null ? CodeStatus.Disabled : Redemptions >= MaxRedemptions ? CodeStatus.Redeemed : CodeStatus.Active;

    /// <summary>How often it can still be redeemed.</summary>
    [JsonIgnore]
    public int Remaining => Status == CodeStatus.Active ? MaxRedemptions - Redemptions : 0;

    /// <summary>How many redemptions it owes something.</summary>
    [JsonIgnore]
    public int Owed => Placing.Length + Crediting.Length + Reversing.Length;

    /// <summary>How many open work items it has.</summary>
    [JsonIgnore]
    public int OpenWorkItems => WorkItems.Count(item => item.ResolvedAt is null);

    /// <summary>Whether it owes this redemption something.</summary>
    public bool Owes(string redemption) => Placing.Contains(redemption) || Crediting.Contains(redemption) || Reversing.Contains(redemption);

    /// <summary>Its status as people see it: once its batch is disabled nothing of it can be redeemed, marked or not; and what nobody used in time has expired.</summary>
    public CodeStatus StatusIn(CodeBatch batch, DateTimeOffset now) =>
        Status != CodeStatus.Active ? Status
        : batch.Disabling is not null ? CodeStatus.Disabled
        : batch.Terms.IsOver(now) ? CodeStatus.Expired
        : CodeStatus.Active;

    /// <summary>When something is owed next, if ever.</summary>
    public static DateTimeOffset? NextDeadline(Code code) => code.Owed > 0 ? code.LookAt : null;

    /// <summary>The code after one more event.</summary>
    public static Code After(Code? code, CodeEvent happened) => (code, happened) switch
    {
        (null, CodeIssued e) => new(e.Key, e.BatchId, e.Ordinal, e.Sealed, e.Tail, e.MaxRedemptions, 0, null, null, null, [], [], [], 0, null, [], e.At),
        ({ } c, CodeRedeemed e) => c.Owing(e.At) with
        {
            Redemptions = c.Redemptions + 1,
            Last = e.NeedsPlace ? c.Last : new(e.Account, e.At),
            Placing = e.NeedsPlace ? c.Placing.Add(e.Id) : c.Placing,
            Crediting = e.NeedsPlace ? c.Crediting : c.Crediting.Add(e.Id),
        },
        ({ } c, RedemptionPlaced e) => c with { Placing = c.Placing.Remove(e.Id), Crediting = c.Crediting.Add(e.Id), Last = new(e.Account, e.At) },
        ({ } c, RedemptionRefused e) => (c with { Redemptions = c.Redemptions - 1, Placing = c.Placing.Remove(e.Id) }).Settled(e.At),
        ({ } c, RedemptionCredited e) => (c with { Crediting = c.Crediting.Remove(e.Id) }).Settled(e.At),
        ({ } c, CreditDelayed e) => c with { Failures = c.Failures + 1, LookAt = e.LookAt },
        ({ } c, CreditStuck e) => c with
        {
            // Those before the last are in the journal: the document stays small.
            WorkItems = [.. c.WorkItems.TakeLast(1), new($"{c.Key}-{e.Number}", WorkItemKind.FulfilmentStuck, e.Detail, e.At, null)],
        },
        ({ } c, CodeDisabled e) => c with { Disabled = e.As },
        ({ } c, CodeAssigned e) => c with { AssignedTo = e.Account },
        ({ } c, ReversalBegun e) => c.Owing(e.At) with { Reversing = c.Reversing.Add(e.Id) },
        ({ } c, RedemptionReversed e) => (c with { Reversing = c.Reversing.Remove(e.Id) }).Settled(e.At),
        _ => throw new InvalidOperationException($"{happened.GetType().Name} cannot happen to {(code is null ? "no code" : "this code")}."),
    };

    Code Owing(DateTimeOffset at) => Owed > 0 ? this : this with { LookAt = at + Lease };

    // Only when nothing is owed any more are the failures over: one account that cannot be credited must not hide behind others that are.
    Code Settled(DateTimeOffset at) => Owed > 0 ? this : this with
    {
        LookAt = null,
        Failures = 0,
        WorkItems = OpenWorkItems == 0 ? WorkItems : [.. WorkItems.Select(item => item with { ResolvedAt = item.ResolvedAt ?? at })],
    };
}
