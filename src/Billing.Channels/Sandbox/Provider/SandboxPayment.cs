using System.Collections.Immutable;

namespace Billing.Channels.Sandbox.Provider;

/// <summary>Where a payment is at the provider.</summary>
enum SandboxStanding
{
    Open,
    Paid,
    Closed,
}

/// <summary>What a payer does on the page.</summary>
enum SandboxAct
{
    /// <summary>Pays, as people do.</summary>
    Pay,

    /// <summary>Declines: the payment closes.</summary>
    Decline,

    /// <summary>Pays twice, or once more when it is paid already.</summary>
    PayTwice,

    /// <summary>Pays although it is closed or expired.</summary>
    PayLate,

    /// <summary>Wants the money back through the bank.</summary>
    Dispute,

    /// <summary>The bank decides for the merchant.</summary>
    WinDispute,

    /// <summary>The bank decides for the payer: the money goes back.</summary>
    LoseDispute,
}

/// <summary>What becomes of the news.</summary>
enum SandboxDelivery
{
    AtOnce,
    Delayed,
    Lost,
    Repeated,

    /// <summary>"Pending" arrives after what ended it.</summary>
    Reordered,
}

/// <summary>What becomes of refunds of this payment.</summary>
enum SandboxRefundPlan
{
    Succeed,
    Fail,
    NoFunds,

    /// <summary>They succeed, and the merchant is told nothing.</summary>
    Unsaid,
}

/// <summary>What a payer chose.</summary>
sealed record SandboxChoice(
    SandboxAct Act, Money? Amount = null, SandboxDelivery Delivery = SandboxDelivery.AtOnce, TimeSpan Delay = default, int Times = 1,
    SandboxRefundPlan Refunds = SandboxRefundPlan.Succeed);

/// <summary>One movement of money.</summary>
sealed record SandboxMovement(string TransactionId, Money Amount, DateTimeOffset At);

/// <summary>Money that was given back, or not.</summary>
sealed record SandboxRefund(string RefundNumber, string TransactionId, Money Amount, bool Succeeded, DateTimeOffset At);

/// <summary>Money that a payer disputes.</summary>
sealed record SandboxDispute(string Id, string TransactionId, Money Amount, DisputeStage Stage, DateTimeOffset At);

/// <summary>A part of a bill.</summary>
sealed record SandboxBill(IReadOnlyList<SandboxBillLine> Lines, string? Next);

/// <summary>A payment as the merchant asked for it.</summary>
sealed record SandboxRequest(string Merchant, string Number, Money Amount, string Subject, DateTimeOffset ExpiresAt, Uri ReturnUrl, Uri NotifyUrl);

/// <summary>A payment as the provider holds it; replaced as a whole, never changed.</summary>
sealed record SandboxPayment(SandboxRequest Request)
{
    internal ImmutableArray<SandboxMovement> Movements { get; init; } = [];

    internal ImmutableArray<SandboxRefund> Refunds { get; init; } = [];

    internal ImmutableArray<SandboxDispute> Disputes { get; init; } = [];

    internal SandboxRefundPlan RefundPlan { get; init; }

    /// <summary>The dispute that is not decided.</summary>
    internal SandboxDispute? OpenDispute => Disputes.FirstOrDefault(dispute => dispute.Stage == DisputeStage.Opened);

    internal bool IsClosed { get; init; }

    /// <summary>Money outweighs everything: a late payment makes a closed one paid.</summary>
    internal SandboxStanding Standing(DateTimeOffset now) => this switch
    {
        { Movements.Length: > 0 } => SandboxStanding.Paid,
        { IsClosed: true } => SandboxStanding.Closed,
        _ => now >= Request.ExpiresAt ? SandboxStanding.Closed : SandboxStanding.Open,
    };

    /// <summary>How much of a movement has not been given back and is not disputed.</summary>
    internal long Refundable(SandboxMovement movement) =>
        movement.Amount.MinorUnits
        - Refunds.Where(refund => refund.Succeeded && refund.TransactionId == movement.TransactionId).Sum(refund => refund.Amount.MinorUnits)
        - Disputes.Where(dispute => dispute.Stage != DisputeStage.Won && dispute.TransactionId == movement.TransactionId).Sum(dispute => dispute.Amount.MinorUnits);
}

/// <summary>What the provider says to a request: the thing asked for, or a code.</summary>
/// <typeparam name="T">The thing.</typeparam>
readonly record struct SandboxOutcome<T>(T? Value, string? Code)
    where T : class
{
    public static implicit operator SandboxOutcome<T>(T value) => new(value, Code: null);

    public static implicit operator SandboxOutcome<T>(string code) => new(Value: null, code);
}
